package search

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

// serve runs the API; the token of a request is its role.
func serve(t *testing.T, s *Service) *httptest.Server {
	t.Helper()
	api, err := httpapi.New(httpapi.Options{
		Now: func() time.Time { return day },
		Authenticators: []httpapi.Authenticator{httpapi.AuthenticatorFunc(func(r *http.Request) (authz.Actor, error) {
			role, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			return authz.Actor{ID: "t-" + role, Name: role, Role: authz.Role(role), Kind: authz.Token}, nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Routes(api.API())
	srv := httptest.NewServer(api.Handler())
	t.Cleanup(srv.Close)
	return srv
}

func ask(t *testing.T, srv *httptest.Server, role, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/api/v1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+role)
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func TestOperations(t *testing.T) {
	l := newFakeLog(100)
	l.add(entry(0, "s", `{"a":["x","y"],"b":"1"}`), entry(1, "s", "zwei"))
	srv := serve(t, service(t, Options{Log: l}))
	first := `{"seq":0,"time":"2026-11-24T08:00:00Z","received":"2026-11-24T08:00:00Z","clock_off":false,` +
		`"source":{"id":"s","name":"name of s"},"transport":"udp","peer":"192.0.2.1","class":"text",` +
		`"raw":"{\"a\":[\"x\",\"y\"],\"b\":\"1\"}","fields":{"a":["x","y"],"b":"1"}}`
	for _, c := range []struct {
		name, role, path string
		status           int
		want             string // a part of the answer
	}{
		{
			"search", "reader", "/logs?query=x&limit=5", 200,
			`{"events":[` + first + `],"next":"","took_ms":0,"scanned":2,"partial":false,"reason":""}`,
		},
		{"bad query", "reader", "/logs?query=a+%22b", 400, `"errors":[{"location":"query","message":"column 3: the quote is not closed"}]`},
		{"bad span", "reader", "/logs?from=yesterday", 422, `"location":"query.from"`},
		{
			"stats", "reader", "/logs/stats?from=2026-11-24T08:00:00Z&to=2026-11-24T08:00:02Z&buckets=2&by=class&top=b", 200,
			`{"total":2,"histogram":[{"from":"2026-11-24T08:00:00Z","to":"2026-11-24T08:00:01Z","count":1,"counts":{"text":1}},` +
				`{"from":"2026-11-24T08:00:01Z","to":"2026-11-24T08:00:02Z","count":1,"counts":{"text":1}}],` +
				`"top":[{"value":"1","count":1}],"took_ms":0,"scanned":2,"partial":false,"reason":""}`,
		},
		{"fields", "reader", "/logs/fields?query=x", 200, `{"name":"a","count":1,"values":[{"value":"x","count":1},{"value":"y","count":1}]}`},
		{"event", "reader", "/logs/0", 200, first},
		{"no event", "reader", "/logs/7", 404, `"code":"log.not_found"`},
		{"context", "reader", "/logs/1/context?before=1&after=0", 200, `{"events":[` + first + `,{"seq":1,`},
		{"proof", "reader", "/logs/0/proof", 200, `{"seq":0,"leaf":"01` + strings.Repeat("00", 31) + `","size":1,"root":"` + strings.Repeat("00", 32) +
			`","path":["Ag=="],"entry_base64":"Aw==","checkpoint":"note","verified":false}`},
		{"no proof yet", "reader", "/logs/1/proof", 503, `"code":"log.no_checkpoint"`},
		{"export", "analyst", "/logs/export?query=zwei&format=csv", 200, `1,2026-11-24T08:00:01Z,`},
		{"export of a bad format", "analyst", "/logs/export?format=xls", 422, `"location":"query.format"`},
		{"export by a reader", "reader", "/logs/export", 403, `"code":"auth.forbidden"`},
		{"a source may not read", "source", "/logs", 403, `"code":"auth.forbidden"`},
		{"live view of a bad query", "reader", "/logs/tail?query=%22", 400, `"code":"log.bad_query"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp := ask(t, srv, c.role, c.path) //nolint:bodyclose // ask closes it
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != c.status || !strings.Contains(string(body), c.want) {
				t.Errorf("%d %s\nwant %d with %s", resp.StatusCode, body, c.status, c.want)
			}
		})
	}
}

func TestExportSaysThatItIsWhole(t *testing.T) {
	l := newFakeLog(10)
	for i := range 25 {
		l.add(entry(i, "s", "event"))
	}
	srv := serve(t, service(t, Options{Log: l}))
	for want, broken := range map[string]bool{"complete": false, "some events cannot be read back from the ledger": true} {
		l.broken[12] = broken
		resp := ask(t, srv, "analyst", "/logs/export") //nolint:bodyclose // ask closes it
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, resp.Trailer.Get(statusTrailer)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLiveView(t *testing.T) {
	l := newFakeLog(100)
	srv := serve(t, service(t, Options{Log: l, TailEvery: time.Millisecond}))
	resp := ask(t, srv, "reader", "/logs/tail?query=error") //nolint:bodyclose // ask closes it
	l.add(entry(0, "s", "fine"), entry(0, "s", "error\nevent: rate\ndata: x"))
	lines := bufio.NewScanner(resp.Body)
	var got []string
	for len(got) < 5 && lines.Scan() {
		if lines.Text() != "" {
			got = append(got, lines.Text())
		}
	}
	want := []string{
		": follows", "event: log", `data: {"seq":1,"time":"2026-11-24T08:00:00Z","received":"2026-11-24T08:00:00Z","clock_off":false,` +
			`"source":{"id":"s","name":"name of s"},"transport":"udp","peer":"192.0.2.1","class":"text",` +
			`"raw":"error\nevent: rate\ndata: x","fields":{}}`, "event: rate", `data: {"per_second":1000,"dropped":0}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
