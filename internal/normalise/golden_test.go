package normalise_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/normalise"
)

var update = flag.Bool("update", false, "rewrite the want half of golden files")

var (
	shanghai = time.FixedZone("CST", 8*3600)
	received = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)
)

// transcript shows a record as the golden files do.
func transcript(rec *event.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "class %s", rec.Class)
	if l := rec.Logsource; l.Product != "" || l.Service != "" || l.Categories != nil {
		fmt.Fprintf(&b, " logsource %s/%s/%s", l.Product, l.Service, strings.Join(l.Categories, ","))
	}
	b.WriteString("\n")
	for _, f := range rec.Fields {
		fmt.Fprintf(&b, "  %s %s %q\n", f.Name, [...]string{"text", "number", "bool", "null"}[f.Kind], f.Value)
	}
	return b.String()
}

// TestGolden reads every file of testdata/lines: a head, where lines like
// "format: cef", "charset: gb18030", "transport: audit" say what is known of the
// source, the lines behind "-- in --", and what became of each behind "-- want --".
// \xNN stands for a byte.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/lines/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	reader := normalise.New(normalise.Options{Zone: shanghai})
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			head, rest, _ := strings.Cut(string(data), "-- in --\n")
			in, want, _ := strings.Cut(rest, "-- want --\n")
			src, ev := event.Source{ID: "s"}, event.Event{Source: "s", Transport: "udp", Received: received}
			for line := range strings.Lines(head) {
				switch key, value, _ := strings.Cut(strings.TrimSpace(line), ": "); key {
				case "format":
					src.Format = value
				case "charset":
					src.Charset = value
				case "transport":
					ev.Source, ev.Transport = "", value
				}
			}
			var got strings.Builder
			for line := range strings.Lines(in) {
				ev.Raw = rawBytes(strings.TrimSuffix(line, "\n"))
				rec := reader.Read(ev, src)
				got.WriteString(transcript(&rec))
			}
			if *update {
				if err := os.WriteFile(name, []byte(head+"-- in --\n"+in+"-- want --\n"+got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got.String(), "\n")); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// rawBytes replaces \xNN by the byte.
func rawBytes(s string) []byte {
	var out []byte
	for i := 0; i < len(s); i++ {
		var c byte
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x' {
			if n, _ := fmt.Sscanf(s[i+2:i+4], "%02x", &c); n == 1 {
				out = append(out, c)
				i += 3
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}
