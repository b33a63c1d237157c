package logsource

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

// statusJSON is what open consoles are told about a source that received
// something or changed its state.
type statusJSON struct {
	ID           string     `json:"id"`
	State        string     `json:"state"`
	LastReceived *time.Time `json:"last_received,omitempty"`
	Received     int64      `json:"received"`
	PerMinute    int64      `json:"per_minute"`
}

// moment returns nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Item is a source as the API shows it.
type Item struct {
	ID            string     `json:"id"`
	Name          string     `json:"name"`
	Kind          string     `json:"kind" enum:"http,syslog,otlp"`
	Allow         []string   `json:"allow" nullable:"false" doc:"Networks: who it is (syslog), or where it may send from"`
	Certificate   string     `json:"certificate" doc:"SHA-256 of the client certificate, hexadecimal"`
	Format        string     `json:"format" doc:"Declared parser; empty: the station finds out"`
	Charset       string     `json:"charset"`
	Zone          string     `json:"zone" doc:"IANA name for stamps without a zone"`
	SilentAfter   int64      `json:"silent_after_seconds"`
	RateLimit     int64      `json:"rate_limit" doc:"Events per second; 0: none"`
	CreatedAt     time.Time  `json:"created_at"`
	UpdatedAt     time.Time  `json:"updated_at"`
	RetiredAt     *time.Time `json:"retired_at,omitempty"`
	RetireReason  string     `json:"retire_reason"`
	State         string     `json:"state" enum:"waiting,delivering,silent"`
	FirstReceived *time.Time `json:"first_received,omitempty"`
	LastReceived  *time.Time `json:"last_received,omitempty"`
	Received      int64      `json:"received" doc:"Events in the ledger"`
	Bytes         int64      `json:"bytes"`
	Unparsed      int64      `json:"unparsed" doc:"Lines that no parser knew"`
	Dropped       int64      `json:"dropped"`
	PerMinute     int64      `json:"per_minute"`
}

func view(k Known) Item {
	out := Item{
		ID: string(k.ID), Name: k.Name, Kind: string(k.Kind), Certificate: k.Certificate, Format: k.Format, Charset: k.Charset,
		Zone: k.Zone, SilentAfter: int64(k.SilentAfter / time.Second), RateLimit: k.RateLimit, CreatedAt: k.CreatedAt,
		UpdatedAt: k.UpdatedAt, RetiredAt: moment(k.RetiredAt), RetireReason: k.Reason, State: string(k.State),
		FirstReceived: moment(k.First), LastReceived: moment(k.Last), Received: k.Received, Bytes: k.Bytes, Unparsed: k.Unparsed,
		Dropped: k.Dropped, PerMinute: k.PerMinute, Allow: make([]string, 0, len(k.Allow)),
	}
	for _, p := range k.Allow {
		out.Allow = append(out.Allow, p.String())
	}
	return out
}

type listRequest struct {
	State   string `query:"state" maxLength:"60" doc:"One or more of waiting, delivering, silent, with commas"`
	Kind    string `query:"kind" enum:"http,syslog,otlp"`
	Text    string `query:"q" maxLength:"200" doc:"Part of a name, an address or an id"`
	Retired bool   `query:"retired" doc:"The retired sources instead of those in use"`
	Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Cursor  string `query:"cursor" maxLength:"400" doc:"next of the page before"`
}

type listResponse struct {
	Body struct {
		Items []Item `json:"items" nullable:"false"`
		Next  string `json:"next" doc:"Cursor of the next page; empty on the last"`
	}
}

// IDRequest names one by its id in the path.
type IDRequest struct {
	ID string `path:"id" maxLength:"64"`
}

// settingsBody is what may be said of a source when it is made.
type settingsBody struct {
	Name        string   `json:"name" minLength:"1" maxLength:"100"`
	Kind        Kind     `json:"kind" enum:"http,syslog,otlp"`
	Allow       []string `json:"allow,omitempty" maxItems:"200" nullable:"false" doc:"Networks or addresses"`
	Certificate string   `json:"certificate,omitempty" maxLength:"100"`
	Format      string   `json:"format,omitempty" maxLength:"20"`
	Charset     string   `json:"charset,omitempty" maxLength:"20"`
	Zone        string   `json:"zone,omitempty" maxLength:"60"`
	SilentAfter int64    `json:"silent_after_seconds,omitempty" minimum:"0" maximum:"31622400"`
	RateLimit   int64    `json:"rate_limit,omitempty" minimum:"0" maximum:"10000000"`
}

