package org

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
)

// Name is the name of the tables' versions for [sqldb.Migrate].
const Name = "org"

// deepest bounds the levels of the tree; a chain of n levels has n²/2 rows in
// the closure.
const deepest = 64

// The permissions.
var (
	PermRead  = authz.Permission{ID: "unit.read", Roles: authz.People()}
	PermWrite = authz.Permission{ID: "unit.write", Roles: []authz.Role{authz.Administrator}}
)

// Permissions lists the permissions of this package.
func Permissions() []authz.Permission { return []authz.Permission{PermRead, PermWrite} }

// The problems.
var (
	ErrNoUnit    = problem.New(problem.NotFound, "unit.no_such_unit", "no such unit")
	ErrNotThen   = problem.New(problem.NotFound, "unit.not_then", "the unit was not there at that time")
	ErrInvalid   = problem.New(problem.Invalid, "unit.invalid", "a value of the unit is not acceptable")
	ErrCode      = problem.New(problem.Conflict, "unit.code_taken", "another unit has this code")
	ErrCycle     = problem.New(problem.Conflict, "unit.cycle", "a unit cannot be below itself")
	ErrDeep      = problem.New(problem.Conflict, "unit.too_deep", "the tree would have too many levels")
	ErrDissolved = problem.New(problem.Conflict, "unit.dissolved", "the unit is dissolved")
	ErrChildren  = problem.New(problem.Conflict, "unit.has_children", "there are units below it that are not dissolved")
	ErrChanged   = problem.New(problem.Conflict, "unit.changed", "somebody has changed the unit since it was read")
	ErrCursor    = problem.New(problem.BadRequest, "unit.bad_cursor", "the cursor is not one of this list")
	ErrFile      = problem.New(problem.Invalid, "unit.bad_file", "the file cannot be read as a list of units")
	ErrRows      = problem.New(problem.Invalid, "unit.bad_rows", "rows of the file are not acceptable, so nothing was imported")
	ErrPlan      = problem.New(problem.Conflict, "unit.plan_changed", "the import would not do any more what the preview said")
)

// Options configure the service. A zero field means its default.
type Options struct {
	DB  *sqldb.DB        // required; [Migrations] applied
	Now func() time.Time // clock; required
	// ScopeOf says for which part of the tree the actor of ctx has the
	// permission; units outside are not there for them. Default: everywhere.
	ScopeOf func(ctx context.Context, p authz.Permission) (Scope, error)
}

func (o Options) check() (Options, error) {
	if o.DB == nil || o.Now == nil {
		return o, errors.New("org: the database or the clock is missing")
	}
	if o.ScopeOf == nil {
		o.ScopeOf = func(context.Context, authz.Permission) (Scope, error) { return Everywhere(), nil }
	}
	return o, nil
}

// Service is the only writer of the tables org_*. It is safe for concurrent use.
type Service struct{ o Options }

// New returns the service.
func New(o Options) (*Service, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	return &Service{o: o}, nil
}

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations returns the goose files at their root.
func Migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic("BUG: the migrations are not embedded: " + err.Error())
	}
	return files
}

// act is one change of the tree under way.
type act struct {
	tx     bun.Tx
	at     time.Time // of everything the act does
	kind   Act
	reason string
}

// do runs fn in one transaction and gives it an instant that no other act has.
func (s *Service) do(ctx context.Context, kind Act, reason string, fn func(ctx context.Context, a *act) error) error {
	reason, err := line("body.reason", reason, 1000)
	if err != nil {
		return err
	}
	return s.o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		at := s.o.Now().UTC().Truncate(time.Microsecond)
		var last []versionRow
		if err := tx.NewSelect().Model(&last).Column("valid_from").Order("valid_from DESC").Limit(1).Scan(ctx); err != nil {
			return fmt.Errorf("read the newest act: %w", err)
		}
		if len(last) > 0 && !at.After(last[0].ValidFrom) {
			at = last[0].ValidFrom.UTC().Add(time.Microsecond)
		}
		return fn(ctx, &act{tx: tx, at: at, kind: kind, reason: reason})
	})
}
