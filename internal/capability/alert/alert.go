package alert

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/capability"
	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
)

// ID is the identifier of an alert, a UUIDv7.
type ID string

// Status is where an alert stands.
type Status string

// The statuses of an alert.
const (
	New          Status = "new"
	Acknowledged Status = "acknowledged"
	Closed       Status = "closed"
)

// Reason is why an alert was closed.
type Reason string

// The reasons for closing.
const (
	TruePositive  Reason = "true_positive"
	FalsePositive Reason = "false_positive"
	Expected      Reason = "expected"
	Duplicate     Reason = "duplicate"
	Other         Reason = "other"
)

// Alert is what one rule said about one entity while it lasted.
type Alert struct {
	ID         ID
	Number     int64 // counts from 1 in the order of first findings
	RuleID     string
	Title      Title
	Level      string
	Entity     string
	Status     Status
	Count      int64     // findings
	First      time.Time // receipt of the first finding, UTC
	Last       time.Time // latest receipt, UTC
	EventFirst time.Time // earliest time by the senders' clocks
	EventLast  time.Time
	Sources    []string      // source ids, ordered
	Samples    []uint64      // ledger sequences: the first ones, then the latest
	Matched    []event.Field // of the first finding
	Tags       []string
	Assignee   string // account id; "" nobody
	Reason     Reason // why it was closed; "" while it is not
	ClosedAt   time.Time
	Notes      int64
	UpdatedAt  time.Time

	key    string // of rule and entity; see groupKey
	newest bool   // no later alert has the same key
	dirty  bool   // changed by this call of Raise
}

// Title is a rule's title in both languages.
type Title struct{ ZH, EN string }

// HumanNumber returns what people call the alert, such as A-000123.
func (a Alert) HumanNumber() string { return fmt.Sprintf("A-%06d", a.Number) }

// Entry is one line of an alert's history.
type Entry struct {
	At     time.Time
	By     string // name of who did it
	Act    Act
	Detail string // what changed: an assignee, a reason for closing
	Note   string // text of a person
}

// Suppression hides findings. Empty conditions do not count; at least one is set.
type Suppression struct {
	ID        string
	RuleID    string
	Source    string
	Entity    string
	Reason    string
	CreatedBy string
	CreatedAt time.Time
	Expires   time.Time
	Hits      int64 // findings it hid
}

// RuleCount is what one rule has found so far.
type RuleCount struct {
	Alerts     int64
	Events     int64 // findings, hidden ones included
	Suppressed int64
	LastHit    time.Time // receipt time of the latest
}

// The permissions.
var (
	PermRead  = authz.Permission{ID: "alert.read", Roles: []authz.Role{authz.Administrator, authz.Analyst, authz.Reader}}
	PermWrite = authz.Permission{ID: "alert.write", Roles: []authz.Role{authz.Administrator, authz.Analyst}}
)

// The problems.
var (
	ErrNotFound            = problem.New(problem.NotFound, "alert.not_found", "no such alert")
	ErrCursor              = problem.New(problem.BadRequest, "alert.bad_cursor", "the cursor is not one of this list")
	ErrAct                 = problem.New(problem.Invalid, "alert.bad_act", "the act is not complete")
	ErrAssignee            = problem.New(problem.Invalid, "alert.unknown_assignee", "nobody has this account")
	ErrRange               = problem.New(problem.Invalid, "alert.bad_range", "the time range is not usable")
	ErrSuppression         = problem.New(problem.Invalid, "alert.bad_suppression", "the suppression is not complete")
	ErrSuppressionNotFound = problem.New(problem.NotFound, "alert.suppression_not_found", "no such suppression")
	ErrSuppressionsFull    = problem.New(problem.Conflict, "alert.too_many_suppressions", "there are too many suppressions")
)

// Titles answers what a rule is called.
type Titles interface {
	// RuleTitle returns the titles of a rule, and false when it is not known.
	RuleTitle(ruleID string) (zh, en string, ok bool)
}

// SourceNames answers what a log source is called.
type SourceNames interface {
	// SourceName returns the name of a source, and its id when it is not known.
	SourceName(id string) string
}

// Accounts answers who can be made responsible.
type Accounts interface {
	// HasAccount reports whether an account with this id may be given work.
	HasAccount(ctx context.Context, id string) (bool, error)
}

// Publisher tells open consoles what is new.
type Publisher interface {
	Publish(topic string, v any)
}

// Deps are what alerts need of the station.
type Deps struct {
	DB       *sqldb.DB
	Titles   Titles
	Sources  SourceNames
	Accounts Accounts  // nil: any assignee is taken
	News     Publisher // nil: nobody is told
	Now      func() time.Time
	Window   time.Duration // how long an alert lasts after its last finding; default 24 h
}

//go:embed migrations/*.sql
var embedded embed.FS

// migrations returns the goose files at their root.
func migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic("BUG: the migrations are not embedded: " + err.Error())
	}
	return files
}

// Service is the only writer of the tables alert_*. It is safe for concurrent
// use, except that [Service.Raise] has one caller.
type Service struct {
	d Deps
}

// NewService returns the service.
func NewService(d Deps) *Service {
	d.Window = cmp.Or(d.Window, 24*time.Hour)
	return &Service{d: d}
}

// Module hands the capability over.
func (s *Service) Module() capability.Module {
	return capability.Module{
		Name:        "alert",
		Migrations:  migrations(),
		Permissions: []authz.Permission{PermRead, PermWrite},
		Routes:      func(api huma.API) { routes(api, s) },
		Run:         s.Run,
	}
}
