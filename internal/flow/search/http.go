package search

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/httpapi"
	"github.com/fengsui/fengsui/ledger"
)

// AskQuery is a query within a span of time.
type AskQuery struct {
	Query string `query:"query" maxLength:"16384" doc:"LogsQL, the subset of docs/query.md; empty: every event"`
	From  string `query:"from" maxLength:"40" doc:"RFC 3339, now, or back from now such as -6h"`
	To    string `query:"to" maxLength:"40" doc:"RFC 3339, now, or back from now; the end itself is outside"`
}

// times reads the span; what is not given is zero.
func times(fromText, toText string, now time.Time) (from, to time.Time, err error) {
	if from, err = httpapi.Instant(fromText, now); err != nil {
		return from, to, ErrRange.At("query.from", err.Error())
	}
	if to, err = httpapi.Instant(toText, now); err != nil {
		return from, to, ErrRange.At("query.to", err.Error())
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return from, to, ErrRange.At("query.from", "from is not before to")
	}
	return from, to, nil
}

type searchRequest struct {
	AskQuery

	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the page before"`
	Order  string `query:"order" enum:"desc,asc" default:"desc" doc:"By time: newest or oldest first"`
}

type searchResponse struct {
	Body struct {
		Events  []Event `json:"events" nullable:"false"`
		Next    string  `json:"next" doc:"Cursor of the next page; empty: there is none. Pages show the events there were when the first one was asked"`
		TookMS  int64   `json:"took_ms"`
		Scanned uint64  `json:"scanned" doc:"Events looked at"`
		Partial bool    `json:"partial" doc:"Not everything was looked at"`
		Reason  string  `json:"reason" doc:"Why it is partial"`
	}
}

