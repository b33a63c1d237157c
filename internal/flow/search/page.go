package search

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/search/plan"
	"github.com/fengsui/fengsui/internal/flow/search/query"
	"github.com/fengsui/fengsui/ledger"
)

// ref is where a match stands in the order of results.
type ref struct {
	when int64
	seq  uint64
}

// before reports whether a stands before b.
func (o order) before(a, b ref) bool {
	switch o {
	case newestFirst:
		return a.when > b.when || a.when == b.when && a.seq > b.seq
	case oldestFirst:
		return a.when < b.when || a.when == b.when && a.seq < b.seq
	case lastFirst:
		return a.seq > b.seq
	default:
		return a.seq < b.seq
	}
}

func (o order) compare(a, b ref) int {
	switch {
	case a == b:
		return 0
	case o.before(a, b):
		return -1
	default:
		return 1
	}
}

// firsts collects the first n matches of an order behind a place.
type firsts struct {
	order order
	n     int
	after *ref // nil: from the start
	refs  []ref
	full  bool // refs[n-1] is a bound: n matches stand at or before it
}

func (f *firsts) add(r ref) {
	switch {
	case f.after != nil && !f.order.before(*f.after, r):
		return
	case f.full && !f.order.before(r, f.refs[f.n-1]):
		return
	}
	if f.refs = append(f.refs, r); len(f.refs) >= 2*f.n+64 {
		f.tidy()
	}
}

func (f *firsts) tidy() {
	slices.SortFunc(f.refs, f.order.compare)
	if len(f.refs) >= f.n {
		f.refs, f.full = f.refs[:f.n], true
	}
}

func (f *firsts) record(rec *event.Record, when int64) { f.add(ref{when, rec.Seq}) }

func (f *firsts) group(_ context.Context, _ *sidecar.Group, rows *sidecar.Rows, hits plan.Bitmap) error {
	hits.Each(func(i int) { f.add(ref{rows.Time[i], rows.Seq[i]}) })
	return nil
}

func (f *firsts) wants(p *piece) bool {
	if f.after != nil && f.outside(p, *f.after, true) {
		return false
	}
	if !f.full && len(f.refs) >= f.n {
		f.tidy()
	}
	return !f.full || !f.outside(p, f.refs[f.n-1], false)
}

// outside reports whether everything in the piece stands before r, or behind it.
func (f *firsts) outside(p *piece, r ref, before bool) bool {
	above, below := p.from > r.when, p.to < r.when
	if f.order == lastFirst || f.order == firstFirst {
		above, below = p.first > r.seq, p.next <= r.seq
	}
	if descending := f.order == newestFirst || f.order == lastFirst; descending == before {
		return above
	}
	return below
}

func (f *firsts) fork() collector { return &firsts{order: f.order, n: f.n, after: f.after} }

func (f *firsts) join(c collector) {
	if g, ok := c.(*firsts); ok {
		for _, r := range g.refs {
			f.add(r)
		}
	}
}

// Search asks for a page of events.
type Search struct {
	Query    string
	From, To time.Time // [From, To) of the time searched by; zero: no end
	Limit    int       // events of the page; at most Options.Page, 0 means 100
	Cursor   string    // Next of the page before
	Oldest   bool      // oldest first
}

// Page is what a search found.
type Page struct {
	Events  []event.Record // in order
	Fields  []string       // the query shows these only; nil: all
	Next    string         // cursor of the next page; "" when there is none
	Scanned uint64         // events looked at
	Partial bool           // not everything was looked at
	Reason  string         // why
}

// cursor is where a page begins and what the pages before were asked of, so that
// events which arrive meanwhile change nothing.
type cursor struct {
	at       ref
	now      int64 // what relative times are counted from
	from, to int64
	size     uint64 // events of the ledger when the first page was asked
	left     int    // of the query's limit; 0: there is none
}

const cursorLen = 7*8 + 4

