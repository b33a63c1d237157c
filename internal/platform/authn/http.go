package authn

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

// PersonJSON says who somebody is. It is exported because it is embedded: the
// description of the API shows no others.
type PersonJSON struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	Role authz.Role `json:"role" enum:"administrator,analyst,reader"`
}

// sessionJSON says who is signed in and what the console must know before that.
type sessionJSON struct {
	SignedIn    bool        `json:"signed_in"`
	SetupNeeded bool        `json:"setup_needed" doc:"There is no account yet"`
	Account     *PersonJSON `json:"account,omitempty" doc:"Who; for a token its id and name"`
	Permissions []string    `json:"permissions" doc:"Ids of what the role may do, sorted"`
	ServerTime  time.Time   `json:"server_time"`
	Zone        string      `json:"zone" doc:"In which people at the station read times" example:"Asia/Shanghai"`
	Version     string      `json:"version" doc:"Of the station; empty for nobody"`
	Demo        bool        `json:"demo" doc:"The station plays a scenario"`
	Secure      bool        `json:"secure" doc:"TLS ends at the station"`
	ExpiresAt   *time.Time  `json:"expires_at,omitempty" doc:"When the session ends without another request"`
}

type sessionResponse struct{ Body sessionJSON }

// signInResponse gives the cookie too.
type signInResponse struct {
	SetCookie string `header:"Set-Cookie"`
	Body      sessionJSON
}

type cookieResponse struct {
	SetCookie string `header:"Set-Cookie"`
}

type setupRequest struct {
	Body struct {
		Code     string `json:"code" maxLength:"40" doc:"Printed on the station's terminal at its start"`
		Name     string `json:"name" maxLength:"256"`
		Password string `json:"password" maxLength:"1024" doc:"8 characters at least, 15 or more recommended"`
	}
}

type signInRequest struct {
	Body struct {
		Name     string `json:"name" maxLength:"256"`
		Password string `json:"password" maxLength:"1024"`
	}
}

type passwordRequest struct {
	Body struct {
		Current string `json:"current" maxLength:"1024"`
		New     string `json:"new" maxLength:"1024" doc:"8 characters at least, 15 or more recommended"`
	}
}

type accountJSON struct {
	PersonJSON

	Disabled   bool       `json:"disabled"`
	CreatedAt  time.Time  `json:"created_at"`
	LastSignIn *time.Time `json:"last_sign_in,omitempty" doc:"Shown to administrators"`
}

// TokenJSON is a token without its secret; exported like [PersonJSON].
type TokenJSON struct {
	PersonJSON

	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	LastUsed  *time.Time `json:"last_used,omitempty" doc:"To the minute"`
}

type newTokenJSON struct {
	TokenJSON

	Token string `json:"token" doc:"The secret; it is not shown again"`
}

type pageQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Cursor string `query:"cursor" maxLength:"64" doc:"next of the page before"`
}

type accountsResponse struct {
	Body struct {
		Items []accountJSON `json:"items"`
		Next  string        `json:"next" doc:"Cursor of the next page; empty on the last"`
	}
}

type accountResponse struct{ Body accountJSON }

type createAccountRequest struct {
	Body struct {
		Name     string     `json:"name" maxLength:"256"`
		Role     authz.Role `json:"role" enum:"administrator,analyst,reader"`
		Password string     `json:"password" maxLength:"1024" doc:"8 characters at least, 15 or more recommended"`
	}
}

type updateAccountRequest struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Role     *authz.Role `json:"role,omitempty" enum:"administrator,analyst,reader"`
		Disabled *bool       `json:"disabled,omitempty"`
		Password *string     `json:"password,omitempty" maxLength:"1024"`
	}
}

type tokensResponse struct {
	Body struct {
		Items []TokenJSON `json:"items"`
		Next  string      `json:"next" doc:"Cursor of the next page; empty on the last"`
	}
}

type createTokenRequest struct {
	Body struct {
		Name    string     `json:"name" maxLength:"256"`
		Role    authz.Role `json:"role" enum:"administrator,analyst,reader"`
		Expires string     `json:"expires,omitempty" maxLength:"20" doc:"A span such as 24h or 90d; default a year, at most two" example:"90d"`
	}
}

type createTokenResponse struct{ Body newTokenJSON }

type idRequest struct {
	ID string `path:"id" maxLength:"64"`
}

