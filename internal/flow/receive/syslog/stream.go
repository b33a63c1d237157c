package syslog

import (
	"context"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
)

// firstRead is what a connection's buffer begins with; it grows to the longest
// message when one needs it.
const firstRead = 8 << 10

// stream is one connection. One goroutine reads, cuts, and seals: while it waits
// for the ledger nothing is read, so that the sender's own window closes.
type stream struct {
	*work

	conn      net.Conn
	transport string
	peer      netip.Addr
	print     [32]byte // SHA-256 of the client certificate
	hasPrint  bool

	framer framer
	buf    []byte // what was read and is no whole message yet
	ev     event.Event
	known  bool // ev.Source is set
	batch  batch
	first  time.Time // when the batch's first message came
	last   time.Time // when bytes came last
}

// serve reads until the sender ends, stalls, or ctx ends.
func (s *stream) serve(ctx context.Context) {
	// A read that waits is woken when ctx ends; what was read is still sealed.
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	s.buf = make([]byte, 0, min(firstRead, s.room()))
	s.last = s.o.Now()
	for s.step(ctx) {
	}
	s.flush(ctx)
	if s.framer.torn(s.buf) {
		s.find(ctx)
		s.drop(receive.ReasonTruncated)
	}
}

// room is the largest size of the buffer: a message, its count, a line end.
func (s *stream) room() int { return s.o.MaxBytes + countDigits + 3 }

// step reads once. It returns false when the connection is at its end.
func (s *stream) step(ctx context.Context) bool {
	if err := s.conn.SetReadDeadline(s.deadline()); err != nil || ctx.Err() != nil {
		return false
	}
	s.grow()
	n, err := s.conn.Read(s.buf[len(s.buf):cap(s.buf)])
	now := s.o.Now()
	if n > 0 {
		s.buf = s.buf[:len(s.buf)+n]
		s.last = now
		if !s.cut(ctx, now) {
			return false
		}
	}
	if len(s.batch.events) > 0 && !now.Before(s.first.Add(s.o.Linger)) {
		s.flush(ctx)
	}
	switch {
	case err == nil:
		return true
	case !os.IsTimeout(err):
		return false
	}
	return now.Before(s.last.Add(s.patience()))
}

// deadline is when the next read must end: for the batch, or for the sender.
func (s *stream) deadline() time.Time {
	until := s.last.Add(s.patience())
	if len(s.batch.events) > 0 {
		if linger := s.first.Add(s.o.Linger); linger.Before(until) {
			return linger
		}
	}
	return until
}

// patience is how long the sender may be quiet.
func (s *stream) patience() time.Duration {
	if len(s.buf) > 0 || s.framer.skip > 0 || s.framer.skipLine {
		return s.o.FrameTimeout
	}
	return s.o.IdleTimeout
}

// grow makes room in the buffer for at least one more byte. A full buffer of the
// largest size cannot be: a message that long was cut or passed over.
func (s *stream) grow() {
	if len(s.buf) < cap(s.buf) {
		return
	}
	bigger := make([]byte, len(s.buf), min(2*cap(s.buf), s.room()))
	copy(bigger, s.buf)
	s.buf = bigger
}

// cut takes the whole messages of the buffer. It returns false when the stream
// is of no further use.
func (s *stream) cut(ctx context.Context, now time.Time) bool {
	s.find(ctx)
	s.ev.Received = now.UTC()
	strange, sample := 0, []byte(nil)
	done, ok := 0, true
	for ok {
		msg, n, v := s.framer.next(s.buf[done:])
		done += n
		if v == more {
			break
		}
		switch {
		case v == broken:
			s.drop(receive.ReasonFraming)
			ok = false
		case v == tooLong:
			s.drop(receive.ReasonTooLong)
		case !s.known:
			strange, sample = strange+1, msg
		default:
			s.add(ctx, msg, now)
		}
	}
	if strange > 0 {
		s.o.Sources.Stranger(s.transport, s.peer, sample, strange)
	}
	s.buf = s.buf[:copy(s.buf, s.buf[done:])]
	return ok
}

func (s *stream) add(ctx context.Context, msg []byte, now time.Time) {
	if len(s.batch.events) == 0 {
		s.first = now
	}
	s.batch.add(s.ev, msg)
	if len(s.batch.events) >= s.o.MaxBatch || s.batch.bytes >= batchBytes {
		s.flush(ctx)
	}
}

// find looks up whose connection this is: a source may have been added, changed
// or retired since the last read. A batch is of one source.
func (s *stream) find(ctx context.Context) {
	src, ok := event.Source{}, false
	if s.hasPrint {
		src, ok = s.o.Sources.ByCertificate(s.print)
	}
	if !ok {
		src, ok = s.o.Sources.ByAddress(s.transport, s.peer)
	}
	if src.ID != s.ev.Source {
		s.flush(ctx)
	}
	s.ev.Source, s.known = src.ID, ok
}

// drop counts one message that is not kept.
func (s *stream) drop(reason string) {
	if s.known {
		s.o.Sources.Dropped(s.ev.Source, s.transport, reason, 1, s.o.Now())
		return
	}
	s.o.Sources.Stranger(s.transport, s.peer, s.buf[:min(len(s.buf), firstChunk)], 1)
}

// flush seals the batch once its source is within its limit. When ctx has ended
// it no longer waits for the limit: what was read is kept.
func (s *stream) flush(ctx context.Context) {
	events := s.batch.events
	if len(events) == 0 {
		return
	}
	for ctx.Err() == nil {
		wait, ok := s.o.Sources.Admit(events[0].Source, len(events), s.batch.bytes, s.o.Now())
		if ok {
			break
		}
		s.sleep(ctx, min(max(wait, minWait), maxWait))
	}
	s.seal(s.transport, events)
	s.batch.clear()
	s.last = s.o.Now() // the sender is not to blame for our wait
}

// lost counts what a panic kept from being sealed.
func (s *stream) lost() {
	if len(s.batch.events) > 0 {
		s.tally(s.batch.events, func(source string, n, _ int) {
			s.o.Sources.Dropped(source, s.transport, receive.ReasonNotSealed, n, s.o.Now())
		})
	}
}
