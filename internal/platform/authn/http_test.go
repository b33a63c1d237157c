package authn

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
)

type trail struct {
	mu   sync.Mutex
	list []httpapi.Audit
}

func (n *trail) Record(_ context.Context, a httpapi.Audit) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, a)
	return nil
}

// browser keeps a cookie as a browser does.
type browser struct {
	t      *testing.T
	h      http.Handler
	cookie string
	bearer string
	last   http.Header
}

func (b *browser) do(method, path string, body any) (int, map[string]any) {
	b.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			b.t.Fatal(err)
		}
	}
	r := httptest.NewRequestWithContext(b.t.Context(), method, "/api/v1"+path, bytes.NewReader(text))
	r.RemoteAddr = "192.0.2.1:4711"
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if b.cookie != "" {
		r.Header.Set("Cookie", b.cookie)
	}
	if b.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+b.bearer)
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	b.last = w.Header()
	for _, c := range w.Result().Cookies() {
		b.cookie = ""
		if c.MaxAge >= 0 {
			b.cookie = c.Name + "=" + c.Value
		}
	}
	answer := map[string]any{}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			b.t.Fatalf("%v: %s", err, w.Body)
		}
	}
	return w.Code, answer
}

// want calls and compares the status and, for problems, the code.
func (b *browser) want(status int, code, method, path string, body any) map[string]any {
	b.t.Helper()
	got, answer := b.do(method, path, body)
	if found, _ := answer["code"].(string); got != status || found != code {
		b.t.Fatalf("%s %s: %d %v, want %d %s", method, path, got, answer, status, code)
	}
	return answer
}

type api struct {
	svc   *Service
	h     http.Handler
	clock *clock
	trail *trail
	log   *bytes.Buffer
	dir   string
}

func (a *api) browser(t *testing.T) *browser { return &browser{t: t, h: a.h} }

