package sidecar

import (
	"slices"
	"strings"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/token"
)

// MaxRows is how many rows a group has at most.
const MaxRows = 8192

// MaxOpenBytes is how much the unfinished groups of a segment may count together
// ([Memory.Size]); beyond it the largest is stored. It decides where groups end, as
// what follows does.
const MaxOpenBytes = 32 << 20

// Limits of what is gathered in memory. They decide where groups end, so they are
// part of the format: change them together with formatVersion.
const (
	maxColumns    = 1000    // fields of a group with a column of their own
	maxGroupBytes = 8 << 20 // of values and text, after which a group ends
	columnBytes   = 512     // what an empty column is counted as
	rowBytes      = 40      // what the numbers of a row are counted as
	valueBytes    = 24      // what a value is counted as besides its text
)

// Memory is a group that is being filled, by one goroutine at a time. What was
// added never changes, so that a copy of its slice headers is a snapshot.
type Memory struct {
	class                string
	got, when            Span // of receipt times, and of the times to search by
	seq                  []uint64
	received, named      []int64
	text                 []string
	source, transp, peer *gather
	cols                 []*gather
	byName               map[string]int32 // in cols; -1: folded
	rest                 *gather          // folded fields of each row that has some, as JSON
	tokens               token.Set
	long                 []string // long values of the newest record whose tokens are there
	bytes                int
}

// NewMemory returns an empty group.
func NewMemory(class string) *Memory {
	return &Memory{
		class: class, byName: map[string]int32{},
		source: newGather(ColumnSource), transp: newGather(ColumnTransport), peer: newGather(ColumnPeer),
	}
}

// Size estimates the memory held, in bytes.
func (m *Memory) Size() int { return m.bytes + m.tokens.Bytes() }

// Full reports whether the group has to be stored before more is added.
func (m *Memory) Full() bool { return len(m.seq) >= MaxRows || m.bytes >= maxGroupBytes }

// Add appends a record of its class. It keeps its text, and copies of what is short.
func (m *Memory) Add(rec *event.Record) {
	row := uint32(len(m.seq)) //nolint:gosec // at most MaxRows
	received, named := rec.Received.UnixNano(), nanos(rec.Time)
	m.got.add(received, row == 0)
	m.when.add(believed(received, named), row == 0)
	m.seq, m.received, m.named = append(m.seq, rec.Seq), append(m.received, received), append(m.named, named)
	m.text = append(m.text, rec.Text)
	m.bytes += rowBytes + len(rec.Text)
	m.long = append(m.long[:0], rec.Text)
	token.Of(rec.Text, m.tokens.Add)
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
func (m *Memory) column(i int, name string) *gather {
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
func (m *Memory) put(c *gather, row uint32, f event.Field) {
	m.bytes += valueBytes
	if c.put(row, f.Value, f.Kind) {
		m.bytes += 2*valueBytes + len(f.Value)
		if c != m.rest {
			m.tokenise(f.Value)
		}
	}
}

func (m *Memory) tokenise(value string) {
	if value == "" {
		return
	}
	m.tokens.Add(token.Value(value))
	if len(value) >= 64 {
		if slices.Contains(m.long, value) {
			return
		}
		if len(m.long) < 8 {
			m.long = append(m.long, value)
		}
	}
	token.Of(value, m.tokens.Add)
}

// Class returns the class of the records.
func (m *Memory) Class() string { return m.class }

// Snapshot returns the rows there are, at least one, as a group that later adds do
// not change.
func (m *Memory) Snapshot() *Group { return &Group{head: m.head(), mem: m.copied()} }

// copied returns a copy that later adds do not change.
func (m *Memory) copied() *Memory {
	s := &Memory{
		class: m.class, seq: m.seq, received: m.received, named: m.named, text: m.text,
		source: m.source.snapshot(), transp: m.transp.snapshot(), peer: m.peer.snapshot(),
		cols: make([]*gather, len(m.cols)),
	}
	for i, c := range m.cols {
		s.cols[i] = c.snapshot()
	}
	if m.rest != nil {
		s.rest = m.rest.snapshot()
	}
	return s
}
