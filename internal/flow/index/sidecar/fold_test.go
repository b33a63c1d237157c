package sidecar

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
)

func TestFoldedTextThatIsNotUTF8(t *testing.T) {
	want := []event.Field{
		{Name: "\xe4\xff", Value: "\xfe"},
		{Name: "a", Value: "\u4e2d<&>"},
		{Name: "", Value: ""},
		{Name: "a", Kind: event.Null},
		{Name: "a", Value: "7", Kind: event.Number},
	}
	g := newGather(columnRest)
	g.put(1, foldJSON(want), event.String)
	f, err := unfold(g.column(2))
	if err != nil {
		t.Fatal(err)
	}
	var got []event.Field
	for i := range f.Names() {
		col := f.column(f.name(i))
		for k, to := col.Span(1); k < to; k++ {
			got = append(got, event.Field{Name: f.name(i), Value: col.Text(k), Kind: col.Kind(k)})
		}
		if from, to := col.Span(0); from != to {
			t.Errorf("%q has a value in a row without folded fields", f.name(i))
		}
	}
	if diff := cmp.Diff(got, f.row(1)); diff != "" {
		t.Errorf("the row differs from its columns (-columns +row):\n%s", diff)
	}
	if diff := cmp.Diff(byName(want), byName(got)); diff != "" {
		t.Error(diff)
	}
}

// byName sorts fields by name: that is the order in which columns give them back.
func byName(fields []event.Field) []event.Field {
	out := slices.Clone(fields)
	slices.SortStableFunc(out, func(a, b event.Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func TestColumnsThatAreAlikeAreStoredOnce(t *testing.T) {
	m := NewMemory("sshd")
	for i, user := range []string{"root", "admin", "root"} {
		rec := event.Record{Class: "sshd", Fields: event.Fields{{Name: "user", Value: user}, {Name: "copy", Value: user}, {Name: "other", Value: user + "x"}}}
		rec.Seq, rec.Received = uint64(i), day
		m.Add(&rec)
	}
	pack, err := newPacker()
	if err != nil {
		t.Fatal(err)
	}
	head, _, err := pack.group(m, headerBytes)
	if err != nil {
		t.Fatal(err)
	}
	g := Group{head: head}
	user, again, other := g.find("user", false), g.find("copy", false), g.find("other", false)
	if again.like == 0 || user.at != again.at || other.like != 0 || other.at == user.at {
		t.Errorf("user %+v, copy %+v, other %+v", user, again, other)
	}
}
