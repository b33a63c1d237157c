package org

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

type nameJSON struct {
	Zh string `json:"zh,omitempty" maxLength:"100"`
	En string `json:"en,omitempty" maxLength:"200"`
}

// Item is a unit as the API shows it.
type Item struct {
	ID          ID         `json:"id"`
	Parent      ID         `json:"parent" doc:"The unit above; empty: a root. Of a merged unit its successor"`
	Code        string     `json:"code" doc:"Unique among units that are not dissolved; may be empty"`
	Name        nameJSON   `json:"name"`
	Kind        Kind       `json:"kind" doc:"One of list-unit-words"`
	Industry    Industry   `json:"industry" doc:"One of list-unit-words; empty: nobody has said"`
	Operator    Operator   `json:"operator" enum:"cii,central_organ,other" doc:"Legal clocks depend on it"`
	CreditCode  string     `json:"credit_code" doc:"Unified social credit code (GB 32100-2015)"`
	Contacts    []Contact  `json:"contacts" nullable:"false"`
	Position    int64      `json:"position" doc:"Order among siblings"`
	Children    int64      `json:"children" doc:"Directly below it and not dissolved"`
	Revision    int64      `json:"revision" doc:"Send it as If-Match: \"<revision>\" to change the unit"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
	DissolvedAt *time.Time `json:"dissolved_at,omitempty"`
	Reason      string     `json:"reason" doc:"Why it was dissolved"`
	Successor   ID         `json:"successor" doc:"The unit it was merged into"`
}

func view(u Unit) Item {
	return Item{
		ID: u.ID, Parent: u.Parent, Code: u.Code, Name: nameJSON{u.NameZh, u.NameEn}, Kind: u.Kind, Industry: u.Industry,
		Operator: u.Operator, CreditCode: u.CreditCode, Contacts: u.Contacts, Position: u.Position, Children: u.Children,
		Revision: u.Revision, CreatedAt: u.Created, UpdatedAt: u.Updated, DissolvedAt: moment(u.DissolvedAt),
		Reason: u.Reason, Successor: u.Successor,
	}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type stepJSON struct {
	ID   ID       `json:"id"`
	Name nameJSON `json:"name"`
	Kind Kind     `json:"kind"`
}

type itemResponse struct {
	ETag string `header:"ETag"`
	Body Item
}

func answer(u Unit) *itemResponse { return &itemResponse{ETag: etag(u.Revision), Body: view(u)} }

func etag(revision int64) string { return `"` + strconv.FormatInt(revision, 10) + `"` }

// MatchHeader is what a change of a unit was made from.
type MatchHeader struct {
	IfMatch string `header:"If-Match" required:"true" minLength:"1" maxLength:"40" doc:"The ETag that was read; * for whatever it is"`
}

func (m MatchHeader) revision() (int64, error) {
	if m.IfMatch == "*" {
		return Any, nil
	}
	text, ok := strings.CutPrefix(m.IfMatch, `"`)
	text, ok2 := strings.CutSuffix(text, `"`)
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || !ok2 || err != nil || n < 1 {
		return 0, ErrChanged.Detail("If-Match is no ETag of a unit")
	}
	return n, nil
}

// IDRequest names a unit by its id in the path.
type IDRequest struct {
	ID string `path:"id" maxLength:"64"`
}

// inScope fails with [ErrNoUnit] when one of the units is outside of what the
// actor has the permission for. To make or keep a root ("") the actor needs it
// everywhere.
func (s *Service) inScope(ctx context.Context, p authz.Permission, ids ...ID) error {
	scope, err := s.o.ScopeOf(ctx, p)
	if err != nil {
		return err
	}
	for _, id := range ids {
		holds, err := scope.Holds(ctx, s.o.DB.Read, id)
		if err != nil {
			return err
		}
		if !holds {
			return ErrNoUnit
		}
	}
	return nil
}

