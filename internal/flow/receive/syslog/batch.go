package syslog

import (
	"context"
	"log/slog"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

const (
	// Messages are copied into chunks, many at a time. The first chunk of a batch
	// is small: most connections bring little, and there may be many of them.
	firstChunk = 2 << 10
	lastChunk  = 128 << 10
	// batchBytes is how many bytes of messages make a batch full.
	batchBytes = 1 << 20

	// The bounds of a wait for the sink, whatever it asks for.
	minWait = 10 * time.Millisecond
	maxWait = 10 * time.Second
)

// batch collects messages. Their bytes are copies.
type batch struct {
	events []event.Event
	bytes  int
	room   []byte // what is left of the chunk in use
}

// add copies the message of ev into the batch.
func (b *batch) add(ev event.Event, msg []byte) {
	if len(msg) > len(b.room) {
		b.room = make([]byte, max(firstChunk, min(2*b.bytes, lastChunk), len(msg)))
	}
	ev.Raw = b.room[:len(msg):len(msg)]
	copy(ev.Raw, msg)
	b.room = b.room[len(msg):]
	b.events = append(b.events, ev)
	b.bytes += len(msg)
}

// clear empties the batch. The chunks stay with whoever still reads them. A list
// that was much too large is given up.
func (b *batch) clear() {
	if cap(b.events) > 64+4*len(b.events) {
		b.events = nil
	}
	clear(b.events)
	b.events, b.bytes = b.events[:0], 0
}

// work is a receiver that runs.
type work struct {
	*Receiver

	late context.Context //nolint:containedctx // ends the grace; every goroutine of Run shares it, and none outlives Run
}

// seal makes the events durable, all of one transport, and counts them. It waits
// while the sink asks for it; once the grace is over it counts them as dropped.
func (w *work) seal(transport string, events []event.Event) {
	if len(events) == 0 {
		return
	}
	for told := false; ; told = true {
		_, err := w.o.Sink.Seal(w.late, events, "")
		if err == nil {
			w.tally(events, func(source string, n, size int) {
				w.o.Sources.Received(source, transport, n, size, w.o.Now())
			})
			return
		}
		wait, again := waitFor(err)
		if !again || !w.sleep(w.late, wait) {
			w.o.Log.ErrorContext(w.late, "syslog messages lost", slog.String("transport", transport),
				slog.Int("messages", len(events)), slog.Any("error", err))
			w.tally(events, func(source string, n, _ int) {
				w.o.Sources.Dropped(source, transport, receive.ReasonNotSealed, n, w.o.Now())
			})
			return
		}
		if !told {
			w.o.Log.WarnContext(w.late, "syslog waits for the ledger", slog.String("transport", transport), slog.Any("error", err))
		}
	}
}

// waitFor returns how long to wait before the same batch is tried again; again
// is false when that cannot help.
func waitFor(err error) (wait time.Duration, again bool) {
	p, ok := problem.From(err)
	switch {
	case !ok: // something unforeseen: an operator must look, and the sender waits
		return time.Second, true
	case p.Kind() == problem.TooMany, p.Kind() == problem.Unavailable:
		return min(max(p.RetryAfter(), minWait), maxWait), true
	default:
		return 0, false
	}
}

// sleep waits and reports whether ctx is still alive after it.
func (w *work) sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// tally calls f once for every run of events of one source.
func (w *work) tally(events []event.Event, f func(source string, n, size int)) {
	first, size := 0, 0
	for i := range events {
		if events[i].Source != events[first].Source {
			f(events[first].Source, i-first, size)
			first, size = i, 0
		}
		size += len(events[i].Raw)
	}
	f(events[first].Source, len(events)-first, size)
}
