package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

func utf16(data []byte) ([]byte, error) {
	out, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
	if err != nil || len(data)%2 != 0 || bytes.ContainsRune(out, utf8.RuneError) {
		return nil, fmt.Errorf("%w: the text is not UTF-16", ErrFormat)
	}
	return out, nil
}

func readCSV(data []byte, b *builder) error {
	text, err := decode(data)
	if err != nil {
		return err
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return fmt.Errorf("%w: there are NUL characters", ErrFormat)
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = separator(text)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	for number := 1; ; number++ {
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			if bad, ok := errors.AsType[*csv.ParseError](err); ok {
				return fmt.Errorf("%w: line %d, byte %d: quotes do not match", ErrFormat, bad.Line, bad.Column)
			}
			return fmt.Errorf("%w: the text ends early", ErrFormat)
		}
		if err := b.add(number, cells); err != nil {
			return err
		}
	}
}

// separator returns the likeliest separator: the most frequent of the three in
// the first line.
func separator(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, c := range ";\t" {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

// Write writes the rows as CSV in UTF-8 with a byte order mark, without which
// spreadsheet programs misread Chinese, and with every cell made [Safe].
func Write(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	c := csv.NewWriter(w)
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = Safe(cell)
		}
		if err := c.Write(safe); err != nil {
			return fmt.Errorf("write csv: %w", err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}
