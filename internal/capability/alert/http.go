package alert

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

type titleJSON struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

type namedJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type valueJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Item is an alert as the API shows it.
type Item struct {
	ID          string      `json:"id"`
	Number      string      `json:"number" doc:"What people call it" example:"A-000123"`
	RuleID      string      `json:"rule_id"`
	Title       titleJSON   `json:"title"`
	Level       string      `json:"level" enum:"critical,high,medium,low,informational"`
	Entity      string      `json:"entity" doc:"What it is about: a host, a user, an address"`
	Status      string      `json:"status" enum:"new,acknowledged,closed"`
	Count       int64       `json:"count" doc:"Findings"`
	First       time.Time   `json:"first" doc:"Receipt of the first finding"`
	Last        time.Time   `json:"last" doc:"Receipt of the latest finding"`
	EventFirst  time.Time   `json:"event_first" doc:"Earliest time by the senders' clocks"`
	EventLast   time.Time   `json:"event_last" doc:"Latest time by the senders' clocks"`
	Sources     []namedJSON `json:"sources" nullable:"false"`
	Samples     []uint64    `json:"samples" nullable:"false" doc:"Ledger sequences of sample events: the first ones, then the latest"`
	Matched     []valueJSON `json:"matched" nullable:"false" doc:"Fields of the first finding that made the rule true"`
	Tags        []string    `json:"tags" nullable:"false"`
	Assignee    string      `json:"assignee" doc:"Account id; empty: nobody"`
	CloseReason string      `json:"close_reason"`
	NoteCount   int64       `json:"note_count"`
	UpdatedAt   time.Time   `json:"updated_at"`
}

func (s *Service) view(a Alert) Item {
	out := Item{
		ID: string(a.ID), Number: a.HumanNumber(), RuleID: a.RuleID, Title: titleJSON(a.Title), Level: a.Level,
		Entity: a.Entity, Status: string(a.Status), Count: a.Count, First: a.First, Last: a.Last,
		EventFirst: a.EventFirst, EventLast: a.EventLast, Assignee: a.Assignee, CloseReason: string(a.Reason),
		NoteCount: a.Notes, UpdatedAt: a.UpdatedAt,
		Sources: make([]namedJSON, 0, len(a.Sources)), Matched: make([]valueJSON, 0, len(a.Matched)),
		Samples: append([]uint64{}, a.Samples...), Tags: append([]string{}, a.Tags...),
	}
	for _, id := range a.Sources {
		out.Sources = append(out.Sources, namedJSON{ID: id, Name: s.d.Sources.SourceName(id)})
	}
	for _, m := range a.Matched {
		out.Matched = append(out.Matched, valueJSON{Name: m.Name, Value: m.Value})
	}
	return out
}

// PageQuery asks for one page of a list.
type PageQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the page before"`
}

// RangeQuery asks for a span of time.
type RangeQuery struct {
	From string `query:"from" maxLength:"40" doc:"RFC 3339, or back from now such as -6h"`
	To   string `query:"to" maxLength:"40" doc:"RFC 3339, back from now, or now"`
}

// times reads the range; what is not given is zero.
func (q RangeQuery) times(now time.Time) (from, to time.Time, err error) {
	if from, err = httpapi.Instant(q.From, now); err != nil {
		return from, to, ErrRange.At("query.from", err.Error())
	}
	if to, err = httpapi.Instant(q.To, now); err != nil {
		return from, to, ErrRange.At("query.to", err.Error())
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return from, to, ErrRange.At("query.from", "from is not before to")
	}
	return from, to, nil
}

type listRequest struct {
	PageQuery
	RangeQuery

	Status   string `query:"status" maxLength:"60" doc:"One or more of new, acknowledged, closed, with commas"`
	Level    string `query:"level" maxLength:"60" doc:"One or more levels, with commas"`
	RuleID   string `query:"rule_id" maxLength:"200"`
	Entity   string `query:"entity" maxLength:"600"`
	Source   string `query:"source" maxLength:"100" doc:"Source id"`
	Assignee string `query:"assignee" maxLength:"100" doc:"Account id"`
	Text     string `query:"q" maxLength:"200" doc:"Part of a title, entity, rule id, or a number"`
}

