package dnslog_test

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

	"github.com/fengsui/fengsui/internal/format/dnslog"
)

var update = flag.Bool("update", false, "rewrite the want half of the golden file")

func read(t *testing.T, line string) string {
	e, ok := dnslog.Parse(line, time.FixedZone("CST", 8*3600))
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

// FuzzParse holds: no panic; an entry has a server and a kind; every text is part
// of the line.
func FuzzParse(f *testing.F) {
	f.Add("client @0x7f1c2c0 10.10.3.45#53122 (www.example.edu.cn): query: www.example.edu.cn IN A + (10.10.0.53)")
	f.Add("19-Oct-2022 05:34:02.425 security: error: client ::1#1 (a): view x: query (cache) \x27a/ANY/IN\x27 denied")
	f.Add("17 10.10.3.45/5353 query[A] a from 10.10.3.45")
	f.Add("reply a is 10.10.1.20")
	f.Fuzz(func(t *testing.T, line string) {
		e, ok := dnslog.Parse(line, nil)
		if !ok {
			return
		}
		if e.Server == "" || e.Kind == "" {
			t.Fatalf("incomplete: %+v", e)
		}
		for _, s := range []string{e.Client, e.Port, e.Name, e.View, e.Flags, e.ServedBy, e.Answer, e.Upstream} {
			if !strings.Contains(line, s) || utf8.ValidString(line) && !utf8.ValidString(s) {
				t.Fatalf("%q is no part of %q", s, line)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	const line = "client @0x7f1c2c0 10.10.3.45#53122 (www.example.edu.cn): query: www.example.edu.cn IN A + (10.10.0.53)"
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := dnslog.Parse(line, nil); !ok {
			b.Fatal("unknown")
		}
	}
}
