package alert

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/internal/platform/sqldb/sqldbtest"
)

type names struct{}

func (names) RuleTitle(id string) (zh, en string, ok bool) {
	return "规则" + id, "Rule " + id, id != "unknown"
}
func (names) SourceName(id string) string { return "source " + id }
func (names) HasAccount(_ context.Context, id string) (bool, error) {
	return id == "u1", nil
}

var start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func service(db *sqldb.DB, c *clock) *Service {
	return NewService(Deps{DB: db, Titles: names{}, Sources: names{}, Accounts: names{}, Now: c.now})
}

func finding(seq uint64, rule, entity string, at time.Time) event.Finding {
	return event.Finding{
		RuleID: rule, Title: rule, Level: "high", Seq: seq, Received: at, Time: at.Add(-time.Second), Source: "s" + entity,
		Entity: entity, Matched: []event.Field{{Name: "user.name", Value: "root"}}, Tags: []string{"attack.t1110"},
	}
}

// everything reads all alerts, the first finding first.
func everything(t *testing.T, s *Service) []Alert {
	t.Helper()
	list, next, err := s.List(t.Context(), Filter{}, 500, "")
	if err != nil || next != "" {
		t.Fatalf("list: %v, next %q", err, next)
	}
	slices.SortFunc(list, func(a, b Alert) int { return int(a.Number - b.Number) })
	return list
}

// same compares what must not depend on how findings were batched.
var same = cmp.Options{
	cmpopts.IgnoreFields(Alert{}, "ID", "UpdatedAt"), cmpopts.IgnoreUnexported(Alert{}), cmpopts.EquateEmpty(),
}

func TestRaiseCountsTheSameHoweverFindingsAreBatched(t *testing.T) {
	sqldbtest.Each(t, "alert", migrations(), func(t *testing.T, db *sqldb.DB) {
		r := rand.New(rand.NewPCG(1, 2))
		var all []event.Finding
		at := start
		for seq := range uint64(600) {
			at = at.Add(time.Duration(r.IntN(int(3 * time.Hour))))
			if r.IntN(8) == 0 {
				at = at.Add(-time.Minute) // receipt times of senders overlap
			}
			all = append(all, finding(seq, fmt.Sprint("r", r.IntN(4)), fmt.Sprint("e", r.IntN(3)), at))
		}
		whole := service(db, &clock{at: start})
		if err := whole.Raise(t.Context(), all, 600); err != nil {
			t.Fatal(err)
		}
		want := everything(t, whole)
		total := int64(0)
		for _, a := range want {
			total += a.Count
		}
		if total != 600 || len(want) < 13 {
			t.Fatalf("%d findings in %d alerts", total, len(want))
		}
		for round := range 3 {
			other := service(sqldbtest.Open(t, "alert", migrations()), &clock{at: start})
			for done := 0; done < len(all); {
				n := min(len(all), done+1+r.IntN(90))
				from := max(0, done-r.IntN(20)) // an answer was lost: the tail comes again
				if err := other.Raise(t.Context(), all[from:n], all[n-1].Seq+1); err != nil {
					t.Fatal(err)
				}
				done = n
			}
			if diff := cmp.Diff(want, everything(t, other), same); diff != "" {
				t.Fatalf("round %d (-whole +batched):\n%s", round, diff)
			}
		}
	})
}

func TestRaiseStoresAllOrNothing(t *testing.T) {
	sqldbtest.Each(t, "alert", migrations(), func(t *testing.T, db *sqldb.DB) {
		s := service(db, &clock{at: start})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Raise(ctx, []event.Finding{finding(0, "r", "e", start)}, 1); err == nil {
			t.Fatal("a call whose context ended succeeded")
		}
		cursor, err := s.Cursor(t.Context())
		if err != nil || cursor != 0 || len(everything(t, s)) != 0 {
			t.Errorf("cursor %d (%v), %d alerts; want nothing", cursor, err, len(everything(t, s)))
		}
		if err := s.Raise(t.Context(), nil, 7); err != nil {
			t.Fatal(err)
		}
		if cursor, _ = s.Cursor(t.Context()); cursor != 7 {
			t.Errorf("cursor %d, want 7", cursor)
		}
	})
}

