package alert

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// maxSuppressions bounds those in force, each of which is looked at for every
// finding.
const maxSuppressions = 1000

type suppressionRow struct {
	bun.BaseModel `bun:"table:alert_suppression,alias:p"`

	ID          string    `bun:"id,pk"`
	RuleID      string    `bun:"rule_id"`
	SourceID    string    `bun:"source_id"`
	Entity      string    `bun:"entity"`
	Reason      string    `bun:"reason"`
	CreatedAt   time.Time `bun:"created_at"`
	CreatorID   string    `bun:"creator_id"`
	CreatorName string    `bun:"creator_name"`
	ExpiresAt   time.Time `bun:"expires_at"` // as it was asked for
	EndsAt      time.Time `bun:"ends_at"`    // when it was lifted, else ExpiresAt
	Deleted     bool      `bun:"deleted"`
	Hits        int64     `bun:"hits"`
}

func (r *suppressionRow) suppression() Suppression {
	return Suppression{
		ID: r.ID, RuleID: r.RuleID, Source: r.SourceID, Entity: r.Entity, Reason: r.Reason,
		CreatedBy: r.CreatorName, CreatedAt: r.CreatedAt.UTC(), Expires: r.ExpiresAt.UTC(), Hits: r.Hits,
	}
}

// Suppress begins to hide findings received from now on until p.Expires.
func (s *Service) Suppress(ctx context.Context, p Suppression) (Suppression, error) {
	now, who := stored(s.d.Now()), authz.ActorFrom(ctx)
	switch {
	case p.RuleID == "" && p.Source == "" && p.Entity == "":
		return Suppression{}, ErrSuppression.At("body", "name a rule, a source or an entity")
	case p.Reason == "":
		return Suppression{}, ErrSuppression.At("body.reason", "say why")
	case !p.Expires.After(now):
		return Suppression{}, ErrSuppression.At("body.expires", "lies in the past")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Suppression{}, fmt.Errorf("suppression id: %w", err)
	}
	row := suppressionRow{
		ID: id.String(), RuleID: p.RuleID, SourceID: p.Source, Entity: p.Entity, Reason: p.Reason, CreatedAt: now,
		CreatorID: who.ID, CreatorName: cmp.Or(who.Name, who.ID), ExpiresAt: stored(p.Expires), EndsAt: stored(p.Expires),
	}
	err = s.d.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*suppressionRow)(nil)).Where("ends_at > ?", now).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxSuppressions {
			return ErrSuppressionsFull
		}
		_, err = tx.NewInsert().Model(&row).Exec(ctx)
		return err
	})
	if err != nil {
		return Suppression{}, fmt.Errorf("store suppression %s: %w", row.ID, err)
	}
	return row.suppression(), nil
}

// Lift ends a suppression now. What it hid stays hidden and counted.
func (s *Service) Lift(ctx context.Context, id string) error {
	now := stored(s.d.Now())
	res, err := s.d.DB.Write.NewUpdate().Model((*suppressionRow)(nil)).
		Set("deleted = ?", true).
		Set("ends_at = CASE WHEN ends_at > ? THEN ? ELSE ends_at END", now, now).
		Where("id = ?", id).Where("deleted = ?", false).Exec(ctx)
	if err != nil {
		return fmt.Errorf("lift suppression %s: %w", id, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("lift suppression %s: %w", id, err)
	}
	if n == 0 {
		return ErrSuppressionNotFound
	}
	return nil
}

// Suppressions returns those that were not lifted, the newest first, behind the
// given one (zero: from the start).
func (s *Service) Suppressions(ctx context.Context, behind Suppression, limit int) ([]Suppression, error) {
	var rows []suppressionRow
	q := s.d.DB.Read.NewSelect().Model(&rows).Where("deleted = ?", false)
	if behind.ID != "" {
		q = q.Where("(created_at, id) < (?, ?)", behind.CreatedAt.UTC(), behind.ID)
	}
	if err := q.OrderExpr("created_at DESC, id DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read suppressions: %w", err)
	}
	out := make([]Suppression, 0, len(rows))
	for i := range rows {
		out = append(out, rows[i].suppression())
	}
	return out, nil
}

// suppressionsSince returns what was in force at any time from t on, oldest
// first; Expires is when it really ended.
func suppressionsSince(ctx context.Context, db bun.IDB, t time.Time) ([]Suppression, error) {
	var rows []suppressionRow
	if err := db.NewSelect().Model(&rows).Where("ends_at > ?", stored(t)).Order("created_at", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read suppressions in force: %w", err)
	}
	out := make([]Suppression, 0, len(rows))
	for i := range rows {
		p := rows[i].suppression()
		p.Expires = rows[i].EndsAt.UTC()
		out = append(out, p)
	}
	return out, nil
}

func addHits(ctx context.Context, db bun.IDB, hits map[string]int64) error {
	for _, id := range slices.Sorted(maps.Keys(hits)) {
		_, err := db.NewUpdate().Model((*suppressionRow)(nil)).Set("hits = hits + ?", hits[id]).Where("id = ?", id).Exec(ctx)
		if err != nil {
			return fmt.Errorf("count hits of suppression %s: %w", id, err)
		}
	}
	return nil
}
