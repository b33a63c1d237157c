// Package problem declares what a caller of the API may see when something goes
// wrong: RFC 9457 problems with stable codes.
//
// A problem is declared once, as a package variable of the package that owns it,
// and returned wrapped (`fmt.Errorf("…: %w", ErrClosed)`). The wrapping text stays
// in the log; the caller sees title, code and detail. An error without a problem
// in its chain becomes a plain 500.
package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Kind says what sort of trouble a problem is; it decides the HTTP status.
type Kind string

// The kinds of problems.
const (
	BadRequest   Kind = "bad_request"   // 400: the request cannot be understood
	Unauthorised Kind = "unauthorised"  // 401: nobody is signed in, or the token is not known
	Forbidden    Kind = "forbidden"     // 403: the actor may not do this
	NotFound     Kind = "not_found"     // 404: no such thing, or none that the actor may see
	NotAllowed   Kind = "not_allowed"   // 405: the path does not know the method
	Timeout      Kind = "timeout"       // 408: the request took too long to arrive
	Conflict     Kind = "conflict"      // 409: the thing is not in a state that allows it
	Gone         Kind = "gone"          // 410: the thing was there and is no more
	TooLarge     Kind = "too_large"     // 413: the body is beyond the limit
	Unsupported  Kind = "unsupported"   // 415: the media type is not read here
	Invalid      Kind = "invalid"       // 422: understood, but a value is not acceptable
	TooMany      Kind = "too_many"      // 429: slow down; Retry-After says until when
	Internal     Kind = "internal"      // 500: our fault; the text is in the log only
	Unavailable  Kind = "unavailable"   // 503: cannot now; may be repeated later
	Full         Kind = "out_of_space"  // 507: no room to keep what was sent
	Unfinished   Kind = "not_supported" // 501: a part of an outside protocol that is not served
)

// Status returns the HTTP status of the kind; 500 for an unknown one.
func (k Kind) Status() int {
	switch k {
	case BadRequest:
		return http.StatusBadRequest
	case Unauthorised:
		return http.StatusUnauthorized
	case Forbidden:
		return http.StatusForbidden
	case NotFound:
		return http.StatusNotFound
	case NotAllowed:
		return http.StatusMethodNotAllowed
	case Timeout:
		return http.StatusRequestTimeout
	case Conflict:
		return http.StatusConflict
	case Gone:
		return http.StatusGone
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	default:
		return k.lateStatus()
	}
}

// lateStatus is the second half of Status.
func (k Kind) lateStatus() int {
	switch k {
	case Unsupported:
		return http.StatusUnsupportedMediaType
	case Invalid:
		return http.StatusUnprocessableEntity
	case TooMany:
		return http.StatusTooManyRequests
	case Unavailable:
		return http.StatusServiceUnavailable
	case Full:
		return http.StatusInsufficientStorage
	case Unfinished:
		return http.StatusNotImplemented
	default:
		return http.StatusInternalServerError
	}
}

// Problem is one sort of trouble, and with its details one occurrence of it.
// Problems are values: the methods that add details return a copy.
type Problem struct {
	kind   Kind
	code   string
	title  string
	detail string
	fields []Field
	after  time.Duration
}

// Field names one value of the request that is wrong.
type Field struct {
	Location string `json:"location" doc:"where: body.name, query.limit, path.id" example:"body.name"`
	Message  string `json:"message" doc:"what is wrong with it"`
}

// New declares a problem. The code is stable and reads `<area>.<what>`, such as
// "training.course_closed"; the title is one short English sentence without
// anything about the occurrence.
func New(kind Kind, code, title string) *Problem {
	return &Problem{kind: kind, code: code, title: title}
}

// Kind returns the kind.
func (p *Problem) Kind() Kind { return p.kind }

// Code returns the stable code.
func (p *Problem) Code() string { return p.code }

// Status returns the HTTP status.
func (p *Problem) Status() int { return p.kind.Status() }

// RetryAfter returns how long the caller should wait, or 0.
func (p *Problem) RetryAfter() time.Duration { return p.after }

// Error returns title, detail and code for the log.
func (p *Problem) Error() string {
	if p.detail == "" {
		return fmt.Sprintf("%s (%s)", p.title, p.code)
	}
	return fmt.Sprintf("%s: %s (%s)", p.title, p.detail, p.code)
}

// Is reports whether target is a problem with the same code, so that an
// occurrence with details is still the declared problem for [errors.Is].
func (p *Problem) Is(target error) bool {
	t, ok := target.(*Problem)
	return ok && t.code == p.code
}

// Detail returns a copy that explains this occurrence. The caller of the API
// sees the text: no internals, no secrets.
func (p *Problem) Detail(text string) *Problem {
	q := *p
	q.detail = text
	return &q
}

// Detailf is Detail with a format.
func (p *Problem) Detailf(format string, args ...any) *Problem {
	return p.Detail(fmt.Sprintf(format, args...))
}

// At returns a copy that names one wrong value of the request.
func (p *Problem) At(location, message string) *Problem {
	q := *p
	q.fields = append(slices.Clone(p.fields), Field{Location: location, Message: message})
	return &q
}

// After returns a copy that asks the caller to wait for d before the next try.
func (p *Problem) After(d time.Duration) *Problem {
	q := *p
	q.after = d
	return &q
}

// From returns the problem in err's chain.
func From(err error) (*Problem, bool) {
	var p *Problem
	ok := errors.As(err, &p)
	return p, ok
}

// Body is the JSON of a problem (RFC 9457 section 3).
type Body struct {
	Type      string  `json:"type" doc:"urn:fengsui:problem:<code>" example:"urn:fengsui:problem:request.invalid"`
	Title     string  `json:"title" doc:"what sort of problem, in English"`
	Status    int     `json:"status" doc:"the HTTP status" example:"422"`
	Code      string  `json:"code" doc:"stable word for programs and for the console's texts" example:"request.invalid"`
	Detail    string  `json:"detail,omitempty" doc:"what happened this time"`
	RequestID string  `json:"request_id" doc:"finds the log lines of this request"`
	Errors    []Field `json:"errors,omitempty" doc:"the wrong values of the request"`
}

// ContentType turns the JSON media type into that of a problem.
func (Body) ContentType(string) string { return MediaType }

// MediaType is the media type of a problem.
const MediaType = "application/problem+json"

// Body returns the problem as the caller sees it.
func (p *Problem) Body(requestID string) Body {
	return Body{
		Type: "urn:fengsui:problem:" + p.code, Title: p.title, Status: p.Status(), Code: p.code,
		Detail: p.detail, RequestID: requestID, Errors: p.fields,
	}
}

// Write answers a plain HTTP request with the problem.
func (p *Problem) Write(w http.ResponseWriter, requestID string) {
	h := w.Header()
	h.Del("Content-Length")
	h.Del("Content-Encoding")
	h.Set("Content-Type", MediaType)
	h.Set("Cache-Control", "no-store")
	if p.after > 0 {
		h.Set("Retry-After", p.RetrySeconds())
	}
	if p.kind == Unauthorised && h.Get("WWW-Authenticate") == "" {
		h.Set("WWW-Authenticate", `Bearer realm="fengsui"`)
	}
	w.WriteHeader(p.Status())
	// A failed write means that the client is gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(p.Body(requestID))
}

// RetrySeconds returns the value of a Retry-After header: whole seconds, at least 1.
func (p *Problem) RetrySeconds() string {
	return strconv.FormatInt(max(1, int64((p.after+time.Second-1)/time.Second)), 10)
}

// ErrInternal stands for every error that is none of the caller's business.
var ErrInternal = New(Internal, "internal", "something went wrong on our side")
