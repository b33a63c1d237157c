package authn

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/text/unicode/norm"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// Session is a signed-in person.
type Session struct {
	Actor   authz.Actor
	Expires time.Time // at the latest, or earlier without a request
}

type sessionRow struct {
	bun.BaseModel `bun:"table:authn_session,alias:s"`

	ID         string    `bun:"id,pk"`
	SecretHash string    `bun:"secret_hash"`
	AccountID  string    `bun:"account_id"`
	CreatedAt  time.Time `bun:"created_at"`
	SeenAt     time.Time `bun:"seen_at"`

	Account *accountRow `bun:"rel:belongs-to,join:account_id=id"`
}

// touchEvery is how exactly the last request of a session or token is known.
const touchEvery = time.Minute

// cookieName depends on TLS: browsers take the __Host- prefix with Secure only.
func (s *Service) cookieName() string {
	if s.o.Secure {
		return "__Host-fs_session"
	}
	return "fs_session"
}

// cookie returns the Set-Cookie header that gives or, without a secret, takes the
// session. It has no expiry of its own: the station decides.
func (s *Service) cookie(secret string) string {
	c := http.Cookie{ //nolint:gosec // without TLS there can be no Secure; the station then listens on loopback only
		Name: s.cookieName(), Value: secret, Path: "/", Secure: s.o.Secure, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
	if secret == "" {
		c.MaxAge = -1
	}
	return c.String()
}

// SignIn checks name and password and begins a session. secret goes into the
// cookie. It fails with [ErrSignIn], the same for an unknown name, a wrong
// password and a disabled account, and with [ErrSlowDown] or [ErrBusy].
func (s *Service) SignIn(ctx context.Context, name, password, peer string) (session Session, secret string, err error) {
	key := nameKey(name)
	if err := s.attempt(ctx, key, peer); err != nil {
		return Session{}, "", err
	}
	row, renewed, err := s.verify(ctx, key, norm.NFC.String(password))
	if err != nil {
		return Session{}, "", fmt.Errorf("sign in: %w", err)
	}
	err = s.o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := succeeded(ctx, tx, key, peer); err != nil {
			return err
		}
		// The account may have changed while the password was hashed.
		was := row.Password
		if row, err = accountBy(ctx, tx, "id", row.ID); err != nil {
			return err
		}
		if row.IsDisabled || row.Password != was {
			return ErrSignIn
		}
		if renewed != "" {
			row.Password = renewed
		}
		session, secret, err = s.begin(ctx, tx, row)
		return err
	})
	if err != nil {
		return Session{}, "", fmt.Errorf("sign in: %w", err)
	}
	return session, secret, nil
}

// verify returns the account with the name and the password, and a new hash when
// the stored one is of another cost. Unknown names take the time of known ones.
func (s *Service) verify(ctx context.Context, key, password string) (row *accountRow, renewed string, err error) {
	row, err = accountBy(ctx, s.o.DB.Read, "name_key", key)
	stored := s.dummy
	switch {
	case err == nil:
		stored = row.Password
	case !errors.Is(err, ErrNoAccount):
		return nil, "", err
	}
	var ok, stale bool
	if err := s.hashing(ctx, func() { ok, stale = s.o.Cost.match(stored, password) }); err != nil {
		return nil, "", err
	}
	if row == nil || !ok || row.IsDisabled {
		return nil, "", ErrSignIn
	}
	if stale {
		if err := s.hashing(ctx, func() { renewed = s.o.Cost.hash(password) }); err != nil {
			return nil, "", err
		}
	}
	return row, renewed, nil
}

// begin stores a new session of the account and that it signed in.
func (s *Service) begin(ctx context.Context, tx bun.Tx, account *accountRow) (Session, string, error) {
	now := s.now()
	if _, err := tx.NewDelete().Model((*sessionRow)(nil)).WhereGroup(" AND ", func(q *bun.DeleteQuery) *bun.DeleteQuery {
		return q.Where("created_at < ?", now.Add(-s.o.Absolute)).WhereOr("seen_at < ?", now.Add(-s.o.Idle))
	}).Exec(ctx); err != nil {
		return Session{}, "", fmt.Errorf("remove ended sessions: %w", err)
	}
	// Who signs in again in the same browser leaves nothing behind.
	if old := authz.ActorFrom(ctx).Session; old != "" {
		if err := endSession(ctx, tx, old); err != nil {
			return Session{}, "", err
		}
	}
	account.LastSignIn = bun.NullTime{Time: now}
	if _, err := tx.NewUpdate().Model(account).Column("last_sign_in", "password").WherePK().Exec(ctx); err != nil {
		return Session{}, "", fmt.Errorf("note sign-in: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Session{}, "", fmt.Errorf("new session: %w", err)
	}
	secret, hash := newSecret("")
	row := &sessionRow{ID: id.String(), SecretHash: hash, AccountID: account.ID, CreatedAt: now, SeenAt: now, Account: account}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return Session{}, "", fmt.Errorf("store session: %w", err)
	}
	return s.session(row), secret, nil
}