func (r *listRequest) filter(now time.Time) (Filter, error) {
	from, to, err := r.times(now)
	if err != nil {
		return Filter{}, err
	}
	statuses, ok := words(r.Status, []Status{New, Acknowledged, Closed})
	if !ok {
		return Filter{}, ErrRange.At("query.status", "not a status")
	}
	wanted, ok := words(r.Level, levels())
	if !ok {
		return Filter{}, ErrRange.At("query.level", "not a level")
	}
	return Filter{
		Statuses: statuses, Levels: wanted, RuleID: r.RuleID, Entity: r.Entity, Source: r.Source,
		Assignee: r.Assignee, Text: r.Text, From: from, To: to,
	}, nil
}

type listResponse struct {
	Body struct {
		Items []Item `json:"items" nullable:"false"`
		Next  string `json:"next" doc:"Cursor of the next page; empty on the last"`
	}
}

type idRequest struct {
	ID string `path:"id" maxLength:"64" doc:"Id, or number such as A-000123"`
}

type noteJSON struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
}

type historyJSON struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Act    string    `json:"act"`
	Detail string    `json:"detail"`
}

// Detail is an alert with what people did to it.
type Detail struct {
	Item

	Notes   []noteJSON    `json:"notes" nullable:"false"`
	History []historyJSON `json:"history" nullable:"false"`
}

type detailResponse struct{ Body Detail }

type actionRequest struct {
	Body struct {
		IDs      []ID   `json:"ids" minItems:"1" maxItems:"500" nullable:"false"`
		Act      Act    `json:"act" enum:"acknowledge,assign,close,reopen,note"`
		Assignee string `json:"assignee,omitempty" maxLength:"100" doc:"For assign: account id; empty takes it from its assignee"`
		Reason   Reason `json:"reason,omitempty" enum:"true_positive,false_positive,expected,duplicate,other" doc:"For close"`
		Note     string `json:"note,omitempty" maxLength:"4000" doc:"Kept with the act; required for note"`
	}
}

type resultJSON struct {
	ID     string `json:"id"`
	Status string `json:"status" enum:"done,skipped,failed"`
	Code   string `json:"code" doc:"Why not; empty when done"`
}

type actionResponse struct {
	Body struct {
		Results []resultJSON `json:"results" nullable:"false"`
	}
}

// routes registers the operations.
func routes(api huma.API, s *Service) {
	httpapi.Register(api, httpapi.Op{
		ID: "list-alerts", Method: http.MethodGet, Path: "/alerts",
		Summary: "List alerts, the latest finding first", Permission: PermRead,
	}, s.listAlerts)
	httpapi.Register(api, httpapi.Op{
		ID: "get-alert-stats", Method: http.MethodGet, Path: "/alerts/stats",
		Summary: "Count alerts by level, status, rule and time", Permission: PermRead,
	}, s.getStats)
	httpapi.Register(api, httpapi.Op{
		ID: "get-alert", Method: http.MethodGet, Path: "/alerts/{id}",
		Summary: "Read one alert with its notes and history", Permission: PermRead,
	}, s.getAlert)
	httpapi.Register(api, httpapi.Op{
		ID: "act-on-alerts", Method: http.MethodPost, Path: "/alerts/actions",
		Summary: "Acknowledge, assign, close, reopen or annotate alerts", Permission: PermWrite, Status: http.StatusOK,
	}, s.actOnAlerts)
	httpapi.Register(api, httpapi.Op{
		ID: "list-suppressions", Method: http.MethodGet, Path: "/suppressions",
		Summary: "List suppressions, the newest first", Tags: []string{"alerts"}, Permission: PermRead,
	}, s.listSuppressions)
	httpapi.Register(api, httpapi.Op{
		ID: "create-suppression", Method: http.MethodPost, Path: "/suppressions",
		Summary: "Hide the findings of a rule, source or entity for a time", Tags: []string{"alerts"},
		Permission: PermWrite, Status: http.StatusCreated,
	}, s.createSuppression)
	httpapi.Register(api, httpapi.Op{
		ID: "delete-suppression", Method: http.MethodDelete, Path: "/suppressions/{id}",
		Summary: "End a suppression now", Tags: []string{"alerts"}, Permission: PermWrite,
	}, func(ctx context.Context, in *idRequest) (*struct{}, error) {
		return nil, s.Lift(ctx, in.ID)
	})
}

