package kv_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/format/kv"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []kv.Pair // nil: no list of pairs
	}{
		{"quoted values", `date=2026-11-24 devname="FG 1" tz='+0800' action=deny`, []kv.Pair{{"date", "2026-11-24"}, {"devname", "FG 1"}, {"tz", "+0800"}, {"action", "deny"}}},
		{"escapes", `a=1 b=2 msg="it \"is\" C:\\x"`, []kv.Pair{{"a", "1"}, {"b", "2"}, {"msg", `it "is" C:\x`}}},
		{"commas", "devid=FG1,date=2026-11-24, logid=0;x=a,b", []kv.Pair{{"devid", "FG1"}, {"date", "2026-11-24"}, {"logid", "0"}, {"x", "a,b"}}},
		{"empty values", `a= b="" c=3`, []kv.Pair{{"a", ""}, {"b", ""}, {"c", "3"}}},
		{"an equals sign in a value", "url=/a?x=1 b=2 c=3", []kv.Pair{{"url", "/a?x=1"}, {"b", "2"}, {"c", "3"}}},
		{"one stray word", "a=1 b=2 DF c=3 d=4", []kv.Pair{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}}},
		{"quotation mark not closed", `a=1 b=2 d=3 c="x y`, []kv.Pair{{"a", "1"}, {"b", "2"}, {"d", "3"}, {"c", `"x`}}},
		{"words before", "user logged in a=1 b=2 c=3", nil},
		{"too few", "a=1 b=2", nil},
		{"mostly text", "a=1 b=2 c=3 and then a long text follows here", nil},
		{"nothing", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := kv.Parse(tt.in, nil)
			if ok != (tt.want != nil) {
				t.Fatalf("Parse = %v, %t", got, ok)
			}
			if diff := cmp.Diff(tt.want, got); ok && diff != "" {
				t.Errorf("pairs (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`date=2026-11-24 devname="FG \"1" tz='+0800',action=deny`)
	f.Fuzz(func(t *testing.T, s string) {
		pairs, ok := kv.Parse(s, nil)
		if ok != (len(pairs) > 0) {
			t.Fatalf("%d pairs, %t", len(pairs), ok)
		}
		for _, p := range pairs {
			if p.Key == "" || strings.Contains(p.Key, "=") || utf8.ValidString(s) && !utf8.ValidString(p.Value) {
				t.Fatalf("%q=%q", p.Key, p.Value)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	const line = `date=2026-11-24 time=10:15:02 devname="FG100" devid="FG1" logid="0000000013" type="traffic" subtype="forward" level="notice" srcip=10.1.1.2 srcport=5000 dstip=203.0.113.66 dstport=443 action="deny"`
	pairs := make([]kv.Pair, 0, 32)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := kv.Parse(line, pairs[:0]); !ok {
			b.Fatal("refused")
		}
	}
}
