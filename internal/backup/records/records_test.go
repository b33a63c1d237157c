package records_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/backup/records"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
)

// The two tables always hold the same number of rows to whoever reads in one
// transaction.
const tables = `-- +goose Up
CREATE TABLE sample_left (id TEXT PRIMARY KEY, text TEXT);
CREATE TABLE sample_right (id TEXT PRIMARY KEY, text TEXT);
-- +goose Down
DROP TABLE sample_left;
DROP TABLE sample_right;
`

func station(t *testing.T, dir string) (string, *sqldb.DB) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "records.db")
	db, err := sqldb.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := sqldb.Migrate(t.Context(), db, "sample", fstest.MapFS{"00001_step.sql": {Data: []byte(tables)}}); err != nil {
		t.Fatal(err)
	}
	return path, db
}

func add(ctx context.Context, db *sqldb.DB, id string) error {
	return db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, table := range []string{"sample_left", "sample_right"} {
			if _, err := tx.ExecContext(ctx, "INSERT INTO "+table+" VALUES (?, hex(randomblob(200)))", id); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestCopyBesideAWriter(t *testing.T) {
	path, db := station(t, filepath.Join(t.TempDir(), "a dir with ? and #"))
	for i := range 200 {
		if err := add(t.Context(), db, "before"+strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	begun := make(chan struct{})
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if err := add(t.Context(), db, "while"+strconv.Itoa(i)); err != nil {
				t.Error(err)
			}
			if i == 3 {
				close(begun)
			}
		}
	})
	<-begun
	for i := range 5 {
		into := filepath.Join(t.TempDir(), "copy.db")
		if err := records.Copy(t.Context(), path, into); err != nil {
			t.Fatal(err)
		}
		if err := records.Check(t.Context(), into); err != nil {
			t.Error(err)
		}
		if list, err := os.ReadDir(filepath.Dir(into)); err != nil || len(list) != 1 {
			t.Errorf("beside the copy: %v, %v", list, err)
		}
		got, err := sqldb.Open(t.Context(), into)
		if err != nil {
			t.Fatal(err)
		}
		var left, right int
		row := got.Read.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM sample_left), (SELECT count(*) FROM sample_right)")
		if err := row.Scan(&left, &right); err != nil || left != right || left < 204 {
			t.Errorf("copy %d: %d rows and %d, %v", i, left, right, err)
		}
		if err := got.Close(); err != nil {
			t.Error(err)
		}
	}
	cancel()
	wg.Wait()
}

func TestCopyNeedsRecords(t *testing.T) {
	dir := t.TempDir()
	if err := records.Copy(t.Context(), filepath.Join(dir, "missing.db"), filepath.Join(dir, "copy.db")); err == nil {
		t.Error("copied records that are not there")
	}
	if _, err := os.Stat(filepath.Join(dir, "missing.db")); err == nil {
		t.Error("made the records it should have read")
	}
}

func TestCheckFindsDamage(t *testing.T) {
	path, db := station(t, t.TempDir())
	for i := range 100 {
		if err := add(t.Context(), db, strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	into := filepath.Join(t.TempDir(), "copy.db")
	if err := records.Copy(t.Context(), path, into); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(into)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func() []byte{
		"a page of zeros": func() []byte { c := append([]byte(nil), b...); clear(c[4096*3 : 4096*4]); return c },
		"half a file":     func() []byte { return b[:len(b)/2] },
		"something else":  func() []byte { return []byte("the records\n") },
	} {
		t.Run(name, func(t *testing.T) {
			bad := filepath.Join(t.TempDir(), "bad.db")
			if err := os.WriteFile(bad, change(), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := records.Check(t.Context(), bad); err == nil {
				t.Error("found nothing wrong")
			}
		})
	}
}
