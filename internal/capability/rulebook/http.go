package rulebook

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

type logsourceJSON struct {
	Product  string `json:"product"`
	Category string `json:"category"`
	Service  string `json:"service"`
}

// Item is a rule as the API shows it.
type Item struct {
	ID          string        `json:"id"`
	Title       Text          `json:"title"`
	Description Text          `json:"description"`
	Level       string        `json:"level" enum:"critical,high,medium,low,informational"`
	Status      string        `json:"status" doc:"What the rule says of its maturity: stable, test, experimental, deprecated, unsupported"`
	Logsource   logsourceJSON `json:"logsource"`
	Tags        []string      `json:"tags" nullable:"false"`
	Origin      string        `json:"origin" enum:"shipped,user"`
	Path        string        `json:"path"`
	Enabled     bool          `json:"enabled"`
	Reason      string        `json:"reason" doc:"Why it was switched"`
	Alerts      int64         `json:"alerts"`
	Events      int64         `json:"events" doc:"Findings, suppressed ones included"`
	LastHit     *time.Time    `json:"last_hit,omitempty"`
}

func view(r *Rule, c Count) Item {
	out := Item{
		ID: r.ID, Title: r.Title, Description: r.Description, Level: r.Level, Status: r.Sigma.Status,
		Logsource: logsourceJSON{Product: r.Sigma.Logsource.Product, Category: r.Sigma.Logsource.Category, Service: r.Sigma.Logsource.Service},
		Tags:      append([]string{}, r.Sigma.Tags...), Origin: string(r.Origin), Path: r.Path, Enabled: r.Enabled, Reason: r.Reason,
		Alerts: c.Alerts, Events: c.Events,
	}
	if !c.LastHit.IsZero() {
		at := c.LastHit.UTC()
		out.LastHit = &at
	}
	return out
}

type listRequest struct {
	Text    string `query:"q" maxLength:"200" doc:"Part of a title, an id, a tag or a path"`
	Level   string `query:"level" maxLength:"60" doc:"One or more levels, with commas"`
	Origin  string `query:"origin" enum:"shipped,user"`
	Enabled string `query:"enabled" enum:"true,false"`
	Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Cursor  string `query:"cursor" maxLength:"600" doc:"next of the page before"`
}

func (r *listRequest) filter() (Filter, error) {
	f := Filter{Text: r.Text, Origin: Origin(r.Origin)}
	for word := range strings.SplitSeq(r.Level, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		if !slices.Contains([]string{"critical", "high", "medium", "low", "informational"}, word) {
			return f, ErrLevel.At("query.level", word)
		}
		f.Levels = append(f.Levels, word)
	}
	if r.Enabled != "" {
		on := r.Enabled == "true"
		f.Enabled = &on
	}
	return f, nil
}

type listResponse struct {
	Body struct {
		Items   []Item `json:"items" nullable:"false"`
		Next    string `json:"next" doc:"Cursor of the next page; empty on the last"`
		Loaded  int    `json:"loaded" doc:"Rules in all"`
		Enabled int    `json:"enabled" doc:"Of these, switched on"`
		Refused int    `json:"refused" doc:"Rules that cannot be used"`
	}
}

// IDRequest names one by its id in the path.
type IDRequest struct {
	ID string `path:"id" maxLength:"300"`
}

// Detail is a rule with its text.
type Detail struct {
	Item

	Source         string   `json:"source" doc:"The rule as it stands in its file"`
	FalsePositives []string `json:"false_positives" nullable:"false"`
	References     []string `json:"references" nullable:"false"`
	Author         string   `json:"author"`
	Date           string   `json:"date"`
	Modified       string   `json:"modified"`
}

type detailResponse struct{ Body Detail }

