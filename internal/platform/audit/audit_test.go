package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

type ledger struct {
	mu    sync.Mutex
	lines []string
	err   error
}

func (l *ledger) SealOwn(_ context.Context, kind string, record []byte) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return 0, l.err
	}
	l.lines = append(l.lines, kind+" "+string(record))
	return uint64(len(l.lines)), nil
}

var start = time.Date(2026, 3, 1, 8, 0, 5, 0, time.UTC)

func recorder(t *testing.T, l *ledger, change func(*Options)) *Recorder {
	t.Helper()
	o := Options{Ledger: l, Now: func() time.Time { return start }}
	if change != nil {
		change(&o)
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecord(t *testing.T) {
	tests := []struct {
		name string
		a    httpapi.Audit
		want string
	}{
		{
			"write by a person",
			httpapi.Audit{
				At: start.In(time.FixedZone("CST", 8*3600)), RequestID: "R1", Operation: "update-account", Outcome: httpapi.Success, Status: 200,
				Actor:   authz.Actor{ID: "u1", Name: "李工", Role: authz.Administrator, Kind: authz.Person, Session: "s1"},
				Objects: map[string]string{"id": "u2"}, Details: map[string]string{"role": "reader"}, Peer: "192.0.2.1",
			},
			`audit {"@timestamp":"2026-03-01T08:00:05Z","event.action":"update-account","event.dataset":"fengsui.audit","event.kind":"event",` +
				`"event.outcome":"success","event.type":"allowed","fengsui.actor.kind":"person","fengsui.actor.session":"s1","fengsui.detail.role":"reader",` +
				`"fengsui.object.id":"u2","http.request.id":"R1","http.response.status_code":200,"source.ip":"192.0.2.1","user.id":"u1","user.name":"李工","user.roles":["administrator"]}`,
		},
		{
			"denial of nobody",
			httpapi.Audit{At: start, Operation: "list-alerts", Outcome: httpapi.Denied, Status: 401, Code: "auth.required", Peer: "192.0.2.1"},
			`audit {"@timestamp":"2026-03-01T08:00:05Z","error.code":"auth.required","event.action":"list-alerts","event.dataset":"fengsui.audit","event.kind":"event",` +
				`"event.outcome":"failure","event.type":"denied","http.response.status_code":401,"source.ip":"192.0.2.1"}`,
		},
		{
			"name with a line break",
			httpapi.Audit{At: start, Operation: "x", Outcome: httpapi.Failure, Actor: authz.Actor{ID: "u1", Name: "a\n{\"b\":1}"}},
			`audit {"@timestamp":"2026-03-01T08:00:05Z","event.action":"x","event.dataset":"fengsui.audit","event.kind":"event",` +
				`"event.outcome":"failure","event.type":"allowed","user.id":"u1","user.name":"a\n{\"b\":1}"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &ledger{}
			if err := recorder(t, l, nil).Record(t.Context(), tt.a); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tt.want}, l.lines); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func denial(peer, operation string, at time.Time) httpapi.Audit {
	return httpapi.Audit{At: at, Operation: operation, Outcome: httpapi.Denied, Status: 401, Code: "auth.required", Peer: peer, RequestID: "R"}
}

func TestDenialsAreFolded(t *testing.T) {
	l := &ledger{}
	r := recorder(t, l, nil)
	for i := range 100 {
		for _, peer := range []string{"192.0.2.1", "192.0.2.2"} {
			operation := []string{"sign-in", "list-alerts"}[i%2]
			if err := r.Record(t.Context(), denial(peer, operation, start.Add(time.Duration(i)*100*time.Millisecond))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(l.lines) != 2 {
		t.Fatalf("%d records within the minute: %s", len(l.lines), strings.Join(l.lines, "\n"))
	}
	if err := r.Record(t.Context(), denial("192.0.2.1", "sign-in", start.Add(time.Minute))); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`audit {"@timestamp":"2026-03-01T08:00:14.9Z","error.code":"auth.required","event.action":["list-alerts","sign-in"],"event.count":99,"event.dataset":"fengsui.audit",` +
			`"event.end":"2026-03-01T08:00:14.9Z","event.kind":"event","event.outcome":"failure","event.start":"2026-03-01T08:00:05.1Z","event.type":"denied",` +
			`"http.response.status_code":401,"source.ip":"192.0.2.1"}`,
		`audit {"@timestamp":"2026-03-01T08:00:14.9Z","error.code":"auth.required","event.action":["list-alerts","sign-in"],"event.count":99,"event.dataset":"fengsui.audit",` +
			`"event.end":"2026-03-01T08:00:14.9Z","event.kind":"event","event.outcome":"failure","event.start":"2026-03-01T08:00:05.1Z","event.type":"denied",` +
			`"http.response.status_code":401,"source.ip":"192.0.2.2"}`,
		`audit {"@timestamp":"2026-03-01T08:01:05Z","error.code":"auth.required","event.action":"sign-in","event.dataset":"fengsui.audit","event.kind":"event",` +
			`"event.outcome":"failure","event.type":"denied","http.request.id":"R","http.response.status_code":401,"source.ip":"192.0.2.1"}`,
	}
	if diff := cmp.Diff(want, l.lines[2:]); diff != "" {
		t.Error(diff)
	}
}

func TestManyAddressesShareOneRecord(t *testing.T) {
	l := &ledger{}
	r := recorder(t, l, func(o *Options) { o.MaxKeys = 10 })
	for i := range 500 {
		if err := r.Record(t.Context(), denial(fmt.Sprintf("2001:db8::%x", i), "sign-in", start)); err != nil {
			t.Fatal(err)
		}
	}
	r.flush(t.Context(), start.Add(time.Minute))
	if len(l.lines) != 12 || !strings.Contains(l.lines[11], `"event.count":489`) || strings.Contains(l.lines[11], "source.ip") {
		t.Errorf("%d records, the last %s", len(l.lines), l.lines[len(l.lines)-1])
	}
}

func TestRecordFailsClosed(t *testing.T) {
	l := &ledger{err: errors.New("the disk is gone")}
	r := recorder(t, l, nil)
	for range 2 {
		if err := r.Record(t.Context(), denial("192.0.2.1", "sign-in", start)); !errors.Is(err, l.err) {
			t.Errorf("denial: %v", err)
		}
	}
	if err := r.Record(t.Context(), httpapi.Audit{At: start, Outcome: httpapi.Success}); !errors.Is(err, l.err) {
		t.Errorf("write: %v", err)
	}
}

func TestRunSealsWhatWasCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		r, err := New(Options{Ledger: l, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		record := func() {
			if err := r.Record(ctx, denial("192.0.2.1", "sign-in", time.Now())); err != nil {
				t.Error(err)
			}
		}
		record()
		record()
		time.Sleep(62 * time.Second)
		synctest.Wait()
		if len(l.lines) != 2 || !strings.Contains(l.lines[1], `"event.count":1`) {
			t.Errorf("after a minute: %v", l.lines)
		}
		record()
		record()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if len(l.lines) != 4 || !strings.Contains(l.lines[3], `"event.count":1`) {
			t.Errorf("at the end: %v", l.lines)
		}
		if err := r.Seal(t.Context(), httpapi.Audit{Operation: "token-create", Actor: authz.Actor{ID: "local", Kind: authz.Local}}); err != nil {
			t.Error(err)
		}
		if last := l.lines[4]; !strings.Contains(last, `"event.outcome":"success"`) || strings.Contains(last, `"@timestamp":"0001`) {
			t.Error(last)
		}
	})
}
