// Package otlp receives OpenTelemetry logs over HTTP (OTLP 1.x), as protobuf or
// JSON, compressed or not.
//
// Each log record becomes one event. Its raw bytes are one JSON object without
// spaces, the same for both encodings, with these members in this order; what
// the record does not have is left out:
//
//	time, observed_time    RFC 3339, UTC, up to nanoseconds
//	severity_number        1..24
//	severity_text          string
//	event_name             string
//	body                   any JSON value
//	trace_id, span_id      lower-case hexadecimal
//	flags                  number
//	attributes.<key>       any JSON value, in the sender's order
//	dropped_attributes_count
//	resource.<key>         any JSON value, in the sender's order
//	scope.name, scope.version
//	scope.<key>            any JSON value, in the sender's order
//
// An attribute's list is a JSON array and its map an object; bytes are base64
// text; numbers that JSON does not have are the texts NaN, Infinity, -Infinity;
// an attribute without a value is null. Text that is not UTF-8 has U+FFFD for
// each wrong byte. schema_url and what later versions add are not kept.
//
// A request is kept whole or not at all, but for the records that its answer
// counts as rejected: those beyond the limits of one record.
package otlp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// What can be wrong with a request. Nothing of it is kept.
var (
	ErrMedia     = problem.New(problem.Unsupported, "ingest.otlp_media_type", "the Content-Type is neither application/x-protobuf nor application/json")
	ErrMalformed = problem.New(problem.BadRequest, "ingest.otlp_malformed", "the body is no OTLP logs request")
	ErrTooMany   = problem.New(problem.TooLarge, "ingest.too_many_lines", "the body has more records than one request may bring")
)

// Options configure the handler. A zero field means its default.
type Options struct {
	Sink        receive.Sink                             // required
	Sources     receive.Sources                          // required
	SourceOf    func(*http.Request) (event.Source, bool) // default [receive.SourceByToken] of Sources
	Now         func() time.Time                         // clock; required
	Budget      *receive.Budget                          // memory shared with other receivers; default one of its own
	Limits      receive.BodyLimits                       // of one body
	MaxRecord   int                                      // longest record as it is stored, in bytes; default 1 MiB
	MaxRecords  int                                      // records of one body; default 100,000
	MaxStored   int                                      // all records of one body as they are stored, in bytes; default 64 MiB
	BodyTimeout time.Duration                            // for the whole body to come; default 60 s
	Log         *slog.Logger                             // default: nothing is logged
}

func (o Options) check() (Options, error) {
	o.MaxRecord = cmp.Or(o.MaxRecord, 1<<20)
	o.MaxRecords = cmp.Or(o.MaxRecords, 100_000)
	o.MaxStored = cmp.Or(o.MaxStored, 64<<20)
	o.BodyTimeout = cmp.Or(o.BodyTimeout, time.Minute)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Sink == nil || o.Sources == nil || o.Now == nil {
		return o, errors.New("otlp receiver: sink, sources or clock is missing")
	}
	if o.SourceOf == nil {
		o.SourceOf = receive.SourceByToken(o.Sources)
	}
	if o.Budget == nil {
		o.Budget = receive.NewBudget(receive.BudgetOptions{})
	}
	return o, nil
}

// Handler answers POST /v1/logs.
type Handler struct{ o Options }

// New returns the handler.
func New(o Options) (*Handler, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	return &Handler{o: o}, nil
}

// ServeHTTP takes one body. It answers 200 after the records are durable, with
// the number of rejected ones if there are any, and a google.rpc.Status in the
// encoding of the request otherwise: 401 before anything is read, 400, 413 and
// 415 for the body, 429 and 503 with Retry-After.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, known := encodingOf(r)
	src, ok := h.o.SourceOf(r)
	if !ok {
		h.fail(w, r, e, receive.ErrUnknown)
		return
	}
	if !known {
		h.fail(w, r, e, ErrMedia)
		return
	}
	rejected, err := h.take(w, r, src, e)
	if err != nil {
		h.fail(w, r, e, err)
		return
	}
	h.done(w, e, rejected)
}

