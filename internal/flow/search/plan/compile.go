package plan

import (
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/token"
	"github.com/fengsui/fengsui/internal/flow/search/query"
)

// Plan is a query made ready to be asked of events. It is used by one goroutine.
type Plan struct {
	root    *step // nil: every event
	sources Sources
	fold    folder
	names   map[string][]string // of sources, by id: what source: is compared with
	byID    bool                // source: is compared with the id only
	limits  Reach
}

// step is a node of the plan.
type step struct {
	op   query.Op
	kids []*step

	target  query.Target
	field   string
	text    func(string) bool // tests one value
	whole   func(int64) bool  // the same for a whole number; nil: its text is tested
	missing bool              // the answer where there is no value
	from    int64             // of inTime: the times [from, to)
	to      int64

	// One of the lists must be in a group completely, else the group holds nothing
	// for this step. None: nothing is known.
	needs [][]token.Token
}

// Reach is what can be told about the time and sequence of every match.
type Reach struct {
	From, To    int64  // times [From, To), Unix nanoseconds
	First, Next uint64 // sequences [First, Next)
}

// Everywhere is the reach that leaves nothing out.
func Everywhere() Reach { return Reach{math.MinInt64, math.MaxInt64, 0, math.MaxUint64} }

func (r Reach) both(o Reach) Reach {
	return Reach{max(r.From, o.From), min(r.To, o.To), max(r.First, o.First), min(r.Next, o.Next)}
}

func (r Reach) either(o Reach) Reach {
	return Reach{min(r.From, o.From), max(r.To, o.To), min(r.First, o.First), max(r.Next, o.Next)}
}

// Sources knows what people called a source.
type Sources interface {
	// SourceName returns the name people gave the source; for an unknown id, the id.
	SourceName(id string) string
}

// New makes a plan of a query. now and zone say what the query's times mean.
func New(q *query.Query, sources Sources, now time.Time, zone *time.Location) *Plan {
	p := &Plan{sources: sources, names: map[string][]string{}, limits: Everywhere()}
	if f := q.Root.Filter; f == nil || f.Kind != query.IsAll {
		p.root = p.step(q.Root, now, zone)
		p.limits = p.root.reach(q.Root)
	}
	return p
}

// OfSource makes the plan that finds the events of the source with that id,
// whatever else bears the same name.
func OfSource(id string, sources Sources) *Plan {
	return &Plan{
		sources: sources, names: map[string][]string{}, byID: true, limits: Everywhere(),
		root: &step{target: query.InSource, text: func(v string) bool { return v == id }},
	}
}

// Hide leaves out the events that came by one of the transports.
func (p *Plan) Hide(transports []string) {
	if len(transports) == 0 {
		return
	}
	came := &step{target: query.InTransport}
	came.exact(&query.Filter{Kind: query.IsIn, List: transports})
	seen := &step{op: query.OpNot, kids: []*step{came}}
	if p.root == nil {
		p.root = seen
		return
	}
	// Behind the query: only groups with matches are asked for more.
	p.root = &step{op: query.OpAnd, kids: []*step{p.root, seen}}
}

// Limits returns a reach outside which nothing matches.
func (p *Plan) Limits() Reach { return p.limits }

// Narrow leaves out what lies outside r.
func (p *Plan) Narrow(r Reach) { p.limits = p.limits.both(r) }

func (p *Plan) step(n *query.Node, now time.Time, zone *time.Location) *step {
	if n.Op == query.OpFilter {
		return p.test(n.Filter, now, zone)
	}
	s := &step{op: n.Op}
	for _, k := range n.Kids {
		s.kids = append(s.kids, p.step(k, now, zone))
	}
	return s
}

// reach returns what the step says about time and sequence.
func (s *step) reach(n *query.Node) Reach {
	switch {
	case s.op == query.OpNot:
		// What lies outside a span has no one span.
	case s.op == query.OpAnd:
		out := Everywhere()
		for i, k := range s.kids {
			out = out.both(k.reach(n.Kids[i]))
		}
		return out
	case s.op == query.OpOr:
		out := s.kids[0].reach(n.Kids[0])
		for i, k := range s.kids[1:] {
			out = out.either(k.reach(n.Kids[i+1]))
		}
		return out
	case s.target == query.InTime:
		out := Everywhere()
		out.From, out.To = s.from, s.to
		return out
	case s.target == query.InSeq:
		out := Everywhere()
		out.First, out.Next = n.Filter.Sequences()
		return out
	}
	return Everywhere()
}

