package bulk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/internal/flow/receive/receivetest"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/internal/testshared"
	"github.com/fengsui/fengsui/ledger"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type station struct {
	sink    *receivetest.Sink
	sources *receivetest.Sources
	h       *Handler
	mux     *http.ServeMux
}

func newStation(tb testing.TB, o Options) *station {
	tb.Helper()
	s := &station{sink: &receivetest.Sink{}, mux: http.NewServeMux(), sources: &receivetest.Sources{
		Tokens: map[string]event.Source{"fs_good": {ID: "s1", Kind: "http"}},
	}}
	o.Sink, o.Sources, o.Now = s.sink, s.sources, func() time.Time { return noon }
	h, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	s.h = h
	for _, r := range h.Routes() {
		s.mux.Handle(r.Method+" "+r.Path, r.Handler)
	}
	return s
}

func request(method, path, body string, header ...string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7:5000"
	r.Header.Set("Authorization", "Bearer fs_good")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func (s *station) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w
}

func packed(tb testing.TB, text string) string {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func TestBodies(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 60) + `"}`
	for _, c := range []struct {
		name   string
		path   string
		body   string
		header []string
		status int
		reason string // part of the error's reason
		raws   []string
	}{
		{name: "create and index", body: "{\"create\":{\"_index\":\"a\"}}\n{\"n\":1}\n{\"index\":{\"_index\":\"b\",\"_id\":\"7\"}}\n{\"n\":2}\n", status: 200, raws: []string{`{"n":1}`, `{"n":2}`}},
		{name: "index from the path", path: "/web/_bulk", body: "{\"create\":{}}\n{\"n\":1}\n", status: 200, raws: []string{`{"n":1}`}},
		{name: "index and type from the path", path: "/web/doc/_bulk", body: "{\"create\":{}}\n{\"n\":1}\n", status: 200, raws: []string{`{"n":1}`}},
		{name: "exact bytes", body: "{\"create\":{}}\n { \"n\" : 1,\"text\":\"\xff\" } \r\n", status: 200, raws: []string{" { \"n\" : 1,\"text\":\"\xff\" } \r"}},
		{name: "no last line feed", body: "{\"create\":{}}\n{\"n\":1}", status: 200, raws: []string{`{"n":1}`}},
		{name: "empty lines between", body: "\n{\"create\":{}}\n{\"n\":1}\n\n\r\n{\"create\":{}}\n{\"n\":2}\n\n", status: 200, raws: []string{`{"n":1}`, `{"n":2}`}},
		{
			name: "wrong documents are named one by one",
			body: "{\"create\":{}}\n{\"n\":1}\n{\"create\":{}}\n{\"n\":\n{\"index\":{\"_id\":\"q\\\"\"}}\n" + long + "\n{\"delete\":{\"_id\":\"1\"}}\n{\"update\":{\"_id\":\"2\"}}\n{\"doc\":{}}\n{\"create\":{}}\n[1]\n{\"create\":{}}\n\n{\"create\":{}}\n{\"n\":2}\n", status: 200,
			raws: []string{`{"n":1}`, `{"n":2}`},
		},
		{name: "gzip", body: packed(t, "{\"create\":{}}\n{\"n\":1}\n"), header: []string{"Content-Encoding", "gzip"}, status: 200, raws: []string{`{"n":1}`}},
		{name: "gzip cut short", body: packed(t, "{\"create\":{}}\n{\"n\":1}\n")[:30], header: []string{"Content-Encoding", "gzip"}, status: 400, reason: "ingest.body_cut"},
		{name: "gzip bomb", body: packed(t, strings.Repeat("{\"create\":{}}\n{\"n\":1}\n", 9000)), header: []string{"Content-Encoding", "gzip"}, status: 413, reason: "ingest.body_too_large"},
		{name: "nothing", status: 400, reason: "ingest.bulk_empty"},
		{name: "only empty lines", body: "\n\n", status: 400, reason: "ingest.bulk_empty"},
		{name: "action without document", body: "{\"create\":{}}\n{\"n\":1}\n{\"create\":{}}\n", status: 400, reason: "line 3 (ingest.bulk_no_document"},
		{name: "action that is no action", body: "{\"create\":{}}\n{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n", status: 400, reason: "line 3 (ingest.bulk_action"},
		{name: "action with two members", body: "{\"create\":{},\"index\":{}}\n{\"n\":1}\n", status: 400, reason: "line 1 (ingest.bulk_action"},
		{name: "action that is no JSON", body: "create\n{\"n\":1}\n", status: 400, reason: "ingest.bulk_action"},
		{name: "too many items", body: strings.Repeat("{\"create\":{}}\n{}\n", 11), status: 413, reason: "ingest.too_many_lines"},
		{name: "too large", body: strings.Repeat("{\"create\":{}}\n{}\n", 5000), status: 413, reason: "ingest.body_too_large"},
		{name: "unknown token", body: "{\"create\":{}}\n{}\n", header: []string{"Authorization", "Bearer fs_bad"}, status: 401, reason: "ingest.unknown_token"},
		{name: "token as password", body: "{\"create\":{}}\n{}\n", header: []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("fengsui:fs_good"))}, status: 200, raws: []string{"{}"}},
		{name: "token as key", body: "{\"create\":{}}\n{}\n", header: []string{"Authorization", "ApiKey " + base64.StdEncoding.EncodeToString([]byte("id:fs_good"))}, status: 200, raws: []string{"{}"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStation(t, Options{MaxDoc: 64, MaxItems: 10, Limits: receive.BodyLimits{MaxEncoded: 20000, MaxDecoded: 50000}})
			if c.path == "" {
				c.path = "/_bulk"
			}
			w := s.do(request(http.MethodPost, Prefix+c.path, c.body, c.header...))
			if w.Code != c.status {
				t.Fatalf("status %d, want %d: %s", w.Code, c.status, w.Body)
			}
			if w.Header().Get("X-Elastic-Product") != "Elasticsearch" || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("header %v", w.Header())
			}
			if diff := cmp.Diff(append([]string{}, c.raws...), s.sink.Raws()); diff != "" {
				t.Errorf("sealed (-want +got):\n%s", diff)
			}
			if held := s.h.o.Budget.Held(); held != 0 {
				t.Errorf("%d bytes are still held", held)
			}
			if c.status == http.StatusOK {
				golden(t, c.name, w.Body.Bytes())
				return
			}
			var got failure
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Status != c.status || !strings.Contains(got.Error.Reason, c.reason) || got.Error.Type == "" {
				t.Errorf("error %+v, want %q (%v)", got, c.reason, err)
			}
		})
	}
}

