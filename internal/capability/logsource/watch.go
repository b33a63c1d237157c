package logsource

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// How often things are done while the station runs.
const (
	tickEvery  = time.Second
	aliveEvery = 5 * time.Second
	keptEvery  = time.Minute
)

// downAfter is the shortest time down that is recorded: below it, the station
// cannot tell it from the time between two signs of life.
const downAfter = 2 * aliveEvery

// Run looks for silent sources and stores what is counted in memory, every
// second until ctx ends. What the database refuses is tried again.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		if err := s.tick(ctx); err != nil && ctx.Err() == nil {
			s.d.Log.ErrorContext(ctx, "state of sources not stored", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return s.stop(ctx)
		case <-tick.C:
		}
	}
}

// stop stores the rest when the station stops, within a second.
func (s *Service) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	now := stored(s.d.Now())
	if err := errors.Join(s.storeLive(ctx), putRun(ctx, s.d.DB.Write, s.started, now)); err != nil {
		s.d.Log.WarnContext(ctx, "state of sources not stored at stop", slog.Any("error", err))
	}
	return nil
}

func (s *Service) tick(ctx context.Context) error {
	now := stored(s.d.Now())
	errs := []error{s.storeLive(ctx), s.watch(ctx, now)}
	if now.Sub(s.alive) >= aliveEvery {
		err := putRun(ctx, s.d.DB.Write, s.started, now)
		if err == nil {
			s.alive = now
		}
		errs = append(errs, err)
	}
	if now.Sub(s.keptAt) >= keptEvery {
		errs = append(errs, s.observeOldest(ctx, now))
	}
	s.tell(now)
	return errors.Join(errs...)
}

// storeLive stores drops and strangers.
func (s *Service) storeLive(ctx context.Context) error {
	drops := s.registry.takeDrops()
	changed, evicted := s.registry.strangers.take()
	if len(drops)+len(changed)+len(evicted) == 0 {
		return nil
	}
	err := s.d.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := addDrops(ctx, tx, drops); err != nil {
			return err
		}
		if err := putStrangers(ctx, tx, changed); err != nil {
			return err
		}
		return deleteStrangers(ctx, tx, evicted)
	})
	if err != nil {
		s.registry.giveDrops(drops)
		s.registry.strangers.give(changed, evicted)
		return fmt.Errorf("store drops and strangers: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, n := range drops {
		if e := s.sources[ID(k.Source)]; e != nil {
			e.dropped += n
		}
	}
	return nil
}

// watch opens the gaps of sources that are silent for longer than their limit.
func (s *Service) watch(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next < s.sizeAtStart {
		return nil // what the run before received is not known yet
	}
	gaps := s.downGaps(now)
	var opened []Gap
	for _, e := range s.sources {
		if !e.RetiredAt.IsZero() || e.open != nil {
			continue
		}
		live, _ := s.registry.seen(string(e.ID), now)
		base, reason := e.base(stored(live))
		if due := s.due(e, base, now); now.After(due) {
			opened = append(opened, Gap{ID: newID(), Source: e.ID, Reason: reason, From: base, Due: due, RecordedAt: now})
		}
	}
	if gaps = append(gaps, opened...); len(gaps) == 0 {
		s.downKnown = true
		return nil
	}
	err := s.d.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return putGaps(ctx, tx, gaps) })
	if err != nil {
		return err
	}
	s.downKnown = true
	for _, g := range opened {
		s.sources[g.Source].open = &g
		s.d.Log.WarnContext(ctx, "source is silent", slog.String("source_id", string(g.Source)), slog.Time("since", g.From))
	}
	return nil
}

