package index

import "github.com/fengsui/fengsui/internal/event"

// Encoding says how a column is stored, and so which questions are cheap.
type Encoding uint8

// The encodings.
const (
	Plain      Encoding = iota // each value as it is
	Dictionary                 // each different value once
	Number                     // whole decimal numbers that an int64 holds, in their shortest form
)

// Column is one decoded column of a group. A row has no value, one, or several in
// the order of the record. Values count from 0 over all rows: those of row i are
// [Span](i).
type Column struct {
	enc    Encoding
	starts []uint32 // of each row, and the end; nil: one value a row
	kinds  []byte   // of each value; nil: all are kind
	kind   event.Kind
	texts  []string // Plain: of each value; Dictionary: the different values
	ids    []uint32 // Dictionary
	nums   []int64  // Number
	rows   int
}

// Encoding returns how the column is stored.
func (c *Column) Encoding() Encoding { return c.enc }

// Rows returns the number of rows of the group, also those without a value.
func (c *Column) Rows() int { return c.rows }

// Len returns the number of values of all rows.
func (c *Column) Len() int {
	switch c.enc {
	case Dictionary:
		return len(c.ids)
	case Number:
		return len(c.nums)
	default:
		return len(c.texts)
	}
}

// Span returns the values [from, to) of a row; none when from equals to.
func (c *Column) Span(row int) (from, to int) {
	if c.starts == nil {
		return row, row + 1
	}
	return int(c.starts[row]), int(c.starts[row+1])
}

// Single reports whether every row has exactly one value, so that value i is that
// of row i.
func (c *Column) Single() bool { return c.starts == nil }

// Text returns value k. It does not allocate unless Encoding is Number.
func (c *Column) Text(k int) string { return "" }

// Value returns the first value of a row and whether there is one.
func (c *Column) Value(row int) (string, bool) {
	from, to := c.Span(row)
	if from == to {
		return "", false
	}
	return c.Text(from), true
}

// Kind returns how value k is to be read.
func (c *Column) Kind(k int) event.Kind {
	if c.kinds == nil {
		return c.kind
	}
	return event.Kind(c.kinds[k])
}

// Dict returns the different values, where Encoding is Dictionary; else nil. A
// test of each of them and a look at [Column.ID] answers for all rows. The caller
// must not change it.
func (c *Column) Dict() []string {
	if c.enc != Dictionary {
		return nil
	}
	return c.texts
}

// ID returns which of [Column.Dict] value k is. Encoding must be Dictionary.
func (c *Column) ID(k int) int { return int(c.ids[k]) }

// Int returns value k as a number. Encoding must be Number.
func (c *Column) Int(k int) int64 { return c.nums[k] }
