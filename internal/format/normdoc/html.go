package normdoc

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var htmlTag = regexp.MustCompile(`(?i)<(?:!doctype|html|head|body|div|p|br|table|span|h[1-6]|meta)[\s/>]`)

func isHTML(text string) bool {
	head := strings.TrimLeftFunc(text, isSpace)
	if !strings.HasPrefix(head, "<") {
		return false
	}
	if len(head) > 4096 {
		head = head[:4096]
	}
	return htmlTag.MatchString(head)
}

// htmlReader gathers the text of the blocks.
type htmlReader struct {
	p     *parser
	out   []line
	buf   strings.Builder
	start int // line the block began on; 0: it is empty
	no    int
	skip  atom.Atom // element whose text is none of the document; 0: none
	pre   bool
}

// readHTML reads text by tokens, so that nesting costs nothing. Blocks and <br>
// end a line; lines are those of the source.
func (p *parser) readHTML(text string) []line {
	r := &htmlReader{p: p, no: 1}
	z := html.NewTokenizer(strings.NewReader(text))
	z.SetMaxBuf(0) // bounded by MaxText already
	for {
		kind := z.Next()
		raw := z.Raw()
		lines := strings.Count(string(raw), "\n")
		switch kind {
		case html.ErrorToken:
			// The only error is the end; what stands there unread is the rest of a tag.
			if rest := tidy(string(raw)); rest != "" {
				p.warn(r.no, "skipped", rest, "a tag that does not end")
			}
			r.end()
			return r.out
		case html.TextToken:
			r.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			r.tag(atom.Lookup(name), kind == html.StartTagToken)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.close(atom.Lookup(name))
		case html.CommentToken, html.DoctypeToken: // no text
		}
		r.no += lines
	}
}

func (r *htmlReader) text(s string) {
	switch r.skip {
	case 0:
	case atom.Title:
		if t := tidy(s); t != "" {
			r.p.warn(r.no, "skipped", t, "title of the page")
		}
		return
	default:
		return
	}
	if r.pre {
		for i, l := range strings.Split(s, "\n") {
			if i > 0 {
				r.end()
			}
			r.add(l, r.no+i)
		}
		return
	}
	// A line end of the source is white space; between Chinese characters none.
	at := r.no
	for i, l := range strings.Split(s, "\n") {
		if i > 0 && needsSpace(r.buf.String(), strings.TrimLeftFunc(l, isSpace)) {
			r.buf.WriteByte(' ')
		}
		if i > 0 {
			l = strings.TrimLeftFunc(l, isSpace)
		}
		r.add(l, at+i)
	}
}

func (r *htmlReader) add(s string, no int) {
	if r.start == 0 && strings.TrimFunc(s, isSpace) != "" {
		r.start = no
	}
	r.buf.WriteString(s)
}

func (r *htmlReader) tag(a atom.Atom, opens bool) {
	switch a {
	case atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Template:
		if opens {
			r.skip = a
		}
	case atom.Pre:
		r.end()
		r.pre = opens
	case atom.Td, atom.Th:
		r.buf.WriteByte(' ')
	default:
		if isBlock(a) {
			r.end()
		}
	}
}

func (r *htmlReader) close(a atom.Atom) {
	switch {
	case r.skip != 0:
		if a == r.skip {
			r.skip = 0
		}
	case a == atom.Pre:
		r.end()
		r.pre = false
	case isBlock(a):
		r.end()
	}
}

// end closes the block and keeps it when it holds text.
func (r *htmlReader) end() {
	s := r.buf.String()
	r.buf.Reset()
	if r.start == 0 {
		return
	}
	for i, l := range splitLines(s) { // U+2028 and form feeds in it
		l.no = r.start
		l.blank = i == 0 && len(r.out) > 0
		r.out = append(r.out, l)
	}
	r.start = 0
}

func isBlock(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.Br, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Table, atom.Tr, atom.Tbody, atom.Thead,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Nav, atom.Aside,
		atom.Main, atom.Blockquote, atom.Hr, atom.Body, atom.Html, atom.Head, atom.Form, atom.Center, atom.Figure, atom.Figcaption,
		atom.Address, atom.Option, atom.Select, atom.Caption:
		return true
	default:
		return false
	}
}
