package netfilter_test

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/format/netfilter"
)

var update = flag.Bool("update", false, "rewrite the want half of the golden file")

func read(t *testing.T, line string) string {
	p, ok := netfilter.Parse(line)
	if !ok {
		return "unknown\n"
	}
	return told(t, p)
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

// FuzzParse holds: no panic; a packet has both ends and a protocol; every text is
// part of the line; no field is empty.
func FuzzParse(f *testing.F) {
	f.Add("[88120.551] FW-DROP IN=eth0 OUT= MAC=a SRC=203.0.113.9 DST=10.10.1.20 LEN=60 DF PROTO=TCP SPT=40112 DPT=22 SYN")
	f.Add("x_IN=1 OUT=a SRC=1 DST=2 PROTO=ICMP [SRC=3 DST=4 ]")
	f.Fuzz(func(t *testing.T, line string) {
		p, ok := netfilter.Parse(line)
		if !ok {
			return
		}
		if p.Source == "" || p.Dest == "" || p.Protocol == "" {
			t.Fatalf("incomplete: %+v", p)
		}
		for _, s := range []string{p.Prefix, p.Source, p.Dest, p.SrcPort, p.DstPort, p.Protocol, p.In, p.Out} {
			if !strings.Contains(line, s) || utf8.ValidString(line) && !utf8.ValidString(s) {
				t.Fatalf("%q is no part of %q", s, line)
			}
		}
		for _, pair := range p.Fields {
			if pair.Value == "" {
				t.Fatalf("empty field %q", pair.Name)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	const line = "[88120.551] FW-DROP IN=eth0 OUT=eth1 MAC=00:16:3e:aa:bb:cc:00:16:3e:dd:ee:ff:08:00 SRC=203.0.113.9 DST=10.10.1.20 LEN=60 TOS=0x00 PREC=0x00 TTL=51 ID=4242 DF PROTO=TCP SPT=40112 DPT=3389 WINDOW=29200 RES=0x00 SYN URGP=0"
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := netfilter.Parse(line); !ok {
			b.Fatal("unknown")
		}
	}
}
