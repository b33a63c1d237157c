package rulebook

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/capability"
	"github.com/fengsui/fengsui/internal/match"
	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/sigma"
)

// Origin says where a rule comes from.
type Origin string

// The origins of rules.
const (
	Shipped Origin = "shipped" // with the station
	User    Origin = "user"    // from a folder that the configuration names
)

// Text is one text in both languages of the station.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Rule is one detection rule with its switch.
type Rule struct {
	ID          string
	Title       Text
	Description Text
	Level       string // "informational" to "critical"
	Origin      Origin
	Path        string // inside its folder
	Enabled     bool
	Reason      string // why it is off, or who turned it on and why
	Sigma       *sigma.Rule
}

// Refused is a rule that cannot be used.
type Refused struct {
	Origin Origin
	Path   string
	RuleID string
	Status string // "unsupported" or "invalid"
	Reason string
}

// Count is what a rule has found so far.
type Count struct {
	Alerts, Events int64
	LastHit        time.Time
}

// Counter answers what rules have found.
type Counter interface {
	// CountByRule returns the counts of the rules with these ids that found anything.
	CountByRule(ctx context.Context, ids []string) (map[string]Count, error)
}

// The permissions.
var (
	PermRead  = authz.Permission{ID: "rule.read", Roles: []authz.Role{authz.Administrator, authz.Analyst, authz.Reader}}
	PermWrite = authz.Permission{ID: "rule.write", Roles: []authz.Role{authz.Administrator, authz.Analyst}}
)

// The problems.
var (
	ErrNotFound = problem.New(problem.NotFound, "rule.not_found", "no such rule")
	ErrReason   = problem.New(problem.Invalid, "rule.no_reason", "say why the rule is switched")
	ErrLevel    = problem.New(problem.Invalid, "rule.bad_level", "not a level")
	ErrCursor   = problem.New(problem.BadRequest, "rule.bad_cursor", "the cursor is not one of this list")
)

// Folder is a user's folder of rules.
type Folder struct {
	Name string // as the configuration names it
	FS   fs.FS
}

// Deps are what the rules need of the station.
type Deps struct {
	DB      *sqldb.DB
	Shipped fs.FS          // rules that come with the station
	Mapping *sigma.Mapping // field names per log source
	Folders []Folder
	Counts  Counter
	Now     func() time.Time
	Log     *slog.Logger
}

func (d Deps) check() error {
	if d.DB == nil || d.Shipped == nil || d.Mapping == nil || d.Counts == nil || d.Now == nil || d.Log == nil {
		return errors.New("rulebook: a dependency is missing")
	}
	return nil
}

//go:embed migrations/*.sql
var embedded embed.FS

func migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic("BUG: the migrations are not embedded: " + err.Error())
	}
	return files
}

// Service is the only writer of the tables rulebook_*. It is safe for concurrent
// use.
type Service struct {
	d      Deps
	engine atomic.Pointer[match.Engine]

	change sync.Mutex // one reload or switch at a time
	mu     sync.RWMutex
	book   book
}

// book is what was loaded; it is exchanged whole.
type book struct {
	rules   []*Rule // by title, then id
	byID    map[string]*Rule
	refused []Refused
}

// New returns the service; [Service.Load] has to be called before it is used.
func New(d Deps) (*Service, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	s := &Service{d: d, book: book{byID: map[string]*Rule{}}}
	s.engine.Store(match.New(nil, d.Mapping))
	return s, nil
}

// Module hands the capability over.
func (s *Service) Module() capability.Module {
	return capability.Module{
		Name:        "rulebook",
		Migrations:  migrations(),
		Permissions: []authz.Permission{PermRead, PermWrite},
		Routes:      func(api huma.API) { routes(api, s) },
	}
}

// Engine returns the engine of the rules that are switched on now.
func (s *Service) Engine() *match.Engine { return s.engine.Load() }

// RuleTitle returns the titles of a rule, and false when it is not known.
func (s *Service) RuleTitle(ruleID string) (zh, en string, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.book.byID[ruleID]
	if r == nil {
		return "", "", false
	}
	return r.Title.ZH, r.Title.EN, true
}
