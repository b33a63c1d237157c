package plan

import (
	"strconv"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/search/query"
)

// Values appends the values a record has of what name stands for; of a source,
// its name; none of the text and the time, and of the empty name.
func (p *Plan) Values(dst []string, rec *event.Record, name string) []string {
	target, field := query.TargetOf(name)
	switch target {
	case query.InSource:
		return append(dst, p.SourceName(rec.Source))
	case query.InTransport:
		return append(dst, rec.Transport)
	case query.InPeer:
		return append(dst, rec.Peer)
	case query.InClass:
		return append(dst, rec.Class)
	case query.InSeq:
		return append(dst, strconv.FormatUint(rec.Seq, 10))
	case query.InField:
		for i := range rec.Fields {
			if rec.Fields[i].Name == field {
				dst = append(dst, rec.Fields[i].Value)
			}
		}
	case query.InAny, query.InText, query.InTime:
	}
	return dst
}

// SourceName returns the name of a source.
func (p *Plan) SourceName(id string) string {
	names := p.sourceNames(id)
	return names[len(names)-1]
}

// Reader returns a function that appends the values of a row, as [Plan.Values] does.
func (p *Plan) Reader(g *sidecar.Group, rows *sidecar.Rows, name string) (func(dst []string, row int) []string, error) {
	target, field := query.TargetOf(name)
	switch target {
	case query.InTransport:
		field = sidecar.ColumnTransport
	case query.InPeer:
		field = sidecar.ColumnPeer
	case query.InSource:
		field = sidecar.ColumnSource
	case query.InClass:
		return func(dst []string, _ int) []string { return append(dst, g.Class()) }, nil
	case query.InSeq:
		return func(dst []string, row int) []string { return append(dst, strconv.FormatUint(rows.Seq[row], 10)) }, nil
	case query.InAny, query.InText, query.InTime:
		return func(dst []string, _ int) []string { return dst }, nil
	case query.InField:
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
			if target == query.InSource {
				v = p.SourceName(v)
			}
			dst = append(dst, v)
		}
		return dst
	}, nil
}