func (s *Service) session(row *sessionRow) Session {
	expires := row.CreatedAt.Add(s.o.Absolute)
	if idle := row.SeenAt.Add(s.o.Idle); idle.Before(expires) {
		expires = idle
	}
	return Session{
		Actor: authz.Actor{
			ID: row.AccountID, Name: row.Account.Name, Role: authz.Role(row.Account.Role), Kind: authz.Person, Session: row.ID,
		},
		Expires: expires.UTC(),
	}
}

// find returns the session whose column has the value, or false when there is
// none that still lasts.
func (s *Service) find(ctx context.Context, column, value string) (*sessionRow, bool, error) {
	row := &sessionRow{}
	err := s.o.DB.Read.NewSelect().Model(row).Relation("Account").
		Where("? = ?", bun.Ident("s."+column), value).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("read session: %w", err)
	}
	if row.Account == nil || row.Account.IsDisabled || !s.now().Before(s.session(row).Expires) {
		return nil, false, nil
	}
	return row, true, nil
}

// Authenticate finds the actor of a request by its cookie or its bearer token
// (httpapi.Authenticator). A request with a token is never also a session.
func (s *Service) Authenticate(r *http.Request) (authz.Actor, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "bearer") {
			return authz.Actor{}, nil
		}
		return s.byToken(r.Context(), strings.TrimSpace(token))
	}
	cookies := r.CookiesNamed(s.cookieName())
	if len(cookies) != 1 { // two of a name: somebody else set one
		return authz.Actor{}, nil
	}
	row, ok, err := s.find(r.Context(), "secret_hash", digest(cookies[0].Value))
	if err != nil || !ok {
		return authz.Actor{}, err
	}
	if now := s.now(); now.Sub(row.SeenAt) >= touchEvery {
		_, err := s.o.DB.Write.NewUpdate().Model((*sessionRow)(nil)).Set("seen_at = ?", now).Where("id = ?", row.ID).Exec(r.Context())
		if err != nil { // the request can be served; the session may end early
			s.o.Log.WarnContext(r.Context(), "session not touched", slog.String("session", row.ID), slog.Any("error", err))
		}
	}
	return s.session(row).Actor, nil
}

// Alive reports whether the actor could still send a request: its session or
// token lasts, its account is enabled and its role is what it was. It does not
// prolong a session. Actors that are neither persons nor tokens are alive.
func (s *Service) Alive(ctx context.Context, a authz.Actor) (bool, error) {
	switch a.Kind {
	case authz.Person:
		row, ok, err := s.find(ctx, "id", a.Session)
		return ok && row.AccountID == a.ID && row.Account.Role == string(a.Role), err
	case authz.Token:
		return s.tokenAlive(ctx, a)
	default:
		return !a.Nobody(), nil
	}
}

// Expires returns when the actor's session ends without another request, or the
// zero time.
func (s *Service) expires(ctx context.Context, a authz.Actor) (time.Time, error) {
	if a.Session == "" {
		return time.Time{}, nil
	}
	row, ok, err := s.find(ctx, "id", a.Session)
	if err != nil || !ok {
		return time.Time{}, err
	}
	return s.session(row).Expires, nil
}

// SignOut ends the session of the actor of ctx. Without one it fails with
// [ErrNoSession].
func (s *Service) SignOut(ctx context.Context) error {
	a := authz.ActorFrom(ctx)
	if a.Session == "" {
		return ErrNoSession
	}
	return endSession(ctx, s.o.DB.Write, a.Session)
}

// ChangePassword changes the password of the actor of ctx and ends all its other
// sessions. It fails with [ErrNoSession], [ErrCurrent], [ErrPassword],
// [ErrSlowDown] and [ErrBusy].
func (s *Service) ChangePassword(ctx context.Context, current, password, peer string) error {
	a := authz.ActorFrom(ctx)
	if a.Session == "" {
		return ErrNoSession
	}
	row, err := accountBy(ctx, s.o.DB.Read, "id", a.ID)
	if err != nil {
		return err
	}
	// A stolen session must not find out the password either.
	if err := s.attempt(ctx, row.NameKey, peer); err != nil {
		return err
	}
	var ok bool
	if err := s.hashing(ctx, func() { ok, _ = s.o.Cost.match(row.Password, norm.NFC.String(current)) }); err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	if !ok {
		return ErrCurrent
	}
	hash, err := s.hash(ctx, password, row.Name)
	if err != nil {
		return err
	}
	err = s.o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := succeeded(ctx, tx, row.NameKey, peer); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model((*accountRow)(nil)).Set("password = ?", hash).Where("id = ?", row.ID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		return endSessions(ctx, tx, row.ID, a.Session)
	})
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	return nil
}

func endSession(ctx context.Context, db bun.IDB, id string) error {
	if _, err := db.NewDelete().Model((*sessionRow)(nil)).Where("id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// endSessions ends the sessions of an account except one.
func endSessions(ctx context.Context, tx bun.Tx, account, except string) error {
	_, err := tx.NewDelete().Model((*sessionRow)(nil)).Where("account_id = ?", account).Where("id <> ?", except).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}
