// Package ndjson receives records by POST, one line each.
//
// The station does not look inside a line: JSON, syslog text, anything without a
// line feed. What is stored is the line's exact bytes, without the line feed.
//
// A request is kept whole or not at all. A body that ends before its end (fewer
// bytes than its Content-Length, no last chunk, a compressed stream cut short)
// adds nothing, not even its whole lines, so that the sender may simply repeat
// it. In a complete body the last line needs no line feed.
package ndjson

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// ErrTooMany is answered to a body of too many lines.
var ErrTooMany = problem.New(problem.TooLarge, "ingest.too_many_lines", "the body has more lines than one request may bring")

// CodeTooLong is the code of a rejected line that is longer than the limit.
const CodeTooLong = "too_long"

// Options configure the handler. A zero field means its default.
type Options struct {
	Sink        receive.Sink                                          // required
	Sources     receive.Sources                                       // required
	SourceOf    func(*http.Request) (event.Source, bool)              // default [receive.SourceByToken] of Sources
	Now         func() time.Time                                      // clock; required
	Budget      *receive.Budget                                       // memory shared with other receivers; default one of its own
	Limits      receive.BodyLimits                                    // of one body
	MaxLine     int                                                   // longest line, in bytes; default 1 MiB
	MaxLines    int                                                   // lines of one body; default 200,000
	BodyTimeout time.Duration                                         // for the whole body to come; default 60 s
	Fail        func(w http.ResponseWriter, r *http.Request, _ error) // answers a problem; default [receive.Fail]
	Log         *slog.Logger                                          // default: nothing is logged
}

func (o Options) check() (Options, error) {
	o.MaxLine = cmp.Or(o.MaxLine, 1<<20)
	o.MaxLines = cmp.Or(o.MaxLines, 200_000)
	o.BodyTimeout = cmp.Or(o.BodyTimeout, time.Minute)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Sink == nil || o.Sources == nil || o.Now == nil {
		return o, errors.New("ndjson receiver: sink, sources or clock is missing")
	}
	if o.SourceOf == nil {
		o.SourceOf = receive.SourceByToken(o.Sources)
	}
	if o.Budget == nil {
		o.Budget = receive.NewBudget(receive.BudgetOptions{})
	}
	if o.Fail == nil {
		o.Fail = receive.Fail(o.Log)
	}
	return o, nil
}

// Handler answers POST /ingest/ndjson.
type Handler struct{ o Options }

// New returns the handler.
func New(o Options) (*Handler, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	return &Handler{o: o}, nil
}

// Answer is what a sender gets once its lines are durable.
type Answer struct {
	Accepted int        `json:"accepted"` // lines stored
	Rejected []Rejected `json:"rejected"` // lines not stored, never to be sent again as they are
	LastSeq  uint64     `json:"last_seq"` // ledger sequence of the last line stored; 0 when none was
}

// Rejected names one line that was not stored.
type Rejected struct {
	Line int    `json:"line"` // counts from 1, empty lines included
	Code string `json:"code"`
}

// ServeHTTP takes one body. It answers 200 with an [Answer] after the lines are
// durable, and a problem otherwise: 401 before anything is read, 400, 413 and
// 415 for the body, 429 and 503 with Retry-After.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	src, ok := h.o.SourceOf(r)
	if !ok {
		h.o.Fail(w, r, receive.ErrUnknown)
		return
	}
	answer, err := h.take(w, r, src)
	if err != nil {
		h.o.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(answer) // the sender may be gone
}

func (h *Handler) take(w http.ResponseWriter, r *http.Request, src event.Source) (Answer, error) {
	key, err := receive.Key(r)
	if err != nil {
		return Answer{}, err //nolint:wrapcheck // a problem of the request as it is
	}
	receive.Deadline(w, h.o.Now().Add(h.o.BodyTimeout))
	body, err := h.o.Budget.Open(r, h.o.Limits)
	if err != nil {
		return Answer{}, fmt.Errorf("open the body of source %s: %w", src.ID, err)
	}
	defer body.Close()
	buf, err := h.o.Budget.Buffer(src.ID)
	if err != nil {
		return Answer{}, fmt.Errorf("hold the body of source %s: %w", src.ID, err)
	}
	sealed := false
	defer func() { buf.Free(sealed) }()
	if err := buf.ReadAll(body); err != nil {
		return Answer{}, fmt.Errorf("read the body of source %s: %w", src.ID, err)
	}
	answer, err := h.seal(r, src, key, buf.B)
	sealed = err == nil
	return answer, err
}

func (h *Handler) seal(r *http.Request, src event.Source, key string, body []byte) (Answer, error) {
	lines, rejected, err := Split(body, h.o.MaxLine, h.o.MaxLines)
	if err != nil {
		return Answer{}, fmt.Errorf("split the body of source %s: %w", src.ID, err)
	}
	answer := Answer{Rejected: rejected}
	now := h.o.Now()
	if len(lines) > 0 {
		events, size := events(lines, src, receive.Peer(r), now)
		if err := receive.Admit(h.o.Sources, src.ID, len(events), size, now); err != nil {
			return Answer{}, fmt.Errorf("admit %d lines of source %s: %w", len(events), src.ID, err)
		}
		// What was read is stored even if the sender leaves now: it may have sent
		// its last byte and closed.
		receipt, err := h.o.Sink.Seal(context.WithoutCancel(r.Context()), events, key)
		if err != nil {
			return Answer{}, fmt.Errorf("take %d lines of source %s: %w", len(events), src.ID, err)
		}
		answer.Accepted = receipt.Count
		answer.LastSeq = receipt.First + uint64(max(0, receipt.Count-1))
		if receipt.Repeated {
			return answer, nil
		}
		h.o.Sources.Received(src.ID, receive.HTTP, len(events), size, now)
	}
	if len(rejected) > 0 {
		h.o.Sources.Dropped(src.ID, receive.HTTP, receive.ReasonTooLong, len(rejected), now)
	}
	return answer, nil
}

func events(lines [][]byte, src event.Source, peer string, now time.Time) (out []event.Event, size int) {
	out = make([]event.Event, len(lines))
	for i, line := range lines {
		out[i] = event.Event{Received: now.UTC(), Source: src.ID, Transport: receive.HTTP, Peer: peer, Raw: line}
		size += len(line)
	}
	id := receive.BatchID(out)
	for i := range out {
		out[i].Batch = id
	}
	return out, size
}

// Split cuts a complete body into its lines, which alias body. Lines longer than
// maxLine bytes are rejected; lines that are empty, or only a carriage return,
// are neither kept nor rejected. More than maxLines lines, empty ones included,
// are [ErrTooMany]. rejected is never nil.
func Split(body []byte, maxLine, maxLines int) (lines [][]byte, rejected []Rejected, err error) {
	n := bytes.Count(body, []byte{'\n'})
	if len(body) > 0 && body[len(body)-1] != '\n' {
		n++
	}
	if n > maxLines {
		return nil, nil, ErrTooMany.Detailf("the limit is %d", maxLines)
	}
	lines, rejected = make([][]byte, 0, n), []Rejected{}
	for number := 1; len(body) > 0; number++ {
		line, rest, _ := bytes.Cut(body, []byte{'\n'})
		body = rest
		switch {
		case len(line) == 0 || len(line) == 1 && line[0] == '\r':
		case len(line) > maxLine:
			rejected = append(rejected, Rejected{Line: number, Code: CodeTooLong})
		default:
			lines = append(lines, slices.Clip(line))
		}
	}
	return lines, rejected, nil
}
