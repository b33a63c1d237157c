package search

import (
	"strconv"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index"
)

// valuesOf appends the values a record has of what name stands for; of a source,
// its name; none of the text and the time, and of the empty name.
func (p *plan) valuesOf(dst []string, rec *event.Record, name string) []string {
	target, field := targetOf(name)
	switch target {
	case inSource:
		return append(dst, p.sourceName(rec.Source))
	case inTransport:
		return append(dst, rec.Transport)
	case inPeer:
		return append(dst, rec.Peer)
	case inClass:
		return append(dst, rec.Class)
	case inSeq:
		return append(dst, strconv.FormatUint(rec.Seq, 10))
	case inField:
		for i := range rec.Fields {
			if rec.Fields[i].Name == field {
				dst = append(dst, rec.Fields[i].Value)
			}
		}
	case inAny, inText, inTime:
	}
	return dst
}

func (p *plan) sourceName(id string) string {
	names := p.sourceNames(id)
	return names[len(names)-1]
}

// reader returns a function that appends the values of a row, as valuesOf does.
func (p *plan) reader(g *index.Group, rows *index.Rows, name string) (func(dst []string, row int) []string, error) {
	target, field := targetOf(name)
	switch target {
	case inTransport:
		field = index.ColumnTransport
	case inPeer:
		field = index.ColumnPeer
	case inSource:
		field = index.ColumnSource
	case inClass:
		return func(dst []string, _ int) []string { return append(dst, g.Class()) }, nil
	case inSeq:
		return func(dst []string, row int) []string { return append(dst, strconv.FormatUint(rows.Seq[row], 10)) }, nil
	case inAny, inText, inTime:
		return func(dst []string, _ int) []string { return dst }, nil
	case inField:
	}
	col, err := g.Column(field)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller knows the part
	}
	return func(dst []string, row int) []string {
		if col == nil {
			return dst
		}
		from, to := col.Span(row)
		for k := from; k < to; k++ {
			v := col.Text(k)
			if target == inSource {
				v = p.sourceName(v)
			}
			dst = append(dst, v)
		}
		return dst
	}, nil
}
