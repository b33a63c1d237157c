package sigma

import "sync"

// Set is many rules that are asked together. It is safe for concurrent use.
type Set struct {
	groups []setGroup
	tab    *fieldTable
	pool   sync.Pool
	rules  int
}

// setGroup holds the rules of one log source.
type setGroup struct {
	logsource Logsource
	matchers  []*Matcher
}

// NewSet compiles rules. Filters among them narrow the others, besides those of
// opts. What cannot be compiled is left out and answered as errors, one
// [*RuleError] each; the set holds the rest.
func NewSet(rules []*Rule, opts Options) (*Set, []error) {
	filters := append([]*Rule(nil), opts.Filters...)
	var errs []error
	for _, r := range rules {
		if r.Kind != KindFilter {
			continue
		}
		if err := Check(r, opts); err != nil {
			errs = append(errs, err)
			continue
		}
		filters = append(filters, r)
	}
	opts.Filters = filters
	s := &Set{tab: newFieldTable()}
	byLogsource := map[Logsource]int{}
	for _, r := range rules {
		if r.Kind == KindFilter {
			continue
		}
		m, err := compile(r, opts, s.tab)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		i, ok := byLogsource[r.Logsource]
		if !ok {
			i = len(s.groups)
			byLogsource[r.Logsource] = i
			s.groups = append(s.groups, setGroup{logsource: r.Logsource})
		}
		s.groups[i].matchers = append(s.groups[i].matchers, m)
		s.rules++
	}
	s.pool.New = func() any { return &scratch{tab: s.tab} }
	return s, errs
}

// Len returns the number of rules in the set.
func (s *Set) Len() int { return s.rules }

// Match calls fn for every rule that matches the event, in an order that stays
// the same. The rules tried are those whose log source covers the event's
// origin; every rule is tried on an event whose origin is unknown.
func (s *Set) Match(rec Record, fn func(*Rule, Match)) {
	origin := rec.Origin()
	unknown := origin.Unknown()
	mem, ok := s.pool.Get().(*scratch)
	if !ok {
		panic("BUG: the pool of a set holds something else")
	}
	defer s.pool.Put(mem)
	mem.begin(rec)
	defer mem.end()
	for i := range s.groups {
		g := &s.groups[i]
		if !unknown && !g.logsource.Covers(origin) {
			continue
		}
		for _, m := range g.matchers {
			if match, ok := m.run(mem); ok {
				fn(m.rule, match)
			}
		}
	}
}