// Routes registers the operations.
func (s *Service) Routes(api huma.API) {
	httpapi.Register(api, httpapi.Op{
		ID: "list-units", Method: http.MethodGet, Path: "/units",
		Summary: "List units in the order they were made; siblings in their order; with updated_since by their last change", Permission: PermRead,
	}, s.listUnits)
	httpapi.Register(api, httpapi.Op{
		ID: "list-unit-words", Method: http.MethodGet, Path: "/units/words",
		Summary: "The kinds, industries and operator types, in both languages", Permission: PermRead,
	}, s.listWords)
	httpapi.Register(api, httpapi.Op{
		ID: "get-unit-tree", Method: http.MethodGet, Path: "/units/tree",
		Summary: "All units as they were at a time, by id", Permission: PermRead,
	}, s.getTree)
	httpapi.Register(api, httpapi.Op{
		ID: "create-unit", Method: http.MethodPost, Path: "/units",
		Summary: "Add a unit", Permission: PermWrite, Status: http.StatusCreated,
	}, s.createUnit)
	httpapi.Register(api, httpapi.Op{
		ID: "get-unit", Method: http.MethodGet, Path: "/units/{id}",
		Summary: "Read one unit with the units above it", Permission: PermRead,
	}, s.getUnit)
	httpapi.Register(api, httpapi.Op{
		ID: "update-unit", Method: http.MethodPatch, Path: "/units/{id}",
		Summary: "Change what is said of a unit", Permission: PermWrite,
	}, s.updateUnit)
	httpapi.Register(api, httpapi.Op{
		ID: "list-unit-children", Method: http.MethodGet, Path: "/units/{id}/children",
		Summary: "List the units directly below one, in their order", Permission: PermRead,
	}, s.listChildren)
	httpapi.Register(api, httpapi.Op{
		ID: "count-unit-subtree", Method: http.MethodGet, Path: "/units/{id}/counts",
		Summary: "Count the units below one, and itself", Permission: PermRead,
	}, s.getCounts)
	s.routesOfActs(api)
	s.routesOfFiles(api)
}

type listRequest struct {
	Text         string `query:"q" maxLength:"200" doc:"Part of a name, of the code or of the credit code"`
	Kind         string `query:"kind" maxLength:"40" doc:"One of list-unit-words"`
	Parent       string `query:"parent" maxLength:"64" doc:"Directly below this unit; none: the roots"`
	Under        string `query:"under" maxLength:"64" doc:"This unit and everything below it"`
	State        string `query:"state" enum:"active,dissolved,all" default:"active"`
	UpdatedSince string `query:"updated_since" maxLength:"40" doc:"RFC 3339, or back from now such as -7d; changed then or later. Dissolved units change too: ask for state=all"`
	Limit        int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Cursor       string `query:"cursor" maxLength:"400" doc:"next of the page before"`
}

type listResponse struct {
	Body struct {
		Items []Item `json:"items" nullable:"false"`
		Next  string `json:"next" doc:"Cursor of the next page; empty on the last"`
	}
}

func (s *Service) listUnits(ctx context.Context, in *listRequest) (*listResponse, error) {
	f := Filter{Text: in.Text, Kind: Kind(in.Kind), Under: ID(in.Under), State: in.State}
	if in.Kind != "" && !known(Kinds(), in.Kind) {
		return nil, ErrInvalid.At("query.kind", "not a kind")
	}
	var err error
	if f.UpdatedSince, err = httpapi.Instant(in.UpdatedSince, s.o.Now()); err != nil {
		return nil, ErrInvalid.At("query.updated_since", err.Error())
	}
	if in.Parent != "" && in.UpdatedSince != "" {
		return nil, ErrInvalid.At("query.updated_since", "not together with parent; use under")
	}
	switch in.Parent {
	case "":
	case "none":
		f.Parent = new(ID)
	default:
		parent := ID(in.Parent)
		f.Parent = &parent
	}
	return s.page(ctx, f, in.Cursor, in.Limit)
}

