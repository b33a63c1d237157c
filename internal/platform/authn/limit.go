package authn

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/uptrace/bun"
)

// Failed attempts at sign-in: the first few are free, then each failure doubles
// the wait. Counts are forgotten after an hour without a failure.
const (
	freePerName    = 5  // failures of one name at one address
	freePerAddress = 30 // failures of one address, whatever the names
	shortWait      = time.Second
	longWait       = 10 * time.Minute
	forgetAfter    = time.Hour
)

type attemptRow struct {
	bun.BaseModel `bun:"table:authn_attempt,alias:t"`

	ID       string    `bun:"id,pk"`
	Failures int64     `bun:"failures"`
	LastAt   time.Time `bun:"last_at"`
}

// limit is one count that an attempt falls under.
type limit struct {
	id   string
	free int64
}

// limits returns what an attempt of name at peer falls under. The names of
// unknown accounts are counted like those of known ones; only their digests are
// kept, because people type passwords there by mistake.
func limits(name, peer string) []limit {
	network := peer
	if a, err := netip.ParseAddr(peer); err == nil && a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil { // one host has the whole of it
			network = p.String()
		}
	}
	return []limit{{digest("name\x00" + name + "\x00" + network), freePerName}, {digest("address\x00" + network), freePerAddress}}
}

// attempt counts an attempt as failed before it is looked at, so that attempts
// at the same time count too; success takes it back. It fails with [ErrSlowDown]
// when the attempt comes too early, which does not count.
func (s *Service) attempt(ctx context.Context, name, peer string) error {
	now := s.now()
	err := s.o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*attemptRow)(nil)).Where("last_at < ?", now.Add(-forgetAfter)).Exec(ctx); err != nil {
			return fmt.Errorf("forget attempts: %w", err)
		}
		var rows []attemptRow
		for _, l := range limits(name, peer) {
			row := attemptRow{ID: l.id}
			err := tx.NewSelect().Model(&row).Column("id", "failures", "last_at").WherePK().Scan(ctx)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("read attempts: %w", err)
			}
			if wait := row.LastAt.Add(wait(row.Failures - l.free)).Sub(now); row.Failures > 0 && wait > 0 {
				return ErrSlowDown.After(wait)
			}
			rows = append(rows, attemptRow{ID: l.id, Failures: row.Failures + 1, LastAt: now})
		}
		_, err := tx.NewInsert().Model(&rows).
			On("CONFLICT (id) DO UPDATE").Set("failures = EXCLUDED.failures").Set("last_at = EXCLUDED.last_at").Exec(ctx)
		if err != nil {
			return fmt.Errorf("count attempt: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("attempt: %w", err)
	}
	return nil
}

// wait returns how long the next attempt waits after n failures too many.
func wait(n int64) time.Duration {
	switch {
	case n < 0:
		return 0
	case n > 20:
		return longWait
	default:
		return min(shortWait<<n, longWait)
	}
}

// succeeded takes back what attempt counted. Failures of other names at the
// address stay: who has an account cannot guess for free.
func succeeded(ctx context.Context, db bun.IDB, name, peer string) error {
	l := limits(name, peer)
	if _, err := db.NewDelete().Model((*attemptRow)(nil)).Where("id = ?", l[0].id).Exec(ctx); err != nil {
		return fmt.Errorf("forget attempts: %w", err)
	}
	_, err := db.NewUpdate().Model((*attemptRow)(nil)).Set("failures = failures - 1").
		Where("id = ?", l[1].id).Where("failures > 0").Exec(ctx)
	if err != nil {
		return fmt.Errorf("take back attempt: %w", err)
	}
	return nil
}
