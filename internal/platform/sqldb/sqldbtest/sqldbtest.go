// Package sqldbtest runs a store's tests on every database engine the station
// knows.
package sqldbtest

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/fengsui/fengsui/internal/platform/sqldb"
)

// Each runs fn once per engine, on an empty database with the migrations of the
// named capability applied. The database is closed when fn returns.
func Each(t *testing.T, name string, files fs.FS, fn func(t *testing.T, db *sqldb.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		fn(t, Open(t, name, files))
	})
}

// Open returns an empty database of the default engine with the migrations of
// the named capability applied. It is closed when the test ends.
func Open(tb testing.TB, name string, files fs.FS) *sqldb.DB {
	tb.Helper()
	db, err := sqldb.Open(tb.Context(), filepath.Join(tb.TempDir(), "records.db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close the records: %v", err)
		}
	})
	if err := sqldb.Migrate(tb.Context(), db, name, files); err != nil {
		tb.Fatal(err)
	}
	return db
}
