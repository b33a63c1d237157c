package hunt_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/hunt"
)

// words finds every record that says "bad" and remembers what it was shown.
type words struct{ seen *[]string }

func (w words) Read(ev event.Event, _ event.Source) event.Record {
	*w.seen = append(*w.seen, string(ev.Raw))
	return event.Record{Event: ev, Text: string(ev.Raw)}
}

func (words) Match(rec *event.Record, fn func(event.Finding)) {
	if strings.Contains(rec.Text, "bad") {
		fn(event.Finding{RuleID: "r"})
	}
}

func gz(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zst(t *testing.T, s string) string {
	t.Helper()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(enc.EncodeAll([]byte(s), nil))
}

func TestFile(t *testing.T) {
	jsonl := "{\"a\":1}\n\n{\"a\":\"bad\"}\r\n"
	for _, tt := range []struct {
		name, in string
		want     []string
		hits     []int
		fails    bool
	}{
		{name: "lines", in: "one\nbad two\n\nthree", want: []string{"one", "bad two", "three"}, hits: []int{1}},
		{name: "lines that begin with a bracket", in: "[Mon] bad\n[Tue] fine\n", want: []string{"[Mon] bad", "[Tue] fine"}, hits: []int{0}},
		{name: "json lines", in: jsonl, want: []string{`{"a":1}`, `{"a":"bad"}`}, hits: []int{1}},
		{name: "json lines behind a byte order mark", in: "\ufeff" + jsonl, want: []string{`{"a":1}`, `{"a":"bad"}`}, hits: []int{1}},
		{name: "json array", in: "[\n{\"a\":1},\n{\"a\":\"bad\"}]\n", want: []string{`{"a":1}`, `{"a":"bad"}`}, hits: []int{1}},
		{name: "empty array", in: "[]"},
		{name: "objects over several lines", in: "{\n\"a\":1\n}\n{\n\"a\":\"bad\"}", want: []string{"{\n\"a\":1\n}", "{\n\"a\":\"bad\"}"}, hits: []int{1}},
		{name: "bundle of records", in: `{"Records":[{"a":1},{"a":"bad"}]}`, want: []string{`{"a":1}`, `{"a":"bad"}`}, hits: []int{1}},
		{name: "gzip", in: gz(t, jsonl), want: []string{`{"a":1}`, `{"a":"bad"}`}, hits: []int{1}},
		{name: "zstd", in: zst(t, jsonl), want: []string{`{"a":1}`, `{"a":"bad"}`}, hits: []int{1}},
		{name: "nothing", in: " \n\n"},
		{name: "array cut short", in: `[{"a":1},{"a":`, want: []string{`{"a":1}`}, fails: true},
		{name: "record above the limit", in: strings.Repeat("x", 200_000), fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var seen []string
			var hits []int
			w := words{&seen}
			sum, err := hunt.File(t.Context(), "f", strings.NewReader(tt.in), hunt.Options{Reader: w, Engine: w, MaxRecord: 100_000},
				func(m hunt.Match) error {
					hits = append(hits, m.Record)
					return nil
				})
			if (err != nil) != tt.fails {
				t.Errorf("error %v, want one: %t", err, tt.fails)
			}
			if diff := cmp.Diff(tt.want, seen); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.hits, hits); diff != "" {
				t.Errorf("matches (-want +got):\n%s", diff)
			}
			if err == nil && (sum.Records != len(tt.want) || sum.Matches != len(tt.hits)) {
				t.Errorf("summary %+v, want %d records and %d matches", sum, len(tt.want), len(tt.hits))
			}
		})
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n[x]"))
	f.Add([]byte("[{\"a\":1}]"))
	f.Add([]byte{0x1f, 0x8b, 8})
	f.Fuzz(func(t *testing.T, data []byte) {
		var seen []string
		w := words{&seen}
		sum, err := hunt.File(t.Context(), "f", bytes.NewReader(data), hunt.Options{Reader: w, Engine: w, MaxRecord: 1 << 20},
			func(hunt.Match) error { return nil })
		if err == nil && sum.Records != len(seen) {
			t.Fatalf("%d records counted, %d shown", sum.Records, len(seen))
		}
	})
}
