package comply

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/evidence"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/internal/platform/sqldb/sqldbtest"
	"github.com/fengsui/fengsui/norms"
)

var start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// world is a clock, a ledger that only counts, and providers whose answers are set.
type world struct {
	at     time.Time
	sealed uint64
	refuse bool
	states map[string]evidence.State
	fail   map[string]error
}

func (w *world) now() time.Time { return w.at }

func (w *world) SealOwn(context.Context, string, []byte) (uint64, error) {
	if w.refuse {
		return 0, errors.New("the ledger is stopped")
	}
	w.sealed++
	return w.sealed, nil
}

type fixed struct {
	w  *world
	id string
}

func (f fixed) ID() string { return f.id }

func (f fixed) Observe(_ context.Context, at, _ time.Time) (evidence.Fact, error) {
	if err := f.w.fail[f.id]; err != nil {
		return evidence.Fact{State: evidence.Unknown}, err
	}
	return evidence.Fact{State: f.w.states[f.id], Summary: "x", Population: 1, Period: evidence.Period{From: at, To: at}}, nil
}

const (
	deliver = "logsource.delivering"
	keep    = "logsource.kept"
	duty    = "csl/log-retention"
)

func newService(t *testing.T, db *sqldb.DB, w *world) *Service {
	t.Helper()
	law, err := Load(norms.Files)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Deps{
		Read: db.Read, Write: db.Write, Law: law, Providers: []evidence.Provider{fixed{w, deliver}, fixed{w, keep}},
		Sealer: w, Now: w.now, Log: slog.New(slog.DiscardHandler), Every: 15 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newWorld() *world {
	return &world{
		at: start, states: map[string]evidence.State{deliver: evidence.Met, keep: evidence.Met}, fail: map[string]error{},
	}
}

func status(t *testing.T, s *Service, valid, known time.Time) string {
	t.Helper()
	o, err := s.Obligation(t.Context(), duty, valid, known)
	if err != nil {
		t.Fatal(err)
	}
	return o.Status
}

func TestStatusFollowsTheProvidersAndGoesStale(t *testing.T) {
	w := newWorld()
	s := newService(t, sqldbtest.Open(t, "comply", Migrations()), w)
	if got := status(t, s, w.at, w.at); got != "unknown" {
		t.Errorf("before anybody looked: %s, want unknown", got)
	}
	s.observeAll(t.Context())
	if got := status(t, s, w.at, w.at); got != "met" {
		t.Errorf("%s, want met", got)
	}
	w.at = w.at.Add(15 * time.Second)
	w.states[deliver] = evidence.Gap
	s.observeAll(t.Context())
	if got := status(t, s, w.at, w.at); got != "gap" {
		t.Errorf("%s, want gap", got)
	}
	w.at = w.at.Add(15 * time.Second)
	w.states[deliver], w.states[keep] = evidence.Met, evidence.Partly
	s.observeAll(t.Context())
	o, err := s.Obligation(t.Context(), duty, w.at, w.at)
	if err != nil {
		t.Fatal(err)
	}
	if o.Status != "partly" || o.Since == nil || !o.Since.Equal(w.at) || o.Number != "23.1(3)" || len(o.Evidence) != 2 {
		t.Errorf("status %s since %v, number %s, %d answers", o.Status, o.Since, o.Number, len(o.Evidence))
	}
	w.fail[keep] = errors.New("cannot look")
	w.at = w.at.Add(15 * time.Second)
	s.observeAll(t.Context())
	if got := status(t, s, w.at, w.at); got != "unknown" {
		t.Errorf("a provider that cannot look: %s, want unknown", got)
	}
	w.at = w.at.Add(46 * time.Second) // nobody looked for longer than three rounds
	if got := status(t, s, w.at, w.at); got != "unknown" {
		t.Errorf("stale: %s, want unknown", got)
	}
	if _, err := s.Obligation(t.Context(), "csl/nothing", w.at, w.at); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown obligation: %v", err)
	}
}

func TestNothingIsStoredThatIsNotSealed(t *testing.T) {
	w := newWorld()
	w.refuse = true
	s := newService(t, sqldbtest.Open(t, "comply", Migrations()), w)
	s.observeAll(t.Context())
	if got := status(t, s, w.at, w.at); got != "unknown" {
		t.Errorf("%s, want unknown: the answer was not sealed", got)
	}
}

// What was shown at T is what valid_at = known_at = T gives later, whatever
// happened since; and asking a second time about T with what is known now differs
// only where evidence about T was recorded later.
func TestShownThenIsShownLater(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("history ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			w := newWorld()
			s := newService(t, sqldbtest.Open(t, "comply", Migrations()), w)
			all := []evidence.State{evidence.Met, evidence.Partly, evidence.Gap, evidence.Unknown, evidence.None}
			type shown struct {
				at     time.Time
				status string
			}
			var then []shown
			late := map[string]time.Time{}
			for range 60 {
				w.at = w.at.Add(time.Duration(1+r.IntN(40)) * time.Second)
				switch r.IntN(4) {
				case 0:
					w.states[deliver] = all[r.IntN(len(all))]
				case 1:
					w.states[keep] = all[r.IntN(len(all))]
				case 2: // evidence about a time that has passed
					about := start.Add(time.Duration(r.Int64N(int64(w.at.Sub(start)))))
					c := s.d.Law.Controls[r.IntN(2)]
					if err := s.observe(t.Context(), c, about, w.at); err != nil {
						t.Fatal(err)
					}
					if at, ok := late[c.ID]; !ok || about.Before(at) {
						late[c.ID] = about
					}
				}
				if r.IntN(3) > 0 {
					s.observeAll(t.Context())
				}
				then = append(then, shown{w.at, status(t, s, w.at, w.at)})
			}
			earliest := w.at
			for _, at := range late {
				if at.Before(earliest) {
					earliest = at
				}
			}
			for _, x := range then {
				if got := status(t, s, x.at, x.at); got != x.status {
					t.Fatalf("shown at %s: %s, now said to have been %s", x.at, x.status, got)
				}
				if got := status(t, s, x.at, w.at); got != x.status && x.at.Before(earliest) && got != "unknown" && x.status != "unknown" {
					t.Fatalf("known now about %s: %s instead of %s, though no later evidence speaks of it", x.at, got, x.status)
				}
			}
		})
	}
}

