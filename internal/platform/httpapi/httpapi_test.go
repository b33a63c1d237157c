package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

var clock = time.Date(2026, 3, 1, 8, 0, 0, 0, time.FixedZone("CST", 8*3600))

var (
	permRead  = authz.Permission{ID: "thing.read", Roles: authz.People()}
	permWrite = authz.Permission{ID: "thing.write", Roles: []authz.Role{authz.Administrator, authz.Analyst}}
	permSend  = authz.Permission{ID: "thing.send", Roles: []authz.Role{authz.Source}}

	errFull = problem.New(problem.Conflict, "thing.full", "there is no room for another thing")
	errSlow = problem.New(problem.TooMany, "thing.slow", "slow down")
)

// byHeader lets a test say who it is.
func byHeader(r *http.Request) (authz.Actor, error) {
	role := r.Header.Get("Test-Role")
	switch role {
	case "":
		return authz.Actor{}, nil
	case "broken":
		return authz.Actor{}, errors.New("the table of sessions is gone")
	}
	return authz.Actor{ID: "id-" + role, Name: role, Role: authz.Role(role), Kind: authz.Person}, nil
}

// notes keeps audit records, or refuses them.
type notes struct {
	mu   sync.Mutex
	list []Audit
	err  error
	seen func() // called before a record is kept
}

func (n *notes) Record(_ context.Context, a Audit) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen != nil {
		n.seen()
	}
	if n.err != nil {
		return n.err
	}
	n.list = append(n.list, a)
	return nil
}

func (n *notes) all() []Audit {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]Audit(nil), n.list...)
}

type thing struct {
	Name string    `json:"name" minLength:"1" maxLength:"20"`
	Size int       `json:"size,omitempty" minimum:"0" maximum:"10"`
	Tags []string  `json:"tags,omitempty" maxItems:"3"`
	At   time.Time `json:"at,omitzero"`
}

type thingView struct {
	ID     string            `json:"id"`
	Tags   []string          `json:"tags"`
	Counts map[string]int    `json:"counts"`
	At     time.Time         `json:"at"`
	Parts  []struct{ N int } `json:"parts"`
}

