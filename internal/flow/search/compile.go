package search

import (
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index"
)

// target is what a test looks at.
type target uint8

const (
	inAny       target = iota // the text and every field
	inText                    // the text
	inField                   // the fields of one name
	inSource                  // id and name of the source
	inTransport               // how the event came
	inPeer                    // the sender's address
	inClass                   // the parser's class
	inSeq                     // the sequence
	inTime                    // the time it is searched by
)

// plan is a query made ready to be asked of events. It is used by one goroutine.
type plan struct {
	root    *step // nil: every event
	sources Sources
	fold    folder
	names   map[string][]string // of sources, by id: what source: is compared with
	byID    bool                // source: is compared with the id only
	limits  reach
}

// step is a node of the plan.
type step struct {
	op   op
	kids []*step

	target  target
	field   string
	text    func(string) bool // tests one value
	whole   func(int64) bool  // the same for a whole number; nil: its text is tested
	missing bool              // the answer where there is no value
	from    int64             // of inTime: the times [from, to)
	to      int64

	// One of the lists must be in a group completely, else the group holds nothing
	// for this step. None: nothing is known.
	needs [][]index.Token
}

// reach is what can be told about the time and sequence of every match.
type reach struct {
	from, to    int64  // times [from, to)
	first, next uint64 // sequences [first, next)
}

func everywhere() reach { return reach{math.MinInt64, math.MaxInt64, 0, math.MaxUint64} }

func (r reach) both(o reach) reach {
	return reach{max(r.from, o.from), min(r.to, o.to), max(r.first, o.first), min(r.next, o.next)}
}

func (r reach) either(o reach) reach {
	return reach{min(r.from, o.from), max(r.to, o.to), min(r.first, o.first), max(r.next, o.next)}
}

// compile makes a plan. now and zone say what the query's times mean.
func (q *Query) compile(sources Sources, now time.Time, zone *time.Location) *plan {
	p := &plan{sources: sources, names: map[string][]string{}, limits: everywhere()}
	if f := q.root.filter; f == nil || f.kind != isAll {
		p.root = p.step(q.root, now, zone)
		p.limits = p.root.reach(q.root)
	}
	return p
}

func (p *plan) step(n *node, now time.Time, zone *time.Location) *step {
	if n.op == opFilter {
		return p.test(n.filter, now, zone)
	}
	s := &step{op: n.op}
	for _, k := range n.kids {
		s.kids = append(s.kids, p.step(k, now, zone))
	}
	return s
}

// reach returns what the step says about time and sequence.
func (s *step) reach(n *node) reach {
	switch {
	case s.op == opNot:
		// What lies outside a span has no one span.
	case s.op == opAnd:
		out := everywhere()
		for i, k := range s.kids {
			out = out.both(k.reach(n.kids[i]))
		}
		return out
	case s.op == opOr:
		out := s.kids[0].reach(n.kids[0])
		for i, k := range s.kids[1:] {
			out = out.either(k.reach(n.kids[i+1]))
		}
		return out
	case s.target == inTime:
		out := everywhere()
		out.from, out.to = s.from, s.to
		return out
	case s.target == inSeq:
		return n.filter.sequences()
	}
	return everywhere()
}

// sequences returns the span of sequences a filter of them lets through.
func (f *filter) sequences() reach {
	out := everywhere()
	ns := newNumbers(f)
	switch {
	case f.kind == isIn:
		out.first, out.next = math.MaxUint64, 0
		for _, v := range f.list {
			if d, ok := number(v); ok && d.i >= 0 {
				out.first, out.next = min(out.first, uint64(d.i)), max(out.next, uint64(d.i)+1)
			}
		}
		return out
	case ns.hasLow && ns.low.whole:
		out.first = uint64(max(0, ns.low.i))
	}
	if ns.hasHigh && ns.high.whole {
		out.next = uint64(max(0, ns.high.i)) + 1
	}
	return out
}

// test makes the step of a filter.
func (p *plan) test(f *filter, now time.Time, zone *time.Location) *step {
	s := &step{op: opFilter}
	s.target, s.field = targetOf(f.field)
	switch f.kind {
	case isAll:
		return &step{op: opAnd} // of nothing: always true
	case isEmpty, isPresent:
		s.text = func(v string) bool { return v != "" }
		if f.kind == isEmpty {
			return &step{op: opNot, kids: []*step{s}}
		}
		return s
	case isTime:
		s.from, s.to = f.period(now, zone)
		return s
	case isPhrase, isPrefix, isPiece:
		p.words(s, f.text, f.kind != isPiece, f.kind == isPhrase)
	case isExact, isIn:
		s.exact(f)
	case isExactPrefix:
		s.text = func(v string) bool { return strings.HasPrefix(v, f.text) }
		s.need(f.text, true, false)
	case isRegexp:
		s.pattern(f.text)
	case isBetween:
		s.between(f)
	case isIPv4, isIPv6:
		s.addresses(f)
	}
	s.known()
	return s
}

// known forgets the tokens of what the groups' filters do not hold.
func (s *step) known() {
	if s.target == inSource || s.target == inClass || s.target == inSeq {
		s.needs = nil
	}
}

