package org

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// told writes the rows of a result as lines.
func told(r ImportResult) string {
	var b strings.Builder
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "%d %s %s", row.Row, row.Code, row.Action)
		if len(row.Changes) > 0 {
			fmt.Fprintf(&b, " %s", strings.Join(row.Changes, ","))
		}
		for _, e := range row.Errors {
			fmt.Fprintf(&b, " [%s: %s]", e.Column, e.Message)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const tree = `单位编码,单位名称,上级单位编码,单位类型,联系人,联系电话,备注
LAB,实验室,CS,部门,,,
CS,计算机学院,UNI,department,李,010-62750000,x
UNI,大学,,机构,,,
`

func TestImport(t *testing.T) {
	for _, tc := range []struct {
		name, before, file string
		in                 Import
		want               string
		err                error
	}{
		{
			name: "a new tree, children before parents", file: tree, in: Import{Mode: Stop},
			want: "2 LAB create\n3 CS create\n4 UNI create\n",
		},
		{
			name: "what is there already stops it", before: tree, file: tree, in: Import{Mode: Stop}, err: ErrRows,
			want: "2 LAB error [单位编码: a unit with this code is there already]\n" +
				"3 CS error [单位编码: a unit with this code is there already]\n4 UNI error [单位编码: a unit with this code is there already]\n",
		},
		{
			name: "what is there already is left", before: tree, file: "code,name,parent,kind\nuni,Other,,office\nNEW,新,uni,office\n", in: Import{Mode: Skip},
			want: "2 uni skip\n3 NEW create\n",
		},
		{
			name: "what is there already is changed and moved", before: tree,
			file: "code,name,parent,kind\nlab,重点实验室,UNI,\nCS,,,department\nUNI,大学,,institution\n", in: Import{Mode: Update},
			want: "2 lab update name_zh,parent\n3 CS same\n4 UNI same\n",
		},
		{
			name: "a turned branch", before: tree, file: "code,parent\nCS,LAB\nLAB,UNI\n", in: Import{Mode: Update},
			want: "2 CS update parent\n3 LAB update parent\n",
		},
		{
			name: "a circle with what is there", before: tree, file: "code,parent\nUNI,LAB\n", in: Import{Mode: Update},
			want: "2 UNI error [parent: the unit would be below itself, or the tree have more than 64 levels]\n",
		},
		{
			name: "a circle among rows, and a row below it", file: "code,name,parent,kind\nA,a,B,other\nB,b,A,other\nC,c,B,other\nD,d,,other\n", in: Import{Mode: Skip},
			want: "2 A error [parent: the unit would be below itself, or the tree have more than 64 levels]\n" +
				"3 B error [parent: the unit would be below itself, or the tree have more than 64 levels]\n" +
				"4 C error [parent: row 3, which is to be above, has an error]\n5 D create\n",
		},
		{
			name: "errors name row and column", in: Import{Mode: Stop}, err: ErrRows,
			file: "编码,名称,类型,统一社会信用代码,上级编码,联系人,电话\n,甲,部门,,,,\nA,,部门,,,,\nB,乙,俱乐部,91350100M000100Y42,,,\nb,丙,部门,,,,\nC,丁,部门,,ZZ,,\nD,戊,部门,,B,,\nE,己,部门,,,,电话\n",
			want: "2  error [编码: a row needs a code]\n" +
				"3 A error [名称: a unit has a name in at least one language]\n" +
				"4 B error [类型: not one of: ministry, province, city, county, group, institution, branch, department, office, other] " +
				"[统一社会信用代码: not a unified social credit code, or its check digit is wrong]\n" +
				"5 b error [编码: row 4 has the same code]\n" +
				"6 C error [上级编码: neither a unit nor another row has this code]\n" +
				"7 D error [上级编码: row 4, which is to be above, has an error]\n" +
				"8 E error [联系人: a contact has a name]\n",
		},
		{
			name: "columns that only the caller knows", file: "k,n,t\nA,甲,other\n",
			in:   Import{Mode: Stop, Columns: map[string]string{"code": "k", "name_zh": "n", "kind": "t"}},
			want: "2 A create\n",
		},
		{name: "two columns that mean the same", file: "编码,代码\nA,B\n", in: Import{Mode: Stop}, err: ErrFile},
		{name: "no column for the code", file: "名称\n甲\n", in: Import{Mode: Stop}, err: ErrFile},
		{name: "a field that is none", file: "k\nA\n", in: Import{Mode: Stop, Columns: map[string]string{"x": "k"}}, err: ErrFile},
		{name: "a column that is none", file: "k\nA\n", in: Import{Mode: Stop, Columns: map[string]string{"code": "q"}}, err: ErrFile},
		{name: "an empty file", in: Import{Mode: Stop}, err: ErrFile},
		{name: "below a unit that is none", file: tree, in: Import{Mode: Stop, Under: "x"}, err: ErrNoUnit},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := open(t)
			if tc.before != "" {
				if _, err := f.Import(t.Context(), []byte(tc.before), Import{Mode: Stop}); err != nil {
					t.Fatal(err)
				}
			}
			acts := countVersions(t, f)
			preview, err := f.Preview(t.Context(), []byte(tc.file), tc.in)
			if tc.want == "" {
				if !errors.Is(err, tc.err) {
					t.Errorf("Preview: %v, want %v", err, tc.err)
				}
				return
			}
			if diff := cmp.Diff(tc.want, told(preview)); diff != "" || err != nil {
				t.Fatalf("Preview (-want +got): %v\n%s", err, diff)
			}
			if n := countVersions(t, f); n != acts {
				t.Fatal("the preview changed the tree")
			}
			tc.in.Plan = preview.Plan
			done, err := f.Import(t.Context(), []byte(tc.file), tc.in)
			if !errors.Is(err, tc.err) || (tc.err == nil) != done.Applied {
				t.Fatalf("Import: %v, want %v", err, tc.err)
			}
			if tc.err != nil && countVersions(t, f) != acts {
				t.Error("a refused import changed the tree")
			}
			if diff := cmp.Diff(tc.want, told(done)); tc.err == nil && diff != "" {
				t.Errorf("Import (-want +got):\n%s", diff)
			}
			closureIsRight(t, f)
		})
	}
}

