-- +goose Up
CREATE TABLE alert_alert (
	id TEXT PRIMARY KEY,
	number BIGINT NOT NULL UNIQUE,
	group_key TEXT NOT NULL,
	is_newest BOOLEAN NOT NULL,
	rule_id TEXT NOT NULL,
	title_zh TEXT NOT NULL,
	title_en TEXT NOT NULL,
	level TEXT NOT NULL,
	entity TEXT NOT NULL,
	status TEXT NOT NULL,
	events BIGINT NOT NULL,
	first_at TIMESTAMPTZ NOT NULL,
	last_at TIMESTAMPTZ NOT NULL,
	event_first TIMESTAMPTZ NOT NULL,
	event_last TIMESTAMPTZ NOT NULL,
	samples TEXT NOT NULL,
	matched TEXT NOT NULL,
	tags TEXT NOT NULL,
	assignee TEXT NOT NULL,
	close_reason TEXT NOT NULL,
	closed_at TIMESTAMPTZ,
	note_count BIGINT NOT NULL,
	updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX alert_alert_key ON alert_alert (group_key, is_newest);
CREATE INDEX alert_alert_last ON alert_alert (last_at, number);
CREATE INDEX alert_alert_first ON alert_alert (first_at);
CREATE INDEX alert_alert_status ON alert_alert (status, last_at, number);
CREATE INDEX alert_alert_level ON alert_alert (level, last_at, number);
CREATE INDEX alert_alert_rule ON alert_alert (rule_id, last_at, number);
CREATE INDEX alert_alert_entity ON alert_alert (entity, last_at, number);
CREATE INDEX alert_alert_assignee ON alert_alert (assignee, last_at, number);

CREATE TABLE alert_source (
	alert_id TEXT NOT NULL REFERENCES alert_alert (id),
	source_id TEXT NOT NULL,
	PRIMARY KEY (alert_id, source_id)
);
CREATE INDEX alert_source_source ON alert_source (source_id, alert_id);

CREATE TABLE alert_history (
	id TEXT PRIMARY KEY,
	alert_id TEXT NOT NULL REFERENCES alert_alert (id),
	at TIMESTAMPTZ NOT NULL,
	actor_id TEXT NOT NULL,
	actor_name TEXT NOT NULL,
	act TEXT NOT NULL,
	detail TEXT NOT NULL,
	note TEXT NOT NULL
);
CREATE INDEX alert_history_alert ON alert_history (alert_id, at, id);

CREATE TABLE alert_suppression (
	id TEXT PRIMARY KEY,
	rule_id TEXT NOT NULL,
	source_id TEXT NOT NULL,
	entity TEXT NOT NULL,
	reason TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	creator_id TEXT NOT NULL,
	creator_name TEXT NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL,
	ends_at TIMESTAMPTZ NOT NULL,
	deleted BOOLEAN NOT NULL,
	hits BIGINT NOT NULL
);
CREATE INDEX alert_suppression_ends ON alert_suppression (ends_at);
CREATE INDEX alert_suppression_list ON alert_suppression (deleted, created_at, id);

CREATE TABLE alert_rule (
	rule_id TEXT PRIMARY KEY,
	alerts BIGINT NOT NULL,
	events BIGINT NOT NULL,
	suppressed BIGINT NOT NULL,
	last_hit TIMESTAMPTZ NOT NULL
);

CREATE TABLE alert_tally (
	span TEXT NOT NULL,
	at TIMESTAMPTZ NOT NULL,
	level TEXT NOT NULL,
	alerts BIGINT NOT NULL,
	events BIGINT NOT NULL,
	PRIMARY KEY (span, at, level)
);

CREATE TABLE alert_cursor (
	name TEXT PRIMARY KEY,
	seq BIGINT NOT NULL
);

-- +goose Down
DROP TABLE alert_cursor;
DROP TABLE alert_tally;
DROP TABLE alert_rule;
DROP TABLE alert_suppression;
DROP TABLE alert_history;
DROP TABLE alert_source;
DROP TABLE alert_alert;
