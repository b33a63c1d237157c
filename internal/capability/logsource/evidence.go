package logsource

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/evidence"
)

// How long an answer holds before it has to be asked for again.
const answerHolds = time.Minute

// delivering answers whether every source in use delivers within its limit.
//
// The population is the sources in use at the time. One is failing while it is in
// a gap. Without any source the duty cannot be met, so that the answer is a gap;
// while none of them has delivered yet and none is late, it is unknown.
type delivering struct{ s *Service }

// ID names the provider.
func (delivering) ID() string { return "logsource.delivering" }

// Observe answers as of at with what was recorded by known.
func (p delivering) Observe(ctx context.Context, at, known time.Time) (evidence.Fact, error) {
	w, err := p.s.past(ctx, at, known, evidence.Period{From: at, To: at})
	if err != nil {
		return evidence.Fact{State: evidence.Unknown}, err
	}
	f := evidence.Fact{
		State: evidence.Met, Summary: "delivering.all", Period: evidence.Period{From: at, To: at},
		Query: "/sources?state=silent", ValidUntil: at.Add(answerHolds),
	}
	delivered := 0
	for _, src := range w.inUse {
		f.Population++
		if first := w.first[src.ID]; !first.IsZero() && !first.After(at) {
			delivered++
		}
	}
	for _, g := range w.gaps {
		src, ok := w.inUse[g.Source]
		if ok && g.Reason != ReasonStation && g.lasts(at) {
			f.Rows = append(f.Rows, g.row(src.Name, at))
		}
	}
	f.Failing = len(f.Rows)
	f.Values = []evidence.Value{
		{Name: "sources", Text: strconv.Itoa(f.Population)}, {Name: "silent", Text: strconv.Itoa(f.Failing)},
	}
	switch {
	case f.Population == 0:
		f.State, f.Summary, f.Query = evidence.Gap, "delivering.no_sources", "/sources"
	case f.Failing > 0:
		f.State, f.Summary = evidence.Gap, "delivering.silent"
	case delivered == 0:
		f.State, f.Summary, f.Query = evidence.Unknown, "delivering.waiting", "/sources?state=waiting"
	}
	return clipped(f), nil
}

// kept answers whether the logs of every source are there from its first receipt
// on, at most for the months that the norm asks for.
//
// The population is the sources that ever delivered. Logs that are not in the
// ledger any more make a gap. Spans in which a source did not deliver, or the
// station was down, stay listed for as long as they are inside the months, and
// make the answer partly.
type kept struct{ s *Service }

// ID names the provider.
func (kept) ID() string { return "logsource.kept" }

// Observe answers as of at with what was recorded by known.
func (p kept) Observe(ctx context.Context, at, known time.Time) (evidence.Fact, error) {
	from := at.AddDate(0, -p.s.d.KeepMonths, 0)
	w, err := p.s.past(ctx, at, known, evidence.Period{From: from, To: at})
	if err != nil {
		return evidence.Fact{State: evidence.Unknown}, err
	}
	f := evidence.Fact{
		State: evidence.Met, Summary: "kept.all", Period: evidence.Period{From: from, To: at},
		Query: "/sources", ValidUntil: at.Add(answerHolds),
	}
	failing := map[ID]bool{}
	lost := false
	for _, src := range w.all {
		first := w.first[src.ID]
		if first.IsZero() || first.After(at) {
			continue
		}
		f.Population++
		if since := later(first, from); w.oldest.After(since) {
			lost, failing[src.ID] = true, true
			f.Rows = append(f.Rows, evidence.Row{
				ID: string(src.ID), Name: src.Name, State: evidence.Gap, Reason: "not_kept",
				Period: evidence.Period{From: since, To: w.oldest}, Link: "/sources?id=" + string(src.ID),
			})
		}
	}
	for _, g := range w.gaps {
		if src, ok := w.all[g.Source]; ok && g.Reason != ReasonNever {
			failing[src.ID] = true
			f.Rows = append(f.Rows, g.row(src.Name, at))
		}
	}
	f.Failing = len(failing)
	f.Values = []evidence.Value{
		{Name: "sources", Text: strconv.Itoa(f.Population)},
		{Name: "gaps", Text: strconv.Itoa(len(f.Rows))},
		{Name: "months", Text: strconv.Itoa(p.s.d.KeepMonths)},
	}
	switch {
	case f.Population == 0:
		f.State, f.Summary = evidence.Unknown, "kept.nothing_yet"
	case w.oldest.IsZero():
		f.State, f.Summary = evidence.Unknown, "kept.not_observed"
	case lost:
		f.State, f.Summary = evidence.Gap, "kept.lost"
	case len(f.Rows) > 0:
		f.State, f.Summary = evidence.Partly, "kept.gaps"
	}
	return clipped(f), nil
}

