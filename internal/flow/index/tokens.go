package index

import (
	"net/netip"
	"time"
	"unicode"

	"github.com/fengsui/fengsui/internal/event"
)

// Token is the hash of one thing a group's filter is asked for.
type Token uint64

// Tokens calls emit for every token of a stored text, repeated ones repeatedly:
//
//   - words: runs of word characters ([WordRune]), folded by [Fold];
//   - Han text: each character, and each two that stand side by side;
//   - addresses: IPv4 and IPv6 addresses inside the text, as [Value] of their
//     canonical form.
//
// The text of a record and every value of every field go through it, and each
// value as a whole through [Value].
func Tokens(text string, emit func(Token)) {}

// Needed calls emit for tokens that every text has in which query stands.
//
// left and right say that query stands at a word boundary at that end, as a whole
// word or phrase does; a prefix is open on the right, a piece of text on both
// sides. A word at an open end may be part of a longer one and needs nothing.
func Needed(query string, left, right bool, emit func(Token)) {}

// Value returns the token of a whole value, whatever its letter case.
func Value(value string) Token { return 0 }

// Address returns the token of an address: a group holds it when a field's value
// is the address, or the address stands inside a text or value.
func Address(addr netip.Addr) Token { return Value(addr.String()) }

// WordRune reports whether r is part of a word: a letter, digit or underscore that
// is not Han. A word ends where the next rune is not one.
func WordRune(r rune) bool {
	return r == '_' || (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Han, r)
}

// Fold returns s with every rune folded: two texts that differ in letter case only
// (Unicode simple folding, as strings.EqualFold has it) fold to the same.
func Fold(s string) string { return s }

// How far an event time may lie from receipt to be believed.
const (
	MaxAhead  = 24 * time.Hour
	MaxBehind = 3653 * 24 * time.Hour
)

// When returns the time an event is searched by: its event time, or its receipt
// time when it names none or one that lies more than [MaxAhead] after or
// [MaxBehind] before receipt. The second result says that it is the event time.
func When(rec *event.Record) (time.Time, bool) {
	d := rec.Time.Sub(rec.Received)
	if rec.Time.IsZero() || d > MaxAhead || d < -MaxBehind {
		return rec.Received, false
	}
	return rec.Time, true
}
