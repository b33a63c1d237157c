package normdoc

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readDOCX returns the paragraphs of a DOCX; the number of a line is that of its
// paragraph, empty ones counted.
func (p *parser) readDOCX(data []byte) ([]line, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDOCX, err)
	}
	if len(z.File) > p.o.MaxEntries {
		return nil, fmt.Errorf("%d files in the archive, at most %d: %w", len(z.File), p.o.MaxEntries, ErrLimit)
	}
	body, err := p.part(z, "word/document.xml")
	if err != nil {
		return nil, err
	}
	if body == nil {
		return nil, fmt.Errorf("%w: no word/document.xml", ErrDOCX)
	}
	numbering, err := p.part(z, "word/numbering.xml")
	if err != nil {
		return nil, err
	}
	r := &docxReader{p: p, numbers: &numberings{}}
	if numbering != nil {
		if err := r.numbers.read(numbering, p.o.MaxDepth); err != nil {
			return nil, err
		}
	}
	if err := r.read(body); err != nil {
		return nil, err
	}
	for _, name := range []string{"word/footnotes.xml", "word/endnotes.xml"} {
		if err := r.footnotes(z, name); err != nil {
			return nil, err
		}
	}
	return r.out, nil
}

// part returns the unpacked part, or nil when there is none.
func (p *parser) part(z *zip.Reader, name string) ([]byte, error) {
	for _, f := range z.File {
		if f.Name != name {
			continue
		}
		limit := p.o.MaxText
		if packed := f.CompressedSize64; packed < uint64(limit/p.o.MaxRatio) { //nolint:gosec // both are positive: check fills them
			limit = int(packed)*p.o.MaxRatio + 4096 //nolint:gosec // below limit
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrDOCX, name, err)
		}
		data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
		_ = r.Close() // read only
		switch {
		case len(data) > limit:
			return nil, fmt.Errorf("%s unpacks to more than %d bytes: %w", name, limit, ErrLimit)
		case err != nil:
			return nil, fmt.Errorf("%w: %s: %w", ErrDOCX, name, err)
		}
		return data, nil
	}
	return nil, nil //nolint:nilnil // no such part is no error
}

// docxReader gathers paragraphs.
type docxReader struct {
	p       *parser
	numbers *numberings
	out     []line
	buf     strings.Builder
	deleted strings.Builder
	no      int
	list    listRef
	indent  bool
	blank   bool
	path    []string // local names of the open elements
	props   int      // open properties, whose text is none
	skip    int      // open copies for older programs
}

// listRef is the list and level a paragraph is numbered by.
type listRef struct {
	id    string // "" or "0": none
	level int
}

// read walks the body token by token.
func (r *docxReader) read(body []byte) error {
	return walkXML(body, r.p.o.MaxDepth, r.open, r.close, r.text)
}

func (r *docxReader) open(e xml.StartElement) {
	name := e.Name.Local
	r.path = append(r.path, name)
	switch name {
	case "Fallback":
		r.skip++
	case "pPr":
		r.props++
	case "p":
		r.flush()
		r.no++
	case "numId":
		r.list.id = attr(e, "val")
	case "ilvl":
		r.list.level = levelOf(attr(e, "val"))
	case "ind":
		first := attr(e, "firstLine") + attr(e, "firstLineChars")
		r.indent = strings.Trim(first, "0") != ""
	case "tab":
		if r.props == 0 && r.skip == 0 {
			r.buf.WriteByte(' ')
		}
	case "br", "cr":
		if r.skip == 0 {
			r.buf.WriteByte('\n')
		}
	case "noBreakHyphen":
		if r.skip == 0 {
			r.buf.WriteByte('-')
		}
	}
}

func (r *docxReader) close(name string) {
	r.path = r.path[:len(r.path)-1]
	switch name {
	case "Fallback":
		r.skip--
	case "pPr":
		r.props--
	case "p":
		r.flush()
	}
}

func (r *docxReader) text(s string) {
	if r.skip > 0 || len(r.path) == 0 {
		return
	}
	switch r.path[len(r.path)-1] {
	case "t":
		r.buf.WriteString(strings.ToValidUTF8(s, "\ufffd"))
	case "delText":
		r.deleted.WriteString(s)
	}
}

// flush ends the paragraph.
func (r *docxReader) flush() {
	if d := tidy(r.deleted.String()); d != "" {
		r.p.warn(r.no, "skipped", d, "deleted text of a tracked change")
	}
	r.deleted.Reset()
	text := r.buf.String()
	r.buf.Reset()
	list, indent := r.list, r.indent
	r.list, r.indent = listRef{}, false
	if strings.TrimFunc(text, isSpace) == "" {
		r.blank = true
		return
	}
	if number := r.numbers.next(list); number != "" {
		text = number + " " + text
	}
	for _, l := range splitLines(text) {
		l.no, l.indent, l.blank = r.no, l.indent || indent, r.blank
		r.out = append(r.out, l)
		r.blank = false
	}
}

// footnotes names the notes below the text in warnings: they are none of it.
func (r *docxReader) footnotes(z *zip.Reader, name string) error {
	data, err := r.p.part(z, name)
	if err != nil || data == nil {
		return err
	}
	notes := &docxReader{p: r.p, numbers: &numberings{}}
	if err := notes.read(data); err != nil {
		return err
	}
	for _, l := range notes.out {
		r.p.warn(r.no, "skipped", tidy(l.text), "a note below the text")
	}
	return nil
}

// walkXML calls back for every element and text. Errors are [ErrDOCX] and
// [ErrLimit].
func walkXML(data []byte, depth int, open func(xml.StartElement), shut, text func(string)) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("only UTF-8 is read") }
	at := 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDOCX, err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if at++; at > depth {
				return fmt.Errorf("XML nests deeper than %d: %w", depth, ErrLimit)
			}
			open(t)
		case xml.EndElement:
			at--
			shut(t.Name.Local)
		case xml.CharData:
			text(string(t))
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
