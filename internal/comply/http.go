package comply

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// PermRead is the right to see what the law asks for and how far it is met.
var PermRead = authz.Permission{ID: "compliance.read", Roles: []authz.Role{authz.Administrator, authz.Analyst, authz.Reader}}

// The problems.
var (
	ErrNotFound = problem.New(problem.NotFound, "compliance.not_found", "no such obligation")
	ErrTimes    = problem.New(problem.Invalid, "compliance.bad_times", "the times are not usable")
	ErrCursor   = problem.New(problem.BadRequest, "compliance.bad_cursor", "the cursor is not one of this list")
)

// TimesQuery asks for the two times of an answer.
type TimesQuery struct {
	ValidAt time.Time `query:"valid_at" doc:"When it was so; default: now"`
	KnownAt time.Time `query:"known_at" doc:"What the station knew by then; default: now. Not before valid_at"`
}

func (q TimesQuery) at(now time.Time) (valid, known time.Time, err error) {
	valid, known = q.ValidAt.UTC(), q.KnownAt.UTC()
	if q.ValidAt.IsZero() {
		valid = now
	}
	if q.KnownAt.IsZero() {
		known = now
	}
	switch {
	case valid.After(now):
		return valid, known, ErrTimes.At("query.valid_at", "is in the future")
	case known.After(now):
		return valid, known, ErrTimes.At("query.known_at", "is in the future")
	case known.Before(valid):
		return valid, known, ErrTimes.At("query.known_at", "is before valid_at")
	}
	return valid, known, nil
}

type listRequest struct {
	TimesQuery

	Norm   string `query:"norm" maxLength:"60" doc:"Id of a norm, such as csl"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Cursor string `query:"cursor" maxLength:"400" doc:"next of the page before"`
}

type listResponse struct {
	Body struct {
		Items []Obligation `json:"items" nullable:"false"`
		Next  string       `json:"next" doc:"Cursor of the next page; empty on the last"`
	}
}

type oneRequest struct {
	TimesQuery

	ID string `path:"id" maxLength:"200" doc:"Id of the provision, such as csl/log-retention"`
}

type oneResponse struct{ Body Obligation }

// Routes registers the operations.
func (s *Service) Routes(api huma.API) {
	httpapi.Register(api, httpapi.Op{
		ID: "list-obligations", Method: http.MethodGet, Path: "/compliance/obligations",
		Summary: "List duties with their status as of two times", Permission: PermRead,
	}, s.list)
	httpapi.Register(api, httpapi.Op{
		ID: "get-obligation", Method: http.MethodGet, Path: "/compliance/obligations/{id...}",
		Summary: "Read one duty: status, evidence with its rows, exposure", Permission: PermRead,
	}, s.one)
}

func (s *Service) list(ctx context.Context, in *listRequest) (*listResponse, error) {
	valid, known, err := in.at(s.d.Now().UTC())
	if err != nil {
		return nil, err
	}
	behind, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	if err != nil {
		return nil, ErrCursor
	}
	out := &listResponse{}
	out.Body.Items = []Obligation{}
	begun := len(behind) == 0
	for _, n := range s.d.Law.Norms {
		for _, p := range n.Provisions {
			switch {
			case in.Norm != "" && n.ID != in.Norm:
				continue
			case !begun:
				begun = p.ID == string(behind)
				continue
			case len(out.Body.Items) == in.Limit:
				last := out.Body.Items[in.Limit-1].ID
				out.Body.Next = base64.RawURLEncoding.EncodeToString([]byte(last))
				return out, nil
			}
			o, err := s.Obligation(ctx, p.ID, valid, known)
			if err != nil {
				return nil, err
			}
			out.Body.Items = append(out.Body.Items, *o)
		}
	}
	if !begun {
		return nil, ErrCursor
	}
	return out, nil
}

func (s *Service) one(ctx context.Context, in *oneRequest) (*oneResponse, error) {
	valid, known, err := in.at(s.d.Now().UTC())
	if err != nil {
		return nil, err
	}
	o, err := s.Obligation(ctx, in.ID, valid, known)
	if err != nil {
		return nil, fmt.Errorf("read obligation: %w", err)
	}
	return &oneResponse{Body: *o}, nil
}
