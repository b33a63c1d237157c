package query

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parser reads the text from left to right. After the first error it stands at
// the end.
type parser struct {
	text    string
	at      int
	depth   int
	filters int
	err     *Error
}

func (p *parser) end() bool { return p.at >= len(p.text) }

// peek returns the byte at the position, or 0 at the end.
func (p *parser) peek() byte {
	if p.end() {
		return 0
	}
	return p.text[p.at]
}

func (p *parser) space() {
	for !p.end() {
		r, n := utf8.DecodeRuneInString(p.text[p.at:])
		if !unicode.IsSpace(r) {
			return
		}
		p.at += n
	}
}

// take steps over c when it stands there.
func (p *parser) take(c byte) bool {
	if !p.end() && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// deeper guards against queries that would exhaust the stack.
func (p *parser) deeper() bool {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.at, "nested more than %d deep", maxDepth)
		return false
	}
	return true
}

// ahead reports whether the word stands at the position, as a word of its own and
// not as the name of a field. Case does not matter.
func (p *parser) ahead(word string) bool {
	to := p.at + len(word)
	if to > len(p.text) || !strings.EqualFold(p.text[p.at:to], word) {
		return false
	}
	if to == len(p.text) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(p.text[to:])
	return r != ':' && r != '*' && !bare(r)
}

// keyword steps over the word when it stands there.
func (p *parser) keyword(word string) bool {
	p.space()
	if !p.ahead(word) {
		return false
	}
	p.at += len(word)
	return true
}

// bare reports whether r may stand in an unquoted word; a colon may where no name
// of a field is expected.
func bare(r rune) bool {
	return !unicode.IsSpace(r) && !strings.ContainsRune("()[]{},|\"'`*:", r)
}

// word reads an unquoted word, or nothing.
func (p *parser) word(colon bool) string {
	from := p.at
	for !p.end() {
		r, n := utf8.DecodeRuneInString(p.text[p.at:])
		if !bare(r) && (r != ':' || !colon) {
			break
		}
		p.at += n
	}
	return p.text[from:p.at]
}

func quote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// quoted reads a text in quotes.
func (p *parser) quoted() string {
	from, q := p.at, p.text[p.at]
	p.at++
	if q == '`' {
		n := strings.IndexByte(p.text[p.at:], '`')
		if n < 0 {
			p.fail(from, "the quote is not closed")
			return ""
		}
		out := p.text[p.at : p.at+n]
		p.at += n + 1
		return out
	}
	var out []byte
	for {
		rest := p.text[p.at:]
		switch {
		case rest == "":
			p.fail(from, "the quote is not closed")
			return ""
		case rest[0] == q:
			p.at++
			return string(out)
		}
		r, multi, tail, err := strconv.UnquoteChar(rest, q)
		if err != nil {
			p.fail(p.at, "not an escape: use \\\\, \\%c, \\n, \\t, \\x41 or \\u4e2d", q)
			return ""
		}
		if r < utf8.RuneSelf || !multi {
			out = append(out, byte(r)) //nolint:gosec // a byte by UnquoteChar's contract
		} else {
			out = utf8.AppendRune(out, r)
		}
		p.at += len(rest) - len(tail)
	}
}
