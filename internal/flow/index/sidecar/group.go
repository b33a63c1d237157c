package sidecar

import (
	"sync"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/token"
)

// Group is up to [MaxRows] rows of one class, in the order of their sequence. It is
// safe for concurrent use. Its methods that return an error may read the file: the
// error wraps [ErrDamaged].
type Group struct {
	head *groupHead
	file *File
	mem  *Memory // not nil: the group is in memory

	memo sync.Map // of a group in memory: *Column by name, columnRest: *Folded, columnSeq: *Rows
}

// Class returns the class of the records, for example "sshd".
func (g *Group) Class() string { return g.head.class }

// Len returns the number of rows, at least 1.
func (g *Group) Len() int { return g.head.rows }

// Seqs returns the first and last sequence, both inclusive.
func (g *Group) Seqs() (first, last uint64) { return g.head.first, g.head.last }

// Times returns the earliest and latest [When], both inclusive.
func (g *Group) Times() (from, to time.Time) { return g.head.time.Times() }

// Received returns the earliest and latest receipt time, both inclusive.
func (g *Group) Received() (from, to time.Time) { return g.head.received.Times() }

// May reports whether the group may hold all of the tokens. False is certain. It
// reads one page of 4 KiB for a token. Groups that are not full yet answer true
// without looking.
func (g *Group) May(tokens ...token.Token) (bool, error) {
	if g.mem != nil {
		return true, nil
	}
	shape := g.head.filter
	if shape.Pages == 0 {
		return len(tokens) == 0, nil // a group without any token
	}
	for _, t := range tokens {
		size := shape.PageBytes()
		page, err := g.file.read(g.head.filterAt+int64(shape.Page(t)*size), size)
		if err != nil {
			return false, err
		}
		may, ok := shape.Holds(page, t)
		if !ok {
			return false, g.file.fail(damaged("checksum of a filter page"))
		}
		if !may {
			return false, nil
		}
	}
	return true, nil
}

// Rows are the numbers of each row of a group, by row.
type Rows struct {
	Seq      []uint64 // ascending
	Received []int64  // receipt time, Unix nanoseconds
	Time     []int64  // event time where it is believed, else receipt time, Unix nanoseconds; see [When]
	Event    []int64  // event time as the record names it, Unix nanoseconds; [NoTime] where it names none
}

// NoTime stands for a missing event time in [Rows]. One before 1679 or after 2261
// counts as missing.
const NoTime = -1 << 63

// Rows returns what stands in every row. The caller must not change it.
func (g *Group) Rows() (*Rows, error) {
	if g.mem != nil {
		return remember(g, columnSeq, func() *Rows { return newRows(g.mem.seq, g.mem.received, g.mem.named) }), nil
	}
	key := cacheKey{g.file, g.head.filterAt, cachedRows}
	if v, ok := g.file.folder.cache.get(key); ok {
		if rows, ok := v.(*Rows); ok {
			return rows, nil
		}
	}
	var cols [3]*Column
	for i, name := range []string{columnSeq, columnReceived, columnNamed} {
		head := g.find(name, true)
		if head == nil {
			return nil, g.file.fail(damaged("no column of numbers"))
		}
		c, err := g.decode(head)
		if err != nil {
			return nil, err
		}
		if c.enc != Number || i < 2 && !c.Single() {
			return nil, g.file.fail(damaged("column of numbers"))
		}
		cols[i] = c
	}
	seq := make([]uint64, g.head.rows)
	named := make([]int64, g.head.rows)
	for i := range seq {
		seq[i] = uint64(cols[0].nums[i]) //nolint:gosec // as bits
		named[i] = NoTime
		if from, to := cols[2].Span(i); from < to {
			named[i] = cols[2].nums[from]
		}
	}
	rows := newRows(seq, cols[1].nums, named)
	g.file.folder.cache.put(key, rows, int64(32*len(seq)+128))
	return rows, nil
}

func newRows(seq []uint64, received, named []int64) *Rows {
	r := &Rows{Seq: seq, Received: received, Event: named, Time: make([]int64, len(seq))}
	for i := range r.Time {
		r.Time[i] = believed(received[i], named[i])
	}
	return r
}

// The columns of receipt facts and text, with one value a row. They are no UTF-8, so that no
// field can have these names.
const (
	ColumnText      = "\xfftext"      // Record.Text
	ColumnSource    = "\xffsource"    // id of the source
	ColumnTransport = "\xfftransport" // how it came
	ColumnPeer      = "\xffpeer"      // address of the sender, may be empty
)

// Info says what can be known about a column without reading it.
type Info struct {
	Name     string
	Encoding Encoding
	Values   int   // number of values, of all rows
	Distinct int   // number of different values where Encoding is Dictionary, else 0
	Min, Max int64 // of all values where Encoding is Number
	Folded   bool  // stands in the folded rest; the other fields are zero
}

// Columns lists the fields there are, in the order in which they first came;
// folded ones last.
func (g *Group) Columns() ([]Info, error) {
	out := g.OwnColumns()
	rest, err := g.Folded()
	if err != nil || rest == nil {
		return out, err
	}
	for i := range rest.Names() {
		out = append(out, Info{Name: rest.name(i), Folded: true})
	}
	return out, nil
}

