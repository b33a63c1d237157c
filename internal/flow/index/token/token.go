package token

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Token is the hash of one thing a group's filter is asked for.
type Token uint64

// What is hashed begins with what it is, so that a word and a value of the same
// letters are different tokens.
const (
	seedWord  uint64 = 0xcbf29ce484222325 // FNV-1a offset basis
	seedValue uint64 = seedWord ^ 0x5bd1e9955bd1e995
	seedHan   uint64 = seedWord ^ 0x9e3779b97f4a7c15
	prime     uint64 = 0x100000001b3 // FNV-1a prime
)

// finish spreads the hash over all bits.
func finish(h uint64) Token {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return Token(h ^ h>>33)
}

// Of calls emit for every token of a stored text, repeated ones repeatedly:
//
//   - words: runs of word characters ([WordRune]), folded as [Fold] does;
//   - Han text: each character, and each two that stand side by side;
//   - addresses: IPv4 and IPv6 addresses inside the text, as [Address]. An IPv4
//     address is any four words of a dotted run that can be one.
//
// The text of a record and every value of every field go through it, and each
// value as a whole through [Value].
func Of(text string, emit func(Token)) {
	s := scanner{text: text, emit: emit, left: true, right: true}
	s.run()
}

// Needed calls emit for tokens that every text has in which query stands,
// whatever the letter case of either.
//
// left and right say that query stands at a word boundary at that end, as a whole
// word or phrase does; a prefix is open on the right, a piece of text on both
// sides. A word at an open end may be part of a longer one and needs nothing. When
// emit is not called, every group may hold query.
func Needed(query string, left, right bool, emit func(Token)) {
	s := scanner{text: query, emit: emit, left: left, right: right, query: true}
	s.run()
}

// Value returns the token of a whole value, whatever its letter case.
func Value(value string) Token {
	h := seedValue
	for i := 0; i < len(value); {
		if c := value[i]; c < utf8.RuneSelf {
			h = (h ^ uint64(lower[c])) * prime
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(value[i:])
		h = (h ^ foldHash(r)) * prime
		i += n
	}
	return finish(h)
}

// Address returns the token of an address: a group holds it when a field's value
// is the address in its canonical form, or the address stands inside a text or value.
func Address(addr netip.Addr) Token {
	var buf [64]byte
	h := seedValue
	for _, c := range addr.WithZone("").AppendTo(buf[:0]) {
		h = (h ^ uint64(c)) * prime
	}
	return finish(h)
}

// WordRune reports whether r is part of a word: a letter, digit or underscore that
// is not Han. A word ends where the next rune is not one.
func WordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 0 && wordByte[r]
	}
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !han(r)
}

// Fold returns s with every rune folded: two texts that differ in letter case only
// (Unicode simple folding, as strings.EqualFold has it) fold to the same.
func Fold(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c != lower[c] {
			return strings.Map(foldRune, s)
		}
	}
	return s
}

// foldRune returns the smallest rune that differs from r in case only; of ASCII
// letters, the small one.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(lower[r&0x7f])
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least < utf8.RuneSelf {
		return rune(lower[least&0x7f])
	}
	return least
}

func foldHash(r rune) uint64 {
	if han(r) {
		return uint64(uint32(r)) //nolint:gosec // a decoded rune is not negative
	}
	return uint64(uint32(foldRune(r))) //nolint:gosec // a decoded rune is not negative
}

func han(r rune) bool {
	if r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf {
		return true // fast path: the common blocks
	}
	return r >= 0x2e80 && unicode.Is(unicode.Han, r)
}

var lower, wordByte, addrByte = asciiTables()

func asciiTables() (low [128]byte, word, addr [128]bool) {
	for c := range byte(128) {
		low[c] = c
		if c >= 'A' && c <= 'Z' {
			low[c] = c + 'a' - 'A'
		}
		l := low[c]
		digit := c >= '0' && c <= '9'
		word[c] = digit || c == '_' || l >= 'a' && l <= 'z'
		addr[c] = digit || l >= 'a' && l <= 'f' || c == ':' || c == '.'
	}
	return low, word, addr
}

// scanner walks over a text once.
type scanner struct {
	text        string
	emit        func(Token)
	left, right bool // the ends are word boundaries
	query       bool // emit only what every text has that holds this one

	quad   uint32 // the last octets of a dotted run
	octets int    // how many there are
	end    int    // where the last of them ended
	seen   int    // up to where was looked for IPv6
}

