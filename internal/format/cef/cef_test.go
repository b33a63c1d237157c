package cef_test

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/format/cef"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     cef.Message
		refused  bool
	}{
		{
			name: "values with spaces", in: "CEF:0|Acme|WAF|3.1|100|SQL Injection|9|src=203.0.113.9 msg=two words here act=block",
			want: cef.Message{"0", "Acme", "WAF", "3.1", "100", "SQL Injection", "9", []cef.Pair{{"src", "203.0.113.9"}, {"msg", "two words here"}, {"act", "block"}}},
		},
		{
			name: "escapes", in: `CEF:1|A\|B|P\\Q|1|2|n|Low|request=/a?x\=1 msg=a\nb filePath=C:\Windows`,
			want: cef.Message{"1", "A|B", `P\Q`, "1", "2", "n", "Low", []cef.Pair{{"request", "/a?x=1"}, {"msg", "a\nb"}, {"filePath", `C:\Windows`}}},
		},
		{
			name: "an equals sign inside a value", in: "CEF:0|A|B|1|2|n|3|request=/a?x=1&y=2 cs1Label=k=v cs1=",
			want: cef.Message{"0", "A", "B", "1", "2", "n", "3", []cef.Pair{{"request", "/a?x=1&y=2"}, {"cs1Label", "k=v"}, {"cs1", ""}}},
		},
		{name: "no extension", in: "CEF:0|A|B|1|2|n|3", want: cef.Message{Version: "0", DeviceVendor: "A", DeviceProduct: "B", DeviceVersion: "1", DeviceEventClassID: "2", Name: "n", Severity: "3"}},
		{name: "header cut short", in: "CEF:0|A|B|1|2|n", refused: true},
		{name: "something else", in: "LEEF:1.0|A", refused: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := cef.Parse(tt.in)
			if ok == tt.refused {
				t.Fatalf("Parse = %t", ok)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStart(t *testing.T) {
	for in, want := range map[string]int{
		"CEF:0|A": 0, "waf: CEF: 0|A": 5, "see CEF:x and CEF:0|": 14, "XCEF:0|": -1, "": -1,
	} {
		if got := cef.Start(in); got != want {
			t.Errorf("Start(%q) = %d, want %d", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("CEF:0|Acme|WAF|3.1|100|SQL Injection|9|src=203.0.113.9 msg=two \\= words act=block")
	f.Fuzz(func(t *testing.T, s string) {
		cef.Start(s)
		m, ok := cef.Parse(s)
		if !ok || !utf8.ValidString(s) {
			return
		}
		for _, p := range m.Extension {
			if p.Key == "" || !utf8.ValidString(p.Value) {
				t.Fatalf("%q=%q", p.Key, p.Value)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	const line = "CEF:0|Acme|WAF|3.1|100|SQL Injection|9|src=203.0.113.9 dst=10.10.1.20 dpt=443 act=block request=/news.php msg=two words"
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := cef.Parse(line); !ok {
			b.Fatal("refused")
		}
	}
}