func countVersions(t *testing.T, f *fixture) int64 {
	t.Helper()
	n, err := f.db.Read.NewSelect().Model((*versionRow)(nil)).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// closureIsRight compares the closure with the parents.
func closureIsRight(t *testing.T, f *fixture) {
	t.Helper()
	var rows []closureRow
	if err := f.db.Read.NewSelect().Model(&rows).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, r := range rows {
		got[r.Ancestor+" "+r.Descendant] = r.Depth
	}
	parents, want := map[string]string{}, map[string]int64{}
	var list []unitRow
	if err := f.db.Read.NewSelect().Model(&list).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		parents[r.ID] = r.ParentID
	}
	for id := range parents {
		depth := int64(0)
		for at := id; at != ""; at = parents[at] {
			want[at+" "+id] = depth
			depth++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("closure (-want +got):\n%s", diff)
	}
}

func TestImportAfterAChange(t *testing.T) {
	f := open(t)
	if _, err := f.Import(t.Context(), []byte(tree), Import{Mode: Stop}); err != nil {
		t.Fatal(err)
	}
	file := []byte("code,name\nUNI,新名\n")
	preview, err := f.Preview(t.Context(), file, Import{Mode: Update})
	if err != nil {
		t.Fatal(err)
	}
	name := "X"
	if _, err := f.Change(t.Context(), preview.Rows[0].Unit, Any, Change{NameEn: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Import(t.Context(), file, Import{Mode: Update, Plan: preview.Plan}); !errors.Is(err, ErrPlan) {
		t.Errorf("an import of an old plan: %v", err)
	}
	if _, err := f.Import(t.Context(), file, Import{Mode: Update}); err != nil {
		t.Errorf("an import without a plan: %v", err)
	}
}

// TestImportStaysInScope imports as somebody who may write below one unit only.
func TestImportStaysInScope(t *testing.T) {
	f := open(t)
	if _, err := f.Import(t.Context(), []byte(tree), Import{Mode: Stop}); err != nil {
		t.Fatal(err)
	}
	list := all(t, f, Filter{Scope: Everywhere(), Text: "CS"}, 10)
	f.o.ScopeOf = func(context.Context, authz.Permission) (Scope, error) { return Under(list[0].ID), nil }
	r, err := f.Import(t.Context(), []byte("code,name,parent,kind\nUNI,x,,\nLAB,新名,,\nA,a,UNI,office\nB,b,CS,office\nC,c,,office\n"),
		Import{Mode: Update, Under: list[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	want := "2 UNI error [code: another unit has this code (unit.code_taken)]\n3 LAB update name_zh\n" +
		"4 A error [parent: neither a unit nor another row has this code]\n5 B create\n6 C create\n"
	if diff := cmp.Diff(want, told(r)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestExportComesBack exports a tree with difficult texts and imports it into an
// empty station.
func TestExportComesBack(t *testing.T) {
	for _, zh := range []bool{true, false} {
		f := open(t)
		rng := rand.New(rand.NewPCG(9, 9))
		texts := []string{"=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "'=x", "\"quoted\", and more", "a;b", "｜", "＝1", "单位", "%x", "'", "''", "'a"}
		ids := []ID{""}
		for i := range 120 {
			u, err := f.Create(t.Context(), ids[rng.IntN(len(ids))], Settings{
				Code: fmt.Sprintf("C%d", i), NameZh: texts[rng.IntN(len(texts))], NameEn: texts[rng.IntN(len(texts))],
				Kind: Kind(Kinds()[rng.IntN(len(Kinds()))].ID), Industry: Industry(Industries()[rng.IntN(len(Industries()))].ID),
				Operator: CII, CreditCode: "91350100M000100Y43",
				Contacts: []Contact{{"王", "=1+1", "+8610 62750000", "w@example.cn"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, u.ID)
		}
		var first, second bytes.Buffer
		if err := f.Export(t.Context(), &first, zh); err != nil {
			t.Fatal(err)
		}
		g := open(t)
		if r, err := g.Import(t.Context(), first.Bytes(), Import{Mode: Stop}); err != nil || r.Counts[DoCreate] != 120 || len(r.Ignored) > 0 {
			t.Fatalf("Import = %v %v, %v", r.Counts, r.Ignored, err)
		}
		if err := g.Export(t.Context(), &second, zh); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first.String(), second.String()); diff != "" {
			t.Errorf("what was exported (-first +second):\n%s", diff)
		}
		r, err := f.Preview(t.Context(), first.Bytes(), Import{Mode: Update})
		if err != nil || r.Counts[DoKeep] != 120 {
			t.Errorf("the export says something else than the tree: %v, %v", r.Counts, err)
		}
		for line := range strings.Lines(strings.TrimPrefix(first.String(), "\ufeff")) {
			for cell := range strings.SplitSeq(strings.TrimSpace(line), ",") {
				if cell = strings.TrimPrefix(cell, `"`); cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
					t.Fatalf("the cell %q is a formula", cell)
				}
			}
		}
	}
}

// TestImportAgainstActs imports random files in random order and compares with
// what single acts make of the same rows.
func TestImportAgainstActs(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	total := map[Action]int{}
	for range 15 {
		f := open(t)
		if _, err := f.Import(t.Context(), sample(40), Import{Mode: Stop}); err != nil {
			t.Fatal(err)
		}
		lines := []string{}
		for i := range 40 {
			if rng.IntN(2) == 0 {
				lines = append(lines, fmt.Sprintf("N%d,N%d,x,office", rng.IntN(60), rng.IntN(60)))
			} else {
				lines = append(lines, fmt.Sprintf("M%d,%s%d,x,office", i, []string{"M", "N"}[rng.IntN(2)], rng.IntN(40)))
			}
		}
		file := []byte("code,parent,name,kind\n" + strings.Join(lines, "\n"))
		r, err := f.Import(t.Context(), file, Import{Mode: Update})
		if err != nil {
			t.Fatal(err)
		}
		closureIsRight(t, f)
		parent := map[string]string{}
		for i, row := range r.Rows {
			if row.Action == DoCreate || row.Action == DoUpdate || row.Action == DoKeep {
				parent[row.Code] = strings.Split(lines[i], ",")[1]
			}
		}
		codes := map[ID]string{}
		list := all(t, f, Filter{Scope: Everywhere()}, 100)
		for _, u := range list {
			codes[u.ID] = u.Code
		}
		for _, u := range list {
			if want, ok := parent[u.Code]; ok && codes[u.Parent] != want {
				t.Errorf("%s is below %s, want %s", u.Code, codes[u.Parent], want)
			}
		}
		if r.Counts[DoCreate]+40 != len(list) {
			t.Errorf("%d units after %v", len(list), r.Counts)
		}
		for action, n := range r.Counts {
			total[action] += n
		}
	}
	if total[DoCreate] < 50 || total[DoUpdate] < 50 || total[DoNone] < 50 {
		t.Errorf("the files try too little: %v", total)
	}
}
