// Package sheet reads a table of texts from a CSV or XLSX file that somebody
// uploads, and writes one that a spreadsheet program can open without running
// anything.
//
// It does no I/O and knows nothing of what the cells mean.
package sheet

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
)

// The reasons why a file is not read. Every error of this package is one of them.
var (
	ErrFormat = errors.New("the file is neither CSV nor XLSX")
	ErrLarge  = errors.New("the file is beyond a limit")
	ErrEmpty  = errors.New("the file has no row of headers")
)

// Limits bound what is read. A zero field means its default.
type Limits struct {
	Bytes    int // of the file; default 8 MiB
	Unpacked int // bytes of all parts of an XLSX; default 64 MiB
	Ratio    int // unpacked bytes for each packed byte of a part beyond 1 MiB; default 200
	Parts    int // files inside an XLSX; default 500
	Rows     int // with the headers; default 20,001
	Columns  int // default 100
	Cell     int // characters of a cell; default 2,000
}

func (l Limits) filled() Limits {
	l.Bytes = cmp.Or(l.Bytes, 8<<20)
	l.Unpacked = cmp.Or(l.Unpacked, 64<<20)
	l.Ratio = cmp.Or(l.Ratio, 200)
	l.Parts = cmp.Or(l.Parts, 500)
	l.Rows = cmp.Or(l.Rows, 20_001)
	l.Columns = cmp.Or(l.Columns, 100)
	l.Cell = cmp.Or(l.Cell, 2_000)
	return l
}

// Row is one row below the headers.
type Row struct {
	Number int      // as the spreadsheet counts: the first row of the file is 1
	Cells  []string // as many as there are headers
}

// Table is what a file holds. Cells are trimmed, in NFC, valid UTF-8, without
// control characters except line feeds. Rows without any text are left out.
type Table struct {
	Headers []string
	Rows    []Row
}

// Read reads a file. What it is, is told by its bytes: a ZIP archive is taken
// for XLSX, anything else for CSV with commas, semicolons or tabs, in UTF-8,
// UTF-16 with a byte order mark, or GB18030. Of an XLSX the first visible sheet
// is read, formulas as the values that were stored with them.
//
// It fails with [ErrFormat], [ErrLarge] or [ErrEmpty] only.
func Read(data []byte, l Limits) (Table, error) {
	l = l.filled()
	if len(data) > l.Bytes {
		return Table{}, fmt.Errorf("%w: more than %d bytes", ErrLarge, l.Bytes)
	}
	b := &builder{limits: l}
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		err = readXLSX(data, b)
	case bytes.HasPrefix(data, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		err = fmt.Errorf("%w: an old or encrypted workbook; save it as XLSX without a password", ErrFormat)
	default:
		err = readCSV(data, b)
	}
	if err != nil {
		return Table{}, err
	}
	if b.table.Headers == nil {
		return Table{}, ErrEmpty
	}
	return b.table, nil
}

// builder takes rows as they are read and holds them to the limits.
type builder struct {
	limits Limits
	table  Table
	last   int // number of the newest row
}

func (b *builder) add(number int, cells []string) error {
	b.last = number
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	switch {
	case number > b.limits.Rows:
		return fmt.Errorf("%w: more than %d rows", ErrLarge, b.limits.Rows)
	case len(cells) > b.limits.Columns:
		return fmt.Errorf("%w: row %d has more than %d columns", ErrLarge, number, b.limits.Columns)
	case len(cells) == 0:
		return nil
	case b.table.Headers == nil:
		return b.headers(number, cells)
	case len(cells) > len(b.table.Headers):
		return fmt.Errorf("%w: row %d has cells without a header", ErrFormat, number)
	}
	row := Row{Number: number, Cells: make([]string, len(b.table.Headers))}
	for i, c := range cells {
		text, err := b.cell(number, i, c)
		if err != nil {
			return err
		}
		row.Cells[i] = text
	}
	b.table.Rows = append(b.table.Rows, row)
	return nil
}

func (b *builder) headers(number int, cells []string) error {
	out := make([]string, len(cells))
	for i, c := range cells {
		text, err := b.cell(number, i, c)
		if err != nil {
			return err
		}
		out[i] = text
	}
	b.table.Headers = out
	return nil
}

func (b *builder) cell(row, column int, text string) (string, error) {
	if len(text) > 4*b.limits.Cell { // without counting
		return "", fmt.Errorf("%w: row %d, column %d has more than %d characters", ErrLarge, row, column+1, b.limits.Cell)
	}
	text = plain(Raw(text))
	if utf8.RuneCountInString(text) > b.limits.Cell {
		return "", fmt.Errorf("%w: row %d, column %d has more than %d characters", ErrLarge, row, column+1, b.limits.Cell)
	}
	return text, nil
}

// plain makes a cell what [Table] promises.
func plain(text string) string {
	text = norm.NFC.String(strings.ToValidUTF8(text, "\ufffd"))
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\r':
			return ' '
		case r != '\n' && unicode.IsControl(r):
			return -1
		default:
			return r
		}
	}, text)
	return strings.TrimSpace(norm.NFC.String(text)) // what stood on both sides of a control character may now join
}

// decode returns the text of a CSV file in UTF-8.
func decode(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xef, 0xbb, 0xbf}):
		return data[3:], nil
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return utf16(data)
	case utf8.Valid(data):
		return data, nil
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return nil, fmt.Errorf("%w: the text is neither UTF-8 nor GB18030", ErrFormat)
	}
	return out, nil
}

// Safe returns a cell that no spreadsheet program takes for a formula: an
// apostrophe stands before a text that begins like one. [Raw] takes it away.
func Safe(text string) string {
	if formula(text) || (strings.HasPrefix(text, "'") && formula(strings.TrimLeft(text, "'"))) {
		return "'" + text
	}
	return text
}

// Raw returns the text that [Safe] was given.
func Raw(text string) string {
	if rest, ok := strings.CutPrefix(text, "'"); ok && formula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return text
}

// formula reports whether a spreadsheet program may calculate the text. Signs
// of full width are read as the usual ones by some, and space before is skipped.
func formula(text string) bool {
	text = strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	r, _ := utf8.DecodeRuneInString(text)
	return strings.ContainsRune("=+-@＝＋－＠|%", r)
}
