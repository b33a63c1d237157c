package syslog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
)

// maxDatagram is more than a UDP payload can be.
const maxDatagram = 64 << 10

// lookEvery is how often the kernel's counter is looked at when nothing comes.
const lookEvery = time.Second

// pile is the queue before the ledger. When it is full the datagram is counted
// as dropped.
type pile struct {
	mu       sync.Mutex
	batch    batch
	held     int // datagrams waiting, those being sealed included
	bytes    int // of these
	maxLen   int
	maxBytes int
	ready    chan struct{} // holds one when there is something; full: it is known already
}

func newPile(maxLen, maxBytes int) *pile {
	return &pile{maxLen: maxLen, maxBytes: maxBytes, ready: make(chan struct{}, 1)}
}

// put adds a datagram. It returns false when there is no room.
func (p *pile) put(ev event.Event, msg []byte) bool {
	p.mu.Lock()
	if p.held >= p.maxLen || p.bytes+len(msg) > p.maxBytes {
		p.mu.Unlock()
		return false
	}
	p.held++
	p.bytes += len(msg)
	p.batch.add(ev, msg)
	p.mu.Unlock()
	select {
	case p.ready <- struct{}{}:
	default:
	}
	return true
}

// swap takes all datagrams and leaves an empty batch.
func (p *pile) swap(empty batch) batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	full := p.batch
	p.batch = empty
	return full
}

func (p *pile) len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.batch.events)
}

func (p *pile) release(n, size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held -= n
	p.bytes -= size
}

// packets reads datagrams until ctx ends, and what the kernel holds then.
func (w *work) packets(ctx context.Context) error {
	defer func() { _ = w.udp.Close() }()
	if got, err := enlarge(w.udp, w.o.UDPBuffer); err != nil || got < w.o.UDPBuffer {
		w.o.Log.WarnContext(ctx, "udp buffer is smaller than wanted", slog.Int("bytes", got),
			slog.Int("wanted", w.o.UDPBuffer), slog.Any("error", err))
	}
	kernel, err := newDropCounter(w.udp)
	if err != nil {
		w.o.Log.WarnContext(ctx, "the kernel's udp drops are not counted", slog.Any("error", err))
	}
	stop := context.AfterFunc(ctx, func() { _ = w.udp.SetReadDeadline(w.o.Now().Add(w.o.Linger)) })
	defer stop()

	read := make(chan struct{})
	var g errgroup.Group
	for range w.o.UDPReaders {
		g.Go(func() error { return w.readPackets() })
	}
	var forward sync.WaitGroup
	forward.Go(func() { w.forward(read, kernel) })
	err = g.Wait()
	close(read)
	forward.Wait()
	if ctx.Err() != nil && os.IsTimeout(errors.Unwrap(err)) {
		return nil
	}
	return err //nolint:wrapcheck // readPackets wrapped it
}

// readPackets puts datagrams on the pile until the socket's deadline.
func (w *work) readPackets() error {
	buf := make([]byte, maxDatagram)
	names := map[netip.Addr]string{}
	for {
		n, from, err := w.udp.ReadFromUDPAddrPort(buf)
		switch {
		case os.IsTimeout(err), errors.Is(err, net.ErrClosed):
			return fmt.Errorf("read udp: %w", err)
		case err != nil:
			continue // an ICMP answer to somebody, or a datagram the kernel found damaged
		case n > 0:
			w.packet(from.Addr().Unmap().WithZone(""), buf[:n], names)
		}
	}
}

// maxNames is how many peers' addresses a reader keeps as text.
const maxNames = 4096

func (w *work) packet(peer netip.Addr, msg []byte, names map[netip.Addr]string) {
	src, ok := w.o.Sources.ByAddress(receive.UDP, peer)
	if !ok {
		w.o.Sources.Stranger(receive.UDP, peer, msg, 1)
		return
	}
	now := w.o.Now()
	name, ok := names[peer]
	if !ok {
		if len(names) >= maxNames {
			clear(names)
		}
		name = peer.String()
		names[peer] = name
	}
	reason := ""
	ev := event.Event{Received: now.UTC(), Source: src.ID, Transport: receive.UDP, Peer: name}
	if len(msg) > w.o.MaxBytes {
		reason = receive.ReasonTooLong
	} else if _, ok := w.o.Sources.Admit(src.ID, 1, len(msg), now); !ok {
		reason = receive.ReasonRateLimit
	} else if !w.pile.put(ev, msg) {
		reason = receive.ReasonQueueFull
	}
	if reason != "" {
		w.o.Sources.Dropped(src.ID, receive.UDP, reason, 1, now)
	}
}

// forward seals what is on the pile until read is closed and the pile is empty.
func (w *work) forward(read <-chan struct{}, kernel *dropCounter) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	loud := loudest{counts: map[string]int{}}
	var spare batch
	for open := true; open; {
		select {
		case <-w.pile.ready:
			if w.pile.len() < w.o.MaxBatch {
				select {
				case <-time.After(w.o.Linger):
				case <-read:
				}
			}
		case <-look.C:
		case <-read:
			open = false
		}
		taken := w.pile.swap(spare)
		loud.hear(taken.events)
		for part := range parts(taken.events, w.o.MaxBatch) {
			w.seal(receive.UDP, part)
		}
		w.pile.release(len(taken.events), taken.bytes)
		taken.clear()
		spare = taken
		if n := kernel.take(); n > 0 {
			w.o.Sources.Dropped(loud.name(), receive.UDP, receive.ReasonKernel, n, w.o.Now())
		}
	}
}

// parts yields events in pieces of at most n and batchBytes.
func parts(events []event.Event, n int) func(yield func([]event.Event) bool) {
	return func(yield func([]event.Event) bool) {
		for len(events) > 0 {
			k, size := 0, 0
			for k < min(n, len(events)) && size < batchBytes {
				size += len(events[k].Raw)
				k++
			}
			if !yield(events[:k]) {
				return
			}
			events = events[k:]
		}
	}
}

// loudest knows which source sent most lately.
type loudest struct {
	counts map[string]int
	source string
}

// hear counts events. A look without any keeps the last answer.
func (l *loudest) hear(events []event.Event) {
	if len(events) == 0 {
		return
	}
	clear(l.counts)
	for i := range events {
		l.counts[events[i].Source]++
	}
	best := 0
	for source, n := range l.counts {
		if n > best || n == best && source < l.source {
			l.source, best = source, n
		}
	}
}

// name returns the source, or "" when nothing was heard yet.
func (l *loudest) name() string { return l.source }
