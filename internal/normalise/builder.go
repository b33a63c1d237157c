package normalise

import (
	"net/netip"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/format/jsonflat"
	"github.com/fengsui/fengsui/internal/format/kv"
)

// builder puts a record together. Parsers call its methods; it is used by one
// goroutine and reused for the next record.
type builder struct {
	fields []event.Field // scratch; the record gets a copy
	names  nameSet       // which names stand in fields, roughly
	said   [coreCount]bool

	classed string
	source  event.Logsource
	time    time.Time
	whole   bool // the sender's fields hold the whole record: its text is no message besides
	nested  int  // messages inside JSON messages

	json  jsonflat.Reader
	pairs []kv.Pair // scratch
}

// nameSet is a small filter: a name that is not in it stands in no field.
type nameSet [4]uint64

func slot(name string) (word int, bit uint64) {
	n := len(name)
	if n == 0 {
		return 0, 1
	}
	h := uint(n)*31 + uint(name[0])*7 + uint(name[n-1])*3 + uint(name[n/2])
	return int(h >> 6 & 3), 1 << (h & 63)
}

// mark is a state of the builder to go back to.
type mark struct {
	fields  int
	names   nameSet
	said    [coreCount]bool
	classed string
	source  event.Logsource
	time    time.Time
}

func (b *builder) mark() mark {
	return mark{len(b.fields), b.names, b.said, b.classed, b.source, b.time}
}

func (b *builder) back(m *mark) {
	b.fields, b.names, b.said = b.fields[:m.fields], m.names, m.said
	b.classed, b.source, b.time = m.classed, m.source, m.time
}

// add adds one of the sender's fields under the sender's name, as text. An empty
// name adds nothing.
func (b *builder) add(name, value string) { b.field(name, value, event.String) }

// num adds one of the sender's fields as a number when value is a decimal number
// as JSON writes it, else as text.
func (b *builder) num(name, value string) {
	kind := event.String
	if isDecimal(value) {
		kind = event.Number
	}
	b.field(name, value, kind)
}

func (b *builder) field(name, value string, kind event.Kind) {
	if name == "" {
		return
	}
	w, bit := slot(name)
	b.names[w] |= bit
	b.fields = append(b.fields, event.Field{Name: name, Value: value, Kind: kind})
}

// core adds a field of the common core. It adds nothing when the value is empty
// or "-", is not of the field's shape (an address, a port, a number), or the name
// is there already: the sender's own field and the first word of a parser stay.
// [eventCategory] may be added several times with different values.
func (b *builder) core(c core, value string) {
	if value == "" || value == "-" || b.said[c] && c != eventCategory {
		return
	}
	f := &coreFields[c]
	kind := event.String
	switch f.kind {
	case isNumber:
		if !isDecimal(value) {
			return
		}
		kind = event.Number
	case isPort:
		if !isPortNumber(value) {
			return
		}
		kind = event.Number
	case isIP:
		if !isAddress(value) {
			return
		}
	case isText:
	}
	if !b.said[c] && b.has(f.name) {
		b.said[c] = true
		return
	}
	b.said[c] = true
	b.field(f.name, value, kind)
}

// has reports whether a field of that name was added.
func (b *builder) has(name string) bool {
	if w, bit := slot(name); b.names[w]&bit == 0 {
		return false
	}
	_, ok := event.Fields(b.fields).Get(name)
	return ok
}

// get returns the first value of a field that was added, or "".
func (b *builder) get(name string) string {
	if w, bit := slot(name); b.names[w]&bit == 0 {
		return ""
	}
	v, _ := event.Fields(b.fields).Get(name)
	return v
}

// endpoint adds addr to the field for addresses when it is one, else to the one
// for names: endpoint(sourceIP, sourceDomain, "198.51.100.7").
func (b *builder) endpoint(ip, name core, addr string) {
	if isAddress(addr) {
		b.core(ip, addr)
		return
	}
	b.core(name, addr)
}

// class names the parser that knew the record, such as "sshd".
func (b *builder) class(name string) { b.classed = name }

// logsource says what the record is in Sigma's words; "" is unknown.
func (b *builder) logsource(product, service string, categories ...string) {
	b.source = event.Logsource{Product: product, Service: service, Categories: categories}
}

// at sets the event time. A zero time is ignored. The last word counts, so a
// parser's stamp replaces the envelope's.
func (b *builder) at(t time.Time) {
	if !t.IsZero() {
		b.time = t
	}
}

func isAddress(s string) bool {
	if len(s) < 2 || len(s) > 64 {
		return false
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

func isPortNumber(s string) bool {
	if len(s) == 0 || len(s) > 5 {
		return false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n <= 65535
}

// isDecimal reports whether s is a number as JSON writes it, except that zeros
// may lead.
func isDecimal(s string) bool {
	s, ok := digits(trimSign(s))
	if !ok {
		return false
	}
	if s != "" && s[0] == '.' {
		if s, ok = digits(s[1:]); !ok {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if s, ok = digits(s); !ok {
			return false
		}
	}
	return s == ""
}

func trimSign(s string) string {
	if s != "" && s[0] == '-' {
		return s[1:]
	}
	return s
}

// digits takes the digits at the start of s, at least one.
func digits(s string) (rest string, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[i:], i > 0
}
