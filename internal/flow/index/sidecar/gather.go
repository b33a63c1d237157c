package sidecar

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

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

// column returns what was gathered for a group of so many rows.
func (c *gather) column(rows int) *Column {
	out := &Column{enc: Dictionary, rows: rows, texts: c.dict, ids: c.ids, starts: startsOf(c.rows, rows)}
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

// columnRest holds the fields beyond maxColumns, as JSON.
const columnRest = "\xffrest"

// foldedField is a folded field as JSON. Text that is not UTF-8 goes as bytes,
// because JSON cannot say it.
type foldedField struct {
	Name       string     `json:"n,omitempty"`
	NameBytes  []byte     `json:"nb,omitempty"`
	Value      string     `json:"v,omitempty"`
	ValueBytes []byte     `json:"vb,omitempty"`
	Kind       event.Kind `json:"k,omitempty"`
}

func foldJSON(fields []event.Field) string {
	out := make([]foldedField, len(fields))
	for i, f := range fields {
		out[i] = foldedField{Name: f.Name, Value: f.Value, Kind: f.Kind}
		if !utf8.ValidString(f.Name) {
			out[i].Name, out[i].NameBytes = "", []byte(f.Name)
		}
		if !utf8.ValidString(f.Value) {
			out[i].Value, out[i].ValueBytes = "", []byte(f.Value)
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic("BUG: fold fields: " + err.Error())
	}
	return string(b)
}

// unfold returns the columns of the folded fields, in the order they first came.
func unfold(rest *Column) ([]string, map[string]*Column, error) {
	gathered := map[string]*gather{}
	var names []string
	for row := range rest.rows {
		text, ok := rest.Value(row)
		if !ok {
			continue
		}
		var fields []foldedField
		if err := json.Unmarshal([]byte(text), &fields); err != nil {
			return nil, nil, damaged("folded fields: %v", err)
		}
		for _, f := range fields {
			name, value := f.Name, f.Value
			if f.NameBytes != nil {
				name = string(f.NameBytes)
			}
			if f.ValueBytes != nil {
				value = string(f.ValueBytes)
			}
			if gathered[name] == nil {
				gathered[name] = newGather(name)
				names = append(names, name)
			}
			gathered[name].put(uint32(row), value, f.Kind)
		}
	}
	out := make(map[string]*Column, len(gathered))
	for name, g := range gathered {
		out[name] = g.column(rest.rows)
	}
	return slices.Clip(names), out, nil
}
