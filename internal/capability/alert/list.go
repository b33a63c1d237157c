package alert

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Filter selects alerts; empty conditions do not count.
type Filter struct {
	Statuses []Status
	Levels   []string
	RuleID   string
	Entity   string
	Source   string
	Assignee string    // account id
	Text     string    // part of a title, an entity, a rule id or a number; case does not count
	From, To time.Time // the alert had a finding's receipt between its first and last in [From, To)
}

func (f Filter) apply(q *bun.SelectQuery) *bun.SelectQuery {
	if len(f.Statuses) > 0 {
		q = q.Where("a.status IN (?)", bun.List(f.Statuses))
	}
	if len(f.Levels) > 0 {
		q = q.Where("a.level IN (?)", bun.List(f.Levels))
	}
	for column, value := range map[string]string{"rule_id": f.RuleID, "entity": f.Entity, "assignee": f.Assignee} {
		if value != "" {
			q = q.Where("a.? = ?", bun.Ident(column), value)
		}
	}
	if f.Source != "" {
		q = q.Where("EXISTS (SELECT 1 FROM alert_source AS s WHERE s.source_id = ? AND s.alert_id = a.id)", f.Source)
	}
	if f.Text != "" {
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery { return f.text(q) })
	}
	if !f.From.IsZero() {
		q = q.Where("a.last_at >= ?", stored(f.From))
	}
	if !f.To.IsZero() {
		q = q.Where("a.first_at < ?", stored(f.To))
	}
	return q
}

func (f Filter) text(q *bun.SelectQuery) *bun.SelectQuery {
	pattern := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(f.Text)) + "%"
	for _, column := range []string{"title_zh", "title_en", "entity", "rule_id"} {
		q = q.WhereOr(`lower(a.?) LIKE ? ESCAPE '\'`, bun.Ident(column), pattern)
	}
	if n, ok := parseNumber(f.Text); ok {
		q = q.WhereOr("a.number = ?", n)
	}
	return q
}

// parseNumber reads A-000123.
func parseNumber(s string) (int64, bool) {
	rest, ok := strings.CutPrefix(strings.ToUpper(s), "A-")
	if !ok || rest == "" || len(rest) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range rest {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// place is where a page ended.
type place struct {
	Last   time.Time
	Number int64
}

func (p place) cursor() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", p.Last.UnixMicro(), p.Number))
}

func parseCursor(s string) (place, error) {
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return place{}, ErrCursor
	}
	var micros, number int64
	if n, err := fmt.Sscanf(string(text), "%d.%d", &micros, &number); err != nil || n != 2 {
		return place{}, ErrCursor
	}
	return place{Last: time.UnixMicro(micros).UTC(), Number: number}, nil
}

// List returns alerts, those with the latest finding first, and the cursor of
// the next page or "". An alert that gets a finding while somebody pages moves
// to the front: pages never show an alert twice for it.
func (s *Service) List(ctx context.Context, f Filter, limit int, cursor string) ([]Alert, string, error) {
	var rows []alertRow
	q := f.apply(s.d.DB.Read.NewSelect().Model(&rows))
	if cursor != "" {
		p, err := parseCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("(a.last_at, a.number) < (?, ?)", p.Last, p.Number)
	}
	if err := q.OrderExpr("a.last_at DESC, a.number DESC").Limit(int64(limit) + 1).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("list alerts: %w", err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = place{Last: rows[limit-1].LastAt, Number: rows[limit-1].Number}.cursor()
	}
	alerts, err := alertsOf(ctx, s.d.DB.Read, rows)
	if err != nil {
		return nil, "", err
	}
	return alerts, next, nil
}

// Get returns one alert with its history. id is an ID or a number as people
// write it; [ErrNotFound] when there is none.
func (s *Service) Get(ctx context.Context, id string) (Alert, []Entry, error) {
	var rows []alertRow
	q := s.d.DB.Read.NewSelect().Model(&rows)
	if n, ok := parseNumber(id); ok {
		q = q.Where("number = ?", n)
	} else {
		q = q.Where("id = ?", id)
	}
	if err := q.Limit(1).Scan(ctx); err != nil {
		return Alert{}, nil, fmt.Errorf("read alert %s: %w", id, err)
	}
	alerts, err := alertsOf(ctx, s.d.DB.Read, rows)
	if err != nil {
		return Alert{}, nil, err
	}
	if len(alerts) == 0 {
		return Alert{}, nil, ErrNotFound
	}
	history, err := historyOf(ctx, s.d.DB.Read, alerts[0].ID)
	if err != nil {
		return Alert{}, nil, err
	}
	return alerts[0], history, nil
}

// Count is a number of alerts under a name.
type Count struct {
	Name  string
	Count int64
}

// RuleAlerts is what one rule did in a range.
type RuleAlerts struct {
	RuleID string
	Title  Title
	Level  string
	Alerts int64
	Events int64
}

// Bucket counts the alerts that began in [From, To), by level.
type Bucket struct {
	From, To time.Time
	Counts   map[string]int64
}

// Stats are the figures of a range.
type Stats struct {
	Open     int64 // not closed, whenever they were
	ByLevel  []Count
	ByStatus []Count
	TopRules []RuleAlerts
	Buckets  []Bucket
}

