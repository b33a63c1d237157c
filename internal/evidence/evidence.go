// Package evidence is the contract between capabilities, which observe, and
// comply, which concludes: a provider looks at the station's own data and
// answers a fact with its population, its period and the rows behind it.
package evidence

import (
	"context"
	"time"
)

// Period is the half-open span [From, To) in UTC.
type Period struct{ From, To time.Time }

// State is what a provider saw.
type State string

// The states of a fact. A provider that cannot look answers Unknown with an
// error, never Gap and never Met.
const (
	Met     State = "met"
	Partly  State = "partly"
	Gap     State = "gap"
	Unknown State = "unknown"
	None    State = "not_applicable" // there is nothing the control could be about
)

// Fact is a provider's answer.
type Fact struct {
	State      State
	Summary    string    // message key of the console; parameters stand in Values
	Values     []Value   // the figures of the summary, in order
	Population int       // how many things were looked at
	Failing    int       // how many of them are not as they should be
	Period     Period    // what span the answer is about
	Rows       []Row     // the failing things first; at most MaxRows
	More       bool      // there are rows beyond MaxRows
	Query      string    // how to see the rows in the console: a path with its query
	ValidUntil time.Time // when the answer becomes stale
}

// Value is one named figure of a fact.
type Value struct{ Name, Text string }

// MaxRows bounds Fact.Rows.
const MaxRows = 200

// Row is one thing behind a fact, such as one source and one span without logs.
type Row struct {
	ID     string // id of the thing, such as a source id
	Name   string // what people call it
	State  State
	Reason string // message key, such as "silent_beyond_limit"
	Period Period // when it was so; To is zero while it lasts
	Link   string // path in the console
}

// Provider answers one question from the station's own data. Implementations
// read only, and are safe for concurrent use.
type Provider interface {
	// ID names the provider for norms/controls.yaml, such as "logsource.delivering".
	ID() string
	// Observe answers as of at, knowing what the station had recorded by known.
	// at and known are UTC; known is never before at.
	Observe(ctx context.Context, at, known time.Time) (Fact, error)
}
