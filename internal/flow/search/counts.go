package search

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/search/plan"
)

// Count asks how many events match, when, and with which values.
type Count struct {
	Query    string
	From, To time.Time // [From, To); zero: no end
	By       string    // field whose values stack the histogram; "": none
	Buckets  int       // of the histogram at most, about; 0 means 60
	Top      string    // field whose most frequent values are wanted; "": none
	Limit    int       // of them; 0 means 10
}

// ValueCount is a value and how many events have it.
type ValueCount struct {
	Value string
	Count uint64
}

// Bucket is a span of time of a histogram.
type Bucket struct {
	From, To time.Time // [From, To)
	Count    uint64
	Values   []ValueCount // of the field By; the most frequent ones only
}

// Counts are the answer to a [Count].
type Counts struct {
	Total     uint64
	Histogram []Bucket
	Top       []ValueCount
	Scanned   uint64
	Partial   bool
	Reason    string
}

// A histogram is stacked by the maxStacked most frequent values, out of the first
// maxTracked different ones.
const (
	maxStacked = 20
	maxTracked = 1000
)

// Count counts events. It fails as [Service.Search] does.
func (s *Service) Count(ctx context.Context, in Count) (Counts, error) {
	q, err := parse(in.Query)
	if err != nil {
		return Counts{}, err
	}
	leave, err := s.queries.enter(ctx)
	if err != nil {
		return Counts{}, err
	}
	defer leave()
	ctx, cancel := context.WithTimeoutCause(ctx, s.o.Time, errTime)
	defer cancel()
	now := s.o.Now()
	p := s.plan(ctx, q, now)
	p.Narrow(within(in.From, in.To))
	c := &counter{
		p: p, tops: newTally(s.o.Values, s.o.ValueBytes), stack: newTally(min(s.o.Values, maxTracked), s.o.ValueBytes),
		offset:  offset(now, s.o.Zone),
		buckets: min(max(cmp.Or(in.Buckets, 60), 1), 1000), by: in.By, top: in.Top,
	}
	c.begin(p.Limits())
	out, err := s.walk(ctx, p, s.pieces(p, s.o.Log.Size(), newestFirst), c)
	if err != nil {
		return Counts{}, err
	}
	if c.tops.full || c.stack.full {
		out.note("there are more different values than are counted")
	}
	limit := min(max(cmp.Or(in.Limit, 10), 1), s.o.Values)
	return Counts{
		Total: c.total, Histogram: c.histogram(p.Limits()), Top: best(c.tops.counts, limit),
		Scanned: out.scanned, Partial: out.partial, Reason: out.reason,
	}, nil
}

// offset is how far the zone is from UTC, so that buckets of days begin at midnight.
func offset(now time.Time, zone *time.Location) int64 {
	_, seconds := now.In(zone).Zone()
	return int64(seconds) * int64(time.Second)
}

