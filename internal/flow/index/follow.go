package index

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/ledger"
)

// follower turns new events into the part of the open segment. It belongs to one
// goroutine.
type follower struct {
	x     *Index
	g     *errgroup.Group // runs what closes parts
	done  chan struct{}   // room for one part that is being closed; full: the follower waits
	next  uint64          // first event that is not indexed
	swept time.Time       // when removed segments and changed settings were last looked for
	entry *entry          // of the open segment; nil: none yet
	b     *builder        // of entry; nil: building broke, the part is scan only
}

// run follows the ledger until ctx ends.
func (f *follower) run(ctx context.Context) error {
	pause := f.x.o.Retry
	for ctx.Err() == nil {
		moved, err := f.turn(ctx)
		wait := f.x.o.Linger
		switch {
		case err != nil && ctx.Err() == nil:
			f.x.failed(ctx, "follow the ledger", f.next, err)
			wait, pause = pause, min(2*pause, 32*f.x.o.Retry)
		case !moved:
			f.x.waitNews(ctx, f.next)
			continue
		default:
			pause = f.x.o.Retry
		}
		sleep(ctx, wait)
	}
	if f.b != nil {
		f.b.drop()
	}
	return nil
}

// waitNews waits until the ledger has more than next events, at most a tick.
func (x *Index) waitNews(ctx context.Context, next uint64) {
	ctx, cancel := context.WithTimeout(ctx, x.o.Tick)
	defer cancel()
	if _, err := x.o.Log.Wait(ctx, next); err != nil {
		<-ctx.Done() // a ledger that is closed says so at once, and grows no more
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// turn indexes what is new in the ledger, and reports whether there was anything.
func (f *follower) turn(ctx context.Context) (bool, error) {
	size := f.x.o.Log.Size()
	if now := f.x.o.Now(); now.Sub(f.swept).Abs() >= f.x.o.Tick {
		f.swept = now
		f.x.sweep(f.x.o.Log.Segments(), f.next)
		f.review(ctx)
	}
	from := f.next
	if f.entry != nil {
		from = min(from, f.entry.first) // it may have been closed without news
	}
	segments := f.x.o.Log.SegmentsFrom(from)
	before := f.next
	for i := range segments {
		if err := f.step(ctx, &segments[i], size); err != nil {
			return f.next > before, err
		}
		if f.next < segments[i].Next {
			break // the segments are ahead of size: the rest of this one comes first
		}
	}
	f.x.metrics.lag.Set(float64(size - min(size, f.next)))
	return f.next > before, nil
}

// step indexes what is new in one segment, and closes its part when it is closed.
func (f *follower) step(ctx context.Context, seg *ledger.Segment, size uint64) error {
	f.start(ctx, seg)
	for to := min(seg.Next, size); f.next < to; {
		events, next, err := f.x.read(ctx, f.next, to)
		if f.b != nil {
			recs, used := f.x.records(events, f.x.o.Workers)
			if err := f.b.tryAdd(recs, used, next); err != nil {
				f.giveUp(ctx, err)
			}
		}
		f.next = next
		f.x.metrics.events.Add(float64(len(events)))
		f.x.publish(f.entry, f.b, next)
		if err != nil {
			return err
		}
	}
	if !seg.Sealed || f.next < seg.Next {
		return nil
	}
	return f.closePart(ctx, seg)
}

// start makes seg the segment that is followed.
func (f *follower) start(ctx context.Context, seg *ledger.Segment) {
	if f.entry != nil && f.entry.first == seg.First {
		return
	}
	if f.b != nil { // the segment before was never seen closed: build it when it is
		f.b.drop()
		f.x.bad(f.entry, 0)
	}
	f.b = nil
	if f.next <= seg.First {
		f.next = seg.First
		b, err := f.x.newBuilder(seg.First)
		if err != nil {
			f.x.failed(ctx, "build a part", seg.First, err)
		}
		f.b = b
	}
	f.entry = f.x.follow(seg, f.b)
}

// closePart hands the part over to be finished beside. It waits while the one
// before is not finished.
func (f *follower) closePart(ctx context.Context, seg *ledger.Segment) error {
	e, b, s := f.entry, f.b, *seg
	if b == nil {
		f.entry = nil
		f.x.closed(e, seg)
		return nil
	}
	select {
	case f.done <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	f.entry, f.b = nil, nil
	f.g.Go(func() error {
		defer func() { <-f.done }()
		sum, err := b.tryFinish(s)
		if err == nil && b.out.File().Bad() {
			err = fmt.Errorf("%w while it was written", sidecar.ErrDamaged)
		}
		if err != nil {
			b.drop()
			f.x.failed(ctx, "finish a part", e.first, err)
			f.x.closed(e, &s)
			return nil
		}
		f.x.good(e, b.out.File(), &sum)
		return nil
	})
	return nil
}

// tryAdd adds records and moves on to next. What breaks in it breaks this part only.
func (b *builder) tryAdd(recs []event.Record, used map[string]event.Source, next uint64) (err error) {
	defer recovered(&err)
	if err := b.note(used); err != nil {
		return err
	}
	if err := b.add(recs); err != nil {
		return err
	}
	b.skip(next)
	return nil
}

func (b *builder) tryFinish(seg ledger.Segment) (sum sidecar.Summary, err error) {
	defer recovered(&err)
	return b.finish(seg)
}

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic: %v", r)
	}
}

// failed counts and logs what went wrong with a part.
func (x *Index) failed(ctx context.Context, act string, first uint64, err error) {
	x.metrics.errors.Inc()
	x.o.Slog.ErrorContext(ctx, "part of the index is scan only or late", slog.String("act", act),
		slog.Uint64("first", first), slog.Any("error", err))
}