// Routes registers the operations of sessions, accounts and tokens.
func (s *Service) Routes(api huma.API) {
	httpapi.Register(api, httpapi.Op{
		ID: "get-session", Method: http.MethodGet, Path: "/session", Permission: authz.Public,
		Summary: "Who is signed in, and what the station is", Tags: []string{"session"},
	}, s.getSession)
	httpapi.Register(api, httpapi.Op{
		ID: "set-up", Method: http.MethodPost, Path: "/setup", Permission: authz.Public, Status: http.StatusCreated,
		Summary: "Create the first administrator and sign in", Tags: []string{"session"}, MaxBody: 8 << 10,
	}, s.setUpStation)
	httpapi.Register(api, httpapi.Op{
		ID: "sign-in", Method: http.MethodPost, Path: "/session", Permission: authz.Public,
		Summary: "Sign in with name and password", Tags: []string{"session"}, MaxBody: 8 << 10,
	}, s.signIn)
	httpapi.Register(api, httpapi.Op{
		ID: "sign-out", Method: http.MethodDelete, Path: "/session", Permission: authz.Self,
		Summary: "End the session", Tags: []string{"session"},
	}, s.signOut)
	httpapi.Register(api, httpapi.Op{
		ID: "change-password", Method: http.MethodPost, Path: "/session/password", Permission: authz.Self, Status: http.StatusNoContent,
		Summary: "Change one's password and end one's other sessions", Tags: []string{"session"}, MaxBody: 8 << 10,
	}, func(ctx context.Context, in *passwordRequest) (*struct{}, error) {
		return nil, s.ChangePassword(ctx, in.Body.Current, in.Body.New, httpapi.Peer(ctx))
	})
	httpapi.Register(api, httpapi.Op{
		ID: "list-accounts", Method: http.MethodGet, Path: "/accounts", Permission: PermAccountRead,
		Summary: "List accounts, the oldest first",
	}, s.listAccounts)
	httpapi.Register(api, httpapi.Op{
		ID: "create-account", Method: http.MethodPost, Path: "/accounts", Permission: PermAccountWrite, Status: http.StatusCreated,
		Summary: "Add an account", MaxBody: 8 << 10,
	}, s.createAccount)
	httpapi.Register(api, httpapi.Op{
		ID: "update-account", Method: http.MethodPatch, Path: "/accounts/{id}", Permission: PermAccountWrite,
		Summary: "Change role, state or password of an account and end its sessions", MaxBody: 8 << 10,
	}, s.updateAccount)
	httpapi.Register(api, httpapi.Op{
		ID: "list-tokens", Method: http.MethodGet, Path: "/tokens", Permission: PermTokenRead,
		Summary: "List tokens, the oldest first",
	}, s.listTokens)
	httpapi.Register(api, httpapi.Op{
		ID: "create-token", Method: http.MethodPost, Path: "/tokens", Permission: PermTokenWrite, Status: http.StatusCreated,
		Summary: "Add a token for a program", MaxBody: 8 << 10,
	}, s.createToken)
	httpapi.Register(api, httpapi.Op{
		ID: "revoke-token", Method: http.MethodDelete, Path: "/tokens/{id}", Permission: PermTokenWrite,
		Summary: "Revoke a token",
	}, func(ctx context.Context, in *idRequest) (*struct{}, error) {
		return nil, s.RevokeToken(ctx, in.ID)
	})
}

// view returns what an actor sees of the session.
func (s *Service) view(ctx context.Context, a authz.Actor, expires time.Time) (sessionJSON, error) {
	found, err := s.anyAccount(ctx)
	if err != nil {
		return sessionJSON{}, err
	}
	out := sessionJSON{
		SetupNeeded: !found, Permissions: []string{}, ServerTime: s.now(), Zone: s.o.Station.Zone,
		Demo: s.o.Station.Demo, Secure: s.o.Secure,
	}
	if a.Nobody() {
		return out, nil
	}
	out.SignedIn, out.Version = true, s.o.Station.Version
	out.Account = &PersonJSON{ID: a.ID, Name: a.Name, Role: a.Role}
	for _, p := range s.o.Permissions() {
		if p.Allows(a) {
			out.Permissions = append(out.Permissions, p.ID)
		}
	}
	slices.Sort(out.Permissions)
	out.Permissions = slices.Compact(out.Permissions)
	out.ExpiresAt = known(expires)
	return out, nil
}

// known returns nil for the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Service) getSession(ctx context.Context, _ *struct{}) (*sessionResponse, error) {
	a := authz.ActorFrom(ctx)
	expires, err := s.expires(ctx, a)
	if err != nil {
		return nil, err
	}
	body, err := s.view(ctx, a, expires)
	if err != nil {
		return nil, err
	}
	return &sessionResponse{Body: body}, nil
}

// signedIn is the answer to who has just begun a session.
func (s *Service) signedIn(ctx context.Context, session Session, secret string) (*signInResponse, error) {
	httpapi.Annotate(ctx, func(a *httpapi.Audit) { a.Actor = session.Actor })
	body, err := s.view(ctx, session.Actor, session.Expires)
	if err != nil {
		return nil, err
	}
	return &signInResponse{SetCookie: s.cookie(secret), Body: body}, nil
}

func (s *Service) setUpStation(ctx context.Context, in *setupRequest) (*signInResponse, error) {
	n := NewAccount{Name: in.Body.Name, Password: in.Body.Password}
	session, secret, err := s.SetUp(ctx, in.Body.Code, n, httpapi.Peer(ctx))
	if err != nil {
		return nil, err
	}
	return s.signedIn(ctx, session, secret)
}

func (s *Service) signIn(ctx context.Context, in *signInRequest) (*signInResponse, error) {
	session, secret, err := s.SignIn(ctx, in.Body.Name, in.Body.Password, httpapi.Peer(ctx))
	if err != nil {
		return nil, err
	}
	return s.signedIn(ctx, session, secret)
}

