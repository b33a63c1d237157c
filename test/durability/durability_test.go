// Package durability_test plays a scripted life of the road from the ledger to
// alerts and search on a disk that fails or crashes at every file operation, and
// on one whose power is cut at random moments. Every acknowledged event has to be
// there once, in the ledger and in search, and the alerts have to count the same
// as in a life without accidents.
package durability_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/internal/capability/alert"
	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/detect"
	"github.com/fengsui/fengsui/internal/flow/index"
	"github.com/fengsui/fengsui/internal/flow/seal"
	"github.com/fengsui/fengsui/internal/flow/search"
	"github.com/fengsui/fengsui/internal/match"
	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/ledger/ledgertest"
	"github.com/fengsui/fengsui/sigma"
)

const (
	batches  = 12
	perBatch = 6
)

var start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// line is the n-th line of a batch. Every third one matches the rule.
func line(batch, n int) string {
	what := "Accepted"
	if n%3 == 0 {
		what = "Failed"
	}
	return fmt.Sprintf("<86>Nov 24 08:00:00 host sshd[1]: %s password for root from 203.0.113.%d port 22 ssh2 mark%dx%dy", what, batch%3, batch, n)
}

func events(batch int) []event.Event {
	out := make([]event.Event, perBatch)
	for n := range out {
		out[n] = event.Event{Source: "s1", Transport: "tcp", Peer: "192.0.2.7", Raw: []byte(line(batch, n))}
	}
	return out
}

// world outlives the accidents: the disk, the records, what senders know.
type world struct {
	t      *testing.T
	disk   *ledgertest.Disk
	db     *sqldb.DB
	signer note.Signer
	public string
	engine *match.Engine
	reader *normalise.Reader

	mu    sync.Mutex
	at    time.Time
	acked map[int]bool
}

type names struct{}

func (names) RuleTitle(string) (zh, en string, ok bool) { return "", "", false }
func (names) SourceName(id string) string               { return id }
func (names) Source(id string) event.Source             { return event.Source{ID: id} }

var keys = sync.OnceValues(func() (string, string) {
	secret, public, err := note.GenerateKey(nil, "test")
	if err != nil {
		panic(err)
	}
	return secret, public
})

