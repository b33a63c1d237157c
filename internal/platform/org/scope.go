package org

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// Scope is a part of the tree: some units and everything below them. The zero
// Scope holds nothing. A Scope is a value and does not change.
//
// What it holds is decided when it is asked, by where units hang then: below a
// root are also the units that were dissolved there, and those merged into a
// unit there.
type Scope struct {
	everywhere bool
	roots      []string // sorted, each once
}

// Everywhere holds all units, and what belongs to no unit.
func Everywhere() Scope { return Scope{everywhere: true} }

// Under holds the roots and everything below them. Ids of no unit hold nothing.
func Under(roots ...ID) Scope {
	s := Scope{roots: make([]string, 0, len(roots))}
	for _, r := range roots {
		if r != "" {
			s.roots = append(s.roots, string(r))
		}
	}
	slices.Sort(s.roots)
	s.roots = slices.Compact(s.roots)
	return s
}

// Union holds what either holds.
func (s Scope) Union(o Scope) Scope {
	if s.everywhere || o.everywhere {
		return Everywhere()
	}
	roots := slices.Concat(s.roots, o.roots)
	slices.Sort(roots)
	return Scope{roots: slices.Compact(roots)}
}

// Empty reports whether the scope holds nothing, whatever the tree is.
func (s Scope) Empty() bool { return !s.everywhere && len(s.roots) == 0 }

// Unlimited reports whether the scope is [Everywhere].
func (s Scope) Unlimited() bool { return s.everywhere }

// Roots returns the roots, sorted. [Everywhere] has none.
func (s Scope) Roots() []ID {
	out := make([]ID, 0, len(s.roots))
	for _, r := range s.roots {
		out = append(out, ID(r))
	}
	return out
}

// Where leaves in q only rows whose column, such as "a.unit_id", holds the id of
// a unit inside the scope. Rows that belong to no unit (NULL or "") are left in
// by [Everywhere] only. It joins what q has by AND; q must not add an OR at the
// same level afterwards.
func (s Scope) Where(q *bun.SelectQuery, column string) *bun.SelectQuery {
	switch {
	case s.everywhere:
		return q
	case len(s.roots) == 0:
		return q.Where("1 = 0")
	default:
		return q.Where("? IN (SELECT org_c.descendant FROM org_closure AS org_c WHERE org_c.ancestor IN (?))",
			bun.Ident(column), bun.List(s.roots))
	}
}

// Holds reports whether the unit is inside the scope. An id of no unit is not,
// except that [Everywhere] holds any.
func (s Scope) Holds(ctx context.Context, db bun.IDB, id ID) (bool, error) {
	if s.everywhere || s.Empty() {
		return s.everywhere, nil
	}
	q := db.NewSelect().Model((*closureRow)(nil)).Where("c.descendant = ?", string(id)).Where("c.ancestor IN (?)", bun.List(s.roots))
	found, err := q.Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look for unit %s in a scope: %w", id, err)
	}
	return found, nil
}
