package authn

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/internal/platform/sqldb/sqldbtest"
)

// cheap keeps tests fast; what a password costs is not their subject.
var cheap = Cost{Time: 1, Memory: 64}

const password = "three green kettles"

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

type fixture struct {
	*Service

	db    *sqldb.DB
	clock *clock
	admin Account
}

// open returns a service with one administrator, "Wang", who has the password.
func open(t *testing.T, change func(*Options)) *fixture {
	t.Helper()
	f := &fixture{db: sqldbtest.Open(t, Name, Migrations()), clock: &clock{t: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}}
	f.Service = f.again(t, change)
	var err error
	if f.admin, err = f.CreateAccount(t.Context(), NewAccount{Name: "Wang", Password: password, Role: authz.Administrator}); err != nil {
		t.Fatal(err)
	}
	return f
}

// again returns a service on the same records, as after a restart.
func (f *fixture) again(t *testing.T, change func(*Options)) *Service {
	t.Helper()
	o := Options{DB: f.db, Now: f.clock.Now, Cost: cheap}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (f *fixture) add(t *testing.T, name string, role authz.Role) Account {
	t.Helper()
	a, err := f.CreateAccount(t.Context(), NewAccount{Name: name, Password: password, Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// in signs in and returns the cookie's value.
func (f *fixture) in(t *testing.T, name string) (Session, string) {
	t.Helper()
	session, secret, err := f.SignIn(t.Context(), name, password, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	return session, secret
}

// actor returns whom a cookie stands for.
func (f *fixture) actor(t *testing.T, secret string) authz.Actor {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: f.cookieName(), Value: secret})
	a, err := f.Authenticate(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (f *fixture) bearer(t *testing.T, header string) authz.Actor {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("Authorization", header)
	a, err := f.Authenticate(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func as(t *testing.T, s Session) context.Context {
	t.Helper()
	return authz.WithActor(t.Context(), s.Actor)
}

func TestSignIn(t *testing.T) {
	f := open(t, nil)
	f.add(t, "Élodie 李", authz.Analyst)
	if _, err := f.UpdateAccount(t.Context(), f.add(t, "gone", authz.Reader).ID, Change{Disabled: new(true)}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, account, password string
		want                    string // name of the actor; "" none
	}{
		{"right", "Wang", password, "Wang"},
		{"other case", "wANG", password, "Wang"},
		{"spaces around", "  Wang ", password, "Wang"},
		{"full-width letters", "Ｗａｎｇ", password, "Wang"},
		{"decomposed letters", "E\u0301lodie 李", password, "Élodie 李"},
		{"wrong password", "Wang", password + "x", ""},
		{"password with a space behind", "Wang", password + " ", ""},
		{"password in other case", "Wang", "Three green kettles", ""},
		{"no password", "Wang", "", ""},
		{"no name", "", password, ""},
		{"unknown name", "Zhang", password, ""},
		{"disabled", "gone", password, ""},
		{"NUL behind the name", "Wang\x00", password, ""},
		{"pattern", "W%", password, ""},
		{"quote", "Wang' OR '1'='1", password, ""},
		{"stored hash as password", "Wang", "$argon2id$", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, secret, err := f.SignIn(t.Context(), tt.account, tt.password, "192.0.2.1")
			if tt.want == "" {
				p, ok := problem.From(err)
				if !ok || !errors.Is(err, ErrSignIn) || p != ErrSignIn || secret != "" {
					t.Errorf("error %v, secret %q", err, secret)
				}
				return
			}
			if err != nil || s.Actor.Name != tt.want || s.Actor.Kind != authz.Person {
				t.Fatalf("%+v, %v", s.Actor, err)
			}
			if a := f.actor(t, secret); a != s.Actor {
				t.Errorf("the cookie stands for %+v", a)
			}
		})
	}
}

func TestUnknownNamesCostWhatKnownOnesDo(t *testing.T) {
	f := open(t, nil)
	row, err := accountBy(t.Context(), f.db.Read, "id", f.admin.ID)
	if err != nil {
		t.Fatal(err)
	}
	cut := len("$argon2id$v=19$m=64,t=1,p=1$")
	if len(row.Password) != len(f.dummy) || row.Password[:cut] != f.dummy[:cut] {
		t.Errorf("%s and %s", row.Password[:cut], f.dummy[:cut])
	}
}

// TestSessionsEndAtOnce looks at the next request after whatever ends a session.
func TestSessionsEndAtOnce(t *testing.T) {
	tests := []struct {
		name string
		act  func(t *testing.T, f *fixture, id string, s Session) error
		ends bool
	}{
		{"nothing", func(*testing.T, *fixture, string, Session) error { return nil }, false},
		{"sign-out", func(t *testing.T, f *fixture, _ string, s Session) error { return f.SignOut(as(t, s)) }, true},
		{"disabled", func(t *testing.T, f *fixture, id string, _ Session) error {
			_, err := f.UpdateAccount(t.Context(), id, Change{Disabled: new(true)})
			return err
		}, true},
		{"another role", func(t *testing.T, f *fixture, id string, _ Session) error {
			_, err := f.UpdateAccount(t.Context(), id, Change{Role: new(authz.Reader)})
			return err
		}, true},
		{"the same role", func(t *testing.T, f *fixture, id string, _ Session) error {
			_, err := f.UpdateAccount(t.Context(), id, Change{Role: new(authz.Analyst)})
			return err
		}, false},
		{"password set by an administrator", func(t *testing.T, f *fixture, id string, _ Session) error {
			_, err := f.UpdateAccount(t.Context(), id, Change{Password: new("another long one")})
			return err
		}, true},
		{"password set on the host", func(t *testing.T, f *fixture, _ string, _ Session) error {
			_, err := f.SetPassword(t.Context(), "LI", "another long one")
			return err
		}, true},
		{"password changed elsewhere", func(t *testing.T, f *fixture, _ string, _ Session) error {
			other, _ := f.in(t, "Li")
			return f.ChangePassword(as(t, other), password, "another long one", "192.0.2.1")
		}, true},
		{"password changed here", func(t *testing.T, f *fixture, _ string, s Session) error {
			return f.ChangePassword(as(t, s), password, "another long one", "192.0.2.1")
		}, false},
		{"signed in again here", func(t *testing.T, f *fixture, _ string, s Session) error {
			_, _, err := f.SignIn(as(t, s), "Li", password, "192.0.2.1")
			return err
		}, true},
		{"idle", func(_ *testing.T, f *fixture, _ string, _ Session) error { f.clock.pass(12 * time.Hour); return nil }, true},
		{"nearly idle", func(_ *testing.T, f *fixture, _ string, _ Session) error {
			f.clock.pass(12*time.Hour - time.Second)
			return nil
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := open(t, nil)
			li := f.add(t, "Li", authz.Analyst)
			s, secret := f.in(t, "Li")
			if err := tt.act(t, f, li.ID, s); err != nil {
				t.Fatal(err)
			}
			alive, err := f.Alive(t.Context(), s.Actor)
			if err != nil || alive == tt.ends {
				t.Errorf("alive %v, %v", alive, err)
			}
			if a := f.actor(t, secret); a.Nobody() != tt.ends {
				t.Errorf("the next request is from %+v", a)
			}
		})
	}
}

func TestSessionsEndAfterAWeekWhateverIsDone(t *testing.T) {
	f := open(t, nil)
	s, secret := f.in(t, "Wang")
	if want := f.clock.Now().Add(12 * time.Hour); !s.Expires.Equal(want) {
		t.Errorf("expires %s, want %s", s.Expires, want)
	}
	begin := f.clock.Now()
	for f.clock.Now().Before(begin.Add(7 * 24 * time.Hour)) {
		if f.actor(t, secret).Nobody() {
			t.Fatalf("ended after %s", f.clock.Now().Sub(begin))
		}
		f.clock.pass(6 * time.Hour)
	}
	if !f.actor(t, secret).Nobody() {
		t.Error("it goes on after a week")
	}
}

func TestCookies(t *testing.T) {
	f := open(t, nil)
	_, secret := f.in(t, "Wang")
	tests := []struct {
		name   string
		secure bool
		header string
		known  bool
	}{
		{"plain", false, "fs_session=" + secret, true},
		{"with others", false, "a=b; fs_session=" + secret, true},
		{"two of them", false, "fs_session=x; fs_session=" + secret, false},
		{"plain name where TLS is", true, "fs_session=" + secret, false},
		{"host name where TLS is", true, "__Host-fs_session=" + secret, true},
		{"id of the session", false, "fs_session=" + digest(secret), false},
		{"empty", false, "fs_session=", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := f.again(t, func(o *Options) { o.Secure = tt.secure })
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.Header.Set("Cookie", tt.header)
			if a, err := s.Authenticate(r); err != nil || a.Nobody() == tt.known {
				t.Errorf("%+v, %v", a, err)
			}
			r.Header.Set("Authorization", "Bearer x")
			if a, err := s.Authenticate(r); err != nil || !a.Nobody() {
				t.Errorf("with a bad token beside it: %+v, %v", a, err)
			}
		})
	}
	if got, want := f.cookie("S"), "fs_session=S; Path=/; HttpOnly; SameSite=Strict"; got != want {
		t.Errorf("cookie %q", got)
	}
	s := f.again(t, func(o *Options) { o.Secure = true })
	if got, want := s.cookie("S"), "__Host-fs_session=S; Path=/; HttpOnly; Secure; SameSite=Strict"; got != want {
		t.Errorf("cookie %q", got)
	}
	if got, want := f.cookie(""), "fs_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"; got != want {
		t.Errorf("cookie %q", got)
	}
}

func TestTokens(t *testing.T) {
	f := open(t, nil)
	token, secret, err := f.CreateToken(t.Context(), NewToken{Name: "backup job", Role: authz.Reader, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	want := authz.Actor{ID: token.ID, Name: "backup job", Role: authz.Reader, Kind: authz.Token}
	tests := []struct {
		name, header string
		want         authz.Actor
	}{
		{"right", "Bearer " + secret, want},
		{"other case of the scheme", "bearer " + secret, want},
		{"another scheme", "Basic " + secret, authz.Actor{}},
		{"cut", "Bearer " + secret[:len(secret)-1], authz.Actor{}},
		{"longer", "Bearer " + secret + "x", authz.Actor{}},
		{"token of a source", "Bearer fs_src_" + secret[len(tokenPrefix):], authz.Actor{}},
		{"its digest", "Bearer " + digest(secret), authz.Actor{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if a := f.bearer(t, tt.header); a != tt.want {
				t.Errorf("%+v", a)
			}
		})
	}
	list, err := f.Tokens(t.Context(), "", 10)
	if err != nil || len(list) != 1 || !list[0].LastUsed.Equal(f.clock.Now()) {
		t.Errorf("%+v, %v", list, err)
	}
	f.clock.pass(time.Hour)
	if a := f.bearer(t, "Bearer "+secret); !a.Nobody() {
		t.Errorf("expired and still %+v", a)
	}
	if alive, err := f.Alive(t.Context(), want); err != nil || alive {
		t.Errorf("expired and alive: %v, %v", alive, err)
	}
	token, secret, err = f.CreateToken(t.Context(), NewToken{Name: "x", Role: authz.Reader})
	if err != nil || token.ExpiresAt.Sub(token.CreatedAt) != defaultLife {
		t.Fatalf("%+v, %v", token, err)
	}
	if err := f.RevokeToken(t.Context(), token.ID); err != nil {
		t.Fatal(err)
	}
	if a := f.bearer(t, "Bearer "+secret); !a.Nobody() {
		t.Errorf("revoked and still %+v", a)
	}
	if err := f.RevokeToken(t.Context(), token.ID); !errors.Is(err, ErrNoToken) {
		t.Errorf("revoked twice: %v", err)
	}
	for _, n := range []NewToken{
		{Name: "x", Role: authz.Source},
		{Name: "x", Role: "root"},
		{Name: "x"},
		{Role: authz.Reader},
		{Name: "x", Role: authz.Reader, Life: time.Second},
		{Name: "x", Role: authz.Reader, Life: 3 * defaultLife},
	} {
		if _, _, err := f.CreateToken(t.Context(), n); err == nil {
			t.Errorf("%+v was taken", n)
		}
	}
}

func TestAttemptsWait(t *testing.T) {
	f := open(t, nil)
	try := func(s *Service, name, pass, peer string) (time.Duration, error) {
		_, _, err := s.SignIn(t.Context(), name, pass, peer)
		if p, ok := problem.From(err); ok {
			return p.RetryAfter(), err
		}
		return 0, err
	}
	for i := range freePerName {
		if _, err := try(f.Service, "Wang", "wrong password", "192.0.2.1"); !errors.Is(err, ErrSignIn) {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	after, err := try(f.Service, "Wang", password, "192.0.2.1")
	if !errors.Is(err, ErrSlowDown) || after != shortWait {
		t.Fatalf("wait %s, %v", after, err)
	}
	t.Run("nor after a restart", func(t *testing.T) {
		if _, err := try(f.again(t, nil), "wang ", password, "192.0.2.1"); !errors.Is(err, ErrSlowDown) {
			t.Error(err)
		}
	})
	t.Run("not from elsewhere", func(t *testing.T) {
		if _, err := try(f.Service, "Wang", password, "192.0.2.2"); err != nil {
			t.Error(err)
		}
	})
	t.Run("not another name", func(t *testing.T) {
		if _, err := try(f.Service, "nobody", password, "192.0.2.1"); !errors.Is(err, ErrSignIn) {
			t.Error(err)
		}
	})
	t.Run("twice as long each time", func(t *testing.T) {
		f.clock.pass(after)
		if _, err := try(f.Service, "Wang", "wrong password", "192.0.2.1"); !errors.Is(err, ErrSignIn) {
			t.Error(err)
		}
		if after, err := try(f.Service, "Wang", password, "192.0.2.1"); !errors.Is(err, ErrSlowDown) || after != 2*shortWait {
			t.Errorf("wait %s, %v", after, err)
		}
	})
	t.Run("success begins anew", func(t *testing.T) {
		f.clock.pass(2 * shortWait)
		if _, err := try(f.Service, "Wang", password, "192.0.2.1"); err != nil {
			t.Error(err)
		}
		if _, err := try(f.Service, "Wang", "wrong password", "192.0.2.1"); !errors.Is(err, ErrSignIn) {
			t.Error(err)
		}
	})
	t.Run("many names of one network", func(t *testing.T) {
		var err error
		for i := range freePerAddress + 1 {
			_, err = try(f.Service, "name"+string(rune('a'+i)), password, "2001:db8::"+string("0123456789abcdef"[i%16]))
		}
		if !errors.Is(err, ErrSlowDown) {
			t.Error(err)
		}
	})
	t.Run("and forgotten after an hour", func(t *testing.T) {
		f.clock.pass(forgetAfter + time.Second)
		if _, err := try(f.Service, "Wang", "wrong password", "192.0.2.9"); !errors.Is(err, ErrSignIn) {
			t.Error(err)
		}
		n, err := f.db.Read.NewSelect().Model((*attemptRow)(nil)).Count(t.Context())
		if err != nil || n != 2 {
			t.Errorf("%d counts are kept, %v", n, err)
		}
	})
}

func TestAttemptsAtTheSameTimeCount(t *testing.T) {
	f := open(t, nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	failed := 0
	for range 20 {
		wg.Go(func() {
			if _, _, err := f.SignIn(t.Context(), "Wang", "wrong password", "192.0.2.1"); errors.Is(err, ErrSignIn) {
				mu.Lock()
				failed++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if failed > freePerName {
		t.Errorf("%d passwords were tried, %d are free", failed, freePerName)
	}
}

func TestSetUp(t *testing.T) {
	f := &fixture{db: sqldbtest.Open(t, Name, Migrations()), clock: &clock{t: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}}
	f.Service = f.again(t, nil)
	code, err := f.SetupCode(t.Context())
	if err != nil || len(code) != 14 {
		t.Fatalf("%q, %v", code, err)
	}
	if again, err := f.SetupCode(t.Context()); err != nil || again != code {
		t.Errorf("asked twice: %q, %v", again, err)
	}
	if other, err := f.again(t, nil).SetupCode(t.Context()); err != nil || other == code {
		t.Errorf("the next start has the same code, %v", err)
	}
	n := NewAccount{Name: "Wang", Password: password}
	for _, wrong := range []string{"", "AAAA-AAAA-AAAA", code[:13]} {
		if _, _, err := f.SetUp(t.Context(), wrong, n, "192.0.2.1"); !errors.Is(err, ErrSetUpCode) {
			t.Errorf("code %q: %v", wrong, err)
		}
	}
	if _, _, err := f.SetUp(t.Context(), code, NewAccount{Name: "Wang", Password: "short"}, "192.0.2.1"); !errors.Is(err, ErrPassword) {
		t.Errorf("weak password: %v", err)
	}
	s, secret, err := f.SetUp(t.Context(), " "+code[:4]+code[5:9]+" "+code[10:], n, "192.0.2.1")
	if err != nil || s.Actor.Role != authz.Administrator || f.actor(t, secret) != s.Actor {
		t.Fatalf("%+v, %v", s, err)
	}
	if _, _, err := f.SetUp(t.Context(), code, NewAccount{Name: "Eve", Password: password}, "192.0.2.1"); !errors.Is(err, ErrSetUpDone) {
		t.Errorf("a second time: %v", err)
	}
	if code, err := f.again(t, nil).SetupCode(t.Context()); err != nil || code != "" {
		t.Errorf("there is a code %q for a station with an account, %v", code, err)
	}
}

func TestOneSetUpOfMany(t *testing.T) {
	f := &fixture{db: sqldbtest.Open(t, Name, Migrations()), clock: &clock{t: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}}
	f.Service = f.again(t, nil)
	code, err := f.SetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var done sync.Map
	for _, name := range []string{"one", "two", "three", "four"} {
		wg.Go(func() {
			if _, _, err := f.SetUp(t.Context(), code, NewAccount{Name: name, Password: password}, "192.0.2.1"); err == nil {
				done.Store(name, true)
			}
		})
	}
	wg.Wait()
	n := 0
	done.Range(func(any, any) bool { n++; return true })
	if list, err := f.Accounts(t.Context(), "", 10); err != nil || n != 1 || len(list) != 1 {
		t.Errorf("%d set-ups, accounts %+v, %v", n, list, err)
	}
}

func TestAccountsThatAreRefused(t *testing.T) {
	f := open(t, nil)
	li := f.add(t, "Li", authz.Analyst)
	self := authz.WithActor(t.Context(), authz.Actor{ID: f.admin.ID, Role: authz.Administrator})
	other := authz.WithActor(t.Context(), authz.Actor{ID: "t1", Role: authz.Administrator, Kind: authz.Token})
	create := func(n NewAccount) func() error {
		return func() error { _, err := f.CreateAccount(t.Context(), n); return err }
	}
	update := func(ctx context.Context, id string, c Change) func() error {
		return func() error { _, err := f.UpdateAccount(ctx, id, c); return err }
	}
	tests := []struct {
		name string
		act  func() error
		want error
	}{
		{"name in other case", create(NewAccount{Name: " wang", Password: password, Role: authz.Reader}), ErrNameTaken},
		{"name in full-width letters", create(NewAccount{Name: "ＷＡＮＧ", Password: password, Role: authz.Reader}), ErrNameTaken},
		{"empty name", create(NewAccount{Name: " ", Password: password, Role: authz.Reader}), ErrName},
		{"name with a line break", create(NewAccount{Name: "a\nb", Password: password, Role: authz.Reader}), ErrName},
		{"name that is written backwards", create(NewAccount{Name: "a\u202eb", Password: password, Role: authz.Reader}), ErrName},
		{"role of a source", create(NewAccount{Name: "x", Password: password, Role: authz.Source}), ErrRole},
		{"no role", create(NewAccount{Name: "x", Password: password}), ErrRole},
		{"weak password", create(NewAccount{Name: "x", Password: "1234567", Role: authz.Reader}), ErrPassword},
		{"nobody", update(other, "x", Change{Disabled: new(true)}), ErrNoAccount},
		{"role that is none", update(other, li.ID, Change{Role: new(authz.Role("root"))}), ErrRole},
		{"weak new password", update(other, li.ID, Change{Password: new("fengsui1")}), ErrPassword},
		{"own role", update(self, f.admin.ID, Change{Role: new(authz.Reader)}), ErrOwnAccount},
		{"own state", update(self, f.admin.ID, Change{Disabled: new(true)}), ErrOwnAccount},
		{"own password", update(self, f.admin.ID, Change{Password: new(password)}), nil},
		{"last administrator disabled", update(other, f.admin.ID, Change{Disabled: new(true)}), ErrLastAdmin},
		{"last administrator made a reader", update(other, f.admin.ID, Change{Role: new(authz.Reader)}), ErrLastAdmin},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.act(); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
	list, err := f.Accounts(t.Context(), "", 10)
	if err != nil || len(list) != 2 || list[0].Disabled || list[0].Role != authz.Administrator || list[1].Role != authz.Analyst {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestHasAccount(t *testing.T) {
	f := open(t, nil)
	reader, gone := f.add(t, "reader", authz.Reader), f.add(t, "gone", authz.Analyst)
	if _, err := f.UpdateAccount(t.Context(), gone.ID, Change{Disabled: new(true)}); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{f.admin.ID: true, f.add(t, "Li", authz.Analyst).ID: true, reader.ID: false, gone.ID: false, "": false, "x": false} {
		if got, err := f.HasAccount(t.Context(), id); err != nil || got != want {
			t.Errorf("%s: %v, %v", id, got, err)
		}
	}
}

func TestHashIsRenewedWhenItsCostChanges(t *testing.T) {
	f := open(t, nil)
	s := f.again(t, func(o *Options) { o.Cost = Cost{Time: 2, Memory: 128} })
	if _, _, err := s.SignIn(t.Context(), "Wang", password, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	row, err := accountBy(t.Context(), f.db.Read, "id", f.admin.ID)
	if err != nil || row.Password[:28] != "$argon2id$v=19$m=128,t=2,p=1" {
		t.Errorf("%s, %v", row.Password, err)
	}
	if _, _, err := s.SignIn(t.Context(), "Wang", password, "192.0.2.1"); err != nil {
		t.Error(err)
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	db := sqldbtest.Open(b, Name, Migrations())
	s, err := New(Options{DB: db, Now: func() time.Time { return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) }, Cost: cheap})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.CreateAccount(b.Context(), NewAccount{Name: "Wang", Password: password, Role: authz.Administrator}); err != nil {
		b.Fatal(err)
	}
	_, secret, err := s.SignIn(b.Context(), "Wang", password, "192.0.2.1")
	if err != nil {
		b.Fatal(err)
	}
	for name, value := range map[string]string{"known": secret, "unknown": "x"} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.AddCookie(&http.Cookie{Name: "fs_session", Value: value})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Authenticate(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("password", func(b *testing.B) {
		hash := DefaultCost().hash(password)
		b.ReportAllocs()
		for b.Loop() {
			if ok, _ := DefaultCost().match(hash, password); !ok {
				b.Fatal("no match")
			}
		}
	})
}

// A change that takes no administrator away is never refused for the want of one.
func TestChangeWithoutAnyAdministrator(t *testing.T) {
	f := &fixture{db: sqldbtest.Open(t, Name, Migrations()), clock: &clock{t: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}}
	f.Service = f.again(t, nil)
	a := f.add(t, "li", authz.Analyst)
	other := "another horse battery"
	if _, err := f.UpdateAccount(t.Context(), a.ID, Change{Password: &other}); err != nil {
		t.Errorf("new password of the only account: %v", err)
	}
}
