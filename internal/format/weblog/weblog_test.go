package weblog_test

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/format/weblog"
)

var update = flag.Bool("update", false, "rewrite the want half of the golden file")

var zone = time.FixedZone("CST", 8*3600)

func read(t *testing.T, line string) string {
	if a, ok := weblog.ParseAccess(line); ok {
		host, path, query := weblog.SplitTarget(a.Method, a.Target)
		return told(t, a) + told(t, struct{ Host, Path, Query string }{host, path, query})
	}
	if e, ok := weblog.ParseError(line, zone); ok {
		return told(t, e)
	}
	return "unknown\n"
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

// FuzzParse holds: no panic; a line is of one kind; status and method are what
// they claim; path and query are part of the target; text stays text.
func FuzzParse(f *testing.F) {
	f.Add(`203.0.113.9 - - [24/Nov/2026:10:15:02 +0800] "GET /a?b HTTP/1.1" 200 512 "-" "x"`)
	f.Add(`h:443 ::1 - a b [24/Nov/2026:10:15:02 +0800] "CONNECT a:1 HTTP/1.1" 400 - "-" "-" 3`)
	f.Add(`[Thu Oct 13 12:24:49.880562 2022] [a:error] [pid 10:tid 1] [client [::1]:50229] AH01618: user s not found: /`)
	f.Add(`2021/12/01 13:53:33 [error] 31#31: *46 x, client: ::1, server: a, request: "GET / HTTP/1.1", host: "b"`)
	f.Fuzz(func(t *testing.T, line string) {
		a, access := weblog.ParseAccess(line)
		_, failed := weblog.ParseError(line, zone)
		if access && failed {
			t.Fatalf("%q is both", line)
		}
		if !access {
			return
		}
		if a.Status != "" && len(a.Status) != 3 {
			t.Fatalf("status %q", a.Status)
		}
		if utf8.ValidString(line) && (!utf8.ValidString(a.Request) || !utf8.ValidString(a.UserAgent)) {
			t.Fatalf("text became bytes: %q", a.Request)
		}
		_, path, query := weblog.SplitTarget(a.Method, a.Target)
		if !strings.Contains(a.Target, path) || !strings.Contains(a.Target, query) {
			t.Fatalf("%q or %q is no part of %q", path, query, a.Target)
		}
	})
}

func BenchmarkParseAccess(b *testing.B) {
	const line = `203.0.113.9 - - [24/Nov/2026:10:15:02 +0800] "GET /news.php?id=1 HTTP/1.1" 200 512 "https://www.example.edu.cn/" "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"`
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := weblog.ParseAccess(line); !ok {
			b.Fatal("unknown")
		}
	}
}