func newWorld(t *testing.T) *world {
	t.Helper()
	secret, public := keys()
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	set, err := sigma.Parse([]byte("title: F\nid: r1\nlevel: high\nlogsource: {product: linux, service: sshd}\n" +
		"detection:\n  sel:\n    message|contains: Failed password\n  condition: sel\n"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, disk: ledgertest.NewDisk(), signer: signer, public: public, engine: match.New(set, nil), at: start, acked: map[int]bool{},
		reader: normalise.New(normalise.Options{Zone: time.UTC}),
	}
	if err := errors.Join(w.disk.Mkdir("/data"), w.disk.SyncDir("/")); err != nil {
		t.Fatal(err)
	}
	w.db, err = sqldb.Open(t.Context(), filepath.Join(t.TempDir(), "records.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	if err := sqldb.Migrate(t.Context(), w.db, "alert", w.alerts().Module().Migrations); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func (w *world) alerts() *alert.Service {
	return alert.NewService(alert.Deps{DB: w.db, Titles: names{}, Sources: names{}, Now: w.now})
}

// life is one run of the core between two accidents.
type life struct {
	w      *world
	log    *ledger.Log
	seal   *seal.Stage
	index  *index.Index
	search *search.Service
	alerts *alert.Service
	stop   func()
}

type only struct{ engine *match.Engine }

func (o only) Engine() detect.Engine { return o.engine }

// begin opens the core on what is on the disk.
func (w *world) begin() (*life, error) {
	log, err := ledger.Open("/data/ledger", ledger.Options{
		FS: w.disk, Now: w.now, Signer: w.signer, Verifier: w.public, FrameBytes: 800, SegmentBytes: 2500, Preallocate: 4096, Reserve: 8192,
		RecentBytes: 2000, SegmentAge: time.Hour,
	})
	if err != nil {
		return nil, err
	}
	l := &life{w: w, log: log, alerts: w.alerts(), stop: func() {}}
	quiet := slog.New(slog.DiscardHandler)
	if l.seal, err = seal.New(log, seal.Options{Now: w.now}); err != nil {
		return nil, err
	}
	l.index, err = index.Open(w.t.Context(), index.Options{
		Log: log, Reader: w.reader, Version: normalise.Version, Sources: names{}, Dir: "/data/index", FS: w.disk, Now: time.Now, Slog: quiet,
		Retry: time.Millisecond, Tick: 5 * time.Millisecond,
	})
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	l.search, err = search.New(search.Options{
		Log: log, Index: l.index, Reader: w.reader, Sources: names{}, Now: w.now, Slog: quiet,
	})
	if err != nil {
		return nil, err
	}
	d, err := detect.New(detect.Options{
		Log: log, Reader: w.reader, Sources: names{}, Engines: only{w.engine}, Alerts: l.alerts, Now: time.Now, Slog: quiet,
		Linger: time.Microsecond, Idle: time.Millisecond, Retry: time.Millisecond,
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = l.index.Run(ctx) })
	wg.Go(func() { _ = d.Run(ctx) })
	l.stop = func() { cancel(); wg.Wait() }
	return l, nil
}

// send delivers a batch and reports whether it was acknowledged.
func (l *life) send(batch int) bool {
	_, err := l.seal.Seal(l.w.t.Context(), events(batch), fmt.Sprint("key", batch))
	if err == nil {
		l.w.mu.Lock()
		l.w.acked[batch] = true
		l.w.mu.Unlock()
	}
	return err == nil
}

// run delivers every batch that is not acknowledged yet. It ends early when
// something failed.
func (l *life) run() bool {
	for b := range batches {
		if l.w.acked[b] {
			continue
		}
		if !l.send(b) {
			return false
		}
		l.w.later(time.Second)
		if b%5 == 4 && l.log.Sign(l.w.t.Context()) != nil {
			return false
		}
	}
	return true
}

// end closes the life; errors are what accidents look like.
func (l *life) end() {
	l.stop()
	_ = l.log.Close()
}

// settle waits until everything durable was indexed and matched.
func (l *life) settle() error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		cursor, err := l.alerts.Cursor(l.w.t.Context())
		if err != nil {
			return err
		}
		if size := l.log.Size(); cursor >= size && l.index.Indexed() >= size {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("cursor %d, indexed %d of %d after 30 s", cursor, l.index.Indexed(), l.log.Size())
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// outcome is what users see in the end.
type outcome struct {
	Ledger, Search map[string]int // lines, how often
	Alerts         map[string]int64
}

func (l *life) outcome() (outcome, error) {
	ctx := l.w.t.Context()
	out := outcome{Ledger: map[string]int{}, Search: map[string]int{}, Alerts: map[string]int64{}}
	err := l.log.Read(ctx, 0, l.log.Size(), func(e ledger.Entry) error {
		out.Ledger[string(e.Raw)]++
		return nil
	})
	if err != nil {
		return out, err
	}
	page, err := l.search.Search(ctx, search.Search{Query: "password", Limit: 1000})
	if err != nil {
		return out, err
	}
	for i := range page.Events {
		out.Search[string(page.Events[i].Raw)]++
	}
	list, _, err := l.alerts.List(ctx, alert.Filter{}, 500, "")
	for _, a := range list {
		out.Alerts[a.RuleID+" "+a.Entity] += a.Count
	}
	return out, err
}

// finish lives on until every batch is acknowledged, and looks at the outcome.
func (w *world) finish() (outcome, error) {
	for range 5 {
		l, err := w.begin()
		if err != nil {
			continue // an accident that was planned may still be ahead
		}
		if !l.run() {
			l.end()
			continue
		}
		err = l.settle()
		var out outcome
		if err == nil {
			out, err = l.outcome()
		}
		l.end()
		return out, err
	}
	return outcome{}, errors.New("the station does not come back")
}

// expected is the outcome of a life without accidents.
func expected(t *testing.T) (outcome, int) {
	t.Helper()
	w := newWorld(t)
	out, err := w.finish()
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Ledger) != batches*perBatch || len(out.Search) != batches*perBatch || len(out.Alerts) != 3 {
		t.Fatalf("a life without accidents: %d lines, %d found, alerts %v", len(out.Ledger), len(out.Search), out.Alerts)
	}
	return out, w.disk.Operations()
}

func stride(full int) int {
	if raceOn || testing.Short() {
		return full * 25
	}
	return full
}

func TestAccidentAtEveryOperation(t *testing.T) {
	want, operations := expected(t)
	tried := 0
	for _, a := range []struct {
		name string
		plan func(d *ledgertest.Disk, n int)
		cut  func(n int) ledgertest.Mode
	}{
		{"crash", (*ledgertest.Disk).CrashAt, func(int) ledgertest.Mode { return ledgertest.Strict() }},
		{"crash, torn", (*ledgertest.Disk).CrashAt, func(n int) ledgertest.Mode { return ledgertest.Torn(uint64(n)) }},
		{"failure", func(d *ledgertest.Disk, n int) { d.FailAt(n, syscall.EIO) }, func(int) ledgertest.Mode { return ledgertest.Strict() }},
	} {
		for n := 3; n < operations; n += stride(1) {
			tried++
			w := newWorld(t)
			a.plan(w.disk, n)
			if l, err := w.begin(); err == nil {
				l.run()
				l.end()
			}
			w.disk.Cut(a.cut(n))
			got, err := w.finish()
			if err != nil {
				t.Fatalf("%s at operation %d: %v", a.name, n, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s at operation %d (-without +with):\n%s", a.name, n, diff)
			}
			_ = w.db.Close()
		}
	}
	t.Logf("%d accidents over %d operations, all ended as a life without", tried, operations)
}

// TestPowerCuts cuts the power at random moments while several senders deliver.
func TestPowerCuts(t *testing.T) {
	want, _ := expected(t)
	cuts := 100
	if raceOn || testing.Short() {
		cuts = 8
	}
	for _, mode := range []struct {
		name string
		mode func(seed uint64) ledgertest.Mode
	}{
		{"strict", func(uint64) ledgertest.Mode { return ledgertest.Strict() }}, {"torn", ledgertest.Torn},
	} {
		t.Run(mode.name, func(t *testing.T) {
			for seed := range uint64(cuts) {
				r := rand.New(rand.NewPCG(seed, 3))
				w := newWorld(t)
				l, err := w.begin()
				if err != nil {
					t.Fatal(err)
				}
				w.disk.CrashAt(w.disk.Operations() + 1 + r.IntN(120))
				var wg sync.WaitGroup
				for sender := range 3 {
					wg.Go(func() {
						for b := sender; b < batches; b += 3 {
							if !l.send(b) {
								return
							}
						}
					})
				}
				wg.Wait()
				l.end()
				w.disk.Cut(mode.mode(seed))
				got, err := w.finish()
				if err != nil {
					t.Fatalf("cut %d: %v", seed, err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("cut %d (-without +with):\n%s", seed, diff)
				}
				_ = w.db.Close()
			}
		})
	}
}

// TestLinesAreDifferent keeps the comparison honest.
func TestLinesAreDifferent(t *testing.T) {
	seen := map[string]bool{}
	for b := range batches {
		for n := range perBatch {
			l := line(b, n)
			if seen[l] || !strings.Contains(l, "password") {
				t.Errorf("line %q stands twice or is not searched for", l)
			}
			seen[l] = true
		}
	}
}
