package normalise_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/internal/testshared"
)

// sample is a file of a named format.
type sample struct{ format, path, name string }

// samples lists the files of testdata/coverage.txt.
func samples(tb testing.TB) []sample {
	tb.Helper()
	root := testshared.Dir(tb)
	var out []sample
	for _, cols := range columns(tb, "testdata/coverage.txt") {
		files, err := filepath.Glob(filepath.Join(root, cols[1]))
		if err != nil || len(files) == 0 {
			tb.Errorf("no file is called %s: %v", cols[1], err)
		}
		for _, f := range files {
			name, _ := filepath.Rel(root, f)
			if !slices.ContainsFunc(out, func(s sample) bool { return s.name == name }) {
				out = append(out, sample{cols[0], f, name})
			}
		}
	}
	return out
}

// columns returns the words of the lines that are no comments.
func columns(tb testing.TB, name string) [][]string {
	tb.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	var out [][]string
	for line := range strings.Lines(string(data)) {
		if cols := strings.Fields(line); len(cols) > 0 && !strings.HasPrefix(line, "#") {
			out = append(out, cols)
		}
	}
	return out
}

// sampleRecords returns the records of a file: its lines, or the elements of
// "Records" of a CloudTrail delivery.
func sampleRecords(tb testing.TB, path string) [][]byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	var bundle struct{ Records []json.RawMessage }
	if json.Unmarshal(data, &bundle) == nil && bundle.Records != nil {
		out := make([][]byte, len(bundle.Records))
		for i, r := range bundle.Records {
			out[i] = r
		}
		return out
	}
	var out [][]byte
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		if len(bytes.TrimSpace(sc.Bytes())) > 0 {
			out = append(out, bytes.Clone(sc.Bytes()))
		}
	}
	return out
}

// telling are core fields that say more than when and that it was read.
var telling = []string{
	"source.ip", "destination.ip", "user.name", "host.name", "process.name", "process.executable", "url.original",
	"event.code", "event.action", "dns.question.name", "rule.name", "file.path", "network.protocol", "host.ip", "log.level",
}

// TestCoverage reads all files of the named formats and prints for each the lines,
// those that a parser knew, and those with core fields.
func TestCoverage(t *testing.T) {
	reader := normalise.New(normalise.Options{})
	var lines, parsed, cored int
	for _, s := range samples(t) {
		var n, known, withCore int
		var firstText string
		for _, raw := range sampleRecords(t, s.path) {
			rec := reader.Read(event.Event{Raw: raw, Source: "s", Received: received}, event.Source{})
			n++
			if rec.Class == "text" {
				if firstText == "" {
					firstText = string(raw)
				}
				continue
			}
			known++
			if slices.ContainsFunc(telling, func(name string) bool { _, ok := rec.Fields.Get(name); return ok }) {
				withCore++
			}
		}
		t.Logf("%-10s %-60s %5d lines %5d parsed %5d with core fields", s.format, s.name, n, known, withCore)
		if firstText != "" {
			t.Logf("           first that is not parsed: %.150q", firstText)
		}
		lines, parsed, cored = lines+n, parsed+known, cored+withCore
	}
	t.Logf("total: %d lines, %d parsed (%.2f %%), %d with core fields (%.2f %%)",
		lines, parsed, percent(parsed, lines), cored, percent(cored, lines))
	if percent(parsed, lines) < 95 {
		t.Errorf("%.2f %% parsed, want at least 95 %%", percent(parsed, lines))
	}
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }

// assertion is what a parser of crowdsec's is expected to find in one event.
type assertion struct {
	parser, field, want string
	entry               int
}

var (
	assertLine = regexp.MustCompile(`^results\["[^"]+"\]\["(?:[^"/]+/)?([^"]+)"\]\[(\d+)\]\.(Evt\.\S+) == (".*")$`)
	partLine   = regexp.MustCompile(`^results\["[^"]+"\]\["(?:[^"/]+/)?([^"]+)"\]\[(\d+)\]\.(Evt\.\S+\])\[4:\] == (".*")$`)
)

