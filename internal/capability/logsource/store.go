package logsource

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// chunk bounds the rows of one statement.
const chunk = 200

type sourceRow struct {
	bun.BaseModel `bun:"table:logsource_source,alias:s"`

	ID           string       `bun:"id,pk"`
	Name         string       `bun:"name"`
	Kind         string       `bun:"kind"`
	Allow        string       `bun:"allow"` // JSON
	Certificate  string       `bun:"certificate"`
	TokenHash    string       `bun:"token_hash"`
	Format       string       `bun:"format"`
	Charset      string       `bun:"charset"`
	Zone         string       `bun:"zone"`
	SilentAfter  int64        `bun:"silent_after"` // seconds
	RateLimit    int64        `bun:"rate_limit"`   // events per second
	CreatedAt    time.Time    `bun:"created_at"`
	UpdatedAt    time.Time    `bun:"updated_at"`
	RetiredAt    bun.NullTime `bun:"retired_at"`
	RetireReason string       `bun:"retire_reason"`
}

func putSource(ctx context.Context, db bun.IDB, src Source) error {
	allow, err := json.Marshal(src.Allow)
	if err != nil {
		return fmt.Errorf("encode source %s: %w", src.ID, err)
	}
	row := sourceRow{
		ID: string(src.ID), Name: src.Name, Kind: string(src.Kind), Allow: string(allow), Certificate: src.Certificate,
		TokenHash: src.tokenHash, Format: src.Format, Charset: src.Charset, Zone: src.Zone,
		SilentAfter: int64(src.SilentAfter / time.Second), RateLimit: src.RateLimit, CreatedAt: src.CreatedAt.UTC(),
		UpdatedAt: src.UpdatedAt.UTC(), RetiredAt: bun.NullTime{Time: src.RetiredAt.UTC()}, RetireReason: src.Reason,
	}
	q := db.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE")
	for _, c := range []string{
		"name", "allow", "certificate", "token_hash", "format", "charset", "zone", "silent_after", "rate_limit",
		"updated_at", "retired_at", "retire_reason",
	} {
		q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("store source %s: %w", src.ID, err)
	}
	return nil
}

func allSources(ctx context.Context, db bun.IDB) ([]Source, error) {
	var rows []sourceRow
	if err := db.NewSelect().Model(&rows).Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read sources: %w", err)
	}
	out := make([]Source, 0, len(rows))
	for _, r := range rows {
		var allow []netip.Prefix
		if err := json.Unmarshal([]byte(r.Allow), &allow); err != nil {
			return nil, fmt.Errorf("decode source %s: %w", r.ID, err)
		}
		out = append(out, Source{
			ID: ID(r.ID), Name: r.Name, Kind: Kind(r.Kind), Allow: allow, Certificate: r.Certificate, Format: r.Format,
			Charset: r.Charset, Zone: r.Zone, SilentAfter: time.Duration(r.SilentAfter) * time.Second, RateLimit: r.RateLimit,
			CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(), RetiredAt: r.RetiredAt.UTC(), Reason: r.RetireReason,
			tokenHash: r.TokenHash,
		})
	}
	return out, nil
}

type stateRow struct {
	bun.BaseModel `bun:"table:logsource_state,alias:st"`

	SourceID      string    `bun:"source_id,pk"`
	Received      int64     `bun:"received"`
	Bytes         int64     `bun:"bytes"`
	Unparsed      int64     `bun:"unparsed"`
	FirstReceived time.Time `bun:"first_received"`
	LastReceived  time.Time `bun:"last_received"`
}

func addStates(ctx context.Context, db bun.IDB, sources map[ID]*totals) error {
	rows := make([]stateRow, 0, len(sources))
	for _, id := range slices.Sorted(maps.Keys(sources)) {
		t := sources[id]
		rows = append(rows, stateRow{
			SourceID: string(id), Received: t.events, Bytes: t.bytes, Unparsed: t.unparsed,
			FirstReceived: t.first, LastReceived: t.last,
		})
	}
	for part := range slices.Chunk(rows, chunk) {
		_, err := db.NewInsert().Model(&part).On("CONFLICT (source_id) DO UPDATE").
			Set("received = st.received + EXCLUDED.received").
			Set("bytes = st.bytes + EXCLUDED.bytes").
			Set("unparsed = st.unparsed + EXCLUDED.unparsed").
			Set("first_received = CASE WHEN EXCLUDED.first_received < st.first_received THEN EXCLUDED.first_received ELSE st.first_received END").
			Set("last_received = CASE WHEN EXCLUDED.last_received > st.last_received THEN EXCLUDED.last_received ELSE st.last_received END").
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("count events of sources: %w", err)
		}
	}
	return nil
}

