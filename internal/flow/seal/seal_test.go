package seal

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/ledger"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 8*3600))

// fakeLedger keeps what it is given and answers as it is told.
type fakeLedger struct {
	batches []ledger.Batch
	receipt ledger.Receipt
	err     error
	enter   chan struct{} // told when an Append begins; nil: nobody
	leave   chan struct{} // an Append waits for it; nil: it does not wait
}

func (f *fakeLedger) Append(_ context.Context, b ledger.Batch) (ledger.Receipt, error) {
	if f.enter != nil {
		f.enter <- struct{}{}
		<-f.leave
	}
	if f.err != nil {
		return ledger.Receipt{}, f.err
	}
	f.batches = append(f.batches, b)
	if f.receipt.Count == 0 {
		return ledger.Receipt{Count: len(b.Entries)}, nil
	}
	return f.receipt, nil
}

func newStage(t *testing.T, l Ledger, o Options) *Stage {
	t.Helper()
	o.Now = func() time.Time { return noon }
	s, err := New(l, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealStampsWhatIsMissing(t *testing.T) {
	l := &fakeLedger{}
	s := newStage(t, l, Options{})
	early := noon.Add(-time.Minute).UTC()
	events := []event.Event{
		{Source: "s1", Transport: "tcp", Peer: "192.0.2.1", Raw: []byte("a")},
		{Source: "s1", Transport: "tcp", Peer: "192.0.2.1", Raw: []byte("b"), Received: early, Batch: "mine"},
	}
	if _, err := s.Seal(t.Context(), events, "k"); err != nil {
		t.Fatal(err)
	}
	got := l.batches[0]
	id := got.Entries[0].Batch
	if len(id) != 20 {
		t.Errorf("batch id %q, want 20 hex digits", id)
	}
	want := ledger.Batch{Key: "s1\x00k", Entries: []ledger.Entry{
		{Received: noon.UTC(), Source: "s1", Transport: "tcp", Peer: "192.0.2.1", Raw: []byte("a"), Batch: id},
		{Received: early, Source: "s1", Transport: "tcp", Peer: "192.0.2.1", Raw: []byte("b"), Batch: "mine"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("batch (-want +got):\n%s", diff)
	}
	if got.Entries[0].Received.Location() != time.UTC {
		t.Error("the receipt time is not UTC")
	}
	if !events[0].Received.IsZero() {
		t.Error("the caller's events were changed")
	}
}

func TestSealNothing(t *testing.T) {
	l := &fakeLedger{err: errors.New("never asked")}
	if r, err := newStage(t, l, Options{}).Seal(t.Context(), nil, ""); err != nil || r != (Receipt{}) {
		t.Errorf("Seal(nothing) = %v, %v", r, err)
	}
}

func TestSealMapsErrors(t *testing.T) {
	unknown := errors.New("something else")
	for _, c := range []struct {
		name  string
		from  error
		want  error
		retry bool
	}{
		{name: "full", from: ledger.ErrFull, want: ErrFull, retry: true},
		{name: "stopped", from: ledger.ErrStopped, want: ErrStopped, retry: true},
		{name: "too large", from: ledger.ErrTooLarge, want: ErrTooLarge},
		{name: "unknown", from: unknown, want: unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, &fakeLedger{err: c.from}, Options{})
			_, err := s.Seal(t.Context(), []event.Event{{Raw: []byte("x")}}, "")
			if !errors.Is(err, c.want) || !errors.Is(err, c.from) {
				t.Fatalf("error %v, want %v and %v in its chain", err, c.want, c.from)
			}
			p, ok := problem.From(err)
			if retry := ok && p.RetryAfter() > 0; retry != c.retry {
				t.Errorf("asks for another try: %v, want %v", retry, c.retry)
			}
			if s.Waiting() != 0 {
				t.Errorf("%d bytes still wait", s.Waiting())
			}
		})
	}
}

func TestSealRefusesAReusedKey(t *testing.T) {
	s := newStage(t, &fakeLedger{receipt: ledger.Receipt{First: 7, Count: 3, Repeated: true}}, Options{})
	_, err := s.Seal(t.Context(), []event.Event{{Raw: []byte("x")}}, "k")
	if !errors.Is(err, ErrKeyReused) {
		t.Errorf("error %v, want ErrKeyReused", err)
	}
}

func TestWaitingRoomIsBounded(t *testing.T) {
	l := &fakeLedger{enter: make(chan struct{}), leave: make(chan struct{})}
	s := newStage(t, l, Options{MaxWaitingBytes: 1000, RetryAfter: 2 * time.Second})
	big := []event.Event{{Raw: make([]byte, 2000)}}
	done := make(chan error)
	go func() {
		_, err := s.Seal(context.Background(), big, "")
		done <- err
	}()
	<-l.enter // larger than the room, but alone in it

	_, err := s.Seal(t.Context(), []event.Event{{Raw: []byte("x")}}, "")
	p, ok := problem.From(err)
	if !errors.Is(err, ErrBusy) || !ok || p.RetryAfter() != 2*time.Second {
		t.Errorf("error %v, want ErrBusy after 2 s", err)
	}
	l.leave <- struct{}{}
	if err := <-done; err != nil {
		t.Errorf("the big batch: %v", err)
	}
	if s.Waiting() != 0 {
		t.Errorf("%d bytes still wait", s.Waiting())
	}
}

func BenchmarkSeal(b *testing.B) {
	s, err := New(discard{}, Options{Now: func() time.Time { return noon }})
	if err != nil {
		b.Fatal(err)
	}
	events := make([]event.Event, 500)
	for i := range events {
		events[i] = event.Event{Source: "s1", Transport: "tcp", Peer: "192.0.2.1", Raw: make([]byte, 300)}
	}
	b.SetBytes(500 * 300)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Seal(b.Context(), events, ""); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*500/b.Elapsed().Seconds(), "events/s")
}

type discard struct{}

func (discard) Append(_ context.Context, b ledger.Batch) (ledger.Receipt, error) {
	return ledger.Receipt{Count: len(b.Entries)}, nil
}