// keepMinutes is how long counts per minute are kept; beyond it hours serve.
const keepMinutes = 8 * 24 * time.Hour

// topRules is how many rules the figures name.
const topRules = 10

// Stats returns the figures of the alerts with findings in [from, to).
func (s *Service) Stats(ctx context.Context, from, to time.Time) (Stats, error) {
	var (
		out Stats
		err error
	)
	db := s.d.DB.Read
	open, err := db.NewSelect().Model((*alertRow)(nil)).Where("status IN (?)", bun.List([]Status{New, Acknowledged})).Count(ctx)
	if err != nil {
		return Stats{}, fmt.Errorf("count open alerts: %w", err)
	}
	out.Open = open
	inRange := Filter{From: from, To: to}
	for column, to := range map[string]*[]Count{"level": &out.ByLevel, "status": &out.ByStatus} {
		err := inRange.apply(db.NewSelect().Model((*alertRow)(nil))).
			ColumnExpr("a.? AS name", bun.Ident(column)).ColumnExpr("count(*) AS count").
			GroupExpr("a.?", bun.Ident(column)).OrderExpr("count DESC, name").Scan(ctx, to)
		if err != nil {
			return Stats{}, fmt.Errorf("count alerts by %s: %w", column, err)
		}
	}
	if out.TopRules, err = s.topRules(ctx, inRange); err != nil {
		return Stats{}, err
	}
	out.Buckets, err = s.buckets(ctx, from, to)
	return out, err
}

func (s *Service) topRules(ctx context.Context, f Filter) ([]RuleAlerts, error) {
	var rows []struct {
		RuleID  string `bun:"rule_id"`
		TitleZH string `bun:"title_zh"`
		TitleEN string `bun:"title_en"`
		Level   string `bun:"level"`
		Alerts  int64  `bun:"alerts"`
		Events  int64  `bun:"events"`
	}
	err := f.apply(s.d.DB.Read.NewSelect().Model((*alertRow)(nil))).
		ColumnExpr("a.rule_id").ColumnExpr("max(a.title_zh) AS title_zh").ColumnExpr("max(a.title_en) AS title_en").
		ColumnExpr("max(a.level) AS level").ColumnExpr("count(*) AS alerts").ColumnExpr("sum(a.events) AS events").
		GroupExpr("a.rule_id").OrderExpr("alerts DESC, events DESC, a.rule_id").Limit(topRules).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count alerts by rule: %w", err)
	}
	out := make([]RuleAlerts, 0, len(rows))
	for _, r := range rows {
		out = append(out, RuleAlerts{RuleID: r.RuleID, Title: Title{r.TitleZH, r.TitleEN}, Level: r.Level, Alerts: r.Alerts, Events: r.Events})
	}
	return out, nil
}

// step returns the width of buckets for a range: the smallest that needs at
// most 72.
func step(width time.Duration) time.Duration {
	for _, s := range []time.Duration{
		time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	} {
		if width <= 72*s {
			return s
		}
	}
	const day = 24 * time.Hour
	days := (width/72 + day - 1) / day
	return max(1, days) * day //nolint:durationcheck // days counts days
}

func (s *Service) buckets(ctx context.Context, from, to time.Time) ([]Bucket, error) {
	width := step(to.Sub(from))
	span := perHour
	if width < time.Hour {
		if span = perMinute; from.Before(s.d.Now().Add(-keepMinutes)) {
			span, width = perHour, time.Hour
		}
	}
	start := from.UTC().Truncate(width)
	var rows []tallyRow
	err := s.d.DB.Read.NewSelect().Model(&rows).Column("at", "level", "alerts").
		Where("span = ?", span).Where("at >= ?", start).Where("at < ?", to.UTC()).Order("at", "level").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("count alerts by time: %w", err)
	}
	var out []Bucket
	for at := start; at.Before(to); at = at.Add(width) {
		out = append(out, Bucket{From: at, To: at.Add(width), Counts: map[string]int64{}})
	}
	for _, r := range rows {
		if r.Alerts > 0 {
			out[r.At.Sub(start)/width].Counts[r.Level] += r.Alerts
		}
	}
	return out, nil
}

// Run forgets counts per minute that are too old to be asked for, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := s.forgetMinutes(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func (s *Service) forgetMinutes(ctx context.Context) error {
	_, err := s.d.DB.Write.NewDelete().Model((*tallyRow)(nil)).
		Where("span = ?", perMinute).Where("at < ?", s.d.Now().UTC().Add(-keepMinutes-time.Hour)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget counts per minute: %w", err)
	}
	return nil
}

// levels lists Sigma's levels, the gravest first.
func levels() []string { return []string{"critical", "high", "medium", "low", "informational"} }

// words splits a list of words that may only come from known.
func words[T ~string](list string, known []T) ([]T, bool) {
	var out []T
	for w := range strings.SplitSeq(list, ",") {
		w = strings.TrimSpace(w)
		if w == "" {
			continue
		}
		if !slices.Contains(known, T(w)) {
			return nil, false
		}
		out = append(out, T(w))
	}
	return out, true
}
