package detect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

// memoryLog is a ledger in memory.
type memoryLog struct {
	mu      sync.Mutex
	entries []ledger.Entry
	grown   chan struct{}
	damaged [2]uint64 // [from, to) cannot be read
	heals   int       // after so many readings the damage is gone; 0: never
}

func newLog() *memoryLog { return &memoryLog{grown: make(chan struct{})} }

func (l *memoryLog) add(lines ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range lines {
		l.entries = append(l.entries, ledger.Entry{Seq: uint64(len(l.entries)), Source: "s1", Raw: []byte(line)})
	}
	close(l.grown)
	l.grown = make(chan struct{})
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
	entries := l.entries[from:to]
	l.mu.Unlock()
	scratch := []byte{}
	var damage error // as in the ledger: what is behind is delivered, then the error comes
	for _, e := range entries {
		if e.Seq >= l.damaged[0] && e.Seq < l.damaged[1] {
			if damage = fmt.Errorf("event %d: %w", e.Seq, ledger.ErrDamaged); e.Seq == l.damaged[0] && l.heals > 0 {
				if l.heals--; l.heals == 0 {
					defer func() { l.damaged = [2]uint64{} }()
				}
			}
			continue
		}
		scratch = append(scratch[:0], e.Raw...) // Raw is valid during fn only
		e.Raw = scratch
		if err := fn(e); err != nil {
			return err
		}
	}
	return damage
}

type textReader struct{}

func (textReader) Read(ev event.Event, src event.Source) event.Record {
	return event.Record{Event: ev, Class: src.Format, Text: string(ev.Raw)}
}

type oneSource struct{}

func (oneSource) Source(id string) event.Source { return event.Source{ID: id, Format: "test"} }

// wordEngine finds one thing per "bad" in a record, and breaks on "poison".
type wordEngine struct{}

func (wordEngine) Match(rec *event.Record, fn func(event.Finding)) {
	for i := range strings.Count(rec.Text, "bad") {
		fn(event.Finding{RuleID: "rule" + strconv.Itoa(i), Seq: rec.Seq, Entity: rec.Text})
	}
	if strings.Contains(rec.Text, "poison") {
		panic("broken rule")
	}
}

func (e wordEngine) Engine() Engine { return e }

var errBroken = errors.New("database is broken")

// memoryAlerts keeps findings as the contract asks, and fails by plan: before it
// stored, or after it stored and before it could say so.
type memoryAlerts struct {
	mu       sync.Mutex
	findings []event.Finding
	cursor   uint64
	fail     func() (before, after bool)
	calls    int
}

func (a *memoryAlerts) Cursor(context.Context) (uint64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cursor, nil
}

func (a *memoryAlerts) Raise(_ context.Context, findings []event.Finding, cursor uint64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls++
	before, after := a.fail()
	if before {
		return errBroken
	}
	for _, f := range findings {
		if f.Seq >= a.cursor {
			a.findings = append(a.findings, f)
		}
	}
	a.cursor = max(a.cursor, cursor)
	if after {
		return errBroken
	}
	return nil
}

// memoryFollower counts records by what the contract asks of a follower.
type memoryFollower struct {
	mu             sync.Mutex
	cursor, stored uint64
	count, pending int
	fail           func() (before, after bool)
}

func (f *memoryFollower) Cursor(context.Context) (uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cursor, f.pending = f.stored, 0 // a new start
	return f.stored, nil
}

func (f *memoryFollower) Add(rec *event.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if rec.Seq >= f.cursor {
		f.pending++
		f.cursor = rec.Seq + 1
	}
}

func (f *memoryFollower) Flush(_ context.Context, cursor uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	before, after := f.fail()
	if before {
		return errBroken
	}
	f.count, f.pending, f.stored = f.count+f.pending, 0, cursor
	if after {
		return errBroken
	}
	return nil
}

func (a *memoryAlerts) at() uint64 {
	n, _ := a.Cursor(context.Background())
	return n
}

func (a *memoryAlerts) stored() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.findings)
}

func never() (before, after bool) { return false, false }

func stage(t *testing.T, log Log, alerts Alerts, follower Follower, change func(*Options)) *Stage {
	t.Helper()
	o := Options{
		Log: log, Reader: textReader{}, Sources: oneSource{}, Engines: wordEngine{}, Alerts: alerts, Follower: follower,
		Now: time.Now, Slog: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func lines(seed uint64, n int) []string {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]string, n)
	for i := range out {
		out[i] = strings.Repeat("bad ", max(0, rng.IntN(6)-3)) + strconv.Itoa(i)
	}
	return out
}

func want(texts []string) []event.Finding {
	var out []event.Finding
	for i, text := range texts {
		rec := event.Record{Event: event.Event{Seq: uint64(i)}, Text: text}
		wordEngine{}.Match(&rec, func(f event.Finding) { out = append(out, f) })
	}
	return out
}

