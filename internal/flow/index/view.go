package index

import (
	"context"
	"errors"
	"time"
)

// MaxRows is how many rows a group has at most.
const MaxRows = 8192

var (
	// ErrScanOnly is wrapped when a part has no good sidecar. The ledger holds its
	// events: scan [Part.First, Part.Next).
	ErrScanOnly = errors.New("part is scan only")
	// ErrDamaged is wrapped when a sidecar cannot be read as it was written. The
	// part has become scan only and will be rebuilt; throw away what this part gave
	// and scan it.
	ErrDamaged = errors.New("sidecar damaged")
)

// View is the index at one moment. It does not change, except that a part may
// turn scan only, or be gone, when its file turns out damaged or its segment is
// removed: then reading it fails with [ErrScanOnly] or [ErrDamaged]. A View
// holds memory, not files; drop it after a query.
type View struct {
	parts []*Part
	next  uint64
}

// Parts returns the parts ordered by sequence, without overlap. The caller must
// not change the slice.
func (v *View) Parts() []*Part { return v.parts }

// Next returns the sequence behind the last event of the view. Every event of
// the ledger below it is in a part, if it has not been removed.
func (v *View) Next() uint64 { return v.next }

// Part is what the index has of one segment.
type Part struct {
	first, next uint64
}

// First returns the sequence of the first event.
func (p *Part) First() uint64 { return p.first }

// Next returns the sequence behind the last event.
func (p *Part) Next() uint64 { return p.next }

// Times returns the earliest and latest [When] of the part, both inclusive. ok is
// false when they are not known: the part may hold any time.
func (p *Part) Times() (from, to time.Time, ok bool) { return from, to, false }

// Received returns the earliest and latest receipt time, both inclusive. ok is
// false when they are not known.
func (p *Part) Received() (from, to time.Time, ok bool) { return from, to, false }

// ScanOnly reports whether the part has no good sidecar now.
func (p *Part) ScanOnly() bool { return true }

// Groups returns the groups of the part; those of different classes overlap in
// sequence and time. It fails with [ErrScanOnly], [ErrDamaged] or the error of ctx.
func (p *Part) Groups(ctx context.Context) ([]*Group, error) { return nil, ErrScanOnly }

// Group is up to [MaxRows] rows of one class, in the order of their sequence. It is
// safe for concurrent use. Its methods that return an error read from the file:
// the error wraps [ErrDamaged] or [ErrScanOnly].
type Group struct {
	class string
}

// Class returns the class of the records, for example "sshd".
func (g *Group) Class() string { return g.class }

// Len returns the number of rows.
func (g *Group) Len() int { return 0 }

// Seqs returns the first and last sequence, both inclusive.
func (g *Group) Seqs() (first, last uint64) { return 0, 0 }

// Times returns the earliest and latest [When], both inclusive.
func (g *Group) Times() (from, to time.Time) { return from, to }

// Received returns the earliest and latest receipt time, both inclusive.
func (g *Group) Received() (from, to time.Time) { return from, to }

// May reports whether the group may hold all of the tokens. False is certain. It
// reads one page of 4 KiB for a token. Groups of the open segment that are not
// full answer true without looking.
func (g *Group) May(tokens ...Token) (bool, error) { return true, nil }

// Rows returns what stands in every row. The caller must not change it.
func (g *Group) Rows() (*Rows, error) { return &Rows{}, nil }

// Rows are the numbers of each row of a group, by row.
type Rows struct {
	Seq      []uint64 // ascending
	Received []int64  // receipt time, Unix nanoseconds
	Time     []int64  // event time where it is believed, else receipt time, Unix nanoseconds; see [When]
	Event    []int64  // event time as the record names it, Unix nanoseconds; [NoTime] where it names none
}

// NoTime stands for a missing event time in [Rows].
const NoTime = -1 << 63

// Columns lists the fields there are, in the order in which they first came;
// folded ones last. The caller must not change the slice.
func (g *Group) Columns() ([]Info, error) { return nil, nil }

// The columns of receipt facts and text. Their names cannot be those of fields.
const (
	ColumnText      = "\x00text"      // Record.Text, one value a row
	ColumnSource    = "\x00source"    // id of the source, one value a row
	ColumnTransport = "\x00transport" // one value a row
	ColumnPeer      = "\x00peer"      // one value a row, may be empty
)

// Column returns the column of the field of exactly that name, or one of the
// Column constants; nil when no row of the group has it. The Column is shared:
// it must not be changed.
func (g *Group) Column(name string) (*Column, error) { return nil, nil }

// Info says what can be known about a column without reading it.
type Info struct {
	Name     string
	Encoding Encoding
	Values   int   // number of values, of all rows
	Distinct int   // number of different values where Encoding is Dictionary, else 0
	Min, Max int64 // of all values where Encoding is Number
	Folded   bool  // stands in the folded rest; Encoding, Values and Distinct are not known
}
