package otlp

import (
	"bufio"
	"bytes"
	"encoding/hex"
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
	collectorpb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/internal/flow/receive/receivetest"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type station struct {
	sink    *receivetest.Sink
	sources *receivetest.Sources
	h       *Handler
}

func newStation(tb testing.TB, o Options) *station {
	tb.Helper()
	s := &station{sink: &receivetest.Sink{}, sources: &receivetest.Sources{
		Tokens: map[string]event.Source{"fs_good": {ID: "s1", Kind: "otlp"}},
	}}
	o.Sink, o.Sources, o.Now = s.sink, s.sources, func() time.Time { return noon }
	h, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	s.h = h
	return s
}

func post(e encoding, body string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/logs", strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7:5000"
	r.Header.Set("Authorization", "Bearer fs_good")
	r.Header.Set("Content-Type", string(e))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func (s *station) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
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

func text(v string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: v}}
}

// logs returns a request with one record for each body.
func logs(bodies ...string) *logspb.LogsData {
	var records []*logspb.LogRecord
	for _, b := range bodies {
		records = append(records, &logspb.LogRecord{Body: text(b)})
	}
	return &logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{ScopeLogs: []*logspb.ScopeLogs{{LogRecords: records}}}}}
}

func wireOf(tb testing.TB, m proto.Message) string {
	tb.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// jsonOf writes a request as OTLP does: protobuf's JSON with enumerations as
// numbers and ids in hexadecimal.
func jsonOf(tb testing.TB, m *logspb.LogsData) string {
	tb.Helper()
	m, _ = proto.Clone(m).(*logspb.LogsData)
	ids := map[string]string{}
	mark := func(id []byte) []byte {
		if len(id) == 0 {
			return nil
		}
		key := []byte(fmt.Sprintf("\x00\x00id%08d", len(ids)))
		quoted, _ := json.Marshal(key)
		ids[string(quoted)] = `"` + hex.EncodeToString(id) + `"`
		return key
	}
	for _, rl := range m.GetResourceLogs() {
		for _, sl := range rl.GetScopeLogs() {
			for _, r := range sl.GetLogRecords() {
				r.TraceId, r.SpanId = mark(r.GetTraceId()), mark(r.GetSpanId())
			}
		}
	}
	b, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	out := string(b)
	for from, to := range ids {
		out = strings.Replace(out, from, to, 1)
	}
	return out
}

func TestShapeOfARecord(t *testing.T) {
	in, err := os.ReadFile(filepath.Join("testdata", "records.json"))
	if err != nil {
		t.Fatal(err)
	}
	s := newStation(t, Options{})
	w := s.do(post(jsonText, string(in)))
	if w.Code != 200 || w.Body.String() != "{}" || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	got := strings.Join(s.sink.Raws(), "\n") + "\n"
	path := filepath.Join("testdata", "records.want")
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
		t.Errorf("records (-want +got):\n%s", diff)
	}
	for _, raw := range s.sink.Raws() {
		if !json.Valid([]byte(raw)) {
			t.Errorf("no JSON: %s", raw)
		}
	}
	ev := s.sink.Events()[0]
	if ev.Source != "s1" || ev.Transport != "otlp" || ev.Peer != "192.0.2.7" || len(ev.Batch) != 20 || !ev.Received.Equal(noon) {
		t.Errorf("receipt facts %+v", ev)
	}
}

// sample is a request with every kind of value.
func sample() *logspb.LogsData {
	all := &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{Values: []*commonpb.AnyValue{
		text("a\x00\x1f\"\\/\u2028<&> 中文"),
		{Value: &commonpb.AnyValue_BoolValue{BoolValue: true}},
		{Value: &commonpb.AnyValue_BoolValue{}},
		{Value: &commonpb.AnyValue_IntValue{IntValue: -1 << 63}},
		{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: 1.5e300}},
		{Value: &commonpb.AnyValue_BytesValue{BytesValue: []byte{0xff, 0}}},
		{},
		{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{Values: []*commonpb.KeyValue{{Key: "k", Value: text("v")}, {Key: "none"}}}}},
	}}}}
	attributes := []*commonpb.KeyValue{{Key: "a\"b", Value: text("x")}, {Key: "all", Value: all}}
	return &logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{
		ScopeLogs: []*logspb.ScopeLogs{{
			Scope: &commonpb.InstrumentationScope{Name: "n", Version: "v", Attributes: attributes},
			LogRecords: []*logspb.LogRecord{{
				TimeUnixNano: 1, ObservedTimeUnixNano: 1<<64 - 1, SeverityNumber: logspb.SeverityNumber_SEVERITY_NUMBER_FATAL4, SeverityText: "FATAL",
				Body: all, Attributes: attributes, DroppedAttributesCount: 1<<32 - 1, Flags: 1<<32 - 1,
				TraceId: []byte("0123456789abcdef"), SpanId: []byte("01234567"), EventName: "e",
			}, {}},
		}},
	}}}
}

