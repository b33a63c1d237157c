package normalise_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/normalise"
)

func read(o normalise.Options, raw string, src event.Source) event.Record {
	return normalise.New(o).Read(event.Event{Source: "s", Transport: "udp", Received: received, Raw: []byte(raw)}, src)
}

func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		name, raw string
		o         normalise.Options
		class     string
		has, not  string // a field that is there, one that is not
	}{
		{name: "fields", raw: `{"a":1,"b":2,"c":3}`, o: normalise.Options{MaxFields: 2}, class: "json", has: "b", not: "c"},
		{name: "depth", raw: `{"a":{"b":{"c":1}}}`, o: normalise.Options{MaxDepth: 2}, class: "json", has: "a.b", not: "a.b.c"},
		{name: "bytes", raw: `{"a":"` + strings.Repeat("x", 100) + `"}`, o: normalise.Options{MaxBytes: 50}, class: "text", not: "a"},
		{name: "the longest that is parsed", raw: `{"a":"x"}`, o: normalise.Options{MaxBytes: 9}, class: "json", has: "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := read(tt.o, tt.raw, event.Source{})
			if rec.Class != tt.class || rec.Text != tt.raw {
				t.Errorf("class %s, text of %d bytes", rec.Class, len(rec.Text))
			}
			if _, ok := rec.Fields.Get(tt.has); tt.has != "" && !ok {
				t.Errorf("no field %s in %v", tt.has, rec.Fields)
			}
			if _, ok := rec.Fields.Get(tt.not); ok {
				t.Errorf("field %s beyond the limit", tt.not)
			}
		})
	}
}

func TestZones(t *testing.T) {
	utc5 := time.FixedZone("", 5*3600)
	for _, tt := range []struct {
		name, raw string
		src       event.Source
		want      string // "": no event time
	}{
		{name: "the station's", raw: "<13>Nov 24 10:15:02 h p: x", want: "2026-11-24T02:15:02Z"},
		{name: "the source's", raw: "<13>Nov 24 10:15:02 h p: x", src: event.Source{Zone: utc5}, want: "2026-11-24T05:15:02Z"},
		{name: "its own", raw: "<13>1 2026-11-24T10:15:02+01:00 h p - - - x", src: event.Source{Zone: utc5}, want: "2026-11-24T09:15:02Z"},
		{name: "no stamp, none invented", raw: "<13>words only"},
		{name: "json without a stamp", raw: `{"a":1}`},
		{name: "a stamp that is none", raw: `{"time":"soon"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := read(normalise.Options{Zone: shanghai}, tt.raw, tt.src)
			got := ""
			if !rec.Time.IsZero() {
				got = rec.Time.Format(time.RFC3339Nano)
			}
			if at, _ := rec.Fields.Get("@timestamp"); got != tt.want || at != tt.want {
				t.Errorf("event time %q, @timestamp %q, want %q", got, at, tt.want)
			}
		})
	}
}

func TestCharsets(t *testing.T) {
	for _, tt := range []struct{ name, raw, charset, want string }{
		{"utf-8 stays", "用户", "", "用户"},
		{"else gb18030", "\xd3\xc3\xbb\xa7", "", "用户"},
		{"declared gb18030 although it could be utf-8", "\xc2\xa9", "gb18030", "漏"},
		{"declared utf-8", "a\xd3b", "utf-8", "a\ufffdb"},
		{"latin1", "caf\xe9", "latin1", "café"},
		{"utf-8 that was cut off", "用户\xe7\x99", "", "用户\ufffd"},
		{"byte order mark", "\xef\xbb\xbfx", "", "x"},
		{"one byte", "\xff", "", "\ufffd"},
		{"nothing", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := read(normalise.Options{}, tt.raw, event.Source{Charset: tt.charset})
			if rec.Text != tt.want {
				t.Errorf("text %q, want %q", rec.Text, tt.want)
			}
			if string(rec.Raw) != tt.raw {
				t.Errorf("raw bytes changed to %q", rec.Raw)
			}
		})
	}
}

func TestDeclaredFormats(t *testing.T) {
	for _, tt := range []struct{ format, raw, class string }{
		{"", `{"a":1}`, "json"},
		{"json", "<13>Nov 24 10:15:02 h p: {\"a\":1}", "json"},
		{"json", "a=1 b=2 c=3", "text"},
		{"kv", "a=1 b=2 c=3", "kv"},
		{"kv", `{"a":1}`, "text"},
		{"cef", "CEF:0|A|B|1|2|n|3|src=203.0.113.9", "cef"},
		{"cef", "a=1 b=2 c=3", "text"},
		{"eve", `{"a":1}`, "suricata"},
		{"syslog", "<13>Nov 24 10:15:02 h p: a=1 b=2 c=3", "kv"},
		{"web", "a=1 b=2 c=3", "text"},
		{"text", `{"a":1}`, "text"},
	} {
		rec := read(normalise.Options{}, tt.raw, event.Source{Format: tt.format})
		if rec.Class != tt.class {
			t.Errorf("format %q: %s is class %s, want %s", tt.format, tt.raw, rec.Class, tt.class)
		}
	}
}
