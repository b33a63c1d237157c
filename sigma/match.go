package sigma

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// MatchedField is a field that made a rule true.
type MatchedField struct {
	Field string // the field as the rule names it; "" for a keyword
	Name  string // the field of the event it was found in
	Value string
}

// Match tells what made a rule true: the items that hold outside of any "not",
// in the order of the condition, each field and value once.
type Match struct {
	Fields []MatchedField
}

// Rule returns the rule the matcher was compiled from.
func (m *Matcher) Rule() *Rule { return m.rule }

// Match evaluates the rule on one event. An event of known origin must be
// covered by the rule's log source; an event of unknown origin is tried.
func (m *Matcher) Match(rec Record) (Match, bool) {
	origin := rec.Origin()
	if !origin.Unknown() && !m.rule.Logsource.Covers(origin) {
		return Match{}, false
	}
	s, ok := m.pool.Get().(*scratch)
	if !ok {
		panic("BUG: the pool of a matcher holds something else")
	}
	defer m.pool.Put(s)
	s.begin(rec)
	defer s.end()
	return m.run(s)
}

func (m *Matcher) run(s *scratch) (Match, bool) {
	if !s.holds(&m.prog) {
		return Match{}, false
	}
	var out Match
	s.collect(&m.prog, &out)
	return out, true
}

// cell is what an event holds under one slot.
type cell struct {
	loaded bool
	name   string // the candidate name that was there
	vals   []cellValue
}

// cellValue is a value and, once it was needed, its folded text.
type cellValue struct {
	Value
	name   string // keywords only: where the text stands
	folded string
	done   bool
}

func (v *cellValue) fold() string {
	if !v.done {
		v.folded, v.done = fold(v.Text), true
	}
	return v.folded
}

// scratch is the memory of one evaluation, used again for the next event.
type scratch struct {
	tab    *fieldTable
	rec    Record
	cells  []cell
	used   []int
	texts  cell
	values []Value
}

func (s *scratch) begin(rec Record) {
	s.rec = rec
	if n := len(s.tab.names); len(s.cells) < n {
		s.cells = append(s.cells, make([]cell, n-len(s.cells))...)
	}
}

// end forgets the event, so that the pool keeps none alive.
func (s *scratch) end() {
	for _, i := range s.used {
		c := &s.cells[i]
		clear(c.vals)
		c.loaded, c.name, c.vals = false, "", c.vals[:0]
	}
	clear(s.texts.vals)
	s.texts = cell{vals: s.texts.vals[:0]}
	clear(s.values)
	s.used, s.values, s.rec = s.used[:0], s.values[:0], nil
}

// field returns the values under a slot: those of the first candidate name that
// the event has.
func (s *scratch) field(slot int) *cell {
	c := &s.cells[slot]
	if c.loaded {
		return c
	}
	c.loaded = true
	s.used = append(s.used, slot)
	for _, name := range s.tab.names[slot] {
		s.values = s.rec.Values(name, s.values[:0])
		if len(s.values) == 0 {
			continue
		}
		c.name = name
		for _, v := range s.values {
			c.vals = append(c.vals, cellValue{Value: v})
		}
		break
	}
	return c
}

// keywords returns every text a keyword may stand in.
func (s *scratch) keywords() *cell {
	if !s.texts.loaded {
		s.texts.loaded = true
		s.rec.Texts(func(field, text string) bool {
			s.texts.vals = append(s.texts.vals, cellValue{Value: Value{Text: text}, name: field})
			return true
		})
	}
	return &s.texts
}

func (s *scratch) holds(p *program) bool {
	for i := range p.narrowed {
		if !s.holds(&p.narrowed[i]) {
			return false
		}
	}
	for i := range p.conditions {
		if s.eval(p, &p.conditions[i]) {
			return true
		}
	}
	return false
}

func (s *scratch) eval(p *program, e *expr) bool {
	switch e.op {
	case opRef:
		return s.detect(&p.idents[e.ref])
	case opNot:
		return !s.eval(p, &e.args[0])
	case opAnd:
		for i := range e.args {
			if !s.eval(p, &e.args[i]) {
				return false
			}
		}
		return true
	default:
		for i := range e.args {
			if s.eval(p, &e.args[i]) {
				return true
			}
		}
		return false
	}
}

func (s *scratch) detect(d *compiledDetection) bool {
	return slices.ContainsFunc(d.groups, s.group)
}

func (s *scratch) group(group []item) bool {
	for i := range group {
		if s.item(&group[i]) == group[i].negate {
			return false
		}
	}
	return true
}

// item evaluates an item without its negation.
func (s *scratch) item(it *item) bool {
	for _, alts := range it.values {
		if _, ok := s.value(it, alts); ok != it.all {
			return ok
		}
	}
	return it.all
}

// value reports whether one of the alternatives holds, and the value it holds
// for: an index into the field's values, or -1 when the field is missing.
func (s *scratch) value(it *item, alts []test) (int, bool) {
	var c *cell
	if it.keyword {
		c = s.keywords()
	} else {
		c = s.field(it.slot)
	}
	for _, t := range alts {
		if len(c.vals) == 0 {
			if !it.keyword && t.absent() {
				return -1, true
			}
			continue
		}
		for i := range c.vals {
			if t.match(s, &c.vals[i]) {
				return i, true
			}
		}
	}
	return -1, false
}

