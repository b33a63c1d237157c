package ndjson

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/internal/flow/receive/receivetest"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type station struct {
	sink    *receivetest.Sink
	sources *receivetest.Sources
	handler *Handler
}

func newStation(tb testing.TB, o Options) *station {
	tb.Helper()
	s := &station{sink: &receivetest.Sink{}, sources: &receivetest.Sources{
		Tokens: map[string]event.Source{"fs_good": {ID: "s1", Kind: "http"}},
	}}
	o.Sink, o.Sources, o.Now = s.sink, s.sources, func() time.Time { return noon }
	h, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	s.handler = h
	return s
}

func post(body string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/ingest/ndjson", strings.NewReader(body))
	r.RemoteAddr = "[::ffff:192.0.2.7]:5000"
	r.Header.Set("Authorization", "Bearer fs_good")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func (s *station) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func packed(tb testing.TB, encoding, text string) string {
	tb.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	case "zstd":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			tb.Fatal(err)
		}
		w = z
	}
	if _, err := io.WriteString(w, text); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func TestBodies(t *testing.T) {
	for _, c := range []struct {
		name   string
		body   string
		header []string
		status int
		code   string // of a problem
		answer Answer
		raws   []string
	}{
		{name: "two lines", body: "{\"a\":1}\n{\"a\":2}\n", status: 200, answer: Answer{Accepted: 2, LastSeq: 1}, raws: []string{`{"a":1}`, `{"a":2}`}},
		{name: "last line without line feed", body: "a\nb", status: 200, answer: Answer{Accepted: 2, LastSeq: 1}, raws: []string{"a", "b"}},
		{name: "empty lines are skipped", body: "\n\na\n\r\n\nb\n\n", status: 200, answer: Answer{Accepted: 2, LastSeq: 1}, raws: []string{"a", "b"}},
		{name: "bytes stay as they are", body: " \xff\xfe\x00\t x \r\n", status: 200, answer: Answer{Accepted: 1}, raws: []string{" \xff\xfe\x00\t x \r"}},
		{
			name: "too long lines are rejected one by one", body: "a\n" + strings.Repeat("x", 65) + "\n\n" + strings.Repeat("y", 64) + "\n" + strings.Repeat("z", 999), status: 200,
			answer: Answer{Accepted: 2, LastSeq: 1, Rejected: []Rejected{{Line: 2, Code: CodeTooLong}, {Line: 5, Code: CodeTooLong}}},
			raws:   []string{"a", strings.Repeat("y", 64)},
		},
		{name: "nothing", status: 200},
		{name: "gzip", body: packed(t, "gzip", "a\nb\n"), header: []string{"Content-Encoding", "gzip"}, status: 200, answer: Answer{Accepted: 2, LastSeq: 1}, raws: []string{"a", "b"}},
		{name: "zstd", body: packed(t, "zstd", "a\nb\n"), header: []string{"Content-Encoding", "zstd"}, status: 200, answer: Answer{Accepted: 2, LastSeq: 1}, raws: []string{"a", "b"}},
		{name: "deflate", body: packed(t, "deflate", "a\nb\n"), header: []string{"Content-Encoding", "deflate"}, status: 200, answer: Answer{Accepted: 2, LastSeq: 1}, raws: []string{"a", "b"}},
		{name: "gzip cut short", body: packed(t, "gzip", "a\nb\n")[:20], header: []string{"Content-Encoding", "gzip"}, status: 400, code: "ingest.body_cut"},
		{name: "no gzip at all", body: "a\nb\nand so on, no gzip", header: []string{"Content-Encoding", "gzip"}, status: 400, code: "ingest.body_corrupt"},
		{name: "something after the stream", body: packed(t, "deflate", "a\n") + "tail", header: []string{"Content-Encoding", "deflate"}, status: 400, code: "ingest.body_corrupt"},
		{name: "unknown encoding", body: "a\n", header: []string{"Content-Encoding", "br"}, status: 415, code: "ingest.encoding"},
		{name: "too large", body: strings.Repeat("aaaa\n", 5000), status: 413, code: "ingest.body_too_large"},
		{name: "too large once decompressed", body: packed(t, "gzip", strings.Repeat("aaaa\n", 20000)), header: []string{"Content-Encoding", "gzip"}, status: 413, code: "ingest.body_too_large"},
		{name: "too many lines", body: strings.Repeat("\n", 101), status: 413, code: "ingest.too_many_lines"},
		{name: "unknown token", body: "a\n", header: []string{"Authorization", "Bearer fs_bad"}, status: 401, code: "ingest.unknown_token"},
		{name: "no token", body: "a\n", header: []string{"Authorization", ""}, status: 401, code: "ingest.unknown_token"},
		{name: "bad key", body: "a\n", header: []string{"Idempotency-Key", "a b"}, status: 400, code: "ingest.key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStation(t, Options{MaxLine: 64, MaxLines: 100, Limits: receive.BodyLimits{MaxEncoded: 20000, MaxDecoded: 50000}})
			w := s.do(post(c.body, c.header...))
			if w.Code != c.status {
				t.Fatalf("status %d, want %d: %s", w.Code, c.status, w.Body)
			}
			raws := append([]string{}, c.raws...)
			if diff := cmp.Diff(raws, s.sink.Raws()); diff != "" {
				t.Errorf("sealed (-want +got):\n%s", diff)
			}
			if c.status != 200 {
				var p problem.Body
				if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Code != c.code {
					t.Errorf("problem %q, want %q (%v)", p.Code, c.code, err)
				}
				return
			}
			var got Answer
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if c.answer.Rejected == nil {
				c.answer.Rejected = []Rejected{}
			}
			if diff := cmp.Diff(c.answer, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if n, _ := s.sources.Counts(); n != c.answer.Accepted {
				t.Errorf("counted %d received, want %d", n, c.answer.Accepted)
			}
			if n := s.sources.Drops(receive.ReasonTooLong); n != len(c.answer.Rejected) {
				t.Errorf("counted %d dropped, want %d", n, len(c.answer.Rejected))
			}
			if held := s.handler.o.Budget.Held(); held != 0 {
				t.Errorf("%d bytes are still held", held)
			}
		})
	}
}

