package logsource

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

type namedJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type gapJSON struct {
	ID         string     `json:"id"`
	Source     namedJSON  `json:"source"`
	Reason     string     `json:"reason" enum:"silent_beyond_limit,never_delivered,station_down"`
	From       time.Time  `json:"from" doc:"Last receipt before it"`
	Due        time.Time  `json:"due" doc:"From when on it counts"`
	To         *time.Time `json:"to,omitempty" doc:"Absent while it lasts"`
	Ended      string     `json:"ended" doc:"How it ended: returned, retired, limit_changed, station_started"`
	RecordedAt time.Time  `json:"recorded_at"`
}

func (s *Service) gapView(g Gap) gapJSON {
	return gapJSON{
		ID: g.ID, Source: namedJSON{ID: string(g.Source), Name: s.registry.SourceName(string(g.Source))}, Reason: g.Reason,
		From: g.From, Due: g.Due, To: moment(g.To), Ended: g.Ended, RecordedAt: g.RecordedAt,
	}
}

type gapsRequest struct {
	Source string `query:"source" maxLength:"64" doc:"Source id"`
	Open   bool   `query:"open" doc:"Only those that last"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Cursor string `query:"cursor" maxLength:"400" doc:"next of the page before"`
}

type gapsResponse struct {
	Body struct {
		Items []gapJSON `json:"items" nullable:"false"`
		Next  string    `json:"next"`
	}
}

type strangerJSON struct {
	ID        string    `json:"id"`
	Transport string    `json:"transport"`
	Peer      string    `json:"peer"`
	Count     int64     `json:"count"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Sample    string    `json:"sample" doc:"The newest line, shortened"`
}

type strangersResponse struct {
	Body struct {
		Items []strangerJSON `json:"items" nullable:"false" doc:"At most 1,000, the latest first"`
		Next  string         `json:"next" doc:"Always empty: the list is bounded"`
	}
}

type adoptRequest struct {
	IDRequest

	Body struct {
		Name        string   `json:"name,omitempty" maxLength:"100" doc:"Default: its address"`
		Allow       []string `json:"allow,omitempty" maxItems:"200" nullable:"false" doc:"Default: its address"`
		Format      string   `json:"format,omitempty" maxLength:"20"`
		Charset     string   `json:"charset,omitempty" maxLength:"20"`
		Zone        string   `json:"zone,omitempty" maxLength:"60"`
		SilentAfter int64    `json:"silent_after_seconds,omitempty" minimum:"0" maximum:"31622400"`
		RateLimit   int64    `json:"rate_limit,omitempty" minimum:"0" maximum:"10000000"`
	}
}

type activityRequest struct {
	From string `query:"from" maxLength:"40" doc:"RFC 3339, or back from now such as -7d; default -24h"`
	To   string `query:"to" maxLength:"40" doc:"RFC 3339, back from now, or now"`
}

type bucketJSON struct {
	From   time.Time        `json:"from"`
	To     time.Time        `json:"to"`
	Counts map[string]int64 `json:"counts" doc:"Events by source id"`
}

type activityResponse struct {
	Body struct {
		Buckets []bucketJSON `json:"buckets" nullable:"false" doc:"By receipt time, whole hours or days, in UTC"`
		Sources []namedJSON  `json:"sources" nullable:"false" doc:"Those with events, the most first"`
	}
}

// routesOfOthers registers the operations on gaps, strangers and activity.
func routesOfOthers(api huma.API, s *Service) {
	httpapi.Register(api, httpapi.Op{
		ID: "list-source-gaps", Method: http.MethodGet, Path: "/sources/gaps",
		Summary: "List spans without logs, the newest first", Permission: PermRead,
	}, s.listGaps)
	httpapi.Register(api, httpapi.Op{
		ID: "list-strangers", Method: http.MethodGet, Path: "/sources/strangers",
		Summary: "List senders that no source is known for", Permission: PermRead,
	}, s.listStrangers)
	httpapi.Register(api, httpapi.Op{
		ID: "adopt-stranger", Method: http.MethodPost, Path: "/sources/strangers/{id}/adopt",
		Summary: "Make a source of a stranger", Permission: PermWrite, Status: http.StatusCreated,
	}, s.adoptStranger)
	httpapi.Register(api, httpapi.Op{
		ID: "ignore-stranger", Method: http.MethodPost, Path: "/sources/strangers/{id}/ignore",
		Summary: "Stop counting a stranger", Permission: PermWrite,
	}, func(ctx context.Context, in *IDRequest) (*struct{}, error) { return nil, s.Ignore(ctx, in.ID) })
	httpapi.Register(api, httpapi.Op{
		ID: "get-source-activity", Method: http.MethodGet, Path: "/sources/activity",
		Summary: "Count events by source and time", Permission: PermRead,
	}, s.getActivity)
}

