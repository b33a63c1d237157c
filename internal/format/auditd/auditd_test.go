package auditd_test

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/format/auditd"
)

var update = flag.Bool("update", false, "rewrite the want half of the golden file")

func read(t *testing.T, line string) string {
	r, ok := auditd.Parse(line)
	if !ok {
		return "unknown\n"
	}
	return told(t, r)
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

// FuzzParse holds: no panic; a record has a type and a stamp; decoded values are
// text where the line is; no field is without a name.
func FuzzParse(f *testing.F) {
	f.Add("type=SYSCALL msg=audit(1795486800.404:815): arch=c000003e success=yes comm=6C73 exe=\"/bin/ls\"\x1dUID=\"root\"")
	f.Add("node=a type=1309 audit(1.2:3): a0[0]=4142 a0[1]=43 a1=\"x y\"")
	f.Add("type=USER_LOGIN msg=audit(1.000:1): pid=1 msg=\x27op=login acct=\"a\" res=failed\x27")
	f.Add("type=AVC msg=audit(1.000:1): avc:  denied  { read } for  pid=1 x={ a }")
	f.Fuzz(func(t *testing.T, line string) {
		r, ok := auditd.Parse(line)
		if !ok {
			return
		}
		if r.Type == "" || r.Time.IsZero() {
			t.Fatalf("no type or stamp: %+v", r)
		}
		for _, p := range r.Fields {
			if p.Name == "" || utf8.ValidString(line) && !utf8.ValidString(p.Value) {
				t.Fatalf("field %+v of %q", p, line)
			}
		}
	})
}

func TestPeer(t *testing.T) {
	for _, c := range []struct{ name, saddr, addr, port string }{
		{name: "version 4", saddr: "02001F90CB0071420000000000000000", addr: "203.0.113.66", port: "8080"},
		{name: "version 6", saddr: "0A0000160000000020010DB800000000000000000000000100000000", addr: "2001:db8::1", port: "22"},
		{name: "a socket file", saddr: "01002F72756E2F782E736F636B00"},
		{name: "cut short", saddr: "0200"},
		{name: "no hexadecimal", saddr: "unix"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if addr, port := auditd.Peer(c.saddr); addr != c.addr || port != c.port {
				t.Errorf("Peer = %q, %q; want %q, %q", addr, port, c.addr, c.port)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	const line = `type=SYSCALL msg=audit(1795486800.404:815): arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=4011 pid=4012 auid=33 uid=33 comm="ls" exe="/usr/bin/ls" key="exec"`
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := auditd.Parse(line); !ok {
			b.Fatal("unknown")
		}
	}
}
