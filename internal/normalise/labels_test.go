package normalise_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/match"
	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/internal/testshared"
	"github.com/fengsui/fengsui/rules"
	"github.com/fengsui/fengsui/sigma"
)

// labelled is an event with all the rules that match it.
type labelled struct {
	ID, Src   string
	Logsource struct {
		Product, Service string
		Category         any
	}
	Event   json.RawMessage
	Matches []string
}

func (l *labelled) categories() []string {
	switch c := l.Logsource.Category.(type) {
	case string:
		return []string{c}
	case []any:
		var out []string
		for _, e := range c {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// labelEngine holds the rules that the labels cover, with the shipped mapping. It
// is compiled once for all tests.
func labelEngine(tb testing.TB) *match.Engine {
	tb.Helper()
	once.Do(func() { compiled = compileLabelled(tb) })
	if compiled == nil {
		tb.Skip("the rules could not be had: see the first test that asked for them")
	}
	return compiled
}

var (
	once     sync.Once
	compiled *match.Engine
)

func compileLabelled(tb testing.TB) *match.Engine {
	tb.Helper()
	universe, err := os.ReadFile(testshared.Dir(tb, "sigma", "label-universe.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	wanted := map[string]bool{}
	for id := range strings.FieldsSeq(string(universe)) {
		wanted[id] = true
	}
	f, err := os.Open(testshared.Dir(tb, "sigma", "sigmahq-rules.tar.gz"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	var all []*sigma.Rule
	for tr := tar.NewReader(gz); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
		if path.Ext(h.Name) != ".yml" {
			continue
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			tb.Fatal(err)
		}
		rs, err := sigma.Parse(data)
		if err != nil {
			continue
		}
		for _, r := range rs {
			if wanted[r.ID] {
				delete(wanted, r.ID)
				all = append(all, r)
			}
		}
	}
	mapping, err := sigma.ParseMapping(rules.Mapping()...)
	if err != nil {
		tb.Fatal(err)
	}
	return match.New(all, mapping)
}

func eachLabelled(tb testing.TB, name string, n int, fn func(*labelled)) {
	tb.Helper()
	f, err := os.Open(testshared.Dir(tb, "sigma", name))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	sc := bufio.NewScanner(gz)
	sc.Buffer(nil, 16<<20)
	for i := 0; sc.Scan(); i++ {
		if i%n != 0 {
			continue
		}
		var l labelled
		if err := json.Unmarshal(bytes.Clone(sc.Bytes()), &l); err != nil {
			tb.Fatal(err)
		}
		if l.Matches == nil {
			l.Matches = []string{}
		}
		slices.Sort(l.Matches)
		fn(&l)
	}
	if err := sc.Err(); err != nil {
		tb.Fatal(err)
	}
}

// TestLabels gives every labelled event as a line of JSON through the reader and
// the rules, with the shipped mapping and the log source that the reader tells,
// and compares the matches with the labels. Under the race detector and with
// -short a sample of the events is taken.
//
// The labels know keywords in the name of the file that an event came from; an
// event whose labels need that is counted apart.
func TestLabels(t *testing.T) {
	engine := labelEngine(t)
	reader := normalise.New(normalise.Options{})
	every := 1
	if raceOn || testing.Short() {
		every = 40
	}
	for _, name := range []string{
		"regression-dev.jsonl.gz", "events-windows-otrf-dev.jsonl.gz",
		"events-windows-evtx2mitre-dev.jsonl.gz", "events-aws-cloudtrail-dev.jsonl.gz",
	} {
		events, equal, sources, matches, byFile := 0, 0, 0, 0, 0
		eachLabelled(t, name, every, func(l *labelled) {
			rec := reader.Read(event.Event{Raw: l.Event, Transport: "http", Source: "s"}, event.Source{})
			want := event.Logsource{Product: l.Logsource.Product, Service: l.Logsource.Service, Categories: l.categories()}
			if diff := cmp.Diff(want, rec.Logsource); diff == "" {
				sources++
			} else {
				t.Errorf("%s: log source (-label +got):\n%s", l.ID, diff)
			}
			got := matchesOf(engine, &rec)
			events++
			matches += len(got)
			switch diff := cmp.Diff(l.Matches, got); {
			case diff == "":
				equal++
			case slices.Equal(l.Matches, withFile(engine, rec, l.Src)):
				byFile++
			default:
				t.Errorf("%s: matches (-label +got):\n%s\n%.2000s", l.ID, diff, l.Event)
			}
		})
		t.Logf("%s: %d events, %d log sources right, %d equal to their labels, %d more with the name of their file, %d matches",
			name, events, sources, equal, byFile, matches)
	}
}

func matchesOf(engine *match.Engine, rec *event.Record) []string {
	got := []string{}
	engine.Match(rec, func(f event.Finding) { got = append(got, f.RuleID) })
	slices.Sort(got)
	return got
}

// withFile matches with the name of the event's file as one more field.
func withFile(engine *match.Engine, rec event.Record, src string) []string {
	rec.Fields = append(rec.Fields, event.Field{Name: "src", Value: src})
	return matchesOf(engine, &rec)
}
