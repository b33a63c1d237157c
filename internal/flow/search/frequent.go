package search

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/search/plan"
	"github.com/fengsui/fengsui/internal/flow/search/query"
	"github.com/fengsui/fengsui/ledger"
)

// FieldCount is a field, how many of the sampled events have it, and its most
// frequent values.
type FieldCount struct {
	Name   string
	Count  uint64
	Values []ValueCount
}

// Frequent are the fields of the newest matches.
type Frequent struct {
	Fields  []FieldCount // the most frequent ones first
	Sampled int          // events looked at
	Partial bool
	Reason  string
}

// Limits of what is told of frequent fields.
const (
	maxFrequent       = 300    // fields
	maxSampledFields  = 20_000 // different ones that are counted
	maxFrequentValues = 10     // of each
	maxShownValue     = 200    // bytes; longer values are counted with their field only
)

// Frequent tells which fields and values the newest matches have. It fails as
// [Service.Search] does.
func (s *Service) Frequent(ctx context.Context, text string, from, to time.Time) (Frequent, error) {
	q, err := parse(text)
	if err != nil {
		return Frequent{}, err
	}
	leave, err := s.queries.enter(ctx)
	if err != nil {
		return Frequent{}, err
	}
	defer leave()
	ctx, cancel := context.WithTimeoutCause(ctx, s.o.Time, errTime)
	defer cancel()
	p := s.plan(ctx, q, s.o.Now())
	p.Narrow(within(from, to))
	found := &firsts{order: newestFirst, n: s.o.Sample}
	out, err := s.walk(ctx, p, s.pieces(p, s.o.Log.Size(), newestFirst), found)
	if err != nil {
		return Frequent{}, err
	}
	found.tidy()
	refs := found.refs
	seen := sample{s: s, p: p, fields: map[string]*tally{}, counts: map[string]uint64{}}
	f := Frequent{}
	inTime := ctx
	ctx = context.WithoutCancel(ctx)
	for len(refs) > 0 {
		if inTime.Err() != nil && f.Sampled > 0 {
			out.note("the time for one query was up; fewer events were looked at")
			break
		}
		step := refs[:min(fetchStep, len(refs))]
		refs = refs[len(step):]
		recs, err := s.records(ctx, step)
		if err != nil && !errors.Is(err, ledger.ErrDamaged) {
			return Frequent{}, err
		}
		for _, rec := range recs {
			f.Sampled++
			seen.add(rec)
		}
	}
	if seen.full {
		out.note("there are more different fields or values than are counted")
	}
	for name, n := range seen.counts {
		f.Fields = append(f.Fields, FieldCount{Name: name, Count: n, Values: best(seen.fields[name].counts, maxFrequentValues)})
	}
	slices.SortFunc(f.Fields, func(a, b FieldCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	f.Fields = f.Fields[:min(len(f.Fields), maxFrequent)]
	f.Partial, f.Reason = out.partial, out.reason
	return f, nil
}

// sample counts the fields of events, a limited number of different ones.
type sample struct {
	s      *Service
	p      *plan.Plan
	fields map[string]*tally
	counts map[string]uint64
	bytes  int  // of the values kept
	full   bool // some fields or values were left out
}

// add counts the fields of one record, and what the station says of it.
func (m *sample) add(rec event.Record) {
	type pair struct{ name, value string }
	seen := map[pair]bool{}
	named := map[string]bool{}
	add := func(name, value string) {
		if m.fields[name] == nil {
			if len(m.fields) >= maxSampledFields {
				m.full = true
				return
			}
			m.fields[name] = newTally(m.s.o.Sample, 64<<10)
		}
		if !named[name] {
			named[name] = true
			m.counts[name]++
		}
		if p := (pair{name, value}); len(value) <= maxShownValue && !seen[p] {
			seen[p] = true
			m.value(m.fields[name], value)
		}
	}
	add(query.WordSource, m.p.SourceName(rec.Source))
	add(query.WordClass, rec.Class)
	add(query.WordTransport, rec.Transport)
	for i := range rec.Fields {
		add(query.NameOf(rec.Fields[i].Name), rec.Fields[i].Value)
	}
}

// value counts a value where there is room. Room is shared by all fields: each of
// them may have thousands of values.
func (m *sample) value(of *tally, value string) {
	if _, ok := of.counts[value]; !ok && m.bytes+len(value) > m.s.o.ValueBytes {
		m.full = true
		return
	}
	before := of.used
	of.add(value, 1)
	m.bytes += of.used - before
}