func TestReceiptFacts(t *testing.T) {
	s := newStation(t, Options{})
	s.do(post("a\nb\n"))
	got := s.sink.Events()
	if len(got) != 2 || len(got[0].Batch) != 20 {
		t.Fatalf("events %+v", got)
	}
	want := event.Event{Received: noon, Source: "s1", Transport: "http", Peer: "192.0.2.7", Batch: got[0].Batch, Raw: []byte("a")}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	s.do(post("a\nb\n"))
	s.do(post("a\nb"))
	s.do(post("ab\n"))
	again := s.sink.Events()
	if again[2].Batch != got[0].Batch || again[4].Batch != got[0].Batch || again[6].Batch == got[0].Batch {
		t.Error("a repeated batch does not show by its id, or another one does")
	}
}

func TestIdempotencyKey(t *testing.T) {
	s := newStation(t, Options{MaxLine: 10})
	body := "a\nlonger than ten\nb\n"
	first := s.do(post(body, "Idempotency-Key", "k1"))
	again := s.do(post(body, "Idempotency-Key", "k1"))
	if first.Code != 200 || first.Body.String() != again.Body.String() {
		t.Errorf("first %d %s, again %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if s.sink.Len() != 2 {
		t.Errorf("%d events, want 2", s.sink.Len())
	}
	if n, _ := s.sources.Counts(); n != 2 || s.sources.Drops("") != 1 {
		t.Errorf("counted %d received and %d dropped, want 2 and 1", n, s.sources.Drops(""))
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
			w := s.do(post("a\n"))
			if w.Code != c.status || w.Header().Get("Retry-After") != c.after {
				t.Errorf("status %d, Retry-After %q; want %d, %q", w.Code, w.Header().Get("Retry-After"), c.status, c.after)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Error("the answer shows internals")
			}
			if n, _ := s.sources.Counts(); n != 0 {
				t.Errorf("counted %d received", n)
			}
		})
	}
	t.Run("rate limit", func(t *testing.T) {
		s := newStation(t, Options{})
		s.sources.Limit = func(_ string, events, bytes int) (time.Duration, bool) {
			return 1500 * time.Millisecond, events < 3 && bytes < 10
		}
		if w := s.do(post("a\nb\nc\n")); w.Code != 429 || w.Header().Get("Retry-After") != "2" || s.sink.Len() != 0 {
			t.Errorf("status %d, Retry-After %q, %d events", w.Code, w.Header().Get("Retry-After"), s.sink.Len())
		}
		if w := s.do(post("a\nb\n")); w.Code != 200 {
			t.Errorf("status %d", w.Code)
		}
	})
	t.Run("memory", func(t *testing.T) {
		s := newStation(t, Options{Budget: receive.NewBudget(receive.BudgetOptions{MaxBytes: 128 << 10})})
		if w := s.do(post(strings.Repeat("a\n", 50<<10))); w.Code != 429 || w.Header().Get("Retry-After") != "1" {
			t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
		}
		if w := s.do(post("a\n")); w.Code != 200 {
			t.Errorf("status %d once the large body is gone", w.Code)
		}
	})
}