func serve(t *testing.T) *api {
	t.Helper()
	a := &api{clock: &clock{t: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}, trail: &trail{}, log: &bytes.Buffer{}, dir: t.TempDir()}
	db, err := sqldb.Open(t.Context(), filepath.Join(a.dir, "records.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := sqldb.Migrate(t.Context(), db, Name, Migrations()); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(a.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a.svc, err = New(Options{
		DB: db, Now: a.clock.Now, Cost: cheap, Log: log, Station: Station{Version: "1.2.3"},
		Permissions: func() []authz.Permission {
			return append(Permissions(), authz.Permission{ID: "alert.read", Roles: authz.People()})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server, err := httpapi.New(httpapi.Options{
		Authenticators: []httpapi.Authenticator{a.svc}, Recorder: a.trail, Now: a.clock.Now, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	a.svc.Routes(server.API())
	a.h = server.Handler()
	return a
}

// TestStory goes through the life of accounts, sessions and tokens, and looks
// for their secrets in every place where none may be.
func TestStory(t *testing.T) {
	a := serve(t)
	code, err := a.svc.SetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	admin := a.browser(t)
	if diff := cmp.Diff(map[string]any{
		"signed_in": false, "setup_needed": true, "permissions": []any{}, "server_time": "2026-03-01T08:00:00Z",
		"zone": "Asia/Shanghai", "version": "", "demo": false, "secure": false,
	}, admin.want(200, "", "GET", "/session", nil)); diff != "" {
		t.Error(diff)
	}
	admin.want(403, "auth.set_up_code", "POST", "/setup", map[string]string{"code": "x", "name": "Wang", "password": password})
	admin.want(201, "", "POST", "/setup", map[string]string{"code": code, "name": "Wang", "password": password})
	admin.want(409, "auth.set_up_done", "POST", "/setup", map[string]string{"code": code, "name": "Eve", "password": password})
	got := admin.want(200, "", "GET", "/session", nil)
	delete(got["account"].(map[string]any), "id")
	if diff := cmp.Diff(map[string]any{
		"signed_in": true, "setup_needed": false, "account": map[string]any{"name": "Wang", "role": "administrator"},
		"permissions": []any{"account.read", "account.write", "alert.read", "token.read", "token.write"},
		"server_time": "2026-03-01T08:00:00Z", "expires_at": "2026-03-01T20:00:00Z",
		"zone": "Asia/Shanghai", "version": "1.2.3", "demo": false, "secure": false,
	}, got); diff != "" {
		t.Error(diff)
	}

	const first, second = "a kettle for Li", "marbles under the sofa"
	li := admin.want(201, "", "POST", "/accounts", map[string]string{"name": "Li", "role": "reader", "password": first})
	path := "/accounts/" + li["id"].(string)
	admin.want(409, "auth.name_taken", "POST", "/accounts", map[string]string{"name": "LI", "role": "reader", "password": first})
	admin.want(422, "auth.weak_password", "POST", "/accounts", map[string]string{"name": "Zhao", "role": "reader", "password": "12345678"})
	admin.want(422, "request.invalid", "POST", "/accounts", map[string]string{"name": "Zhao", "role": "source", "password": first})
	admin.want(404, "auth.no_such_account", "PATCH", "/accounts/x", map[string]bool{"disabled": true})
	admin.want(422, "request.invalid", "PATCH", path, map[string]string{"name": "Root"})

	reader := a.browser(t)
	reader.want(401, "auth.sign_in_failed", "POST", "/session", map[string]string{"name": "Li", "password": "three wrong kettles"})
	reader.want(200, "", "POST", "/session", map[string]string{"name": "Li", "password": first})
	list := reader.want(200, "", "GET", "/accounts?limit=1", nil)
	if items := list["items"].([]any); len(items) != 1 || items[0].(map[string]any)["last_sign_in"] != nil {
		t.Errorf("a reader sees %v", list)
	}
	list = reader.want(200, "", "GET", "/accounts?limit=1&cursor="+list["next"].(string), nil)
	if items := list["items"].([]any); len(items) != 1 || items[0].(map[string]any)["name"] != "Li" || list["next"] != "" {
		t.Errorf("the second page is %v", list)
	}
	reader.want(400, "auth.bad_cursor", "GET", "/accounts?cursor=x", nil)
	reader.want(403, "auth.forbidden", "POST", "/accounts", map[string]string{"name": "Eve", "role": "administrator", "password": first})
	reader.want(403, "auth.forbidden", "PATCH", path, map[string]string{"role": "administrator"})
	reader.want(403, "auth.forbidden", "GET", "/tokens", nil)
	reader.want(422, "auth.wrong_password", "POST", "/session/password", map[string]string{"current": second, "new": second})
	reader.want(204, "", "POST", "/session/password", map[string]string{"current": first, "new": second})

	admin.want(200, "", "PATCH", path, map[string]string{"role": "analyst"})
	reader.want(401, "auth.required", "GET", "/accounts", nil)
	reader.want(200, "", "POST", "/session", map[string]string{"name": "Li", "password": second})
	admin.want(200, "", "PATCH", path, map[string]bool{"disabled": true})
	reader.want(401, "auth.required", "GET", "/accounts", nil)
	reader.want(401, "auth.sign_in_failed", "POST", "/session", map[string]string{"name": "Li", "password": second})

	made := admin.want(201, "", "POST", "/tokens", map[string]string{"name": "job", "role": "administrator", "expires": "2d"})
	if made["expires_at"] != "2026-03-03T08:00:00Z" {
		t.Errorf("expires %v", made["expires_at"])
	}
	admin.want(422, "auth.bad_expiry", "POST", "/tokens", map[string]string{"name": "job", "role": "reader", "expires": "forever"})
	job := a.browser(t)
	job.bearer = made["token"].(string)
	job.want(409, "auth.no_session", "POST", "/session/password", map[string]string{"current": password, "new": second})
	job.want(409, "auth.no_session", "DELETE", "/session", nil)
	if tokens := job.want(200, "", "GET", "/tokens", nil); strings.Contains(fmt.Sprint(tokens), job.bearer) {
		t.Error("the list shows the secret")
	}
	job.want(204, "", "DELETE", "/tokens/"+made["id"].(string), nil)
	job.want(401, "auth.required", "GET", "/tokens", nil)

	cookie := admin.cookie
	admin.want(204, "", "DELETE", "/session", nil)
	if admin.cookie != "" {
		t.Error("the cookie stays")
	}
	admin.cookie = cookie
	admin.want(401, "auth.required", "GET", "/tokens", nil)

	_, secret, _ := strings.Cut(cookie, "=")
	a.lookFor(t, password, first, second, job.bearer, secret, code, "three wrong kettles")
	a.lookAtTrail(t)
}

// lookFor fails when one of the secrets is in the records, the log or the trail.
func (a *api) lookFor(t *testing.T, secrets ...string) {
	t.Helper()
	places := map[string]string{"log": a.log.String(), "trail": fmt.Sprintf("%+v", a.trail.list)}
	files, err := filepath.Glob(filepath.Join(a.dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		places[filepath.Base(name)] = string(text)
	}
	for place, text := range places {
		for _, secret := range secrets {
			if secret == "" || strings.Contains(text, secret) {
				t.Errorf("%s holds the secret %q", place, secret)
			}
		}
	}
}

func (a *api) lookAtTrail(t *testing.T) {
	t.Helper()
	got := map[string]int{}
	for _, r := range a.trail.list {
		got[r.Operation+" "+string(r.Outcome)+" "+r.Actor.Name]++
	}
	for _, want := range []string{
		"set-up success Wang", "create-account success Wang", "sign-in denied ", "sign-in success Li", "update-account denied Li",
		"change-password success Li", "change-password failure Li", "list-accounts denied ", "create-token success Wang",
		"revoke-token success job", "sign-out success Wang", "set-up denied ",
	} {
		if got[want] == 0 {
			t.Errorf("the trail has no %q: %v", want, slices.Sorted(maps.Keys(got)))
		}
	}
}

func TestAttemptsWaitOverHTTP(t *testing.T) {
	a := serve(t)
	b := a.browser(t)
	for range freePerName {
		b.want(401, "auth.sign_in_failed", "POST", "/session", map[string]string{"name": "Wang", "password": "wrong password"})
	}
	b.want(429, "auth.slow_down", "POST", "/session", map[string]string{"name": "Wang", "password": "wrong password"})
	if got := b.last.Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q", got)
	}
}
