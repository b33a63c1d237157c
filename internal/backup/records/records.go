// Package records copies the records of a station that may be running, and checks
// a copy.
package records

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Copy makes a consistent copy of the SQLite database from as the file into, which
// must be empty or missing. It reads in one transaction: what is committed while it
// works is not in the copy, and nobody has to wait.
func Copy(ctx context.Context, from, into string) (err error) {
	db, err := open(from)
	if err != nil {
		return fmt.Errorf("copy records: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", into); err != nil {
		return fmt.Errorf("copy records: %w", err)
	}
	return nil
}

// Check reads a whole database that nobody writes and fails when its pages do not
// fit together.
func Check(ctx context.Context, path string) (err error) {
	db, err := open(path)
	if err != nil {
		return fmt.Errorf("check records: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return fmt.Errorf("check records: %w", err)
	}
	if found != "ok" {
		return fmt.Errorf("check records: %s", found)
	}
	return nil
}

// open opens a database that exists for reading.
func open(path string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	query := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)", "trusted_schema(0)", "temp_store(MEMORY)"}}
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}
