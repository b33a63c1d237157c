package plan

import (
	"math/bits"

	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/search/query"
)

// Bitmap has a bit for each row of a group.
type Bitmap []uint64

func newBitmap(rows int) Bitmap { return make(Bitmap, (rows+63)/64) }

func (b Bitmap) set(i int) { b[i/64] |= 1 << (i % 64) }

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
// filter first, then columns. It fails with [index.ErrScanOnly] or
// [sidecar.ErrDamaged].
func (p *Plan) Find(g *sidecar.Group, first, next uint64) (Found, error) {
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
		if out.Hits, err = l.eval(p.root, out.Hits); err != nil {
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

// look evaluates a plan on the columns of one group.
type look struct {
	p    *Plan
	g    *sidecar.Group
	rows *sidecar.Rows
}

// eval returns which rows of in answer the step.
func (l *look) eval(s *step, in Bitmap) (Bitmap, error) {
	if in.Empty() {
		return in, nil
	}
	switch s.op {
	case query.OpNot:
		out, err := l.eval(s.kids[0], in)
		if err != nil {
			return nil, err
		}
		return in.without(out), nil
	case query.OpAnd:
		for _, k := range s.kids {
			var err error
			if in, err = l.eval(k, in); err != nil {
				return nil, err
			}
		}
		return in, nil
	case query.OpOr:
		out := make(Bitmap, len(in))
		for _, k := range s.kids {
			more, err := l.eval(k, in.without(out))
			if err != nil {
				return nil, err
			}
			out.add(more)
		}
		return out, nil
	default:
		return l.test(s, in)
	}
}

func (l *look) test(s *step, in Bitmap) (Bitmap, error) {
	if may, err := l.p.may(s, l.g); err != nil || !may {
		return make(Bitmap, len(in)), err
	}
	switch s.target {
	case query.InClass:
		return in, nil // may has looked
	case query.InTime:
		return where(in, func(i int) bool { return l.rows.Time[i] >= s.from && l.rows.Time[i] < s.to }), nil
	case query.InSeq:
		return where(in, func(i int) bool { return s.number(int64(l.rows.Seq[i])) }), nil //nolint:gosec // far below
	case query.InText:
		return l.column(s, sidecar.ColumnText, in)
	case query.InTransport:
		return l.column(s, sidecar.ColumnTransport, in)
	case query.InPeer:
		return l.column(s, sidecar.ColumnPeer, in)
	case query.InSource:
		return l.sources(s, in)
	case query.InField:
		return l.column(s, s.field, in)
	default:
		return l.anywhere(s, in)
	}
}

func where(in Bitmap, fn func(i int) bool) Bitmap {
	out := make(Bitmap, len(in))
	in.Each(func(i int) {
		if fn(i) {
			out.set(i)
		}
	})
	return out
}

// anywhere looks at the text and then, for the rows that are left, at every field.
func (l *look) anywhere(s *step, in Bitmap) (Bitmap, error) {
	out, err := l.column(s, sidecar.ColumnText, in)
	if err != nil {
		return nil, err
	}
	infos, err := l.g.Columns()
	if err != nil {
		return nil, err
	}
	for _, info := range infos {
		left := in.without(out)
		if left.Empty() {
			break
		}
		more, err := l.values(s, info.Name, left)
		if err != nil {
			return nil, err
		}
		out.add(more)
	}
	return out, nil
}

// column returns the rows with a value that passes, and those without any where
// the step wants them.
func (l *look) column(s *step, name string, in Bitmap) (Bitmap, error) {
	out, err := l.values(s, name, in)
	if err != nil || !s.missing {
		return out, err
	}
	col, err := l.g.Column(name)
	if err != nil {
		return nil, err
	}
	out.add(where(in, func(i int) bool {
		if col == nil {
			return true
		}
		from, to := col.Span(i)
		return from == to
	}))
	return out, nil
}

// values returns the rows with a value that passes.
func (l *look) values(s *step, name string, in Bitmap) (Bitmap, error) {
	col, err := l.g.Column(name)
	if err != nil || col == nil {
		return make(Bitmap, len(in)), err
	}
	passes := func(k int) bool { return s.text(col.Text(k)) }
	switch {
	case col.Encoding() == sidecar.Number && s.whole != nil:
		passes = func(k int) bool { return s.whole(col.Int(k)) }
	case col.Encoding() == sidecar.Dictionary:
		known := make([]uint8, len(col.Dict()))
		passes = func(k int) bool {
			id := col.ID(k)
			if known[id] == 0 {
				known[id] = 1
				if s.text(col.Dict()[id]) {
					known[id] = 2
				}
			}
			return known[id] == 2
		}
	}
	return where(in, func(i int) bool {
		from, to := col.Span(i)
		for k := from; k < to; k++ {
			if passes(k) {
				return true
			}
		}
		return false
	}), nil
}

// sources tests the ids and names of sources.
func (l *look) sources(s *step, in Bitmap) (Bitmap, error) {
	named := *s
	named.text = func(id string) bool { return s.one(l.p.sourceNames(id)...) }
	named.whole = nil
	return l.values(&named, sidecar.ColumnSource, in)
}