func allStates(ctx context.Context, db bun.IDB) (map[ID]totals, error) {
	var rows []stateRow
	if err := db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read counts of sources: %w", err)
	}
	out := make(map[ID]totals, len(rows))
	for _, r := range rows {
		out[ID(r.SourceID)] = totals{
			first: r.FirstReceived.UTC(), last: r.LastReceived.UTC(), events: r.Received, bytes: r.Bytes, unparsed: r.Unparsed,
		}
	}
	return out, nil
}

type classRow struct {
	bun.BaseModel `bun:"table:logsource_class,alias:c"`

	SourceID string `bun:"source_id,pk"`
	Class    string `bun:"class,pk"`
	Events   int64  `bun:"events"`
}

func addClasses(ctx context.Context, db bun.IDB, classes map[classKey]int64) error {
	rows := make([]classRow, 0, len(classes))
	for k, n := range classes {
		rows = append(rows, classRow{SourceID: string(k.source), Class: k.class, Events: n})
	}
	slices.SortFunc(rows, func(a, b classRow) int {
		return cmp.Or(cmp.Compare(a.SourceID, b.SourceID), cmp.Compare(a.Class, b.Class))
	})
	for part := range slices.Chunk(rows, chunk) {
		_, err := db.NewInsert().Model(&part).On("CONFLICT (source_id, class) DO UPDATE").
			Set("events = c.events + EXCLUDED.events").Exec(ctx)
		if err != nil {
			return fmt.Errorf("count classes of sources: %w", err)
		}
	}
	return nil
}

type hourRow struct {
	bun.BaseModel `bun:"table:logsource_hour,alias:h"`

	SourceID string    `bun:"source_id,pk"`
	Hour     time.Time `bun:"hour,pk"`
	Events   int64     `bun:"events"`
	Bytes    int64     `bun:"bytes"`
	Unparsed int64     `bun:"unparsed"`
}

func addHours(ctx context.Context, db bun.IDB, hours map[hourKey]*totals) error {
	rows := make([]hourRow, 0, len(hours))
	for k, t := range hours {
		rows = append(rows, hourRow{SourceID: string(k.source), Hour: k.hour, Events: t.events, Bytes: t.bytes, Unparsed: t.unparsed})
	}
	slices.SortFunc(rows, func(a, b hourRow) int {
		return cmp.Or(cmp.Compare(a.SourceID, b.SourceID), a.Hour.Compare(b.Hour))
	})
	for part := range slices.Chunk(rows, chunk) {
		_, err := db.NewInsert().Model(&part).On("CONFLICT (source_id, hour) DO UPDATE").
			Set("events = h.events + EXCLUDED.events").
			Set("bytes = h.bytes + EXCLUDED.bytes").
			Set("unparsed = h.unparsed + EXCLUDED.unparsed").Exec(ctx)
		if err != nil {
			return fmt.Errorf("count hours of sources: %w", err)
		}
	}
	return nil
}

type gapRow struct {
	bun.BaseModel `bun:"table:logsource_gap,alias:g"`

	ID         string       `bun:"id,pk"`
	SourceID   string       `bun:"source_id"`
	Reason     string       `bun:"reason"`
	FromAt     time.Time    `bun:"from_at"`
	DueAt      time.Time    `bun:"due_at"`
	ToAt       bun.NullTime `bun:"to_at"`
	Ended      string       `bun:"ended"`
	RecordedAt time.Time    `bun:"recorded_at"`
	ClosedAt   bun.NullTime `bun:"closed_at"`
}

func (r *gapRow) gap() Gap {
	return Gap{
		ID: r.ID, Source: ID(r.SourceID), Reason: r.Reason, From: r.FromAt.UTC(), Due: r.DueAt.UTC(), To: r.ToAt.UTC(),
		Ended: r.Ended, RecordedAt: r.RecordedAt.UTC(), ClosedAt: r.ClosedAt.UTC(),
	}
}