func TestBothEncodingsMakeTheSameRecords(t *testing.T) {
	for name, m := range map[string]*logspb.LogsData{"every kind": sample(), "plain": logs("a", "b"), "nothing": {}} {
		t.Run(name, func(t *testing.T) {
			p, j := newStation(t, Options{}), newStation(t, Options{})
			if w := p.do(post(protobuf, wireOf(t, m))); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Type") != "application/x-protobuf" {
				t.Fatalf("protobuf: %d %q", w.Code, w.Body)
			}
			if w := j.do(post(jsonText, jsonOf(t, m))); w.Code != 200 {
				t.Fatalf("json: %d %s", w.Code, w.Body)
			}
			if diff := cmp.Diff(p.sink.Raws(), j.sink.Raws()); diff != "" {
				t.Errorf("records (-protobuf +json):\n%s", diff)
			}
		})
	}
}

func TestResourceAfterItsRecords(t *testing.T) {
	resource := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), []byte("\x0a\x08\x0a\x01k\x12\x03\x0a\x01v"))
	scopes := wireOf(t, logs("a").GetResourceLogs()[0])
	body := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), append([]byte(scopes), resource...))
	s := newStation(t, Options{})
	s.do(post(protobuf, string(body)))
	if diff := cmp.Diff([]string{`{"body":"a","resource.k":"v"}`}, s.sink.Raws()); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestRefusedBodies(t *testing.T) {
	good := jsonOf(t, logs("a", "b"))
	for _, c := range []struct {
		name   string
		e      encoding
		body   string
		header []string
		status int
		code   int
		words  string
	}{
		{name: "no JSON", e: jsonText, body: "{", status: 400, code: 3, words: "ingest.otlp_malformed"},
		{name: "JSON of another shape", e: jsonText, body: `{"resourceLogs":{}}`, status: 400, code: 3, words: "ingest.otlp_malformed"},
		{name: "number that is none", e: jsonText, body: `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"x"}]}]}]}`, status: 400, code: 3, words: "ingest.otlp_malformed"},
		{name: "id that is not hexadecimal", e: jsonText, body: `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{"traceId":"xyz"}]}]}]}`, status: 400, code: 3, words: "traceId is not hexadecimal"},
		{name: "no protobuf", e: protobuf, body: "\x0a\xff", status: 400, code: 3, words: "ingest.otlp_malformed"},
		{name: "damage deep inside", e: protobuf, body: "\x0a\x06\x12\x04\x12\x02\x2a\xff", status: 400, code: 3, words: "ingest.otlp_malformed"},
		{name: "cut gzip", e: jsonText, body: packed(t, good)[:20], header: []string{"Content-Encoding", "gzip"}, status: 400, code: 3, words: "ingest.body_cut"},
		{name: "bomb", e: jsonText, body: packed(t, good+strings.Repeat(" ", 1<<20)), header: []string{"Content-Encoding", "gzip"}, status: 413, code: 3, words: "ingest.body_too_large"},
		{name: "too many records", e: protobuf, body: wireOf(t, logs(strings.Split(strings.Repeat("a", 11), "")...)), status: 413, code: 3, words: "ingest.too_many_lines"},
		{name: "large resource for many records", e: jsonText, body: strings.Replace(jsonOf(t, logs("a", "b", "c", "d", "e", "f", "g", "h", "i")), `[{"scopeLogs"`, `[{"resource":{"attributes":[{"key":"k","value":{"stringValue":"`+strings.Repeat("x", 150)+`"}}]},"scopeLogs"`, 1), status: 413, code: 3, words: "ingest.body_too_large"},
		{name: "another media type", e: "text/plain", body: good, status: 415, code: 3, words: "ingest.otlp_media_type"},
		{name: "unknown token", e: protobuf, body: good, header: []string{"Authorization", "Bearer x"}, status: 401, code: 16, words: "ingest.unknown_token"},
		{name: "bad key", e: protobuf, body: "", header: []string{"Idempotency-Key", "a b"}, status: 400, code: 3, words: "ingest.key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStation(t, Options{MaxRecords: 10, MaxRecord: 200, MaxStored: 1000, Limits: receive.BodyLimits{MaxDecoded: 100_000}})
			w := s.do(post(c.e, c.body, c.header...))
			if w.Code != c.status || s.sink.Len() != 0 {
				t.Fatalf("status %d, want %d; %d events: %s", w.Code, c.status, s.sink.Len(), w.Body)
			}
			code, words := statusOf(t, w)
			if code != c.code || !strings.Contains(words, c.words) {
				t.Errorf("code %d %q, want %d %q", code, words, c.code, c.words)
			}
			if s.h.o.Budget.Held() != 0 {
				t.Error("memory is still held")
			}
		})
	}
}