// golden compares an answer with testdata, one item a line.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	if !json.Valid(body) {
		t.Fatalf("no JSON: %s", body)
	}
	got := strings.NewReplacer(`[{`, "[\n{", `}},{`, "}},\n{", `}}]}`, "}}\n]}").Replace(string(body))
	path := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".json")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestSequenceNumbersAreTheLedgers(t *testing.T) {
	s := newStation(t, Options{})
	s.do(request(http.MethodPost, "/_bulk", "{\"create\":{}}\n{\"n\":0}\n"))
	w := s.do(request(http.MethodPut, "/_bulk", "{\"create\":{}}\n{\"n\":1}\n{\"create\":{}}\nbroken\n{\"create\":{}}\n{\"n\":2}\n"))
	var got struct {
		Errors bool
		Items  []map[string]struct {
			Seq    *uint64 `json:"_seq_no"`
			Status int
			Error  cause
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || !got.Errors || len(got.Items) != 3 {
		t.Fatalf("%v: %s", err, w.Body)
	}
	first, broken, last := got.Items[0]["create"], got.Items[1]["create"], got.Items[2]["create"]
	if *first.Seq != 1 || *last.Seq != 2 || broken.Seq != nil || broken.Status != 400 || broken.Error.Type != "document_parsing_exception" {
		t.Errorf("answer %s", w.Body)
	}
	ev := s.sink.Events()[2]
	if ev.Source != "s1" || ev.Transport != "bulk" || ev.Peer != "192.0.2.7" || len(ev.Batch) != 20 || !ev.Received.Equal(noon) {
		t.Errorf("receipt facts %+v", ev)
	}
}

func TestIdempotencyKey(t *testing.T) {
	s := newStation(t, Options{MaxDoc: 10})
	body := "{\"create\":{}}\n{\"n\":1}\n{\"create\":{}}\n{\"n\":\"longer than ten\"}\n{\"create\":{}}\n{\"n\":2}\n"
	first := s.do(request(http.MethodPost, "/_bulk", body, "Idempotency-Key", "k1"))
	again := s.do(request(http.MethodPost, "/_bulk", body, "Idempotency-Key", "k1"))
	if first.Code != 200 || first.Body.String() != again.Body.String() {
		t.Errorf("first %d %s, again %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if n, _ := s.sources.Counts(); s.sink.Len() != 2 || n != 2 || s.sources.Drops(receive.ReasonTooLong) != 1 {
		t.Errorf("%d events, %d received, %d dropped", s.sink.Len(), n, s.sources.Drops(""))
	}
}

func TestRefusalsAskForAnotherTry(t *testing.T) {
	for _, c := range []struct {
		name   string
		fail   error
		status int
		after  string
	}{
		{"busy", fmt.Errorf("seal: %w", problem.New(problem.TooMany, "ingest.busy", "busy").After(3*time.Second)), 429, "3"},
		{"full", fmt.Errorf("seal: %w", problem.New(problem.Unavailable, "ingest.full", "full").After(5*time.Second)), 503, "5"},
		{"unknown", errors.New("secret detail"), 500, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStation(t, Options{})
			s.sink.Fail(c.fail)
			w := s.do(request(http.MethodPost, "/_bulk", "{\"create\":{}}\n{}\n"))
			if w.Code != c.status || w.Header().Get("Retry-After") != c.after || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("status %d, Retry-After %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
			}
			if n, _ := s.sources.Counts(); n != 0 {
				t.Errorf("counted %d received", n)
			}
		})
	}
	t.Run("rate limit", func(t *testing.T) {
		s := newStation(t, Options{})
		s.sources.Limit = func(string, int, int) (time.Duration, bool) { return 1500 * time.Millisecond, false }
		if w := s.do(request(http.MethodPost, "/_bulk", "{\"create\":{}}\n{}\n")); w.Code != 429 || w.Header().Get("Retry-After") != "2" || s.sink.Len() != 0 {
			t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
		}
	})
}

func TestADyingSenderCreatesNoEvent(t *testing.T) {
	s := newStation(t, Options{})
	server := httptest.NewServer(s.mux)
	defer server.Close()
	body := "{\"create\":{}}\n{\"n\":1}\n{\"create\":{}}\n{\"n\":2}\n"
	for at := range body {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /_bulk HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fs_good\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:at])
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			if resp.StatusCode == http.StatusOK {
				t.Errorf("a body cut after %d bytes was accepted", at)
			}
			resp.Body.Close()
		}
		conn.Close()
	}
	if s.sink.Len() != 0 {
		t.Errorf("sealed %q", s.sink.Raws())
	}
}

