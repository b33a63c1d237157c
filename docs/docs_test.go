// Package docs_test holds the documents to what they speak of.
package docs_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the package list anew")

const (
	begin = "<!-- packages -->\n"
	end   = "<!-- /packages -->"
)

// TestArchitectureNamesEveryPackage compares the list in architecture.md with
// go list.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}}: {{.Doc}}", "../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("\n")
	for line := range strings.Lines(string(out)) {
		path, doc, _ := strings.Cut(strings.TrimSpace(line), ": ")
		path = strings.TrimPrefix(strings.TrimPrefix(path, "github.com/fengsui/fengsui"), "/")
		path = strings.TrimSuffix(path, ":") // a package of tests alone has no text here
		if doc == "" && !strings.HasPrefix(path, "test/") && path != "docs" {
			t.Errorf("package %s does not say what it is", path)
		}
		want.WriteString("- `" + path + "`\n")
	}
	want.WriteString("\n")
	text, err := os.ReadFile("architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	list, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("architecture.md has no list of packages")
	}
	if *update {
		if err := os.WriteFile("architecture.md", []byte(head+begin+want.String()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		list = want.String()
	}
	if diff := cmp.Diff(want.String(), list); diff != "" {
		t.Errorf("packages (-go list +architecture.md):\n%s", diff)
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

// TestLinksLeadSomewhere looks for every file that a document links to.
func TestLinksLeadSomewhere(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"../*.md", "*.md", "*/*.md", "../ledger/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	if len(pages) < 8 {
		t.Fatalf("only %d pages were found", len(pages))
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
}
