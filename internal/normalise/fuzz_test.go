package normalise_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/normalise"
)

// goldenLines returns the lines of the golden files.
func goldenLines(tb testing.TB) [][]byte {
	tb.Helper()
	var out [][]byte
	err := filepath.WalkDir("testdata", func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".txt" {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(string(data), "-- in --\n")
		in, _, _ := strings.Cut(rest, "-- want --\n")
		for line := range strings.Lines(in) {
			out = append(out, rawBytes(strings.TrimSuffix(line, "\n")))
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

var formats = []string{"", "syslog", "json", "eve", "windows", "auditd", "cef", "kv", "web", "text"}

// FuzzRead states what Read promises: it never panics, leaves the raw bytes alone,
// answers the same every time, and everything it says is UTF-8.
func FuzzRead(f *testing.F) {
	for i, line := range goldenLines(f) {
		f.Add(line, uint8(i))
	}
	reader := normalise.New(normalise.Options{Zone: shanghai, MaxFields: 200, MaxDepth: 6})
	f.Fuzz(func(t *testing.T, raw []byte, which uint8) {
		was := bytes.Clone(raw)
		src := event.Source{
			ID: "s", Format: formats[int(which)%len(formats)],
			Charset: []string{"", "gb18030", "latin1", "utf-8"}[int(which/10)%4],
		}
		ev := event.Event{Source: "s", Received: received, Raw: raw}
		if which > 250 {
			ev.Source, ev.Transport = "", "audit"
		}
		rec := reader.Read(ev, src)
		if !bytes.Equal(raw, was) {
			t.Fatal("raw bytes changed")
		}
		if rec.Class == "" || !utf8.ValidString(rec.Class) || !utf8.ValidString(rec.Text) {
			t.Fatalf("class %q, text %q", rec.Class, rec.Text)
		}
		for _, fd := range rec.Fields {
			if fd.Name == "" || !utf8.ValidString(fd.Name) || !utf8.ValidString(fd.Value) || fd.Kind > event.Null {
				t.Fatalf("field %+v", fd)
			}
		}
		if _, off := rec.Time.Zone(); off != 0 {
			t.Fatalf("event time %s is not UTC", rec.Time)
		}
		if src.Format == "text" && ev.Source != "" && rec.Class != "text" {
			t.Fatalf("class %s of a source of plain text", rec.Class)
		}
		again := reader.Read(ev, src)
		if diff := cmp.Diff(rec, again); diff != "" {
			t.Fatalf("read twice (-first +second):\n%s", diff)
		}
	})
}

// TestRecordsOutliveTheReader reads other events with the same reader: what it
// returned before must not change.
func TestRecordsOutliveTheReader(t *testing.T) {
	reader := normalise.New(normalise.Options{Zone: shanghai})
	var first []event.Record
	var shown []string
	for _, line := range goldenLines(t) {
		rec := reader.Read(event.Event{Source: "s", Received: received, Raw: line}, event.Source{})
		first, shown = append(first, rec), append(shown, transcript(&rec))
	}
	for i := range first {
		if got := transcript(&first[i]); got != shown[i] {
			t.Errorf("record %d changed from\n%sto\n%s", i, shown[i], got)
		}
	}
}

// TestReadConcurrently reads the same lines in several goroutines.
func TestReadConcurrently(t *testing.T) {
	reader := normalise.New(normalise.Options{Zone: shanghai})
	lines := goldenLines(t)
	want := make([]string, len(lines))
	for i, line := range lines {
		rec := reader.Read(event.Event{Source: "s", Received: received, Raw: line}, event.Source{})
		want[i] = transcript(&rec)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, line := range lines {
				rec := reader.Read(event.Event{Source: "s", Received: received, Raw: line}, event.Source{})
				if got := transcript(&rec); got != want[i] {
					t.Errorf("line %d read differently:\n%s", i, got)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkRead(b *testing.B) {
	reader := normalise.New(normalise.Options{Zone: shanghai})
	seen := map[string]bool{}
	for _, line := range goldenLines(b) {
		ev := event.Event{Source: "s", Received: received, Raw: line}
		rec := reader.Read(ev, event.Source{})
		if seen[rec.Class] {
			continue
		}
		seen[rec.Class] = true
		b.Run(rec.Class, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				reader.Read(ev, event.Source{})
			}
		})
	}
}
