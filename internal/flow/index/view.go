package index

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// MaxRows is how many rows a group has at most.
const MaxRows = 8192

var (
	// ErrScanOnly is wrapped when a part has no good sidecar. The ledger holds its
	// events: scan [Part.First, Part.Next).
	ErrScanOnly = errors.New("part is scan only")
	// ErrDamaged is wrapped when a sidecar cannot be read as it was written. The
	// part has become scan only and will be rebuilt; throw away what this part gave
	// and scan it.
	ErrDamaged = errors.New("sidecar damaged")
)

// View is the index at one moment. It does not change, except that a part may
// turn scan only, or be gone, when its file turns out damaged or its segment is
// removed: then reading it fails with [ErrScanOnly] or [ErrDamaged]. A View
// holds memory, not files; drop it after a query.
type View struct {
	parts []*Part
	next  uint64
}

// Parts returns the parts ordered by sequence, without overlap. The caller must
// not change the slice.
func (v *View) Parts() []*Part { return v.parts }

// Next returns the sequence behind the last event of the view. Every event of
// the ledger below it is in a part, if it has not been removed.
func (v *View) Next() uint64 { return v.next }

// Part is what the index has of one segment.
type Part struct {
	x              *Index
	first, next    uint64
	rows           uint64
	received, time span
	known          bool  // received and time say something
	timeUnknown    bool  // time does not
	file           *file // nil: there is no good sidecar
	dir            block
	dirAt          int64
	size           int64
	live           bool
	groups         []*Group // where live is set
}

// First returns the sequence of the first event.
func (p *Part) First() uint64 { return p.first }

// Next returns the sequence behind the last event.
func (p *Part) Next() uint64 { return p.next }

// Times returns the earliest and latest [When] of the part, both inclusive. ok is
// false when they are not known: the part may hold any time.
func (p *Part) Times() (from, to time.Time, ok bool) {
	if !p.known || p.timeUnknown {
		return from, to, false
	}
	from, to = p.time.times()
	return from, to, true
}

// Received returns the earliest and latest receipt time, both inclusive. ok is
// false when they are not known.
func (p *Part) Received() (from, to time.Time, ok bool) {
	if !p.known {
		return from, to, false
	}
	from, to = p.received.times()
	return from, to, true
}

func (s span) times() (from, to time.Time) {
	return time.Unix(0, s.min).UTC(), time.Unix(0, s.max).UTC()
}

// ScanOnly reports whether the part has no good sidecar now.
func (p *Part) ScanOnly() bool { return p.file == nil || p.file.bad.Load() }

// Groups returns the groups of the part; those of different classes overlap in
// sequence and time. It fails with [ErrScanOnly], [ErrDamaged] or the error of
// ctx. The caller must not change the slice.
func (p *Part) Groups(ctx context.Context) ([]*Group, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.ScanOnly() {
		return nil, fmt.Errorf("events from %d: %w", p.first, ErrScanOnly)
	}
	if p.live {
		return p.groups, nil
	}
	key := cacheKey{p.file, p.dirAt, cachedDirectory}
	if v, ok := p.x.cache.get(key); ok {
		if groups, ok := v.([]*Group); ok {
			return groups, nil
		}
	}
	raw, err := p.file.load(p.dirAt, p.dir)
	if err != nil {
		return nil, err
	}
	groups, err := p.decode(raw)
	if err != nil {
		return nil, p.file.fail(err)
	}
	cost := int64(64)
	for _, g := range groups {
		cost += 256 + int64(len(g.head.columns))*112
	}
	p.x.cache.put(key, groups, cost)
	return groups, nil
}

func (p *Part) decode(raw []byte) ([]*Group, error) {
	heads, err := decodeDirectory(raw, p.dirAt)
	if err != nil {
		return nil, err
	}
	groups := make([]*Group, len(heads))
	rows := uint64(0)
	for i := range heads {
		h := &heads[i]
		if h.first < p.first || h.last >= p.next {
			return nil, damaged("group of events %d to %d", h.first, h.last)
		}
		rows += uint64(h.rows) //nolint:gosec // not negative
		groups[i] = &Group{x: p.x, head: h, file: p.file}
	}
	if rows != p.rows {
		return nil, damaged("%d rows instead of %d", rows, p.rows)
	}
	return groups, nil
}
