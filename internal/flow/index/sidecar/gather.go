package sidecar

import (
	"strings"

	"github.com/fengsui/fengsui/internal/event"
)

// gather collects the values of one column.
type gather struct {
	name  string
	rows  []uint32 // row of each value, ascending
	ids   []uint32 // in dict
	kinds []byte
	mixed bool // not all kinds are the same
	dict  []string
	find  map[string]uint32
	texts arena
}

func newGather(name string) *gather { return &gather{name: name, find: map[string]uint32{}} }

// put adds a value and reports whether it is new to the column.
func (c *gather) put(row uint32, value string, kind event.Kind) bool {
	id, known := c.find[value]
	if !known {
		id = uint32(len(c.dict)) //nolint:gosec // bounded by maxGroupBytes
		value = c.texts.keep(value)
		c.dict = append(c.dict, value)
		c.find[value] = id
	}
	c.mixed = c.mixed || len(c.kinds) > 0 && c.kinds[0] != byte(kind)
	c.rows, c.ids, c.kinds = append(c.rows, row), append(c.ids, id), append(c.kinds, byte(kind))
	return !known
}

// snapshot returns a copy that later puts do not change. It cannot be added to.
func (c *gather) snapshot() *gather {
	return &gather{name: c.name, rows: c.rows, ids: c.ids, kinds: c.kinds, mixed: c.mixed, dict: c.dict}
}

// column returns what was gathered for a group of so many rows. It is never
// sparse: that is how it is stored.
func (c *gather) column(rows int) *Column {
	out := c.values(rows)
	out.starts = startsOf(c.rows, rows)
	return out
}

// view is column for reading in memory, where a few values cost little. What it
// returns shares everything with c.
func (c *gather) view(rows int) *Column {
	if !fewValues(len(c.ids), rows) {
		return c.column(rows)
	}
	out := c.values(rows)
	out.sparse, out.of = true, c.rows
	return out
}

func (c *gather) values(rows int) *Column {
	out := &Column{enc: Dictionary, rows: rows, texts: c.dict, ids: c.ids}
	if len(c.kinds) > 0 {
		out.kind = event.Kind(c.kinds[0])
	}
	if c.mixed {
		out.kinds = c.kinds
	}
	return out
}

// startsOf turns the row of each value into where the values of each row start;
// nil when every row has one.
func startsOf(of []uint32, rows int) []uint32 {
	if len(of) == rows && (rows == 0 || of[rows-1] == uint32(rows-1) && single(of)) { //nolint:gosec // at most MaxRows
		return nil
	}
	starts := make([]uint32, rows+1)
	for _, row := range of {
		starts[row+1]++
	}
	for i := range rows {
		starts[i+1] += starts[i]
	}
	return starts
}

func single(of []uint32) bool {
	for i, row := range of {
		if row != uint32(i) {
			return false
		}
	}
	return true
}

// arena keeps strings in large pieces: fewer objects, and a short value does not
// hold on to the text it was cut from.
type arena struct{ b *strings.Builder }

const (
	smallestPiece = longString
	largestPiece  = 64 << 10
	longString    = 256 // longer ones are kept as they are
)

func (a *arena) keep(s string) string {
	if len(s) == 0 || len(s) > longString {
		return s
	}
	if a.b == nil || a.b.Cap()-a.b.Len() < len(s) {
		size := smallestPiece
		if a.b != nil {
			size = min(2*a.b.Cap(), largestPiece)
		}
		a.b = &strings.Builder{}
		a.b.Grow(size)
	}
	at := a.b.Len()
	a.b.WriteString(s)
	return a.b.String()[at:]
}