func TestWindowAndClosing(t *testing.T) {
	for _, tt := range []struct {
		name  string
		gap   time.Duration
		close bool
		want  int
	}{
		{name: "within the window", gap: 24 * time.Hour, want: 1},
		{name: "behind the window", gap: 24*time.Hour + time.Second, want: 2},
		{name: "closed before", gap: 2 * time.Hour, close: true, want: 2},
		{name: "received before it was closed", gap: 30 * time.Minute, close: true, want: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &clock{at: start}
			s := service(sqldbtest.Open(t, "alert", migrations()), c)
			if err := s.Raise(t.Context(), []event.Finding{finding(0, "r", "e", start)}, 1); err != nil {
				t.Fatal(err)
			}
			if tt.close {
				c.at = start.Add(time.Hour)
				res, err := s.Apply(t.Context(), Action{IDs: []ID{everything(t, s)[0].ID}, Act: Close, Reason: TruePositive})
				if err != nil || res[0].Outcome != Done {
					t.Fatalf("close: %v %v", res, err)
				}
			}
			if err := s.Raise(t.Context(), []event.Finding{finding(1, "r", "e", start.Add(tt.gap))}, 2); err != nil {
				t.Fatal(err)
			}
			if got := everything(t, s); len(got) != tt.want {
				t.Errorf("%d alerts, want %d", len(got), tt.want)
			}
		})
	}
}

func TestLifecycle(t *testing.T) {
	reach := map[Status][]Action{
		New: nil, Acknowledged: {{Act: Acknowledge}}, Closed: {{Act: Close, Reason: Expected}},
	}
	acts := []Action{
		{Act: Acknowledge}, {Act: Assign, Assignee: "u1"}, {Act: Close, Reason: FalsePositive}, {Act: Reopen}, {Act: Note, Note: "x"},
	}
	for from, way := range reach {
		for _, act := range acts {
			t.Run(string(from)+" "+string(act.Act), func(t *testing.T) {
				s := service(sqldbtest.Open(t, "alert", migrations()), &clock{at: start})
				if err := s.Raise(t.Context(), []event.Finding{finding(0, "r", "e", start)}, 1); err != nil {
					t.Fatal(err)
				}
				id := everything(t, s)[0].ID
				for _, step := range append(way, act) {
					step.IDs = []ID{id}
					if _, err := s.Apply(authz.WithActor(t.Context(), authz.Actor{ID: "u1", Name: "Li"}), step); err != nil {
						t.Fatal(err)
					}
				}
				want := from
				for _, l := range Lifecycle() {
					if l.From == from && l.Act == act.Act {
						want = l.To
					}
				}
				a, history, err := s.Get(t.Context(), string(id))
				if err != nil {
					t.Fatal(err)
				}
				if a.Status != want {
					t.Errorf("status %s, want %s", a.Status, want)
				}
				for _, h := range history {
					if h.By != "Li" {
						t.Errorf("history says %q did it", h.By)
					}
				}
			})
		}
	}
}