// OwnColumns is [Group.Columns] without the folded ones, and reads nothing.
func (g *Group) OwnColumns() []Info {
	var out []Info
	if g.mem != nil {
		for _, c := range g.mem.cols {
			out = append(out, Info{Name: c.name, Encoding: Dictionary, Values: len(c.ids), Distinct: len(c.dict)})
		}
		return out
	}
	for _, c := range g.head.columns[g.head.facts:] {
		out = append(out, Info{
			Name: c.name, Encoding: c.enc, Values: c.values, Distinct: c.distinct, Min: c.min, Max: c.max,
		})
	}
	return out
}

// Column returns the column of the field of exactly that name, or one of the
// Column constants; nil when no row of the group has it. The Column is shared: it
// must not be changed. What all folded fields hold is [Group.Folded].
func (g *Group) Column(name string) (*Column, error) {
	fact := isFact(name)
	if g.mem != nil {
		if c := g.mem.gathered(name, fact); c != nil {
			return remember(g, name, func() *Column { return c.view(len(g.mem.seq)) }), nil
		}
		if name == ColumnText {
			return &Column{enc: Plain, rows: len(g.mem.seq), texts: g.mem.text}, nil
		}
	} else if head := g.find(name, fact); head != nil {
		c, err := g.cached(head)
		if err == nil && fact && !c.Single() {
			return nil, g.file.fail(damaged("column %q", name))
		}
		return c, err
	}
	if fact {
		if g.file != nil {
			return nil, g.file.fail(damaged("no column %q", name))
		}
		return nil, nil
	}
	rest, err := g.Folded()
	if err != nil || rest == nil {
		return nil, err
	}
	return rest.column(name), nil
}

func isFact(name string) bool {
	switch name {
	case ColumnText, ColumnSource, ColumnTransport, ColumnPeer:
		return true
	}
	return false
}

// remember returns what first gave for a group in memory the first time.
func remember[T any](g *Group, name string, first func() T) T {
	if v, ok := g.memo.Load(name); ok {
		if t, ok := v.(T); ok {
			return t
		}
	}
	t := first()
	g.memo.Store(name, t)
	return t
}

// gathered returns the values of a fact, but the text, or of a field.
func (m *Memory) gathered(name string, fact bool) *gather {
	cols := m.cols
	if fact {
		cols = []*gather{m.source, m.transp, m.peer}
	}
	for _, c := range cols {
		if c.name == name {
			return c
		}
	}
	return nil
}

// find returns the stored column of a fact or a field.
func (g *Group) find(name string, fact bool) *columnHead {
	cols := g.head.columns[g.head.facts:]
	if fact {
		cols = g.head.columns[:g.head.facts]
	}
	for i := range cols {
		if cols[i].name == name {
			return &cols[i]
		}
	}
	return nil
}

// decode reads a stored column.
func (g *Group) decode(head *columnHead) (*Column, error) {
	raw, err := g.file.load(head.at, head.block)
	if err != nil {
		return nil, err
	}
	c, err := decodeColumn(raw, head, g.head.rows)
	if err != nil {
		return nil, g.file.fail(err)
	}
	return c, nil
}

func (g *Group) cached(head *columnHead) (*Column, error) {
	key := cacheKey{g.file, head.at, cachedColumn}
	if v, ok := g.file.folder.cache.get(key); ok {
		if c, ok := v.(*Column); ok {
			return c, nil
		}
	}
	c, err := g.decode(head)
	if err == nil {
		g.file.folder.cache.put(key, c, c.cost())
	}
	return c, err
}

// Record returns row i as a record, read back from the columns: fields of one name
// are in their order; names come in that of [Group.Columns]. Batch, log source and
// raw bytes are not in it. It is meant for few rows: it decodes every column.
func (g *Group) Record(i int) (event.Record, error) {
	rows, err := g.Rows()
	if err != nil {
		return event.Record{}, err
	}
	rec := event.Record{Class: g.head.class}
	rec.Seq, rec.Received = rows.Seq[i], time.Unix(0, rows.Received[i]).UTC()
	if rows.Event[i] != NoTime {
		rec.Time = time.Unix(0, rows.Event[i]).UTC()
	}
	for _, fact := range []struct {
		name string
		to   *string
	}{{ColumnText, &rec.Text}, {ColumnSource, &rec.Source}, {ColumnTransport, &rec.Transport}, {ColumnPeer, &rec.Peer}} {
		c, err := g.Column(fact.name)
		if err != nil {
			return event.Record{}, err
		}
		*fact.to, _ = c.Value(i)
	}
	for _, info := range g.OwnColumns() {
		c, err := g.Column(info.Name)
		if err != nil {
			return event.Record{}, err
		}
		for k, to := c.Span(i); k < to; k++ {
			rec.Fields = append(rec.Fields, event.Field{Name: info.Name, Value: c.Text(k), Kind: c.Kind(k)})
		}
	}
	rest, err := g.Folded()
	if err != nil || rest == nil {
		return rec, err
	}
	rec.Fields = append(rec.Fields, rest.row(i)...)
	return rec, nil
}

// Sizes are the bytes that a stored group takes in its file.
type Sizes struct{ Filter, Text, All int }

// Sizes returns what the group takes in the file; nothing while it is in memory.
func (g *Group) Sizes() Sizes {
	if g.mem != nil {
		return Sizes{}
	}
	s := Sizes{Filter: g.head.filter.Bytes()}
	s.All = s.Filter
	for i := range g.head.columns {
		c := &g.head.columns[i]
		if c.like > 0 {
			continue // stored with another
		}
		s.All += c.block.stored
		if c.name == ColumnText && i < g.head.facts {
			s.Text = c.block.stored
		}
	}
	return s
}
