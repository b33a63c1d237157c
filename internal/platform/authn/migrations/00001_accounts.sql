-- +goose Up
CREATE TABLE authn_account (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	name_key TEXT NOT NULL UNIQUE,
	role TEXT NOT NULL,
	is_disabled BOOLEAN NOT NULL,
	password TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	last_sign_in TIMESTAMPTZ
);

CREATE TABLE authn_session (
	id TEXT PRIMARY KEY,
	secret_hash TEXT NOT NULL UNIQUE,
	account_id TEXT NOT NULL REFERENCES authn_account (id),
	created_at TIMESTAMPTZ NOT NULL,
	seen_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX authn_session_account ON authn_session (account_id);
CREATE INDEX authn_session_created ON authn_session (created_at);

CREATE TABLE authn_token (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	secret_hash TEXT NOT NULL UNIQUE,
	created_at TIMESTAMPTZ NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL,
	last_used TIMESTAMPTZ
);

CREATE TABLE authn_attempt (
	id TEXT PRIMARY KEY,
	failures BIGINT NOT NULL,
	last_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX authn_attempt_last ON authn_attempt (last_at);

-- +goose Down
DROP TABLE authn_attempt;
DROP TABLE authn_token;
DROP TABLE authn_session;
DROP TABLE authn_account;
