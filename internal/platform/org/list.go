package org

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// States of units in a list.
const (
	Active = "active"
	Ended  = "dissolved"
	All    = "all"
)

// Filter selects units. Zero fields do not filter, except that the zero Scope
// holds nothing and State "" is [Active].
type Filter struct {
	Scope        Scope
	Text         string // part of a name, of the code or of the credit code
	Kind         Kind
	Parent       *ID // directly below it; "" are the roots
	Under        ID  // it and everything below
	State        string
	UpdatedSince time.Time // changed at or after it
}

// place is behind which row a page begins, in the order of the list.
type place struct {
	position int64
	updated  time.Time
	id       ID
}

// List returns up to limit units behind a place: those below one parent in the
// order of siblings, those with UpdatedSince by their last change, others by id,
// which is the order in which they were made.
func (s *Service) List(ctx context.Context, f Filter, after place, limit int) ([]Unit, error) {
	var rows []unitRow
	if err := f.behind(f.where(selectUnits(s.o.DB.Read, &rows)), after).Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list units: %w", err)
	}
	return units(rows)
}

// behind orders the units and leaves those behind a place.
func (f Filter) behind(q *bun.SelectQuery, after place) *bun.SelectQuery {
	switch {
	case f.Parent != nil:
		if after.id != "" {
			q = q.Where("(u.position, u.id) > (?, ?)", after.position, string(after.id))
		}
		q = q.OrderExpr("u.position, u.id")
	case !f.UpdatedSince.IsZero():
		if after.id != "" {
			q = q.Where("(u.updated_at, u.id) > (?, ?)", after.updated.UTC(), string(after.id))
		}
		q = q.OrderExpr("u.updated_at, u.id")
	default:
		q = q.Where("u.id > ?", string(after.id)).OrderExpr("u.id")
	}
	return q
}

func (f Filter) where(q *bun.SelectQuery) *bun.SelectQuery {
	q = f.Scope.Where(q, "u.id")
	switch f.State {
	case Ended:
		q = q.Where("u.dissolved_at IS NOT NULL")
	case All:
	default:
		q = q.Where("u.dissolved_at IS NULL")
	}
	if f.Text != "" {
		literal := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(fold(strings.TrimSpace(f.Text)))
		q = q.Where(`u.search LIKE ? ESCAPE '\'`, "%"+literal+"%")
	}
	if f.Kind != "" {
		q = q.Where("u.kind = ?", string(f.Kind))
	}
	switch {
	case f.Parent == nil:
	case *f.Parent == "":
		q = q.Where("u.parent_id IS NULL")
	default:
		q = q.Where("u.parent_id = ?", string(*f.Parent))
	}
	if f.Under != "" {
		q = Under(f.Under).Where(q, "u.id")
	}
	if !f.UpdatedSince.IsZero() {
		q = q.Where("u.updated_at >= ?", f.UpdatedSince.UTC())
	}
	return q
}

// Get returns a unit, dissolved or not, or [ErrNoUnit].
func (s *Service) Get(ctx context.Context, id ID) (Unit, error) {
	row, err := unitBy(ctx, s.o.DB.Read, id)
	if err != nil {
		return Unit{}, err
	}
	return row.unit()
}

// Path returns the units above a unit, the root first; none for a root and for
// an id of no unit.
func (s *Service) Path(ctx context.Context, id ID) ([]Unit, error) {
	var rows []unitRow
	err := selectUnits(s.o.DB.Read, &rows).Join("JOIN org_closure AS up ON up.ancestor = u.id").
		Where("up.descendant = ?", string(id)).Where("up.depth > 0").OrderExpr("up.depth DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the path of unit %s: %w", id, err)
	}
	return units(rows)
}

// Counts says how large a subtree is.
type Counts struct {
	Units     int64 // not dissolved, with the root of the subtree
	Dissolved int64
	Levels    int64 // below the root of the subtree, dissolved units not counted
	ByKind    map[Kind]int64
}

// Counts counts a subtree.
func (s *Service) Counts(ctx context.Context, id ID) (Counts, error) {
	var rows []struct {
		Kind      string `bun:"kind"`
		Dissolved bool   `bun:"dissolved"`
		N         int64  `bun:"n"`
		Depth     int64  `bun:"depth"`
	}
	err := s.o.DB.Read.NewSelect().TableExpr("org_closure AS c").Join("JOIN org_unit AS u ON u.id = c.descendant").
		ColumnExpr("u.kind AS kind").ColumnExpr("(u.dissolved_at IS NOT NULL) AS dissolved").
		ColumnExpr("count(*) AS n").ColumnExpr("max(c.depth) AS depth").
		Where("c.ancestor = ?", string(id)).GroupExpr("u.kind, (u.dissolved_at IS NOT NULL)").
		OrderExpr("u.kind").Scan(ctx, &rows)
	if err != nil {
		return Counts{}, fmt.Errorf("count the subtree of unit %s: %w", id, err)
	}
	out := Counts{ByKind: map[Kind]int64{}}
	for _, r := range rows {
		if r.Dissolved {
			out.Dissolved += r.N
			continue
		}
		out.Units += r.N
		out.Levels = max(out.Levels, r.Depth)
		out.ByKind[Kind(r.Kind)] += r.N
	}
	return out, nil
}
