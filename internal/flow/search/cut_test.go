package search

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
	"github.com/fengsui/fengsui/ledger"
)

// endingActor is alive until it is told otherwise.
type endingActor struct{ ended atomic.Bool }

func (a *endingActor) Alive(context.Context, authz.Actor) (bool, error) { return !a.ended.Load(), nil }

// cutLog ends the actor in the middle of an export and waits until the server saw it.
type cutLog struct {
	*fakeLog
	actor *endingActor
	at    uint64
}

func (l *cutLog) Read(ctx context.Context, from, to uint64, fn func(ledger.Entry) error) error {
	return l.fakeLog.Read(ctx, from, to, func(e ledger.Entry) error {
		if e.Seq == l.at {
			l.actor.ended.Store(true)
			<-ctx.Done()
		}
		return fn(e)
	})
}

// An export whose token ends breaks off: it must not look whole, neither by its
// end nor by its trailer.
func TestExportEndsWithItsActor(t *testing.T) {
	plain := newFakeLog(100)
	for i := range 1000 {
		plain.add(entry(i, "s", "event "+strings.Repeat("x", 2000)))
	}
	x := indexed(t, plain)
	for name, o := range map[string]Options{"scanned": {}, "with the index": {Index: x}} {
		for _, at := range []uint64{0, 500, 999} {
			actor := &endingActor{}
			o.Log = &cutLog{fakeLog: plain, actor: actor, at: at}
			api, err := httpapi.New(httpapi.Options{
				Now: func() time.Time { return day },
				Authenticators: []httpapi.Authenticator{httpapi.AuthenticatorFunc(func(*http.Request) (authz.Actor, error) {
					return authz.Actor{ID: "t", Name: "t", Role: authz.Analyst, Kind: authz.Token}, nil
				})},
				Alive: actor, Recheck: time.Millisecond,
			})
			if err != nil {
				t.Fatal(err)
			}
			service(t, o).Routes(api.API())
			srv := httptest.NewServer(api.Handler())
			t.Cleanup(srv.Close)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/api/v1/logs/export", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := srv.Client().Do(req)
			if err != nil {
				continue // broken off before its header, which is no whole export either
			}
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK && (err == nil || resp.Trailer.Get(statusTrailer) != "") {
				t.Errorf("%s, ended at event %d: the export ends as if it were whole: %v, %q", name, at, err, resp.Trailer.Get(statusTrailer))
			}
		}
	}
}
