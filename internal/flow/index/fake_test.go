package index

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

var day = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// memoryLog is a ledger in memory.
type memoryLog struct {
	mu      sync.Mutex
	entries []ledger.Entry
	ends    []uint64 // of sealed segments
	removed uint64   // segments that end at or before it are gone
	grown   chan struct{}
	damaged [2]uint64 // [from, to) cannot be read
	fail    error     // of the next Read
}

func newLog() *memoryLog { return &memoryLog{grown: make(chan struct{})} }

func (l *memoryLog) add(lines ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range lines {
		n := uint64(len(l.entries))
		l.entries = append(l.entries, ledger.Entry{
			Seq: n, Received: day.Add(time.Duration(n) * time.Millisecond), Source: fmt.Sprintf("s%d", n%3),
			Transport: "udp", Peer: "192.0.2.7", Raw: []byte(line),
		})
	}
	close(l.grown)
	l.grown = make(chan struct{})
}

// seal closes the open segment.
func (l *memoryLog) seal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends = append(l.ends, uint64(len(l.entries)))
}

func (l *memoryLog) Size() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(len(l.entries))
}

func (l *memoryLog) Wait(ctx context.Context, size uint64) (uint64, error) {
	for {
		l.mu.Lock()
		n, grown := uint64(len(l.entries)), l.grown
		l.mu.Unlock()
		if n > size {
			return n, nil
		}
		select {
		case <-ctx.Done():
			return n, ctx.Err()
		case <-grown:
		}
	}
}

func (l *memoryLog) Read(_ context.Context, from, to uint64, fn func(ledger.Entry) error) error {
	l.mu.Lock()
	entries, damaged, err := l.entries, l.damaged, l.fail
	l.fail = nil
	l.mu.Unlock()
	if err != nil {
		return err
	}
	var found bool
	for _, e := range entries[from:min(to, uint64(len(entries)))] {
		if e.Seq >= damaged[0] && e.Seq < damaged[1] {
			found = true
			continue
		}
		if err := fn(e); err != nil {
			return err
		}
	}
	if found {
		return &ledger.DamageError{Places: []ledger.Damage{{First: damaged[0], Next: damaged[1]}}}
	}
	return nil
}

func (l *memoryLog) Segments() []ledger.Segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []ledger.Segment
	first := uint64(0)
	add := func(next uint64, sealed bool) {
		s := ledger.Segment{First: first, Next: next, Sealed: sealed}
		for i, e := range l.entries[first:next] {
			s.RawBytes += int64(len(e.Raw))
			if i == 0 {
				s.FirstReceived = e.Received
			}
			s.LastReceived = e.Received
		}
		if next > l.removed {
			out = append(out, s)
		}
		first = next
	}
	for _, end := range l.ends {
		add(end, true)
	}
	if n := uint64(len(l.entries)); n > first {
		add(n, false)
	}
	return out
}

func (l *memoryLog) SegmentsFrom(seq uint64) []ledger.Segment {
	return slices.DeleteFunc(l.Segments(), func(s ledger.Segment) bool { return s.Next <= seq })
}

// pairs reads lines of key=value words; a word without "=" is ignored. The class is
// the value of class, the event time that of at, in seconds after day.
type pairs struct{}

func (pairs) Read(ev event.Event, _ event.Source) event.Record {
	rec := event.Record{Event: ev, Class: "text", Text: strings.ToValidUTF8(string(ev.Raw), "\uFFFD")}
	for word := range strings.FieldsSeq(rec.Text) {
		name, value, ok := strings.Cut(word, "=")
		kind := event.String
		switch {
		case !ok:
			continue
		case name == "class":
			rec.Class = value
		case name == "at":
			var n int64
			_, _ = fmt.Sscan(value, &n)
			rec.Time = day.Add(time.Duration(n) * time.Second)
		case name == "panic":
			panic("hostile line")
		case value == "null":
			kind, value = event.Null, ""
		case value == "true":
			kind = event.Bool
		case strings.HasPrefix(name, "n_"):
			kind = event.Number
		}
		rec.Fields = append(rec.Fields, event.Field{Name: name, Value: value, Kind: kind})
	}
	return rec
}

type nameless struct{}

func (nameless) Source(id string) event.Source { return event.Source{ID: id} }

func options(tb testing.TB, log Log) Options {
	tb.Helper()
	return Options{
		Log: log, Reader: pairs{}, Version: 7, Sources: nameless{}, Dir: tb.TempDir(),
		Linger: time.Millisecond, Tick: 5 * time.Millisecond, Retry: 5 * time.Millisecond,
		Now: time.Now, Slog: slog.New(slog.DiscardHandler),
	}
}

// start opens and runs an index until the test ends or stop is called.
func start(tb testing.TB, o Options) (x *Index, stop func()) {
	tb.Helper()
	x, err := Open(context.Background(), o)
	if err != nil {
		tb.Fatal(err)
	}
	return x, run(tb, x)
}

// run runs an index until the test ends or stop is called.
func run(tb testing.TB, x *Index) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := x.Run(ctx); err != nil {
			tb.Errorf("Run: %v", err)
		}
	}()
	stop = func() { cancel(); <-done }
	tb.Cleanup(stop)
	return stop
}

// settle waits until all events are indexed and no part is scan only.
func settle(tb testing.TB, x *Index, size uint64) {
	tb.Helper()
	if size > 0 {
		if _, err := x.Wait(tb.Context(), size-1); err != nil {
			tb.Fatal(err)
		}
	}
	until(tb, func() bool { s := x.Stats(); return s.ScanOnly == 0 && s.Lag == 0 })
}

func until(tb testing.TB, ok func() bool) {
	tb.Helper()
	for range 5000 {
		if ok() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	tb.Fatal("it never came to be")
}
