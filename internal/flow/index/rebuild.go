package index

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/ledger"
)

// tend checks sidecars that were found at the start and builds those that are
// missing, bad or made under other settings, newest first, until ctx ends.
func (x *Index) tend(ctx context.Context) error {
	for ctx.Err() == nil {
		x.review(ctx)
		if x.pass(ctx) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-x.wake:
		case <-time.After(x.o.Tick):
		}
	}
	return nil
}

// pass works on what is pending. After a part was built it looks anew, because a
// newer one may have come; it reports whether that was so.
func (x *Index) pass(ctx context.Context) bool {
	for _, e := range x.pending() {
		if ctx.Err() != nil {
			return false
		}
		switch s := x.state(e); {
		case s == stateUnchecked && x.check(ctx, e), s == stateGood, s == stateLive:
			continue
		}
		x.build(ctx, e)
		return true
	}
	return false
}

// pending returns the entries to work on, newest first.
func (x *Index) pending() []*entry {
	now := x.o.Now()
	x.mu.Lock()
	defer x.mu.Unlock()
	var out []*entry
	for _, e := range slices.Backward(x.entries) {
		if e.state == stateUnchecked || e.state == stateBad && !now.Before(e.due) {
			out = append(out, e)
		}
	}
	return out
}

// check looks whether the sidecar of an entry is there and good.
func (x *Index) check(ctx context.Context, e *entry) bool {
	f := x.folder.File(e.first)
	sum, err := f.Summary()
	seg := x.segment(e)
	switch {
	case err == nil && fits(&sum, &seg, x.o.Version) && sum.Rows == sum.Next-sum.First && !x.stale(sum.Readings):
		x.good(e, f, &sum)
		return true
	case err == nil, errors.Is(err, sidecar.ErrOutdated), errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, sidecar.ErrDamaged):
		x.metrics.damaged.Inc()
		x.o.Slog.WarnContext(ctx, "sidecar is damaged and will be built again",
			slog.Uint64("first", e.first), slog.Any("error", err))
	default:
		x.failed(ctx, "open a sidecar", e.first, err)
	}
	x.bad(e, 0)
	return false
}

// fits reports whether a sidecar is that of the segment and reader version.
func fits(sum *sidecar.Summary, seg *ledger.Segment, version uint32) bool {
	return sum.Version == version && sum.First == seg.First && sum.Next == seg.Next && sum.RawBytes == uint64(seg.RawBytes) //nolint:gosec // not negative
}

// build makes the sidecar of an entry. When that fails it is tried again later.
func (x *Index) build(ctx context.Context, e *entry) {
	b, err := x.newBuilder(e.first)
	if err == nil {
		err = x.buildWith(ctx, e, b)
		if err != nil {
			b.drop()
		}
	}
	switch {
	case err == nil, ctx.Err() != nil:
	case errors.Is(err, errSettings):
		x.bad(e, x.o.Retry)
	default:
		x.failed(ctx, "build a part", e.first, err)
		x.bad(e, x.longer(e))
	}
}

func (x *Index) buildWith(ctx context.Context, e *entry, b *builder) error {
	seg := x.segment(e)
	for at := seg.First; at < seg.Next; {
		events, next, err := x.read(ctx, at, seg.Next)
		if err == nil {
			recs, used := x.records(events, 1)
			err = b.tryAdd(recs, used, next)
		}
		if err != nil {
			return err
		}
		at = next
	}
	sum, err := b.tryFinish(seg)
	if err != nil {
		return err
	}
	x.metrics.built.Inc()
	if missing := sum.Next - sum.First - sum.Rows; missing > 0 {
		x.o.Slog.WarnContext(ctx, "sidecar lacks events that the ledger cannot read",
			slog.Uint64("first", e.first), slog.Uint64("missing", missing))
	}
	x.good(e, b.out.File(), &sum)
	return nil
}

// longer returns the pause after one more failure.
func (x *Index) longer(e *entry) time.Duration {
	x.mu.Lock()
	defer x.mu.Unlock()
	return min(max(2*e.pause, x.o.Retry), 32*x.o.Retry)
}
