package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/problem"
)

// The problems of requests as such, whatever the operation.
var (
	ErrMalformed   = problem.New(problem.BadRequest, "request.malformed", "the request cannot be read")
	ErrUnknown     = problem.New(problem.BadRequest, "request.unknown_parameter", "the operation does not know a parameter")
	ErrRepeated    = problem.New(problem.BadRequest, "request.repeated_parameter", "a parameter is given more than once")
	ErrInvalid     = problem.New(problem.Invalid, "request.invalid", "a value of the request is not acceptable")
	ErrTooLarge    = problem.New(problem.TooLarge, "request.too_large", "the body of the request is too large")
	ErrMediaType   = problem.New(problem.Unsupported, "request.media_type", "the media type of the body is not read here")
	ErrNoBody      = problem.New(problem.BadRequest, "request.unexpected_body", "the operation takes no body")
	ErrSlowBody    = problem.New(problem.Timeout, "request.timeout", "the request took too long to arrive")
	ErrNoPath      = problem.New(problem.NotFound, "request.unknown_path", "there is nothing at this path")
	ErrMethod      = problem.New(problem.NotAllowed, "request.method", "the path does not know the method")
	ErrCrossOrigin = problem.New(problem.Forbidden, "request.cross_origin", "the request comes from another site")
	ErrCancelled   = problem.New(problem.Timeout, "request.cancelled", "the client ended the request")
	ErrTooSlow     = problem.New(problem.Unavailable, "request.too_slow", "the answer took too long")
	ErrAudit       = problem.New(problem.Unavailable, "audit.unavailable", "the audit trail cannot be written, so the station does not answer")
)

// challenge is the WWW-Authenticate header of an answer to nobody.
const challenge = `Bearer realm="fengsui"`

// Fail answers a request of a plain handler with the problem in err. An error
// without one is logged and becomes a plain 500. Nothing may have been written.
func (s *Server) Fail(w http.ResponseWriter, r *http.Request, err error) {
	s.seen(r.Context(), err).Write(w, RequestID(r.Context()))
}

// Failer returns the function with which plain handlers of the API, which must
// come from [New], answer with a problem: [Server.Fail].
func Failer(api huma.API) func(http.ResponseWriter, *http.Request, error) {
	return serverOf(api).Fail
}