func TestExposureFollowsTheVersionInForce(t *testing.T) {
	w := newWorld()
	s := newService(t, sqldbtest.Open(t, "comply", Migrations()), w)
	for _, tt := range []struct {
		at      time.Time
		number  string
		applies string
		most    int64
	}{
		{time.Date(2025, 12, 31, 15, 59, 59, 0, time.UTC), "21.1(3)", "csl-2016", 100_000},
		{time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC), "23.1(3)", "csl-2026", 10_000_000},
	} {
		o, err := s.Obligation(t.Context(), duty, tt.at, w.at)
		if err != nil {
			t.Fatal(err)
		}
		most := int64(0)
		for _, tier := range o.Exposure {
			if tier.Applies != (tier.Version == tt.applies) {
				t.Errorf("%s: tier %s of %s applies: %t", tt.at, tier.When, tier.Version, tier.Applies)
			}
			if tier.Applies && tier.UnitFine != nil {
				most = max(most, tier.UnitFine.Max)
			}
		}
		if o.Number != tt.number || most != tt.most || o.NotAdvice.ZH == "" {
			t.Errorf("%s: number %s, at most %d; want %s, %d", tt.at, o.Number, most, tt.number, tt.most)
		}
	}
}

func TestNewRefusesWhatDoesNotFit(t *testing.T) {
	w := newWorld()
	law, err := Load(norms.Files)
	if err != nil {
		t.Fatal(err)
	}
	for name, providers := range map[string][]evidence.Provider{
		"a control without its provider": {fixed{w, deliver}},
		"a provider that no control uses": {
			fixed{w, deliver}, fixed{w, keep}, fixed{w, "x.y"},
		},
	} {
		if _, err := New(Deps{Law: law, Providers: providers}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
