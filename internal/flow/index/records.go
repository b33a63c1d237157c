package index

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

// errEnough ends a read that has taken its share.
var errEnough = errors.New("enough")

// read returns the next events of [from, to) with raw bytes of their own, and the
// sequence behind what it looked at. Events that the ledger cannot give back are
// left out and counted; that is the ledger's to report. With an error, what is
// before it is good.
func (x *Index) read(ctx context.Context, from, to uint64) ([]event.Event, uint64, error) {
	to = min(to, from+uint64(x.o.Events)) //nolint:gosec // a positive setting
	out := make([]event.Event, 0, to-from)
	bytes := 0
	err := x.o.Log.Read(ctx, from, to, func(e ledger.Entry) error {
		if bytes >= x.o.Bytes {
			return errEnough
		}
		bytes += len(e.Raw)
		out = append(out, event.Event{
			Seq: e.Seq, Received: e.Received, Source: e.Source, Transport: e.Transport, Peer: e.Peer, Batch: e.Batch,
			Raw: append(make([]byte, 0, len(e.Raw)), e.Raw...),
		})
		return nil
	})
	next := to
	if err != nil && !errors.Is(err, ledger.ErrDamaged) {
		next = from
		if len(out) > 0 {
			next = out[len(out)-1].Seq + 1
		}
	}
	x.metrics.skipped.Add(float64(next - from - uint64(len(out))))
	switch {
	case err == nil, errors.Is(err, errEnough), errors.Is(err, ledger.ErrDamaged):
		return out, next, nil
	default:
		return out, next, fmt.Errorf("read events from %d: %w", from, err)
	}
}

// fewest is the least number of events worth a goroutine.
const fewest = 64

// records reads the events on several goroutines, in their order. used are the
// sources they were read with, by id: each is asked for once, so that all events of a
// source are read alike.
func (x *Index) records(events []event.Event, workers int) (out []event.Record, used map[string]event.Source) {
	used = map[string]event.Source{}
	for i := range events {
		id := events[i].Source
		if _, ok := used[id]; !ok {
			used[id] = x.o.Sources.Source(id)
		}
	}
	out = make([]event.Record, len(events))
	n := max(1, min(workers, len(events)/fewest))
	size := (len(events) + n - 1) / n
	var wg sync.WaitGroup
	for i := range n {
		from, to := min(i*size, len(events)), min((i+1)*size, len(events))
		work := func() {
			for k := from; k < to; k++ {
				out[k] = x.record(events[k], used[events[k].Source])
			}
		}
		if i == n-1 {
			work() // the last share is ours
			continue
		}
		wg.Go(work)
	}
	wg.Wait()
	return out, used
}

// record reads one event. One that breaks the reader is kept with its text alone:
// a hostile line must not keep its neighbours from being found.
func (x *Index) record(ev event.Event, src event.Source) (rec event.Record) {
	defer func() {
		if r := recover(); r != nil {
			x.metrics.panics.Inc()
			x.o.Slog.Error("event could not be read into fields", slog.Uint64("seq", ev.Seq), slog.Any("panic", r))
			rec = event.Record{Event: ev, Class: "text", Text: strings.ToValidUTF8(string(ev.Raw), "\uFFFD")}
		}
	}()
	return x.o.Reader.Read(ev, src)
}
