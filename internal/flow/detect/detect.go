// Package detect follows the ledger and turns sealed events into findings.
//
// The stage reads behind a cursor of its own that the alerts keep, normalises
// and matches each event, and hands the findings over together with the cursor
// behind them: whoever stores both in one transaction loses and doubles nothing,
// wherever the station is cut off. Events are matched by several workers; their
// findings are put back into the order of the ledger.
package detect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

// Log is the ledger as detection follows it.
type Log interface {
	// Size returns the number of durable events.
	Size() uint64
	// Wait returns the size once it is larger than size.
	Wait(ctx context.Context, size uint64) (uint64, error)
	// Read calls fn for the events [from, to) in order. Raw is valid during fn.
	Read(ctx context.Context, from, to uint64, fn func(ledger.Entry) error) error
}

// Reader turns raw bytes into fields. It is safe for concurrent use.
type Reader interface {
	Read(ev event.Event, src event.Source) event.Record
}

// Sources answers what is known about a source; for an unknown id, a source
// with nothing but the id.
type Sources interface {
	Source(id string) event.Source
}

// Engine matches one record against all rules. It is safe for concurrent use.
type Engine interface {
	// Match calls fn for each finding, in a fixed order. rec is only read.
	Match(rec *event.Record, fn func(event.Finding))
}

// Engines gives the engine of the rules as they are now.
type Engines interface {
	Engine() Engine
}

// Alerts stores findings and the cursor behind them in one transaction.
type Alerts interface {
	// Cursor returns the sequence of the first event that was not looked at.
	Cursor(ctx context.Context) (uint64, error)
	// Raise stores findings in ledger order. It leaves out those before the
	// stored cursor, so that it can be repeated after an error.
	Raise(ctx context.Context, findings []event.Finding, cursor uint64) error
}

// Follower counts records as they pass, with a cursor of its own.
type Follower interface {
	// Cursor returns the sequence of the first record that was not counted.
	Cursor(ctx context.Context) (uint64, error)
	// Add counts a record in memory, in ledger order, and leaves out those that
	// were counted before. It keeps nothing of rec.
	Add(rec *event.Record)
	// Flush stores what Add counted up to cursor, all or nothing. After an
	// error it can be repeated.
	Flush(ctx context.Context, cursor uint64) error
}

// Options configure the stage. A zero field means its default.
type Options struct {
	Log      Log        // required
	Reader   Reader     // required
	Sources  Sources    // required
	Engines  Engines    // required
	Alerts   Alerts     // required
	Follower Follower   // nil: nobody counts
	Damage   DamageFunc // nil: damage stops detection until it is repaired

	Events  int           // events read at a time; default 2,000
	Bytes   int           // raw bytes read at a time; default 8 MiB
	Workers int           // default 2
	Linger  time.Duration // how long findings wait for company before they are stored; default 200 ms
	Idle    time.Duration // how often counts, and cursors without findings, are stored; default 1 s
	Retry   time.Duration // first pause after an error, doubled up to 32 times; default 200 ms

	Now     func() time.Time // required
	Slog    *slog.Logger     // required
	Metrics prometheus.Registerer
}

// DamageFunc returns the sequence behind the unreadable span that holds seq, and
// false when seq can be read.
type DamageFunc func(seq uint64) (next uint64, ok bool)

func (o Options) check() (Options, error) {
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"log", o.Log != nil},
		{"reader", o.Reader != nil},
		{"sources", o.Sources != nil},
		{"engines", o.Engines != nil},
		{"alerts", o.Alerts != nil},
		{"clock", o.Now != nil},
		{"logger", o.Slog != nil},
	} {
		if !need.ok {
			return o, fmt.Errorf("detect: the %s is missing", need.name)
		}
	}
	o.Events = cmp.Or(o.Events, 2000)
	o.Bytes = cmp.Or(o.Bytes, 8<<20)
	o.Workers = cmp.Or(o.Workers, 2)
	o.Linger = cmp.Or(o.Linger, 200*time.Millisecond)
	o.Idle = cmp.Or(o.Idle, time.Second)
	o.Retry = cmp.Or(o.Retry, 200*time.Millisecond)
	return o, nil
}