func TestApplyReportsEachAlert(t *testing.T) {
	s := service(sqldbtest.Open(t, "alert", migrations()), &clock{at: start})
	if err := s.Raise(t.Context(), []event.Finding{finding(0, "r", "e", start), finding(1, "r", "f", start)}, 2); err != nil {
		t.Fatal(err)
	}
	all := everything(t, s)
	if _, err := s.Apply(t.Context(), Action{IDs: []ID{all[0].ID}, Act: Acknowledge}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Apply(t.Context(), Action{IDs: []ID{all[0].ID, all[1].ID, "nobody", all[1].ID}, Act: Acknowledge})
	if err != nil {
		t.Fatal(err)
	}
	want := []Result{
		{ID: all[0].ID, Outcome: Skipped, Code: "alert.unchanged"},
		{ID: all[1].ID, Outcome: Done},
		{ID: "nobody", Outcome: Failed, Code: "alert.not_found"},
		{ID: all[1].ID, Outcome: Skipped, Code: "alert.unchanged"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if _, err := s.Apply(t.Context(), Action{IDs: []ID{all[0].ID}, Act: Assign, Assignee: "stranger"}); !errors.Is(err, ErrAssignee) {
		t.Errorf("assign to a stranger: %v", err)
	}
	if _, err := s.Apply(t.Context(), Action{IDs: []ID{all[0].ID}, Act: Close}); !errors.Is(err, ErrAct) {
		t.Errorf("close without a reason: %v", err)
	}
}

func TestSuppression(t *testing.T) {
	c := &clock{at: start}
	s := service(sqldbtest.Open(t, "alert", migrations()), c)
	p, err := s.Suppress(t.Context(), Suppression{RuleID: "r", Entity: "e", Reason: "scanner of ours", Expires: start.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Raise(t.Context(), []event.Finding{
		finding(0, "r", "e", start.Add(-time.Minute)), // received before it was made
		finding(1, "r", "e", start.Add(time.Minute)),  // hidden
		finding(2, "r", "f", start.Add(time.Minute)),  // another entity
		finding(3, "q", "e", start.Add(time.Minute)),  // another rule
		finding(4, "r", "e", start.Add(time.Hour)),    // it has ended
	}, 5)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, a := range everything(t, s) {
		got[a.RuleID+a.Entity] += a.Count
	}
	if diff := cmp.Diff(map[string]int64{"re": 2, "rf": 1, "qe": 1}, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	list, err := s.Suppressions(t.Context(), Suppression{}, 10)
	if err != nil || len(list) != 1 || list[0].Hits != 1 {
		t.Errorf("suppressions %+v, %v; want one with one hit", list, err)
	}
	counts, err := s.RuleCounts(t.Context(), []string{"r"})
	if err != nil || counts["r"].Events != 4 || counts["r"].Suppressed != 1 || counts["r"].Alerts != 2 {
		t.Errorf("counts of the rule %+v, %v", counts, err)
	}
	c.at = start.Add(2 * time.Minute)
	if err := s.Lift(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Lift(t.Context(), p.ID); !errors.Is(err, ErrSuppressionNotFound) {
		t.Errorf("lifted twice: %v", err)
	}
	for _, bad := range []Suppression{
		{Reason: "x", Expires: start.Add(time.Hour)}, {RuleID: "r", Expires: start.Add(time.Hour)}, {RuleID: "r", Reason: "x", Expires: start},
	} {
		if _, err := s.Suppress(t.Context(), bad); !errors.Is(err, ErrSuppression) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestListPagesAndFilters(t *testing.T) {
	sqldbtest.Each(t, "alert", migrations(), func(t *testing.T, db *sqldb.DB) {
		s := service(db, &clock{at: start})
		var all []event.Finding
		for i := range uint64(25) {
			f := finding(i, fmt.Sprint("r", i%5), fmt.Sprint("host", i), start.Add(time.Duration(i)*time.Minute))
			if i%2 == 0 {
				f.Level = "low"
			}
			all = append(all, f)
		}
		if err := s.Raise(t.Context(), all, 25); err != nil {
			t.Fatal(err)
		}
		var numbers []int64
		for cursor := ""; ; {
			page, next, err := s.List(t.Context(), Filter{}, 10, cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range page {
				numbers = append(numbers, a.Number)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if len(numbers) != 25 || !slices.IsSortedFunc(numbers, func(a, b int64) int { return int(b - a) }) {
			t.Errorf("pages gave %v", numbers)
		}
		for _, tt := range []struct {
			name string
			f    Filter
			want int
		}{
			{"by level", Filter{Levels: []string{"low"}}, 13},
			{"by rule", Filter{RuleID: "r1"}, 5},
			{"by entity", Filter{Entity: "host3"}, 1},
			{"by source", Filter{Source: "shost4"}, 1},
			{"by text in an entity", Filter{Text: "OST1"}, 11},
			{"by text with a wildcard in it", Filter{Text: "host%"}, 0},
			{"by chinese title", Filter{Text: "规则r2"}, 5},
			{"by number", Filter{Text: "a-000007"}, 1},
			{"by time", Filter{From: start.Add(20 * time.Minute), To: start.Add(22 * time.Minute)}, 2},
			{"by status", Filter{Statuses: []Status{Closed}}, 0},
		} {
			got, _, err := s.List(t.Context(), tt.f, 100, "")
			if err != nil || len(got) != tt.want {
				t.Errorf("%s: %d alerts, %v; want %d", tt.name, len(got), err, tt.want)
			}
		}
		if _, _, err := s.List(t.Context(), Filter{}, 10, "rubbish"); !errors.Is(err, ErrCursor) {
			t.Errorf("bad cursor: %v", err)
		}
		stats, err := s.Stats(t.Context(), start, start.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		inBuckets := int64(0)
		for _, b := range stats.Buckets {
			for _, n := range b.Counts {
				inBuckets += n
			}
		}
		if stats.Open != 25 || len(stats.TopRules) != 5 || inBuckets != 25 {
			t.Errorf("stats: %d open, %d rules, %d in buckets", stats.Open, len(stats.TopRules), inBuckets)
		}
	})
}