type switchRequest struct {
	IDRequest

	Body struct {
		Enabled bool   `json:"enabled"`
		Reason  string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

type itemResponse struct{ Body Item }

type refusedJSON struct {
	Origin string `json:"origin" enum:"shipped,user"`
	Path   string `json:"path"`
	RuleID string `json:"rule_id"`
	Status string `json:"status" enum:"unsupported,invalid"`
	Reason string `json:"reason"`
}

type refusedResponse struct {
	Body struct {
		Items []refusedJSON `json:"items" nullable:"false" doc:"At most 1,000"`
		Next  string        `json:"next" doc:"Always empty: the list is bounded"`
	}
}

type reloadResponse struct {
	Body struct {
		Loaded  int `json:"loaded"`
		Enabled int `json:"enabled"`
		Refused int `json:"refused"`
	}
}

// routes registers the operations.
func routes(api huma.API, s *Service) {
	httpapi.Register(api, httpapi.Op{
		ID: "list-rules", Method: http.MethodGet, Path: "/rules",
		Summary: "List detection rules by title", Permission: PermRead,
	}, s.listRules)
	httpapi.Register(api, httpapi.Op{
		ID: "list-refused-rules", Method: http.MethodGet, Path: "/rules/problems",
		Summary: "List rules that cannot be used, and why", Permission: PermRead,
	}, s.listRefused)
	httpapi.Register(api, httpapi.Op{
		ID: "reload-rules", Method: http.MethodPost, Path: "/rules/reload",
		Summary: "Read the rule folders again", Permission: PermWrite, Status: http.StatusOK,
	}, s.reload)
	httpapi.Register(api, httpapi.Op{
		ID: "get-rule", Method: http.MethodGet, Path: "/rules/{id}",
		Summary: "Read one rule with its text", Permission: PermRead,
	}, s.getRule)
	httpapi.Register(api, httpapi.Op{
		ID: "switch-rule", Method: http.MethodPost, Path: "/rules/{id}/state",
		Summary: "Switch a rule on or off", Permission: PermWrite, Status: http.StatusOK,
	}, s.switchRule)
}

func (s *Service) listRules(ctx context.Context, in *listRequest) (*listResponse, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	title, id := "", ""
	if in.Cursor != "" {
		b, err := base64.RawURLEncoding.DecodeString(in.Cursor)
		if err != nil {
			return nil, ErrCursor
		}
		var ok bool
		if title, id, ok = strings.Cut(string(b), "\x00"); !ok || id == "" {
			return nil, ErrCursor
		}
	}
	page, more := s.List(f, title, id, in.Limit)
	ids := make([]string, 0, len(page))
	for _, r := range page {
		ids = append(ids, r.ID)
	}
	counts, err := s.d.Counts.CountByRule(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := &listResponse{}
	out.Body.Items = make([]Item, 0, len(page))
	for _, r := range page {
		out.Body.Items = append(out.Body.Items, view(r, counts[r.ID]))
	}
	if more {
		last := page[len(page)-1]
		out.Body.Next = base64.RawURLEncoding.EncodeToString([]byte(last.Title.EN + "\x00" + last.ID))
	}
	out.Body.Loaded, out.Body.Enabled = s.Size()
	out.Body.Refused = len(s.Refused())
	return out, nil
}

func (s *Service) getRule(ctx context.Context, in *IDRequest) (*detailResponse, error) {
	r, err := s.Get(in.ID)
	if err != nil {
		return nil, err
	}
	item, err := s.counted(ctx, &r)
	if err != nil {
		return nil, err
	}
	return &detailResponse{Body: Detail{
		Item: item, Source: r.Sigma.Source, Author: r.Sigma.Author, Date: r.Sigma.Date, Modified: r.Sigma.Modified,
		FalsePositives: append([]string{}, r.Sigma.FalsePos...), References: append([]string{}, r.Sigma.References...),
	}}, nil
}

func (s *Service) counted(ctx context.Context, r *Rule) (Item, error) {
	counts, err := s.d.Counts.CountByRule(ctx, []string{r.ID})
	if err != nil {
		return Item{}, err
	}
	return view(r, counts[r.ID]), nil
}

func (s *Service) switchRule(ctx context.Context, in *switchRequest) (*itemResponse, error) {
	r, err := s.Switch(ctx, in.ID, in.Body.Enabled, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	item, err := s.counted(ctx, &r)
	if err != nil {
		return nil, err
	}
	return &itemResponse{Body: item}, nil
}

func (s *Service) listRefused(context.Context, *struct{}) (*refusedResponse, error) {
	out := &refusedResponse{}
	out.Body.Items = []refusedJSON{}
	for _, r := range s.Refused() {
		if len(out.Body.Items) == 1000 {
			break
		}
		out.Body.Items = append(out.Body.Items, refusedJSON{
			Origin: string(r.Origin), Path: r.Path, RuleID: r.RuleID, Status: r.Status, Reason: r.Reason,
		})
	}
	return out, nil
}

func (s *Service) reload(ctx context.Context, _ *struct{}) (*reloadResponse, error) {
	if err := s.Load(ctx); err != nil {
		return nil, err
	}
	out := &reloadResponse{}
	out.Body.Loaded, out.Body.Enabled = s.Size()
	out.Body.Refused = len(s.Refused())
	return out, nil
}