// downGaps returns, once per run, the time before this run in which the station
// was not there to receive. It is not an open gap: it ended when the run began.
func (s *Service) downGaps(now time.Time) []Gap {
	if s.downKnown || s.lastAlive.IsZero() || s.started.Sub(s.lastAlive) <= downAfter {
		return nil
	}
	var gaps []Gap
	for _, e := range s.sources {
		from := s.lastAlive
		if e.totals.events > 0 && e.last.Before(s.started) {
			from = later(from, e.last)
		}
		if !e.RetiredAt.IsZero() || e.totals.events == 0 || !from.Before(s.started) {
			continue
		}
		gaps = append(gaps, Gap{
			ID: newID(), Source: e.ID, Reason: ReasonStation, From: from, Due: from, To: s.started, Ended: endStarted,
			RecordedAt: now, ClosedAt: now,
		})
	}
	return gaps
}

// observeOldest records when the oldest event that the ledger keeps changes.
func (s *Service) observeOldest(ctx context.Context, now time.Time) error {
	oldest, err := s.d.Ledger.Oldest(ctx)
	if err != nil {
		return fmt.Errorf("ask for the oldest event: %w", err)
	}
	if oldest.IsZero() {
		return nil // looked for again at the next tick
	}
	oldest = stored(oldest)
	if !oldest.Equal(s.oldest) {
		if err := putKept(ctx, s.d.DB.Write, now, oldest); err != nil {
			return err
		}
		s.oldest = oldest
	}
	s.keptAt = now
	return nil
}

// tell sends the sources whose state changed or that received something to open
// consoles.
func (s *Service) tell(now time.Time) {
	if s.d.News == nil {
		return
	}
	s.mu.Lock()
	var items []statusJSON
	for _, e := range s.sources {
		f := s.figures(e, now)
		if f.State != e.told || (f.PerMinute > 0 && now.Sub(f.Last) < 2*tickEvery) {
			e.told = f.State
			items = append(items, statusJSON{
				ID: string(e.ID), State: string(f.State), LastReceived: moment(f.Last), Received: f.Received, PerMinute: f.PerMinute,
			})
		}
	}
	s.mu.Unlock()
	slices.SortFunc(items, func(a, b statusJSON) int { return cmp.Compare(a.ID, b.ID) })
	for _, item := range items {
		s.d.News.Publish("sources", item)
	}
}

type runRow struct {
	bun.BaseModel `bun:"table:logsource_run,alias:r"`

	StartedAt time.Time `bun:"started_at,pk"`
	AliveAt   time.Time `bun:"alive_at"`
}

func putRun(ctx context.Context, db bun.IDB, started, alive time.Time) error {
	row := runRow{StartedAt: started.UTC(), AliveAt: alive.UTC()}
	_, err := db.NewInsert().Model(&row).On("CONFLICT (started_at) DO UPDATE").Set("alive_at = EXCLUDED.alive_at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("store sign of life: %w", err)
	}
	return nil
}

// lastRuns returns the newest runs, the newest first.
func lastRuns(ctx context.Context, db bun.IDB, limit int) ([]runRow, error) {
	var rows []runRow
	if err := db.NewSelect().Model(&rows).OrderExpr("started_at DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read runs of the station: %w", err)
	}
	return rows, nil
}

type keptRow struct {
	bun.BaseModel `bun:"table:logsource_kept,alias:k"`

	RecordedAt time.Time `bun:"recorded_at,pk"`
	OldestAt   time.Time `bun:"oldest_at"`
}

func putKept(ctx context.Context, db bun.IDB, now, oldest time.Time) error {
	row := keptRow{RecordedAt: now.UTC(), OldestAt: oldest.UTC()}
	_, err := db.NewInsert().Model(&row).On("CONFLICT (recorded_at) DO UPDATE").Set("oldest_at = EXCLUDED.oldest_at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("store oldest event: %w", err)
	}
	return nil
}

// keptAt returns the receipt time of the oldest event as it was recorded last
// by the given time; zero when nothing was.
func keptAt(ctx context.Context, db bun.IDB, at time.Time) (time.Time, error) {
	var row keptRow
	err := db.NewSelect().Model(&row).Where("recorded_at <= ?", at.UTC()).OrderExpr("recorded_at DESC").Limit(1).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, fmt.Errorf("read oldest event: %w", err)
	}
	return row.OldestAt.UTC(), nil
}