// assertions reads a *.parser.assert.txt file.
func assertions(tb testing.TB, path string) []assertion {
	tb.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		tb.Fatal(err)
	}
	var out []assertion
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		m, suffix := assertLine.FindStringSubmatch(line), ""
		if p := partLine.FindStringSubmatch(line); p != nil {
			m, suffix = p, "[4:]"
		}
		if m == nil {
			continue
		}
		want, err := strconv.Unquote(m[4])
		if err != nil {
			continue
		}
		entry, _ := strconv.Atoi(m[2])
		out = append(out, assertion{m[1], m[3] + suffix, want, entry})
	}
	return out
}

// locate says which line an entry of a parser is about: the next one that holds
// its message, else the one of that number.
func locate(lines [][]byte, as []assertion) map[string]int {
	at := map[string]int{}
	next := map[string]int{}
	for _, a := range as {
		if a.field != `Evt.Parsed["message"]` {
			continue
		}
		key := a.parser + "#" + strconv.Itoa(a.entry)
		if _, again := at[key]; again || a.want == "" {
			continue
		}
		for k := range lines {
			i := (next[a.parser] + k) % len(lines)
			if bytes.Contains(lines[i], []byte(strings.TrimSpace(a.want))) {
				at[key], next[a.parser] = i, i+1
				break
			}
		}
	}
	return at
}

// TestExpectedFields compares the records of crowdsec's samples with what its
// parsers are expected to find, by testdata/expected-map.txt. A line and field
// that several stages speak of counts once.
func TestExpectedFields(t *testing.T) {
	type mapped struct{ parser, field, how string }
	table := map[string][]mapped{}
	for _, cols := range columns(t, "testdata/expected-map.txt") {
		how := "text"
		if len(cols) > 3 {
			how = cols[3]
		}
		table[cols[1]] = append(table[cols[1]], mapped{cols[0], cols[2], how})
	}
	reader := normalise.New(normalise.Options{})
	total, right := 0, 0
	for _, s := range samples(t) {
		as := assertions(t, strings.TrimSuffix(s.path, ".log")+".parser.assert.txt")
		lines := sampleRecords(t, s.path)
		places := locate(lines, as)
		done := map[string]bool{}
		n, ok := 0, 0
		for _, a := range as {
			line, found := places[a.parser+"#"+strconv.Itoa(a.entry)]
			if !found {
				if line = a.entry; line >= len(lines) {
					continue
				}
			}
			for _, m := range table[a.field] {
				if m.parser != "*" && m.parser != a.parser || s.format == "syslog" && a.parser != "syslog-logs" {
					continue
				}
				once := strconv.Itoa(line) + m.field + a.want
				if done[once] {
					continue
				}
				done[once] = true
				rec := reader.Read(event.Event{Raw: lines[line], Source: "s", Received: received}, event.Source{})
				n++
				if got, same := compare(&rec, m.field, m.how, a.want); same {
					ok++
				} else {
					t.Logf("miss: %s line %d: %s is %q, expected %q (%s)\n    %.300s", s.name, line, m.field, got, a.want, a.field, lines[line])
				}
			}
		}
		if n > 0 {
			t.Logf("%-60s %4d comparisons %4d right", s.name, n, ok)
		}
		total, right = total+n, right+ok
	}
	t.Logf("total: %d comparisons, %d right (%.2f %%), %d misses", total, right, percent(right, total), total-right)
	if percent(right, total) < 90 || total < 300 {
		t.Errorf("%d of %d comparisons right, want at least 90 %% of 300", right, total)
	}
}

// compare looks for want among the values of the field.
func compare(rec *event.Record, field, how, want string) (got string, same bool) {
	for _, f := range rec.Fields {
		if f.Name != field {
			continue
		}
		got = f.Value
		switch how {
		case "word":
			same = strings.EqualFold(got, want)
		case "time", "daytime":
			same = sameTime(rec.Time, want, how == "daytime")
		default:
			same = got == want
		}
		if same {
			return got, true
		}
	}
	return got, false
}

func sameTime(got time.Time, want string, anyYear bool) bool {
	if anyYear {
		return strings.HasSuffix(got.Format(time.RFC3339Nano), want)
	}
	t, err := time.Parse(time.RFC3339Nano, want)
	return err == nil && t.Equal(got)
}
