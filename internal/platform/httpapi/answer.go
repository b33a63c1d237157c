package httpapi

import (
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/problem"
)

// toProblem turns huma's own errors, and ours on their way through huma, into
// the body of a problem.
func (s *Server) toProblem(ctx huma.Context, _ string, v any) (any, error) {
	switch e := v.(type) {
	case *huma.ErrorModel:
		return s.translate(ctx, e).Body(RequestID(ctx.Context())), nil
	case answer:
		return e.Body, nil
	case retryAnswer:
		return e.Body, nil
	default:
		return v, nil
	}
}

// translate returns the problem of an error of huma. The status was decided
// already, so each one stands for a problem with the same status.
func (s *Server) translate(ctx huma.Context, e *huma.ErrorModel) *problem.Problem {
	p := ErrInvalid
	switch e.Status {
	case http.StatusBadRequest:
		p = ErrMalformed
		if len(e.Errors) == 0 {
			p = p.At("body", e.Detail)
		}
	case http.StatusRequestTimeout:
		p = ErrSlowBody
	case http.StatusRequestEntityTooLarge:
		p = ErrTooLarge
		if op := ctx.Operation(); op != nil {
			p = p.Detail("the limit is " + strconv.FormatInt(op.MaxBodyBytes, 10) + " bytes")
		}
	case http.StatusUnsupportedMediaType:
		p = ErrMediaType
	case http.StatusUnprocessableEntity:
	default:
		p = problem.ErrInternal
	}
	if p.Kind() != problem.Internal {
		for _, d := range e.Errors[:min(len(e.Errors), 20)] {
			p = p.At(clip(d.Location), d.Message)
		}
	}
	Annotate(ctx.Context(), func(a *Audit) { a.Code = p.Code() })
	return p
}

// statusText is a status as the document's keys have it.
func statusText(status int) string { return strconv.Itoa(status) }
