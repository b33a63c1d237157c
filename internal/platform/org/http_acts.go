package org

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

func (s *Service) routesOfActs(api huma.API) {
	httpapi.Register(api, httpapi.Op{
		ID: "move-unit", Method: http.MethodPost, Path: "/units/{id}/move",
		Summary: "Put a unit with everything below it under another", Permission: PermWrite, Status: http.StatusOK,
	}, s.moveUnit)
	httpapi.Register(api, httpapi.Op{
		ID: "merge-unit", Method: http.MethodPost, Path: "/units/{id}/merge",
		Summary: "Dissolve a unit into another, which takes its children", Permission: PermWrite, Status: http.StatusOK,
	}, s.mergeUnit)
	httpapi.Register(api, httpapi.Op{
		ID: "dissolve-unit", Method: http.MethodPost, Path: "/units/{id}/dissolve",
		Summary: "End a unit that has no units below it; its id and its records stay", Permission: PermWrite, Status: http.StatusOK,
	}, s.dissolveUnit)
	httpapi.Register(api, httpapi.Op{
		ID: "list-unit-history", Method: http.MethodGet, Path: "/units/{id}/history",
		Summary: "What a unit was from when to when, the newest first", Permission: PermRead,
	}, s.listHistory)
	httpapi.Register(api, httpapi.Op{
		ID: "get-unit-placement", Method: http.MethodGet, Path: "/units/{id}/placement",
		Summary: "What a unit was at a time, and where it belonged", Permission: PermRead,
	}, s.getPlacement)
}

type moveRequest struct {
	IDRequest
	MatchHeader

	Body struct {
		Parent   ID     `json:"parent" maxLength:"64" doc:"The new unit above; empty: a root"`
		Position int64  `json:"position,omitempty" minimum:"0" maximum:"1000000000" doc:"Default: behind its new siblings"`
		Reason   string `json:"reason,omitempty" maxLength:"1000"`
	}
}

func (s *Service) moveUnit(ctx context.Context, in *moveRequest) (*itemResponse, error) {
	revision, err := in.revision()
	if err != nil {
		return nil, err
	}
	if err := s.inScope(ctx, PermWrite, ID(in.ID), in.Body.Parent); err != nil {
		return nil, err
	}
	httpapi.Annotate(ctx, func(a *httpapi.Audit) { a.Object("parent", string(in.Body.Parent)) })
	u, err := s.Move(ctx, ID(in.ID), revision, Place{Parent: in.Body.Parent, Position: in.Body.Position, Reason: in.Body.Reason})
	if err != nil {
		return nil, err
	}
	return answer(u), nil
}