type listRequest struct {
	Limit int      `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Text  string   `query:"q" maxLength:"20"`
	Only  []string `query:"only,explode"`
}

type listResponse struct {
	Body struct {
		Items []thingView `json:"items"`
		Next  string      `json:"next"`
	}
}

type idRequest struct {
	ID string `path:"id" maxLength:"64"`
}

type putRequest struct {
	ID   string `path:"id" maxLength:"64"`
	Body thing
}

type putResponse struct{ Body thingView }

// demo returns an API with one operation of every sort.
func demo(t *testing.T, change func(*Options)) *Server {
	t.Helper()
	o := Options{
		Version: "1.2.3", Authenticators: []Authenticator{AuthenticatorFunc(byHeader)},
		Now: func() time.Time { return clock }, Metrics: prometheus.NewRegistry(),
	}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	api := s.API()
	Register(api, Op{ID: "list-things", Method: http.MethodGet, Path: "/things", Summary: "List things", Permission: permRead},
		func(context.Context, *listRequest) (*listResponse, error) {
			out := &listResponse{}
			out.Body.Items = []thingView{{ID: "a", At: clock.Add(1234567 * time.Nanosecond)}}
			return out, nil
		})
	Register(api, Op{ID: "put-thing", Method: http.MethodPut, Path: "/things/{id}", Summary: "Write a thing", Permission: permWrite, MaxBody: 1000},
		func(ctx context.Context, in *putRequest) (*putResponse, error) {
			switch in.Body.Name {
			case "full":
				return nil, errFull.Detail("ten are there")
			case "slow":
				return nil, errSlow.After(1500 * time.Millisecond)
			case "broken":
				return nil, errors.New("disk 7 is on fire")
			case "panic":
				panic("shelf fell over")
			}
			Annotate(ctx, func(a *Audit) { a.Detail("size", "big") })
			return &putResponse{Body: thingView{ID: in.ID}}, nil
		})
	Register(api, Op{ID: "delete-thing", Method: http.MethodDelete, Path: "/things/{id...}", Summary: "Remove a thing", Permission: permWrite},
		func(context.Context, *idRequest) (*struct{}, error) { return nil, nil })
	Register(api, Op{ID: "get-me", Method: http.MethodGet, Path: "/me", Summary: "Who am I", Permission: authz.Self},
		func(ctx context.Context, _ *struct{}) (*struct{ Body struct{ Name string } }, error) {
			out := &struct{ Body struct{ Name string } }{}
			out.Body.Name = authz.ActorFrom(ctx).Name
			return out, nil
		})
	Handle(api, PlainOp{
		ID: "send", Method: http.MethodPost, Path: "/ingest/things", Summary: "Send things", Permission: permSend,
		MaxBody: 10, MediaTypes: []string{"application/x-ndjson"},
	}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			s.Fail(w, r, ErrTooLarge)
			return
		}
		_, _ = io.WriteString(w, "taken")
	}))
	Handle(api, PlainOp{
		ID: "export-things", Method: http.MethodGet, Path: "/api/v1/things/export", Summary: "Download things",
		Permission: permRead, Audited: true, Answer: "text/csv", Query: []Param{{Name: "format", Doc: "csv"}},
	}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a,b\n") }))
	return s
}

type call struct {
	method, path, role, body, media string
	header                          map[string]string
}

func (c call) do(t *testing.T, h http.Handler) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
	r.RemoteAddr = "192.0.2.7:4711"
	if c.role != "" {
		r.Header.Set("Test-Role", c.role)
	}
	if c.body != "" && c.media == "" {
		c.media = "application/json"
	}
	if c.media != "" {
		r.Header.Set("Content-Type", c.media)
	}
	for k, v := range c.header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// problemOf reads a problem and checks what every problem has.
func problemOf(t *testing.T, w *httptest.ResponseRecorder) problem.Body {
	t.Helper()
	var b problem.Body
	if got := w.Header().Get("Content-Type"); got != problem.MediaType {
		t.Fatalf("content type %q of %d: %s", got, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &b); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if b.Status != w.Code || b.RequestID == "" || b.RequestID != w.Header().Get("X-Request-Id") {
		t.Errorf("problem %+v of answer %d, request %q", b, w.Code, w.Header().Get("X-Request-Id"))
	}
	return b
}

// TestPolicy calls every operation as nobody and in every role.
func TestPolicy(t *testing.T) {
	s := demo(t, nil)
	h := s.Handler()
	operations := s.Operations()
	if len(operations) != 7 {
		t.Errorf("%d operations, want 7: %+v", len(operations), operations)
	}
	for _, op := range operations {
		if op.Permission.ID == "" {
			t.Errorf("%s has no permission", op.ID)
		}
		for _, role := range append([]authz.Role{""}, authz.Roles()...) {
			actor := authz.Actor{Role: role}
			if role != "" {
				actor.ID = "someone"
			}
			path := strings.NewReplacer("{id...}", "x/y", "{id}", "x").Replace(op.Path)
			w := call{method: op.Method, path: path, role: string(role)}.do(t, h)
			denied := w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden
			if denied == op.Permission.Allows(actor) {
				t.Errorf("%s as %q: status %d", op.ID, role, w.Code)
			}
			if role == "" && denied && w.Code != http.StatusUnauthorized {
				t.Errorf("%s as nobody: status %d", op.ID, w.Code)
			}
		}
	}
}

func TestOpenAPI(t *testing.T) {
	got, err := demo(t, nil).OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "openapi.json", got)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; run go test with -update and read the change", path)
	}
}

func TestDeclarationsThatMakeNoSense(t *testing.T) {
	tests := []struct {
		name string
		op   PlainOp
	}{
		{"no id", PlainOp{Path: "/a", Permission: permRead}},
		{"no permission", PlainOp{ID: "a", Path: "/a"}},
		{"a permission that no role has", PlainOp{ID: "a", Path: "/a", Permission: authz.Permission{ID: "thing.none"}}},
		{"a permission with two meanings", PlainOp{ID: "a", Path: "/a", Permission: authz.Permission{ID: "thing.read", Roles: []authz.Role{authz.Source}}}},
		{"an id that is taken", PlainOp{ID: "get-me", Path: "/a", Permission: permRead}},
		{"a path that is taken", PlainOp{ID: "a", Method: http.MethodPost, Path: "/ingest/things", Permission: permSend}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := demo(t, nil)
			defer func() {
				if recover() == nil {
					t.Error("it was taken")
				}
			}()
			Handle(s.API(), tt.op, http.NotFoundHandler())
		})
	}
}

// hidden is embedded where nobody sees its fields.
type hidden struct {
	ID string `json:"id" path:"id"`
}

type (
	hidingRequest struct{ hidden }
	hidingAnswer  struct {
		Body struct {
			Items []struct {
				*hidden

				Name string `json:"name"`
			} `json:"items"`
		}
	}
	openAnswer struct {
		Body struct{ At time.Time }
	}
)

func TestFieldsThatNobodySeesAreRefused(t *testing.T) {
	op := Op{ID: "hide", Method: http.MethodGet, Path: "/hidden/{id}", Permission: permRead}
	refused := func(register func()) (yes bool) {
		defer func() { yes = recover() != nil }()
		register()
		return false
	}
	if !refused(func() {
		Register(demo(t, nil).API(), op, func(context.Context, *hidingRequest) (*openAnswer, error) { return nil, nil })
	}) {
		t.Error("a request with hidden fields was taken")
	}
	if !refused(func() {
		Register(demo(t, nil).API(), op, func(context.Context, *idRequest) (*hidingAnswer, error) { return nil, nil })
	}) {
		t.Error("an answer with hidden fields was taken")
	}
	if refused(func() {
		Register(demo(t, nil).API(), op, func(context.Context, *idRequest) (*openAnswer, error) { return nil, nil })
	}) {
		t.Error("an operation whose fields are seen was refused")
	}
}

func TestAnswersAreTidy(t *testing.T) {
	w := call{method: "GET", path: "/api/v1/things", role: "reader"}.do(t, demo(t, nil).Handler())
	want := `{"items":[{"id":"a","tags":[],"counts":{},"at":"2026-03-01T00:00:00.001Z","parts":[]}],"next":""}` + "\n"
	if w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("%d %s want %s", w.Code, w.Body, want)
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