// maxFindings is how many findings wait at most before they are stored.
const maxFindings = 2000

// Stage is detection. [Stage.Run] has one caller.
type Stage struct {
	o       Options
	metrics metrics

	next     uint64          // first event that was not looked at
	findings []event.Finding // of the events before next that are not stored yet
	vain     vain            // where reading failed last
	raised   mark            // what the alerts have
	counted  mark            // what the follower has
}

// vain counts attempts to read the same event.
type vain struct {
	seq   uint64
	times int
}

// mark is a stored cursor. since is when there was first something behind it.
type mark struct {
	seq   uint64
	since time.Time
}

// New returns a stage; it fails when something it needs is missing.
func New(o Options) (*Stage, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	s := &Stage{o: o}
	s.metrics, err = newMetrics(o.Metrics)
	return s, err
}

// Run follows the ledger until ctx ends; then it stores what it has and returns
// nil. Errors of the database or the ledger are logged and tried again.
func (s *Stage) Run(ctx context.Context) error {
	if err := s.again(ctx, "read the cursors", s.start); err != nil {
		return nil //nolint:nilerr // ctx ended before there was anything to do
	}
	for ctx.Err() == nil {
		err := s.again(ctx, "look at events", s.turn)
		if err != nil {
			break
		}
	}
	return s.last(ctx)
}

// last stores what was looked at when the station stops, within a second; what
// it cannot store is looked at again after the start.
func (s *Stage) last(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := errors.Join(s.raise(ctx), s.count(ctx)); err != nil {
		s.o.Slog.WarnContext(ctx, "findings not stored at stop; they will be found again", slog.Any("error", err))
	}
	return nil
}

// again runs fn until it succeeds or ctx ends, with growing pauses between.
func (s *Stage) again(ctx context.Context, what string, fn func(context.Context) error) error {
	pause := s.o.Retry
	for {
		err := fn(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.metrics.errors.Inc()
		s.o.Slog.ErrorContext(ctx, "detection is held up", slog.String("act", what), slog.Any("error", err))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, 32*s.o.Retry)
	}
}

func (s *Stage) start(ctx context.Context) error {
	next, err := s.o.Alerts.Cursor(ctx)
	if err != nil {
		return err
	}
	if s.o.Follower != nil {
		counted, err := s.o.Follower.Cursor(ctx)
		if err != nil {
			return err
		}
		next = min(next, counted)
	}
	s.next, s.raised.seq, s.counted.seq = next, next, next
	return nil
}

// turn does the next piece of work: it stores what has waited long enough, and
// looks at the next events or waits for them.
func (s *Stage) turn(ctx context.Context) error {
	size := s.o.Log.Size()
	s.metrics.lag.Set(float64(size - min(s.next, size)))
	wait := time.Hour
	for _, due := range []struct {
		in    time.Duration
		store func(context.Context) error
	}{{s.raiseIn(), s.raise}, {s.countIn(), s.count}} {
		if due.in <= 0 {
			if err := due.store(ctx); err != nil {
				return err
			}
			continue
		}
		wait = min(wait, due.in)
	}
	if s.next >= size {
		return s.wait(ctx, wait)
	}
	return s.look(ctx, size)
}

// raiseIn returns how long until findings, or the cursor alone, have to be stored.
func (s *Stage) raiseIn() time.Duration {
	switch {
	case s.next == s.raised.seq:
		return time.Hour
	case len(s.findings) >= maxFindings:
		return 0
	case len(s.findings) > 0:
		return s.o.Linger - s.o.Now().Sub(s.raised.since)
	default:
		return s.o.Idle - s.o.Now().Sub(s.raised.since)
	}
}

// countIn returns how long until the counts have to be stored.
func (s *Stage) countIn() time.Duration {
	if s.o.Follower == nil || s.next == s.counted.seq {
		return time.Hour
	}
	return s.o.Idle - s.o.Now().Sub(s.counted.since)
}

