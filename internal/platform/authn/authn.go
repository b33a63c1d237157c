package authn

import (
	"cmp"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
)

// Name is the name of the tables' versions for [sqldb.Migrate].
const Name = "authn"

// The permissions. Names of accounts are read by all who see whose work an alert
// is; when somebody signed in last is shown to administrators only.
var (
	PermAccountRead  = authz.Permission{ID: "account.read", Roles: authz.People()}
	PermAccountWrite = authz.Permission{ID: "account.write", Roles: []authz.Role{authz.Administrator}}
	PermTokenRead    = authz.Permission{ID: "token.read", Roles: []authz.Role{authz.Administrator}}
	PermTokenWrite   = authz.Permission{ID: "token.write", Roles: []authz.Role{authz.Administrator}}
)

// Permissions lists the permissions of this package.
func Permissions() []authz.Permission {
	return []authz.Permission{PermAccountRead, PermAccountWrite, PermTokenRead, PermTokenWrite}
}

// The problems.
var (
	ErrSignIn     = problem.New(problem.Unauthorised, "auth.sign_in_failed", "the name or the password is wrong")
	ErrSlowDown   = problem.New(problem.TooMany, "auth.slow_down", "too many attempts failed; wait before the next")
	ErrBusy       = problem.New(problem.TooMany, "auth.busy", "too many are signing in at this moment")
	ErrSetUpDone  = problem.New(problem.Conflict, "auth.set_up_done", "the station has its first account already")
	ErrSetUpCode  = problem.New(problem.Forbidden, "auth.set_up_code", "this is not the code that the station printed at its start")
	ErrNoSession  = problem.New(problem.Conflict, "auth.no_session", "a token has no session and no password")
	ErrCurrent    = problem.New(problem.Invalid, "auth.wrong_password", "the current password is not right")
	ErrPassword   = problem.New(problem.Invalid, "auth.weak_password", "the password is not acceptable")
	ErrName       = problem.New(problem.Invalid, "auth.bad_name", "the name is not acceptable")
	ErrNameTaken  = problem.New(problem.Conflict, "auth.name_taken", "another account has this name")
	ErrRole       = problem.New(problem.Invalid, "auth.bad_role", "no account or token can have this role")
	ErrNoAccount  = problem.New(problem.NotFound, "auth.no_such_account", "no such account")
	ErrOwnAccount = problem.New(problem.Conflict, "auth.own_account", "nobody can disable their own account or change their own role")
	ErrLastAdmin  = problem.New(problem.Conflict, "auth.last_administrator", "the station would be left without an administrator")
	ErrNoToken    = problem.New(problem.NotFound, "auth.no_such_token", "no such token")
	ErrExpiry     = problem.New(problem.Invalid, "auth.bad_expiry", "a token lasts between a minute and two years")
	ErrCursor     = problem.New(problem.BadRequest, "auth.bad_cursor", "the cursor is not one of this list")
)

// Station is what the answer about a session says of the station itself.
type Station struct {
	Version string
	Zone    string // name of the zone people here read times in; default "Asia/Shanghai"
	Demo    bool
}

// Options configure the service. A zero field means its default.
type Options struct {
	DB          *sqldb.DB                 // required; [Migrations] applied
	Now         func() time.Time          // clock; required
	Log         *slog.Logger              // default: nothing is logged
	Permissions func() []authz.Permission // of the whole station; default those of this package
	Station     Station
	Secure      bool          // TLS ends here: the cookie is __Host-fs_session, else fs_session
	Idle        time.Duration // a session ends after so long without a request; default 12 h
	Absolute    time.Duration // and so long after sign-in in any case; default 7 days
	Cost        Cost          // of new password hashes; default [DefaultCost]
}

func (o Options) check() (Options, error) {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	o.Station.Zone = cmp.Or(o.Station.Zone, "Asia/Shanghai")
	o.Idle = cmp.Or(o.Idle, 12*time.Hour)
	o.Absolute = cmp.Or(o.Absolute, 7*24*time.Hour)
	o.Cost = cmp.Or(o.Cost, DefaultCost())
	if o.Permissions == nil {
		o.Permissions = Permissions
	}
	if o.DB == nil || o.Now == nil {
		return o, errors.New("authn: the database or the clock is missing")
	}
	return o, nil
}

// Service is the only writer of the tables authn_*. It is safe for concurrent
// use.
type Service struct {
	o     Options
	slots chan struct{} // one per password being hashed; see hashing
	queue atomic.Int64  // of those who wait for a slot
	dummy string        // hash that nobody has the password of

	set   atomic.Bool // there is an account; accounts are never removed
	mu    sync.Mutex  // guards setUp
	setUp string      // the one-time code; "" none
}

// New returns the service.
func New(o Options) (*Service, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	secret, _ := newSecret("")
	return &Service{o: o, slots: make(chan struct{}, 2), dummy: o.Cost.hash(secret)}, nil
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

// now is the present time as it is stored.
func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Microsecond) }
