package comply

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// answerRow is one sealed answer of a provider. It holds from ValidAt until the
// next row of its control, and is fresh until ConfirmedUntil.
type answerRow struct {
	bun.BaseModel `bun:"table:comply_answer"`

	ID             string    `bun:"id,pk"`
	Control        string    `bun:"control"`
	Provider       string    `bun:"provider"`
	ValidAt        time.Time `bun:"valid_at"`
	KnownAt        time.Time `bun:"known_at"`
	ConfirmedUntil time.Time `bun:"confirmed_until"` // the last time the same answer was given again
	State          string    `bun:"state"`
	Digest         string    `bun:"digest"` // SHA-256 of what would make a new answer
	Fact           string    `bun:"fact"`   // the sealed JSON
	Seq            int64     `bun:"seq"`    // where it is sealed in the ledger
}

func putAnswer(ctx context.Context, db bun.IDB, row *answerRow) error {
	if _, err := db.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("store answer of %s: %w", row.Control, err)
	}
	return nil
}

func confirmAnswer(ctx context.Context, db bun.IDB, id string, until time.Time) error {
	_, err := db.NewUpdate().Model((*answerRow)(nil)).
		Set("confirmed_until = ?", until.UTC()).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("confirm answer %s: %w", id, err)
	}
	return nil
}

// answerAt returns the answer of a control that was valid at valid as far as it
// was known at known, and nil when there is none.
func answerAt(ctx context.Context, db bun.IDB, control string, valid, known time.Time) (*answerRow, error) {
	var row answerRow
	err := db.NewSelect().Model(&row).
		Where("control = ?", control).
		Where("valid_at <= ?", valid.UTC()).
		Where("known_at <= ?", known.UTC()).
		OrderExpr("valid_at DESC, known_at DESC").Limit(1).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read answer of %s: %w", control, err)
	}
	return &row, nil
}

// statesBefore returns the newest states of a control up to valid as known at
// known, newest first, at most historyLimit. Only the columns of the timeline are
// read.
func statesBefore(ctx context.Context, db bun.IDB, control string, valid, known time.Time) ([]answerRow, error) {
	var rows []answerRow
	err := db.NewSelect().Model(&rows).
		Column("id", "valid_at", "known_at", "confirmed_until", "state").
		Where("control = ?", control).
		Where("valid_at <= ?", valid.UTC()).
		Where("known_at <= ?", known.UTC()).
		OrderExpr("valid_at DESC, known_at DESC").Limit(historyLimit).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read states of %s: %w", control, err)
	}
	return rows, nil
}
