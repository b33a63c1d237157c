package search

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/search/plan"
)

// Export asks for events as a file.
type Export struct {
	Query    string
	From, To time.Time // [From, To); zero: no end
	Format   string    // "ndjson" or "csv"
	Limit    int       // events at most; 0 means Options.ExportRows
}

// Exported says what was written.
type Exported struct {
	Events  int
	Partial bool
	Reason  string
}

// rowWriter writes events in one format.
type rowWriter interface {
	write(rec *event.Record) error
	flush() error
}

// Export writes matches in the order of the ledger. Before it writes it fails
// with [ErrQuery] or [ErrTooMany]; later with an error of w or of the ledger, or
// when ctx ends, and then what was written is not whole.
//
// In CSV a cell that a spreadsheet would take for a formula has an apostrophe
// before it; NDJSON has every event as the API shows it.
func (s *Service) Export(ctx context.Context, in Export, w io.Writer) (Exported, error) {
	q, err := parse(in.Query)
	if err != nil {
		return Exported{}, err
	}
	leave, err := s.queries.enter(ctx)
	if err != nil {
		return Exported{}, err
	}
	defer leave()
	ctx, cancel := context.WithTimeoutCause(ctx, s.o.ExportTime, errTime)
	defer cancel()
	limit := s.o.ExportRows
	for _, l := range []int{in.Limit, q.Limit} {
		if l > 0 {
			limit = min(limit, l)
		}
	}
	p := s.plan(ctx, q, s.o.Now())
	p.Narrow(within(in.From, in.To))
	buf := bufio.NewWriterSize(w, 64<<10)
	var rows rowWriter = &jsonRows{s: s, to: json.NewEncoder(buf), fields: q.Fields}
	if in.Format == "csv" {
		rows = newCSVRows(s, buf, q.Fields)
	}
	e := &exporter{s: s, rows: rows, limit: limit}
	done := Exported{}
	for _, pc := range s.pieces(p, s.o.Log.Size(), firstFirst) {
		out, err := s.walk(ctx, p, []piece{pc}, e)
		if out.partial && ctx.Err() != nil {
			e.refs = nil // there is no time left to read them
		}
		if err = errors.Join(err, e.send(ctx)); err != nil {
			return Exported{Events: e.done}, fmt.Errorf("export after %d events: %w", e.done, err)
		}
		if out.partial && !done.Partial {
			done.Partial, done.Reason = true, out.reason
		}
	}
	done.Events = e.done
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errTime) {
		// Also where only the very end is missing: whoever asked may not have it any more.
		return done, fmt.Errorf("export after %d events: %w", e.done, ctx.Err())
	}
	if err := errors.Join(rows.flush(), buf.Flush()); err != nil {
		return done, fmt.Errorf("export after %d events: %w", e.done, err)
	}
	return done, nil
}

// exporter writes what is scanned as it comes. A sidecar gives sequences, whose
// events are read from the ledger when its part is done.
type exporter struct {
	s     *Service
	rows  rowWriter
	limit int
	done  int
	err   error
	refs  []ref
}

func (e *exporter) record(rec *event.Record, _ int64) {
	if e.err == nil && e.done < e.limit {
		e.done++
		e.err = e.rows.write(rec)
	}
}

func (e *exporter) group(_ context.Context, _ *sidecar.Group, rows *sidecar.Rows, hits plan.Bitmap) error {
	hits.Each(func(i int) { e.refs = append(e.refs, ref{rows.Time[i], rows.Seq[i]}) })
	return nil
}

func (e *exporter) wants(*piece) bool { return e.err == nil && e.done < e.limit }

// fork returns a collector for a part with a sidecar: it gets groups only.
func (e *exporter) fork() collector { return &exporter{limit: e.limit} }

func (e *exporter) join(c collector) {
	if f, ok := c.(*exporter); ok {
		e.refs = append(e.refs, f.refs...)
	}
}

// send writes the events of refs and returns the first error there was.
func (e *exporter) send(ctx context.Context) error {
	refs := e.refs
	e.refs = nil
	if e.err != nil || len(refs) == 0 {
		return e.err
	}
	slices.SortFunc(refs, firstFirst.compare)
	refs = refs[:min(len(refs), e.limit-e.done)]
	err := e.s.each(ctx, refs, func(rec *event.Record) error {
		e.record(rec, 0)
		return e.err
	})
	return errors.Join(e.err, err)
}

// jsonRows writes one JSON object a line.
type jsonRows struct {
	s      *Service
	to     *json.Encoder
	fields []string
}

func (j *jsonRows) write(rec *event.Record) error { return j.to.Encode(j.s.view(rec, j.fields)) }

func (j *jsonRows) flush() error { return nil }

// csvRows writes RFC 4180 lines.
type csvRows struct {
	s      *Service
	to     *csv.Writer
	fields []string
	cells  []string
}

func newCSVRows(s *Service, w io.Writer, fields []string) *csvRows {
	c := &csvRows{s: s, to: csv.NewWriter(w), fields: fields}
	c.to.UseCRLF = true
	head := []string{"seq", "time", "received", "source_id", "source", "transport", "peer", "class", "raw"}
	if fields == nil {
		head = append(head, "fields")
	}
	for _, f := range fields {
		head = append(head, harmless(f))
	}
	_ = c.to.Write(head) // an error is kept and told by flush
	return c
}

func (c *csvRows) write(rec *event.Record) error {
	v := c.s.view(rec, c.fields)
	c.cells = append(c.cells[:0], strconv.FormatUint(v.Seq, 10), v.Time.Format(time.RFC3339Nano), v.Received.Format(time.RFC3339Nano),
		harmless(v.Source.ID), harmless(v.Source.Name), harmless(v.Transport), harmless(v.Peer), harmless(v.Class), harmless(v.Raw))
	if c.fields == nil {
		text, err := json.Marshal(v.Fields)
		if err != nil {
			return fmt.Errorf("write event %d: %w", rec.Seq, err)
		}
		c.cells = append(c.cells, string(text))
	}
	for _, f := range c.fields {
		c.cells = append(c.cells, harmless(strings.Join(v.Fields[f], "; ")))
	}
	return c.to.Write(c.cells)
}

func (c *csvRows) flush() error {
	c.to.Flush()
	return c.to.Error()
}

// harmless puts an apostrophe before a cell that a spreadsheet would calculate.
func harmless(cell string) string {
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(cell, start) {
			return "'" + cell
		}
	}
	return cell
}