// statusOf reads a google.rpc.Status in the encoding its answer states.
func statusOf(t *testing.T, w *httptest.ResponseRecorder) (code int, words string) {
	t.Helper()
	if w.Header().Get("Content-Type") == string(jsonText) {
		var s status
		if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		return s.Code, s.Message
	}
	err := eachField(w.Body.Bytes(), func(f field) error {
		switch f.number {
		case 1:
			code = int(f.value)
		case 2:
			words = string(f.bytes)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return code, words
}

func TestRecordsBeyondTheLimitAreRejected(t *testing.T) {
	deep := text("x")
	for range maxDepth + 1 {
		deep = &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{Values: []*commonpb.AnyValue{deep}}}}
	}
	m := logs("a", strings.Repeat("x", 500), "b", "c")
	m.ResourceLogs[0].ScopeLogs[0].LogRecords[2].Body = deep
	for _, e := range []encoding{protobuf, jsonText} {
		t.Run(string(e), func(t *testing.T) {
			s := newStation(t, Options{MaxRecord: 400})
			var got collectorpb.ExportLogsServiceResponse
			if e == protobuf {
				w := s.do(post(e, wireOf(t, m)))
				if err := proto.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
					t.Fatal(w.Code, err)
				}
			} else {
				w := s.do(post(e, jsonOf(t, m)))
				if err := protojson.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
					t.Fatal(w.Code, err)
				}
			}
			if p := got.GetPartialSuccess(); p.GetRejectedLogRecords() != 2 || p.GetErrorMessage() == "" {
				t.Errorf("answer %v", &got)
			}
			if diff := cmp.Diff([]string{`{"body":"a"}`, `{"body":"c"}`}, s.sink.Raws()); diff != "" || s.sources.Drops(receive.ReasonTooLong) != 2 {
				t.Errorf("%d dropped; records (-want +got):\n%s", s.sources.Drops(""), diff)
			}
		})
	}
}

func TestTextThatIsNotUTF8(t *testing.T) {
	body := strings.Replace(wireOf(t, logs("a??b")), "??", "\xff\xfe", 1)
	s := newStation(t, Options{})
	if w := s.do(post(protobuf, body)); w.Code != 200 {
		t.Fatal(w.Code)
	}
	if diff := cmp.Diff([]string{"{\"body\":\"a\uFFFD\uFFFDb\"}"}, s.sink.Raws()); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestRefusalsAskForAnotherTry(t *testing.T) {
	for _, c := range []struct {
		name   string
		fail   error
		status int
		code   int
		after  string
	}{
		{"busy", fmt.Errorf("seal: %w", problem.New(problem.TooMany, "ingest.busy", "busy").After(3*time.Second)), 429, 8, "3"},
		{"full", fmt.Errorf("seal: %w", problem.New(problem.Unavailable, "ingest.full", "full").After(5*time.Second)), 503, 14, "5"},
		{"unknown", errors.New("secret detail"), 500, 13, ""},
	} {
		for _, e := range []encoding{protobuf, jsonText} {
			t.Run(c.name+" "+string(e), func(t *testing.T) {
				s := newStation(t, Options{})
				s.sink.Fail(c.fail)
				body := wireOf(t, logs("a"))
				if e == jsonText {
					body = jsonOf(t, logs("a"))
				}
				w := s.do(post(e, body))
				if w.Code != c.status || w.Header().Get("Retry-After") != c.after || strings.Contains(w.Body.String(), "secret") {
					t.Errorf("status %d, Retry-After %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
				}
				if code, _ := statusOf(t, w); code != c.code {
					t.Errorf("code %d, want %d", code, c.code)
				}
			})
		}
	}
	s := newStation(t, Options{})
	s.sources.Limit = func(string, int, int) (time.Duration, bool) { return time.Second, false }
	if w := s.do(post(protobuf, wireOf(t, logs("a")))); w.Code != 429 || w.Header().Get("Retry-After") != "1" || s.sink.Len() != 0 {
		t.Errorf("rate limit: status %d", w.Code)
	}
}

func TestIdempotencyKey(t *testing.T) {
	s := newStation(t, Options{})
	for range 2 {
		if w := s.do(post(protobuf, wireOf(t, logs("a", "b")), "Idempotency-Key", "k")); w.Code != 200 {
			t.Fatal(w.Code)
		}
	}
	if n, _ := s.sources.Counts(); s.sink.Len() != 2 || n != 2 {
		t.Errorf("%d events, %d counted", s.sink.Len(), n)
	}
}

func TestADyingSenderCreatesNoEvent(t *testing.T) {
	s := newStation(t, Options{})
	server := httptest.NewServer(s.h)
	defer server.Close()
	for e, body := range map[encoding]string{protobuf: wireOf(t, logs("a", "b")), jsonText: jsonOf(t, logs("a", "b"))} {
		for at := range len(body) {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "POST /v1/logs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fs_good\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", e, len(body), body[:at])
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
				if resp.StatusCode == http.StatusOK {
					t.Errorf("%s: a body cut after %d bytes was accepted", e, at)
				}
				resp.Body.Close()
			}
			conn.Close()
		}
	}
	if s.sink.Len() != 0 {
		t.Errorf("sealed %q", s.sink.Raws())
	}
}
