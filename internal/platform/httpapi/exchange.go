package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// exchange is one request on its way through the server, and the writer of its
// answer. The audit record is written when the answer's header is.
type exchange struct {
	http.ResponseWriter

	server *Server
	id     string
	peer   string
	start  time.Time
	rule   *rule // nil: no operation
	ctx    func() context.Context
	status int  // 0: nothing was written
	refuse bool // the audit record could not be written and the answer was replaced

	mu    sync.Mutex // guards audit
	audit Audit
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// recordLimit is how long an answer waits for its audit record.
const recordLimit = 15 * time.Second

// WriteHeader writes the audit record and then the header. When the record
// cannot be written, the caller gets [ErrAudit] in place of the answer.
func (x *exchange) WriteHeader(status int) {
	if status < http.StatusOK && status != http.StatusSwitchingProtocols {
		x.ResponseWriter.WriteHeader(status)
		return
	}
	if x.status != 0 {
		return
	}
	if err := x.record(status); err != nil {
		x.server.log.ErrorContext(x.ctx(), "audit record not written", slog.String("request_id", x.id),
			slog.String("operation", x.operation()), slog.Any("error", err))
		x.status, x.refuse = ErrAudit.Status(), true
		// Whatever the handler grants in a header is withheld with the answer.
		for _, name := range []string{"Set-Cookie", "Content-Disposition", "Etag", "Location", "Last-Modified"} {
			x.Header().Del(name)
		}
		ErrAudit.Write(x.ResponseWriter, x.id)
		return
	}
	x.status = status
	x.ResponseWriter.WriteHeader(status)
}

// Write writes a part of the answer, or drops it when the answer is withheld.
func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	if x.refuse {
		return len(p), nil
	}
	return x.ResponseWriter.Write(p)
}

// FlushError sends what was written so far.
func (x *exchange) FlushError() error {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	return http.NewResponseController(x.ResponseWriter).Flush()
}

// Flush is FlushError for those who look for [http.Flusher].
func (x *exchange) Flush() { _ = x.FlushError() } // the client may be gone

// Unwrap lets [http.ResponseController] set deadlines.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

func (x *exchange) operation() string {
	if x.rule == nil {
		return ""
	}
	return x.rule.id
}

// record writes the audit record when there is to be one.
func (x *exchange) record(status int) error {
	outcome := Success
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusTooManyRequests:
		outcome = Denied
	case status >= http.StatusBadRequest:
		outcome = Failure
	}
	if x.server.recorder == nil || x.rule == nil || (outcome != Denied && !x.rule.audited) {
		return nil
	}
	x.mu.Lock()
	a := x.audit
	x.mu.Unlock()
	a.Outcome, a.Status = outcome, status
	if outcome == Success {
		a.Code = ""
	}
	// The client may leave; what it did is recorded all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.ctx()), recordLimit)
	defer cancel()
	if err := x.server.recorder.Record(ctx, a); err != nil {
		return fmt.Errorf("record %s: %w", a.Operation, err)
	}
	return nil
}
