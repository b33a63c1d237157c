package receive

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// What the sender of a request may see besides the problems of its body.
var (
	ErrUnknown = problem.New(problem.Unauthorised, "ingest.unknown_token", "send the token of a source")
	ErrLimit   = problem.New(problem.TooMany, "ingest.rate_limit", "the source is above its limit")
	ErrKey     = problem.New(problem.BadRequest, "ingest.key", "the Idempotency-Key is longer than 255 bytes or not printable ASCII")
)

// Token returns the token in the Authorization header of a request, or "".
//
// Besides `Bearer TOKEN` it reads what Elasticsearch's senders offer: `Basic`
// with the token as password (any user name, or the token there and no
// password), and `ApiKey` with base64 of `id:token` or the token itself.
func Token(r *http.Request) string {
	scheme, value, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok {
		return ""
	}
	value = strings.TrimSpace(value)
	switch strings.ToLower(scheme) {
	case "bearer":
		return value
	case "basic":
		user, password, _ := r.BasicAuth()
		if password == "" {
			return user
		}
		return password
	case "apikey":
		text, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return value
		}
		if _, token, ok := strings.Cut(string(text), ":"); ok {
			return token
		}
		return value
	}
	return ""
}

// SourceByToken returns a function that finds the source of a request by its
// token. The handlers of this package's receivers take it, or one like it.
func SourceByToken(s Sources) func(*http.Request) (event.Source, bool) {
	return func(r *http.Request) (event.Source, bool) {
		token := Token(r)
		if token == "" {
			return event.Source{}, false
		}
		return s.ByToken(token)
	}
}

// Peer returns the address that a request came from as text, or "".
func Peer(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return ap.Addr().Unmap().String()
}

// Key returns the Idempotency-Key of a request, "" when there is none.
func Key(r *http.Request) (string, error) {
	key := r.Header.Get("Idempotency-Key")
	if len(key) > 255 {
		return "", ErrKey
	}
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return "", ErrKey
		}
	}
	return key, nil
}

// BatchID returns the id of a batch of one request: a digest of its events'
// bytes, so that a request that was repeated without a key shows as one.
func BatchID(events []event.Event) string {
	h := sha256.New()
	var size [8]byte
	for i := range events {
		binary.BigEndian.PutUint64(size[:], uint64(len(events[i].Raw)))
		h.Write(size[:])
		h.Write(events[i].Raw)
	}
	return hex.EncodeToString(h.Sum(nil)[:10])
}

// Admit asks for room for the events of a request and returns [ErrLimit] with
// the time to wait, or nil.
func Admit(s Sources, source string, events, bytes int, at time.Time) error {
	if wait, ok := s.Admit(source, events, bytes, at); !ok {
		return ErrLimit.After(max(wait, time.Second))
	}
	return nil
}

// Deadline ends the reading of the request's body at the given time, where the
// server can.
func Deadline(w http.ResponseWriter, at time.Time) {
	// Not supported only where a test's recorder stands in for the server.
	_ = http.NewResponseController(w).SetReadDeadline(at)
}

// Fail answers a request with the problem in err. An error without one is
// logged and becomes a plain 500.
func Fail(log *slog.Logger) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		Problem(r, log, err).Write(w, w.Header().Get("X-Request-Id"))
	}
}

// Problem returns the problem in err. An error without one is logged, since an
// operator must look, and stands for an internal error.
func Problem(r *http.Request, log *slog.Logger, err error) *problem.Problem {
	if p, ok := problem.From(err); ok {
		return p
	}
	if !errors.Is(err, r.Context().Err()) {
		log.ErrorContext(r.Context(), "ingest failed", slog.String("path", r.URL.Path), slog.Any("error", err))
	}
	return problem.ErrInternal
}
