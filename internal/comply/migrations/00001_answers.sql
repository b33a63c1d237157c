-- +goose Up
CREATE TABLE comply_answer (
	id TEXT PRIMARY KEY,
	control TEXT NOT NULL,
	provider TEXT NOT NULL,
	valid_at TIMESTAMPTZ NOT NULL,
	known_at TIMESTAMPTZ NOT NULL,
	confirmed_until TIMESTAMPTZ NOT NULL,
	state TEXT NOT NULL,
	digest TEXT NOT NULL,
	fact TEXT NOT NULL,
	seq BIGINT NOT NULL
);
CREATE INDEX comply_answer_control ON comply_answer (control, valid_at, known_at);

-- +goose Down
DROP TABLE comply_answer;
