package search

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

// statusTrailer tells behind an export whether it is whole.
const statusTrailer = "Export-Status"

// plainRoutes adds the operations that stream.
func (s *Service) plainRoutes(api huma.API, tags []string) {
	fail := httpapi.Failer(api)
	queryParam := httpapi.Param{Name: "query", Doc: "LogsQL, the subset of docs/query.md; empty: every event"}
	httpapi.Handle(api, httpapi.PlainOp{
		ID: "tail-logs", Method: http.MethodGet, Path: httpapi.Prefix + "/logs/tail", Tags: tags, Permission: PermRead,
		Summary: "Follow matching events as they are sealed",
		Description: "Server-sent events: `log` holds an event, `rate` {\"per_second\",\"dropped\"}. At most 4 bursts a " +
			"second; what does not fit is dropped and counted.",
		Answer: "text/event-stream", Query: []httpapi.Param{queryParam}, Stream: true,
	}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &liveView{w: w, control: http.NewResponseController(w)}
		err := s.Tail(r.Context(), r.URL.Query().Get("query"), v.open, v.send)
		if err != nil && !v.begun {
			fail(w, r, err)
		}
	}))
	httpapi.Handle(api, httpapi.PlainOp{
		ID: "export-logs", Method: http.MethodGet, Path: httpapi.Prefix + "/logs/export", Tags: tags, Permission: PermExport,
		Summary: "Download matching events in the order of the ledger",
		Description: "The trailer Export-Status says `complete` or why it is not. An export that breaks off ends " +
			"without the end of its body.",
		Answer: "application/x-ndjson", Stream: true, Audited: true,
		Query: []httpapi.Param{
			queryParam,
			{Name: "from", Doc: "RFC 3339, now, or back from now such as -6h"},
			{Name: "to", Doc: "RFC 3339, now, or back from now; the end itself is outside"},
			{Name: "format", Doc: "ndjson (default) or csv"},
			{Name: "limit", Doc: "events at most"},
		},
	}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := s.exportRequest(r)
		if err != nil {
			fail(w, r, err)
			return
		}
		s.export(w, r, in, fail)
	}))
}

// exportRequest reads and checks the parameters.
func (s *Service) exportRequest(r *http.Request) (Export, error) {
	q := r.URL.Query()
	in := Export{Query: q.Get("query"), Format: q.Get("format")}
	if _, err := parse(in.Query); err != nil {
		return in, err
	}
	var err error
	if in.From, in.To, err = times(q.Get("from"), q.Get("to"), s.o.Now()); err != nil {
		return in, err
	}
	switch in.Format {
	case "":
		in.Format = "ndjson"
	case "ndjson", "csv":
	default:
		return in, ErrExport.At("query.format", "neither ndjson nor csv")
	}
	if text := q.Get("limit"); text != "" {
		if in.Limit, err = strconv.Atoi(text); err != nil || in.Limit < 1 {
			return in, ErrExport.At("query.limit", "not a whole number above 0")
		}
	}
	return in, nil
}

func (s *Service) export(w http.ResponseWriter, r *http.Request, in Export, fail func(http.ResponseWriter, *http.Request, error)) {
	httpapi.Annotate(r.Context(), func(a *httpapi.Audit) {
		a.Detail("query", in.Query)
		a.Detail("format", in.Format)
		for name, t := range map[string]time.Time{"from": in.From, "to": in.To} {
			if !t.IsZero() {
				a.Detail(name, t.Format(time.RFC3339Nano))
			}
		}
	})
	out := &download{w: w, format: in.Format, name: "logs-" + s.o.Now().UTC().Format("20060102T150405Z")}
	done, err := s.Export(r.Context(), in, out)
	switch {
	case err != nil && !out.begun:
		fail(w, r, err)
		return
	case err != nil:
		// The header is sent: only a broken connection tells that the file is not whole.
		panic(http.ErrAbortHandler)
	}
	out.begin()
	status := "complete"
	if done.Partial {
		status = done.Reason
	}
	w.Header().Set(statusTrailer, status)
}

// download writes the header before the first byte.
type download struct {
	w      http.ResponseWriter
	format string
	name   string
	begun  bool
}

func (d *download) begin() {
	if d.begun {
		return
	}
	d.begun = true
	h := d.w.Header()
	media := "application/x-ndjson"
	if d.format == "csv" {
		media = "text/csv; charset=utf-8"
	}
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", `attachment; filename="`+d.name+"."+d.format+`"`)
	h.Set("Cache-Control", "no-store")
	h.Set("Trailer", statusTrailer)
	d.w.WriteHeader(http.StatusOK)
}

// Write writes to the client.
func (d *download) Write(p []byte) (int, error) {
	d.begin()
	return d.w.Write(p)
}

// liveView writes bursts as server-sent events.
type liveView struct {
	w       http.ResponseWriter
	control *http.ResponseController
	begun   bool
}

// open sends the header.
func (v *liveView) open() error {
	v.begun = true
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	v.w.WriteHeader(http.StatusOK)
	if _, err := fmt.Fprint(v.w, ": follows\n\n"); err != nil {
		return fmt.Errorf("begin a live view: %w", err)
	}
	return v.flush()
}

func (v *liveView) flush() error {
	if err := v.control.Flush(); err != nil {
		return fmt.Errorf("send a burst: %w", err)
	}
	return nil
}

func (v *liveView) send(_ context.Context, b Burst) error {
	for i := range b.Events {
		if err := v.event("log", b.Events[i]); err != nil {
			return err
		}
	}
	err := v.event("rate", struct {
		PerSecond float64 `json:"per_second"`
		Dropped   uint64  `json:"dropped"`
	}{b.PerSecond, b.Dropped})
	if err != nil {
		return err
	}
	return v.flush()
}

func (v *liveView) event(name string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if _, err := fmt.Fprintf(v.w, "event: %s\ndata: %s\n\n", name, text); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
