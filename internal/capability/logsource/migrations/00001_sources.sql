-- +goose Up
CREATE TABLE logsource_source (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	allow TEXT NOT NULL,
	certificate TEXT NOT NULL,
	token_hash TEXT NOT NULL,
	format TEXT NOT NULL,
	charset TEXT NOT NULL,
	zone TEXT NOT NULL,
	silent_after BIGINT NOT NULL,
	rate_limit BIGINT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	updated_at TIMESTAMPTZ NOT NULL,
	retired_at TIMESTAMPTZ,
	retire_reason TEXT NOT NULL
);

CREATE TABLE logsource_state (
	source_id TEXT PRIMARY KEY,
	received BIGINT NOT NULL,
	bytes BIGINT NOT NULL,
	unparsed BIGINT NOT NULL,
	first_received TIMESTAMPTZ NOT NULL,
	last_received TIMESTAMPTZ NOT NULL
);

CREATE TABLE logsource_class (
	source_id TEXT NOT NULL,
	class TEXT NOT NULL,
	events BIGINT NOT NULL,
	PRIMARY KEY (source_id, class)
);

CREATE TABLE logsource_hour (
	source_id TEXT NOT NULL,
	hour TIMESTAMPTZ NOT NULL,
	events BIGINT NOT NULL,
	bytes BIGINT NOT NULL,
	unparsed BIGINT NOT NULL,
	PRIMARY KEY (source_id, hour)
);

CREATE TABLE logsource_drop (
	source_id TEXT NOT NULL,
	transport TEXT NOT NULL,
	reason TEXT NOT NULL,
	events BIGINT NOT NULL,
	PRIMARY KEY (source_id, transport, reason)
);

CREATE TABLE logsource_gap (
	id TEXT PRIMARY KEY,
	source_id TEXT NOT NULL,
	reason TEXT NOT NULL,
	from_at TIMESTAMPTZ NOT NULL,
	due_at TIMESTAMPTZ NOT NULL,
	to_at TIMESTAMPTZ,
	ended TEXT NOT NULL,
	recorded_at TIMESTAMPTZ NOT NULL,
	closed_at TIMESTAMPTZ
);
CREATE INDEX logsource_gap_source ON logsource_gap (source_id, from_at, id);
CREATE INDEX logsource_gap_from ON logsource_gap (from_at, id);
CREATE INDEX logsource_gap_to ON logsource_gap (to_at);

CREATE TABLE logsource_stranger (
	id TEXT PRIMARY KEY,
	transport TEXT NOT NULL,
	peer TEXT NOT NULL,
	events BIGINT NOT NULL,
	first_at TIMESTAMPTZ NOT NULL,
	last_at TIMESTAMPTZ NOT NULL,
	sample TEXT NOT NULL,
	ignored BOOLEAN NOT NULL
);

CREATE TABLE logsource_run (
	started_at TIMESTAMPTZ PRIMARY KEY,
	alive_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE logsource_kept (
	recorded_at TIMESTAMPTZ PRIMARY KEY,
	oldest_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE logsource_cursor (
	name TEXT PRIMARY KEY,
	seq BIGINT NOT NULL
);

-- +goose Down
DROP TABLE logsource_cursor;
DROP TABLE logsource_kept;
DROP TABLE logsource_run;
DROP TABLE logsource_stranger;
DROP TABLE logsource_gap;
DROP TABLE logsource_drop;
DROP TABLE logsource_hour;
DROP TABLE logsource_class;
DROP TABLE logsource_state;
DROP TABLE logsource_source;