// encoding is how request and answer are written.
type encoding string

const (
	protobuf encoding = "application/x-protobuf"
	jsonText encoding = "application/json"
)

// encodingOf returns the encoding of a request; JSON, and false, when it is none
// that is read here.
func encodingOf(r *http.Request) (encoding, bool) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && encoding(media) == protobuf:
		return protobuf, true
	case err == nil && encoding(media) == jsonText:
		return jsonText, true
	}
	return jsonText, false
}

func (h *Handler) take(w http.ResponseWriter, r *http.Request, src event.Source, e encoding) (rejected int, err error) {
	key, err := receive.Key(r)
	if err != nil {
		return 0, err //nolint:wrapcheck // a problem of the request as it is
	}
	receive.Deadline(w, h.o.Now().Add(h.o.BodyTimeout))
	stored, err := h.o.Budget.Buffer(src.ID)
	if err != nil {
		return 0, fmt.Errorf("hold the records of source %s: %w", src.ID, err)
	}
	sealed := false
	defer func() { stored.Free(sealed) }()
	c := &collector{stored: stored, maxRecord: h.o.MaxRecord, maxRecords: h.o.MaxRecords, maxStored: h.o.MaxStored}
	if err := h.read(r, src, e, c); err != nil {
		return 0, err
	}
	err = h.seal(r, src, key, c)
	sealed = err == nil
	return c.rejected, err
}

// read turns the body into records. Nothing refers to the body afterwards.
func (h *Handler) read(r *http.Request, src event.Source, e encoding, c *collector) error {
	body, err := h.o.Budget.Open(r, h.o.Limits)
	if err != nil {
		return fmt.Errorf("open the body of source %s: %w", src.ID, err)
	}
	defer body.Close()
	buf, err := h.o.Budget.Buffer(src.ID)
	if err != nil {
		return fmt.Errorf("hold the body of source %s: %w", src.ID, err)
	}
	defer buf.Free(true)
	if err := buf.ReadAll(body); err != nil {
		return fmt.Errorf("read the body of source %s: %w", src.ID, err)
	}
	if e == protobuf {
		err = c.readWire(buf.B)
	} else {
		err = c.readJSON(buf.B)
	}
	if err != nil {
		return fmt.Errorf("read the records of source %s: %w", src.ID, err)
	}
	return nil
}

func (h *Handler) seal(r *http.Request, src event.Source, key string, c *collector) error {
	now := h.o.Now()
	events, size := c.events(src, receive.Peer(r), now)
	if len(events) > 0 {
		if err := receive.Admit(h.o.Sources, src.ID, len(events), size, now); err != nil {
			return fmt.Errorf("admit %d records of source %s: %w", len(events), src.ID, err)
		}
		// What was read is stored even if the sender leaves now.
		receipt, err := h.o.Sink.Seal(context.WithoutCancel(r.Context()), events, key)
		if err != nil {
			return fmt.Errorf("take %d records of source %s: %w", len(events), src.ID, err)
		}
		if receipt.Repeated {
			return nil
		}
		h.o.Sources.Received(src.ID, receive.OTLP, len(events), size, now)
	}
	if c.rejected > 0 {
		h.o.Sources.Dropped(src.ID, receive.OTLP, receive.ReasonTooLong, c.rejected, now)
	}
	return nil
}

// events returns the stored records as events, which alias them.
func (c *collector) events(src event.Source, peer string, now time.Time) (out []event.Event, size int) {
	out = make([]event.Event, len(c.ends))
	from := 0
	for i, to := range c.ends {
		raw := slices.Clip(c.stored.B[from:to])
		out[i] = event.Event{Received: now.UTC(), Source: src.ID, Transport: receive.OTLP, Peer: peer, Raw: raw}
		from = to
	}
	id := receive.BatchID(out)
	for i := range out {
		out[i].Batch = id
	}
	return out, from
}