func (s *Service) signOut(ctx context.Context, _ *struct{}) (*cookieResponse, error) {
	if err := s.SignOut(ctx); err != nil {
		return nil, err
	}
	return &cookieResponse{SetCookie: s.cookie("")}, nil
}

// page cuts a list that was asked for one item more than limit.
func page[T any](items []T, limit int, id func(T) string) (cut []T, next string) {
	if len(items) <= limit {
		return items, ""
	}
	return items[:limit], id(items[limit-1])
}

// after checks a cursor, which is the id of the last item of the page before.
func after(cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	id, err := uuid.Parse(cursor)
	if err != nil || id.String() != cursor {
		return "", ErrCursor
	}
	return cursor, nil
}

func accountView(a Account, by authz.Actor) accountJSON {
	out := accountJSON{PersonJSON: PersonJSON{ID: a.ID, Name: a.Name, Role: a.Role}, Disabled: a.Disabled, CreatedAt: a.CreatedAt}
	if by.Role == authz.Administrator {
		out.LastSignIn = known(a.LastSignIn)
	}
	return out
}

func (s *Service) listAccounts(ctx context.Context, in *pageQuery) (*accountsResponse, error) {
	last, err := after(in.Cursor)
	if err != nil {
		return nil, err
	}
	list, err := s.Accounts(ctx, last, in.Limit+1)
	if err != nil {
		return nil, err
	}
	list, next := page(list, in.Limit, func(a Account) string { return a.ID })
	out := &accountsResponse{}
	out.Body.Next = next
	for _, a := range list {
		out.Body.Items = append(out.Body.Items, accountView(a, authz.ActorFrom(ctx)))
	}
	return out, nil
}

func (s *Service) createAccount(ctx context.Context, in *createAccountRequest) (*accountResponse, error) {
	a, err := s.CreateAccount(ctx, NewAccount{Name: in.Body.Name, Password: in.Body.Password, Role: in.Body.Role})
	if err != nil {
		return nil, err
	}
	httpapi.Annotate(ctx, func(r *httpapi.Audit) {
		r.Object("account", a.ID)
		r.Detail("role", string(a.Role))
	})
	return &accountResponse{Body: accountView(a, authz.ActorFrom(ctx))}, nil
}

func (s *Service) updateAccount(ctx context.Context, in *updateAccountRequest) (*accountResponse, error) {
	b := in.Body
	httpapi.Annotate(ctx, func(r *httpapi.Audit) {
		if b.Role != nil {
			r.Detail("role", string(*b.Role))
		}
		if b.Disabled != nil {
			r.Detail("disabled", map[bool]string{true: "true", false: "false"}[*b.Disabled])
		}
		if b.Password != nil {
			r.Detail("password", "set")
		}
	})
	a, err := s.UpdateAccount(ctx, in.ID, Change{Role: b.Role, Disabled: b.Disabled, Password: b.Password})
	if err != nil {
		return nil, err
	}
	return &accountResponse{Body: accountView(a, authz.ActorFrom(ctx))}, nil
}

func tokenView(t Token) TokenJSON {
	return TokenJSON{
		PersonJSON: PersonJSON{ID: t.ID, Name: t.Name, Role: t.Role},
		CreatedAt:  t.CreatedAt, ExpiresAt: known(t.ExpiresAt), LastUsed: known(t.LastUsed),
	}
}

func (s *Service) listTokens(ctx context.Context, in *pageQuery) (*tokensResponse, error) {
	last, err := after(in.Cursor)
	if err != nil {
		return nil, err
	}
	list, err := s.Tokens(ctx, last, in.Limit+1)
	if err != nil {
		return nil, err
	}
	list, next := page(list, in.Limit, func(t Token) string { return t.ID })
	out := &tokensResponse{}
	out.Body.Next = next
	for _, t := range list {
		out.Body.Items = append(out.Body.Items, tokenView(t))
	}
	return out, nil
}

func (s *Service) createToken(ctx context.Context, in *createTokenRequest) (*createTokenResponse, error) {
	life, err := ParseLife(in.Body.Expires)
	if err != nil {
		return nil, err
	}
	t, secret, err := s.CreateToken(ctx, NewToken{Name: in.Body.Name, Role: in.Body.Role, Life: life})
	if err != nil {
		return nil, err
	}
	httpapi.Annotate(ctx, func(r *httpapi.Audit) {
		r.Object("token", t.ID)
		r.Detail("role", string(t.Role))
	})
	return &createTokenResponse{Body: newTokenJSON{TokenJSON: tokenView(t), Token: secret}}, nil
}

// ParseLife reads how long a token lasts: what [time.ParseDuration] reads, or
// whole days such as 90d; "" is 0, the default. It fails with [ErrExpiry].
func ParseLife(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	days, inDays := strings.CutSuffix(text, "d")
	if inDays {
		text = days + "h"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > longestLife {
		return 0, ErrExpiry.At("body.expires", "not a span such as 24h or 90d")
	}
	if inDays {
		d *= 24
	}
	return d, nil
}
