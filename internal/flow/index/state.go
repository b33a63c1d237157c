package index

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/ledger"
)

// state says what is known about the sidecar of a segment.
type state uint8

const (
	stateLive      state = iota // its segment is followed, or its part is being finished
	stateUnchecked              // a file was found and not looked at
	stateBad                    // there is none, or none to trust
	stateGood
)

// entry is what the index knows of one segment. Its fields are guarded by Index.mu.
type entry struct {
	first, next uint64
	rawBytes    int64
	received    sidecar.Span
	state       state
	due         time.Time     // stateBad: when to build
	pause       time.Duration // after the last failure
	part        *Part         // what views show, unless live
	live        *builder      // stateLive; nil: building broke
}

func newEntry(seg *ledger.Segment, s state) *entry {
	e := &entry{
		first: seg.First, next: seg.Next, rawBytes: seg.RawBytes, state: s,
		received: sidecar.Span{Min: seg.FirstReceived.UnixNano(), Max: seg.LastReceived.UnixNano()},
	}
	return e
}

// scanOnly returns the part of an entry that has no good sidecar.
func (x *Index) scanOnly(e *entry) *Part {
	return &Part{first: e.first, next: e.next, received: e.received, known: e.state != stateLive, timeUnknown: true}
}

// lookAround finds out which sidecars there are and removes what is of no use.
func (x *Index) lookAround() error {
	have, err := x.folder.List()
	if err != nil {
		return fmt.Errorf("open index: %w", err)
	}
	segments := x.o.Log.Segments()
	x.indexed = x.o.Log.Size()
	for i := range segments {
		seg := &segments[i]
		if !seg.Sealed {
			x.indexed = seg.First
			break
		}
		e := newEntry(seg, stateBad)
		if have[seg.First] {
			e.state = stateUnchecked
		}
		delete(have, seg.First)
		e.part = x.scanOnly(e)
		x.entries = append(x.entries, e)
	}
	for first := range have {
		x.remove(first)
	}
	return nil
}

// remove removes a sidecar; it is tried again at the next start.
func (x *Index) remove(first uint64) {
	if err := x.folder.Remove(first); err != nil {
		x.metrics.errors.Inc()
		x.o.Slog.Warn("sidecar could not be removed", slog.Uint64("first", first), slog.Any("error", err))
	}
}

// hurt is told of damage in a sidecar: its entry turns bad.
func (x *Index) hurt(first uint64, f *sidecar.File, err error) {
	x.metrics.damaged.Inc()
	x.o.Slog.Warn("sidecar is damaged and will be built again", slog.Uint64("first", first), slog.Any("error", err))
	x.mu.Lock()
	e := x.find(first)
	hit := e != nil && e.state == stateGood && e.part.file == f
	x.mu.Unlock()
	if hit {
		x.bad(e, 0)
	}
}

