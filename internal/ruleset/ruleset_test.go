package ruleset_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/ruleset"
	"github.com/fengsui/fengsui/internal/testshared"
	"github.com/fengsui/fengsui/rules"
	"github.com/fengsui/fengsui/sigma"
)

func TestReadTakesRuleFilesOnly(t *testing.T) {
	folder := fstest.MapFS{
		"b/x.yml": {Data: []byte("x")}, "a.yaml": {Data: []byte("y")}, "README.md": {}, ".git/z.yml": {}, "b/.hidden.yml": {}, "C.YML": {Data: []byte("z")},
	}
	files, err := ruleset.Read(folder, ".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Path)
	}
	if diff := cmp.Diff([]string{"C.YML", "a.yaml", "b/x.yml"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	big := fstest.MapFS{"big.yml": {Data: make([]byte, 2<<20)}}
	if _, err := ruleset.Read(big, "."); err == nil || !strings.Contains(err.Error(), "big.yml") {
		t.Errorf("a file that is too large: %v", err)
	}
}

func TestParseKeepsForeignFilesWhenAsked(t *testing.T) {
	f := ruleset.File{Path: "other.yaml", Data: []byte("a: 1\n")}
	if got := ruleset.Parse(f, sigma.Options{}, false); len(got) != 0 {
		t.Errorf("passed over: %+v", got)
	}
	if got := ruleset.Parse(f, sigma.Options{}, true); len(got) != 1 || got[0].Status != ruleset.Invalid || got[0].Reason == "" {
		t.Errorf("named: %+v", got)
	}
}

// TestSigmaHQ reads the public rules as they are: all of the core set but a
// handful compile, and whatever does not says why.
func TestSigmaHQ(t *testing.T) {
	mapping, err := sigma.ParseMapping(rules.Mapping()...)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[ruleset.Status]int{}
	core := []string{"rules", "rules-compliance", "rules-emerging-threats", "rules-threat-hunting"}
	compiled := 0
	for _, f := range sigmaHQ(t) {
		for _, e := range ruleset.Parse(f, sigma.Options{Mapping: mapping}, false) {
			counts[e.Status]++
			inCore := slices.Contains(core, strings.Split(f.Path, "/")[0])
			if e.Status == ruleset.OK && inCore {
				compiled++
			}
			if e.Status != ruleset.OK {
				if e.Reason == "" {
					t.Errorf("%s was refused without a reason", f.Path)
				}
				if inCore {
					t.Logf("%s %s: %s", e.Status, f.Path, e.Reason)
				}
			}
		}
	}
	t.Logf("rules compiled %d, of them core %d; unsupported %d, invalid %d", counts[ruleset.OK], compiled, counts[ruleset.Unsupported], counts[ruleset.Invalid])
	if compiled < 3750 {
		t.Errorf("%d core rules compile, want at least 3,750", compiled)
	}
}

func sigmaHQ(t *testing.T) []ruleset.File {
	t.Helper()
	f, err := os.Open(testshared.Dir(t, "sigma", "sigmahq-rules.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []ruleset.File
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(h.Name, "./"), "sigmahq/")
		if strings.HasSuffix(name, ".yml") && h.Typeflag == tar.TypeReg {
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, ruleset.File{Path: name, Data: data})
		}
	}
}
