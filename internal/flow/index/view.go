package index

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
)

// ErrScanOnly is wrapped when a part has no good sidecar. The ledger holds its
// events: scan [Part.First, Part.Next).
var ErrScanOnly = errors.New("part is scan only")

// View is the index at one moment. It does not change, except that a part may
// turn scan only, or be gone, when its file turns out damaged or its segment is
// removed: then reading it fails with [ErrScanOnly] or
// [sidecar.ErrDamaged], what this part gave is to be thrown away, and the part to be
// scanned. A View
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
	first, next uint64
	received    sidecar.Span
	known       bool          // received says something
	timeUnknown bool          // sum.Time does not
	file        *sidecar.File // nil: there is no good sidecar
	sum         sidecar.Summary
	live        bool
	groups      []*sidecar.Group // where live is set
}

// First returns the sequence of the first event.
func (p *Part) First() uint64 { return p.first }

// Next returns the sequence behind the last event.
func (p *Part) Next() uint64 { return p.next }

// Times returns the earliest and latest [sidecar.When] of the part, both inclusive. ok is
// false when they are not known: the part may hold any time.
func (p *Part) Times() (from, to time.Time, ok bool) {
	if !p.known || p.timeUnknown {
		return from, to, false
	}
	from, to = p.sum.Time.Times()
	return from, to, true
}

// Received returns the earliest and latest receipt time, both inclusive. ok is
// false when they are not known.
func (p *Part) Received() (from, to time.Time, ok bool) {
	if !p.known {
		return from, to, false
	}
	from, to = p.received.Times()
	return from, to, true
}

// ScanOnly reports whether the part has no good sidecar now.
func (p *Part) ScanOnly() bool { return p.file == nil || p.file.Bad() }

// Groups returns the groups of the part; those of different classes overlap in
// sequence and time. It fails with [ErrScanOnly], [sidecar.ErrDamaged] or the error
// of ctx. The caller must not change the slice.
func (p *Part) Groups(ctx context.Context) ([]*sidecar.Group, error) {
	switch err := ctx.Err(); {
	case err != nil:
		return nil, err
	case p.ScanOnly():
		return nil, fmt.Errorf("events from %d: %w", p.first, ErrScanOnly)
	case p.live:
		return p.groups, nil
	}
	return p.file.Groups(&p.sum) //nolint:wrapcheck // names the sidecar
}
