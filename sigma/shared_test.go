package sigma_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/testshared"
	"github.com/fengsui/fengsui/sigma"
)

// origin is the logsource object of the shared data: a category is text or a
// list.
type origin struct {
	Product, Service string
	Category         any
}

func (o origin) sigma() sigma.Origin {
	out := sigma.Origin{Product: o.Product, Service: o.Service}
	switch c := o.Category.(type) {
	case string:
		out.Categories = []string{c}
	case []any:
		for _, e := range c {
			if s, ok := e.(string); ok {
				out.Categories = append(out.Categories, s)
			}
		}
	}
	return out
}

type vector struct {
	ID, Rule, Feature, Note string
	Event                   map[string]any
	Expect                  any
	EventLogsource          *origin `json:"event_logsource"`
	Placeholders            map[string][]string
	Filters                 []string
	Ambiguous               bool
}

// run answers true, false or "reject".
func (v vector) run() (any, error) {
	rules, err := sigma.Parse([]byte(v.Rule))
	if err != nil {
		return "reject", err
	}
	opts := sigma.Options{Placeholders: v.Placeholders}
	for _, f := range v.Filters {
		fs, err := sigma.Parse([]byte(f))
		if err != nil {
			return "reject", err
		}
		opts.Filters = append(opts.Filters, fs...)
	}
	m, err := sigma.Compile(rules[0], opts)
	if err != nil {
		return "reject", err
	}
	var o sigma.Origin
	if v.EventLogsource != nil {
		o = v.EventLogsource.sigma()
	}
	_, ok := m.Match(sigma.NewMapRecord(v.Event, o))
	return ok, nil
}

func TestVectors(t *testing.T) {
	data, err := os.ReadFile(testshared.Dir(t, "sigma", "vectors-detection-dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	total, right, ambiguous := 0, 0, 0
	for line := range bytes.Lines(data) {
		var v vector
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		got, err := v.run()
		if v.Ambiguous {
			if ambiguous++; got != v.Expect {
				t.Logf("%s: got %v, recommended %v (%s) %v", v.ID, got, v.Expect, v.Note, err)
			}
			continue
		}
		total++
		if got == v.Expect {
			right++
		} else {
			t.Errorf("%s: got %v, want %v (%s) %v", v.ID, got, v.Expect, v.Note, err)
		}
	}
	t.Logf("vectors right: %d of %d, besides %d ambiguous", right, total, ambiguous)
	if total < 100 {
		t.Errorf("only %d vectors were read", total)
	}
}

// ruleFile is a file of the SigmaHQ snapshot.
type ruleFile struct {
	name string
	data []byte
}

// coreFolders hold the rules SigmaHQ ships as its main set.
var coreFolders = []string{"rules", "rules-compliance", "rules-emerging-threats", "rules-threat-hunting"}

func coreRules(tb testing.TB) []ruleFile {
	tb.Helper()
	f, err := os.Open(testshared.Dir(tb, "sigma", "sigmahq-rules.tar.gz"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	var out []ruleFile
	for tr := tar.NewReader(gz); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
		parts := strings.Split(path.Clean(h.Name), "/")
		if len(parts) < 3 || !slices.Contains(coreFolders, parts[1]) || path.Ext(h.Name) != ".yml" {
			continue
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, ruleFile{strings.Join(parts[1:], "/"), data})
	}
	return out
}

func TestCoreRulesCompile(t *testing.T) {
	files := coreRules(t)
	compiled := 0
	for _, f := range files {
		rules, err := sigma.Parse(f.data)
		for _, r := range rules {
			if err == nil {
				err = sigma.Check(r, sigma.Options{})
			}
		}
		if err != nil {
			t.Logf("refused: %s: %v", f.name, err)
			if !errors.Is(err, sigma.ErrUnsupported) && !errors.Is(err, sigma.ErrInvalid) {
				t.Errorf("%s: error is neither unsupported nor invalid: %v", f.name, err)
			}
			continue
		}
		compiled++
	}
	t.Logf("core rules compiled: %d of %d", compiled, len(files))
	if len(files) != 3757 || compiled < 3750 {
		t.Errorf("compiled %d of %d core rules, want at least 3750 of 3757", compiled, len(files))
	}
}

type labelled struct {
	ID        string
	Src       string
	Logsource origin
	Event     map[string]any
	Matches   []string
}

// labelRecord adds the name of the file an event was taken from to the text that
// keywords look at: the labels of the shared data were made so (a keyword rule for
// "Metasploit" is labelled on the events of a file of that name).
type labelRecord struct {
	*sigma.MapRecord
	src string
}

func (r labelRecord) Texts(fn func(field, text string) bool) {
	if fn("src", r.src) {
		r.MapRecord.Texts(fn)
	}
}

func (l labelled) record() sigma.Record {
	return labelRecord{sigma.NewMapRecord(l.Event, l.Logsource.sigma()), l.Src}
}

func labelSet(tb testing.TB) *sigma.Set {
	tb.Helper()
	universe, err := os.ReadFile(testshared.Dir(tb, "sigma", "label-universe.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	wanted := map[string]bool{}
	for id := range strings.FieldsSeq(string(universe)) {
		wanted[id] = true
	}
	var rules []*sigma.Rule
	for _, f := range coreRules(tb) {
		rs, err := sigma.Parse(f.data)
		if err != nil {
			continue
		}
		for _, r := range rs {
			if wanted[r.ID] {
				rules = append(rules, r)
			}
		}
	}
	set, errs := sigma.NewSet(rules, sigma.Options{})
	for _, err := range errs {
		tb.Log(err)
	}
	return set
}

// eachLabelled calls fn for every n-th event of a label file.
func eachLabelled(tb testing.TB, name string, n int, fn func(labelled)) {
	tb.Helper()
	f, err := os.Open(testshared.Dir(tb, "sigma", name))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	sc := bufio.NewScanner(gz)
	sc.Buffer(nil, 16<<20)
	for i := 0; sc.Scan(); i++ {
		if i%n != 0 {
			continue
		}
		var l labelled
		dec := json.NewDecoder(bytes.NewReader(sc.Bytes()))
		dec.UseNumber()
		if err := dec.Decode(&l); err != nil {
			tb.Fatal(err)
		}
		fn(l)
	}
	if err := sc.Err(); err != nil {
		tb.Fatal(err)
	}
}

// TestLabels compares the matches of every labelled event with its labels. Under
// the race detector and with -short a sample of the events is taken.
func TestLabels(t *testing.T) {
	set := labelSet(t)
	every := 1
	if raceOn || testing.Short() {
		every = 20
	}
	for _, name := range []string{
		"regression-dev.jsonl.gz", "events-windows-otrf-dev.jsonl.gz",
		"events-windows-evtx2mitre-dev.jsonl.gz", "events-aws-cloudtrail-dev.jsonl.gz",
	} {
		events, equal, matches := 0, 0, 0
		eachLabelled(t, name, every, func(l labelled) {
			got := []string{}
			set.Match(l.record(), func(r *sigma.Rule, _ sigma.Match) {
				got = append(got, r.ID)
			})
			slices.Sort(got)
			slices.Sort(l.Matches)
			if l.Matches == nil {
				l.Matches = []string{}
			}
			events++
			matches += len(got)
			if diff := cmp.Diff(l.Matches, got); diff != "" {
				t.Errorf("%s: matches (-label +got):\n%s", l.ID, diff)
			} else {
				equal++
			}
		})
		t.Logf("%s: %d of %d events equal to their labels, %d matches", name, equal, events, matches)
	}
}
