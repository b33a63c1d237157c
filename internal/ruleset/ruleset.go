// Package ruleset reads folders of Sigma rules as they lie on a disk, such as
// SigmaHQ's tree, and says of every rule whether it can be used.
package ruleset

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/fengsui/fengsui/sigma"
)

// Status says whether a rule can be used.
type Status string

// The statuses of a rule.
const (
	OK          Status = "ok"
	Unsupported Status = "unsupported" // keeps to the specification and cannot be done here
	Invalid     Status = "invalid"     // breaks the specification
)

// Limits of what is read.
const (
	maxFile  = 1 << 20 // bytes of one file
	maxFiles = 50_000  // of one folder
)

// File is one rule file that was read.
type File struct {
	Path string // inside the folder, with slashes
	Data []byte
}

// Entry is one YAML document of a rule file.
type Entry struct {
	Path   string
	ID     string      // as far as it could be read
	Rule   *sigma.Rule // nil when Status is not OK or the rule could not be read
	Status Status
	Reason string // why it is not OK
}

// Read returns the files below root that end in .yml or .yaml, ordered by path.
// Names that begin with a dot are left out. It fails when the folder cannot be
// read or holds more than 50,000 files.
func Read(folder fs.FS, root string) ([]File, error) {
	var files []File
	err := fs.WalkDir(folder, root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != root && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular() || !isRuleFile(name):
			return nil
		case len(files) == maxFiles:
			return fmt.Errorf("more than %d rule files", maxFiles)
		}
		data, err := readFile(folder, name)
		if err != nil {
			return err
		}
		files = append(files, File{Path: name, Data: data})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

func isRuleFile(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".yml" || ext == ".yaml"
}

func readFile(folder fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("read %s: larger than %d bytes", name, maxFile)
	}
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}

// Parse reads the documents of a file and tries to compile each. YAML documents
// that are no rules at all are left out, unless keepForeign asks to name them.
func Parse(f File, opts sigma.Options, keepForeign bool) []Entry {
	docs := sigma.ParseDocuments(f.Data)
	out := make([]Entry, 0, len(docs))
	for _, d := range docs {
		if d.Foreign && !keepForeign {
			continue
		}
		e := Entry{Path: f.Path, ID: d.ID, Rule: d.Rule, Status: OK}
		err := d.Err
		if err == nil {
			err = sigma.Check(d.Rule, opts)
		}
		if err != nil {
			e.Rule, e.Status, e.Reason = nil, Invalid, reason(err)
			if errors.Is(err, sigma.ErrUnsupported) {
				e.Status = Unsupported
			}
		}
		out = append(out, e)
	}
	return out
}

// reason is what is wrong, without the name of the rule.
func reason(err error) string {
	if re, ok := errors.AsType[*sigma.RuleError](err); ok {
		return re.Text()
	}
	return err.Error()
}
