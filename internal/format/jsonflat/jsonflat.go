// Package jsonflat reads one JSON object as a flat list of named values: nested
// objects joined with dots, lists as the same name several times, numbers digit
// for digit.
//
// It reads everything that RFC 8259 allows, and control characters inside
// strings, which real senders write.
package jsonflat

import (
	"strings"
	"unicode/utf8"
)

// Kind says what a value is in JSON.
type Kind uint8

// The kinds of a value.
const (
	String Kind = iota
	Number      // Value has the digits as they stand
	Bool        // Value is "true" or "false"
	Null        // null, an empty list or an empty object; Value is empty
)

// maxName bounds the joined names, in bytes. What would have a longer name is left
// out: it is found by its words.
const maxName = 1024

// maxKnown bounds the names that a reader remembers, so that joining them costs
// nothing the next time.
const maxKnown = 4096

// Reader flattens objects. It is used by one goroutine at a time.
type Reader struct {
	Depth  int // objects and lists inside one another; deeper ones are one String with their JSON text
	Fields int // values of one object that are handed over; the rest is left out
	// Emit takes one value, in the order of the text. The strings are parts of the
	// text where it holds them unescaped, else their own.
	Emit func(name, value string, kind Kind)

	text  string
	i     int
	depth int
	left  int
	path  []byte
	known map[string]string
}

// Read flattens text, which must be UTF-8 and may have white space around the
// object. It reports whether text is one JSON object and nothing else; when it is
// not, some values may have been emitted already.
func (r *Reader) Read(text string) bool {
	if r.known == nil {
		r.known = make(map[string]string)
	}
	r.text, r.i, r.depth, r.left, r.path = text, 0, 0, r.Fields, r.path[:0]
	defer func() { r.text = "" }()
	r.space()
	if r.peek() != '{' || !r.object() {
		return false
	}
	r.space()
	return r.i == len(text)
}

func (r *Reader) peek() byte {
	if r.i < len(r.text) {
		return r.text[r.i]
	}
	return 0
}

func (r *Reader) space() {
	for r.i < len(r.text) {
		switch r.text[r.i] {
		case ' ', '\t', '\r', '\n':
			r.i++
		default:
			return
		}
	}
}

// object reads an object whose members stand below the present path.
func (r *Reader) object() bool {
	r.i++ // {
	r.depth++
	defer func() { r.depth-- }()
	r.space()
	if r.peek() == '}' {
		r.i++
		if r.depth > 1 {
			r.emit(r.name(), "", Null)
		}
		return true
	}
	for {
		r.space()
		key, ok := r.str()
		if !ok {
			return false
		}
		r.space()
		if r.peek() != ':' {
			return false
		}
		r.i++
		if !r.member(key) {
			return false
		}
		r.space()
		switch r.peek() {
		case ',':
			r.i++
		case '}':
			r.i++
			return true
		default:
			return false
		}
	}
}

// member reads the value of a key.
func (r *Reader) member(key string) bool {
	was := len(r.path)
	if was+len(key)+1 > maxName {
		return r.skip()
	}
	if was > 0 {
		r.path = append(r.path, '.')
	}
	r.path = append(r.path, key...)
	name := key
	if r.depth > 1 {
		name = "" // joined when it is needed
	}
	ok := r.value(name)
	r.path = r.path[:was]
	return ok
}

// value reads any value and emits it under name, or under the path when name is
// empty.
func (r *Reader) value(name string) bool {
	r.space()
	switch b := r.peek(); {
	case b == '"':
		s, ok := r.str()
		if ok {
			r.emit(r.or(name), s, String)
		}
		return ok
	case b == '{' || b == '[':
		return r.nested(b, name)
	case b == '-' || b >= '0' && b <= '9':
		s, ok := r.number()
		if ok {
			r.emit(r.or(name), s, Number)
		}
		return ok
	case r.word("true"):
		r.emit(r.or(name), "true", Bool)
	case r.word("false"):
		r.emit(r.or(name), "false", Bool)
	case r.word("null"):
		r.emit(r.or(name), "", Null)
	default:
		return false
	}
	return true
}

// nested reads an object or a list, or takes its text when it is too deep.
func (r *Reader) nested(open byte, name string) bool {
	switch {
	case r.depth >= r.Depth:
		from := r.i
		if !r.skip() {
			return false
		}
		r.emit(r.or(name), r.text[from:r.i], String)
		return true
	case open == '{':
		return r.object()
	default:
		return r.list(name)
	}
}

