package plan

import (
	"context"
	"math/bits"

	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/search/query"
)

// look evaluates a plan on the columns of one group. A group may have a thousand
// columns and long texts, so every loop looks at its context.
type look struct {
	p      *Plan
	g      *sidecar.Group
	rows   *sidecar.Rows
	folded *sidecar.Folded // once it was asked for: the cache need not have room
	asked  bool
}

// eval returns which rows of in answer the step.
func (l *look) eval(ctx context.Context, s *step, in Bitmap) (Bitmap, error) {
	if in.Empty() {
		return in, nil
	}
	switch s.op {
	case query.OpNot:
		out, err := l.eval(ctx, s.kids[0], in)
		if err != nil {
			return nil, err
		}
		return in.without(out), nil
	case query.OpAnd:
		for _, k := range s.kids {
			var err error
			if in, err = l.eval(ctx, k, in); err != nil {
				return nil, err
			}
		}
		return in, nil
	case query.OpOr:
		out := make(Bitmap, len(in))
		for _, k := range s.kids {
			more, err := l.eval(ctx, k, in.without(out))
			if err != nil {
				return nil, err
			}
			out.add(more)
		}
		return out, nil
	default:
		return l.test(ctx, s, in)
	}
}

func (l *look) test(ctx context.Context, s *step, in Bitmap) (Bitmap, error) {
	if may, err := l.p.may(s, l.g); err != nil || !may {
		return make(Bitmap, len(in)), err
	}
	switch s.target {
	case query.InClass:
		return in, nil // may has looked
	case query.InTime:
		return where(ctx, in, func(i int) bool { return l.rows.Time[i] >= s.from && l.rows.Time[i] < s.to })
	case query.InSeq:
		return where(ctx, in, func(i int) bool { return s.number(int64(l.rows.Seq[i])) }) //nolint:gosec // far below
	case query.InText:
		return l.column(ctx, s, sidecar.ColumnText, in)
	case query.InTransport:
		return l.column(ctx, s, sidecar.ColumnTransport, in)
	case query.InPeer:
		return l.column(ctx, s, sidecar.ColumnPeer, in)
	case query.InSource:
		return l.sources(ctx, s, in)
	case query.InField:
		return l.column(ctx, s, s.field, in)
	default:
		return l.anywhere(ctx, s, in)
	}
}

// where returns the rows of in that pass.
func where(ctx context.Context, in Bitmap, fn func(i int) bool) (Bitmap, error) {
	out := make(Bitmap, len(in))
	return out, in.walk(ctx, out, fn)
}

// walk sets in out the rows of b that pass.
func (b Bitmap) walk(ctx context.Context, out Bitmap, fn func(i int) bool) error {
	for k, w := range b {
		if w == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for ; w != 0; w &= w - 1 {
			if i := 64*k + bits.TrailingZeros64(w); fn(i) {
				out.set(i)
			}
		}
	}
	return nil
}

// anywhere looks at the text and then, for the rows that are left, at every field.
func (l *look) anywhere(ctx context.Context, s *step, in Bitmap) (Bitmap, error) {
	out, err := l.values(ctx, s, sidecar.ColumnText, in)
	if err != nil {
		return nil, err
	}
	left := in.without(out)
	for _, info := range l.g.OwnColumns() {
		if left.Empty() {
			return out, nil
		}
		more, err := l.values(ctx, s, info.Name, left)
		if err != nil {
			return nil, err
		}
		out.add(more)
		left = left.without(more)
	}
	if left.Empty() {
		return out, nil
	}
	return out, l.rest(ctx, s, left, out)
}

// rest sets in out the rows of in with a folded value that passes. It looks at the
// values, not at the names: there may be more of them than rows.
func (l *look) rest(ctx context.Context, s *step, in, out Bitmap) error {
	if !l.asked {
		folded, err := l.g.Folded()
		if err != nil {
			return err //nolint:wrapcheck // the caller knows the part
		}
		l.folded, l.asked = folded, true
	}
	if l.folded == nil {
		return nil
	}
	for k := range l.folded.Len() {
		if k%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if row := l.folded.Row(k); in.has(row) && !out.has(row) && s.text(l.folded.Text(k)) {
			out.set(row)
		}
	}
	return nil
}

// column returns the rows with a value that passes, and those without any where
// the step wants them.
func (l *look) column(ctx context.Context, s *step, name string, in Bitmap) (Bitmap, error) {
	out, err := l.values(ctx, s, name, in)
	if err != nil || !s.missing {
		return out, err
	}
	col, err := l.g.Column(name)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller knows the part
	}
	return out, in.walk(ctx, out, func(i int) bool {
		if col == nil {
			return true
		}
		from, to := col.Span(i)
		return from == to
	})
}

// values returns the rows with a value that passes.
func (l *look) values(ctx context.Context, s *step, name string, in Bitmap) (Bitmap, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := make(Bitmap, len(in))
	col, err := l.g.Column(name)
	if err != nil || col == nil {
		return out, err //nolint:wrapcheck // the caller knows the part
	}
	passes := s.tester(col)
	if col.Sparse() {
		for k, row := range col.All() {
			if k%64 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if in.has(row) && !out.has(row) && passes(k) {
				out.set(row)
			}
		}
		return out, nil
	}
	return out, in.walk(ctx, out, func(i int) bool {
		from, to := col.Span(i)
		for k := from; k < to; k++ {
			if passes(k) {
				return true
			}
		}
		return false
	})
}

// tester returns a test of the values of a column, by number.
func (s *step) tester(col *sidecar.Column) func(k int) bool {
	switch {
	case col.Encoding() == sidecar.Number && s.whole != nil:
		return func(k int) bool { return s.whole(col.Int(k)) }
	case col.Encoding() == sidecar.Dictionary:
		known := make([]uint8, len(col.Dict()))
		return func(k int) bool {
			id := col.ID(k)
			if known[id] == 0 {
				known[id] = 1
				if s.text(col.Dict()[id]) {
					known[id] = 2
				}
			}
			return known[id] == 2
		}
	default:
		return func(k int) bool { return s.text(col.Text(k)) }
	}
}

// sources tests the ids and names of sources.
func (l *look) sources(ctx context.Context, s *step, in Bitmap) (Bitmap, error) {
	named := *s
	named.text = func(id string) bool { return s.one(l.p.sourceNames(id)...) }
	named.whole = nil
	return l.values(ctx, &named, sidecar.ColumnSource, in)
}
