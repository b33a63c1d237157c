package org

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"
)

// rival keeps the same tree as materialised paths besides the closure, to
// measure what was decided in docs/adr/2026-11-24-unit-tree.md.
func rival(b *testing.B, f *fixture) (root, middle, leaf ID) {
	b.Helper()
	ctx := b.Context()
	for _, stmt := range []string{
		"CREATE TABLE rival (id TEXT PRIMARY KEY, path TEXT NOT NULL)",
		"INSERT INTO rival SELECT u.id, (SELECT group_concat(a, '') FROM (SELECT c.ancestor || '/' AS a FROM org_closure c WHERE c.descendant = u.id ORDER BY c.depth DESC)) FROM org_unit u",
		"CREATE INDEX rival_path ON rival (path)",
		"CREATE TABLE record (id INTEGER PRIMARY KEY, unit_id TEXT NOT NULL, at BIGINT NOT NULL)",
		"INSERT INTO record SELECT u.rowid * 40 + n.value, u.id, (u.rowid * 7919 + n.value * 104729) % 1000003 FROM org_unit u CROSS JOIN (WITH RECURSIVE n(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < 9) SELECT value FROM n) n",
		"CREATE INDEX record_unit ON record (unit_id)",
		"CREATE INDEX record_at ON record (at)",
		"ANALYZE",
	} {
		if _, err := f.db.Write.ExecContext(ctx, stmt); err != nil {
			b.Fatal(err)
		}
	}
	for code, to := range map[string]*ID{"N0": &root, "N10": &middle, "N4999": &leaf} {
		var row unitRow
		if err := f.db.Read.NewSelect().Model(&row).Column("id").Where("u.code = ?", code).Scan(ctx); err != nil {
			b.Fatal(err)
		}
		*to = ID(row.ID)
	}
	return root, middle, leaf
}

// byPath filters as a scope does, with paths.
func byPath(ctx context.Context, f *fixture, root ID, column string) (func(*bun.SelectQuery) *bun.SelectQuery, error) {
	var path string
	if err := f.db.Read.NewRaw("SELECT path FROM rival WHERE id = ?", string(root)).Scan(ctx, &path); err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("? IN (SELECT id FROM rival WHERE path >= ? AND path < ?)", bun.Ident(column), path, strings.TrimSuffix(path, "/")+"0")
	}, nil
}

// byParents filters with a recursive query, for which nothing is kept.
func byParents(root ID, column string) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("? IN (WITH RECURSIVE d(id) AS (SELECT ? UNION ALL SELECT u.id FROM org_unit u JOIN d ON u.parent_id = d.id) SELECT id FROM d)",
			bun.Ident(column), string(root))
	}
}

// BenchmarkTree compares the ways to keep a tree over 5,000 units and 50,000
// records of theirs.
func BenchmarkTree(b *testing.B) {
	f := large(b)
	root, middle, leaf := rival(b, f)
	ctx := b.Context()
	ways := map[string]func(id ID, column string) func(*bun.SelectQuery) *bun.SelectQuery{
		"closure": func(id ID, column string) func(*bun.SelectQuery) *bun.SelectQuery {
			return func(q *bun.SelectQuery) *bun.SelectQuery { return Under(id).Where(q, column) }
		},
		"path": func(id ID, column string) func(*bun.SelectQuery) *bun.SelectQuery {
			where, err := byPath(ctx, f, id, column)
			if err != nil {
				b.Fatal(err)
			}
			return where
		},
		"exists": func(id ID, column string) func(*bun.SelectQuery) *bun.SelectQuery {
			return func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("EXISTS (SELECT 1 FROM org_closure AS c WHERE c.ancestor = ? AND c.descendant = ?)", string(id), bun.Ident(column))
			}
		},
		"parents": byParents,
	}
	for _, size := range []struct {
		name string
		id   ID
	}{{"all", root}, {"subtree", middle}, {"leaf", leaf}} {
		for _, way := range []string{"closure", "exists", "path", "parents"} {
			b.Run(fmt.Sprintf("count/%s/%s", size.name, way), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					var n int64
					q := f.db.Read.NewSelect().TableExpr("record AS r").ColumnExpr("count(*)")
					if err := ways[way](size.id, "r.unit_id")(q).Scan(ctx, &n); err != nil || n == 0 {
						b.Fatal(n, err)
					}
				}
			})
			b.Run(fmt.Sprintf("page/%s/%s", size.name, way), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					var ids []int64
					q := f.db.Read.NewSelect().TableExpr("record AS r").ColumnExpr("r.id").OrderExpr("r.at, r.id").Limit(50)
					if err := ways[way](size.id, "r.unit_id")(q).Scan(ctx, &ids); err != nil || len(ids) == 0 {
						b.Fatal(ids, err)
					}
				}
			})
		}
	}
}

// BenchmarkMove moves a subtree of some seventy units there and back, with its
// history.
func BenchmarkMove(b *testing.B) {
	f := large(b)
	var rows []unitRow
	err := f.db.Read.NewSelect().Model(&rows).Where("u.code IN ('N10', 'N1', 'N2')").Order("code").Scan(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := f.Move(b.Context(), ID(rows[1].ID), Any, Place{Parent: ID(rows[2*(i%2)].ID)}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImport imports 5,000 units into an empty station.
func BenchmarkImport(b *testing.B) {
	file := sample(5000)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		f := open(b)
		b.StartTimer()
		if _, err := f.Import(b.Context(), file, Import{Mode: Stop}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPreview says what the same file would do to the tree of 5,000.
func BenchmarkPreview(b *testing.B) {
	file, f := sample(5000), large(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Preview(b.Context(), file, Import{Mode: Update}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAt asks where a unit belonged.
func BenchmarkAt(b *testing.B) {
	f := large(b)
	_, _, leaf := rival(b, f)
	b.ReportAllocs()
	for b.Loop() {
		if p, err := f.At(b.Context(), leaf, day.AddDate(1, 0, 0)); err != nil || len(p.Path) < 3 {
			b.Fatal(p, err)
		}
	}
}

// BenchmarkList reads a page of 100 in the middle of the list.
func BenchmarkList(b *testing.B) {
	f := large(b)
	list, err := f.List(b.Context(), Filter{Scope: Everywhere()}, place{}, 2500)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if page, err := f.List(b.Context(), Filter{Scope: Everywhere()}, place{id: list[2499].ID}, 100); err != nil || len(page) != 100 {
			b.Fatal(err)
		}
	}
}
