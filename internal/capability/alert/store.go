package alert

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// chunk bounds the rows of one statement, and with them its length.
const chunk = 50

type alertRow struct {
	bun.BaseModel `bun:"table:alert_alert,alias:a"`

	ID          string       `bun:"id,pk"`
	Number      int64        `bun:"number"`
	GroupKey    string       `bun:"group_key"`
	IsNewest    bool         `bun:"is_newest"`
	RuleID      string       `bun:"rule_id"`
	TitleZH     string       `bun:"title_zh"`
	TitleEN     string       `bun:"title_en"`
	Level       string       `bun:"level"`
	Entity      string       `bun:"entity"`
	Status      string       `bun:"status"`
	Events      int64        `bun:"events"`
	FirstAt     time.Time    `bun:"first_at"`
	LastAt      time.Time    `bun:"last_at"`
	EventFirst  time.Time    `bun:"event_first"`
	EventLast   time.Time    `bun:"event_last"`
	Samples     string       `bun:"samples"`
	Matched     string       `bun:"matched"`
	Tags        string       `bun:"tags"`
	Assignee    string       `bun:"assignee"`
	CloseReason string       `bun:"close_reason"`
	ClosedAt    bun.NullTime `bun:"closed_at"`
	NoteCount   int64        `bun:"note_count"`
	UpdatedAt   time.Time    `bun:"updated_at"`
}

func rowOf(a *Alert) (alertRow, error) {
	r := alertRow{
		ID: string(a.ID), Number: a.Number, GroupKey: a.key, IsNewest: a.newest, RuleID: a.RuleID,
		TitleZH: a.Title.ZH, TitleEN: a.Title.EN, Level: a.Level, Entity: a.Entity, Status: string(a.Status),
		Events: a.Count, FirstAt: a.First.UTC(), LastAt: a.Last.UTC(), EventFirst: a.EventFirst.UTC(), EventLast: a.EventLast.UTC(),
		Assignee: a.Assignee, CloseReason: string(a.Reason), ClosedAt: bun.NullTime{Time: a.ClosedAt.UTC()},
		NoteCount: a.Notes, UpdatedAt: a.UpdatedAt.UTC(),
	}
	for _, p := range []struct {
		to *string
		v  any
	}{{&r.Samples, a.Samples}, {&r.Matched, a.Matched}, {&r.Tags, a.Tags}} {
		text, err := json.Marshal(p.v)
		if err != nil {
			return alertRow{}, fmt.Errorf("encode alert %s: %w", a.ID, err)
		}
		*p.to = string(text)
	}
	return r, nil
}

func (r *alertRow) alert() (Alert, error) {
	a := Alert{
		ID: ID(r.ID), Number: r.Number, RuleID: r.RuleID, Title: Title{ZH: r.TitleZH, EN: r.TitleEN},
		Level: r.Level, Entity: r.Entity, Status: Status(r.Status), Count: r.Events,
		First: r.FirstAt.UTC(), Last: r.LastAt.UTC(), EventFirst: r.EventFirst.UTC(), EventLast: r.EventLast.UTC(),
		Assignee: r.Assignee, Reason: Reason(r.CloseReason), ClosedAt: r.ClosedAt.UTC(),
		Notes: r.NoteCount, UpdatedAt: r.UpdatedAt.UTC(), key: r.GroupKey, newest: r.IsNewest,
	}
	for _, p := range []struct {
		text string
		to   any
	}{{r.Samples, &a.Samples}, {r.Matched, &a.Matched}, {r.Tags, &a.Tags}} {
		if err := json.Unmarshal([]byte(p.text), p.to); err != nil {
			return Alert{}, fmt.Errorf("decode alert %s: %w", r.ID, err)
		}
	}
	return a, nil
}

// alertsOf decodes rows and adds their sources with one query.
func alertsOf(ctx context.Context, db bun.IDB, rows []alertRow) ([]Alert, error) {
	ids := make([]string, 0, len(rows))
	for i := range rows {
		ids = append(ids, rows[i].ID)
	}
	sources, err := sourcesOf(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Alert, 0, len(rows))
	for i := range rows {
		a, err := rows[i].alert()
		if err != nil {
			return nil, err
		}
		a.Sources = sources[rows[i].ID]
		out = append(out, a)
	}
	return out, nil
}