// Whatever breaks and whenever the stage is started again, each finding is
// stored once, in order, and each record counted once.
func TestNothingIsLostOrDoubled(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(seed, 2))
				all := lines(seed, 3000)
				log := newLog()
				faults := rand.New(rand.NewPCG(seed, 3)) // used by the stage's goroutine only
				fail := func() (before, after bool) { return faults.IntN(4) == 0, faults.IntN(4) == 0 }
				alerts, follower := &memoryAlerts{fail: fail}, &memoryFollower{fail: fail}
				rest := all
				for len(rest) > 0 || alerts.at() < uint64(len(all)) || follower.stored < uint64(len(all)) {
					s := stage(t, log, alerts, follower, func(o *Options) {
						o.Events, o.Bytes, o.Workers = 1+rng.IntN(700), 1+rng.IntN(3000), 1+rng.IntN(4)
					})
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.IntN(5000))*time.Millisecond)
					done := make(chan error)
					go func() { done <- s.Run(ctx) }()
					for range 5 {
						n := min(len(rest), rng.IntN(300))
						log.add(rest[:n]...)
						rest = rest[n:]
						time.Sleep(time.Duration(rng.IntN(400)) * time.Millisecond)
					}
					if err := <-done; err != nil {
						t.Errorf("Run = %v", err)
					}
					cancel()
				}
				if d := cmp.Diff(want(all), alerts.findings); d != "" {
					t.Errorf("findings (-want +got):\n%s", d)
				}
				if follower.count != len(all) {
					t.Errorf("counted %d records, want %d", follower.count, len(all))
				}
			})
		})
	}
}

func TestFindingsAreStoredWithinHalfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, alerts := newLog(), &memoryAlerts{fail: never}
		s := stage(t, log, alerts, nil, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		time.Sleep(time.Minute)
		for i := range 20 { // events keep coming; none of them may put the others off
			log.add("quiet", "bad")
			time.Sleep(100 * time.Millisecond)
			if n := alerts.stored(); i >= 5 && n < i-4 {
				t.Fatalf("after %d events 100 ms apart %d findings are stored", i+1, n)
			}
		}
		cancel()
		if err := <-done; err != nil || len(alerts.findings) != 20 {
			t.Errorf("Run = %v with %d findings, want 20", err, len(alerts.findings))
		}
		if alerts.calls > 12 {
			t.Errorf("20 events took %d transactions", alerts.calls)
		}
	})
}

func TestPoisonAndDamageCostOnlyThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, alerts, follower := newLog(), &memoryAlerts{fail: never}, &memoryFollower{fail: never}
		log.add("bad", "bad poison", "bad", "bad", "bad", "bad")
		log.damaged = [2]uint64{3, 5}
		s := stage(t, log, alerts, follower, func(o *Options) {
			o.Damage = func(seq uint64) (uint64, bool) { return 5, seq >= 3 && seq < 5 }
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Run(ctx); err != nil {
			t.Fatal(err)
		}
		var got []uint64
		for _, f := range alerts.findings {
			got = append(got, f.Seq)
		}
		if d := cmp.Diff([]uint64{0, 2, 5}, got); d != "" {
			t.Errorf("events with findings (-want +got):\n%s", d)
		}
		if alerts.at() != 6 || follower.count != 4 {
			t.Errorf("cursor %d with %d counted, want 6 and 4", alerts.at(), follower.count)
		}
	})
}

func TestAReadThatFailsForAMomentCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, alerts, follower := newLog(), &memoryAlerts{fail: never}, &memoryFollower{fail: never}
		log.add("bad", "bad", "bad", "bad", "bad", "bad")
		log.damaged, log.heals = [2]uint64{2, 4}, 2
		s := stage(t, log, alerts, follower, func(o *Options) {
			o.Damage = func(seq uint64) (uint64, bool) { return 4, seq >= 2 && seq < 4 }
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if len(alerts.findings) != 6 || follower.count != 6 {
			t.Errorf("%d findings, %d counted; want 6 and 6", len(alerts.findings), follower.count)
		}
	})
}

func TestMissingPartsAreRefused(t *testing.T) {
	if _, err := New(Options{Now: time.Now}); err == nil {
		t.Error("a stage without a ledger was built")
	}
}

func BenchmarkMatch(b *testing.B) {
	s, err := New(Options{
		Log: newLog(), Reader: textReader{}, Sources: oneSource{}, Engines: wordEngine{}, Alerts: &memoryAlerts{fail: never},
		Now: time.Now, Slog: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	events := make([]event.Event, 2000)
	for i, text := range lines(1, len(events)) {
		events[i] = event.Event{Seq: uint64(i), Raw: []byte(text)}
	}
	b.ReportAllocs()
	for b.Loop() {
		s.match(events)
	}
	b.ReportMetric(float64(len(events)*b.N)/b.Elapsed().Seconds(), "events/s")
}
