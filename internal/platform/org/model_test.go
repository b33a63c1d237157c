package org

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/internal/platform/sqldb/sqldbtest"
)

// clock is a clock that a test moves, backwards too.
type clock struct{ t time.Time }

func (c *clock) Now() time.Time { return c.t }

var day = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

type fixture struct {
	*Service

	db    *sqldb.DB
	clock *clock
}

func on(tb testing.TB, db *sqldb.DB) *fixture {
	tb.Helper()
	f := &fixture{db: db, clock: &clock{day}}
	var err error
	if f.Service, err = New(Options{DB: db, Now: f.clock.Now}); err != nil {
		tb.Fatal(err)
	}
	return f
}

func open(tb testing.TB) *fixture {
	tb.Helper()
	return on(tb, sqldbtest.Open(tb, Name, Migrations()))
}

func (f *fixture) add(tb testing.TB, parent ID, code string) ID {
	tb.Helper()
	u, err := f.Create(tb.Context(), parent, Settings{Code: code, NameZh: "单位" + code, Kind: "department"})
	if err != nil {
		tb.Fatal(err)
	}
	return u.ID
}

// node is a unit in the naive model: a map from ids to parents.
type node struct {
	parent    ID
	name      string
	dissolved bool
	successor ID
}

type model map[ID]node

// path returns the units above id, the root first.
func (m model) path(id ID) []ID {
	var out []ID
	for at := m[id].parent; at != ""; at = m[at].parent {
		out = append(out, at)
	}
	slices.Reverse(out)
	return out
}

func (m model) below(root, id ID) bool { return root == id || slices.Contains(m.path(id), root) }

func (m model) children(id ID) []ID {
	var out []ID
	for c, n := range m {
		if n.parent == id && !n.dissolved {
			out = append(out, c)
		}
	}
	return out
}

// snapshot is the model from an instant on.
type snapshot struct {
	from time.Time
	m    model
}

// game plays random acts on the service and on the model.
type game struct {
	*fixture

	rng  *rand.Rand
	m    model
	ids  []ID // every unit ever made
	past []snapshot
}

func (g *game) any() ID { return g.ids[g.rng.IntN(len(g.ids))] }

// act does something random, possible or not, and holds the service to what the
// model says about it.
func (g *game) act(ctx context.Context) error {
	// The clock stands still, goes on, and sometimes goes back.
	g.clock.t = g.clock.t.Add(time.Duration(g.rng.IntN(5)-1) * time.Second)
	before := g.m
	g.m = maps.Clone(g.m)
	var err, want error
	switch g.rng.IntN(10) {
	case 0, 1, 2:
		err, want = g.create(ctx)
	case 3:
		err, want = g.rename(ctx)
	case 4, 5, 6, 7:
		err, want = g.move(ctx)
	case 8:
		err, want = g.merge(ctx)
	default:
		err, want = g.dissolve(ctx)
	}
	if !errors.Is(err, want) || (want == nil && err != nil) {
		return errors.New(fmt.Sprint("the service says ", err, ", the model ", want))
	}
	if want != nil {
		g.m = before
		return nil
	}
	var last []versionRow
	if err := g.db.Read.NewSelect().Model(&last).Order("valid_from DESC").Limit(1).Scan(ctx); err != nil {
		return err
	}
	at := last[0].ValidFrom.UTC()
	if n := len(g.past); n > 0 && !at.After(g.past[n-1].from) {
		return fmt.Errorf("an act at %v after one at %v", at, g.past[n-1].from)
	}
	g.past = append(g.past, snapshot{at, g.m})
	return nil
}

func (g *game) create(ctx context.Context) (err, want error) {
	parent := ID("")
	if len(g.ids) > 0 && g.rng.IntN(8) > 0 {
		parent = g.any()
	}
	name := fmt.Sprintf("单位 %d", len(g.ids))
	u, err := g.Create(ctx, parent, Settings{NameZh: name, Kind: "department"})
	if parent != "" && g.m[parent].dissolved {
		return err, ErrDissolved
	}
	if err == nil {
		g.ids = append(g.ids, u.ID)
		g.m[u.ID] = node{parent: parent, name: name}
	}
	return err, nil
}

