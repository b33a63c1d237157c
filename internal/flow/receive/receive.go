// Package receive takes log records from the senders in the field and hands them
// to the ledger.
//
// Every receiver keeps four promises. Nothing is acknowledged before the [Sink]
// has made it durable. A sender is known by what its transport proves (token,
// address, certificate), never by what it writes. A sender that dies in the
// middle of a record creates no event. What is not kept is counted, with a
// reason, or refused in a way that makes a well-behaved sender try again.
//
// The sub-packages hold one protocol each. This package holds what they share:
// the two interfaces they ask, and how the body of a request is read within
// limits.
package receive

import (
	"context"
	"net/netip"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

// Sink makes events durable.
type Sink interface {
	// Seal returns once all events are on disk, all or none of them. A key that
	// the same source used before adds nothing and answers with the receipt of the
	// first time. An error that holds a problem of kind TooMany or Unavailable
	// means that the same call may succeed later.
	//
	// The bytes of the events must not change until Seal returns without error;
	// after an error they must never change.
	Seal(ctx context.Context, events []event.Event, key string) (ledger.Receipt, error)
}

// Sources knows who may send and counts what comes. All methods are safe for
// concurrent use and answer from memory.
type Sources interface {
	// ByToken finds a source by its bearer token.
	ByToken(token string) (event.Source, bool)
	// ByAddress finds a source by the address of its packets or connection.
	ByAddress(transport string, peer netip.Addr) (event.Source, bool)
	// ByCertificate finds a source by the SHA-256 of its client certificate (DER).
	ByCertificate(sha256 [32]byte) (event.Source, bool)
	// Stranger counts n messages of a sender nobody knows. The sample is copied if
	// it is kept.
	Stranger(transport string, peer netip.Addr, sample []byte, n int)
	// Admit asks for room within the source's rate limit. Without it the sender is
	// to come back after wait.
	Admit(source string, events, bytes int, at time.Time) (wait time.Duration, ok bool)
	// Received counts events that are durable.
	Received(source, transport string, events, bytes int, at time.Time)
	// Dropped counts events that were not kept and will not be.
	Dropped(source, transport, reason string, events int, at time.Time)
}

// The transports of events, as they stand in the ledger.
const (
	UDP  = "udp"  // syslog over UDP
	TCP  = "tcp"  // syslog over TCP
	TLS  = "tls"  // syslog over TLS
	HTTP = "http" // newline-delimited records by POST
	Bulk = "bulk" // Elasticsearch bulk
	OTLP = "otlp" // OpenTelemetry logs
)

// The reasons of dropped events.
const (
	ReasonKernel    = "kernel"     // the kernel's buffer was full (UDP)
	ReasonQueueFull = "queue_full" // the station's queue was full (UDP)
	ReasonRateLimit = "rate_limit" // above the source's limit (UDP)
	ReasonTooLong   = "too_long"   // longer than the limit of one record
	ReasonTruncated = "truncated"  // the sender ended in the middle of a record
	ReasonFraming   = "framing"    // the framing could not be understood
	ReasonNotSealed = "not_sealed" // the station stopped before the record was durable
)
