// Command licences checks that every module linked into the binary has a
// permissive licence, and lists them with --list.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// permissive lists the licences that may be linked in, by SPDX id.
func permissive() []string {
	return []string{"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "Unlicense", "CC0-1.0", "Zlib", "MIT-0"}
}

func main() {
	list := flag.Bool("list", false, "print every module with its licences")
	flag.Parse()
	if err := run(os.Stdout, *list); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

type module struct{ Path, Version, Dir string }

func run(out io.Writer, list bool) error {
	mods, err := linked("./cmd/fengsui")
	if err != nil {
		return err
	}
	var bad []string
	for _, m := range mods {
		ids, err := licences(m.Dir)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
		if list {
			_, _ = fmt.Fprintf(out, "%s %s %s\n", m.Path, m.Version, strings.Join(ids, ","))
		}
		allowed := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(permissive(), id) })
		if len(allowed) == 0 || len(allowed) < len(ids) {
			bad = append(bad, fmt.Sprintf("%s: %q", m.Path, ids))
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("not on the list of permissive licences: %s", strings.Join(bad, "; "))
	}
	_, err = fmt.Fprintf(out, "%d linked modules, all permissive\n", len(mods))
	return err
}

// linked returns the modules of the packages that the binary is built from.
func linked(pkg string) ([]module, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=Module", pkg)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	seen := map[string]module{}
	dec := json.NewDecoder(bytes.NewReader(text))
	for {
		var p struct {
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read package list: %w", err)
		}
		if p.Module != nil && !p.Module.Main {
			seen[p.Module.Path] = module{p.Module.Path, p.Module.Version, p.Module.Dir}
		}
	}
	var out []module
	for _, m := range seen {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// licences returns the SPDX ids found in the licence files of a module.
func licences(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		// A list of others' licences speaks of modules that are looked at by
		// themselves when they are linked in.
		if e.IsDir() || strings.Contains(name, "3RD-PARTY") || !strings.HasPrefix(name, "LICENSE") && !strings.HasPrefix(name, "LICENCE") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		for _, m := range licensecheck.Scan(text).Match {
			if !slices.Contains(ids, m.ID) {
				ids = append(ids, m.ID)
			}
		}
	}
	slices.Sort(ids)
	return ids, nil
}