func (g *game) rename(ctx context.Context) (err, want error) {
	if len(g.ids) == 0 {
		return g.create(ctx)
	}
	id, name := g.any(), fmt.Sprintf("名称 %d", g.rng.Uint32())
	_, err = g.Change(ctx, id, Any, Change{NameZh: &name})
	n := g.m[id]
	if n.dissolved {
		return err, ErrDissolved
	}
	n.name = name
	g.m[id] = n
	return err, nil
}

func (g *game) move(ctx context.Context) (err, want error) {
	if len(g.ids) == 0 {
		return g.create(ctx)
	}
	id, parent := g.any(), ID("")
	if g.rng.IntN(10) > 0 {
		parent = g.any()
	}
	n := g.m[id]
	if parent == n.parent {
		return g.create(ctx) // no version begins
	}
	_, err = g.Move(ctx, id, Any, Place{Parent: parent})
	switch {
	case n.dissolved || g.m[parent].dissolved:
		return err, ErrDissolved
	case parent != "" && g.m.below(id, parent):
		return err, ErrCycle
	}
	n.parent = parent
	g.m[id] = n
	return err, nil
}

func (g *game) merge(ctx context.Context) (err, want error) {
	if len(g.ids) == 0 {
		return g.create(ctx)
	}
	id, into := g.any(), g.any()
	_, err = g.Merge(ctx, id, Any, into, "合并")
	switch {
	case g.m[id].dissolved || g.m[into].dissolved:
		return err, ErrDissolved
	case g.m.below(id, into):
		return err, ErrCycle
	}
	for _, c := range g.m.children(id) {
		n := g.m[c]
		n.parent = into
		g.m[c] = n
	}
	n := g.m[id]
	n.parent, n.dissolved, n.successor = into, true, into
	g.m[id] = n
	return err, nil
}

func (g *game) dissolve(ctx context.Context) (err, want error) {
	if len(g.ids) == 0 {
		return g.create(ctx)
	}
	id := g.any()
	_, err = g.Dissolve(ctx, id, Any, "撤销")
	n := g.m[id]
	switch {
	case n.dissolved:
		return err, ErrDissolved
	case len(g.m.children(id)) > 0:
		return err, ErrChildren
	}
	n.dissolved = true
	g.m[id] = n
	return err, nil
}

// at returns the model as it was at a time.
func (g *game) at(t time.Time) model {
	var m model
	for _, s := range g.past {
		if s.from.After(t) {
			break
		}
		m = s.m
	}
	return m
}

// moment returns a time worth asking about: an instant of an act, just before
// it, or any between the first and the last.
func (g *game) moment() time.Time {
	s := g.past[g.rng.IntN(len(g.past))].from
	switch g.rng.IntN(3) {
	case 0:
		return s
	case 1:
		return s.Add(-time.Microsecond)
	default:
		span := g.past[len(g.past)-1].from.Sub(g.past[0].from) + 2*time.Second
		return g.past[0].from.Add(time.Duration(g.rng.Int64N(int64(span))) - time.Second)
	}
}