func (s *Service) listGaps(ctx context.Context, in *gapsRequest) (*gapsResponse, error) {
	key, id, err := parseCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	f := gapFilter{Source: ID(in.Source), Open: in.Open, Limit: in.Limit + 1, ID: id}
	if id != "" {
		if f.From, err = time.Parse(time.RFC3339Nano, key); err != nil {
			return nil, ErrCursor
		}
	}
	gaps, err := listGaps(ctx, s.d.DB.Read, f)
	if err != nil {
		return nil, err
	}
	out := &gapsResponse{}
	if len(gaps) > in.Limit {
		gaps = gaps[:in.Limit]
		last := gaps[in.Limit-1]
		out.Body.Next = cursor(last.From.Format(time.RFC3339Nano), last.ID)
	}
	out.Body.Items = make([]gapJSON, 0, len(gaps))
	for _, g := range gaps {
		out.Body.Items = append(out.Body.Items, s.gapView(g))
	}
	return out, nil
}

func (s *Service) listStrangers(context.Context, *struct{}) (*strangersResponse, error) {
	out := &strangersResponse{}
	out.Body.Items = []strangerJSON{}
	for _, x := range s.Strangers() {
		out.Body.Items = append(out.Body.Items, strangerJSON{
			ID: x.ID, Transport: x.Transport, Peer: x.Peer.String(), Count: x.Count, First: x.First, Last: x.Last, Sample: x.Sample,
		})
	}
	return out, nil
}

func (s *Service) adoptStranger(ctx context.Context, in *adoptRequest) (*createdResponse, error) {
	b := settingsBody{
		Name: in.Body.Name, Kind: Syslog, Allow: in.Body.Allow, Format: in.Body.Format, Charset: in.Body.Charset,
		Zone: in.Body.Zone, SilentAfter: in.Body.SilentAfter, RateLimit: in.Body.RateLimit,
	}
	src, err := b.source()
	if err != nil {
		return nil, err
	}
	src, err = s.Adopt(ctx, in.ID, src)
	if err != nil {
		return nil, err
	}
	return s.created(src.ID, "")
}

// Beyond this length activity is counted by day.
const hoursUpTo = 8 * 24 * time.Hour

func (s *Service) getActivity(ctx context.Context, in *activityRequest) (*activityResponse, error) {
	now := s.d.Now().UTC()
	from, err := httpapi.Instant(in.From, now)
	if err != nil {
		return nil, ErrInvalid.At("query.from", err.Error())
	}
	to, err := httpapi.Instant(in.To, now)
	if err != nil {
		return nil, ErrInvalid.At("query.to", err.Error())
	}
	if to.IsZero() {
		to = now
	}
	if from.IsZero() {
		from = to.Add(-24 * time.Hour)
	}
	if !from.Before(to) || to.Sub(from) > 400*24*time.Hour {
		return nil, ErrInvalid.At("query.from", "the range is empty or longer than 400 days")
	}
	step := time.Hour
	if to.Sub(from) > hoursUpTo {
		step = 24 * time.Hour
	}
	a, err := activityOf(ctx, s.d.DB.Read, from.Truncate(step), to, step)
	if err != nil {
		return nil, err
	}
	out := &activityResponse{}
	out.Body.Buckets, out.Body.Sources = a.buckets, make([]namedJSON, 0, len(a.sources))
	for _, id := range a.sources {
		out.Body.Sources = append(out.Body.Sources, namedJSON{ID: id, Name: s.registry.SourceName(id)})
	}
	return out, nil
}
