package sidecar

import (
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"github.com/fengsui/fengsui/internal/event"
)

// Encoding says how a column is stored, and so which questions are cheap.
type Encoding uint8

// The encodings.
const (
	Plain      Encoding = iota // each value as it is
	Dictionary                 // each different value once
	Number                     // whole decimal numbers that an int64 holds, in their shortest form
)

// Column is one decoded column of a group. A row has no value, one, or several in
// the order of the record. Values count from 0 over all rows; [Column.Span] says
// which are those of a row.
type Column struct {
	enc    Encoding
	starts []uint32 // of each row, and the end; nil: one value a row, unless sparse
	sparse bool     // of says where the values are
	of     []uint32 // sparse: the row of each value, ascending
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

// fewValues reports whether a column of a group of so many rows is kept sparse.
func fewValues(values, rows int) bool { return values < rows/8 }

// Sparse reports whether few rows have a value, so that [Column.All] is cheaper
// than a [Column.Span] of every row.
func (c *Column) Sparse() bool { return c.sparse }

// All gives every value and its row, both ascending.
func (c *Column) All() iter.Seq2[int, int] {
	return func(yield func(k, row int) bool) {
		if c.sparse {
			for k, row := range c.of {
				if !yield(k, int(row)) {
					return
				}
			}
			return
		}
		for row := range c.rows {
			for k, to := c.Span(row); k < to; k++ {
				if !yield(k, row) {
					return
				}
			}
		}
	}
}

// Span returns the values [from, to) of a row; none when from equals to. Where the
// column is sparse it searches for them.
func (c *Column) Span(row int) (from, to int) {
	if c.sparse {
		from, _ = slices.BinarySearch(c.of, uint32(row)) //nolint:gosec // at most MaxRows
		for to = from; to < len(c.of) && int(c.of[to]) == row; to++ {
		}
		return from, to
	}
	if c.starts == nil {
		return row, row + 1
	}
	return int(c.starts[row]), int(c.starts[row+1])
}

// Single reports whether every row has exactly one value, so that value i is that
// of row i.
func (c *Column) Single() bool { return c.starts == nil && !c.sparse }

// Text returns value k. It does not allocate unless Encoding is Number.
func (c *Column) Text(k int) string {
	switch c.enc {
	case Dictionary:
		return c.texts[c.ids[k]]
	case Number:
		return strconv.FormatInt(c.nums[k], 10)
	default:
		return c.texts[k]
	}
}

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

// cost is the memory held, in bytes.
func (c *Column) cost() int64 {
	n := 192 + 4*len(c.starts) + 4*len(c.of) + len(c.kinds) + 16*len(c.texts) + 4*len(c.ids) + 8*len(c.nums)
	for _, t := range c.texts {
		n += len(t)
	}
	return int64(n)
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
}

// decodeColumn reads what encodeColumn wrote. raw is not kept.
func decodeColumn(raw []byte, head *columnHead, rows int) (*Column, error) {
	d := decoder{b: raw}
	c := &Column{enc: head.enc, rows: rows}
	flags := d.byte()
	c.kind = event.Kind(d.byte())
	switch {
	case flags&flagSingle == 0 && fewValues(head.values, rows):
		c.sparse, c.of = true, d.rowsOf(rows, head.values)
	case flags&flagSingle == 0:
		c.starts = d.starts(rows, head.values)
	case head.values != rows:
		d.fail("values of rows")
	}
	if flags&flagMixed != 0 {
		c.kinds = append([]byte(nil), d.take(head.values)...)
	}
	switch c.enc {
	case Plain:
		c.texts = d.texts(head.values)
	case Dictionary:
		c.texts = d.texts(head.distinct)
		c.ids = d.ids(head.values, head.distinct)
	case Number:
		c.nums = d.numbers(head.values)
	default:
		d.fail("encoding")
	}
	if d.err == nil && len(d.b) > 0 {
		d.fail("end")
	}
	if d.err != nil {
		return nil, damaged("column %q: %s", head.name, d.err)
	}
	return c, nil
}

// decoder reads from b. After the first thing that does not fit, err is set and
// everything it returns is zero.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("bad %s", what)
	}
	d.b = nil
}

func (d *decoder) take(n int) []byte {
	if n < 0 || n > len(d.b) {
		d.fail("length")
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail("number")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail("number")
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count reads a number of at most limit.
func (d *decoder) count(limit int) int {
	v := d.uvarint()
	if v > uint64(max(0, limit)) {
		d.fail("count")
		return 0
	}
	return int(v) //nolint:gosec // checked
}

func (d *decoder) text() string { return string(d.take(d.count(len(d.b)))) }

func (d *decoder) starts(rows, values int) []uint32 {
	if rows > len(d.b) {
		d.fail("rows")
		return nil
	}
	out := make([]uint32, rows+1)
	sum := 0
	for i := range rows {
		sum += d.count(values - sum)
		out[i+1] = uint32(sum) //nolint:gosec // at most values
	}
	if sum != values {
		d.fail("values of rows")
	}
	return out
}

// rowsOf reads what starts does, and returns the row of each value.
func (d *decoder) rowsOf(rows, values int) []uint32 {
	if rows > len(d.b) || values < 0 {
		d.fail("rows")
		return nil
	}
	out := make([]uint32, 0, values)
	for row := range rows {
		if len(d.b) > 0 && d.b[0] == 0 {
			d.b = d.b[1:] // fast path: most rows have none
			continue
		}
		for range d.count(values - len(out)) {
			out = append(out, uint32(row))
		}
	}
	if len(out) != values {
		d.fail("values of rows")
	}
	return out
}

// texts cuts n strings out of one.
func (d *decoder) texts(n int) []string {
	if n < 0 || n > len(d.b) {
		d.fail("number of texts")
		return nil
	}
	out := make([]string, n)
	ends := make([]int, n)
	sum := 0
	for i := range ends {
		sum += d.count(len(d.b) - sum)
		ends[i] = sum
	}
	all := string(d.take(sum))
	if d.err != nil {
		return nil
	}
	from := 0
	for i, to := range ends {
		out[i] = all[from:to]
		from = to
	}
	return out
}

func (d *decoder) ids(n, distinct int) []uint32 {
	width := idBytes(distinct)
	if n < 0 || n > len(d.b)/width {
		d.fail("number of ids")
		return nil
	}
	out := make([]uint32, n)
	b := d.take(n * width)
	for i := range out {
		switch width {
		case 1:
			out[i] = uint32(b[i])
		case 2:
			out[i] = uint32(binary.LittleEndian.Uint16(b[2*i:]))
		case 4:
			out[i] = binary.LittleEndian.Uint32(b[4*i:])
		}
		if int(out[i]) >= distinct {
			d.fail("id")
			return nil
		}
	}
	return out
}

func (d *decoder) numbers(n int) []int64 {
	if n < 0 || n > len(d.b) {
		d.fail("number of numbers")
		return nil
	}
	if n == 0 {
		return nil
	}
	unit := int64(d.uvarint()) //nolint:gosec // a wrong unit gives wrong numbers, not a crash
	out := make([]int64, n)
	out[0] = d.varint()
	for i := 1; i < n; i++ {
		out[i] = out[i-1] + d.varint()*unit
	}
	return out
}
