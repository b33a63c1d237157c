package search

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/search/query"
	"github.com/fengsui/fengsui/ledger"
)

// Burst is what a live view is sent at a time.
type Burst struct {
	Events    []Event
	PerSecond float64 // matches since the burst before, also those that were dropped
	Dropped   uint64  // events since the start of the view that were left out
}

// tailStep is how many events a live view reads at a time.
const tailStep = 2000

// Tail follows the ledger from its end on and gives matches to send in bursts,
// TailEvery apart, until ctx ends, which is no error, or send fails. A burst
// without events comes when the figures changed, and every 15 s. open is called
// once the view is set up, before the first burst; send and open are called by one
// goroutine.
//
// What does not fit into the queue of the view, because send is slow or too much
// matches, is dropped and counted; so is what a view would have to skip because it
// cannot keep up. Tail fails with [ErrQuery] or [ErrTooMany] before the first burst.
func (s *Service) Tail(ctx context.Context, text string, open func() error, send func(context.Context, Burst) error) error {
	q, err := parse(text)
	if err != nil {
		return err
	}
	leave, err := s.tails.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	t := &tail{s: s, query: q, queue: make([]Event, 0, 16), next: s.o.Log.Size()}
	if err := open(); err != nil {
		return err
	}
	g, inner := errgroup.WithContext(ctx)
	g.Go(func() error { return t.follow(inner) })
	g.Go(func() error { return t.deliver(inner, send) })
	if err := g.Wait(); err != nil && ctx.Err() == nil && !errors.Is(err, ledger.ErrStopped) {
		return fmt.Errorf("follow the ledger: %w", err)
	}
	return nil
}

type tail struct {
	s     *Service
	query *query.Query
	next  uint64 // first event that was not looked at

	mu      sync.Mutex
	queue   []Event // at most TailQueue; full: what comes is dropped and counted
	matched uint64
	dropped uint64
}

func (t *tail) follow(ctx context.Context) error {
	for {
		size, err := t.s.o.Log.Wait(ctx, t.next)
		if err != nil {
			return err //nolint:wrapcheck // Tail wraps
		}
		if behind := size - t.next; behind > t.s.o.TailBehind {
			t.mu.Lock()
			t.dropped += behind
			t.mu.Unlock()
			t.next = size
			continue
		}
		to := min(size, t.next+tailStep)
		p := t.s.plan(ctx, t.query, t.s.o.Now())
		err = t.s.o.Log.Read(ctx, t.next, to, func(e ledger.Entry) error {
			rec := t.s.read(&e)
			at, _ := sidecar.When(&rec)
			if p.Match(&rec, at.UnixNano()) {
				t.add(&rec)
			}
			return nil
		})
		if err != nil && !errors.Is(err, ledger.ErrDamaged) {
			return err //nolint:wrapcheck // Tail wraps
		}
		t.next = to
	}
}

func (t *tail) add(rec *event.Record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.matched++
	if len(t.queue) >= t.s.o.TailQueue {
		t.dropped++
		return
	}
	t.queue = append(t.queue, t.s.view(rec, t.query.Fields))
}

func (t *tail) deliver(ctx context.Context, send func(context.Context, Burst) error) error {
	tick := time.NewTicker(t.s.o.TailEvery)
	defer tick.Stop()
	sign := int(15 * time.Second / t.s.o.TailEvery)
	var last Burst
	quiet := 0
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		b := t.burst()
		if len(b.Events) == 0 && b.PerSecond == last.PerSecond && b.Dropped == last.Dropped && quiet < sign {
			quiet++
			continue
		}
		quiet = 0
		if err := send(ctx, b); err != nil {
			return err
		}
		last = b
	}
}

// burst takes what waits.
func (t *tail) burst() Burst {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := Burst{Events: t.queue, PerSecond: float64(t.matched) / t.s.o.TailEvery.Seconds(), Dropped: t.dropped}
	t.queue, t.matched = make([]Event, 0, 16), 0
	return b
}
