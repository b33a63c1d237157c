package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/search/plan"
	"github.com/fengsui/fengsui/ledger"
)

// collector takes the events that match.
type collector interface {
	// record takes one. when is its time to search by. It keeps nothing of rec.
	record(rec *event.Record, when int64)
	// group takes the rows of hits, at least one.
	group(ctx context.Context, g *sidecar.Group, rows *sidecar.Rows, hits plan.Bitmap) error
	// wants reports whether events of the piece could still matter.
	wants(p *piece) bool
	// fork returns an empty collector of the same kind, join takes over what one
	// has: what a piece gave can be thrown away when its sidecar turns out damaged.
	fork() collector
	join(collector)
}

// piece is a run of events that is searched in one go.
type piece struct {
	first, next uint64 // sequences [first, next)
	from, to    int64  // times inside, both inclusive
	part        *index.Part
}

// order says in which order pieces are searched.
type order uint8

const (
	newestFirst order = iota
	oldestFirst
	lastFirst  // by sequence, down
	firstFirst // by sequence, up
)

// scanChunk is how many events are scanned before it is asked again whether more
// of them matter, where pieces go by sequence.
const scanChunk = 16 << 10

// pieces returns what the plan has to look at, of the events [0, size).
func (s *Service) pieces(p *plan.Plan, size uint64, o order) []piece {
	var out []piece
	next := uint64(0)
	if s.o.Index != nil {
		view := s.o.Index.View()
		for _, part := range view.Parts() {
			out = append(out, ofPart(part))
		}
		next = view.Next()
	}
	for _, seg := range s.o.Log.SegmentsFrom(next) {
		if seg.Next > next {
			out = append(out, piece{
				first: max(seg.First, next), next: seg.Next,
				from: reachBack(seg.FirstReceived), to: reachAhead(seg.LastReceived),
			})
			next = seg.Next
		}
	}
	if next < size {
		out = append(out, piece{first: next, next: size, from: math.MinInt64, to: math.MaxInt64})
	}
	l := p.Limits()
	var kept []piece
	for _, pc := range out {
		pc.first, pc.next = max(pc.first, l.First), min(pc.next, l.Next, size)
		if pc.first < pc.next && pc.from < l.To && pc.to >= l.From {
			kept = append(kept, pc.cut(o)...)
		}
	}
	slices.SortStableFunc(kept, func(a, b piece) int {
		switch o {
		case newestFirst:
			return cmp.Or(cmp.Compare(b.to, a.to), cmp.Compare(b.first, a.first))
		case oldestFirst:
			return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.first, b.first))
		case lastFirst:
			return cmp.Compare(b.first, a.first)
		default:
			return cmp.Compare(a.first, b.first)
		}
	})
	return kept
}

func ofPart(part *index.Part) piece {
	p := piece{first: part.First(), next: part.Next(), from: math.MinInt64, to: math.MaxInt64, part: part}
	if from, to, ok := part.Times(); ok {
		p.from, p.to = from.UnixNano(), to.UnixNano()
	} else if from, to, ok := part.Received(); ok {
		p.from, p.to = reachBack(from), reachAhead(to)
	}
	return p
}

// reachBack and reachAhead say how far from receipt an event's time may lie.
func reachBack(received time.Time) int64 {
	if received.IsZero() {
		return math.MinInt64
	}
	return received.Add(-sidecar.MaxBehind).UnixNano()
}

func reachAhead(received time.Time) int64 {
	if received.IsZero() {
		return math.MaxInt64
	}
	return received.Add(sidecar.MaxAhead).UnixNano()
}

// cut makes smaller pieces of one that is scanned, where that lets a search stop
// earlier.
func (p piece) cut(o order) []piece {
	if o != lastFirst && o != firstFirst || p.part != nil && !p.part.ScanOnly() {
		return []piece{p}
	}
	var out []piece
	for first := p.first; first < p.next; first += scanChunk {
		c := p
		c.first, c.next = first, min(first+scanChunk, p.next)
		out = append(out, c)
	}
	return out
}

// outcome says how far a search came.
type outcome struct {
	scanned uint64 // events looked at
	partial bool
	reason  string // why it is partial
}

func (o *outcome) note(reason string) {
	if !o.partial {
		o.partial, o.reason = true, reason
	}
}