type mergeRequest struct {
	IDRequest
	MatchHeader

	Body struct {
		Into   ID     `json:"into" minLength:"1" maxLength:"64" doc:"The unit that stays"`
		Reason string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

func (s *Service) mergeUnit(ctx context.Context, in *mergeRequest) (*itemResponse, error) {
	revision, err := in.revision()
	if err != nil {
		return nil, err
	}
	if err := s.inScope(ctx, PermWrite, ID(in.ID), in.Body.Into); err != nil {
		return nil, err
	}
	httpapi.Annotate(ctx, func(a *httpapi.Audit) { a.Object("into", string(in.Body.Into)) })
	u, err := s.Merge(ctx, ID(in.ID), revision, in.Body.Into, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return answer(u), nil
}

type dissolveRequest struct {
	IDRequest
	MatchHeader

	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

func (s *Service) dissolveUnit(ctx context.Context, in *dissolveRequest) (*itemResponse, error) {
	revision, err := in.revision()
	if err != nil {
		return nil, err
	}
	if err := s.inScope(ctx, PermWrite, ID(in.ID)); err != nil {
		return nil, err
	}
	u, err := s.Dissolve(ctx, ID(in.ID), revision, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return answer(u), nil
}

// VersionJSON is a version of a unit as the API shows it.
type VersionJSON struct {
	Unit       ID         `json:"unit"`
	From       time.Time  `json:"from"`
	To         *time.Time `json:"to,omitempty" doc:"Absent while it lasts; the moment itself is not part of it"`
	Act        Act        `json:"act" enum:"create,change,move,merge,absorb,dissolve,import" doc:"What began it"`
	Reason     string     `json:"reason"`
	Other      ID         `json:"other" doc:"From where it moved, or what it was merged with"`
	Actor      actorJSON  `json:"actor"`
	Parent     ID         `json:"parent"`
	Code       string     `json:"code"`
	Name       nameJSON   `json:"name"`
	Kind       Kind       `json:"kind"`
	Industry   Industry   `json:"industry"`
	Operator   Operator   `json:"operator" enum:"cii,central_organ,other"`
	CreditCode string     `json:"credit_code"`
	Dissolved  bool       `json:"dissolved"`
	Successor  ID         `json:"successor"`
}

type actorJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func viewVersion(v Version) VersionJSON {
	return VersionJSON{
		Unit: v.Unit, From: v.From, To: moment(v.To), Act: v.Act, Reason: v.Reason, Other: v.Other,
		Actor: actorJSON{v.ActorID, v.ActorName}, Parent: v.Parent, Code: v.Code, Name: nameJSON{v.NameZh, v.NameEn},
		Kind: v.Kind, Industry: v.Industry, Operator: v.Operator, CreditCode: v.CreditCode, Dissolved: v.Dissolved,
		Successor: v.Successor,
	}
}

type historyRequest struct {
	IDRequest

	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Cursor string `query:"cursor" maxLength:"40" doc:"next of the page before"`
}

type versionsResponse struct {
	Body struct {
		Items []VersionJSON `json:"items" nullable:"false"`
		Next  string        `json:"next" doc:"Cursor of the next page; empty on the last"`
	}
}

func (s *Service) listHistory(ctx context.Context, in *historyRequest) (*versionsResponse, error) {
	var before time.Time
	if in.Cursor != "" {
		micro, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil || micro < 0 || micro > lastMicro {
			return nil, ErrCursor
		}
		before = time.UnixMicro(micro).UTC()
	}
	if err := s.inScope(ctx, PermRead, ID(in.ID)); err != nil {
		return nil, err
	}
	list, err := s.History(ctx, ID(in.ID), before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &versionsResponse{}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		out.Body.Next = strconv.FormatInt(list[in.Limit-1].From.UnixMicro(), 10)
	}
	for _, v := range list {
		out.Body.Items = append(out.Body.Items, viewVersion(v))
	}
	return out, nil
}

type placementRequest struct {
	IDRequest

	At string `query:"at" maxLength:"40" doc:"RFC 3339, or back from now such as -7d; default as it is now"`
}

type placementResponse struct {
	Body struct {
		VersionJSON

		Path []stepJSON `json:"path" nullable:"false" doc:"The units above it then, the root first"`
	}
}

// instant reads a time. Without one it is the end of all, so that the newest acts
// count also when the clock went back behind them.
func (s *Service) instant(text string) (time.Time, error) {
	at, err := httpapi.Instant(text, s.o.Now())
	if err != nil {
		return at, ErrInvalid.At("query.at", err.Error())
	}
	if at.IsZero() {
		at = time.UnixMicro(lastMicro).UTC()
	}
	return at, nil
}

func (s *Service) getPlacement(ctx context.Context, in *placementRequest) (*placementResponse, error) {
	at, err := s.instant(in.At)
	if err != nil {
		return nil, err
	}
	if err := s.inScope(ctx, PermRead, ID(in.ID)); err != nil {
		return nil, err
	}
	p, err := s.At(ctx, ID(in.ID), at)
	if err != nil {
		return nil, err
	}
	out := &placementResponse{}
	out.Body.VersionJSON = viewVersion(p.Version)
	for _, v := range p.Path {
		out.Body.Path = append(out.Body.Path, stepJSON{v.Unit, nameJSON{v.NameZh, v.NameEn}, v.Kind})
	}
	return out, nil
}

type treeRequest struct {
	At     string `query:"at" maxLength:"40" doc:"RFC 3339, or back from now such as -7d; default as they are now. Name it to read more than one page"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"500"`
	Cursor string `query:"cursor" maxLength:"64" doc:"next of the page before"`
}

func (s *Service) getTree(ctx context.Context, in *treeRequest) (*versionsResponse, error) {
	at, err := s.instant(in.At)
	if err != nil {
		return nil, err
	}
	scope, err := s.o.ScopeOf(ctx, PermRead)
	if err != nil {
		return nil, err
	}
	list, err := s.treePage(ctx, scope, at, ID(in.Cursor), in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &versionsResponse{}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		out.Body.Next = string(list[in.Limit-1].Unit)
	}
	for _, v := range list {
		out.Body.Items = append(out.Body.Items, viewVersion(v))
	}
	return out, nil
}