type statsRequest struct {
	AskQuery

	By      string `query:"by" maxLength:"500" doc:"Field that stacks the histogram: source, class, log.level, …"`
	Buckets int    `query:"buckets" minimum:"1" maximum:"1000" default:"60" doc:"Of the histogram, about: spans are round"`
	Top     string `query:"top" maxLength:"500" doc:"Field whose most frequent values are wanted"`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"10" doc:"Of top"`
}

type valueCountJSON struct {
	Value string `json:"value"`
	Count uint64 `json:"count"`
}

type bucketJSON struct {
	From   time.Time         `json:"from"`
	To     time.Time         `json:"to" doc:"The end itself is outside"`
	Count  uint64            `json:"count"`
	Counts map[string]uint64 `json:"counts" nullable:"false" doc:"By value of the field by; the 20 most frequent values"`
}

type statsResponse struct {
	Body struct {
		Total     uint64           `json:"total"`
		Histogram []bucketJSON     `json:"histogram" nullable:"false"`
		Top       []valueCountJSON `json:"top" nullable:"false"`
		TookMS    int64            `json:"took_ms"`
		Scanned   uint64           `json:"scanned"`
		Partial   bool             `json:"partial"`
		Reason    string           `json:"reason"`
	}
}

type fieldJSON struct {
	Name   string           `json:"name"`
	Count  uint64           `json:"count" doc:"Sampled events that have it"`
	Values []valueCountJSON `json:"values" nullable:"false" doc:"The most frequent ones"`
}

type fieldsResponse struct {
	Body struct {
		Items   []fieldJSON `json:"items" nullable:"false"`
		Sampled int         `json:"sampled" doc:"Newest matches looked at"`
		Partial bool        `json:"partial"`
		Reason  string      `json:"reason"`
	}
}

type eventRequest struct {
	Seq uint64 `path:"seq" doc:"Ledger sequence"`
}

type eventResponse struct{ Body Event }

type contextRequest struct {
	Seq    uint64 `path:"seq" doc:"Ledger sequence"`
	Before int    `query:"before" minimum:"0" maximum:"100" default:"5"`
	After  int    `query:"after" minimum:"0" maximum:"100" default:"5"`
}

type contextResponse struct {
	Body struct {
		Events []Event `json:"events" nullable:"false" doc:"Of the same source, by sequence"`
	}
}

type proofResponse struct {
	Body struct {
		Seq        uint64   `json:"seq"`
		Leaf       string   `json:"leaf" doc:"Hash of the leaf, hex"`
		Size       uint64   `json:"size" doc:"Events of the tree the checkpoint speaks of"`
		Root       string   `json:"root" doc:"Hash of that tree, hex"`
		Path       []string `json:"path" nullable:"false" doc:"RFC 6962 audit path from the leaf to the root, base64"`
		Entry      string   `json:"entry_base64" doc:"The event as its leaf covers it (docs/format/ledger.md)"`
		Checkpoint string   `json:"checkpoint" doc:"C2SP signed note"`
		Verified   bool     `json:"verified" doc:"The station walked the path and checked its own signature"`
	}
}

// Routes adds the operations for logs to the API.
func (s *Service) Routes(api huma.API) {
	tags := []string{"logs"}
	httpapi.Register(api, httpapi.Op{
		ID: "search-logs", Method: http.MethodGet, Path: "/logs", Tags: tags, Permission: PermRead,
		Summary: "Search events",
	}, s.searchLogs)
	httpapi.Register(api, httpapi.Op{
		ID: "get-log-stats", Method: http.MethodGet, Path: "/logs/stats", Tags: tags, Permission: PermRead,
		Summary: "Count events over time and by value",
	}, s.logStats)
	httpapi.Register(api, httpapi.Op{
		ID: "list-log-fields", Method: http.MethodGet, Path: "/logs/fields", Tags: tags, Permission: PermRead,
		Summary: "Frequent fields and values of the newest matches",
	}, s.logFields)
	httpapi.Register(api, httpapi.Op{
		ID: "get-log", Method: http.MethodGet, Path: "/logs/{seq}", Tags: tags, Permission: PermRead,
		Summary: "Read one event",
	}, func(ctx context.Context, in *eventRequest) (*eventResponse, error) {
		rec, err := s.Event(ctx, in.Seq)
		if err != nil {
			return nil, err
		}
		return &eventResponse{Body: s.view(&rec, nil)}, nil
	})
	httpapi.Register(api, httpapi.Op{
		ID: "get-log-context", Method: http.MethodGet, Path: "/logs/{seq}/context", Tags: tags, Permission: PermRead,
		Summary: "Read an event with its neighbours of the same source",
	}, func(ctx context.Context, in *contextRequest) (*contextResponse, error) {
		recs, err := s.Around(ctx, in.Seq, in.Before, in.After)
		if err != nil {
			return nil, err
		}
		out := &contextResponse{}
		out.Body.Events = s.views(recs, nil)
		return out, nil
	})
	httpapi.Register(api, httpapi.Op{
		ID: "get-log-proof", Method: http.MethodGet, Path: "/logs/{seq}/proof", Tags: tags, Permission: PermRead,
		Summary:     "Prove that an event stands in the ledger",
		Description: "Whoever has the station's verifier key can check the answer without the station.",
	}, s.logProof)
	s.plainRoutes(api, tags)
}

// took returns the milliseconds since start.
func (s *Service) took(start time.Time) int64 { return s.o.Now().Sub(start).Milliseconds() }

func (s *Service) searchLogs(ctx context.Context, in *searchRequest) (*searchResponse, error) {
	start := s.o.Now()
	from, to, err := times(in.From, in.To, start)
	if err != nil {
		return nil, err
	}
	page, err := s.Search(ctx, Search{
		Query: in.Query, From: from, To: to, Limit: in.Limit, Cursor: in.Cursor, Oldest: in.Order == "asc",
	})
	if err != nil {
		return nil, err
	}
	out := &searchResponse{}
	b := &out.Body
	b.Events, b.Next, b.TookMS = s.views(page.Events, page.Fields), page.Next, s.took(start)
	b.Scanned, b.Partial, b.Reason = page.Scanned, page.Partial, page.Reason
	return out, nil
}

func valueCounts(in []ValueCount) []valueCountJSON {
	out := make([]valueCountJSON, len(in))
	for i, v := range in {
		out[i] = valueCountJSON(v)
	}
	return out
}

func (s *Service) logStats(ctx context.Context, in *statsRequest) (*statsResponse, error) {
	start := s.o.Now()
	from, to, err := times(in.From, in.To, start)
	if err != nil {
		return nil, err
	}
	got, err := s.Count(ctx, Count{
		Query: in.Query, From: from, To: to, By: in.By, Buckets: in.Buckets, Top: in.Top, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := &statsResponse{}
	b := &out.Body
	b.Total, b.Top, b.TookMS = got.Total, valueCounts(got.Top), s.took(start)
	b.Scanned, b.Partial, b.Reason = got.Scanned, got.Partial, got.Reason
	for _, k := range got.Histogram {
		j := bucketJSON{From: k.From, To: k.To, Count: k.Count, Counts: make(map[string]uint64, len(k.Values))}
		for _, v := range k.Values {
			j.Counts[v.Value] = v.Count
		}
		b.Histogram = append(b.Histogram, j)
	}
	return out, nil
}

func (s *Service) logFields(ctx context.Context, in *AskQuery) (*fieldsResponse, error) {
	from, to, err := times(in.From, in.To, s.o.Now())
	if err != nil {
		return nil, err
	}
	got, err := s.Frequent(ctx, in.Query, from, to)
	if err != nil {
		return nil, err
	}
	out := &fieldsResponse{}
	out.Body.Sampled, out.Body.Partial, out.Body.Reason = got.Sampled, got.Partial, got.Reason
	for _, f := range got.Fields {
		out.Body.Items = append(out.Body.Items, fieldJSON{Name: f.Name, Count: f.Count, Values: valueCounts(f.Values)})
	}
	return out, nil
}

func (s *Service) logProof(ctx context.Context, in *eventRequest) (*proofResponse, error) {
	if _, err := s.Event(ctx, in.Seq); err != nil {
		return nil, err
	}
	p, err := s.o.Log.Prove(ctx, in.Seq)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, ledger.ErrNoCheckpoint):
		return nil, fmt.Errorf("%w: %w", ErrUnsigned.After(10*time.Second), err)
	case errors.Is(err, ledger.ErrDamaged):
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return nil, err //nolint:wrapcheck // names the event already
	}
	out := &proofResponse{}
	b := &out.Body
	b.Seq, b.Leaf, b.Size, b.Root = in.Seq, hex.EncodeToString(p.Leaf[:]), p.Size, hex.EncodeToString(p.Root[:])
	for _, h := range p.Path {
		b.Path = append(b.Path, base64.StdEncoding.EncodeToString(h))
	}
	b.Entry, b.Checkpoint = base64.StdEncoding.EncodeToString(p.Encoded), string(p.Checkpoint)
	if s.o.Verifier != nil {
		_, err := p.Verify(s.o.Verifier)
		b.Verified = err == nil
	}
	return out, nil
}
