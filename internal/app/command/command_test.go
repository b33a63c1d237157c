package command

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What a terminal would act on: ESC, a C1 control, an override of direction.
const evil = "x\x1b[31m\u009b\u202e"

func transcript(t *testing.T, run func(Output) error) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	err = run(Output{Out: &o, Err: &e, Now: func() time.Time { return ledgerDay }})
	for _, text := range []string{o.String(), e.String()} {
		if strings.ContainsAny(text, "\x1b\u009b\u202e") {
			t.Errorf("a terminal acts on %q", text)
		}
	}
	return o.String(), e.String(), err
}

func TestFailNamesWhatWhereWhy(t *testing.T) {
	tests := []struct {
		name, command string
		err           error
		want          string
	}{
		{"one reason", "rules check <path>", errors.New("read a: gone"), "fengsui: rules check: read a: gone\n"},
		{"a line for each reason", "config check", errors.Join(errors.New("a"), errors.New("b")), "fengsui: config check: a\nfengsui: config check: b\n"},
		{"names that a terminal acts on", "hunt <file>", fmt.Errorf("open %s: gone", evil), "fengsui: hunt: open x\ufffd[31m\ufffd\ufffd: gone\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, errs, _ := transcript(t, func(o Output) error { o.Fail(tt.command, tt.err); return nil })
			if errs != tt.want {
				t.Errorf("got %q, want %q", errs, tt.want)
			}
		})
	}
}

// huntIn lays out one rule and one event, both hostile, and returns their paths.
func huntIn(t *testing.T) (rule, events string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	rule = write("rule.yml", "title: \"\\e[31m\\x9b\\u202E red\"\nid: 12345678-1234-1234-1234-123456789012\nlogsource: {category: test}\n"+
		"detection:\n  s:\n    a|contains: x\n  condition: s\nlevel: high\n")
	write("broken"+evil+".yml", "detection: "+"{")
	return rule, write("e"+evil+".json", "{\"a\":\"x\\u001b[31m\u009b\u202e\",\"@timestamp\":\"2024-01-01T00:00:00Z\"}\n")
}

func TestHuntPrintsNothingThatTerminalsActOn(t *testing.T) {
	rule, events := huntIn(t)
	for _, format := range []string{"json", "table", "csv"} {
		t.Run(format, func(t *testing.T) {
			h := Hunt{Rules: []string{filepath.Dir(rule)}, Format: format, FailOn: "high", Zone: "UTC", Files: []string{events}}
			out, errs, err := transcript(t, h.Run)
			if ExitCode(err) != ExitFound || !strings.Contains(out, "red") || !strings.Contains(errs, "rule left out") {
				t.Errorf("%v\n%s\n%s", err, out, errs)
			}
		})
	}
	if out, _, err := transcript(t, (&RulesCheck{Paths: []string{filepath.Dir(rule)}}).Run); ExitCode(err) != ExitFound || !strings.Contains(out, "broken") {
		t.Errorf("rules check: %v\n%s", err, out)
	}
}

func TestHuntKeepsWhatItFoundBeforeAFileFails(t *testing.T) {
	rule, events := huntIn(t)
	for _, format := range []string{"json", "table", "csv"} {
		h := Hunt{Rules: []string{rule}, Format: format, FailOn: "never", Zone: "UTC", Files: []string{events, events + ".gone"}}
		if out, _, err := transcript(t, h.Run); ExitCode(err) != ExitError || !strings.Contains(out, "red") {
			t.Errorf("%s: %v\n%s", format, err, out)
		}
	}
}

func TestHuntWithoutARuleIsRefused(t *testing.T) {
	_, events := huntIn(t)
	h := Hunt{Rules: []string{t.TempDir()}, Format: "json", FailOn: "never", Zone: "UTC", Files: []string{events}}
	if _, _, err := transcript(t, h.Run); ExitCode(err) != ExitError {
		t.Errorf("%v", err)
	}
}
