package auth_test

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/format/auth"
)

var update = flag.Bool("update", false, "rewrite the want half of the golden file")

// read parses "program: message".
func read(t *testing.T, line string) string {
	program, message, _ := strings.Cut(line, ": ")
	e, ok := auth.Parse(program, message)
	if !ok {
		return "unknown\n"
	}
	return told(t, e)
}

// told returns the fields of a value that say something, as one line of JSON.
func told(t *testing.T, v any) string {
	t.Helper()
	out := map[string]any{}
	r := reflect.ValueOf(v)
	for i := range r.NumField() {
		if !r.Field(i).IsZero() {
			out[r.Type().Field(i).Name] = r.Field(i).Interface()
		}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden reads testdata/lines.txt: lines behind "-- in --" and what was read
// from each behind "-- want --".
func TestGolden(t *testing.T) {
	const name = "testdata/lines.txt"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(data), "-- in --\n")
	in, want, _ := strings.Cut(rest, "-- want --\n")
	var got strings.Builder
	for line := range strings.Lines(in) {
		got.WriteString(read(t, strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "␝", "\x1d")))
	}
	if *update {
		if err := os.WriteFile(name, []byte(head+"-- in --\n"+in+"-- want --\n"+got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

// FuzzParse holds: no panic; an entry of a known program names its service; every
// text of the entry is part of the message; an outcome has a category.
func FuzzParse(f *testing.F) {
	f.Add("sshd", "Failed password for invalid user a from 1.2.3.4 port 1 from 203.0.113.9 port 40022 ssh2")
	f.Add("sudo", " li : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls ; x")
	f.Add("useradd", "new user: name=x, UID=0")
	f.Add("x", "pam_unix(a:b): authentication failure; logname= rhost=::1  user=a b")
	f.Add("sshd", "message repeated 5 times: [ Failed password for from  port ]")
	f.Fuzz(func(t *testing.T, program, message string) {
		e, ok := auth.Parse(program, message)
		if !ok {
			return
		}
		if e.Service == "" {
			t.Fatal("no service")
		}
		if e.Outcome != "" && e.Category == "" {
			t.Fatalf("outcome without category: %+v", e)
		}
		for _, s := range []string{e.User, e.Address, e.Domain, e.Port, e.Command} {
			if !strings.Contains(message, s) || utf8.ValidString(message) && !utf8.ValidString(s) {
				t.Fatalf("%q is no part of %q", s, message)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := auth.Parse("sshd", "Failed password for invalid user admin from 203.0.113.9 port 40022 ssh2"); !ok {
			b.Fatal("unknown")
		}
	}
}