func (g *game) checkHistory(t *testing.T) {
	t.Helper()
	id, at := g.any(), g.moment()
	m := g.at(at)
	p, err := g.At(t.Context(), id, at)
	n, there := m[id]
	if !there {
		if !errors.Is(err, ErrNotThen) {
			t.Fatalf("At(%s, %v) = %v, want %v", id, at, err, ErrNotThen)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var path []ID
	for _, v := range p.Path {
		path = append(path, v.Unit)
		if m[v.Unit].name != v.NameZh {
			t.Fatalf("%s above %s at %v is called %q, want %q", v.Unit, id, at, v.NameZh, m[v.Unit].name)
		}
	}
	if diff := cmp.Diff(m.path(id), path); diff != "" {
		t.Fatalf("the path of %s at %v (-model +service):\n%s", id, at, diff)
	}
	got := node{p.Parent, p.NameZh, p.Dissolved, p.Successor}
	if got != n {
		t.Fatalf("%s at %v is %+v, want %+v", id, at, got, n)
	}
}

func (g *game) checkTree(t *testing.T) {
	t.Helper()
	at := g.moment()
	list, err := g.Tree(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	got, want := map[ID]ID{}, map[ID]ID{}
	for _, v := range list {
		got[v.Unit] = v.Parent
	}
	for id, n := range g.at(at) {
		if !n.dissolved {
			want[id] = n.parent
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the tree at %v (-model +service):\n%s", at, diff)
	}
}

// TestHistoryAgainstModel plays random acts and asks for random times.
func TestHistoryAgainstModel(t *testing.T) {
	sqldbtest.Each(t, Name, Migrations(), func(t *testing.T, db *sqldb.DB) {
		for seed := range uint64(4) {
			g := &game{fixture: on(t, db), rng: rand.New(rand.NewPCG(seed, 4)), m: model{}}
			g.wipe(t)
			for i := range 150 {
				if err := g.act(t.Context()); err != nil {
					t.Fatalf("seed %d, act %d: %v", seed, i, err)
				}
			}
			for range 300 {
				g.checkHistory(t)
			}
			for range 30 {
				g.checkTree(t)
			}
		}
	})
}

func (g *game) wipe(t *testing.T) {
	t.Helper()
	for _, table := range []string{"org_version", "org_closure", "org_unit"} {
		if _, err := g.db.Write.NewDelete().TableExpr("?", bun.Ident(table)).Where("1 = 1").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestScopeAgainstModel holds the filter of a scope to the naive model, for
// every unit and many scopes over trees that are moved and merged.
func TestScopeAgainstModel(t *testing.T) {
	sqldbtest.Each(t, Name, Migrations(), func(t *testing.T, db *sqldb.DB) {
		checks := 0
		for seed := uint64(0); checks < 100_000; seed++ {
			g := &game{fixture: on(t, db), rng: rand.New(rand.NewPCG(seed, 5)), m: model{}}
			g.wipe(t)
			for range 80 {
				for range 4 {
					if err := g.act(t.Context()); err != nil {
						t.Fatalf("seed %d: %v", seed, err)
					}
				}
				for range 12 {
					checks += g.checkScope(t)
				}
			}
		}
		t.Logf("%d checks", checks)
	})
}

// checkScope compares which units a random scope holds, and returns of how many
// it asked.
func (g *game) checkScope(t *testing.T) int {
	t.Helper()
	var roots []ID
	for range g.rng.IntN(4) {
		roots = append(roots, g.any())
	}
	if g.rng.IntN(6) == 0 {
		roots = append(roots, "", "01900000-0000-7000-8000-000000000000", "' OR 1=1 --")
	}
	scope := Under(roots...)
	if g.rng.IntN(3) == 0 && len(roots) > 1 {
		scope = Under(roots[:1]...).Union(Under(roots[1:]...))
	}
	everywhere := g.rng.IntN(20) == 0
	if everywhere {
		scope = scope.Union(Everywhere())
	}
	var got []ID
	q := g.db.Read.NewSelect().Model((*unitRow)(nil)).Column("u.id").Order("u.id")
	if err := scope.Where(q, "u.id").Scan(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	in := map[ID]bool{}
	for _, id := range got {
		in[id] = true
	}
	for _, id := range g.ids {
		want := everywhere || slices.ContainsFunc(roots, func(r ID) bool { return r != "" && g.m.below(r, id) })
		if in[id] != want {
			t.Fatalf("scope %v holds %s: %t, want %t", roots, id, in[id], want)
		}
	}
	id := g.any()
	if holds, err := scope.Holds(t.Context(), g.db.Read, id); err != nil || holds != in[id] {
		t.Fatalf("Holds(%s) = %t, %v; the filter says %t", id, holds, err, in[id])
	}
	path, err := g.Path(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var above []ID
	for _, u := range path {
		above = append(above, u.ID)
	}
	if diff := cmp.Diff(g.m.path(id), above); diff != "" {
		t.Fatalf("the path of %s (-model +service):\n%s", id, diff)
	}
	return len(g.ids)
}
