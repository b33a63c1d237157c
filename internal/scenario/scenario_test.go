package scenario_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/match"
	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/internal/scenario"
	"github.com/fengsui/fengsui/rules"
	"github.com/fengsui/fengsui/sigma"
)

var update = flag.Bool("update", false, "rewrite the golden list")

var end = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

func engine(t *testing.T) *match.Engine {
	t.Helper()
	var list []*sigma.Rule
	err := fs.WalkDir(rules.Sigma(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".yml" {
			return err
		}
		data, err := fs.ReadFile(rules.Sigma(), name)
		if err != nil {
			return err
		}
		parsed, err := sigma.Parse(data)
		list = append(list, parsed...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mapping, err := sigma.ParseMapping(rules.Mapping()...)
	if err != nil {
		t.Fatal(err)
	}
	return match.New(list, mapping)
}

// alerts counts findings per rule and the entities they are about.
type alerts struct {
	level    string
	findings int
	entities map[string]bool
}

// play reads and matches lines; it returns what was found by the rule's title, and
// the lines per sender that no parser knew.
func play(t *testing.T, lines func(func(scenario.Line) bool)) (found map[string]*alerts, total int, unknown map[string]int) {
	t.Helper()
	e, reader := engine(t), normalise.New(normalise.Options{})
	sources := map[string]event.Source{}
	for _, s := range scenario.Senders() {
		sources[s.ID] = event.Source{ID: s.ID, Name: s.NameEN, Kind: s.Kind, Format: s.Format, Charset: s.Charset, Zone: s.Zone}
	}
	found, unknown = map[string]*alerts{}, map[string]int{}
	var last time.Time
	for l := range lines {
		src, known := sources[l.Sender]
		if !known {
			t.Fatalf("nobody is called %q", l.Sender)
		}
		if l.At.Before(last) {
			t.Fatalf("%s comes after %s", l.At, last)
		}
		last = l.At
		total++
		rec := reader.Read(event.Event{Raw: l.Raw, Received: l.At, Source: l.Sender, Transport: "udp"}, src)
		if rec.Class == "text" || rec.Class == "syslog" {
			unknown[l.Sender]++
			if unknown[l.Sender] == 1 {
				t.Logf("nobody knows %s", rec.Text)
			}
		}
		if gap := rec.Time.Sub(l.At).Abs(); gap > time.Second {
			t.Fatalf("%s: event time is %s, want %s: %s", l.Sender, rec.Time, l.At, rec.Text)
		}
		e.Match(&rec, func(f event.Finding) {
			a := found[f.Title]
			if a == nil {
				a = &alerts{level: f.Level, entities: map[string]bool{}}
				found[f.Title] = a
			}
			a.findings++
			a.entities[f.Entity] = true
		})
	}
	return found, total, unknown
}

func TestWeekRaisesTheAlertsOfTheIntrusion(t *testing.T) {
	found, total, unknown := play(t, scenario.Week(1, end, scenario.Options{}))
	if total < 15000 || total > 20000 {
		t.Errorf("%d lines, want 15,000 to 20,000", total)
	}
	missed := 0
	for _, n := range unknown {
		missed += n
	}
	t.Logf("%d lines, %d not known to a parser %v, %d rules found something", total, missed, unknown, len(found))
	if missed*50 > total {
		t.Errorf("%d of %d lines are not known to a parser", missed, total)
	}
	var list []string
	for title, a := range found {
		list = append(list, fmt.Sprintf("%-8s %4d of %2d  %s", a.level, a.findings, len(a.entities), title))
	}
	slices.Sort(list)
	got := "level findings of entities  rule\n" + strings.Join(list, "\n") + "\n"
	const golden = "testdata/alerts.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
}

func TestQuietWeekRaisesOnlyAFewLowAlerts(t *testing.T) {
	for seed := range uint64(3) {
		found, _, _ := play(t, scenario.Week(seed, end.Add(time.Duration(seed)*5*time.Hour), scenario.Options{Quiet: true, Events: 8000}))
		alerts := 0
		for title, a := range found {
			alerts += len(a.entities)
			if a.level != "low" && a.level != "informational" {
				t.Errorf("seed %d: %s (%s) found %d events of the background", seed, title, a.level, a.findings)
			}
		}
		if alerts > 8 {
			t.Errorf("seed %d: the background raises %d alerts, want a handful", seed, alerts)
		}
	}
}

func TestWeekRepeats(t *testing.T) {
	o := scenario.Options{Events: 2000}
	a, b := slices.Collect(scenario.Week(7, end, o)), slices.Collect(scenario.Week(7, end, o))
	same := func(x, y scenario.Line) bool {
		return x.At.Equal(y.At) && x.Sender == y.Sender && x.Transport == y.Transport && bytes.Equal(x.Raw, y.Raw)
	}
	if !slices.EqualFunc(a, b, same) {
		t.Error("the same seed gives another week")
	}
	c := slices.Collect(scenario.Week(8, end, o))
	if slices.EqualFunc(a, c, same) {
		t.Error("another seed gives the same week")
	}
	for _, l := range a {
		if l.At.After(end) || l.At.Before(end.AddDate(0, 0, -7)) {
			t.Fatalf("%s is not in the week", l.At)
		}
	}
}

func TestWeekHasDaysAndNights(t *testing.T) {
	hours := map[int]int{}
	for l := range scenario.Week(1, end, scenario.Options{Quiet: true}) {
		hours[l.At.In(time.FixedZone("CST", 8*3600)).Hour()]++
	}
	if hours[10] < 4*hours[3] {
		t.Errorf("%d lines between ten and eleven, %d between three and four", hours[10], hours[3])
	}
}

func TestLiveLetsEverySenderSpeak(t *testing.T) {
	last := map[string]time.Time{}
	var at time.Time
	n := 0
	for l := range scenario.Live(3, end) {
		if l.At.Before(at) {
			t.Fatalf("%s comes after %s", l.At, at)
		}
		at = l.At
		if before, spoke := last[l.Sender]; spoke && l.At.Sub(before) > 30*time.Second {
			t.Fatalf("%s was silent for %s", l.Sender, l.At.Sub(before))
		}
		last[l.Sender] = l.At
		if n++; n == 5000 {
			break
		}
	}
	if len(last) != len(scenario.Senders()) {
		t.Errorf("%d senders spoke of %d", len(last), len(scenario.Senders()))
	}
	if rate := float64(n) / at.Sub(end).Seconds(); rate < 1.5 || rate > 3 {
		t.Errorf("%.2f lines a second, want about two", rate)
	}
}

func TestSendersAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range scenario.Senders() {
		if s.ID == "" || seen[s.ID] || s.NameZH == "" || s.NameEN == "" || s.Zone == nil || s.Silence <= 0 {
			t.Errorf("%+v is not whole", s)
		}
		seen[s.ID] = true
	}
	if len(seen) < 14 {
		t.Errorf("%d senders, want at least 14", len(seen))
	}
}

func BenchmarkWeek(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for range scenario.Week(1, end, scenario.Options{}) {
			n++
		}
		if n == 0 {
			b.Fatal("an empty week")
		}
	}
}