func TestADyingSenderCreatesNoEvent(t *testing.T) {
	s := newStation(t, Options{})
	server := httptest.NewServer(s.handler)
	defer server.Close()
	for name, text := range map[string]string{
		"fewer bytes than Content-Length": "Content-Length: 100\r\n\r\nwhole line\nhalf a li",
		"chunk cut short":                 "Transfer-Encoding: chunked\r\n\r\n20\r\nwhole line\nhalf a li",
		"no last chunk":                   "Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST /ingest/ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fs_good\r\n%s", text)
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err == nil {
				defer resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					t.Error("a cut body was accepted")
				}
			}
			if s.sink.Len() != 0 {
				t.Errorf("sealed %q", s.sink.Raws())
			}
		})
	}
}

func TestUnknownTokensAreCheap(t *testing.T) {
	s := newStation(t, Options{})
	touched := false
	r := post("")
	r.Body = io.NopCloser(readerFunc(func([]byte) (int, error) { touched = true; return 0, io.EOF }))
	r.Header.Set("Authorization", "Bearer fs_bad")
	if w := s.do(r); w.Code != 401 || touched {
		t.Errorf("status %d, body read: %v", w.Code, touched)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func FuzzSplit(f *testing.F) {
	f.Add([]byte("a\nb\r\n\n\nlong long long line\nlast"), 8)
	f.Add([]byte("\xff\x00\n"), 1)
	f.Fuzz(func(t *testing.T, body []byte, maxLine int) {
		if maxLine < 1 {
			return
		}
		lines, rejected, err := Split(body, maxLine, 1000)
		if err != nil {
			if !errors.Is(err, ErrTooMany) || bytes.Count(body, []byte{'\n'}) < 1000 {
				t.Fatalf("error %v", err)
			}
			return
		}
		// Put back together what was kept and left out: it must be the body.
		want := bytes.Split(body, []byte{'\n'})
		for i, line := range want {
			switch {
			case len(line) == 0 || string(line) == "\r":
			case len(line) > maxLine:
				if len(rejected) == 0 || rejected[0].Line != i+1 {
					t.Fatalf("line %d of %d bytes was not rejected", i+1, len(line))
				}
				rejected = rejected[1:]
			default:
				if len(lines) == 0 || !bytes.Equal(lines[0], line) {
					t.Fatalf("line %d is missing", i+1)
				}
				lines = lines[1:]
			}
		}
		if len(lines) > 0 || len(rejected) > 0 {
			t.Fatalf("%d lines and %d rejections too many", len(lines), len(rejected))
		}
	})
}

func BenchmarkPost(b *testing.B) {
	line := `{"@timestamp":"2026-03-01T12:00:00.000Z","message":"` + strings.Repeat("x", 230) + `"}` + "\n"
	const count = 1000
	for _, encoding := range []string{"identity", "gzip", "zstd"} {
		b.Run(encoding, func(b *testing.B) {
			s := newStation(b, Options{Sink: nil})
			s.handler.o.Sink = discard{}
			body := strings.Repeat(line, count)
			if encoding != "identity" {
				body = packed(b, encoding, body)
			}
			b.SetBytes(int64(len(line) * count))
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				s.handler.ServeHTTP(w, post(body, "Content-Encoding", encoding))
				if w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(b.N)*count/b.Elapsed().Seconds(), "events/s")
		})
	}
}
