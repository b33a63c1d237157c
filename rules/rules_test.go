package rules_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/match"
	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/rules"
	"github.com/fengsui/fengsui/sigma"
)

// sample holds the raw lines a rule must and must not match.
type sample struct {
	Match   []string `yaml:"match"`
	NoMatch []string `yaml:"no_match"`
}

// shipped reads every rule that is shipped, by its path below sigma/ without the
// ending.
func shipped(t *testing.T) map[string]*sigma.Rule {
	t.Helper()
	out := map[string]*sigma.Rule{}
	err := fs.WalkDir(rules.Sigma(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yml" {
			return err
		}
		data, err := fs.ReadFile(rules.Sigma(), name)
		if err != nil {
			return err
		}
		parsed, err := sigma.Parse(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(parsed) != 1 {
			return fmt.Errorf("%s: %d documents", name, len(parsed))
		}
		out[strings.TrimSuffix(name, ".yml")] = parsed[0]
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// engine compiles every shipped rule with the shipped mapping.
func engine(t *testing.T, all map[string]*sigma.Rule) *match.Engine {
	t.Helper()
	mapping, err := sigma.ParseMapping(rules.Mapping()...)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]*sigma.Rule, 0, len(all))
	for _, r := range all {
		list = append(list, r)
	}
	e := match.New(list, mapping)
	for _, err := range e.Refused() {
		t.Error(err)
	}
	return e
}

var received = time.Date(2026, 11, 24, 2, 15, 3, 0, time.UTC)

// read reads a raw line as the station does when it knows nothing of the source.
func read(r *normalise.Reader, line string) event.Record {
	return r.Read(event.Event{Raw: []byte(line), Received: received, Source: "sample", Transport: "udp"}, event.Source{ID: "sample"})
}

func TestEveryRuleMatchesItsSamples(t *testing.T) {
	all := shipped(t)
	if len(all) < 40 {
		t.Errorf("%d rules are shipped, want at least 40", len(all))
	}
	e := engine(t, all)
	reader := normalise.New(normalise.Options{Zone: time.FixedZone("CST", 8*3600)})
	for name, rule := range all {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)+".yml"))
			if err != nil {
				t.Fatal(err)
			}
			var s sample
			if err := yaml.UnmarshalWithOptions(data, &s, yaml.Strict()); err != nil {
				t.Fatal(err)
			}
			if len(s.Match) == 0 || len(s.NoMatch) == 0 {
				t.Fatalf("%d matching and %d other events, want at least one of each", len(s.Match), len(s.NoMatch))
			}
			for _, line := range s.Match {
				rec := read(reader, line)
				if !found(e, &rec, rule.ID) {
					t.Errorf("is not found in %q\n%s %+v\n%+v", line, rec.Class, rec.Logsource, rec.Fields)
				}
				// An event whose log source is unknown meets every rule; a sample
				// must be found by what it is.
				if l := rec.Logsource; l.Product == "" && l.Service == "" && len(l.Categories) == 0 {
					t.Errorf("nobody knows what %q is", line)
				}
			}
			for _, line := range s.NoMatch {
				rec := read(reader, line)
				if found(e, &rec, rule.ID) {
					t.Errorf("is found in %q", line)
				}
			}
		})
	}
}

func found(e *match.Engine, rec *event.Record, id string) bool {
	hit := false
	e.Match(rec, func(f event.Finding) { hit = hit || f.RuleID == id })
	return hit
}

func TestEveryRuleIsDescribed(t *testing.T) {
	ids := map[string]string{}
	titles := map[string]string{}
	for name, r := range shipped(t) {
		if other, taken := ids[r.ID]; taken || r.ID == "" {
			t.Errorf("%s: id %q is missing or also that of %s", name, r.ID, other)
		}
		ids[r.ID] = name
		if other, taken := titles[r.Title]; taken || r.Title == "" {
			t.Errorf("%s: title %q is missing or also that of %s", name, r.Title, other)
		}
		titles[r.Title] = name
		for _, key := range []string{"title_zh", "description_zh"} {
			if !han(r.Custom[key]) {
				t.Errorf("%s: %s is %q, want Chinese text", name, key, r.Custom[key])
			}
		}
		if r.Description == "" {
			t.Errorf("%s: has no description", name)
		}
		if !slices.Contains([]string{"informational", "low", "medium", "high", "critical"}, r.Level) {
			t.Errorf("%s: level is %q", name, r.Level)
		}
		if !slices.ContainsFunc(r.Tags, func(tag string) bool { return strings.HasPrefix(tag, "attack.t") }) {
			t.Errorf("%s: has no ATT&CK technique among %q", name, r.Tags)
		}
	}
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff })
}

func TestNoSampleWithoutRule(t *testing.T) {
	all := shipped(t)
	err := filepath.WalkDir("testdata", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		key := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(name), "testdata/"), ".yml")
		if all[key] == nil {
			t.Errorf("%s belongs to no rule", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
