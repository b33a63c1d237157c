package normdoc

import (
	"slices"
	"strings"
)

// DifferenceKind says on which side something stands.
type DifferenceKind string

// The kinds of differences.
const (
	Changed       DifferenceKind = "changed"
	OnlyLeft      DifferenceKind = "only_left"
	OnlyRight     DifferenceKind = "only_right"
	NoteOnlyLeft  DifferenceKind = "note_only_left"
	NoteOnlyRight DifferenceKind = "note_only_right"
)

// Difference is one place where two documents differ.
type Difference struct {
	ID       string         `json:"id"`    // of the provision, or the kind of the note; "" for the document's title
	Field    string         `json:"field"` // number, title, text, bullet, stop
	Kind     DifferenceKind `json:"kind"`
	Position int            `json:"position"` // in the field of the left side, in characters from 0; of Changed only
	Left     string         `json:"left"`
	Right    string         `json:"right"`
}

// Compare lists where b differs from a, in reading order: notes, title, provisions.
// Nodes are matched by id; white space does not count. A provision on one side is
// one difference with everything below it.
func Compare(a, b *Document) []Difference {
	out := compareNotes(a, b)
	out = append(out, compareField("", "title", a.Title, b.Title)...)
	left, right := index(a), index(b)
	for _, id := range merged(a, b) {
		x, y := left.at[id], right.at[id]
		switch {
		case x != nil && y != nil:
			for _, f := range [][3]string{
				{"bullet", x.Bullet, y.Bullet},
				{"number", x.Number, y.Number},
				{"title", x.Title, y.Title},
				{"stop", x.Stop, y.Stop},
				{"text", x.Text, y.Text},
			} {
				out = append(out, compareField(id, f[0], f[1], f[2])...)
			}
		case x != nil && (x.Parent == "" || right.at[x.Parent] != nil):
			out = append(out, Difference{ID: id, Field: "text", Kind: OnlyLeft, Left: left.whole(id)})
		case x == nil && (y.Parent == "" || left.at[y.Parent] != nil):
			out = append(out, Difference{ID: id, Field: "text", Kind: OnlyRight, Right: right.whole(id)})
		}
	}
	return out
}

// tree finds nodes by id and the order they stand in.
type tree struct {
	at    map[string]*Node
	below map[string][]string
}

func index(d *Document) tree {
	t := tree{at: make(map[string]*Node, len(d.Nodes)), below: map[string][]string{}}
	for i := range d.Nodes {
		n := &d.Nodes[i]
		t.at[n.ID] = n
		t.below[n.Parent] = append(t.below[n.Parent], n.ID)
	}
	return t
}

// whole returns a provision as one text.
func (t tree) whole(id string) string {
	var b strings.Builder
	var walk func(string)
	walk = func(id string) {
		n := t.at[id]
		b.WriteString(n.Number + n.Title + n.Stop + n.Text)
		for _, c := range t.below[id] {
			walk(c)
		}
	}
	walk(id)
	return b.String()
}

// merged returns the ids of both sides in the order of a, those of b alone behind
// the one they follow there.
func merged(a, b *Document) []string {
	after := map[string][]string{}
	known := make(map[string]bool, len(a.Nodes))
	for i := range a.Nodes {
		known[a.Nodes[i].ID] = true
	}
	last := ""
	for i := range b.Nodes {
		id := b.Nodes[i].ID
		if known[id] {
			last = id
			continue
		}
		after[last] = append(after[last], id)
	}
	out := slices.Clone(after[""])
	for i := range a.Nodes {
		id := a.Nodes[i].ID
		out = append(append(out, id), after[id]...)
	}
	return out
}

// compareNotes matches notes of one kind by their order.
func compareNotes(a, b *Document) []Difference {
	var out []Difference
	var kinds []string
	of := func(d *Document) map[string][]Note {
		m := map[string][]Note{}
		for _, n := range d.Notes {
			if n.Kind == "toc" {
				continue
			}
			if !slices.Contains(kinds, n.Kind) {
				kinds = append(kinds, n.Kind)
			}
			m[n.Kind] = append(m[n.Kind], n)
		}
		return m
	}
	left, right := of(a), of(b)
	for _, k := range kinds {
		x, y := left[k], right[k]
		for i := range max(len(x), len(y)) {
			switch {
			case i >= len(y):
				out = append(out, Difference{ID: k, Field: "text", Kind: NoteOnlyLeft, Left: x[i].Text})
			case i >= len(x):
				out = append(out, Difference{ID: k, Field: "text", Kind: NoteOnlyRight, Right: y[i].Text})
			default:
				out = append(out, compareField(k, "text", x[i].Text, y[i].Text)...)
			}
		}
	}
	return out
}

