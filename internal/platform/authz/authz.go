// Package authz decides who may do what: permissions, roles, and the actor of a
// request.
//
// There is one gate. A permission names the roles that have it; an operation
// names its permission; internal/platform/httpapi asks [Check] before the
// operation runs. Nothing is allowed that is not declared.
package authz

import (
	"context"
	"slices"

	"github.com/fengsui/fengsui/internal/platform/problem"
)

// Role is a stable word for what an actor is.
type Role string

// The roles.
const (
	Administrator Role = "administrator" // everything but erasing traces
	Analyst       Role = "analyst"       // works on alerts, writes what detection needs
	Reader        Role = "reader"        // looks
	Source        Role = "source"        // delivers logs and nothing else
)

// Roles lists every role, the strongest first.
func Roles() []Role { return []Role{Administrator, Analyst, Reader, Source} }

// People lists the roles that an account of a person, or its token, may have.
func People() []Role { return []Role{Administrator, Analyst, Reader} }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Permission is the right to do one sort of thing, such as "logs.read".
type Permission struct {
	ID    string // "<area>.<act>", stable
	Roles []Role // who has it
}

// Public and Self are the two permissions that no role is needed for: Public
// needs nobody to be signed in; Self needs a signed-in person or a token, who
// acts on what is their own.
var (
	Public = Permission{ID: "public"}
	Self   = Permission{ID: "self"}
)

// The kinds of actors.
const (
	Person = "person" // signed in with a session
	Token  = "token"  // a program with an API token
	Sender = "source" // a log source with its token
	Local  = "local"  // the owner of the host, over the local socket
	System = "system" // the station itself
)

// Actor is who does something. The zero Actor is nobody.
type Actor struct {
	ID      string // account, token or source id
	Name    string // for people and for the audit trail
	Role    Role
	Kind    string // Person, Token, Sender, Local or System
	Session string // id of the session of a person; not its secret
}

// Nobody reports whether there is no actor.
func (a Actor) Nobody() bool { return a.ID == "" }

// Allows reports whether the actor has the permission.
func (p Permission) Allows(a Actor) bool {
	switch p.ID {
	case "":
		return false
	case Public.ID:
		return true
	case Self.ID:
		return !a.Nobody() && a.Role != Source
	default:
		return !a.Nobody() && slices.Contains(p.Roles, a.Role)
	}
}

// The answers of Check.
var (
	ErrSignedOut = problem.New(problem.Unauthorised, "auth.required", "sign in, or send a token")
	ErrForbidden = problem.New(problem.Forbidden, "auth.forbidden", "the role does not allow this")
)

// Check returns nil when the actor has the permission, [ErrSignedOut] when there
// is no actor and one is needed, and [ErrForbidden] otherwise.
func Check(p Permission, a Actor) error {
	switch {
	case p.Allows(a):
		return nil
	case a.Nobody():
		return ErrSignedOut
	default:
		return ErrForbidden
	}
}

type actorKey struct{}

// WithActor returns a context that carries the actor.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom returns the actor of the request, or the zero Actor.
func ActorFrom(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