type sourceRow struct {
	bun.BaseModel `bun:"table:alert_source,alias:s"`

	AlertID  string `bun:"alert_id,pk"`
	SourceID string `bun:"source_id,pk"`
}

func sourcesOf(ctx context.Context, db bun.IDB, ids []string) (map[string][]string, error) {
	out := make(map[string][]string, len(ids))
	for part := range slices.Chunk(ids, 500) {
		var rows []sourceRow
		err := db.NewSelect().Model(&rows).Column("alert_id", "source_id").
			Where("alert_id IN (?)", bun.List(part)).Order("alert_id", "source_id").Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("read sources of alerts: %w", err)
		}
		for _, r := range rows {
			out[r.AlertID] = append(out[r.AlertID], r.SourceID)
		}
	}
	return out, nil
}

// newestOf returns the newest alert of each group key that has one.
func newestOf(ctx context.Context, db bun.IDB, keys map[string]bool) (map[string]*Alert, error) {
	out := make(map[string]*Alert, len(keys))
	for part := range slices.Chunk(slices.Sorted(maps.Keys(keys)), 500) {
		var rows []alertRow
		err := db.NewSelect().Model(&rows).
			Where("group_key IN (?)", bun.List(part)).Where("is_newest = ?", true).Order("number").Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("read newest alerts: %w", err)
		}
		alerts, err := alertsOf(ctx, db, rows)
		if err != nil {
			return nil, err
		}
		for i := range alerts {
			out[rows[i].GroupKey] = &alerts[i]
		}
	}
	return out, nil
}

func lastNumber(ctx context.Context, db bun.IDB) (int64, error) {
	var n sql.NullInt64
	if err := db.NewSelect().Model((*alertRow)(nil)).ColumnExpr("max(number)").Scan(ctx, &n); err != nil {
		return 0, fmt.Errorf("read last alert number: %w", err)
	}
	return n.Int64, nil
}

func clearNewest(ctx context.Context, db bun.IDB, ids []ID) error {
	for part := range slices.Chunk(ids, 500) {
		_, err := db.NewUpdate().Model((*alertRow)(nil)).Set("is_newest = ?", false).Where("id IN (?)", bun.List(part)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("retire newest alerts: %w", err)
		}
	}
	return nil
}

// putAlerts inserts new alerts and brings the columns that findings change up to
// date in the others; what people set stays.
func putAlerts(ctx context.Context, db bun.IDB, alerts []*Alert) error {
	for part := range slices.Chunk(alerts, chunk) {
		rows := make([]alertRow, 0, len(part))
		for _, a := range part {
			r, err := rowOf(a)
			if err != nil {
				return err
			}
			rows = append(rows, r)
		}
		q := db.NewInsert().Model(&rows).On("CONFLICT (id) DO UPDATE")
		for _, c := range []string{"is_newest", "events", "first_at", "last_at", "event_first", "event_last", "samples", "updated_at"} {
			q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
		}
		if _, err := q.Exec(ctx); err != nil {
			return fmt.Errorf("store alerts: %w", err)
		}
	}
	return nil
}

func putSources(ctx context.Context, db bun.IDB, alerts []*Alert) error {
	var rows []sourceRow
	for _, a := range alerts {
		for _, s := range a.Sources {
			rows = append(rows, sourceRow{AlertID: string(a.ID), SourceID: s})
		}
	}
	for part := range slices.Chunk(rows, 500) {
		if _, err := db.NewInsert().Model(&part).On("CONFLICT (alert_id, source_id) DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("store sources of alerts: %w", err)
		}
	}
	return nil
}

type ruleRow struct {
	bun.BaseModel `bun:"table:alert_rule,alias:r"`

	RuleID     string    `bun:"rule_id,pk"`
	Alerts     int64     `bun:"alerts"`
	Events     int64     `bun:"events"`
	Suppressed int64     `bun:"suppressed"`
	LastHit    time.Time `bun:"last_hit"`
}