// list reads a list; its elements have the name of the list.
func (r *Reader) list(name string) bool {
	r.i++ // [
	r.depth++
	defer func() { r.depth-- }()
	r.space()
	if r.peek() == ']' {
		r.i++
		r.emit(r.or(name), "", Null)
		return true
	}
	for {
		if !r.value(name) {
			return false
		}
		r.space()
		switch r.peek() {
		case ',':
			r.i++
		case ']':
			r.i++
			return true
		default:
			return false
		}
	}
}

func (r *Reader) emit(name, value string, kind Kind) {
	if r.left <= 0 {
		return
	}
	r.left--
	r.Emit(name, value, kind)
}

func (r *Reader) or(name string) string {
	if name != "" {
		return name
	}
	return r.name()
}

// name is the path as a string, remembered from earlier objects.
func (r *Reader) name() string {
	if s, ok := r.known[string(r.path)]; ok {
		return s
	}
	s := string(r.path)
	if len(s) <= 128 && len(r.known) < maxKnown {
		r.known[s] = s
	}
	return s
}

func (r *Reader) word(w string) bool {
	if strings.HasPrefix(r.text[r.i:], w) {
		r.i += len(w)
		return true
	}
	return false
}

func (r *Reader) digits() bool {
	from := r.i
	for r.i < len(r.text) && r.text[r.i] >= '0' && r.text[r.i] <= '9' {
		r.i++
	}
	return r.i > from
}

func (r *Reader) number() (string, bool) {
	from := r.i
	if r.peek() == '-' {
		r.i++
	}
	if r.peek() == '0' {
		r.i++
	} else if !r.digits() {
		return "", false
	}
	if r.peek() == '.' {
		r.i++
		if !r.digits() {
			return "", false
		}
	}
	if b := r.peek(); b == 'e' || b == 'E' {
		r.i++
		if b := r.peek(); b == '+' || b == '-' {
			r.i++
		}
		if !r.digits() {
			return "", false
		}
	}
	return r.text[from:r.i], true
}

// str reads a string. Without escapes it is a part of the text.
func (r *Reader) str() (string, bool) {
	if r.peek() != '"' {
		return "", false
	}
	from := r.i + 1
	end := strings.IndexByte(r.text[from:], '"')
	if end < 0 {
		return "", false
	}
	if esc := strings.IndexByte(r.text[from:from+end], '\\'); esc >= 0 {
		return r.escaped(from, from+esc)
	}
	r.i = from + end + 1
	return r.text[from : from+end], true
}

// escaped reads the string that starts at from and has its first escape at esc.
func (r *Reader) escaped(from, esc int) (string, bool) {
	var b strings.Builder
	b.WriteString(r.text[from:esc])
	i := esc
	for i < len(r.text) {
		switch c := r.text[i]; c {
		case '"':
			r.i = i + 1
			return b.String(), true
		case '\\':
			n, ok := unescape(&b, r.text[i:])
			if !ok {
				return "", false
			}
			i += n
		default:
			next := strings.IndexAny(r.text[i:], `"\`)
			if next < 0 {
				return "", false
			}
			b.WriteString(r.text[i : i+next])
			i += next
		}
	}
	return "", false
}

// unescape writes what the escape at the start of s means and returns its length.
func unescape(b *strings.Builder, s string) (int, bool) {
	if len(s) < 2 {
		return 0, false
	}
	switch s[1] {
	case '"', '\\', '/':
		b.WriteByte(s[1])
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'u':
		return unicodeEscape(b, s)
	default:
		return 0, false
	}
	return 2, true
}

// unicodeEscape reads \uXXXX, or two of them for a rune outside the basic plane;
// half of such a pair becomes U+FFFD.
func unicodeEscape(b *strings.Builder, s string) (int, bool) {
	v, ok := hex4(s)
	if !ok {
		return 0, false
	}
	if v >= 0xd800 && v < 0xdc00 && len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		if low, ok := hex4(s[6:]); ok && low >= 0xdc00 && low < 0xe000 {
			b.WriteRune((v-0xd800)<<10 + (low - 0xdc00) + 0x10000)
			return 12, true
		}
	}
	if v >= 0xd800 && v < 0xe000 {
		v = utf8.RuneError
	}
	b.WriteRune(v)
	return 6, true
}

func hex4(s string) (rune, bool) {
	if len(s) < 6 {
		return 0, false
	}
	var v rune
	for _, c := range []byte(s[2:6]) {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			v = v<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return v, true
}
