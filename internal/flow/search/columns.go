package search

import (
	"context"
	"math/bits"

	"github.com/fengsui/fengsui/internal/flow/index"
)

// bitmap has a bit for each row of a group.
type bitmap []uint64

func newBitmap(rows int) bitmap { return make(bitmap, (rows+63)/64) }

func (b bitmap) set(i int) { b[i/64] |= 1 << (i % 64) }

func (b bitmap) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b bitmap) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// each calls fn for every bit that is set, ascending.
func (b bitmap) each(fn func(i int)) {
	for k, w := range b {
		for w != 0 {
			fn(64*k + bits.TrailingZeros64(w))
			w &= w - 1
		}
	}
}

// without returns the bits of b that o has not.
func (b bitmap) without(o bitmap) bitmap {
	out := make(bitmap, len(b))
	for i := range b {
		out[i] = b[i] &^ o[i]
	}
	return out
}

// add sets the bits of o.
func (b bitmap) add(o bitmap) {
	for i := range b {
		b[i] |= o[i]
	}
}

// part gives the matches of a part to the collector and returns how many events
// were looked at.
func (p *plan) part(ctx context.Context, pc *piece, c collector) (uint64, error) {
	groups, err := pc.part.Groups(ctx)
	if err != nil {
		return 0, err
	}
	scanned := uint64(0)
	for _, g := range groups {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := p.group(ctx, g, pc, c)
		if err != nil {
			return 0, err
		}
		scanned += uint64(n) //nolint:gosec // not negative
	}
	return scanned, nil
}

// group searches one group: token filter first, then columns.
func (p *plan) group(ctx context.Context, g *index.Group, pc *piece, c collector) (int, error) {
	from, to := g.Times()
	first, last := g.Seqs()
	sub := piece{first: first, next: last + 1, from: from.UnixNano(), to: to.UnixNano()}
	if sub.to < p.limits.from || sub.from >= p.limits.to || last < pc.first || first >= pc.next || !c.wants(&sub) {
		return 0, nil
	}
	if p.root != nil {
		may, err := p.may(p.root, g)
		if err != nil || !may {
			return 0, err
		}
	}
	rows, err := g.Rows()
	if err != nil {
		return 0, err
	}
	hits := p.within(rows, pc)
	looked := hits.count()
	if p.root != nil && looked > 0 {
		l := look{p: p, g: g, rows: rows}
		if hits, err = l.eval(p.root, hits); err != nil {
			return 0, err
		}
	}
	if !hits.empty() {
		err = c.group(ctx, g, rows, hits)
	}
	return looked, err
}

// within returns the rows inside the plan's and the piece's span of time and sequence.
func (p *plan) within(rows *index.Rows, pc *piece) bitmap {
	out := newBitmap(len(rows.Seq))
	l := &p.limits
	for i, seq := range rows.Seq {
		if t := rows.Time[i]; seq >= pc.first && seq < pc.next && t >= l.from && t < l.to {
			out.set(i)
		}
	}
	return out
}

// may reports whether the group may hold a match, without reading columns.
func (p *plan) may(s *step, g *index.Group) (bool, error) {
	switch s.op {
	case opNot:
		return true, nil
	case opAnd:
		for _, k := range s.kids {
			if may, err := p.may(k, g); err != nil || !may {
				return false, err
			}
		}
		return true, nil
	case opOr:
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
func (s *step) may(g *index.Group) (bool, error) {
	switch {
	case s.target == inClass:
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
	p    *plan
	g    *index.Group
	rows *index.Rows
}

// eval returns which rows of in answer the step.
func (l *look) eval(s *step, in bitmap) (bitmap, error) {
	if in.empty() {
		return in, nil
	}
	switch s.op {
	case opNot:
		out, err := l.eval(s.kids[0], in)
		if err != nil {
			return nil, err
		}
		return in.without(out), nil
	case opAnd:
		for _, k := range s.kids {
			var err error
			if in, err = l.eval(k, in); err != nil {
				return nil, err
			}
		}
		return in, nil
	case opOr:
		out := make(bitmap, len(in))
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

func (l *look) test(s *step, in bitmap) (bitmap, error) {
	if may, err := l.p.may(s, l.g); err != nil || !may {
		return make(bitmap, len(in)), err
	}
	switch s.target {
	case inClass:
		return in, nil // may has looked
	case inTime:
		return where(in, func(i int) bool { return l.rows.Time[i] >= s.from && l.rows.Time[i] < s.to }), nil
	case inSeq:
		return where(in, func(i int) bool { return s.number(int64(l.rows.Seq[i])) }), nil //nolint:gosec // far below
	case inText:
		return l.column(s, index.ColumnText, in)
	case inTransport:
		return l.column(s, index.ColumnTransport, in)
	case inPeer:
		return l.column(s, index.ColumnPeer, in)
	case inSource:
		return l.sources(s, in)
	case inField:
		return l.column(s, s.field, in)
	default:
		return l.anywhere(s, in)
	}
}

func where(in bitmap, fn func(i int) bool) bitmap {
	out := make(bitmap, len(in))
	in.each(func(i int) {
		if fn(i) {
			out.set(i)
		}
	})
	return out
}

// anywhere looks at the text and then, for the rows that are left, at every field.
func (l *look) anywhere(s *step, in bitmap) (bitmap, error) {
	out, err := l.column(s, index.ColumnText, in)
	if err != nil {
		return nil, err
	}
	infos, err := l.g.Columns()
	if err != nil {
		return nil, err
	}
	for _, info := range infos {
		left := in.without(out)
		if left.empty() {
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
func (l *look) column(s *step, name string, in bitmap) (bitmap, error) {
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
func (l *look) values(s *step, name string, in bitmap) (bitmap, error) {
	col, err := l.g.Column(name)
	if err != nil || col == nil {
		return make(bitmap, len(in)), err
	}
	passes := func(k int) bool { return s.text(col.Text(k)) }
	switch {
	case col.Encoding() == index.Number && s.whole != nil:
		passes = func(k int) bool { return s.whole(col.Int(k)) }
	case col.Encoding() == index.Dictionary:
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
func (l *look) sources(s *step, in bitmap) (bitmap, error) {
	named := *s
	named.text = func(id string) bool { return s.one(l.p.sourceNames(id)...) }
	named.whole = nil
	return l.values(&named, index.ColumnSource, in)
}