// walk gives every match of the plan to the collector, piece by piece. When the
// time of ctx is up, or events cannot be read, the outcome is partial; when ctx
// is cancelled, walk fails with its error.
func (s *Service) walk(ctx context.Context, p *plan.Plan, pieces []piece, c collector) (outcome, error) {
	var out outcome
	for i := range pieces {
		pc := &pieces[i]
		if !c.wants(pc) {
			continue
		}
		err := s.search(ctx, p, pc, c, &out)
		switch {
		case err == nil:
		case errors.Is(err, errEnough):
			return out, nil
		case errors.Is(context.Cause(ctx), errTime), errors.Is(ctx.Err(), context.DeadlineExceeded):
			out.note("the time for one query was up; narrow the span of time or the query")
			return out, nil
		case ctx.Err() != nil:
			return out, ctx.Err()
		case errors.Is(err, ledger.ErrDamaged):
			out.note("some events cannot be read back from the ledger")
		default:
			return out, err
		}
	}
	return out, nil
}

var (
	// errTime is the cause of a context whose time for a query is up.
	errTime = errors.New("time for a query is up")
	// errEnough ends a walk that has all it wants.
	errEnough = errors.New("enough")
)

// search looks at one piece: with its sidecar, or by scanning.
func (s *Service) search(ctx context.Context, p *plan.Plan, pc *piece, c collector, out *outcome) error {
	if pc.part != nil && !pc.part.ScanOnly() {
		sub := c.fork()
		scanned, err := s.part(ctx, p, pc, sub)
		switch {
		case err == nil || ctx.Err() != nil && !errors.Is(err, sidecar.ErrDamaged):
			// Where the time is up, what was found until then is true.
			out.scanned += scanned
			c.join(sub)
			return err
		case !errors.Is(err, index.ErrScanOnly) && !errors.Is(err, sidecar.ErrDamaged):
			return err
		}
	}
	return s.scan(ctx, p, pc, c, out)
}

// part gives the matches of a part to the collector and returns how many events
// were looked at, also with an error.
func (s *Service) part(ctx context.Context, p *plan.Plan, pc *piece, c collector) (uint64, error) {
	groups, err := pc.part.Groups(ctx)
	if err != nil {
		return 0, err //nolint:wrapcheck // names the part
	}
	scanned := uint64(0)
	l := p.Limits()
	for _, g := range groups {
		if err := ctx.Err(); err != nil {
			return scanned, err
		}
		from, to := g.Times()
		first, last := g.Seqs()
		sub := piece{first: first, next: last + 1, from: from.UnixNano(), to: to.UnixNano()}
		if sub.to < l.From || sub.from >= l.To || last < pc.first || first >= pc.next || !c.wants(&sub) {
			continue
		}
		found, err := p.Find(ctx, g, pc.first, pc.next)
		if err == nil && !found.Hits.Empty() {
			err = c.group(ctx, g, found.Rows, found.Hits)
		}
		if err != nil {
			return scanned, err
		}
		scanned += uint64(found.Looked) //nolint:gosec // not negative
	}
	return scanned, nil
}

// scan reads the events of a piece from the ledger. This is the truth that the
// sidecars have to agree with.
func (s *Service) scan(ctx context.Context, p *plan.Plan, pc *piece, c collector, out *outcome) error {
	err := s.o.Log.Read(ctx, pc.first, pc.next, func(e ledger.Entry) error {
		// One event may take long: it may have thousands of fields.
		if err := ctx.Err(); err != nil {
			return err
		}
		out.scanned++
		rec := s.read(&e)
		at, _ := sidecar.When(&rec)
		if when := at.UnixNano(); p.Match(&rec, when) {
			c.record(&rec, when)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("scan events %d to %d: %w", pc.first, pc.next, err)
	}
	return nil
}

// read turns an entry into a record that shares its raw bytes.
func (s *Service) read(e *ledger.Entry) event.Record {
	return s.o.Reader.Read(event.Event{
		Seq: e.Seq, Received: e.Received, Source: e.Source, Transport: e.Transport, Peer: e.Peer, Batch: e.Batch, Raw: e.Raw,
	}, s.o.Sources.Source(e.Source))
}
