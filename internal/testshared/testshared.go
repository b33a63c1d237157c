// Package testshared finds the project's shared test data, which lives beside
// the repository and is not part of it.
package testshared

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the path of elem inside the shared test data. Without the data the
// test is skipped, or fails where FENGSUI_REQUIRE_SHARED is 1.
//
// The data is looked for at FENGSUI_SHARED, else in the folder "shared" beside
// the repository.
func Dir(tb testing.TB, elem ...string) string {
	tb.Helper()
	base := os.Getenv("FENGSUI_SHARED")
	if base == "" {
		base = filepath.Join(root(tb), "..", "shared")
	}
	path := filepath.Join(append([]string{base}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("FENGSUI_REQUIRE_SHARED") == "1" {
			tb.Fatalf("shared test data not found: %s", filepath.Join(elem...))
		}
		tb.Skipf("shared test data not found: %s", filepath.Join(elem...))
	}
	return path
}

// root returns the folder of go.mod at or above the working directory.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			tb.Fatal("no go.mod above the working directory")
		}
		dir = up
	}
}
