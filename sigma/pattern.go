package sigma

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokLiteral tokenKind = iota
	tokOne               // ? : exactly one character
	tokMany              // * : any text, empty too
	tokDash              // a dash that windash set free: one of dashes
)

// token is a piece of a Sigma string.
type token struct {
	kind tokenKind
	text string // literals only; bytes, not always UTF-8 (utf16 modifiers)
}

// dashes are what windash treats as the same sign.
const dashes = "-/–—―"

// parseString reads the wildcards and escapes of a Sigma string: a backslash
// before a wildcard or a backslash makes it plain, any other stands for itself.
func parseString(s string) []token {
	var out []token
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			out = append(out, token{text: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\':
			if i+1 < len(s) && strings.IndexByte(`*?\`, s[i+1]) >= 0 {
				i++
			}
			lit.WriteByte(s[i])
		case '*':
			flush()
			if len(out) == 0 || out[len(out)-1].kind != tokMany {
				out = append(out, token{kind: tokMany})
			}
		case '?':
			flush()
			out = append(out, token{kind: tokOne})
		default:
			lit.WriteByte(c)
		}
	}
	flush()
	return out
}

// fold maps text to a form that is equal for texts that differ in case only. It
// folds character by character (simple folding) and keeps invalid bytes.
func fold(s string) string {
	ascii, lower := true, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
		if c >= 'A' && c <= 'Z' {
			lower = false
		}
	}
	if ascii {
		if lower {
			return s
		}
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b.WriteByte(s[i])
		} else {
			b.WriteRune(foldRune(r))
		}
		i += n
	}
	return b.String()
}

// foldRune picks one member of the characters that differ in case only.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least >= 'A' && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

// pattern is a compiled Sigma string. Without cased it is folded and expects
// folded text.
type pattern struct {
	cased      bool
	open, tail bool // begins, ends with *
	segments   [][]token
	only       string // the whole literal when there is one segment of one literal
	simple     bool
	need       string // longest literal; text without it cannot match
}

func compilePattern(toks []token, cased bool) *pattern { //nolint:cyclop // a list of cases reads best in one place
	p := &pattern{cased: cased}
	var seg []token
	many := false
	for _, t := range toks {
		if t.kind == tokMany {
			if len(seg) > 0 {
				p.segments = append(p.segments, seg)
				seg = nil
			} else if len(p.segments) == 0 {
				p.open = true
			}
			many = true
			continue
		}
		if !cased {
			t.text = fold(t.text)
		}
		if n := len(seg); n > 0 && t.kind == tokLiteral && seg[n-1].kind == tokLiteral {
			seg[n-1].text += t.text
		} else {
			seg = append(seg, t)
		}
		many = false
	}
	if len(seg) > 0 {
		p.segments = append(p.segments, seg)
	}
	p.tail = many
	for _, seg := range p.segments {
		for _, t := range seg {
			if len(t.text) > len(p.need) {
				p.need = t.text
			}
		}
	}
	if len(p.segments) == 0 {
		p.simple = true
	} else if len(p.segments) == 1 && len(p.segments[0]) == 1 && p.segments[0][0].kind == tokLiteral {
		p.simple, p.only = true, p.segments[0][0].text
	}
	return p
}

// match reports whether the whole text fits. Text is folded unless the pattern
// is cased.
func (p *pattern) match(text string) bool {
	if p.simple {
		switch {
		case p.open && p.tail:
			return strings.Contains(text, p.only)
		case p.open:
			return strings.HasSuffix(text, p.only)
		case p.tail:
			return strings.HasPrefix(text, p.only)
		default:
			return text == p.only
		}
	}
	if !strings.Contains(text, p.need) {
		return false
	}
	return p.wild(text)
}

// wild matches segment by segment; the leftmost place of each middle segment is
// always the best one.
func (p *pattern) wild(text string) bool {
	segs := p.segments
	pos := 0
	if !p.open {
		n, ok := matchSegment(segs[0], text)
		if !ok {
			return false
		}
		pos, segs = n, segs[1:]
		if len(segs) == 0 {
			return p.tail || pos == len(text)
		}
	}
	last := len(segs)
	if !p.tail {
		last--
	}
	for _, seg := range segs[:last] {
		from, n, ok := findSegment(seg, text[pos:])
		if !ok {
			return false
		}
		pos += from + n
	}
	return p.tail || endsWith(segs[last], text, pos)
}

// matchSegment matches seg at the start of text and returns the bytes it took.
func matchSegment(seg []token, text string) (int, bool) {
	pos := 0
	for _, t := range seg {
		if t.kind == tokLiteral {
			if !strings.HasPrefix(text[pos:], t.text) {
				return 0, false
			}
			pos += len(t.text)
			continue
		}
		r, n := utf8.DecodeRuneInString(text[pos:])
		if n == 0 || (t.kind == tokDash && !strings.ContainsRune(dashes, r)) {
			return 0, false
		}
		pos += n
	}
	return pos, true
}

// findSegment finds the leftmost place of seg in text.
func findSegment(seg []token, text string) (from, n int, ok bool) {
	for from <= len(text) {
		if seg[0].kind == tokLiteral {
			i := strings.Index(text[from:], seg[0].text)
			if i < 0 {
				return 0, 0, false
			}
			from += i
		}
		if n, ok := matchSegment(seg, text[from:]); ok {
			return from, n, true
		}
		_, size := utf8.DecodeRuneInString(text[from:])
		if size == 0 {
			break
		}
		from += size
	}
	return 0, 0, false
}

// endsWith reports whether seg matches at the end of text, at or after from.
// A segment has a fixed number of characters, so its start is found by walking
// back over the text.
func endsWith(seg []token, text string, from int) bool {
	pos := len(text)
	for _, t := range slices.Backward(seg) {

		if t.kind == tokLiteral {
			if !strings.HasSuffix(text[:pos], t.text) {
				return false
			}
			pos -= len(t.text)
			continue
		}
		r, n := utf8.DecodeLastRuneInString(text[:pos])
		if n == 0 || (t.kind == tokDash && !strings.ContainsRune(dashes, r)) {
			return false
		}
		pos -= n
	}
	return pos >= from
}
