package search

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index"
	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/ledger"
)

// Permissions.
var (
	PermRead = authz.Permission{
		ID: "log.read", Roles: []authz.Role{authz.Administrator, authz.Analyst, authz.Reader},
	}
	PermExport = authz.Permission{
		ID: "log.export", Roles: []authz.Role{authz.Administrator, authz.Analyst},
	}
	// PermAudit is needed to see the station's own audit trail among the events.
	PermAudit = authz.Permission{ID: "audit.read", Roles: []authz.Role{authz.Administrator}}
)

// Permissions lists the permissions of the logs.
func Permissions() []authz.Permission { return []authz.Permission{PermRead, PermExport, PermAudit} }

// Problems.
var (
	ErrQuery    = problem.New(problem.BadRequest, "log.bad_query", "the query cannot be understood")
	ErrRange    = problem.New(problem.Invalid, "log.range", "the span of time makes no sense")
	ErrCursor   = problem.New(problem.BadRequest, "log.bad_cursor", "the cursor does not belong to this query")
	ErrNotFound = problem.New(problem.NotFound, "log.not_found", "no such event")
	ErrUnsigned = problem.New(problem.Unavailable, "log.no_checkpoint", "no checkpoint speaks of this event yet")
	ErrDamaged  = problem.New(problem.Gone, "log.damaged", "the event cannot be read back from the ledger")
	ErrTooMany  = problem.New(problem.TooMany, "log.too_many_queries", "too many queries of the same person at once")
	ErrExport   = problem.New(problem.Invalid, "log.export", "the export cannot be made like this")
)

// Log is the ledger as search reads it.
type Log interface {
	// Size returns the number of durable events.
	Size() uint64
	// Wait returns the size once it is larger than size.
	Wait(ctx context.Context, size uint64) (uint64, error)
	// Read calls fn for the events [from, to) in order. Raw is valid during fn.
	Read(ctx context.Context, from, to uint64, fn func(ledger.Entry) error) error
	// SegmentsFrom lists the segments that end behind seq, oldest first, the open one
	// last.
	SegmentsFrom(seq uint64) []ledger.Segment
	// Prove shows that an event is in the tree of the newest checkpoint.
	Prove(ctx context.Context, seq uint64) (ledger.Proof, error)
}

// Index makes searching fast.
type Index interface {
	// View returns the index as it is now.
	View() *index.View
}

// Reader turns raw bytes into fields. It is safe for concurrent use.
type Reader interface {
	Read(ev event.Event, src event.Source) event.Record
}

// Sources answers what is known about a source.
type Sources interface {
	// Source returns a source; for an unknown id, one with nothing but the id.
	Source(id string) event.Source
	// SourceName returns the name people gave the source; for an unknown id, the id.
	SourceName(id string) string
}

// Options configure search. A zero field means its default.
type Options struct {
	Log      Log            // required
	Index    Index          // nil: the ledger is scanned
	Reader   Reader         // required
	Sources  Sources        // required
	Verifier note.Verifier  // of checkpoints; nil: a proof is checked up to the root only
	Zone     *time.Location // of times without a zone in queries, and of days in histograms; default UTC

	Page       int           // events of a page at most; default 1,000
	PageBytes  int           // raw bytes after which a page ends; default 16 MiB
	Time       time.Duration // for one query; then what was found is given as partial; default 10 s
	Values     int           // different values counted for one question; default 10,000
	ValueBytes int           // bytes of them; default 8 MiB
	Sample     int           // events looked at for frequent fields; default 1,000
	ExportRows int           // events of one export at most; default 1,000,000
	ExportTime time.Duration // for one export; default 30 minutes
	PerActor   int           // queries of one person or token at once; default 4
	Total      int           // queries at once; default 16
	TailsActor int           // live views of one person or token at once; default 4
	TailsTotal int           // live views at once; default 32
	TailQueue  int           // events waiting for one live view; full: they are dropped and counted; default 500
	TailBehind uint64        // events a live view may be behind before it skips and counts them; default 20,000
	TailEvery  time.Duration // how often a live view is sent what there is; default 250 ms
	MaxBefore  int           // events of context on each side; default 100

	Now  func() time.Time // required
	Slog *slog.Logger     // required
}

func (o Options) check() (Options, error) {
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"log", o.Log != nil},
		{"reader", o.Reader != nil},
		{"sources", o.Sources != nil},
		{"clock", o.Now != nil},
		{"logger", o.Slog != nil},
	} {
		if !need.ok {
			return o, fmt.Errorf("search: the %s is missing", need.name)
		}
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	for _, d := range []struct {
		at   *int
		zero int
	}{
		{&o.Page, 1000},
		{&o.PageBytes, 16 << 20},
		{&o.Values, 10_000},
		{&o.ValueBytes, 8 << 20},
		{&o.Sample, 1000},
		{&o.ExportRows, 1_000_000},
		{&o.PerActor, 4},
		{&o.Total, 16},
		{&o.TailsActor, 4},
		{&o.TailsTotal, 32},
		{&o.TailQueue, 500},
		{&o.MaxBefore, 100},
	} {
		*d.at = cmp.Or(*d.at, d.zero)
	}
	o.Time = cmp.Or(o.Time, 10*time.Second)
	o.ExportTime = cmp.Or(o.ExportTime, 30*time.Minute)
	o.TailBehind = cmp.Or(o.TailBehind, 20_000)
	o.TailEvery = cmp.Or(o.TailEvery, 250*time.Millisecond)
	return o, nil
}

// Service answers queries. It is safe for concurrent use.
type Service struct {
	o       Options
	queries *gate
	tails   *gate
}

// New returns search; it fails when something it needs is missing.
func New(o Options) (*Service, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	return &Service{o: o, queries: newGate(o.PerActor, o.Total), tails: newGate(o.TailsActor, o.TailsTotal)}, nil
}