// targetOf says what a field's name stands for.
func targetOf(name string) (target, string) {
	switch name {
	case "":
		return inAny, ""
	case wordText:
		return inText, ""
	case wordTime:
		return inTime, ""
	case wordSeq:
		return inSeq, ""
	case wordSource:
		return inSource, ""
	case wordClass:
		return inClass, ""
	case wordTransport:
		return inTransport, ""
	case wordPeer:
		return inPeer, ""
	}
	if own, ok := strings.CutPrefix(name, senderPrefix); ok {
		if t, _ := targetOf(own); t != inField && t != inAny {
			return inField, own
		}
	}
	return inField, name
}

// need notes the tokens of a text that has to stand in a value.
func (s *step) need(text string, left, right bool) {
	var tokens []index.Token
	index.Needed(text, left, right, func(t index.Token) { tokens = append(tokens, t) })
	if len(tokens) > 0 {
		s.needs = [][]index.Token{tokens}
	}
}

func (p *plan) words(s *step, text string, left, right bool) {
	ph := newPhrase(text, left, right)
	s.text = func(v string) bool { return len(v) >= len(ph.text)/4 && ph.in(p.fold.fold(v)) }
	s.need(text, left, right)
}

func (s *step) exact(f *filter) {
	list := f.list
	if f.kind == isExact {
		list = []string{f.text}
	}
	if len(list) == 1 {
		want := list[0]
		s.text = func(v string) bool { return v == want }
	} else {
		set := make(map[string]bool, len(list))
		for _, v := range list {
			set[v] = true
		}
		s.text = func(v string) bool { return set[v] }
	}
	for _, v := range list {
		one := []index.Token{index.Value(v)}
		if s.target == inAny || s.target == inText {
			// The text as a whole is no token.
			one = nil
			index.Needed(v, true, true, func(t index.Token) { one = append(one, t) })
			if one == nil {
				s.needs = nil
				return
			}
		}
		s.needs = append(s.needs, one)
	}
}

func (s *step) pattern(text string) {
	re := regexp.MustCompile(text)
	s.text, s.missing = re.MatchString, re.MatchString("")
	if prefix, _ := re.LiteralPrefix(); prefix != "" && !s.missing {
		s.need(prefix, false, false)
	}
}

func (s *step) between(f *filter) {
	ns := newNumbers(f)
	s.text = func(v string) bool {
		d, ok := number(v)
		return ok && ns.hold(d)
	}
	s.whole = func(v int64) bool { return ns.hold(decimal{true, v, float64(v)}) }
}

func (s *step) addresses(f *filter) {
	first, last, _ := network(f.kind, f.list)
	between := func(a netip.Addr) bool { return a.Compare(first) >= 0 && a.Compare(last) <= 0 }
	s.text = func(v string) bool {
		a, err := netip.ParseAddr(v)
		return err == nil && a.Is4() == first.Is4() && between(a.WithZone(""))
	}
	if f.kind == isIPv4 && (s.target == inAny || s.target == inText) {
		s.text = func(v string) bool { return addressesIn(v, between) }
	}
	if first == last {
		s.needs = [][]index.Token{{index.Address(first)}}
	}
}

// match reports whether the record answers the query. when is its time to search
// by, in Unix nanoseconds.
func (p *plan) match(rec *event.Record, when int64) bool {
	l := &p.limits
	if when < l.from || when >= l.to || rec.Seq < l.first || rec.Seq >= l.next {
		return false
	}
	return p.root == nil || p.matches(p.root, rec, when)
}

func (p *plan) matches(s *step, rec *event.Record, when int64) bool {
	switch s.op {
	case opAnd:
		for _, k := range s.kids {
			if !p.matches(k, rec, when) {
				return false
			}
		}
		return true
	case opOr:
		return slices.ContainsFunc(s.kids, func(k *step) bool { return p.matches(k, rec, when) })
	case opNot:
		return !p.matches(s.kids[0], rec, when)
	default:
		return p.holds(s, rec, when)
	}
}

// holds is matches of a filter.
func (p *plan) holds(s *step, rec *event.Record, when int64) bool {
	switch s.target {
	case inAny:
		return s.text(rec.Text) || slices.ContainsFunc(rec.Fields, func(f event.Field) bool { return s.text(f.Value) })
	case inText:
		return s.text(rec.Text)
	case inField:
		return s.fields(rec.Fields)
	case inSource:
		return s.one(p.sourceNames(rec.Source)...)
	case inTransport:
		return s.one(rec.Transport)
	case inPeer:
		return s.one(rec.Peer)
	case inClass:
		return s.one(rec.Class)
	case inSeq:
		return s.number(int64(rec.Seq)) //nolint:gosec // far below
	default:
		return when >= s.from && when < s.to
	}
}

func (s *step) fields(fields event.Fields) bool {
	found := false
	for i := range fields {
		if fields[i].Name == s.field {
			if s.text(fields[i].Value) {
				return true
			}
			found = true
		}
	}
	return !found && s.missing
}

func (s *step) one(values ...string) bool { return slices.ContainsFunc(values, s.text) }

func (s *step) number(v int64) bool {
	if s.whole != nil {
		return s.whole(v)
	}
	return s.text(itoa(v))
}

// sourceNames returns what source: is compared with.
func (p *plan) sourceNames(id string) []string {
	if p.byID {
		return []string{id}
	}
	names, ok := p.names[id]
	if !ok {
		names = []string{id}
		if n := p.sources.SourceName(id); n != id && n != "" {
			names = append(names, n)
		}
		p.names[id] = names
	}
	return names
}