func (s *Service) listAlerts(ctx context.Context, in *listRequest) (*listResponse, error) {
	f, err := in.filter(s.d.Now())
	if err != nil {
		return nil, err
	}
	alerts, next, err := s.List(ctx, f, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &listResponse{}
	out.Body.Items, out.Body.Next = make([]Item, 0, len(alerts)), next
	for _, a := range alerts {
		out.Body.Items = append(out.Body.Items, s.view(a))
	}
	return out, nil
}

func (s *Service) getAlert(ctx context.Context, in *idRequest) (*detailResponse, error) {
	a, history, err := s.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &detailResponse{Body: Detail{Item: s.view(a), Notes: []noteJSON{}, History: []historyJSON{}}}
	for _, h := range history {
		out.Body.History = append(out.Body.History, historyJSON{At: h.At, By: h.By, Act: string(h.Act), Detail: h.Detail})
		if h.Note != "" {
			out.Body.Notes = append(out.Body.Notes, noteJSON{At: h.At, By: h.By, Text: h.Note})
		}
	}
	return out, nil
}

func (s *Service) actOnAlerts(ctx context.Context, in *actionRequest) (*actionResponse, error) {
	results, err := s.Apply(ctx, Action{
		IDs: in.Body.IDs, Act: in.Body.Act, Assignee: in.Body.Assignee, Reason: in.Body.Reason,
		Note: strings.TrimSpace(in.Body.Note),
	})
	if err != nil {
		return nil, err
	}
	out := &actionResponse{}
	out.Body.Results = make([]resultJSON, 0, len(results))
	for _, r := range results {
		out.Body.Results = append(out.Body.Results, resultJSON{ID: string(r.ID), Status: string(r.Outcome), Code: r.Code})
	}
	return out, nil
}

type suppressionJSON struct {
	ID        string    `json:"id"`
	RuleID    string    `json:"rule_id"`
	Source    string    `json:"source" doc:"Source id"`
	Entity    string    `json:"entity"`
	Reason    string    `json:"reason"`
	Expires   time.Time `json:"expires"`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
	Hits      int64     `json:"hits" doc:"Findings it hid"`
}

func suppressionView(p Suppression) suppressionJSON {
	return suppressionJSON{
		ID: p.ID, RuleID: p.RuleID, Source: p.Source, Entity: p.Entity, Reason: p.Reason, Expires: p.Expires,
		CreatedBy: p.CreatedBy, CreatedAt: p.CreatedAt, Hits: p.Hits,
	}
}

type suppressionsResponse struct {
	Body struct {
		Items []suppressionJSON `json:"items" nullable:"false"`
		Next  string            `json:"next"`
	}
}

type createSuppressionRequest struct {
	Body struct {
		RuleID  string    `json:"rule_id,omitempty" maxLength:"200"`
		Source  string    `json:"source,omitempty" maxLength:"100" doc:"Source id"`
		Entity  string    `json:"entity,omitempty" maxLength:"512"`
		Reason  string    `json:"reason" minLength:"1" maxLength:"1000"`
		Expires time.Time `json:"expires"`
	}
}

type suppressionResponse struct{ Body suppressionJSON }

func (s *Service) listSuppressions(ctx context.Context, in *PageQuery) (*suppressionsResponse, error) {
	var behind Suppression
	if in.Cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(in.Cursor)
		micros, id, ok := strings.Cut(string(text), ".")
		var at int64
		if err != nil || !ok {
			return nil, ErrCursor
		}
		if _, err := fmt.Sscanf(micros, "%d", &at); err != nil {
			return nil, ErrCursor
		}
		behind = Suppression{ID: id, CreatedAt: time.UnixMicro(at)}
	}
	list, err := s.Suppressions(ctx, behind, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &suppressionsResponse{}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		last := list[in.Limit-1]
		out.Body.Next = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%s", last.CreatedAt.UnixMicro(), last.ID))
	}
	out.Body.Items = make([]suppressionJSON, 0, len(list))
	for _, p := range list {
		out.Body.Items = append(out.Body.Items, suppressionView(p))
	}
	return out, nil
}