func (b settingsBody) source() (Source, error) {
	allow, err := networks(b.Allow)
	if err != nil {
		return Source{}, err
	}
	return Source{
		Name: b.Name, Kind: b.Kind, Allow: allow, Certificate: b.Certificate, Format: b.Format, Charset: b.Charset, Zone: b.Zone,
		SilentAfter: time.Duration(b.SilentAfter) * time.Second, RateLimit: b.RateLimit,
	}, nil
}

// networks reads networks, and addresses as networks of one.
func networks(texts []string) ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		p, err := Network(text)
		if err != nil {
			return nil, ErrInvalid.At("body.allow", err.Error())
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

type createRequest struct{ Body settingsBody }

type createdResponse struct {
	Body struct {
		Item

		Token string `json:"token" doc:"Shown this once; empty for syslog"`
	}
}

type itemResponse struct{ Body Item }

type updateRequest struct {
	IDRequest

	Body struct {
		Name        *string   `json:"name,omitempty" minLength:"1" maxLength:"100"`
		Allow       *[]string `json:"allow,omitempty" maxItems:"200" nullable:"false"`
		Certificate *string   `json:"certificate,omitempty" maxLength:"100"`
		Format      *string   `json:"format,omitempty" maxLength:"20"`
		Charset     *string   `json:"charset,omitempty" maxLength:"20"`
		Zone        *string   `json:"zone,omitempty" maxLength:"60"`
		SilentAfter *int64    `json:"silent_after_seconds,omitempty" minimum:"10" maximum:"31622400"`
		RateLimit   *int64    `json:"rate_limit,omitempty" minimum:"0" maximum:"10000000"`
	}
}

func (r *updateRequest) change() (Change, error) {
	b := r.Body
	c := Change{Name: b.Name, Certificate: b.Certificate, Format: b.Format, Charset: b.Charset, Zone: b.Zone, RateLimit: b.RateLimit}
	if b.SilentAfter != nil {
		d := time.Duration(*b.SilentAfter) * time.Second
		c.SilentAfter = &d
	}
	if b.Allow != nil {
		allow, err := networks(*b.Allow)
		if err != nil {
			return c, err
		}
		c.Allow = allow
	}
	return c, nil
}

type retireRequest struct {
	IDRequest

	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

type tokenResponse struct {
	Body struct {
		Token string `json:"token" doc:"Shown this once; the old token is not known any more"`
	}
}

type classJSON struct {
	Class  string `json:"class" doc:"Which parser read it; text: none did"`
	Events int64  `json:"events"`
}

// Detail is a source with what it sent by class and its latest gaps.
type Detail struct {
	Item

	Classes []classJSON `json:"classes" nullable:"false"`
	Gaps    []gapJSON   `json:"gaps" nullable:"false" doc:"The latest ones"`
}

type detailResponse struct{ Body Detail }

// routes registers the operations.
func routes(api huma.API, s *Service) {
	httpapi.Register(api, httpapi.Op{
		ID: "list-sources", Method: http.MethodGet, Path: "/sources",
		Summary: "List log sources with their figures, by name", Permission: PermRead,
	}, s.listSources)
	httpapi.Register(api, httpapi.Op{
		ID: "create-source", Method: http.MethodPost, Path: "/sources",
		Summary: "Make a sender known; the answer holds its token", Permission: PermWrite, Status: http.StatusCreated,
	}, s.createSource)
	httpapi.Register(api, httpapi.Op{
		ID: "get-source", Method: http.MethodGet, Path: "/sources/{id}",
		Summary: "Read one source", Permission: PermRead,
	}, s.getSource)
	httpapi.Register(api, httpapi.Op{
		ID: "update-source", Method: http.MethodPatch, Path: "/sources/{id}",
		Summary: "Change a source", Permission: PermWrite,
	}, s.updateSource)
	httpapi.Register(api, httpapi.Op{
		ID: "retire-source", Method: http.MethodPost, Path: "/sources/{id}/retire",
		Summary: "Take a source out of use; its logs stay", Permission: PermWrite, Status: http.StatusOK,
	}, s.retireSource)
	httpapi.Register(api, httpapi.Op{
		ID: "renew-source-token", Method: http.MethodPost, Path: "/sources/{id}/token",
		Summary: "Replace the token of a source", Permission: PermWrite, Status: http.StatusOK,
	}, s.renewToken)
	httpapi.Register(api, httpapi.Op{
		ID: "get-source-settings", Method: http.MethodGet, Path: "/sources/{id}/settings",
		Summary: "Settings for common senders, ready to copy", Permission: PermRead,
	}, s.getSettings)
	routesOfOthers(api, s)
}

func (s *Service) listSources(_ context.Context, in *listRequest) (*listResponse, error) {
	f := Filter{Kind: Kind(in.Kind), Text: in.Text, Retired: in.Retired}
	for word := range strings.SplitSeq(in.State, ",") {
		switch st := State(strings.TrimSpace(word)); st {
		case "":
		case Waiting, Delivering, Silent:
			f.States = append(f.States, st)
		default:
			return nil, ErrInvalid.At("query.state", "not a state")
		}
	}
	name, id, err := parseCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	page, more := s.List(f, name, ID(id), in.Limit)
	out := &listResponse{}
	out.Body.Items = make([]Item, 0, len(page))
	for _, k := range page {
		out.Body.Items = append(out.Body.Items, view(k))
	}
	if more {
		last := page[len(page)-1]
		out.Body.Next = cursor(last.Name, string(last.ID))
	}
	return out, nil
}

// cursor names the place behind a row by its sort key and its id.
func cursor(key, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(key + "\x00" + id))
}

func parseCursor(text string) (key, id string, err error) {
	if text == "" {
		return "", "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", "", ErrCursor
	}
	key, id, ok := strings.Cut(string(b), "\x00")
	if !ok || id == "" {
		return "", "", ErrCursor
	}
	return key, id, nil
}

func (s *Service) createSource(ctx context.Context, in *createRequest) (*createdResponse, error) {
	src, err := in.Body.source()
	if err != nil {
		return nil, err
	}
	src, token, err := s.Create(ctx, src)
	if err != nil {
		return nil, err
	}
	return s.created(src.ID, token)
}

func (s *Service) created(id ID, token string) (*createdResponse, error) {
	k, err := s.Get(id)
	if err != nil {
		return nil, err
	}
	out := &createdResponse{}
	out.Body.Item, out.Body.Token = view(k), token
	return out, nil
}

func (s *Service) item(id ID) (*itemResponse, error) {
	k, err := s.Get(id)
	if err != nil {
		return nil, err
	}
	return &itemResponse{Body: view(k)}, nil
}

func (s *Service) getSource(ctx context.Context, in *IDRequest) (*detailResponse, error) {
	k, err := s.Get(ID(in.ID))
	if err != nil {
		return nil, err
	}
	classes, err := classesOf(ctx, s.d.DB.Read, k.ID)
	if err != nil {
		return nil, err
	}
	gaps, err := listGaps(ctx, s.d.DB.Read, gapFilter{Source: k.ID, Limit: 20})
	if err != nil {
		return nil, err
	}
	out := &detailResponse{Body: Detail{Item: view(k), Classes: classes, Gaps: make([]gapJSON, 0, len(gaps))}}
	for _, g := range gaps {
		out.Body.Gaps = append(out.Body.Gaps, s.gapView(g))
	}
	return out, nil
}

func (s *Service) updateSource(ctx context.Context, in *updateRequest) (*itemResponse, error) {
	c, err := in.change()
	if err != nil {
		return nil, err
	}
	if _, err := s.Update(ctx, ID(in.ID), c); err != nil {
		return nil, err
	}
	return s.item(ID(in.ID))
}

func (s *Service) retireSource(ctx context.Context, in *retireRequest) (*itemResponse, error) {
	if _, err := s.Retire(ctx, ID(in.ID), in.Body.Reason); err != nil {
		return nil, err
	}
	return s.item(ID(in.ID))
}

func (s *Service) renewToken(ctx context.Context, in *IDRequest) (*tokenResponse, error) {
	token, err := s.Renew(ctx, ID(in.ID))
	if err != nil {
		return nil, err
	}
	out := &tokenResponse{}
	out.Body.Token = token
	return out, nil
}
