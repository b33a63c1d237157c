package logsource

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Network reads a network such as 10.0.0.0/8, or an address as a network of one.
// Bits behind the prefix are cleared, and IPv4 inside IPv6 becomes IPv4.
func Network(text string) (netip.Prefix, error) {
	text = strings.TrimSpace(text)
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = plain(addr)
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is neither an address nor a network", text)
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

func classesOf(ctx context.Context, db bun.IDB, id ID) ([]classJSON, error) {
	var rows []classRow
	err := db.NewSelect().Model(&rows).Where("source_id = ?", string(id)).OrderExpr("events DESC, class").Limit(100).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read classes of source %s: %w", id, err)
	}
	out := make([]classJSON, 0, len(rows))
	for _, r := range rows {
		out = append(out, classJSON{Class: r.Class, Events: r.Events})
	}
	return out, nil
}

// gapFilter selects gaps, the newest first, behind the place (From, ID).
type gapFilter struct {
	Source ID
	Open   bool
	From   time.Time
	ID     string
	Limit  int
}

func listGaps(ctx context.Context, db bun.IDB, f gapFilter) ([]Gap, error) {
	var rows []gapRow
	q := db.NewSelect().Model(&rows)
	if f.Source != "" {
		q = q.Where("source_id = ?", string(f.Source))
	}
	if f.Open {
		q = q.Where("to_at IS NULL")
	}
	if f.ID != "" {
		q = q.Where("(from_at, id) < (?, ?)", f.From.UTC(), f.ID)
	}
	if err := q.OrderExpr("from_at DESC, id DESC").Limit(int64(f.Limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list gaps: %w", err)
	}
	out := make([]Gap, 0, len(rows))
	for i := range rows {
		out = append(out, rows[i].gap())
	}
	return out, nil
}

// activity counts events by source in equal steps.
type activity struct {
	buckets []bucketJSON
	sources []string // ids, the most events first
}

func activityOf(ctx context.Context, db bun.IDB, from, to time.Time, step time.Duration) (activity, error) {
	var rows []hourRow
	err := db.NewSelect().Model(&rows).Column("source_id", "hour", "events").
		Where("hour >= ?", from).Where("hour < ?", to).Order("hour", "source_id").Scan(ctx)
	if err != nil {
		return activity{}, fmt.Errorf("read activity of sources: %w", err)
	}
	var a activity
	for at := from; at.Before(to); at = at.Add(step) {
		a.buckets = append(a.buckets, bucketJSON{From: at, To: at.Add(step), Counts: map[string]int64{}})
	}
	totals := map[string]int64{}
	for _, r := range rows {
		i := int(r.Hour.UTC().Sub(from) / step)
		a.buckets[i].Counts[r.SourceID] += r.Events
		totals[r.SourceID] += r.Events
	}
	a.sources = slices.SortedFunc(maps.Keys(totals), func(x, y string) int {
		return cmp.Or(cmp.Compare(totals[y], totals[x]), cmp.Compare(x, y))
	})
	return a, nil
}
