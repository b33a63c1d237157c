package normdoc

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	xunicode "golang.org/x/text/encoding/unicode"
)

// line is one line of the input.
type line struct {
	text   string // trimmed; white space inside stays until it is cleaned
	no     int    // from 1
	indent bool   // begins with white space
	blank  bool   // an empty line stands before it
	joined bool   // ends in what was the next line
}

// read tells the form of data and returns its lines that hold text.
func (p *parser) read(data []byte) ([]line, error) {
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return p.readDOCX(data)
	}
	text := p.decode(data)
	if len(text) > p.o.MaxText {
		return nil, fmt.Errorf("%d bytes of text, at most %d: %w", len(text), p.o.MaxText, ErrLimit)
	}
	if isHTML(text) {
		return p.readHTML(text), nil
	}
	return splitLines(text), nil
}

// decode turns bytes into UTF-8: UTF-8, UTF-16 with a byte order mark, else
// GB18030. What is nothing in the set becomes U+FFFD and a warning.
func (p *parser) decode(data []byte) string {
	var dec *encoding.Decoder
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		dec = xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM).NewDecoder()
	case mostlyUTF8(data):
		text := strings.ToValidUTF8(strings.TrimPrefix(string(data), "\ufeff"), "\ufffd")
		p.replaced(text)
		return text
	default:
		dec = simplifiedchinese.GB18030.NewDecoder()
	}
	out, err := dec.Bytes(data)
	if err != nil { // a decoder replaces what it cannot read; it has no other error
		out = data
	}
	text := strings.ToValidUTF8(string(out), "\ufffd")
	p.replaced(text)
	return text
}

// mostlyUTF8 reports that data is UTF-8, or is UTF-8 but for a few damaged bytes:
// GB18030 text has a bad sequence for nearly every character.
func mostlyUTF8(data []byte) bool {
	if utf8.Valid(data) {
		return true
	}
	good, bad := 0, 0
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n >= 3:
			good++
		}
		data = data[n:]
	}
	return good > 20*bad
}

func (p *parser) replaced(text string) {
	no := 1
	for l := range strings.Lines(text) {
		if n := strings.Count(l, "\ufffd"); n > 0 {
			p.warn(no, "charset", "", "%d places are no text in this character set", n)
		}
		no++
	}
}

// splitLines cuts text at line ends and form feeds and leaves out empty lines.
func splitLines(text string) []line {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var out []line
	blank := false
	no := 0
	for raw := range strings.SplitSeq(text, "\n") {
		no++
		for l := range strings.FieldsFuncSeq(raw, func(r rune) bool { return r == '\f' || r == '\v' || r == 0x85 || r == 0x2028 || r == 0x2029 }) {
			t := strings.TrimFunc(l, isSpace)
			if t == "" {
				blank = true
				continue
			}
			first, _ := utf8.DecodeRuneInString(l)
			out = append(out, line{text: t, no: no, indent: isSpace(first), blank: blank})
			blank = false
		}
		if strings.TrimFunc(raw, isSpace) == "" {
			blank = true
		}
	}
	return out
}

// isSpace reports white space as the format means it.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || r == 0x3000 || r == 0xfeff || r >= 0x200b && r <= 0x200d || r == 0x2060 || r == 0xad
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// squeeze leaves out all white space.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if isSpace(r) {
			return -1
		}
		return r
	}, s)
}

// tidy makes every run of white space one space.
func tidy(s string) string {
	return strings.Join(strings.FieldsFunc(s, isSpace), " ")
}

// title tidies a title: white space beside a Chinese character goes.
func tidyTitle(s string) string {
	words := strings.FieldsFunc(s, isSpace)
	var b strings.Builder
	for i, w := range words {
		if i > 0 && needsSpace(words[i-1], w) {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

// needsSpace reports that two pieces must not touch: both are Latin there.
func needsSpace(a, b string) bool {
	x, _ := utf8.DecodeLastRuneInString(a)
	y, _ := utf8.DecodeRuneInString(b)
	return isWord(x) && isWord(y)
}

func isWord(r rune) bool {
	return r < 0x2000 && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
