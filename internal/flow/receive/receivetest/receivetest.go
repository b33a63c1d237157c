// Package receivetest holds a sink and a list of sources for the tests of
// receivers. Both remember what they were told.
package receivetest

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

// Sink keeps events in memory. The zero value is ready.
type Sink struct {
	mu       sync.Mutex
	events   []event.Event
	batches  int
	receipts map[string]ledger.Receipt
	fail     error
	gate     chan struct{}
}

// Seal keeps copies of the events.
func (s *Sink) Seal(ctx context.Context, events []event.Event, key string) (ledger.Receipt, error) {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return ledger.Receipt{}, fmt.Errorf("seal: %w", ctx.Err())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return ledger.Receipt{}, s.fail
	}
	if len(events) == 0 {
		return ledger.Receipt{}, nil
	}
	scoped := events[0].Source + "\x00" + key
	if r, ok := s.receipts[scoped]; ok && key != "" {
		r.Repeated = true
		return r, nil
	}
	r := ledger.Receipt{First: uint64(len(s.events)), Count: len(events)}
	for _, ev := range events {
		ev.Seq = uint64(len(s.events))
		ev.Raw = bytes.Clone(ev.Raw)
		s.events = append(s.events, ev)
	}
	s.batches++
	if key != "" {
		if s.receipts == nil {
			s.receipts = map[string]ledger.Receipt{}
		}
		s.receipts[scoped] = r
	}
	return r, nil
}

// Fail makes every later Seal answer err; nil ends that.
func (s *Sink) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// Hold makes every later Seal wait until the function it returns is called.
func (s *Sink) Hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate = gate
	return sync.OnceFunc(func() {
		s.mu.Lock()
		s.gate = nil
		s.mu.Unlock()
		close(gate)
	})
}

// Events returns what was sealed so far.
func (s *Sink) Events() []event.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}

// Len returns how many events were sealed so far.
func (s *Sink) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.events)
}

// Batches returns how many calls of Seal added events.
func (s *Sink) Batches() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.batches
}

// Raws returns the bytes of what was sealed so far, as text.
func (s *Sink) Raws() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]string, 0, len(s.events))
	for _, ev := range s.events {
		out = append(out, string(ev.Raw))
	}
	return out
}

// Sources is a fixed list of sources. Fill its maps before it is used.
type Sources struct {
	Tokens       map[string]event.Source
	Addresses    map[netip.Addr]event.Source
	Certificates map[[32]byte]event.Source
	Limit        func(source string, events, bytes int) (time.Duration, bool) // nil: no limit

	mu        sync.Mutex
	received  int
	bytes     int
	dropped   map[string]int
	strangers int
	sample    string
}

// ByToken looks in Tokens.
func (s *Sources) ByToken(token string) (event.Source, bool) {
	src, ok := s.Tokens[token]
	return src, ok
}

// ByAddress looks in Addresses.
func (s *Sources) ByAddress(_ string, peer netip.Addr) (event.Source, bool) {
	src, ok := s.Addresses[peer]
	return src, ok
}

// ByCertificate looks in Certificates.
func (s *Sources) ByCertificate(sum [32]byte) (event.Source, bool) {
	src, ok := s.Certificates[sum]
	return src, ok
}

// Stranger counts.
func (s *Sources) Stranger(_ string, _ netip.Addr, sample []byte, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.strangers += n
	s.sample = string(sample)
}

// Admit asks Limit.
func (s *Sources) Admit(source string, events, size int, _ time.Time) (time.Duration, bool) {
	if s.Limit == nil {
		return 0, true
	}
	return s.Limit(source, events, size)
}

// Received counts.
func (s *Sources) Received(_, _ string, events, size int, _ time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received += events
	s.bytes += size
}

// Dropped counts by reason.
func (s *Sources) Dropped(_, _, reason string, events int, _ time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped == nil {
		s.dropped = map[string]int{}
	}
	s.dropped[reason] += events
}

// Counts returns how many events were received and how many bytes they had.
func (s *Sources) Counts() (events, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.received, s.bytes
}

// Drops returns how many events were dropped for a reason; "" means for any.
func (s *Sources) Drops(reason string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reason != "" {
		return s.dropped[reason]
	}
	n := 0
	for _, m := range s.dropped {
		n += m
	}
	return n
}

// Strangers returns how many messages of strangers were counted, and the last
// sample.
func (s *Sources) Strangers() (n int, sample string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.strangers, s.sample
}
