-- +goose Up
CREATE TABLE org_unit (
	id TEXT PRIMARY KEY,
	parent_id TEXT REFERENCES org_unit(id),
	code TEXT NOT NULL,
	code_key TEXT,
	name_zh TEXT NOT NULL,
	name_en TEXT NOT NULL,
	kind TEXT NOT NULL,
	industry TEXT NOT NULL,
	operator TEXT NOT NULL,
	credit_code TEXT NOT NULL,
	contacts TEXT NOT NULL,
	position BIGINT NOT NULL,
	search TEXT NOT NULL,
	revision BIGINT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	updated_at TIMESTAMPTZ NOT NULL,
	dissolved_at TIMESTAMPTZ,
	reason TEXT NOT NULL,
	successor_id TEXT REFERENCES org_unit(id)
);
-- Of units that are not dissolved and have a code.
CREATE UNIQUE INDEX org_unit_code ON org_unit (code_key);
CREATE INDEX org_unit_sibling ON org_unit (parent_id, position, id);
CREATE INDEX org_unit_updated ON org_unit (updated_at, id);

-- Each unit with every unit above it, and with itself at depth 0.
CREATE TABLE org_closure (
	ancestor TEXT NOT NULL,
	descendant TEXT NOT NULL,
	depth BIGINT NOT NULL,
	PRIMARY KEY (ancestor, descendant)
);
CREATE INDEX org_closure_up ON org_closure (descendant, depth, ancestor);

-- What a unit was in [valid_from, valid_to); the newest has no end.
CREATE TABLE org_version (
	unit_id TEXT NOT NULL REFERENCES org_unit(id),
	valid_from TIMESTAMPTZ NOT NULL,
	valid_to TIMESTAMPTZ,
	act TEXT NOT NULL,
	reason TEXT NOT NULL,
	other_id TEXT,
	actor_id TEXT NOT NULL,
	actor_name TEXT NOT NULL,
	parent_id TEXT,
	code TEXT NOT NULL,
	name_zh TEXT NOT NULL,
	name_en TEXT NOT NULL,
	kind TEXT NOT NULL,
	industry TEXT NOT NULL,
	operator TEXT NOT NULL,
	credit_code TEXT NOT NULL,
	dissolved BOOLEAN NOT NULL,
	successor_id TEXT,
	PRIMARY KEY (unit_id, valid_from)
);
CREATE INDEX org_version_from ON org_version (valid_from);

-- +goose Down
DROP TABLE org_version;
DROP TABLE org_closure;
DROP TABLE org_unit;