func addRuleCounts(ctx context.Context, db bun.IDB, counts map[string]*RuleCount) error {
	rows := make([]ruleRow, 0, len(counts))
	for id, c := range counts {
		rows = append(rows, ruleRow{RuleID: id, Alerts: c.Alerts, Events: c.Events, Suppressed: c.Suppressed, LastHit: c.LastHit})
	}
	slices.SortFunc(rows, func(a, b ruleRow) int { return cmp.Compare(a.RuleID, b.RuleID) })
	for part := range slices.Chunk(rows, 500) {
		_, err := db.NewInsert().Model(&part).On("CONFLICT (rule_id) DO UPDATE").
			Set("alerts = r.alerts + EXCLUDED.alerts").
			Set("events = r.events + EXCLUDED.events").
			Set("suppressed = r.suppressed + EXCLUDED.suppressed").
			Set("last_hit = CASE WHEN EXCLUDED.last_hit > r.last_hit THEN EXCLUDED.last_hit ELSE r.last_hit END").
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("count findings of rules: %w", err)
		}
	}
	return nil
}

// RuleCounts returns what the rules have found so far; rules without a finding
// are absent. Without ids it returns every rule's.
func (s *Service) RuleCounts(ctx context.Context, ids []string) (map[string]RuleCount, error) {
	var rows []ruleRow
	q := s.d.DB.Read.NewSelect().Model(&rows)
	if len(ids) > 0 {
		q = q.Where("rule_id IN (?)", bun.List(ids))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read counts of rules: %w", err)
	}
	out := make(map[string]RuleCount, len(rows))
	for _, r := range rows {
		out[r.RuleID] = RuleCount{Alerts: r.Alerts, Events: r.Events, Suppressed: r.Suppressed, LastHit: r.LastHit.UTC()}
	}
	return out, nil
}

type tallyRow struct {
	bun.BaseModel `bun:"table:alert_tally,alias:t"`

	Span   string    `bun:"span,pk"`
	At     time.Time `bun:"at,pk"`
	Level  string    `bun:"level,pk"`
	Alerts int64     `bun:"alerts"`
	Events int64     `bun:"events"`
}

func addTallies(ctx context.Context, db bun.IDB, counts map[tallyKey]*tally) error {
	rows := make([]tallyRow, 0, len(counts))
	for k, c := range counts {
		rows = append(rows, tallyRow{Span: k.Span, At: k.At, Level: k.Level, Alerts: c.Alerts, Events: c.Events})
	}
	slices.SortFunc(rows, func(a, b tallyRow) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Span, b.Span), cmp.Compare(a.Level, b.Level))
	})
	for part := range slices.Chunk(rows, 500) {
		_, err := db.NewInsert().Model(&part).On("CONFLICT (span, at, level) DO UPDATE").
			Set("alerts = t.alerts + EXCLUDED.alerts").
			Set("events = t.events + EXCLUDED.events").Exec(ctx)
		if err != nil {
			return fmt.Errorf("count alerts by time: %w", err)
		}
	}
	return nil
}

// cursorName is the row of detection's cursor.
const cursorName = "detect"

type cursorRow struct {
	bun.BaseModel `bun:"table:alert_cursor"`

	Name string `bun:"name,pk"`
	Seq  int64  `bun:"seq"`
}

func cursorOf(ctx context.Context, db bun.IDB) (uint64, error) {
	row := cursorRow{Name: cursorName}
	switch err := db.NewSelect().Model(&row).WherePK().Scan(ctx); {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("read detection's cursor: %w", err)
	default:
		return uint64(row.Seq), nil //nolint:gosec // written from a sequence, never negative
	}
}

func putCursor(ctx context.Context, db bun.IDB, seq uint64) error {
	row := cursorRow{Name: cursorName, Seq: int64(seq)} //nolint:gosec // a ledger never holds 2^63 events
	_, err := db.NewInsert().Model(&row).On("CONFLICT (name) DO UPDATE").Set("seq = EXCLUDED.seq").Exec(ctx)
	if err != nil {
		return fmt.Errorf("store detection's cursor: %w", err)
	}
	return nil
}