func (s *Service) createSuppression(ctx context.Context, in *createSuppressionRequest) (*suppressionResponse, error) {
	p, err := s.Suppress(ctx, Suppression{
		RuleID: in.Body.RuleID, Source: in.Body.Source, Entity: in.Body.Entity,
		Reason: strings.TrimSpace(in.Body.Reason), Expires: in.Body.Expires,
	})
	if err != nil {
		return nil, err
	}
	return &suppressionResponse{Body: suppressionView(p)}, nil
}

type statsRequest struct{ RangeQuery }

type countJSON struct {
	Level string `json:"level"`
	Count int64  `json:"count"`
}

type statusCountJSON struct {
	Status string `json:"status"`
	Count  int64  `json:"count"`
}

type ruleCountJSON struct {
	RuleID string    `json:"rule_id"`
	Title  titleJSON `json:"title"`
	Level  string    `json:"level"`
	Count  int64     `json:"count" doc:"Alerts"`
	Events int64     `json:"events" doc:"Findings"`
}

type bucketJSON struct {
	From   time.Time        `json:"from"`
	To     time.Time        `json:"to"`
	Counts map[string]int64 `json:"counts" doc:"Alerts that began in the bucket, by level"`
}

type statsResponse struct {
	Body struct {
		Open     int64             `json:"open" doc:"Alerts that are not closed, whenever they were"`
		ByLevel  []countJSON       `json:"by_level" nullable:"false"`
		ByStatus []statusCountJSON `json:"by_status" nullable:"false"`
		TopRules []ruleCountJSON   `json:"top_rules" nullable:"false"`
		Buckets  []bucketJSON      `json:"buckets" nullable:"false"`
	}
}

func (s *Service) getStats(ctx context.Context, in *statsRequest) (*statsResponse, error) {
	now := s.d.Now().UTC()
	from, to, err := in.times(now)
	if err != nil {
		return nil, err
	}
	if to.IsZero() {
		to = now
	}
	if from.IsZero() {
		from = to.Add(-24 * time.Hour)
	}
	if to.Sub(from) > 10*366*24*time.Hour {
		return nil, ErrRange.At("query.from", "the range is longer than ten years")
	}
	stats, err := s.Stats(ctx, from, to)
	if err != nil {
		return nil, err
	}
	out := &statsResponse{}
	out.Body.Open = stats.Open
	for _, c := range stats.ByLevel {
		out.Body.ByLevel = append(out.Body.ByLevel, countJSON{Level: c.Name, Count: c.Count})
	}
	for _, c := range stats.ByStatus {
		out.Body.ByStatus = append(out.Body.ByStatus, statusCountJSON{Status: c.Name, Count: c.Count})
	}
	for _, r := range stats.TopRules {
		out.Body.TopRules = append(out.Body.TopRules, ruleCountJSON{
			RuleID: r.RuleID, Title: titleJSON(r.Title), Level: r.Level, Count: r.Alerts, Events: r.Events,
		})
	}
	for _, b := range stats.Buckets {
		out.Body.Buckets = append(out.Body.Buckets, bucketJSON(b))
	}
	return out, nil
}