func (c cursor) encode(sum uint32) string {
	b := binary.BigEndian.AppendUint32(nil, sum)
	for _, v := range []uint64{uint64(c.at.when), c.at.seq, uint64(c.now), c.size, uint64(c.left), uint64(c.from), uint64(c.to)} { //nolint:gosec // as bits
		b = binary.BigEndian.AppendUint64(b, v)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeCursor(text string, sum uint32) (cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != cursorLen || binary.BigEndian.Uint32(b) != sum {
		return cursor{}, ErrCursor
	}
	v := func(i int) uint64 { return binary.BigEndian.Uint64(b[4+8*i:]) }
	c := cursor{at: ref{int64(v(0)), v(1)}, now: int64(v(2)), size: v(3), left: int(v(4)), from: int64(v(5)), to: int64(v(6))} //nolint:gosec // as bits
	if c.left < 0 {
		return cursor{}, ErrCursor
	}
	return c, nil
}

// sum ties a cursor to its query.
func (q Search) sum() uint32 {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%t %s", q.Oldest, q.Query) // a hash takes everything
	return h.Sum32()
}

// parse reads a query for an API caller.
func parse(text string) (*query.Query, error) {
	q, err := query.Parse(text)
	if err != nil {
		return nil, ErrQuery.Detail(err.Error()).At("query", err.Error())
	}
	return q, nil
}

// plan makes the plan of a query for the actor in ctx. now is what its times count
// from.
func (s *Service) plan(ctx context.Context, q *query.Query, now time.Time) *plan.Plan {
	p := plan.New(q, s.o.Sources, now, s.o.Zone)
	p.Hide(hidden(ctx))
	return p
}

// within returns the reach of the times [from, to); zero is no end.
func within(from, to time.Time) plan.Reach {
	out := plan.Everywhere()
	out.From, out.To = nanos(from, out.From), nanos(to, out.To)
	return out
}

// nanos returns Unix nanoseconds, or none for the zero time.
func nanos(t time.Time, none int64) int64 {
	switch {
	case t.IsZero():
		return none
	case t.Year() < query.FirstYear:
		return 0
	case t.Year() > query.LastYear:
		return math.MaxInt64
	default:
		return t.UnixNano()
	}
}

// Search finds a page of events. It fails with [ErrQuery], [ErrCursor],
// [ErrTooMany], the error of ctx, or one of the ledger.
func (s *Service) Search(ctx context.Context, in Search) (Page, error) {
	q, err := parse(in.Query)
	if err != nil {
		return Page{}, err
	}
	cur := cursor{
		now: s.o.Now().UnixNano(), size: s.o.Log.Size(), left: q.Limit,
		from: nanos(in.From, math.MinInt64), to: nanos(in.To, math.MaxInt64),
	}
	var after *ref
	if in.Cursor != "" {
		if cur, err = decodeCursor(in.Cursor, in.sum()); err != nil {
			return Page{}, err
		}
		cur.size = min(cur.size, s.o.Log.Size())
		after = &cur.at
	}
	leave, err := s.queries.enter(ctx)
	if err != nil {
		return Page{}, err
	}
	defer leave()
	ctx, cancel := context.WithTimeoutCause(ctx, s.o.Time, errTime)
	defer cancel()

	limit := min(max(in.Limit, 0), s.o.Page)
	if limit == 0 {
		limit = min(100, s.o.Page)
	}
	if cur.left > 0 {
		limit = min(limit, cur.left)
	}
	found := &firsts{order: newestFirst, n: limit + 1, after: after}
	if in.Oldest {
		found.order = oldestFirst
	}
	span := plan.Everywhere()
	span.From, span.To = cur.from, cur.to
	p := s.plan(ctx, q, time.Unix(0, cur.now))
	p.Narrow(span)
	out, err := s.walk(ctx, p, s.pieces(p, cur.size, found.order), found)
	if err != nil {
		return Page{}, err
	}
	found.tidy()
	refs := found.refs
	more := len(refs) > limit
	refs = refs[:min(limit, len(refs))]
	page := Page{Fields: q.Fields, Scanned: out.scanned, Partial: out.partial, Reason: out.reason}
	taken, err := s.fetch(context.WithoutCancel(ctx), refs, &page)
	if err != nil {
		return Page{}, err
	}
	more = more || taken < len(refs)
	if more && taken > 0 && (q.Limit == 0 || cur.left > taken) {
		cur.at = refs[taken-1]
		cur.left = max(0, cur.left-taken)
		page.Next = cur.encode(in.sum())
	}
	return page, nil
}

// fetchStep is how many events are read before their bytes are counted.
const fetchStep = 50

// fetch reads the events of refs, in their order, until they have PageBytes, and
// returns how many of refs it took.
func (s *Service) fetch(ctx context.Context, refs []ref, page *Page) (int, error) {
	total := 0
	for from := 0; from < len(refs); from += fetchStep {
		part := refs[from:min(from+fetchStep, len(refs))]
		recs, err := s.records(ctx, part)
		if err != nil && !errors.Is(err, ledger.ErrDamaged) {
			return 0, err
		}
		for i, r := range part {
			rec, ok := recs[r.seq]
			if !ok {
				page.Partial, page.Reason = true, "some events cannot be read back from the ledger"
				continue
			}
			if total += len(rec.Raw); total > s.o.PageBytes && len(page.Events) > 0 {
				return from + i, nil
			}
			page.Events = append(page.Events, rec)
		}
	}
	return len(refs), nil
}

// nearby is how many events are read over to save a second look-up.
const nearby = 4096

// records reads events from the ledger, by sequence. With an error that wraps
// [ledger.ErrDamaged] the others are there.
func (s *Service) records(ctx context.Context, refs []ref) (map[uint64]event.Record, error) {
	refs = slices.SortedFunc(slices.Values(refs), firstFirst.compare)
	out := make(map[uint64]event.Record, len(refs))
	err := s.each(ctx, refs, func(rec *event.Record) error {
		keep := *rec
		keep.Raw = bytes.Clone(rec.Raw)
		out[rec.Seq] = keep
		return nil
	})
	return out, err
}

// each calls fn for the events of refs, which are sorted by sequence. The record
// is valid during fn. Events that cannot be read are left out; the error then
// wraps [ledger.ErrDamaged], when fn has been called for the others.
func (s *Service) each(ctx context.Context, refs []ref, fn func(*event.Record) error) error {
	var broken error
	for len(refs) > 0 {
		n := 1
		for n < len(refs) && refs[n].seq-refs[n-1].seq <= nearby {
			n++
		}
		run, at := refs[:n], 0
		refs = refs[n:]
		err := s.o.Log.Read(ctx, run[0].seq, run[n-1].seq+1, func(e ledger.Entry) error {
			for at < n && run[at].seq < e.Seq {
				at++
			}
			if at == n || run[at].seq != e.Seq {
				return nil
			}
			rec := s.read(&e)
			return fn(&rec)
		})
		switch {
		case errors.Is(err, ledger.ErrDamaged):
			broken = err
		case err != nil:
			return fmt.Errorf("read events from %d: %w", run[0].seq, err)
		}
	}
	return broken
}

// Event reads one event. It fails with [ErrNotFound], also where the actor in ctx
// must not see the event, or [ErrDamaged].
func (s *Service) Event(ctx context.Context, seq uint64) (event.Record, error) {
	if seq >= s.o.Log.Size() {
		return event.Record{}, fmt.Errorf("event %d: %w", seq, ErrNotFound)
	}
	recs, err := s.records(ctx, []ref{{seq: seq}})
	rec, ok := recs[seq]
	switch {
	case ok && sees(ctx, rec.Transport):
		return rec, nil
	case ok:
		return event.Record{}, fmt.Errorf("event %d: %w", seq, ErrNotFound)
	case errors.Is(err, ledger.ErrDamaged):
		return event.Record{}, fmt.Errorf("event %d: %w: %w", seq, ErrDamaged, err)
	case err != nil:
		return event.Record{}, err
	default:
		return event.Record{}, fmt.Errorf("event %d: %w", seq, ErrNotFound) // it was removed
	}
}

// Around returns an event with up to before and after events of the same source
// around it, by sequence.
func (s *Service) Around(ctx context.Context, seq uint64, before, after int) ([]event.Record, error) {
	mid, err := s.Event(ctx, seq)
	if err != nil {
		return nil, err
	}
	leave, err := s.queries.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeoutCause(ctx, s.o.Time, errTime)
	defer cancel()
	size := s.o.Log.Size()
	var refs []ref
	for _, side := range []struct {
		order       order
		n           int
		first, next uint64
	}{{lastFirst, before, 0, seq}, {firstFirst, after, seq + 1, math.MaxUint64}} {
		n := min(max(side.n, 0), s.o.MaxBefore)
		if n == 0 {
			continue
		}
		span := plan.Everywhere()
		span.First, span.Next = side.first, side.next
		p := plan.OfSource(mid.Source, s.o.Sources)
		p.Hide(hidden(ctx))
		p.Narrow(span)
		found := &firsts{order: side.order, n: n}
		if _, err := s.walk(ctx, p, s.pieces(p, size, side.order), found); err != nil {
			return nil, err
		}
		found.tidy()
		refs = append(refs, found.refs...)
	}
	recs, err := s.records(context.WithoutCancel(ctx), refs)
	if err != nil && !errors.Is(err, ledger.ErrDamaged) {
		return nil, err
	}
	out := []event.Record{mid}
	for _, rec := range recs {
		out = append(out, rec)
	}
	slices.SortFunc(out, func(a, b event.Record) int { return firstFirst.compare(ref{seq: a.Seq}, ref{seq: b.Seq}) })
	return out, nil
}
