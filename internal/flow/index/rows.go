package index

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fengsui/fengsui/internal/event"
)

// Limits of what is gathered in memory. They decide where groups end, so they are
// part of the format: change them together with formatVersion.
const (
	maxColumns    = 1000     // fields of a group with a column of their own
	maxGroupBytes = 8 << 20  // of values and text, after which a group ends
	maxOpenBytes  = 32 << 20 // of all groups of a segment, after which the largest ends
	columnBytes   = 512      // what an empty column is counted as
	rowBytes      = 40       // what the numbers of a row are counted as
	valueBytes    = 24       // what a value is counted as besides its text
)

// memory is a group that is being filled. What was added never changes, so that
// a copy of its slice headers is a snapshot.
type memory struct {
	class                string
	got, when            span // of receipt times, and of the times to search by
	seq                  []uint64
	received, named      []int64
	text                 []string
	source, transp, peer *gather
	cols                 []*gather
	byName               map[string]int32 // in cols; -1: folded
	rest                 *gather          // folded fields of each row that has some, as JSON
	tokens               tokenSet
	long                 []string // long values of the newest record whose tokens are there
	bytes                int
}

func newMemory(class string) *memory {
	return &memory{
		class: class, byName: map[string]int32{},
		source: newGather(ColumnSource), transp: newGather(ColumnTransport), peer: newGather(ColumnPeer),
	}
}

// size estimates the memory held, in bytes.
func (m *memory) size() int { return m.bytes + m.tokens.bytes() }

func (m *memory) full() bool { return len(m.seq) >= MaxRows || m.bytes >= maxGroupBytes }

// add appends a record. It keeps its text, and copies of what is short.
func (m *memory) add(rec *event.Record) {
	row := uint32(len(m.seq)) //nolint:gosec // at most MaxRows
	received, named := rec.Received.UnixNano(), nanos(rec.Time)
	m.got.add(received, row == 0)
	m.when.add(believed(received, named), row == 0)
	m.seq, m.received, m.named = append(m.seq, rec.Seq), append(m.received, received), append(m.named, named)
	m.text = append(m.text, rec.Text)
	m.bytes += rowBytes + len(rec.Text)
	m.long = append(m.long[:0], rec.Text)
	Tokens(rec.Text, m.tokens.add)
	for _, fact := range []struct {
		to    *gather
		value string
	}{{m.source, rec.Source}, {m.transp, rec.Transport}, {m.peer, rec.Peer}} {
		m.put(fact.to, row, event.Field{Value: fact.value})
	}
	var folded []event.Field
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if c := m.column(i, f.Name); c != nil {
			m.put(c, row, *f)
			continue
		}
		m.tokenise(f.Value)
		folded = append(folded, *f)
	}
	if folded != nil {
		m.put(m.rest, row, event.Field{Value: foldJSON(folded)})
	}
}

// column returns the column of the name, or nil when it is folded. i is where the
// field stands in its record.
func (m *memory) column(i int, name string) *gather {
	if i < len(m.cols) && m.cols[i].name == name {
		return m.cols[i] // fast path: records of a class look alike
	}
	at, ok := m.byName[name]
	switch {
	case ok && at >= 0:
		return m.cols[at]
	case ok:
		return nil
	case len(m.cols) >= maxColumns:
		if m.rest == nil {
			m.rest = newGather(columnRest)
		}
		m.byName[strings.Clone(name)] = -1
		m.bytes += len(name) + valueBytes
		return nil
	}
	name = strings.Clone(name)
	c := newGather(name)
	m.byName[name] = int32(len(m.cols)) //nolint:gosec // at most maxColumns
	m.cols = append(m.cols, c)
	m.bytes += columnBytes + len(name)
	return c
}

// put adds a value to a column. The tokens of a value that the column has already
// are there.
func (m *memory) put(c *gather, row uint32, f event.Field) {
	m.bytes += valueBytes
	if c.put(row, f.Value, f.Kind) {
		m.bytes += 2*valueBytes + len(f.Value)
		if c != m.rest {
			m.tokenise(f.Value)
		}
	}
}

func (m *memory) tokenise(value string) {
	if value == "" {
		return
	}
	m.tokens.add(Value(value))
	if len(value) >= 64 {
		if slices.Contains(m.long, value) {
			return
		}
		if len(m.long) < 8 {
			m.long = append(m.long, value)
		}
	}
	Tokens(value, m.tokens.add)
}

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
