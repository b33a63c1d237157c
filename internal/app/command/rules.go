package command

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fengsui/fengsui/internal/ruleset"
	"github.com/fengsui/fengsui/rules"
	"github.com/fengsui/fengsui/sigma"
)

// Rules holds the commands about detection rules.
type Rules struct {
	Check RulesCheck `cmd:"" help:"Say of every rule whether it can be used"`
}

// RulesCheck is `fengsui rules check PATH…`.
type RulesCheck struct {
	Paths []string `arg:"" name:"path" help:"Rule files or folders, such as SigmaHQ's tree" type:"path"`
}

// checked is one line of `rules check`.
type checked struct {
	File   string `json:"file"`
	RuleID string `json:"rule_id"`
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// Run prints one object per rule and fails with [Found] when one is invalid.
func (c *RulesCheck) Run(out Output) error {
	mapping, err := shippedMapping()
	if err != nil {
		return err
	}
	enc := encoder(out.Out)
	bad, total := 0, 0
	for _, path := range c.Paths {
		err := eachRule(path, mapping, func(file string, e ruleset.Entry) error {
			total++
			if e.Status == ruleset.Invalid {
				bad++
			}
			return enc.Encode(checked{File: file, RuleID: e.ID, Status: string(e.Status), Reason: e.Reason})
		})
		if err != nil {
			return fmt.Errorf("check rules %s: %w", path, err)
		}
	}
	if bad > 0 {
		return Found{fmt.Sprintf("%d of %d rules are invalid", bad, total)}
	}
	return nil
}

// shippedMapping returns the field names per log source that the station uses.
func shippedMapping() (*sigma.Mapping, error) {
	m, err := sigma.ParseMapping(rules.Mapping()...)
	if err != nil {
		return nil, fmt.Errorf("read the shipped mapping: %w", err)
	}
	return m, nil
}

// eachRule calls fn for every rule in a file or below a folder. A file that was
// named itself must hold rules; in folders other YAML files are passed over.
func eachRule(path string, mapping *sigma.Mapping, fn func(file string, e ruleset.Entry) error) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	var files []ruleset.File
	var folder fs.FS
	base := path
	if info.IsDir() {
		folder = os.DirFS(path)
		files, err = ruleset.Read(folder, ".")
	} else {
		base = filepath.Dir(path)
		var data []byte
		if data, err = os.ReadFile(path); err == nil {
			files = []ruleset.File{{Path: filepath.Base(path), Data: data}}
		}
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		for _, e := range ruleset.Parse(f, sigma.Options{Mapping: mapping}, !info.IsDir()) {
			if err := fn(filepath.Join(base, filepath.FromSlash(f.Path)), e); err != nil {
				return err
			}
		}
	}
	return nil
}