func (s *scanner) run() {
	for i := 0; i < len(s.text); {
		c := s.text[i]
		if c < utf8.RuneSelf {
			switch {
			case wordByte[c]:
				i = s.word(i)
			case c == ':' && !s.query && i >= s.seen:
				s.address(i)
				i++
			default:
				i++
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s.text[i:])
		switch {
		case han(r):
			i = s.han(i)
		case WordRune(r):
			i = s.word(i)
		default:
			i += n
		}
	}
}

// word emits the word that begins at from and returns where it ends.
func (s *scanner) word(from int) int {
	h, i := seedWord, from
	octet, digits := uint32(0), true
	for i < len(s.text) {
		c := s.text[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s.text[i:])
			if !WordRune(r) {
				break
			}
			digits = false
			h = (h ^ foldHash(r)) * prime
			i += n
			continue
		}
		if !wordByte[c] {
			break
		}
		digits = digits && c <= '9'
		octet = min(octet*10+uint32(c&0xf), 1000) // means something where all are digits
		h = (h ^ uint64(lower[c])) * prime
		i++
	}
	if from == 0 && !s.left || i == len(s.text) && !s.right {
		s.octets = 0
		return i
	}
	s.emit(finish(h))
	if digits && i-from <= 3 && octet <= 255 && (s.text[from] != '0' || i-from == 1) {
		s.octet(octet, from, i)
	} else {
		s.octets = 0
	}
	return i
}

// octet takes one number of a dotted run and emits the address that the last four make.
func (s *scanner) octet(v uint32, from, to int) {
	if s.octets == 0 || from != s.end+1 || s.text[s.end] != '.' {
		s.octets = 0
	}
	s.quad, s.end = s.quad<<8|v, to
	if s.octets++; s.octets >= 4 {
		var quad [4]byte
		binary.BigEndian.PutUint32(quad[:], s.quad)
		s.emit(Address(netip.AddrFrom4(quad)))
	}
}

// han emits the run of Han characters that begins at from and returns where it
// ends. A query needs single characters only where it has no pair.
func (s *scanner) han(from int) int {
	i, last, count := from, rune(0), 0
	for i < len(s.text) {
		r, n := utf8.DecodeRuneInString(s.text[i:])
		if !han(r) {
			break
		}
		one := (seedHan ^ uint64(uint32(r))) * prime //nolint:gosec // a decoded rune is not negative
		if !s.query {
			s.emit(finish(one))
		}
		if count > 0 {
			pair := (seedHan ^ uint64(uint32(last))) * prime
			s.emit(finish((pair ^ uint64(uint32(r))) * prime)) //nolint:gosec // as above
		}
		last = r
		count++
		i += n
	}
	if s.query && count == 1 {
		s.emit(finish((seedHan ^ uint64(uint32(last))) * prime))
	}
	return i
}

// longestAddress is the longest text of an IPv6 address without zone.
const longestAddress = len("0000:0000:0000:0000:0000:ffff:255.255.255.255")

// address emits the IPv6 address around the colon at i, if there is one.
func (s *scanner) address(i int) {
	from, to := i, i
	for from > s.seen && s.addrAt(from-1) {
		from--
	}
	for to < len(s.text) && s.addrAt(to) {
		to++
	}
	s.seen = to
	text := s.text[from:to]
	if strings.Count(text, ":") < 6 && !strings.Contains(text, "::") || s.wordBefore(from) || s.wordAt(to) {
		return // fast path: a time, a port, a hardware address
	}
	if cut := strings.TrimRight(text, "."); !strings.HasSuffix(cut, "::") {
		text = strings.TrimSuffix(cut, ":") // the end of a sentence
	} else {
		text = cut
	}
	if len(text) > longestAddress {
		return
	}
	if addr, err := netip.ParseAddr(text); err == nil && addr.Is6() {
		s.emit(Address(addr))
	}
}

func (s *scanner) addrAt(i int) bool { return s.text[i] < utf8.RuneSelf && addrByte[s.text[i]] }

func (s *scanner) wordAt(i int) bool {
	if i >= len(s.text) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return WordRune(r)
}

func (s *scanner) wordBefore(i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s.text[:i])
	return WordRune(r)
}