// clipped orders the rows, those that last and the newest first, and keeps as many
// as a fact holds.
func clipped(f evidence.Fact) evidence.Fact {
	slices.SortStableFunc(f.Rows, func(a, b evidence.Row) int {
		lasts := func(r evidence.Row) int {
			if r.Period.To.IsZero() {
				return 0
			}
			return 1
		}
		return cmp.Or(lasts(a)-lasts(b), b.Period.From.Compare(a.Period.From), cmp.Compare(a.Name, b.Name))
	})
	if len(f.Rows) > evidence.MaxRows {
		f.Rows, f.More = f.Rows[:evidence.MaxRows], true
	}
	return f
}

// past is what was known of the sources at one time.
type past struct {
	all    map[ID]Source // created by then
	inUse  map[ID]Source // and not retired
	first  map[ID]time.Time
	gaps   []Gap // that touch the period, the newest first; as known then
	oldest time.Time
}

// past reads what had been recorded by known about the time at.
func (s *Service) past(ctx context.Context, at, known time.Time, period evidence.Period) (past, error) {
	db := s.d.DB.Read
	w := past{all: map[ID]Source{}, inUse: map[ID]Source{}, first: map[ID]time.Time{}}
	sources, err := allSources(ctx, db)
	if err != nil {
		return w, err
	}
	for _, src := range sources {
		if src.CreatedAt.After(at) {
			continue
		}
		w.all[src.ID] = src
		if src.RetiredAt.IsZero() || src.RetiredAt.After(at) {
			w.inUse[src.ID] = src
		}
	}
	states, err := allStates(ctx, db)
	if err != nil {
		return w, err
	}
	for id, t := range states {
		w.first[id] = t.first
	}
	if w.gaps, err = gapsOf(ctx, db, known, period); err != nil {
		return w, err
	}
	w.oldest, err = keptAt(ctx, db, known)
	return w, err
}

// gapsOf returns the gaps that touch the period as they were known at known.
func gapsOf(ctx context.Context, db bun.IDB, known time.Time, period evidence.Period) ([]Gap, error) {
	var rows []gapRow
	err := db.NewSelect().Model(&rows).
		Where("recorded_at <= ?", known.UTC()).Where("due_at <= ?", period.To.UTC()).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("to_at IS NULL").WhereOr("to_at >= ?", period.From.UTC()).WhereOr("closed_at > ?", known.UTC())
		}).
		OrderExpr("from_at DESC, id DESC").Limit(maxGapsRead).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read gaps: %w", err)
	}
	out := make([]Gap, 0, len(rows))
	for i := range rows {
		g := rows[i].gap()
		if g.ClosedAt.After(known) {
			g.To, g.ClosedAt, g.Ended = time.Time{}, time.Time{}, ""
		}
		out = append(out, g)
	}
	return out, nil
}

// maxGapsRead bounds how many gaps one answer looks at.
const maxGapsRead = 5000

// lasts reports whether the gap was there at the given time.
func (g Gap) lasts(at time.Time) bool {
	return !g.Due.After(at) && (g.To.IsZero() || g.To.After(at))
}

func (g Gap) row(name string, at time.Time) evidence.Row {
	r := evidence.Row{
		ID: string(g.Source), Name: name, State: evidence.Gap, Reason: g.Reason,
		Period: evidence.Period{From: g.From, To: g.To}, Link: "/sources?id=" + string(g.Source),
	}
	if g.To.After(at) {
		r.Period.To = time.Time{}
	}
	return r
}