// find returns the entry of the segment that begins at first. The caller has mu.
func (x *Index) find(first uint64) *entry {
	i, ok := slices.BinarySearchFunc(x.entries, first, func(e *entry, first uint64) int {
		return compare(e.first, first)
	})
	if !ok {
		return nil
	}
	return x.entries[i]
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

func (x *Index) state(e *entry) state {
	x.mu.Lock()
	defer x.mu.Unlock()
	return e.state
}

// segment returns what a sidecar of the entry has to be of.
func (x *Index) segment(e *entry) ledger.Segment {
	x.mu.Lock()
	defer x.mu.Unlock()
	return ledger.Segment{First: e.first, Next: e.next, RawBytes: e.rawBytes, Sealed: true}
}

// good gives an entry its sidecar. One whose segment is gone is removed.
func (x *Index) good(e *entry, f *sidecar.File, sum *sidecar.Summary) {
	x.mu.Lock()
	gone := x.find(e.first) != e
	if !gone {
		e.state, e.live, e.pause = stateGood, nil, 0
		e.next = sum.Next
		e.part = &Part{first: sum.First, next: sum.Next, received: sum.Received, known: sum.Rows > 0, file: f, sum: *sum}
		x.settled = nil
	}
	x.mu.Unlock()
	if gone {
		f.GiveUp()
		x.remove(e.first)
	}
}

// bad makes an entry scan only, to be built after the pause.
func (x *Index) bad(e *entry, pause time.Duration) {
	x.mu.Lock()
	e.state, e.live, e.pause, e.due = stateBad, nil, pause, x.o.Now().Add(pause)
	e.part = x.scanOnly(e)
	x.settled = nil
	x.mu.Unlock()
	x.wakeTend()
}

func (x *Index) wakeTend() {
	select {
	case x.wake <- struct{}{}:
	default: // it has yet to take the last one, and will look anyway
	}
}

// closed says that the segment of an entry was closed and its part could not be built.
func (x *Index) closed(e *entry, seg *ledger.Segment) {
	x.mu.Lock()
	fresh := newEntry(seg, stateBad)
	e.next, e.rawBytes, e.received = fresh.next, fresh.rawBytes, fresh.received
	x.mu.Unlock()
	x.bad(e, x.o.Retry)
}

// follow adds the entry of the segment that is followed now.
func (x *Index) follow(seg *ledger.Segment, b *builder) *entry {
	e := newEntry(seg, stateLive)
	e.live, e.next = b, seg.First
	x.mu.Lock()
	defer x.mu.Unlock()
	e.part = x.scanOnly(e)
	if old := x.find(e.first); old != nil {
		i := slices.Index(x.entries, old)
		x.entries[i] = e
	} else {
		x.insert(e)
	}
	x.settled = nil
	return e
}

// insert puts an entry in its place. The caller has mu.
func (x *Index) insert(e *entry) {
	i, _ := slices.BinarySearchFunc(x.entries, e.first, func(e *entry, first uint64) int {
		return compare(e.first, first)
	})
	x.entries = slices.Insert(x.entries, i, e)
}

// publish says that all events below next are searchable.
func (x *Index) publish(e *entry, b *builder, next uint64) {
	x.mu.Lock()
	e.live, e.next = b, next
	if b == nil {
		e.part = x.scanOnly(e)
		x.settled = nil
	}
	x.indexed = next
	close(x.news)
	x.news = make(chan struct{})
	x.mu.Unlock()
}

// sweep drops the parts of segments that are gone, and takes up segments below
// next that were not known.
func (x *Index) sweep(segments []ledger.Segment, next uint64) {
	x.mu.Lock()
	kept := make([]*entry, 0, len(x.entries))
	var gone []*entry
	added := false
	i := 0
	for _, e := range x.entries {
		for i < len(segments) && segments[i].First < e.first {
			added = x.takeUp(&segments[i], next, &kept) || added
			i++
		}
		if i < len(segments) && segments[i].First == e.first {
			kept = append(kept, e)
			i++
			continue
		}
		gone = append(gone, e)
	}
	for ; i < len(segments); i++ {
		added = x.takeUp(&segments[i], next, &kept) || added
	}
	if len(gone) > 0 || added {
		x.entries, x.settled = kept, nil
	}
	x.mu.Unlock()
	for _, e := range gone {
		x.remove(e.first)
	}
	if added {
		x.wakeTend()
	}
}

func (x *Index) takeUp(seg *ledger.Segment, next uint64, to *[]*entry) bool {
	if !seg.Sealed || seg.Next > next {
		return false
	}
	e := newEntry(seg, stateBad)
	e.part = x.scanOnly(e)
	*to = append(*to, e)
	return true
}

// View returns the index as it is now. It is cheap.
func (x *Index) View() *View {
	x.mu.Lock()
	defer x.mu.Unlock()
	first := len(x.entries)
	for first > 0 && x.entries[first-1].state == stateLive {
		first--
	}
	if x.settled == nil {
		x.settled = make([]*Part, 0, first+2)
		for _, e := range x.entries[:first] {
			x.settled = append(x.settled, e.part)
		}
	}
	v := &View{parts: slices.Clip(x.settled), next: x.indexed}
	for _, e := range x.entries[first:] {
		p := e.part
		if e.live != nil {
			p = e.live.snapshot()
		}
		v.parts = append(v.parts, p)
		v.next = max(v.next, p.next)
	}
	return v
}

// Indexed returns a number n such that all events below n are searchable: they
// are in the parts of the next View.
func (x *Index) Indexed() uint64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.indexed
}

// Wait returns Indexed as soon as it is above n. It fails when ctx ends.
func (x *Index) Wait(ctx context.Context, n uint64) (uint64, error) {
	for {
		x.mu.Lock()
		now, news := x.indexed, x.news
		x.mu.Unlock()
		if now > n {
			return now, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return now, fmt.Errorf("wait for event %d in the index: %w", n, ctx.Err())
		}
	}
}

// Stats returns a picture of the index.
func (x *Index) Stats() Stats {
	size := x.o.Log.Size()
	x.mu.Lock()
	defer x.mu.Unlock()
	s := Stats{Indexed: x.indexed, Lag: size - min(size, x.indexed), Parts: len(x.entries)}
	for _, e := range x.entries {
		switch {
		case e.live != nil:
		case e.state == stateGood:
			s.Bytes += e.part.sum.Size
		default:
			s.ScanOnly++
		}
	}
	return s
}