func TestASlowSenderIsGivenUp(t *testing.T) {
	s := newStation(t, Options{BodyTimeout: time.Nanosecond})
	s.h.o.Now = time.Now
	server := httptest.NewServer(s.mux)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /_bulk HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fs_good\r\nContent-Length: 100\r\n\r\n{\"create\"")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest || s.sink.Len() != 0 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestProbes(t *testing.T) {
	for _, c := range []struct {
		method, path string
		status       int
		want         string // part of the body
	}{
		{"GET", "", 200, `"number":"8.19.99"`},
		{"GET", "/", 200, `"tagline":"You Know, for Search"`},
		{"HEAD", "/", 200, ""},
		{"GET", "/_license", 200, `"status":"active"`},
		{"GET", "/_license?human=false", 200, `"type":"basic"`},
		{"GET", "/_xpack", 200, `"mode":"basic"`},
		{"GET", "/_cluster/health", 200, `"status":"green"`},
		{"GET", "/_cat/health", 200, "fengsui green"},
		{"GET", "/_cat/templates/x", 200, "[]"},
		{"GET", "/_cat/indices", 404, "ingest.bulk_path"},
		{"GET", "/_nodes/http", 200, `"publish_address":"example.com"`},
		{"GET", "/_nodes/_all/http", 200, `"nodes"`},
		{"HEAD", "/_index_template/filebeat-8", 200, ""},
		{"GET", "/_index_template/filebeat-8", 200, `"name":"filebeat-8"`},
		{"PUT", "/_index_template/filebeat-8", 200, `"acknowledged":true`},
		{"GET", "/_template/logstash", 200, `"logstash"`},
		{"PUT", "/_template/logstash", 200, `"acknowledged":true`},
		{"GET", "/_component_template/x", 200, `"name":"x"`},
		{"GET", "/_ilm/policy/filebeat", 200, `"filebeat":{`},
		{"PUT", "/_ilm/policy/filebeat", 200, `"acknowledged":true`},
		{"GET", "/_data_stream/logs-x", 200, `"name":"logs-x"`},
		{"PUT", "/_data_stream/logs-x", 200, `"acknowledged":true`},
		{"GET", "/_ingest/pipeline/p", 200, `"processors":[]`},
		{"PUT", "/_ingest/pipeline/p", 200, `"acknowledged":true`},
		{"GET", "/_alias/a", 200, `"is_write_index":true`},
		{"HEAD", "/some-index", 200, ""},
		{"PUT", "/some-index", 200, `"index":"some-index"`},
		{"GET", "/some-index/_search", 404, "ingest.bulk_path"},
		{"POST", "/some-index/_search", 404, "ingest.bulk_path"},
		{"POST", "/_search", 404, "ingest.bulk_path"},
		{"PUT", "/_settings", 404, "ingest.bulk_path"},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			s := newStation(t, Options{})
			w := s.do(request(c.method, Prefix+c.path, "{}"))
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || w.Header().Get("X-Elastic-Product") != "Elasticsearch" {
				t.Errorf("status %d, header %v: %s", w.Code, w.Header(), w.Body)
			}
			if s.do(request(c.method, Prefix+c.path, "{}", "Authorization", "")).Code != 401 {
				t.Error("answered without a token")
			}
			if s.sink.Len() != 0 {
				t.Error("something was stored")
			}
		})
	}
	s := newStation(t, Options{})
	for _, path := range []string{"/_license", "/_xpack", "/_cluster/health", "/_cat/health", "/_nodes/http"} {
		if w := s.do(request(http.MethodGet, path, "")); w.Code != 200 {
			t.Errorf("%s at the root: %d", path, w.Code)
		}
	}
	w := s.do(request(http.MethodPut, Prefix+"/web/_bulk", "{\"create\":{}}\n{}\n"))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"_index":"web"`) || s.sink.Len() != 1 {
		t.Errorf("bulk by PUT: %d %s", w.Code, w.Body)
	}
}

func TestWireOfRealSenders(t *testing.T) {
	dir := testshared.Dir(t, "interop", "wire")
	for file, want := range map[string]int{"rsyslog.009.http_POST_bulk.bin": 3, "syslogng.018.http_POST_bulk.bin": 1} {
		t.Run(file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			s := newStation(t, Options{})
			w := s.do(request(http.MethodPost, "/_bulk", string(body)))
			if w.Code != 200 || s.sink.Len() != want || !strings.Contains(w.Body.String(), `"errors":false`) {
				t.Errorf("%d, %d events: %s", w.Code, s.sink.Len(), w.Body)
			}
			for _, raw := range s.sink.Raws() {
				if !bytes.Contains(body, []byte("\n"+raw+"\n")) {
					t.Errorf("%q was not sent", raw)
				}
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("{\"create\":{\"_index\":\"a\",\"_id\":\"1\"}}\n{\"n\":1}\n\n{\"delete\":{}}\n{\"update\":{}}\n{}\n{\"index\":{}}\n{"), 8)
	f.Add([]byte("{\"create\":{}}\n"), 1)
	f.Fuzz(func(t *testing.T, body []byte, maxDoc int) {
		before := bytes.Clone(body)
		items, err := read(body, limits{doc: maxDoc, items: 100})
		if !bytes.Equal(before, body) {
			t.Fatal("the body changed")
		}
		if err != nil {
			if !errors.Is(err, ErrAction) && !errors.Is(err, ErrNoDoc) && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrTooMany) {
				t.Fatalf("undocumented error %v", err)
			}
			return
		}
		if len(items) == 0 || len(items) > 100 {
			t.Fatalf("%d items", len(items))
		}
		rest := body
		for i, it := range items {
			at := bytes.Index(rest, it.doc)
			if at < 0 || bytes.IndexByte(it.doc, '\n') >= 0 {
				t.Fatalf("document %d is not a line of the body in order", i)
			}
			rest = rest[at+len(it.doc):]
			if it.fault == faultNone && (len(it.doc) > maxDoc || !json.Valid(it.doc)) {
				t.Fatalf("document %d is kept: %q", i, it.doc)
			}
		}
		h := &Handler{o: Options{MaxDoc: maxDoc}}
		w := httptest.NewRecorder()
		h.answer(w, items, 7, 0)
		var a struct{ Items []map[string]any }
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || len(a.Items) != len(items) {
			t.Fatalf("answer (%v): %s", err, w.Body)
		}
	})
}

// discard is a sink that keeps nothing.
type discard struct{}

func (discard) Seal(_ context.Context, events []event.Event, _ string) (ledger.Receipt, error) {
	return ledger.Receipt{Count: len(events)}, nil
}

func BenchmarkBulk(b *testing.B) {
	line := "{\"create\":{\"_index\":\"logs-generic-default\"}}\n{\"@timestamp\":\"2026-03-01T12:00:00.000Z\",\"message\":\"" + strings.Repeat("x", 230) + "\"}\n"
	const count = 1000
	for _, encoding := range []string{"identity", "gzip"} {
		b.Run(encoding, func(b *testing.B) {
			s := newStation(b, Options{})
			s.h.o.Sink = discard{}
			body := strings.Repeat(line, count)
			if encoding == "gzip" {
				body = packed(b, body)
			}
			b.SetBytes(int64(len(line) * count))
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				s.mux.ServeHTTP(w, request(http.MethodPost, "/_bulk", body, "Content-Encoding", encoding))
				if w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(b.N)*count/b.Elapsed().Seconds(), "events/s")
		})
	}
}
