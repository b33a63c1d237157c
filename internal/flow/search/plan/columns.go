package plan

import (
	"context"
	"math/bits"

	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/search/query"
)

// Bitmap has a bit for each row of a group.
type Bitmap []uint64

func newBitmap(rows int) Bitmap { return make(Bitmap, (rows+63)/64) }

func (b Bitmap) set(i int) { b[i/64] |= 1 << (i % 64) }

func (b Bitmap) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// Count returns how many bits are set.
func (b Bitmap) Count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// Empty reports whether no bit is set.
func (b Bitmap) Empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// Each calls fn for every bit that is set, ascending.
func (b Bitmap) Each(fn func(i int)) {
	for k, w := range b {
		for w != 0 {
			fn(64*k + bits.TrailingZeros64(w))
			w &= w - 1
		}
	}
}

// without returns the bits of b that o has not.
func (b Bitmap) without(o Bitmap) Bitmap {
	out := make(Bitmap, len(b))
	for i := range b {
		out[i] = b[i] &^ o[i]
	}
	return out
}

// add sets the bits of o.
func (b Bitmap) add(o Bitmap) {
	for i := range b {
		b[i] |= o[i]
	}
}

// Found is what a plan found in a group.
type Found struct {
	Rows   *sidecar.Rows // nil where Hits is empty and no column was read
	Hits   Bitmap        // rows that match
	Looked int           // rows looked at
}

// Find looks for matches in the rows of a group with sequences [first, next): token
// filter first, then columns. It fails with [index.ErrScanOnly],
// [sidecar.ErrDamaged], or soon after ctx ends with its error.
func (p *Plan) Find(ctx context.Context, g *sidecar.Group, first, next uint64) (Found, error) {
	if p.root != nil {
		may, err := p.may(p.root, g)
		if err != nil || !may {
			return Found{}, err
		}
	}
	rows, err := g.Rows()
	if err != nil {
		return Found{}, err //nolint:wrapcheck // the caller knows the part
	}
	out := Found{Rows: rows, Hits: p.within(rows, first, next)}
	out.Looked = out.Hits.Count()
	if p.root != nil && out.Looked > 0 {
		l := look{p: p, g: g, rows: rows}
		if out.Hits, err = l.eval(ctx, p.root, out.Hits); err != nil {
			return Found{}, err
		}
	}
	return out, nil
}

// within returns the rows inside the plan's limits and the span of sequences.
func (p *Plan) within(rows *sidecar.Rows, first, next uint64) Bitmap {
	out := newBitmap(len(rows.Seq))
	l := &p.limits
	for i, seq := range rows.Seq {
		if t := rows.Time[i]; seq >= first && seq < next && t >= l.From && t < l.To {
			out.set(i)
		}
	}
	return out
}

// may reports whether the group may hold a match, without reading columns.
func (p *Plan) may(s *step, g *sidecar.Group) (bool, error) {
	switch s.op {
	case query.OpNot:
		return true, nil
	case query.OpAnd:
		for _, k := range s.kids {
			if may, err := p.may(k, g); err != nil || !may {
				return false, err
			}
		}
		return true, nil
	case query.OpOr:
		for _, k := range s.kids {
			if may, err := p.may(k, g); err != nil || may {
				return may, err
			}
		}
		return false, nil
	default:
		return s.may(g)
	}
}

// may is plan.may of a filter.
func (s *step) may(g *sidecar.Group) (bool, error) {
	switch {
	case s.target == query.InClass:
		return s.text(g.Class()), nil
	case s.needs == nil:
		return true, nil
	}
	for _, tokens := range s.needs {
		if may, err := g.May(tokens...); err != nil || may {
			return may, err
		}
	}
	return false, nil
}