// test makes the step of a filter.
func (p *Plan) test(f *query.Filter, now time.Time, zone *time.Location) *step {
	s := &step{op: query.OpFilter}
	s.target, s.field = query.TargetOf(f.Field)
	switch f.Kind {
	case query.IsAll:
		return &step{op: query.OpAnd} // of nothing: always true
	case query.IsEmpty, query.IsPresent:
		s.text = func(v string) bool { return v != "" }
		if f.Kind == query.IsEmpty {
			return &step{op: query.OpNot, kids: []*step{s}}
		}
		return s
	case query.IsTime:
		s.from, s.to = f.Period(now, zone)
		return s
	case query.IsPhrase, query.IsPrefix, query.IsPiece:
		p.words(s, f.Text, f.Kind != query.IsPiece, f.Kind == query.IsPhrase)
	case query.IsExact, query.IsIn:
		s.exact(f)
	case query.IsExactPrefix:
		s.text = func(v string) bool { return strings.HasPrefix(v, f.Text) }
		s.need(f.Text, true, false)
	case query.IsRegexp:
		s.pattern(f.Text)
	case query.IsBetween:
		s.between(f)
	case query.IsIPv4, query.IsIPv6:
		s.addresses(f)
	}
	s.known()
	return s
}

// known forgets the tokens of what the groups' filters do not hold.
func (s *step) known() {
	if s.target == query.InSource || s.target == query.InClass || s.target == query.InSeq {
		s.needs = nil
	}
}

// need notes the tokens of a text that has to stand in a value.
func (s *step) need(text string, left, right bool) {
	var tokens []token.Token
	token.Needed(text, left, right, func(t token.Token) { tokens = append(tokens, t) })
	if len(tokens) > 0 {
		s.needs = [][]token.Token{tokens}
	}
}

func (p *Plan) words(s *step, text string, left, right bool) {
	ph := newPhrase(text, left, right)
	s.text = func(v string) bool { return len(v) >= len(ph.text)/4 && ph.in(p.fold.fold(v)) }
	s.need(text, left, right)
}

func (s *step) exact(f *query.Filter) {
	list := f.List
	if f.Kind == query.IsExact {
		list = []string{f.Text}
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
		one := []token.Token{token.Value(v)}
		if s.target == query.InAny || s.target == query.InText {
			// The text as a whole is no token.
			one = nil
			token.Needed(v, true, true, func(t token.Token) { one = append(one, t) })
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

func (s *step) between(f *query.Filter) {
	ns := f.Numbers()
	s.text = func(v string) bool {
		d, ok := query.Number(v)
		return ok && ns.Hold(d)
	}
	s.whole = func(v int64) bool { return ns.Hold(query.Int(v)) }
}

func (s *step) addresses(f *query.Filter) {
	first, last := f.Network()
	between := func(a netip.Addr) bool { return a.Compare(first) >= 0 && a.Compare(last) <= 0 }
	s.text = func(v string) bool {
		a, err := netip.ParseAddr(v)
		return err == nil && a.Is4() == first.Is4() && between(a.WithZone(""))
	}
	if f.Kind == query.IsIPv4 && (s.target == query.InAny || s.target == query.InText) {
		s.text = func(v string) bool { return addressesIn(v, between) }
	}
	if first == last {
		s.needs = [][]token.Token{{token.Address(first)}}
	}
}

// Match reports whether the record answers the query. when is its time to search
// by, in Unix nanoseconds.
func (p *Plan) Match(rec *event.Record, when int64) bool {
	l := &p.limits
	if when < l.From || when >= l.To || rec.Seq < l.First || rec.Seq >= l.Next {
		return false
	}
	return p.root == nil || p.matches(p.root, rec, when)
}

func (p *Plan) matches(s *step, rec *event.Record, when int64) bool {
	switch s.op {
	case query.OpAnd:
		for _, k := range s.kids {
			if !p.matches(k, rec, when) {
				return false
			}
		}
		return true
	case query.OpOr:
		return slices.ContainsFunc(s.kids, func(k *step) bool { return p.matches(k, rec, when) })
	case query.OpNot:
		return !p.matches(s.kids[0], rec, when)
	default:
		return p.holds(s, rec, when)
	}
}

// holds is matches of a filter.
func (p *Plan) holds(s *step, rec *event.Record, when int64) bool {
	switch s.target {
	case query.InAny:
		return s.text(rec.Text) || slices.ContainsFunc(rec.Fields, func(f event.Field) bool { return s.text(f.Value) })
	case query.InText:
		return s.text(rec.Text)
	case query.InField:
		return s.fields(rec.Fields)
	case query.InSource:
		return s.one(p.sourceNames(rec.Source)...)
	case query.InTransport:
		return s.one(rec.Transport)
	case query.InPeer:
		return s.one(rec.Peer)
	case query.InClass:
		return s.one(rec.Class)
	case query.InSeq:
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
	return s.text(strconv.FormatInt(v, 10))
}

// sourceNames returns what source: is compared with.
func (p *Plan) sourceNames(id string) []string {
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