func (s *Service) page(ctx context.Context, f Filter, from string, limit int) (*listResponse, error) {
	after, err := parseCursor(from)
	if err != nil {
		return nil, err
	}
	if f.Scope, err = s.o.ScopeOf(ctx, PermRead); err != nil {
		return nil, err
	}
	list, err := s.List(ctx, f, after, limit+1)
	if err != nil {
		return nil, err
	}
	out := &listResponse{}
	if len(list) > limit {
		list = list[:limit]
		last := list[limit-1]
		out.Body.Next = cursor(place{last.Position, last.Updated, last.ID})
	}
	for _, u := range list {
		out.Body.Items = append(out.Body.Items, view(u))
	}
	return out, nil
}

// lastMicro is the end of the year 9999 in microseconds.
const lastMicro = 253402300799_000000

// cursor names a place in any of the orders, so that one form serves all.
func cursor(p place) string {
	text := strconv.FormatInt(p.position, 10) + " " + strconv.FormatInt(p.updated.UnixMicro(), 10) + " " + string(p.id)
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func parseCursor(text string) (place, error) {
	if text == "" {
		return place{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return place{}, ErrCursor
	}
	parts := strings.Split(string(b), " ")
	if len(parts) != 3 {
		return place{}, ErrCursor
	}
	position, err := strconv.ParseInt(parts[0], 10, 64)
	micro, err2 := strconv.ParseInt(parts[1], 10, 64)
	_, err3 := uuid.Parse(parts[2])
	if errors.Join(err, err2, err3) != nil || micro < 0 || micro > lastMicro {
		return place{}, ErrCursor
	}
	return place{position, time.UnixMicro(micro).UTC(), ID(parts[2])}, nil
}

type wordsResponse struct {
	Body struct {
		Kinds      []Word `json:"kinds" nullable:"false"`
		Industries []Word `json:"industries" nullable:"false"`
		Operators  []Word `json:"operators" nullable:"false"`
	}
}

func (s *Service) listWords(context.Context, *struct{}) (*wordsResponse, error) {
	out := &wordsResponse{}
	out.Body.Kinds, out.Body.Industries, out.Body.Operators = Kinds(), Industries(), Operators()
	return out, nil
}

type settingsBody struct {
	Parent     ID        `json:"parent,omitempty" maxLength:"64" doc:"The unit above; default: a root"`
	Code       string    `json:"code,omitempty" maxLength:"64"`
	Name       nameJSON  `json:"name"`
	Kind       Kind      `json:"kind" maxLength:"40" doc:"One of list-unit-words"`
	Industry   Industry  `json:"industry,omitempty" maxLength:"40"`
	Operator   Operator  `json:"operator,omitempty" enum:"cii,central_organ,other" doc:"Default: other"`
	CreditCode string    `json:"credit_code,omitempty" maxLength:"40"`
	Contacts   []Contact `json:"contacts,omitempty" maxItems:"20" nullable:"false"`
	Position   int64     `json:"position,omitempty" minimum:"0" maximum:"1000000000" doc:"Default: behind its siblings"`
}

type createRequest struct{ Body settingsBody }

func (s *Service) createUnit(ctx context.Context, in *createRequest) (*itemResponse, error) {
	b := in.Body
	if err := s.inScope(ctx, PermWrite, b.Parent); err != nil {
		return nil, err
	}
	u, err := s.Create(ctx, b.Parent, Settings{
		Code: b.Code, NameZh: b.Name.Zh, NameEn: b.Name.En, Kind: b.Kind, Industry: b.Industry, Operator: b.Operator,
		CreditCode: b.CreditCode, Contacts: b.Contacts, Position: b.Position,
	})
	if err != nil {
		return nil, err
	}
	httpapi.Annotate(ctx, func(a *httpapi.Audit) {
		a.Object("id", string(u.ID))
		a.Object("parent", string(u.Parent))
	})
	return answer(u), nil
}

type detailResponse struct {
	ETag string `header:"ETag"`
	Body struct {
		Item

		Path []stepJSON `json:"path" nullable:"false" doc:"The units above it, the root first"`
	}
}

func (s *Service) getUnit(ctx context.Context, in *IDRequest) (*detailResponse, error) {
	if err := s.inScope(ctx, PermRead, ID(in.ID)); err != nil {
		return nil, err
	}
	u, err := s.Get(ctx, ID(in.ID))
	if err != nil {
		return nil, err
	}
	path, err := s.Path(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	out := &detailResponse{ETag: etag(u.Revision)}
	out.Body.Item = view(u)
	for _, p := range path {
		out.Body.Path = append(out.Body.Path, stepJSON{p.ID, nameJSON{p.NameZh, p.NameEn}, p.Kind})
	}
	return out, nil
}

type updateRequest struct {
	IDRequest
	MatchHeader

	Body struct {
		Code *string `json:"code,omitempty" maxLength:"64"`
		Name *struct {
			Zh *string `json:"zh,omitempty" maxLength:"100"`
			En *string `json:"en,omitempty" maxLength:"200"`
		} `json:"name,omitempty" doc:"The language that is not named stays"`
		Kind       *Kind      `json:"kind,omitempty" maxLength:"40"`
		Industry   *Industry  `json:"industry,omitempty" maxLength:"40"`
		Operator   *Operator  `json:"operator,omitempty" enum:"cii,central_organ,other"`
		CreditCode *string    `json:"credit_code,omitempty" maxLength:"40"`
		Contacts   *[]Contact `json:"contacts,omitempty" maxItems:"20" nullable:"false"`
		Position   *int64     `json:"position,omitempty" minimum:"0" maximum:"1000000000"`
	}
}

func (s *Service) updateUnit(ctx context.Context, in *updateRequest) (*itemResponse, error) {
	revision, err := in.revision()
	if err != nil {
		return nil, err
	}
	if err := s.inScope(ctx, PermWrite, ID(in.ID)); err != nil {
		return nil, err
	}
	b := in.Body
	c := Change{
		Code: b.Code, Kind: b.Kind, Industry: b.Industry, Operator: b.Operator, CreditCode: b.CreditCode, Contacts: b.Contacts,
		Position: b.Position,
	}
	if b.Name != nil {
		c.NameZh, c.NameEn = b.Name.Zh, b.Name.En
	}
	u, err := s.Change(ctx, ID(in.ID), revision, c)
	if err != nil {
		return nil, err
	}
	return answer(u), nil
}

type childrenRequest struct {
	IDRequest

	State  string `query:"state" enum:"active,dissolved,all" default:"active"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Cursor string `query:"cursor" maxLength:"400" doc:"next of the page before"`
}

func (s *Service) listChildren(ctx context.Context, in *childrenRequest) (*listResponse, error) {
	id := ID(in.ID)
	if err := s.inScope(ctx, PermRead, id); err != nil {
		return nil, err
	}
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	return s.page(ctx, Filter{Parent: &id, State: in.State}, in.Cursor, in.Limit)
}

type countsResponse struct {
	Body struct {
		Units     int64          `json:"units" doc:"Not dissolved, with the unit itself"`
		Dissolved int64          `json:"dissolved"`
		Levels    int64          `json:"levels" doc:"Below the unit"`
		ByKind    map[Kind]int64 `json:"by_kind" doc:"Units that are not dissolved, by kind"`
	}
}

func (s *Service) getCounts(ctx context.Context, in *IDRequest) (*countsResponse, error) {
	if err := s.inScope(ctx, PermRead, ID(in.ID)); err != nil {
		return nil, err
	}
	if _, err := s.Get(ctx, ID(in.ID)); err != nil {
		return nil, err
	}
	c, err := s.Counts(ctx, ID(in.ID))
	if err != nil {
		return nil, err
	}
	out := &countsResponse{}
	out.Body.Units, out.Body.Dissolved, out.Body.Levels, out.Body.ByKind = c.Units, c.Dissolved, c.Levels, c.ByKind
	return out, nil
}