// collect gathers what made the conditions true.
func (s *scratch) collect(p *program, out *Match) {
	for i := range p.conditions {
		if s.eval(p, &p.conditions[i]) {
			s.collectExpr(p, &p.conditions[i], out)
		}
	}
}

func (s *scratch) collectExpr(p *program, e *expr, out *Match) {
	switch e.op {
	case opNot:
	case opRef:
		for _, group := range p.idents[e.ref].groups {
			if s.group(group) {
				for i := range group {
					s.collectItem(&group[i], out)
				}
			}
		}
	default:
		for i := range e.args {
			if s.eval(p, &e.args[i]) {
				s.collectExpr(p, &e.args[i], out)
			}
		}
	}
}

func (s *scratch) collectItem(it *item, out *Match) {
	if it.negate {
		return
	}
	for _, alts := range it.values {
		i, ok := s.value(it, alts)
		if !ok || i < 0 {
			continue
		}
		if it.keyword {
			v := &s.texts.vals[i]
			out.add(MatchedField{Name: v.name, Value: v.Text})
			continue
		}
		c := s.field(it.slot)
		out.add(MatchedField{Field: it.field, Name: c.name, Value: c.vals[i].Text})
	}
}

func (m *Match) add(f MatchedField) {
	if slices.Contains(m.Fields, f) {
		return
	}
	m.Fields = append(m.Fields, f)
}

// test is one condition on a value.
type test interface {
	match(s *scratch, v *cellValue) bool
	// absent reports whether a missing field satisfies the test.
	absent() bool
}

type textTest struct{ p *pattern }

func (textTest) absent() bool { return false }

func (t textTest) match(_ *scratch, v *cellValue) bool {
	if v.Kind == Null {
		return false
	}
	if t.p.cased {
		return t.p.match(v.Text)
	}
	return t.p.match(v.fold())
}

// numberTest is a number of the rule compared for equality.
type numberTest struct {
	text string
	num  decimal
}

func (numberTest) absent() bool { return false }

func (t numberTest) match(_ *scratch, v *cellValue) bool {
	switch v.Kind {
	case Null, Bool:
		return false
	case Number:
		if v.Text == t.text {
			return true
		}
		d, ok := parseDecimal(v.Text)
		return ok && d.cmp(t.num) == 0
	default:
		return v.fold() == t.text
	}
}

type nullTest struct{}

func (nullTest) absent() bool                        { return true }
func (nullTest) match(_ *scratch, v *cellValue) bool { return v.Kind == Null }

type existsTest struct{ want bool }

func (t existsTest) absent() bool                        { return !t.want }
func (t existsTest) match(_ *scratch, _ *cellValue) bool { return t.want }

type regexTest struct{ re *regexp.Regexp }

func (regexTest) absent() bool { return false }

func (t regexTest) match(_ *scratch, v *cellValue) bool {
	return v.Kind != Null && t.re.MatchString(v.Text)
}

type cidrTest struct{ prefix netip.Prefix }

func (cidrTest) absent() bool { return false }

func (t cidrTest) match(_ *scratch, v *cellValue) bool {
	if v.Kind == Null || len(v.Text) > 64 {
		return false
	}
	a, err := netip.ParseAddr(strings.TrimSpace(v.Text))
	if err != nil {
		return false
	}
	a = a.WithZone("")
	return t.prefix.Contains(a) || t.prefix.Contains(a.Unmap())
}

// orderTest compares a number, or a part of a date, with a number.
type orderTest struct {
	cmp  comparison
	part timePart
	num  decimal
}

func (orderTest) absent() bool { return false }

func (t orderTest) match(_ *scratch, v *cellValue) bool {
	if v.Kind == Null || v.Kind == Bool {
		return false
	}
	var d decimal
	if t.part != "" {
		at, ok := parseTime(v.Text)
		if !ok {
			return false
		}
		d = decimal{small: true, i: int64(t.part.of(at))}
	} else {
		var ok bool
		if d, ok = parseDecimal(strings.TrimSpace(v.Text)); !ok {
			return false
		}
	}
	switch c := d.cmp(t.num); t.cmp {
	case cmpLT:
		return c < 0
	case cmpLTE:
		return c <= 0
	case cmpGT:
		return c > 0
	case cmpGTE:
		return c >= 0
	default:
		return c == 0
	}
}

// fieldTest compares a value with the values of another field.
type fieldTest struct {
	slot  int
	wrap  wrap
	cased bool
}

func (fieldTest) absent() bool { return false }

func (t fieldTest) match(s *scratch, v *cellValue) bool {
	if v.Kind == Null {
		return false
	}
	other := s.field(t.slot)
	for i := range other.vals {
		o := &other.vals[i]
		if o.Kind == Null {
			continue
		}
		a, b := v.Text, o.Text
		if !t.cased {
			a, b = v.fold(), o.fold()
		}
		var ok bool
		switch {
		case t.wrap.front && t.wrap.back:
			ok = strings.Contains(a, b)
		case t.wrap.front:
			ok = strings.HasSuffix(a, b)
		case t.wrap.back:
			ok = strings.HasPrefix(a, b)
		default:
			ok = a == b
		}
		if ok {
			return true
		}
	}
	return false
}
