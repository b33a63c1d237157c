package normalise

import (
	"slices"
	"strings"
	"time"
)

// message is what is left of a record when its envelope is taken off. All text is
// valid UTF-8 and part of the record's text.
type message struct {
	host     string         // who the envelope says it comes from; "" when it does not
	program  string         // as the envelope names it, such as "sshd"; "" for a line without a header
	pid      string         // digits, or ""
	text     string         // what the program said
	severity int            // syslog severity 0 to 7; -1 unknown
	facility int            // syslog facility 0 to 23; -1 unknown
	time     time.Time      // of the envelope; zero when it has none
	zone     *time.Location // for stamps without one; never nil
	received time.Time      // when the station took it: gives stamps without a year theirs; may be zero
	envelope bool           // a syslog header was there
}

// parser reads one message. It returns false when it does not know it; what it
// added is then forgotten and the next parser is asked. It must not keep m or b.
type parser func(b *builder, m *message) bool

// textParser is one entry in the table of text parsers.
type textParser struct {
	// family is the declared format of a source that asks for this parser: "web",
	// "auditd" or "". A source that declares a family is shown only to that family.
	family string
	// programs are the names, in lower case and without a path, of programs whose
	// messages this parser is asked for.
	programs []string
	// shape, where it is not nil, is a cheap test of a line that no program's
	// parser knew (or that came without a program): only if it is true is read
	// asked.
	shape func(m *message) bool
	read  parser
}

// textParsers lists the parsers in the order in which they are asked.
func textParsers() []textParser {
	return slices.Concat(
		authParsers(),
		auditdParsers(),
		netfilterParsers(),
		dnsParsers(),
		webParsers(),
	)
}

// textTable finds the parsers for a message.
type textTable struct {
	programs map[string][]textParser
	shapes   []textParser
}

func newTextTable(all []textParser) textTable {
	t := textTable{programs: map[string][]textParser{}}
	for _, p := range all {
		for _, name := range p.programs {
			t.programs[name] = append(t.programs[name], p)
		}
		if p.shape != nil {
			t.shapes = append(t.shapes, p)
		}
	}
	return t
}

// read asks the parsers of the message's program, then those whose shape it has.
// Of a declared family only its own are asked.
func (t *textTable) read(b *builder, m *message, family string) bool {
	start := b.mark()
	if m.program != "" {
		for _, p := range t.programs[programKey(m.program)] {
			if p.serves(family) && p.read(b, m) {
				return true
			}
			b.back(&start)
		}
	}
	for i := range t.shapes {
		p := &t.shapes[i]
		if !p.serves(family) || !p.shape(m) {
			continue
		}
		if p.read(b, m) {
			return true
		}
		b.back(&start)
	}
	return false
}

// serves reports whether the parser is asked for sources that declare family.
func (p *textParser) serves(family string) bool {
	return family == "" || family == classSyslog || family == p.family
}

// programKey is the name under which a program's parsers are listed: in lower
// case, without path and module.
func programKey(program string) string {
	if i := strings.IndexByte(program, '('); i > 0 {
		program = program[:i] // sshd(pam_unix)
	}
	if i := strings.LastIndexByte(program, '/'); i >= 0 {
		program = program[i+1:]
	}
	return strings.ToLower(program)
}
