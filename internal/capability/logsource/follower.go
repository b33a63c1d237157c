package logsource

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/event"
)

// textClass is the class of a record that no parser knew.
const textClass = "text"

// Follower counts sealed events per source. It is fed in ledger order by whoever
// follows the ledger; the counts and the cursor behind them are stored together,
// so that each event is counted once.
type Follower struct{ s *Service }

// Follower returns the follower of this service.
func (s *Service) Follower() *Follower { return &Follower{s: s} }

// Cursor returns the sequence of the first event that was not counted.
func (f *Follower) Cursor(ctx context.Context) (uint64, error) {
	return cursorOf(ctx, f.s.d.DB.Read)
}

// Add counts one record in memory and leaves out those counted before. It keeps
// nothing of rec.
func (f *Follower) Add(rec *event.Record) {
	s := f.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if rec.Seq < s.next {
		return
	}
	s.next = rec.Seq + 1
	if rec.Source == "" {
		return // the station's own
	}
	at := stored(rec.Received)
	e := s.sources[ID(rec.Source)]
	unparsed := int64(0)
	if rec.Class == textClass && (e == nil || e.Format != textClass) {
		unparsed = 1
	}
	s.pending.add(ID(rec.Source), rec.Class, at, int64(len(rec.Raw)), unparsed)
	if e == nil {
		return
	}
	e.totals.add(at, 1, int64(len(rec.Raw)), unparsed)
	if e.RetiredAt.IsZero() {
		s.heard(e, at)
	}
	e.last = later(e.last, at)
}

// Flush stores what Add counted, with the sequence behind the last event that was
// looked at. After an error it is repeated with the same cursor before the next
// Add.
func (f *Follower) Flush(ctx context.Context, cursor uint64) error {
	s := f.s
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.d.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		done, err := cursorOf(ctx, tx)
		if err != nil || done >= cursor {
			return err // stored already: the answer of an earlier call was lost
		}
		if err := s.pending.store(ctx, tx); err != nil {
			return err
		}
		return putCursor(ctx, tx, cursor)
	})
	if err != nil {
		return fmt.Errorf("store counts of sources up to %d: %w", cursor, err)
	}
	s.next = max(s.next, cursor)
	s.pending = newCounts()
	return nil
}

// Apply counts records and stores the counts: Add for each, then Flush.
func (f *Follower) Apply(ctx context.Context, records []event.Record, cursor uint64) error {
	for i := range records {
		f.Add(&records[i])
	}
	return f.Flush(ctx, cursor)
}

// entry is a source with what is known of its deliveries. Service.mu guards it.
type entry struct {
	Source

	totals  totals
	last    time.Time // latest receipt that was followed
	open    *Gap      // the gap it is in
	dropped int64
	told    State // the state that consoles were told last
}

// base returns since when nothing was heard, and the reason of a gap that begins
// there.
func (e *entry) base(live time.Time) (time.Time, string) {
	if last := later(e.last, live); !last.IsZero() {
		return last, ReasonSilent
	}
	return e.CreatedAt, ReasonNever
}

// due returns from when on silence since base is a gap, for a source that is
// heard or looked for at the given time. Only the time counts in which the
// station was there to listen.
func (s *Service) due(e *entry, base, at time.Time) time.Time {
	ref := base
	for _, start := range s.starts {
		if !start.After(at) {
			ref = later(ref, start)
		}
	}
	return ref.Add(e.SilentAfter)
}

// heard draws the conclusions from a receipt: it ends the open gap, or shows
// one that nobody saw while it lasted.
func (s *Service) heard(e *entry, at time.Time) {
	now := stored(s.d.Now())
	if g := e.open; g != nil {
		switch {
		case at.After(g.Due):
			g.To, g.Ended, g.ClosedAt = at, endReturned, now
			e.open = nil
		case at.After(g.From): // received before the gap began, followed only now
			g.From, g.Due = at, s.due(e, at, at)
			g.Reason = ReasonSilent
		default:
			return
		}
		s.pending.gaps = append(s.pending.gaps, *g)
		return
	}
	base, reason := e.base(time.Time{})
	if due := s.due(e, base, at); at.After(due) {
		s.pending.gaps = append(s.pending.gaps, Gap{
			ID: newID(), Source: e.ID, Reason: reason, From: base, Due: due, To: at, Ended: endReturned,
			RecordedAt: now, ClosedAt: now,
		})
	}
}

// totals are counts over a span of time.
type totals struct {
	first, last             time.Time
	events, bytes, unparsed int64
}

func (t *totals) add(at time.Time, events, bytes, unparsed int64) {
	t.events += events
	t.bytes += bytes
	t.unparsed += unparsed
	if t.first.IsZero() || at.Before(t.first) {
		t.first = at
	}
	t.last = later(t.last, at)
}

type classKey struct {
	source ID
	class  string
}

type hourKey struct {
	source ID
	hour   time.Time
}

// counts wait to be stored.
type counts struct {
	sources map[ID]*totals
	classes map[classKey]int64
	hours   map[hourKey]*totals
	gaps    []Gap // in the order of what happened to them
}

func newCounts() *counts {
	return &counts{sources: map[ID]*totals{}, classes: map[classKey]int64{}, hours: map[hourKey]*totals{}}
}

func (c *counts) add(source ID, class string, at time.Time, bytes, unparsed int64) {
	t := c.sources[source]
	if t == nil {
		t = &totals{}
		c.sources[source] = t
	}
	t.add(at, 1, bytes, unparsed)
	c.classes[classKey{source, class}]++
	k := hourKey{source, at.Truncate(time.Hour)}
	h := c.hours[k]
	if h == nil {
		h = &totals{}
		c.hours[k] = h
	}
	h.add(at, 1, bytes, unparsed)
}

func (c *counts) store(ctx context.Context, tx bun.Tx) error {
	if err := addStates(ctx, tx, c.sources); err != nil {
		return err
	}
	if err := addClasses(ctx, tx, c.classes); err != nil {
		return err
	}
	if err := addHours(ctx, tx, c.hours); err != nil {
		return err
	}
	return putGaps(ctx, tx, c.gaps)
}

// newID returns a UUIDv7. The system's randomness does not fail on the platforms
// the station runs on; where it does, nothing else would work either.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// stored returns t as the database gives it back.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
