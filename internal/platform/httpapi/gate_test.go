package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

func TestRequestsThatAreRefused(t *testing.T) {
	long := strings.Repeat("x", 1200)
	tests := []struct {
		name   string
		call   call
		status int
		code   string
		where  string // location of the first wrong value
	}{
		{"unknown parameter", call{method: "GET", path: "/api/v1/things?limt=3"}, 400, "request.unknown_parameter", "query.limt"},
		{"repeated parameter", call{method: "GET", path: "/api/v1/things?limit=3&limit=4"}, 400, "request.repeated_parameter", "query.limit"},
		{"a list may repeat", call{method: "GET", path: "/api/v1/things?only=a&only=b"}, 200, "", ""},
		{"parameter of an operation without any", call{method: "GET", path: "/api/v1/me?x=1"}, 400, "request.unknown_parameter", "query.x"},
		{"parameter of a plain operation", call{method: "GET", path: "/api/v1/things/export?formt=csv"}, 400, "request.unknown_parameter", "query.formt"},
		{"query that is none", call{method: "GET", path: "/api/v1/things?q=%zz"}, 400, "request.malformed", "query"},
		{"query that is no UTF-8", call{method: "GET", path: "/api/v1/things?q=%ff"}, 400, "request.malformed", "query.q"},
		{"NUL in the query", call{method: "GET", path: "/api/v1/things?q=a%00b"}, 400, "request.malformed", "query.q"},
		{"NUL in the body", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"a\u0000b"}`}, 400, "request.malformed", "body"},
		{"number out of range", call{method: "GET", path: "/api/v1/things?limit=501"}, 422, "request.invalid", "query.limit"},
		{"NUL in the path", call{method: "DELETE", path: "/api/v1/things/a%00b"}, 400, "request.malformed", "path.id"},
		{"unknown path", call{method: "GET", path: "/api/v1/nothing"}, 404, "request.unknown_path", ""},
		{"two slashes", call{method: "GET", path: "//api/v1/things"}, 404, "request.unknown_path", ""},
		{"dots", call{method: "GET", path: "/x/../api/v1/things"}, 404, "request.unknown_path", ""},
		{"another method", call{method: "PATCH", path: "/api/v1/things"}, 405, "request.method", ""},
		{"a read of a path for writing", call{method: "GET", path: "/ingest/things", header: map[string]string{"Accept": "text/html"}}, 405, "request.method", ""},
		{"key twice", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"a","name":"b"}`}, 400, "request.malformed", "body"},
		{"key twice, one escaped", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"a","n\u0061me":"b"}`}, 400, "request.malformed", "body"},
		{"key in other case", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"a","NAME":"b"}`}, 400, "request.malformed", "body"},
		{"unknown member", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"a","role":"administrator"}`}, 422, "request.invalid", "body.role"},
		{"missing member", call{method: "PUT", path: "/api/v1/things/a", body: `{}`}, 422, "request.invalid", "body"},
		{"null for a value", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":null}`}, 422, "request.invalid", "body.name"},
		{"a value too large", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"a","size":11}`}, 422, "request.invalid", "body.size"},
		{"two values", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"a"}{}`}, 400, "request.malformed", "body"},
		{"no JSON", call{method: "PUT", path: "/api/v1/things/a", body: `name=a`}, 400, "request.malformed", "body"},
		{"no body", call{method: "PUT", path: "/api/v1/things/a"}, 400, "request.malformed", "body"},
		{"body is no UTF-8", call{method: "PUT", path: "/api/v1/things/a", body: "{\"name\":\"\xff\"}"}, 400, "request.malformed", "body"},
		{"deep", call{method: "PUT", path: "/api/v1/things/a", body: strings.Repeat("[", 100)}, 400, "request.malformed", "body"},
		{"form", call{method: "PUT", path: "/api/v1/things/a", body: "a=b", media: "application/x-www-form-urlencoded"}, 415, "request.media_type", ""},
		{"media type of text with JSON inside", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"a"}`, media: "text/plain"}, 415, "request.media_type", ""},
		{"another charset", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"a"}`, media: "application/json; charset=utf-16"}, 415, "request.media_type", ""},
		{"large body", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"` + long + `"}`}, 413, "request.too_large", ""},
		{"body where none is read", call{method: "DELETE", path: "/api/v1/things/a", body: `{}`}, 400, "request.unexpected_body", ""},
		{"plain body too large", call{method: "POST", path: "/ingest/things", role: "source", body: "12345678901", media: "application/x-ndjson"}, 413, "request.too_large", ""},
		{"plain body of another type", call{method: "POST", path: "/ingest/things", role: "source", body: "{}"}, 415, "request.media_type", ""},
		{"problem of the handler", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"full"}`}, 409, "thing.full", ""},
		{"error of the handler", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"broken"}`}, 500, "internal", ""},
		{"panic of the handler", call{method: "PUT", path: "/api/v1/things/a", body: `{"name":"panic"}`}, 500, "internal", ""},
		{"authenticator that cannot", call{method: "GET", path: "/api/v1/things", role: "broken"}, 500, "internal", ""},
		{"wrong role before a wrong body", call{method: "PUT", path: "/api/v1/things/a", role: "reader", body: `{`}, 403, "auth.forbidden", ""},
	}
	h := demo(t, nil).Handler()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.call.role == "" {
				tt.call.role = "analyst"
			}
			w := tt.call.do(t, h)
			if tt.code == "" {
				if w.Code != tt.status {
					t.Errorf("status %d: %s", w.Code, w.Body)
				}
				return
			}
			b := problemOf(t, w)
			where := ""
			if len(b.Errors) > 0 {
				where = b.Errors[0].Location
			}
			if b.Status != tt.status || b.Code != tt.code || where != tt.where {
				t.Errorf("%d %s at %q, want %d %s at %q", b.Status, b.Code, where, tt.status, tt.code, tt.where)
			}
			for _, secret := range []string{"disk 7", "shelf", "sessions"} {
				if strings.Contains(w.Body.String(), secret) {
					t.Errorf("the answer says %q", w.Body)
				}
			}
		})
	}
}

func TestBodyOfUnknownLengthIsLimited(t *testing.T) {
	server := httptest.NewServer(demo(t, nil).Handler())
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/ingest/things", io.MultiReader(strings.NewReader("12345678901")))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Test-Role", "source")
	r.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestHeaders(t *testing.T) {
	h := demo(t, func(o *Options) { o.Secure = true }).Handler()
	for _, path := range []string{"/api/v1/things", "/api/v1/nothing", "//", "/api/openapi.json", "/ingest/things"} {
		got := call{method: "GET", path: path}.do(t, h).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store",
			"Strict-Transport-Security": "max-age=31536000",
		} {
			if got.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got.Get(name), want)
			}
		}
	}
	if got := (call{method: "GET", path: "/api/v1/me"}).do(t, demo(t, nil).Handler()).Header(); got.Get("Strict-Transport-Security") != "" {
		t.Error("strict transport without TLS")
	}
}

func TestAnswersToNobodyAndToTheHastyCarryTheirHeaders(t *testing.T) {
	h := demo(t, nil).Handler()
	w := call{method: "GET", path: "/api/v1/me"}.do(t, h)
	if got := w.Header().Get("WWW-Authenticate"); got != challenge {
		t.Errorf("WWW-Authenticate is %q", got)
	}
	w = call{method: "PUT", path: "/api/v1/things/a", role: "analyst", body: `{"name":"slow"}`}.do(t, h)
	if got := w.Header().Get("Retry-After"); w.Code != 429 || got != "2" {
		t.Errorf("status %d, Retry-After %q", w.Code, got)
	}
	w = call{method: "PATCH", path: "/api/v1/me", role: "analyst"}.do(t, h)
	if got := w.Header().Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow is %q", got)
	}
}

func TestCrossOrigin(t *testing.T) {
	tests := []struct {
		name   string
		method string
		header map[string]string
		status int
	}{
		{"same origin", "DELETE", map[string]string{"Sec-Fetch-Site": "same-origin"}, 204},
		{"program without browser headers", "DELETE", nil, 204},
		{"address bar", "DELETE", map[string]string{"Sec-Fetch-Site": "none"}, 204},
		{"another site", "DELETE", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"another host of the site", "DELETE", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"old browser, another origin", "DELETE", map[string]string{"Origin": "https://evil.example"}, 403},
		{"old browser, no origin to tell", "DELETE", map[string]string{"Origin": "null"}, 403},
		{"old browser, same origin", "DELETE", map[string]string{"Origin": "http://example.com"}, 204},
		{"origin that only begins like ours", "DELETE", map[string]string{"Origin": "http://example.com.evil.example"}, 403},
		{"read from another site", "GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, 200},
	}
	h := demo(t, nil).Handler()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := "/api/v1/things/a"
			if tt.method == "GET" {
				path = "/api/v1/things"
			}
			if w := (call{method: tt.method, path: path, role: "analyst", header: tt.header}).do(t, h); w.Code != tt.status {
				t.Errorf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
		})
	}
}

func TestAuditRecords(t *testing.T) {
	tests := []struct {
		name string
		call call
		want []Audit // Objects, Details, Outcome, Status, Code and the actor's name
	}{
		{
			"write",
			call{method: "PUT", path: "/api/v1/things/a", role: "analyst", body: `{"name":"x"}`},
			[]Audit{{Operation: "put-thing", Objects: map[string]string{"id": "a"}, Details: map[string]string{"size": "big"}, Outcome: Success, Status: 200, Actor: authz.Actor{Name: "analyst"}}},
		},
		{
			"write that was refused",
			call{method: "PUT", path: "/api/v1/things/a", role: "analyst", body: `{"name":"full"}`},
			[]Audit{{Operation: "put-thing", Objects: map[string]string{"id": "a"}, Outcome: Failure, Status: 409, Code: "thing.full", Actor: authz.Actor{Name: "analyst"}}},
		},
		{
			"write that makes no sense",
			call{method: "PUT", path: "/api/v1/things/a", role: "analyst", body: `{"nam":"full"}`},
			[]Audit{{Operation: "put-thing", Objects: map[string]string{"id": "a"}, Outcome: Failure, Status: 422, Code: "request.invalid", Actor: authz.Actor{Name: "analyst"}}},
		},
		{
			"write that panicked",
			call{method: "PUT", path: "/api/v1/things/a", role: "analyst", body: `{"name":"panic"}`},
			[]Audit{{Operation: "put-thing", Objects: map[string]string{"id": "a"}, Outcome: Failure, Status: 500, Code: "internal", Actor: authz.Actor{Name: "analyst"}}},
		},
		{
			"path with slashes",
			call{method: "DELETE", path: "/api/v1/things/a/b", role: "analyst"},
			[]Audit{{Operation: "delete-thing", Objects: map[string]string{"id": "a/b"}, Outcome: Success, Status: 204, Actor: authz.Actor{Name: "analyst"}}},
		},
		{"read", call{method: "GET", path: "/api/v1/things", role: "analyst"}, nil},
		{
			"export",
			call{method: "GET", path: "/api/v1/things/export?format=csv", role: "reader"},
			[]Audit{{Operation: "export-things", Outcome: Success, Status: 200, Actor: authz.Actor{Name: "reader"}}},
		},
		{
			"read by nobody",
			call{method: "GET", path: "/api/v1/things"},
			[]Audit{{Operation: "list-things", Outcome: Denied, Status: 401, Code: "auth.required"}},
		},
		{
			"write by a reader",
			call{method: "DELETE", path: "/api/v1/things/a", role: "reader"},
			[]Audit{{Operation: "delete-thing", Objects: map[string]string{"id": "a"}, Outcome: Denied, Status: 403, Code: "auth.forbidden", Actor: authz.Actor{Name: "reader"}}},
		},
		{
			"write from another site",
			call{method: "DELETE", path: "/api/v1/things/a", role: "analyst", header: map[string]string{"Sec-Fetch-Site": "cross-site"}},
			[]Audit{{Operation: "delete-thing", Objects: map[string]string{"id": "a"}, Outcome: Denied, Status: 403, Code: "request.cross_origin"}},
		},
		{"path that is nothing", call{method: "GET", path: "/api/v1/nothing"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kept := &notes{}
			w := tt.call.do(t, demo(t, func(o *Options) { o.Recorder = kept }).Handler())
			got := kept.all()
			for i := range got {
				if got[i].RequestID != w.Header().Get("X-Request-Id") || got[i].Peer != "192.0.2.7" || !got[i].At.Equal(clock) {
					t.Errorf("request %q from %q at %s", got[i].RequestID, got[i].Peer, got[i].At)
				}
				got[i].RequestID, got[i].Peer, got[i].At = "", "", time.Time{}
				got[i].Actor = authz.Actor{Name: got[i].Actor.Name}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNothingLeavesBeforeItsAuditRecord(t *testing.T) {
	w := httptest.NewRecorder()
	kept := &notes{}
	kept.seen = func() {
		if w.Body.Len() > 0 || w.Flushed {
			t.Error("the answer left before its record")
		}
	}
	h := demo(t, func(o *Options) { o.Recorder = kept }).Handler()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/things/export", nil)
	r.Header.Set("Test-Role", "reader")
	h.ServeHTTP(w, r)
	if len(kept.all()) != 1 || w.Body.String() != "a,b\n" {
		t.Errorf("%d records, answer %q", len(kept.all()), w.Body)
	}
}

func TestAnswerIsWithheldWithoutAuditRecord(t *testing.T) {
	h := demo(t, func(o *Options) { o.Recorder = &notes{err: errors.New("the ledger stopped")} }).Handler()
	for _, c := range []call{
		{method: "GET", path: "/api/v1/things/export", role: "reader"},
		{method: "PUT", path: "/api/v1/things/a", role: "analyst", body: `{"name":"x"}`},
		{method: "DELETE", path: "/api/v1/things/a", role: "analyst"},
		{method: "GET", path: "/api/v1/things"},
	} {
		w := c.do(t, h)
		if b := problemOf(t, w); b.Code != "audit.unavailable" || w.Code != 503 || strings.Contains(w.Body.String(), "a,b") {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
	if w := (call{method: "GET", path: "/api/v1/things", role: "reader"}).do(t, h); w.Code != 200 {
		t.Errorf("a read that is not audited: %d", w.Code)
	}
}

func TestStreamsOutliveTheTimeLimits(t *testing.T) {
	s := demo(t, nil)
	begun := make(chan struct{})
	next := make(chan struct{})
	stream := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "one\n")
		_ = http.NewResponseController(w).Flush()
		close(begun)
		<-next
		_, _ = io.WriteString(w, "two\n")
	}
	Handle(s.API(), PlainOp{ID: "follow", Method: "GET", Path: "/api/v1/follow", Permission: permRead, Stream: true}, http.HandlerFunc(stream))
	server := httptest.NewUnstartedServer(s.Handler())
	server.Config.WriteTimeout, server.Config.ReadTimeout = 20*time.Millisecond, 20*time.Millisecond
	server.Start()
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/follow", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Test-Role", "reader")
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	<-begun
	time.Sleep(60 * time.Millisecond) // past both limits
	close(next)
	if text, err := io.ReadAll(resp.Body); err != nil || string(text) != "one\ntwo\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// gone answers for actors as long as it is false.
type gone struct{ atomic.Bool }

func (g *gone) Alive(context.Context, authz.Actor) (bool, error) { return !g.Load(), nil }

func TestStreamsEndWithTheirSession(t *testing.T) {
	var over gone
	s := demo(t, func(o *Options) { o.Alive, o.Recheck = &over, time.Millisecond })
	Handle(s.API(), PlainOp{ID: "follow", Method: "GET", Path: "/api/v1/follow", Permission: permRead, Stream: true}, http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			over.Store(true)
			<-r.Context().Done() // for ever, when nobody looks at the session
			_, _ = io.WriteString(w, "ended")
		}))
	w := call{method: "GET", path: "/api/v1/follow", role: "reader"}.do(t, s.Handler())
	if w.Code != http.StatusOK || w.Body.String() != "ended" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestPanicAfterTheHeaderEndsTheConnection(t *testing.T) {
	s := demo(t, nil)
	Handle(s.API(), PlainOp{ID: "fall", Method: "GET", Path: "/api/v1/fall", Permission: authz.Public}, http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic("and then")
		}))
	server := httptest.NewUnstartedServer(s.Handler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	server.Start()
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/fall", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("the answer looks whole: %q", text)
	}
}

func TestErrorsStayInTheLog(t *testing.T) {
	var log bytes.Buffer
	h := demo(t, func(o *Options) { o.Log = slog.New(slog.NewJSONHandler(&log, nil)) }).Handler()
	for _, name := range []string{"broken", "panic"} {
		log.Reset()
		w := call{method: "PUT", path: "/api/v1/things/a", role: "analyst", body: `{"name":"` + name + `"}`}.do(t, h)
		for _, want := range []string{w.Header().Get("X-Request-Id"), `"operation":"put-thing"`} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%s: the log has no %s: %s", name, want, log.String())
			}
		}
	}
}

func TestMeters(t *testing.T) {
	reg := prometheus.NewRegistry()
	h := demo(t, func(o *Options) { o.Metrics = reg }).Handler()
	call{method: "GET", path: "/api/v1/things", role: "reader"}.do(t, h)
	call{method: "GET", path: "/api/v1/things"}.do(t, h)
	call{method: "GET", path: "/api/v1/nothing"}.do(t, h)
	want := `
# HELP fengsui_http_requests_total Answered requests by operation and class of status (2xx …).
# TYPE fengsui_http_requests_total counter
fengsui_http_requests_total{class="2xx",operation="list-things"} 1
fengsui_http_requests_total{class="4xx",operation="list-things"} 1
fengsui_http_requests_total{class="4xx",operation="none"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "fengsui_http_requests_total"); err != nil {
		t.Error(err)
	}
}

