package plan

import (
	"bytes"
	"net/netip"
	"unicode/utf8"

	"github.com/fengsui/fengsui/internal/flow/index/token"
)

// folder folds texts for comparison without regard to case. It keeps the last
// one, because several filters look at the same text.
type folder struct {
	last string
	buf  []byte
	full bool
}

// fold returns the folded text, valid until the next call.
func (f *folder) fold(text string) []byte {
	if f.full && f.last == text {
		return f.buf
	}
	buf := f.buf[:0]
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf { // fast path
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			buf = append(buf, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if r >= 0x3400 && r <= 0x9fff {
			buf = append(buf, text[i:i+n]...) // fast path: Han text has no case
		} else {
			buf = append(buf, token.Fold(text[i:i+n])...)
		}
		i += n
	}
	f.buf, f.last, f.full = buf, text, true
	return buf
}

// phrase is a text to be found, folded.
type phrase struct {
	text        []byte
	left, right bool // must not go on as a word at that end
}

// newPhrase makes ends that are part of a word stop where the word stops. At an
// end that is Han or punctuation anything may follow.
func newPhrase(text string, left, right bool) phrase {
	p := phrase{text: []byte(token.Fold(text))}
	first, _ := utf8.DecodeRune(p.text)
	last, _ := utf8.DecodeLastRune(p.text)
	p.left, p.right = left && token.WordRune(first), right && token.WordRune(last)
	return p
}

// in reports whether the phrase stands in the folded text.
func (p *phrase) in(text []byte) bool {
	for from := 0; ; {
		i := bytes.Index(text[from:], p.text)
		if i < 0 {
			return false
		}
		i += from
		if p.stands(text, i) {
			return true
		}
		_, n := utf8.DecodeRune(text[i:])
		from = i + n
	}
}

func (p *phrase) stands(text []byte, at int) bool {
	if p.left && at > 0 {
		if r, _ := utf8.DecodeLastRune(text[:at]); token.WordRune(r) {
			return false
		}
	}
	if end := at + len(p.text); p.right && end < len(text) {
		if r, _ := utf8.DecodeRune(text[end:]); token.WordRune(r) {
			return false
		}
	}
	return true
}

// addressesIn calls fn for the IPv4 addresses in a text until it returns true:
// any four numbers of a dotted run of words.
func addressesIn(text string, fn func(netip.Addr) bool) bool {
	var quad [4]byte
	octets, end := 0, -1
	for i := 0; i < len(text); {
		c := text[i]
		if c < '0' || c > '9' {
			i = afterWord(text, i)
			continue
		}
		v, j, ok := octet(text, i)
		if !ok {
			octets, i = 0, j
			continue
		}
		if octets == 0 || i != end+1 || text[end] != '.' {
			octets = 0
		}
		quad = [4]byte{quad[1], quad[2], quad[3], v}
		end, i = j, j
		if octets++; octets >= 4 && fn(netip.AddrFrom4(quad)) {
			return true
		}
	}
	return false
}

// octet reads the word of digits at i as a number of an address, and returns where
// the word ends.
func octet(text string, i int) (v byte, end int, ok bool) {
	j, n := i, 0
	for j < len(text) && text[j] >= '0' && text[j] <= '9' {
		n = min(n*10+int(text[j]-'0'), 1000)
		j++
	}
	if end = afterDigits(text, j); end > j || n > 255 || text[i] == '0' && j > i+1 || j > i+3 {
		return 0, end, false
	}
	return byte(n), j, true
}

// afterDigits returns where the word that goes on at i ends.
func afterDigits(text string, i int) int {
	for i < len(text) {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !token.WordRune(r) {
			break
		}
		i += n
	}
	return i
}

// afterWord steps over the rune at i, and over the rest of the word it begins.
func afterWord(text string, i int) int {
	r, n := utf8.DecodeRuneInString(text[i:])
	if token.WordRune(r) {
		return afterDigits(text, i+n)
	}
	return i + n
}
