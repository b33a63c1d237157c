// Package seal is the road into the ledger: it stamps what receivers took and
// returns when the ledger has made it durable.
//
// The waiting room is bounded in bytes. When it is full the answer is [ErrBusy]
// at once, so that back-pressure reaches the sender instead of filling memory.
package seal

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/ledger"
)

// What a caller of Seal may see. ErrBusy, ErrFull and ErrStopped may end by
// themselves or by an operator; the same events may be sent again.
var (
	ErrBusy      = problem.New(problem.TooMany, "ingest.busy", "the station takes no more at this moment")
	ErrFull      = problem.New(problem.Unavailable, "ingest.full", "the disk of the station is full")
	ErrStopped   = problem.New(problem.Unavailable, "ingest.stopped", "the ledger of the station does not take events")
	ErrTooLarge  = problem.New(problem.TooLarge, "ingest.too_large", "the batch is larger than the ledger takes at once")
	ErrKeyReused = problem.New(problem.Conflict, "ingest.key_reused", "the Idempotency-Key was used for another batch")
)

// Ledger is what a stage needs of the ledger.
type Ledger interface {
	// Append stores the batch whole or not at all and returns once it is durable.
	Append(ctx context.Context, b ledger.Batch) (ledger.Receipt, error)
}

// Receipt says where a batch is.
type Receipt = ledger.Receipt

// Options configure a stage. A zero field means its default.
type Options struct {
	Now             func() time.Time // clock; required
	MaxWaitingBytes int64            // bytes that may wait for the disk; default 128 MiB
	RetryAfter      time.Duration    // what a refused sender is asked to wait; default 1 s
}

func (o Options) check() (Options, error) {
	o.MaxWaitingBytes = cmp.Or(o.MaxWaitingBytes, 128<<20)
	o.RetryAfter = cmp.Or(o.RetryAfter, time.Second)
	if o.Now == nil {
		return o, errors.New("seal: the clock is missing")
	}
	return o, nil
}

// Stage takes events to the ledger. Safe for concurrent use.
type Stage struct {
	ledger  Ledger
	o       Options
	waiting atomic.Int64
}

// New returns a stage before l.
func New(l Ledger, o Options) (*Stage, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	if l == nil {
		return nil, errors.New("seal: the ledger is missing")
	}
	return &Stage{ledger: l, o: o}, nil
}

// overhead is what an event costs in memory besides its bytes.
const overhead = 192

// Seal makes the events durable, all or none of them, and returns where they are.
//
// Events without a receipt time get the present one. Events without a batch id
// get that of this call: a digest of what it holds and when it came.
//
// With a key the ledger adds nothing when the same source used the key before;
// the receipt is then that of the first time. All events of a keyed call must be
// of one source. A key that comes back with another number of events is refused
// with [ErrKeyReused].
//
// The events' bytes must not change until Seal returns nil, and after an error
// never: the ledger may still be reading them. Seal of no events answers a zero
// receipt.
func (s *Stage) Seal(ctx context.Context, events []event.Event, key string) (Receipt, error) {
	if len(events) == 0 {
		return Receipt{}, nil
	}
	size := int64(len(events)) * overhead
	for i := range events {
		size += int64(len(events[i].Raw))
	}
	// A single call larger than the whole room passes when it is alone; its size
	// was bounded by its receiver.
	if total := s.waiting.Add(size); total > s.o.MaxWaitingBytes && total != size {
		s.waiting.Add(-size)
		return Receipt{}, ErrBusy.After(s.o.RetryAfter)
	}
	defer s.waiting.Add(-size)

	batch := ledger.Batch{Entries: s.entries(events)}
	if key != "" {
		batch.Key = events[0].Source + "\x00" + key
	}
	receipt, err := s.ledger.Append(ctx, batch)
	if err != nil {
		return Receipt{}, fmt.Errorf("seal %d events: %w", len(events), s.seen(err))
	}
	if receipt.Repeated && receipt.Count != len(events) {
		return Receipt{}, fmt.Errorf("seal %d events under a key that stored %d: %w", len(events), receipt.Count, ErrKeyReused)
	}
	return receipt, nil
}

// Waiting returns how many bytes wait for the disk.
func (s *Stage) Waiting() int64 { return s.waiting.Load() }

// entries turns events into what the ledger stores.
func (s *Stage) entries(events []event.Event) []ledger.Entry {
	now := s.o.Now().UTC()
	id := ""
	entries := make([]ledger.Entry, len(events))
	for i := range events {
		ev := &events[i]
		e := ledger.Entry{
			Received: ev.Received, Source: ev.Source, Transport: ev.Transport,
			Peer: ev.Peer, Batch: ev.Batch, Raw: ev.Raw,
		}
		if e.Received.IsZero() {
			e.Received = now
		}
		if e.Batch == "" {
			if id == "" {
				id = batchID(events, now)
			}
			e.Batch = id
		}
		entries[i] = e
	}
	return entries
}

// batchID is a digest of the events' bytes and of when they came.
func batchID(events []event.Event, now time.Time) string {
	h := sha256.New()
	var word [8]byte
	binary.BigEndian.PutUint64(word[:], uint64(now.UnixNano()))
	h.Write(word[:])
	for i := range events {
		binary.BigEndian.PutUint64(word[:], uint64(len(events[i].Raw)))
		h.Write(word[:])
		h.Write(events[i].Raw)
	}
	return hex.EncodeToString(h.Sum(nil)[:10])
}

// seen adds the problem that a caller may see to an error of the ledger.
func (s *Stage) seen(err error) error {
	for _, m := range []struct {
		of error
		to *problem.Problem
	}{
		{ledger.ErrFull, ErrFull.After(3 * s.o.RetryAfter)},
		{ledger.ErrStopped, ErrStopped.After(30 * s.o.RetryAfter)},
		{ledger.ErrTooLarge, ErrTooLarge},
	} {
		if errors.Is(err, m.of) {
			return fmt.Errorf("%w: %w", m.to, err)
		}
	}
	return err
}