// best returns the n most frequent values, the same counts by value.
func best(counts map[string]uint64, n int) []ValueCount {
	out := make([]ValueCount, 0, len(counts))
	for v, k := range counts {
		out = append(out, ValueCount{v, k})
	}
	slices.SortFunc(out, func(a, b ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return out[:min(n, len(out))]
}

// tally counts values, a limited number of different ones.
type tally struct {
	counts        map[string]uint64
	values, bytes int // different ones at most, and bytes of them
	used          int
	full          bool // some were left out
}

func newTally(values, bytes int) *tally {
	return &tally{counts: map[string]uint64{}, values: values, bytes: bytes}
}

// add counts value n times and reports whether there was room for it.
func (t *tally) add(value string, n uint64) bool {
	if _, ok := t.counts[value]; !ok {
		if len(t.counts) >= t.values || t.used+len(value) > t.bytes {
			t.full = true
			return false
		}
		t.used += len(value)
		value = strings.Clone(value)
	}
	t.counts[value] += n
	return true
}

func (t *tally) join(o *tally) {
	for v, n := range o.counts {
		t.add(v, n)
	}
	t.full = t.full || o.full
}

// widths are what a bucket may span; each is a multiple of those before, so that
// narrow buckets can be put together.
func widths() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{
		time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 5 * time.Second, 10 * time.Second,
		30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour,
		6 * time.Hour, 12 * time.Hour, day, 7 * day, 28 * day, 364 * day, 3640 * day,
	}
}

// cell is one bucket while it is being counted.
type cell struct {
	count  uint64
	values map[string]uint64
}

// counter collects counts.
type counter struct {
	p       *plan.Plan
	by, top string
	buckets int
	offset  int64

	total       uint64
	width       int   // in widths
	widthNanos  int64 // the same
	fixed       bool  // the width is that of the whole span
	cells       map[int64]*cell
	low, high   int64 // keys of cells
	tops, stack *tally
}

// begin chooses the width where the span is known; else it grows with what is found.
func (c *counter) begin(l plan.Reach) {
	c.cells = map[int64]*cell{}
	all := widths()
	everything := plan.Everywhere()
	if l.From != everything.From && l.To != everything.To && l.From < l.To {
		c.fixed = true
		for c.width < len(all)-1 && (l.To-l.From)/int64(all[c.width]) > int64(c.buckets) {
			c.width++
		}
	}
	c.widthNanos = int64(all[c.width])
}

func (c *counter) key(when int64) int64 { return floor(when+c.offset, c.widthNanos) }

func floor(a, b int64) int64 {
	k := a / b
	if a%b < 0 {
		k--
	}
	return k
}

// at returns the cell of a time, after it made room for it.
func (c *counter) at(when int64) *cell {
	k := c.key(when)
	if got := c.cells[k]; got != nil {
		return got
	}
	if len(c.cells) == 0 {
		c.low, c.high = k, k
	}
	low, high := min(c.low, k), max(c.high, k)
	all := widths()
	for !c.fixed && high-low >= int64(c.buckets) && c.width < len(all)-1 {
		c.widen()
		k = c.key(when)
		low, high = min(c.low, k), max(c.high, k)
	}
	c.low, c.high = low, high
	got := c.cells[k]
	if got == nil {
		got = &cell{}
		c.cells[k] = got
	}
	return got
}

// widen puts cells together to the next width.
func (c *counter) widen() {
	c.width++
	width := int64(widths()[c.width])
	factor := width / c.widthNanos
	old := c.cells
	c.cells = make(map[int64]*cell, len(old))
	for k, have := range old {
		to := floor(k, factor)
		if c.cells[to] == nil {
			c.cells[to] = have
			continue
		}
		c.cells[to].take(have, func(string) bool { return true })
	}
	c.low, c.high, c.widthNanos = floor(c.low, factor), floor(c.high, factor), width
}

// take adds what o has, of the values that are kept.
func (c *cell) take(o *cell, kept func(string) bool) {
	c.count += o.count
	for v, n := range o.values {
		if kept(v) {
			c.value(v, n)
		}
	}
}

func (c *cell) value(v string, n uint64) {
	if c.values == nil {
		c.values = map[string]uint64{}
	}
	if _, ok := c.values[v]; !ok {
		v = strings.Clone(v)
	}
	c.values[v] += n
}

// add counts one event.
func (c *counter) add(when int64, by, top []string) {
	c.total++
	at := c.at(when)
	at.count++
	for i, v := range by {
		if !slices.Contains(by[:i], v) && c.stack.add(v, 1) {
			at.value(v, 1)
		}
	}
	for i, v := range top {
		if !slices.Contains(top[:i], v) {
			c.tops.add(v, 1)
		}
	}
}

func (c *counter) record(rec *event.Record, when int64) {
	by := c.p.Values(nil, rec, c.by)
	top := by
	if c.top != c.by {
		top = c.p.Values(nil, rec, c.top)
	}
	c.add(when, by, top)
}

func (c *counter) group(_ context.Context, g *sidecar.Group, rows *sidecar.Rows, hits plan.Bitmap) error {
	by, err := c.p.Reader(g, rows, c.by)
	if err != nil {
		return err
	}
	top, err := c.p.Reader(g, rows, c.top)
	if err != nil {
		return err
	}
	var a, b []string
	hits.Each(func(i int) {
		a, b = by(a[:0], i), top(b[:0], i)
		c.add(rows.Time[i], a, b)
	})
	return nil
}

func (c *counter) wants(*piece) bool { return true }

func (c *counter) fork() collector {
	f := *c
	f.total, f.cells = 0, map[int64]*cell{}
	f.tops, f.stack = newTally(c.tops.values, c.tops.bytes), newTally(c.stack.values, c.stack.bytes)
	return &f
}

func (c *counter) join(o collector) {
	f, ok := o.(*counter)
	if !ok {
		return
	}
	c.total += f.total
	c.tops.join(f.tops)
	c.stack.join(f.stack)
	for c.width < f.width {
		c.widen()
	}
	for k, have := range f.cells {
		c.at(k*f.widthNanos-c.offset).take(have, func(v string) bool { return c.stack.counts[v] > 0 })
	}
}

// histogram returns the buckets in order, also the empty ones between.
func (c *counter) histogram(l plan.Reach) []Bucket {
	if len(c.cells) == 0 && !c.fixed {
		return nil
	}
	low, high := c.low, c.high
	if c.fixed {
		low, high = c.key(l.From), c.key(l.To-1)
	}
	stacked := best(c.stack.counts, maxStacked)
	out := make([]Bucket, 0, high-low+1)
	for k := low; k <= high; k++ {
		from, to := k*c.widthNanos-c.offset, (k+1)*c.widthNanos-c.offset
		b := Bucket{From: time.Unix(0, max(from, l.From)).UTC(), To: time.Unix(0, min(to, l.To)).UTC()}
		if have := c.cells[k]; have != nil {
			b.Count = have.count
			for _, v := range stacked {
				if n := have.values[v.Value]; n > 0 {
					b.Values = append(b.Values, ValueCount{v.Value, n})
				}
			}
		}
		out = append(out, b)
	}
	return out
}