// wait waits for events behind the cursor, at most d.
func (s *Stage) wait(ctx context.Context, d time.Duration) error {
	ctx2, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	_, err := s.o.Log.Wait(ctx2, s.next)
	if err != nil && ctx2.Err() != nil {
		return ctx.Err() // the time was up, or the stage stops
	}
	return err
}

// raise stores the findings and the cursor behind them.
func (s *Stage) raise(ctx context.Context) error {
	if s.next == s.raised.seq {
		return nil
	}
	if err := s.o.Alerts.Raise(ctx, s.findings, s.next); err != nil {
		return err
	}
	s.metrics.findings.Add(float64(len(s.findings)))
	clear(s.findings)
	s.findings, s.raised.seq = s.findings[:0], s.next
	return nil
}

// count stores the counts and the cursor behind them.
func (s *Stage) count(ctx context.Context) error {
	if s.o.Follower == nil || s.next == s.counted.seq {
		return nil
	}
	if err := s.o.Follower.Flush(ctx, s.next); err != nil {
		return err
	}
	s.counted.seq = s.next
	return nil
}

// look reads the next events, matches them and keeps their findings.
func (s *Stage) look(ctx context.Context, size uint64) error {
	entries, err := s.read(ctx, size)
	if err != nil && len(entries) == 0 {
		return s.skip(ctx, err)
	}
	for _, part := range s.match(entries) {
		for i := range part.records {
			if s.o.Follower != nil {
				s.o.Follower.Add(&part.records[i])
			}
		}
		s.findings = append(s.findings, part.findings...)
	}
	s.advance(entries[len(entries)-1].Seq + 1)
	s.metrics.events.Add(float64(len(entries)))
	return nil
}

// errEnough ends a read that has taken its share.
var errEnough = errors.New("enough")

// read returns the next entries, without a hole among them, with raw bytes of
// their own. With an error, the entries before it are good.
func (s *Stage) read(ctx context.Context, size uint64) ([]event.Event, error) {
	to := min(size, s.next+uint64(s.o.Events)) //nolint:gosec // a positive setting
	out := make([]event.Event, 0, to-s.next)
	bytes := 0
	err := s.o.Log.Read(ctx, s.next, to, func(e ledger.Entry) error {
		if bytes >= s.o.Bytes || e.Seq != s.next+uint64(len(out)) {
			return errEnough // what is behind a hole is for the next turn
		}
		bytes += len(e.Raw)
		out = append(out, event.Event{
			Seq: e.Seq, Received: e.Received, Source: e.Source, Transport: e.Transport, Peer: e.Peer, Batch: e.Batch,
			Raw: append(make([]byte, 0, len(e.Raw)), e.Raw...),
		})
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("the ledger of %d events gives none from %d to %d: %w", size, s.next, to, ledger.ErrDamaged)
	}
	if err != nil {
		return out, fmt.Errorf("read events from %d: %w", s.next, err)
	}
	return out, nil
}

// readings is how often events are read in vain before they count as lost: a
// disk may fail to read and succeed a moment later.
const readings = 4

// skip steps over events that cannot be read, again and again, because the ledger
// is damaged there; the damage itself is the ledger's to report. Other errors it
// returns.
func (s *Stage) skip(ctx context.Context, err error) error {
	if s.o.Damage == nil || !errors.Is(err, ledger.ErrDamaged) {
		return err
	}
	if s.vain.seq != s.next {
		s.vain = vain{seq: s.next}
	}
	if s.vain.times++; s.vain.times < readings {
		return err
	}
	behind, ok := s.o.Damage(s.next)
	if !ok || behind <= s.next {
		return err
	}
	s.metrics.skipped.Add(float64(behind - s.next))
	s.o.Slog.ErrorContext(ctx, "events cannot be read and were not looked at",
		slog.Uint64("from", s.next), slog.Uint64("to", behind), slog.Any("error", err))
	s.advance(behind)
	return nil
}

// advance moves the cursor; the first event behind a mark starts its clock.
func (s *Stage) advance(next uint64) {
	now := s.o.Now()
	for _, m := range []*mark{&s.raised, &s.counted} {
		if m.seq == s.next {
			m.since = now
		}
	}
	s.next = next
}
