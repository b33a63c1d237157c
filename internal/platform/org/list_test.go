package org

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sample is a file of n units: a ministry, provinces, institutions, departments.
func sample(n int) []byte {
	var b bytes.Buffer
	b.WriteString("编码,名称,英文名称,上级编码,类型\n")
	kinds := []string{"ministry", "province", "institution", "department", "office"}
	b.WriteString("N0,教育部,Ministry,,ministry\n")
	for i := 1; i < n; i++ {
		parent := (i - 1) / 8
		level := 0
		for at := i; at > 0; at = (at - 1) / 8 {
			level++
		}
		fmt.Fprintf(&b, "N%d,第 %d 单位,Unit %d,N%d,%s\n", i, i, i, parent, kinds[min(level, 4)])
	}
	return b.Bytes()
}

// large returns a service with 5,000 units.
func large(tb testing.TB) *fixture {
	tb.Helper()
	f := open(tb)
	r, err := f.Import(tb.Context(), sample(5000), Import{Mode: Stop})
	if err != nil || r.Counts[DoCreate] != 5000 {
		tb.Fatalf("Import = %v, %v", r.Counts, err)
	}
	return f
}

func all(t *testing.T, f *fixture, filter Filter, limit int) []Unit {
	t.Helper()
	var out []Unit
	var after place
	for {
		page, err := f.List(t.Context(), filter, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page...)
		if len(page) < limit {
			return out
		}
		last := page[len(page)-1]
		after, err = parseCursor(cursor(place{last.Position, last.Updated, last.ID}))
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestListsOverManyUnits(t *testing.T) {
	f := large(t)
	f.clock.t = day.Add(time.Hour)
	every := all(t, f, Filter{Scope: Everywhere()}, 333)
	if len(every) != 5000 || !slices.IsSortedFunc(every, func(a, b Unit) int { return strings.Compare(string(a.ID), string(b.ID)) }) {
		t.Fatalf("%d units, or out of order", len(every))
	}
	byCode := map[string]Unit{}
	for _, u := range every {
		byCode[u.Code] = u
	}
	rng := rand.New(rand.NewPCG(1, 2))
	changed := map[ID]bool{}
	for range 40 {
		f.clock.t = f.clock.t.Add(time.Duration(rng.IntN(2)) * time.Millisecond)
		u, name := every[rng.IntN(len(every))], "New"
		if _, err := f.Change(t.Context(), u.ID, Any, Change{NameEn: &name}); err != nil {
			t.Fatal(err)
		}
		changed[u.ID] = true
	}
	root, ten := byCode["N0"].ID, byCode["N10"].ID
	inTen := 0
	for i := range 5000 {
		for at := i; at > 0; at = (at - 1) / 8 {
			if at == 10 {
				inTen++
			}
		}
	}
	none := ID("")
	for _, tc := range []struct {
		name   string
		filter Filter
		limit  int
		want   int
	}{
		{"changed since", Filter{Scope: Everywhere(), UpdatedSince: day.Add(time.Hour)}, 7, len(changed)},
		{"below the root", Filter{Scope: Everywhere(), Parent: &root}, 3, 8},
		{"the roots", Filter{Scope: Everywhere(), Parent: &none}, 3, 1},
		{"a subtree", Filter{Scope: Everywhere(), Under: ten}, 50, inTen},
		{"in a scope", Filter{Scope: Under(ten)}, 50, inTen},
		{"in a scope and a subtree around it", Filter{Scope: Under(ten), Under: root}, 50, inTen},
		{"in no scope", Filter{}, 50, 0},
		{"a text with a sign of LIKE", Filter{Scope: Everywhere(), Text: "%"}, 50, 0},
		{"a Chinese text", Filter{Scope: Everywhere(), Text: "第 4999 单"}, 50, 1},
		{"a code in full width", Filter{Scope: Everywhere(), Text: "ｎ4999"}, 50, 1},
		{"a kind", Filter{Scope: Everywhere(), Kind: "province"}, 3, 8},
		{"dissolved", Filter{Scope: Everywhere(), State: Ended}, 50, 0},
	} {
		list := all(t, f, tc.filter, tc.limit)
		seen := map[ID]bool{}
		for _, u := range list {
			seen[u.ID] = true
		}
		if len(list) != tc.want || len(seen) != tc.want {
			t.Errorf("%s: %d units, %d of them different; want %d", tc.name, len(list), len(seen), tc.want)
		}
	}
	var order []string
	for _, u := range all(t, f, Filter{Scope: Everywhere(), Parent: &root}, 3) {
		order = append(order, u.Code)
	}
	if diff := cmp.Diff([]string{"N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8"}, order); diff != "" {
		t.Errorf("siblings (-want +got):\n%s", diff)
	}
}

func TestCursor(t *testing.T) {
	for _, text := range []string{"x", "eA", cursor(place{}), cursor(place{id: "x"}), cursor(place{updated: day.AddDate(9000, 0, 0), id: "x"})} {
		if _, err := parseCursor(text); err == nil {
			t.Errorf("the cursor %q is taken", text)
		}
	}
}

// TestQueriesUseIndexes holds the queries whose time must not grow with the tree
// to plans that read no table from end to end.
func TestQueriesUseIndexes(t *testing.T) {
	f := large(t)
	if _, err := f.db.Write.ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	first, err := f.List(t.Context(), Filter{Scope: Everywhere()}, place{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	id := first[0].ID
	after := place{10, day, id}
	list := func(filter Filter) string {
		return filter.behind(filter.where(selectUnits(f.db.Read, &[]unitRow{})), after).Limit(100).String()
	}
	for name, query := range map[string]string{
		"placement":    f.db.Read.NewRaw(placementSQL, string(id), day, day, day, day).String(),
		"siblings":     list(Filter{Scope: Everywhere(), Parent: &id}),
		"all":          list(Filter{Scope: Everywhere()}),
		"changes":      list(Filter{Scope: Everywhere(), UpdatedSince: day}),
		"scope":        list(Filter{Scope: Under(id, "x")}),
		"subtree":      list(Filter{Scope: Everywhere(), Under: id}),
		"newest act":   f.db.Read.NewSelect().Model(&[]versionRow{}).Column("valid_from").Order("valid_from DESC").Limit(1).String(),
		"code":         f.db.Read.NewSelect().Model((*unitRow)(nil)).Where("u.code_key = ?", "a").String(),
		"depth":        f.db.Read.NewSelect().Model((*closureRow)(nil)).ColumnExpr("max(c.depth)").Where("c.descendant = ?", string(id)).String(),
		"close":        f.db.Read.NewSelect().Model((*versionRow)(nil)).Where("v.unit_id = ?", string(id)).Where("v.valid_to IS NULL").String(),
		"take it away": "SELECT 1 FROM org_closure WHERE descendant IN (SELECT d.descendant FROM org_closure AS d WHERE d.ancestor = 'a') AND ancestor IN (SELECT a.ancestor FROM org_closure AS a WHERE a.descendant = 'a' AND a.depth > 0)",
	} {
		for _, step := range planOf(t, f, query) {
			if strings.HasPrefix(step, "SCAN") && step != "SCAN up" && !strings.Contains(step, "USING") {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}

func planOf(t *testing.T, f *fixture, query string) []string {
	t.Helper()
	list, err := f.db.Read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	defer list.Close()
	var out []string
	for list.Next() {
		var a, b, c int
		var step string
		if err := list.Scan(&a, &b, &c, &step); err != nil {
			t.Fatal(err)
		}
		out = append(out, step)
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
