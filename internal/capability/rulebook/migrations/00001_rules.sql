-- +goose Up
CREATE TABLE rulebook_switch (
	rule_id TEXT PRIMARY KEY,
	enabled BOOLEAN NOT NULL,
	reason TEXT NOT NULL,
	actor_id TEXT NOT NULL,
	actor_name TEXT NOT NULL,
	at TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE rulebook_switch;
