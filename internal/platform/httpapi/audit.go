package httpapi

import (
	"context"
	"time"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// Outcome is how an audited request ended.
type Outcome string

// The outcomes.
const (
	Success Outcome = "success"
	Failure Outcome = "failure" // refused for its content, or our fault
	Denied  Outcome = "denied"  // refused for who sent it: 401, 403, 429
)

// Audit is the record of one request. It never holds a body, a secret or a
// query string.
type Audit struct {
	At        time.Time // when the request came, UTC
	RequestID string
	Actor     authz.Actor // zero: nobody
	Operation string      // id of the operation
	Objects   map[string]string
	Details   map[string]string
	Outcome   Outcome
	Status    int    // of the answer
	Code      string // of the problem; "" on success
	Peer      string // address without port; "" unknown
}

// Object notes an id the request was about; the values of the path are noted
// by the gate.
func (a *Audit) Object(name, id string) {
	if a.Objects == nil {
		a.Objects = map[string]string{}
	}
	a.Objects[name] = clip(id)
}

// Detail notes what changed, such as role=analyst. No secrets, no texts of logs.
func (a *Audit) Detail(name, value string) {
	if a.Details == nil {
		a.Details = map[string]string{}
	}
	a.Details[name] = clip(value)
}

// clip bounds what a caller can put into the audit trail.
func clip(s string) string {
	const longest = 256
	if len(s) > longest {
		return s[:longest]
	}
	return s
}

// Recorder keeps audit records.
type Recorder interface {
	// Record returns nil once the record is durable, or, for a denial, once it
	// is counted: denials may be folded. When it fails the answer is withheld
	// and the caller sees [ErrAudit]. It is safe for concurrent use.
	Record(ctx context.Context, a Audit) error
}

// Annotate changes the audit record of the request that ctx belongs to, from
// its handler and before the answer is written. Outside a request it does
// nothing. fn must not keep its argument.
func Annotate(ctx context.Context, fn func(*Audit)) {
	if x := exchangeOf(ctx); x != nil {
		x.mu.Lock()
		defer x.mu.Unlock()
		fn(&x.audit)
	}
}

// RequestID returns the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	if x := exchangeOf(ctx); x != nil {
		return x.id
	}
	return ""
}

// Operation returns the id of the operation that ctx belongs to, or "".
func Operation(ctx context.Context) string {
	if x := exchangeOf(ctx); x != nil && x.rule != nil {
		return x.rule.id
	}
	return ""
}

// Peer returns the address that the request of ctx came from, without its
// port, or "". Headers of proxies are not read.
func Peer(ctx context.Context) string {
	if x := exchangeOf(ctx); x != nil {
		return x.peer
	}
	return ""
}