// compareField lists the runs of characters that differ.
func compareField(id, field, a, b string) []Difference {
	if a == b {
		return nil
	}
	x, y := visible(a), visible(b)
	var out []Difference
	for _, e := range edits(x.runes, y.runes) {
		pos := len([]rune(a))
		if e.a0 < len(x.at) {
			pos = x.at[e.a0]
		}
		out = append(out, Difference{
			ID: id, Field: field, Kind: Changed, Position: pos,
			Left: string(x.runes[e.a0:e.a1]), Right: string(y.runes[e.b0:e.b1]),
		})
	}
	return out
}

// text is a text without white space that remembers where its characters stood.
type text struct {
	runes []rune
	at    []int
}

func visible(s string) text {
	var t text
	i := 0
	for _, r := range s {
		if !isSpace(r) {
			t.runes, t.at = append(t.runes, r), append(t.at, i)
		}
		i++
	}
	return t
}

// edit replaces a[a0:a1] by b[b0:b1].
type edit struct{ a0, a1, b0, b1 int }

// maxEdits bounds the search for the least changes; beyond it what differs is one
// run.
const maxEdits = 1000

// edits returns the least runs that turn a into b (Myers 1986, greedy).
func edits(a, b []rune) []edit {
	pre := 0
	for pre < len(a) && pre < len(b) && a[pre] == b[pre] {
		pre++
	}
	post := 0
	for post < len(a)-pre && post < len(b)-pre && a[len(a)-1-post] == b[len(b)-1-post] {
		post++
	}
	x, y := a[pre:len(a)-post], b[pre:len(b)-post]
	if len(x) == 0 && len(y) == 0 {
		return nil
	}
	one := []edit{{pre, pre + len(x), pre, pre + len(y)}}
	if len(x) == 0 || len(y) == 0 {
		return one
	}
	path := shortest(x, y)
	if path == nil {
		return one
	}
	for i := range path {
		path[i].a0, path[i].a1, path[i].b0, path[i].b1 = path[i].a0+pre, path[i].a1+pre, path[i].b0+pre, path[i].b1+pre
	}
	return path
}

// shortest runs Myers' search and returns nil beyond maxEdits.
func shortest(a, b []rune) []edit {
	limit := min(len(a)+len(b), maxEdits)
	v := make([]int, 2*limit+3)
	var trace [][]int
	for d := 0; d <= limit; d++ {
		trace = append(trace, slices.Clone(v[limit+1-d:limit+2+d])) // the diagonals that step d reads
		for k := -d; k <= d; k += 2 {
			i := 0
			if down(v, limit+1+k, k, d) {
				i = v[limit+1+k+1]
			} else {
				i = v[limit+1+k-1] + 1
			}
			j := i - k
			for i < len(a) && j < len(b) && a[i] == b[j] {
				i, j = i+1, j+1
			}
			v[limit+1+k] = i
			if k == len(a)-len(b) && i >= len(a) {
				return back(trace, len(a), len(b))
			}
		}
	}
	return nil
}

func down(v []int, at, k, d int) bool {
	return k == -d || k != d && v[at-1] < v[at+1]
}

// back walks the trace from the end and puts steps that touch together.
func back(trace [][]int, i, j int) []edit {
	var out []edit
	for d := len(trace) - 1; d > 0; d-- {
		w := trace[d] // w[d+k] is diagonal k
		k := i - j
		fromK := k - 1
		if down(w, d+k, k, d) {
			fromK = k + 1
		}
		fromI := w[d+fromK]
		fromJ := fromI - fromK
		e := edit{fromI, fromI, fromJ, fromJ + 1} // one character of b
		if fromK < k {
			e = edit{fromI, fromI + 1, fromJ, fromJ} // one of a
		}
		if n := len(out); n > 0 && out[n-1].a0 == e.a1 && out[n-1].b0 == e.b1 {
			out[n-1].a0, out[n-1].b0 = e.a0, e.b0
		} else {
			out = append(out, e)
		}
		i, j = fromI, fromJ
	}
	slices.Reverse(out)
	return out
}
