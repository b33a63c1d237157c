package stream

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

var (
	permAlerts = authz.Permission{ID: "alert.read", Roles: authz.People()}
	permLedger = authz.Permission{ID: "ledger.read", Roles: []authz.Role{authz.Administrator}}
)

// sessions says who is alive.
type sessions struct {
	mu   sync.Mutex
	dead map[string]bool
	err  error
}

func (s *sessions) Alive(_ context.Context, a authz.Actor) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.dead[a.ID], s.err
}

func hub(t *testing.T, change func(*Options)) (*Hub, http.Handler) {
	t.Helper()
	o := Options{
		Topics: map[string]authz.Permission{"alerts": permAlerts, "ledger": permLedger},
		Alive:  &sessions{}, Now: time.Now,
	}
	if change != nil {
		change(&o)
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := httpapi.New(httpapi.Options{
		Now: time.Now,
		Authenticators: []httpapi.Authenticator{httpapi.AuthenticatorFunc(func(r *http.Request) (authz.Actor, error) {
			role := r.Header.Get("Test-Role")
			return authz.Actor{ID: role, Role: authz.Role(role), Kind: authz.Person}, nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Routes(s.API())
	return h, s.Handler()
}

// screen is a client whose answer a test reads while it is written.
type screen struct {
	mu     sync.Mutex
	text   strings.Builder
	header http.Header
	status int
	stuck  chan struct{} // nil: it reads
}

func (s *screen) Header() http.Header { return s.header }

func (s *screen) WriteHeader(status int) { s.status = status }

func (s *screen) Flush() {}

func (s *screen) Write(p []byte) (int, error) {
	if s.stuck != nil {
		<-s.stuck
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.text.String()
	s.text.Reset()
	return text
}

// listen opens a stream in the background and returns its screen and the end.
func listen(ctx context.Context, h http.Handler, role, topics, last string) (*screen, <-chan struct{}) {
	s := &screen{header: http.Header{}}
	return s, listenOn(ctx, h, s, [3]string{role, topics, last})
}

func listenOn(ctx context.Context, h http.Handler, s *screen, who [3]string) <-chan struct{} {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/stream?topics="+who[1], nil)
	r.Header.Set("Test-Role", who[0])
	if who[2] != "" {
		r.Header.Set("Last-Event-ID", who[2])
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.ServeHTTP(s, r)
	}()
	return done
}

const hello = "retry: 3000\n\n:\n\n"

func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, handler := hub(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		admin, adminEnd := listen(ctx, handler, "administrator", "alerts,ledger", "")
		reader, readerEnd := listen(ctx, handler, "reader", "alerts", "")
		synctest.Wait()
		h.Publish("alerts", map[string]int{"n": 1})
		h.Publish("ledger", "two\nlines")
		h.Publish("nothing", 3)
		h.Publish("alerts", func() {})
		synctest.Wait()
		want := hello + "event: alerts\nid: 1\ndata: {\"n\":1}\n\n"
		if got := reader.take(); got != want {
			t.Errorf("reader: %q", got)
		}
		if got := admin.take(); got != want+"event: ledger\nid: 2\ndata: \"two\\nlines\"\n\n" {
			t.Errorf("administrator: %q", got)
		}
		for name, want := range map[string]string{"Content-Type": "text/event-stream", "X-Accel-Buffering": "no", "Cache-Control": "no-store"} {
			if got := reader.header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if got := reader.take(); got != ":\n\n:\n\n" {
			t.Errorf("after half a minute: %q", got)
		}
		cancel()
		<-adminEnd
		<-readerEnd
		if len(h.clients) != 0 {
			t.Errorf("%d clients are left", len(h.clients))
		}
	})
}

func TestStreamEndsWithItsSession(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(*sessions, *Hub)
	}{
		{"signed out", func(s *sessions, _ *Hub) { s.mu.Lock(); s.dead = map[string]bool{"reader": true}; s.mu.Unlock() }},
		{"sessions cannot be read", func(s *sessions, _ *Hub) { s.mu.Lock(); s.err = errors.New("gone"); s.mu.Unlock() }},
		{"shutdown", func(_ *sessions, h *Hub) { h.Close(); h.Close() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &sessions{}
				h, handler := hub(t, func(o *Options) { o.Alive = s })
				_, end := listen(t.Context(), handler, "reader", "alerts", "")
				time.Sleep(10*time.Second + time.Millisecond)
				select {
				case <-end:
					t.Fatal("it ended by itself")
				default:
				}
				begin := time.Now()
				tt.act(s, h)
				<-end
				if took := time.Since(begin); took > time.Second {
					t.Errorf("it went on for %s", took)
				}
			})
		})
	}
}

func TestSlowClientLosesAndIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		h, handler := hub(t, func(o *Options) { o.Queue, o.Metrics = 4, reg })
		slow := &screen{header: http.Header{}, stuck: make(chan struct{})}
		end := listenOn(t.Context(), handler, slow, [3]string{"reader", "alerts", ""})
		fast, fastEnd := listen(t.Context(), handler, "analyst", "alerts", "")
		synctest.Wait()
		for range 10 {
			h.Publish("alerts", 1)
			synctest.Wait()
		}
		close(slow.stuck)
		synctest.Wait()
		got := slow.take()
		if strings.Count(got, "event: alerts") != 4 || !strings.Contains(got, "event: dropped\ndata: {\"count\":6}\n\n") {
			t.Errorf("slow: %q", got)
		}
		if got := fast.take(); strings.Count(got, "event: alerts") != 10 || strings.Contains(got, "dropped") {
			t.Errorf("fast: %q", got)
		}
		want := "# HELP fengsui_stream_dropped_events_total Events that a slow client did not get.\n" +
			"# TYPE fengsui_stream_dropped_events_total counter\nfengsui_stream_dropped_events_total 6\n"
		if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "fengsui_stream_dropped_events_total"); err != nil {
			t.Error(err)
		}
		h.Close()
		<-end
		<-fastEnd
	})
}

func TestWhoComesBackIsToldWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, handler := hub(t, nil)
		for range 5 {
			h.Publish("alerts", 1)
		}
		want := map[string]string{
			"5": hello, "3": hello + "event: dropped\ndata: {\"count\":2}\n\n",
			"77": hello + "event: dropped\ndata: {\"count\":1}\n\n", "": hello, "x": hello,
		}
		got := map[string]string{}
		var ends []<-chan struct{}
		for last := range want {
			s, end := listen(t.Context(), handler, "reader", "alerts", last)
			synctest.Wait()
			got[last] = s.take()
			ends = append(ends, end)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		h.Close()
		for _, end := range ends {
			<-end
		}
	})
}

func TestStreamsThatAreRefused(t *testing.T) {
	tests := []struct {
		name, role, topics string
		status             int
	}{
		{"nobody", "", "alerts", 401},
		{"source", "source", "alerts", 403},
		{"unknown topic", "reader", "alerts,news", 422},
		{"no topic", "reader", "", 422},
		{"topic of another role", "reader", "alerts,ledger", 403},
	}
	_, handler := hub(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, end := listen(t.Context(), handler, tt.role, tt.topics, "")
			<-end
			if s.status != tt.status {
				t.Errorf("status %d, want %d: %s", s.status, tt.status, s.take())
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		h, handler := hub(t, func(o *Options) { o.MaxActor, o.MaxAll = 2, 3 })
		for _, role := range []string{"reader", "reader", "analyst"} {
			listen(t.Context(), handler, role, "alerts", "")
		}
		synctest.Wait()
		for _, role := range []string{"reader", "administrator"} {
			s, end := listen(t.Context(), handler, role, "alerts", "")
			<-end
			if s.status != http.StatusTooManyRequests || s.header.Get("Retry-After") != "30" {
				t.Errorf("%s: %d", role, s.status)
			}
		}
		h.Close()
		synctest.Wait()
	})
}

func TestStreamOverTheNetwork(t *testing.T) {
	h, handler := hub(t, nil)
	server := httptest.NewServer(handler)
	defer server.Close()
	defer h.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/stream?topics=alerts", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Test-Role", "reader")
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && lines.Text() != ":" { // the stream is open
	}
	h.Publish("alerts", 1)
	var got []string
	for len(got) < 5 && lines.Scan() {
		got = append(got, lines.Text())
	}
	if diff := cmp.Diff([]string{"", "event: alerts", "id: 1", "data: 1", ""}, got); diff != "" {
		t.Error(diff)
	}
	h.Close()
	if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) != 0 {
		t.Errorf("%q, %v", rest, err)
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"no topics":                   {Alive: &sessions{}, Now: time.Now},
		"no sessions":                 {Topics: map[string]authz.Permission{"a": permAlerts}, Now: time.Now},
		"topic without permission":    {Topics: map[string]authz.Permission{"a": {}}, Alive: &sessions{}, Now: time.Now},
		"topic that has a line break": {Topics: map[string]authz.Permission{"a\nb": permAlerts}, Alive: &sessions{}, Now: time.Now},
		"topic of our own":            {Topics: map[string]authz.Permission{"dropped": permAlerts}, Alive: &sessions{}, Now: time.Now},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func BenchmarkPublish(b *testing.B) {
	h, err := New(Options{Topics: map[string]authz.Permission{"alerts": permAlerts}, Alive: &sessions{}, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	for range 20 {
		h.clients[&client{topics: []string{"alerts"}, queue: make(chan message)}] = true
	}
	b.ReportAllocs()
	for b.Loop() {
		h.Publish("alerts", map[string]string{"id": "a"})
	}
}