// putGaps stores gaps in order; a later state of the same gap replaces it. When a
// gap was recorded first never changes.
func putGaps(ctx context.Context, db bun.IDB, gaps []Gap) error {
	for _, g := range gaps {
		row := gapRow{
			ID: g.ID, SourceID: string(g.Source), Reason: g.Reason, FromAt: g.From.UTC(), DueAt: g.Due.UTC(),
			ToAt: bun.NullTime{Time: g.To.UTC()}, Ended: g.Ended, RecordedAt: g.RecordedAt.UTC(),
			ClosedAt: bun.NullTime{Time: g.ClosedAt.UTC()},
		}
		q := db.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE")
		for _, c := range []string{"reason", "from_at", "due_at", "to_at", "ended", "closed_at"} {
			q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
		}
		if _, err := q.Exec(ctx); err != nil {
			return fmt.Errorf("store gap of source %s: %w", g.Source, err)
		}
	}
	return nil
}

func openGaps(ctx context.Context, db bun.IDB) (map[ID]*Gap, error) {
	var rows []gapRow
	if err := db.NewSelect().Model(&rows).Where("to_at IS NULL").Order("from_at", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read open gaps: %w", err)
	}
	out := make(map[ID]*Gap, len(rows))
	for i := range rows {
		g := rows[i].gap()
		out[g.Source] = &g
	}
	return out, nil
}

type dropRow struct {
	bun.BaseModel `bun:"table:logsource_drop,alias:d"`

	SourceID  string `bun:"source_id,pk"`
	Transport string `bun:"transport,pk"`
	Reason    string `bun:"reason,pk"`
	Events    int64  `bun:"events"`
}

func addDrops(ctx context.Context, db bun.IDB, drops map[dropKey]int64) error {
	rows := make([]dropRow, 0, len(drops))
	for k, n := range drops {
		rows = append(rows, dropRow{SourceID: k.Source, Transport: k.Transport, Reason: k.Reason, Events: n})
	}
	slices.SortFunc(rows, func(a, b dropRow) int {
		return cmp.Or(cmp.Compare(a.SourceID, b.SourceID), cmp.Compare(a.Transport, b.Transport), cmp.Compare(a.Reason, b.Reason))
	})
	for part := range slices.Chunk(rows, chunk) {
		_, err := db.NewInsert().Model(&part).On("CONFLICT (source_id, transport, reason) DO UPDATE").
			Set("events = d.events + EXCLUDED.events").Exec(ctx)
		if err != nil {
			return fmt.Errorf("count drops of sources: %w", err)
		}
	}
	return nil
}

func allDrops(ctx context.Context, db bun.IDB) (map[ID]int64, error) {
	var rows []dropRow
	err := db.NewSelect().Model(&rows).Column("source_id").ColumnExpr("sum(events) AS events").Group("source_id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read drops of sources: %w", err)
	}
	out := make(map[ID]int64, len(rows))
	for _, r := range rows {
		out[ID(r.SourceID)] = r.Events
	}
	return out, nil
}

const cursorName = "follower"

type cursorRow struct {
	bun.BaseModel `bun:"table:logsource_cursor"`

	Name string `bun:"name,pk"`
	Seq  int64  `bun:"seq"`
}

func cursorOf(ctx context.Context, db bun.IDB) (uint64, error) {
	row := cursorRow{Name: cursorName}
	switch err := db.NewSelect().Model(&row).WherePK().Scan(ctx); {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("read cursor of the counts: %w", err)
	default:
		return uint64(row.Seq), nil //nolint:gosec // written from a sequence, never negative
	}
}

func putCursor(ctx context.Context, db bun.IDB, seq uint64) error {
	row := cursorRow{Name: cursorName, Seq: int64(seq)} //nolint:gosec // a ledger never holds 2^63 events
	_, err := db.NewInsert().Model(&row).On("CONFLICT (name) DO UPDATE").Set("seq = EXCLUDED.seq").Exec(ctx)
	if err != nil {
		return fmt.Errorf("store cursor of the counts: %w", err)
	}
	return nil
}
