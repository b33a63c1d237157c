package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/capability/logsource"
	"github.com/fengsui/fengsui/internal/platform/authn"
	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/config"
	"github.com/fengsui/fengsui/ledger"
)

// open opens a station on an empty folder, without listeners and without anything
// that works in the background.
func open(t *testing.T) *Station {
	t.Helper()
	cfg, err := config.Load(config.Sources{Flags: map[string]string{
		"data": t.TempDir(), "ledger.reserve_bytes": "-1", "http.listen": "127.0.0.1:0", "syslog.listen": "127.0.0.1:0", "local.listen": "",
	}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), cfg, Options{Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// document is what the test reads of the OpenAPI document.
type document struct {
	Paths      map[string]map[string]operation
	Components struct {
		Schemas map[string]schema
	}
}

type operation struct {
	OperationID string `json:"operationId"`
	Permission  string `json:"x-permission"`
	Responses   map[string]struct{ Content map[string]any }
	RequestBody *struct {
		Content map[string]struct{ Schema schema }
	} `json:"requestBody"`
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Format     string
	Enum       []any
	Minimum    *float64
	MinLength  int `json:"minLength"`
	MinItems   int `json:"minItems"`
	Items      *schema
	Properties map[string]schema
}

// example returns a value that the schema allows, with every property.
func (d *document) example(s schema) any {
	if s.Ref != "" {
		return d.example(d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]])
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	kind := fmt.Sprint(s.Type)
	switch {
	case strings.Contains(kind, "object"):
		out := map[string]any{}
		for name, p := range s.Properties {
			out[name] = d.example(p)
		}
		return out
	case strings.Contains(kind, "array"):
		out := []any{}
		if s.Items != nil && s.MinItems > 0 {
			out = append(out, d.example(*s.Items))
		}
		return out
	case strings.Contains(kind, "boolean"):
		return true
	case strings.Contains(kind, "integer"), strings.Contains(kind, "number"):
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 0
	case s.Format == "date-time":
		return time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	default:
		return strings.Repeat("a", max(s.MinLength, 1))
	}
}

// actor is somebody who asks, by the headers that say so.
type actor struct {
	name  string
	role  authz.Role // "": nobody the station knows
	owner bool       // of the host, over the local socket
	head  http.Header
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

func cookie(secret string) http.Header { return http.Header{"Cookie": {"fs_session=" + secret}} }

const password = "marbles under the sofa"

// actors makes one of every kind.
func actors(t *testing.T, s *Station) []actor {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	session := func(name string, role authz.Role) (authn.Account, http.Header) {
		a, err := s.accounts.CreateAccount(ctx, authn.NewAccount{Name: name, Password: password, Role: role})
		must(err)
		_, secret, err := s.accounts.SignIn(ctx, name, password, "192.0.2.1")
		must(err)
		return a, cookie(secret)
	}
	token := func(name string, role authz.Role) (authn.Token, string) {
		made, secret, err := s.accounts.CreateToken(ctx, authn.NewToken{Name: name, Role: role})
		must(err)
		return made, secret
	}
	out := []actor{{name: "nobody"}, {name: "the owner of the host", role: authz.Administrator, owner: true}}
	for _, role := range authz.People() {
		_, head := session("p"+string(role), role)
		_, secret := token("t"+string(role), role)
		out = append(out, actor{name: "session of " + string(role), role: role, head: head},
			actor{name: "token of " + string(role), role: role, head: bearer(secret)},
			actor{name: "token of " + string(role) + " as a cookie", head: cookie(secret)},
			actor{name: "session of " + string(role) + " as a token", head: bearer(strings.TrimPrefix(head.Get("Cookie"), "fs_session="))})
	}
	src, secret, err := s.sources.Create(ctx, logsource.Source{Name: "a", Kind: logsource.HTTP})
	must(err)
	out = append(out, actor{name: "source", role: authz.Source, head: bearer(secret)}, actor{name: "source as a cookie", head: cookie(secret)})
	gone, secret, err := s.sources.Create(ctx, logsource.Source{Name: "b", Kind: logsource.HTTP})
	must(err)
	s.must(t, http.MethodPost, "/api/v1/sources/"+string(gone.ID)+"/retire", `{"reason":"moved"}`)
	out = append(out, actor{name: "source that is retired", head: bearer(secret)})
	revoked, secret := token("revoked", authz.Administrator)
	s.must(t, http.MethodDelete, "/api/v1/tokens/"+revoked.ID, "")
	out = append(out, actor{name: "token that is revoked", head: bearer(secret)})
	disabled, head := session("disabled", authz.Administrator)
	s.must(t, http.MethodPatch, "/api/v1/accounts/"+disabled.ID, `{"disabled":true}`)
	return append(out, actor{name: "session of a disabled account", head: head},
		actor{name: "token that was never made", head: bearer("fs_api_" + string(src.ID))},
		actor{name: "token of a source that was never made", head: bearer("fs_src_" + string(src.ID))},
		actor{name: "empty token", head: bearer("")})
}

// must asks as the owner of the host.
func (s *Station) must(t *testing.T, method, path, body string) []byte {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	status, text := s.Do(r)
	if status >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	return text
}

// ask sends a request and returns the status and, of a problem, its code. It does
// not wait for the end of a stream.
func (s *Station) ask(t *testing.T, at string, a actor, r *http.Request) (status int, code string) {
	t.Helper()
	maps.Copy(r.Header, a.head)
	var text []byte
	if a.owner {
		status, text = s.Do(r)
	} else {
		r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", at
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }() // read as far as it matters
		status = resp.StatusCode
		if resp.Header.Get("Content-Type") == "application/problem+json" {
			if text, err = io.ReadAll(resp.Body); err != nil {
				t.Fatal(err)
			}
		}
	}
	var p struct{ Code string }
	_ = json.Unmarshal(text, &p) // no problem has no code
	return status, p.Code
}

// state is a digest of everything the station stores, but for the audit trail and
// the times at which sessions and tokens were seen.
func (s *Station) state(t *testing.T) [sha256.Size]byte {
	t.Helper()
	h := sha256.New()
	var tables []string
	err := s.db.Read.NewRaw("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").Scan(t.Context(), &tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tables {
		var rows []map[string]any
		if err := s.db.Read.NewSelect().TableExpr("?", bun.Ident(name)).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			delete(row, "seen_at")
			delete(row, "last_used")
			_, _ = fmt.Fprintf(h, "%s %v\n", name, row) // maps print in the order of their keys
		}
	}
	err = s.ledger.Read(t.Context(), 0, s.ledger.Size(), func(e ledger.Entry) error {
		if e.Transport != kindAudit {
			_, _ = fmt.Fprintf(h, "%s %s %x\n", e.Source, e.Transport, e.Raw)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// real fills the values of a path with the first thing of the list before them.
func (s *Station) real(t *testing.T, d *document, path string) string {
	t.Helper()
	for {
		before, rest, found := strings.Cut(path, "{")
		if !found {
			return path
		}
		_, after, _ := strings.Cut(rest, "}")
		list, value := strings.TrimSuffix(before, "/"), "a"
		if _, ok := d.Paths[list]["get"]; ok && strings.HasPrefix(list, "/api/") {
			var page map[string]json.RawMessage
			if err := json.Unmarshal(s.must(t, http.MethodGet, list, ""), &page); err != nil {
				t.Fatal(err)
			}
			var items []struct {
				ID  string
				Seq uint64
			}
			for _, key := range []string{"items", "events"} {
				_ = json.Unmarshal(page[key], &items) // one of them is there
			}
			if len(items) > 0 && items[0].ID != "" {
				value = strings.ReplaceAll(items[0].ID, "/", "%2F")
			} else if len(items) > 0 {
				value = strconv.FormatUint(items[0].Seq, 10)
			}
		}
		path = before + value + after
	}
}

// TestEveryOperationAsItsPermissionSays asks every operation of the document as
// every kind of actor. Who is not allowed gets a request that would do something,
// and nothing may change; who is allowed gets one that fails behind the gate.
func TestEveryOperationAsItsPermissionSays(t *testing.T) {
	s := open(t)
	d := s.document(t)
	permissions := map[string]authz.Permission{authz.Public.ID: authz.Public, authz.Self.ID: authz.Self, permIngest.ID: permIngest}
	for _, p := range s.permissions() {
		permissions[p.ID] = p
	}
	all := actors(t, s)
	s.must(t, http.MethodPost, "/api/v1/suppressions", `{"rule_id":"`+s.firstRule(t)+`","reason":"known","expires":"`+
		time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"}`)
	web := httptest.NewServer(s.handler)
	t.Cleanup(web.Close)
	at := strings.TrimPrefix(web.URL, "http://")
	for _, a := range all { // what is noted of a first request is noted now
		s.ask(t, at, a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/session", http.NoBody))
	}
	asked := map[bool]int{}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		real := s.real(t, d, path)
		for method, op := range d.Paths[path] {
			p, known := permissions[op.Permission]
			if !known {
				t.Errorf("%s: permission %q is none that the console is told of", op.OperationID, op.Permission)
				continue
			}
			before := s.state(t)
			for _, a := range all {
				allowed := may(p, a.role)
				asked[allowed]++
				r := request(t, d, strings.ToUpper(method), real, op)
				if allowed {
					r = behind(t, strings.ToUpper(method), real)
				}
				status, code := s.ask(t, at, a, r)
				want := "auth.forbidden"
				if a.role == "" {
					want = "auth.required"
				}
				switch {
				case allowed && (code == "auth.forbidden" || code == "auth.required"):
					t.Errorf("%s (%s) as %s: %d %s, but may", op.OperationID, p.ID, a.name, status, code)
				case !allowed && code != want:
					t.Errorf("%s (%s) as %s: %d %q, want %s", op.OperationID, p.ID, a.name, status, code, want)
				}
				if !allowed && s.state(t) != before {
					t.Fatalf("%s as %s was refused with %d %s and changed something", op.OperationID, a.name, status, code)
				}
			}
		}
	}
	if asked[true] < 300 || asked[false] < 300 {
		t.Errorf("asked as allowed and not: %v", asked)
	}
}

// may is what the gate is held to, said once more.
func may(p authz.Permission, role authz.Role) bool {
	switch p.ID {
	case "public":
		return true
	case "self":
		return role == authz.Administrator || role == authz.Analyst || role == authz.Reader
	default:
		return role != "" && slices.Contains(p.Roles, role)
	}
}

func TestStreamsEndWithTheAccount(t *testing.T) {
	s := open(t)
	d := s.document(t)
	web := httptest.NewServer(s.handler)
	t.Cleanup(web.Close)
	if _, err := s.accounts.CreateAccount(t.Context(), authn.NewAccount{Name: "chief", Password: password, Role: authz.Administrator}); err != nil {
		t.Fatal(err)
	}
	streams := 0
	for path, ops := range d.Paths {
		if ops["get"].Responses["200"].Content["text/event-stream"] == nil {
			continue
		}
		streams++
		name := ops["get"].OperationID
		account, err := s.accounts.CreateAccount(t.Context(), authn.NewAccount{Name: name, Password: password, Role: authz.Analyst})
		if err != nil {
			t.Fatal(err)
		}
		_, secret, err := s.accounts.SignIn(t.Context(), name, password, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+path+map[string]string{"follow-news": "?topics=alerts"}[name], http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = cookie(secret)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
		s.must(t, http.MethodPatch, "/api/v1/accounts/"+account.ID, `{"disabled":true}`)
		_, err = io.Copy(io.Discard, resp.Body) // hangs when the stream goes on
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if streams < 2 {
		t.Errorf("%d streams in the document", streams)
	}
}

// document returns the description of the API.
func (s *Station) document(t *testing.T) *document {
	t.Helper()
	text, err := s.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	d := &document{}
	if err := json.Unmarshal(text, d); err != nil {
		t.Fatal(err)
	}
	return d
}

func (s *Station) firstRule(t *testing.T) string {
	t.Helper()
	var page struct{ Items []struct{ ID string } }
	if err := json.Unmarshal(s.must(t, http.MethodGet, "/api/v1/rules", ""), &page); err != nil || len(page.Items) == 0 {
		t.Fatal(err, page)
	}
	return page.Items[0].ID
}

// request returns one that does what the operation is for.
func request(t *testing.T, d *document, method, path string, op operation) *http.Request {
	t.Helper()
	if op.RequestBody == nil {
		return httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	}
	body, media := []byte("{\"create\":{}}\n{\"message\":\"a\"}\n"), "application/x-ndjson"
	if content, ok := op.RequestBody.Content["application/json"]; ok {
		var err error
		if body, err = json.Marshal(d.example(content.Schema)); err != nil {
			t.Fatal(err)
		}
		media = "application/json"
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", media)
	return r
}

// behind returns one that fails behind the gate: no operation knows the
// parameter, and those that take any have no body to work on.
func behind(t *testing.T, method, path string) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return httptest.NewRequestWithContext(ctx, method, path+"?fengsui_probe=1", http.NoBody)
}

func TestTheSideJournalIsSealedAtTheStart(t *testing.T) {
	s := open(t)
	path := s.dir.Path("audit.journal")
	if err := os.WriteFile(path, []byte("{\"event.action\":\"sign-in\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var sealed []string
	if err := s.Run(ctx, func(Ready) {
		err := s.ledger.Read(ctx, 0, s.ledger.Size(), func(e ledger.Entry) error {
			if e.Transport == kindAudit {
				sealed = append(sealed, string(e.Raw))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		stop()
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sealed, []string{`{"event.action":"sign-in"}`}) {
		t.Errorf("sealed %q", sealed)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the journal stays: %v", err)
	}
}