func TestCancelledRequestsAreNoErrorsOfOurs(t *testing.T) {
	s := demo(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p := s.seen(ctx, context.Canceled); !errors.Is(p, ErrCancelled) {
		t.Errorf("%v", p)
	}
	if p := s.seen(t.Context(), context.Canceled); !errors.Is(p, problem.ErrInternal) {
		t.Errorf("a cancellation of something else: %v", p)
	}
}

func TestHTTPServerLimits(t *testing.T) {
	server := HTTPServer(demo(t, nil).Handler(), nil, discard())
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+"/api/v1/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Test-Long", strings.Repeat("x", 100<<10))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d for 100 KiB of header", resp.StatusCode)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

func FuzzOneMeaning(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"a":2}`, `{"a":{"a":1},"b":["a","a"]}`, `[1,2`, `"\ud800"`, "\xff", `{"a":"a"}{}`, `]`, `{"a"`, `{:`} {
		f.Add([]byte(s))
	}
	format := strictJSON()
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if format.Unmarshal(data, &v) != nil {
			return
		}
		// What was taken reads the same when written and read again.
		var text bytes.Buffer
		if err := format.Marshal(&text, v); err != nil {
			t.Fatal(err)
		}
		var again any
		if err := format.Unmarshal(text.Bytes(), &again); err != nil {
			t.Fatalf("%q became %q: %v", data, text.Bytes(), err)
		}
		if diff := cmp.Diff(v, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func BenchmarkGate(b *testing.B) {
	s, err := New(Options{Authenticators: []Authenticator{AuthenticatorFunc(byHeader)}, Now: func() time.Time { return clock }})
	if err != nil {
		b.Fatal(err)
	}
	Handle(s.API(), PlainOp{ID: "nothing", Method: "POST", Path: "/nothing", Permission: permRead}, http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	h := s.Handler()
	for _, role := range []string{"reader", ""} {
		b.Run("as "+role, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/nothing", nil)
				if role != "" {
					r.Header.Set("Test-Role", role)
				}
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
