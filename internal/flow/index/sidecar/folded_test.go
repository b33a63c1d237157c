package sidecar

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
)

// wide returns a full group one of whose rows has 4,096 fields, in memory and as it
// reads back from its file.
func wide(tb testing.TB) (recs []event.Record, groups map[string]*Group) {
	tb.Helper()
	m := NewMemory("app")
	for i := range MaxRows {
		rec := event.Record{Class: "app", Fields: event.Fields{{Name: "user", Value: fmt.Sprint("u", i%50)}}}
		rec.Seq, rec.Received = uint64(i), day
		if i == 17 {
			for f := range 4095 {
				rec.Fields = append(rec.Fields, event.Field{Name: fmt.Sprint("k", f), Value: fmt.Sprint("v", f%100)})
			}
		}
		m.Add(&rec)
		recs = append(recs, rec)
	}
	open := m.Snapshot()
	folder, err := Open(Options{Dir: filepath.Join(tb.TempDir(), "index")})
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := folder.List(); err != nil {
		tb.Fatal(err)
	}
	w, err := folder.NewWriter(0, 1)
	if err != nil {
		tb.Fatal(err)
	}
	stored, err := w.Store(m)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(w.Drop)
	return recs, map[string]*Group{"in memory": open, "in the file": stored}
}

// What a group of many fields holds and costs depends on its values, not on
// columns times rows: 4,096 columns of 8,192 rows would be 128 MiB.
func TestManyFieldsOfOneRow(t *testing.T) {
	recs, groups := wide(t)
	for name, g := range groups {
		t.Run(name, func(t *testing.T) {
			for _, i := range []int{0, 17, MaxRows - 1} {
				got, err := g.Record(i)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(recs[i].Fields, got.Fields); diff != "" {
					t.Errorf("row %d (-record +group):\n%s", i, diff)
				}
			}
			infos, err := g.Columns()
			if err != nil || len(infos) != 4096 {
				t.Fatalf("%d columns, %v", len(infos), err)
			}
			held := int64(0)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for _, info := range infos[1000:] {
				c, err := g.Column(info.Name)
				if err != nil || c.Len() != 1 || c.Single() {
					t.Fatalf("%s: %+v, %v", info.Name, c, err)
				}
			}
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
				t.Errorf("to ask for every folded field takes %d KiB", used>>10)
			}
			for _, info := range infos[1:] {
				c, err := g.Column(info.Name)
				if err != nil {
					t.Fatal(err)
				}
				held += c.cost()
			}
			if held > 4<<20 {
				t.Errorf("the columns of one row hold %d KiB", held>>10)
			}
			// The folded fields are read once, and not again for each question.
			if n := testing.AllocsPerRun(20, func() {
				if f, err := g.Folded(); err != nil || f.Len() != 3096 {
					t.Fatal(f, err)
				}
			}); n > 10 {
				t.Errorf("asking for the folded fields again allocates %v times", n)
			}
		})
	}
}

func TestSparseColumns(t *testing.T) {
	sparse, dense := newGather("f"), newGather("f")
	for row := range uint32(800) {
		dense.put(row, "x", event.String)
		if row%100 == 7 {
			sparse.put(row, fmt.Sprint("a", row), event.String)
			sparse.put(row, fmt.Sprint("b", row), event.Number)
		}
	}
	for _, g := range []*gather{sparse, dense} {
		raw, head := encodeGather(nil, g, 800)
		stored, err := decodeColumn(raw, &head, 800)
		if err != nil {
			t.Fatal(err)
		}
		want := g.column(800)
		for name, got := range map[string]*Column{"view": g.view(800), "stored": stored} {
			if got.Sparse() != (g == sparse) || got.Len() != want.Len() || got.Single() != want.Single() {
				t.Errorf("%s: sparse %t, %d values, single %t", name, got.Sparse(), got.Len(), got.Single())
			}
			for row := range 800 {
				wantFrom, wantTo := want.Span(row)
				if from, to := got.Span(row); to-from != wantTo-wantFrom || to > from && from != wantFrom {
					t.Fatalf("%s: row %d has values %d to %d; want %d to %d", name, row, from, to, wantFrom, wantTo)
				}
			}
			n := 0
			for k, row := range got.All() {
				if from, to := want.Span(row); k != n || k < from || k >= to || got.Text(k) != want.Text(k) || got.Kind(k) != want.Kind(k) {
					t.Fatalf("%s: value %d of row %d is %q", name, k, row, got.Text(k))
				}
				n++
			}
			if n != want.Len() {
				t.Errorf("%s gives %d values of %d", name, n, want.Len())
			}
		}
	}
	// A stored column that counts wrong is damaged.
	raw, head := encodeGather(nil, sparse, 800)
	for at := 2; at < 802; at += 50 {
		raw[at]++
		if _, err := decodeColumn(raw, &head, 800); err == nil {
			t.Errorf("a count of row %d that is wrong goes unnoticed", at-2)
		}
		raw[at]--
	}
}
