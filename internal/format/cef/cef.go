// Package cef reads the Common Event Format (Micro Focus, version 25) and its
// sibling LEEF, without the syslog header around them.
package cef

import "strings"

// Pair is one extension field under the sender's name.
type Pair struct{ Key, Value string }

// Message is one CEF message. Header values have their escapes resolved.
type Message struct {
	Version, DeviceVendor, DeviceProduct, DeviceVersion string
	DeviceEventClassID, Name, Severity                  string
	Extension                                           []Pair
}

// maxPairs bounds the extension; what is beyond is the last value's text.
const maxPairs = 512

// Start returns where a CEF message begins in s; -1 when there is none near the
// start. Some senders put words of their own before it.
func Start(s string) int {
	head := s[:min(len(s), 160)]
	for from := 0; ; {
		i := strings.Index(head[from:], "CEF:")
		if i < 0 {
			return -1
		}
		i += from
		rest := strings.TrimLeft(s[i+4:], " ")
		if rest != "" && rest[0] >= '0' && rest[0] <= '9' && (i == 0 || s[i-1] == ' ' || s[i-1] == ':') {
			return i
		}
		from = i + 4
	}
}

// Parse reads a message that begins with "CEF:". It returns false when one of the
// seven header fields is missing. Extension values are as they stand, with the
// escapes \= \\ \n and \r resolved.
func Parse(s string) (Message, bool) {
	s, ok := strings.CutPrefix(s, "CEF:")
	if !ok {
		return Message{}, false
	}
	var m Message
	for _, to := range []*string{&m.Version, &m.DeviceVendor, &m.DeviceProduct, &m.DeviceVersion, &m.DeviceEventClassID, &m.Name, &m.Severity} {
		value, rest, ok := header(s)
		if !ok && to != &m.Severity {
			return Message{}, false
		}
		*to, s = strings.TrimSpace(value), rest
	}
	m.Extension = extension(s)
	return m, true
}

// header reads up to the next bar that is not escaped.
func header(s string) (value, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '|':
			return unescape(s[:i]), s[i+1:], true
		}
	}
	return unescape(s), "", false
}

// extension splits "key=value key=value": a value goes on until the next word that
// is a key, because values hold spaces.
func extension(s string) []Pair {
	s = strings.TrimSpace(s)
	at := keyAt(s, 0)
	if at != 0 {
		return nil
	}
	pairs := make([]Pair, 0, 16)
	for s != "" {
		eq := strings.IndexByte(s, '=')
		next := -1
		if len(pairs)+1 < maxPairs {
			next = keyAt(s, eq+1)
		}
		if next < 0 {
			pairs = append(pairs, Pair{s[:eq], unescape(strings.TrimSpace(s[eq+1:]))})
			break
		}
		pairs = append(pairs, Pair{s[:eq], unescape(strings.TrimRight(s[eq+1:next], " "))})
		s = s[next:]
	}
	return pairs
}

// keyAt returns the place at or behind from where a key and its equals sign begin,
// or -1.
func keyAt(s string, from int) int {
	for i := from; ; {
		eq := strings.IndexByte(s[i:], '=')
		if eq < 0 {
			return -1
		}
		eq += i
		start := eq
		for start > from && isKeyByte(s[start-1]) {
			start--
		}
		if start < eq && (start == 0 || start > from && s[start-1] == ' ' || start == from && from == 0) && s[eq-1] != '\\' {
			return start
		}
		i = eq + 1
	}
}

func isKeyByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '-' || b == '.' || b == '[' || b == ']'
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		switch s[i+1] {
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case '=', '|', '\\':
			b.WriteByte(s[i+1])
		default:
			b.WriteByte('\\')
			continue
		}
		i++
	}
	return b.String()
}
