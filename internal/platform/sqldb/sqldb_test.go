package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/internal/platform/sqldb/sqldbtest"
)

const first = `-- +goose Up
CREATE TABLE sample_room (id TEXT PRIMARY KEY);
CREATE TABLE sample_item (id TEXT PRIMARY KEY, room TEXT REFERENCES sample_room(id), at TIMESTAMPTZ, n BIGINT);
-- +goose Down
DROP TABLE sample_item;
DROP TABLE sample_room;
`

const second = `-- +goose Up
ALTER TABLE sample_item ADD COLUMN note TEXT NOT NULL DEFAULT '';
-- +goose Down
ALTER TABLE sample_item DROP COLUMN note;
`

type item struct {
	bun.BaseModel `bun:"table:sample_item"`

	ID string    `bun:"id,pk"`
	At time.Time `bun:"at"`
	N  int64     `bun:"n"`
}

func files(scripts ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i, s := range scripts {
		m["0000"+string(rune('1'+i))+"_step.sql"] = &fstest.MapFile{Data: []byte(s)}
	}
	return m
}

func TestTimesOrderAsText(t *testing.T) {
	sqldbtest.Each(t, "sample", files(first), func(t *testing.T, db *sqldb.DB) {
		base := time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC)
		offsets := []time.Duration{
			0, time.Microsecond, 10 * time.Microsecond, 500 * time.Millisecond,
			550 * time.Millisecond, time.Second, time.Minute, time.Hour,
		}
		for i, d := range slices.Backward(offsets) {
			row := item{ID: string(rune('a' + i)), At: base.Add(d), N: int64(i)}
			if _, err := db.Write.NewInsert().Model(&row).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var rows []item
		if err := db.Read.NewSelect().Model(&rows).Order("at").Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []time.Duration
		for _, r := range rows {
			got = append(got, r.At.UTC().Sub(base))
		}
		if d := cmp.Diff(offsets, got); d != "" {
			t.Errorf("order by time (-want +got):\n%s", d)
		}
		n, err := db.Read.NewSelect().Model((*item)(nil)).Where("at > ?", base.Add(500*time.Millisecond)).Count(t.Context())
		if err != nil || n != 4 {
			t.Errorf("rows after half a second = %d, %v; want 4", n, err)
		}
	})
}

func TestReadPoolCannotWrite(t *testing.T) {
	db := sqldbtest.Open(t, "sample", files(first))
	if _, err := db.Read.ExecContext(t.Context(), "INSERT INTO sample_room (id) VALUES ('x')"); err == nil {
		t.Error("the read pool wrote a row")
	}
}

func TestForeignKeysHold(t *testing.T) {
	db := sqldbtest.Open(t, "sample", files(first))
	if _, err := db.Write.ExecContext(t.Context(), "INSERT INTO sample_item (id, room) VALUES ('i', 'nowhere')"); err == nil {
		t.Error("an item in a room that does not exist was accepted")
	}
}

func TestSettingsOfEveryConnection(t *testing.T) {
	db := sqldbtest.Open(t, "sample", files(first))
	for name, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000",
	} {
		for role, handle := range map[string]*bun.DB{"read": db.Read, "write": db.Write} {
			var got string
			if err := handle.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s = %q, %v; want %q", role, name, got, err, want)
			}
		}
	}
}

func TestWritersQueue(t *testing.T) {
	db := sqldbtest.Open(t, "sample", files(first))
	if _, err := db.Write.ExecContext(t.Context(), "INSERT INTO sample_item (id, n) VALUES ('i', 0)"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
					var n int64
					if err := tx.QueryRowContext(ctx, "SELECT n FROM sample_item").Scan(&n); err != nil {
						return err
					}
					_, err := tx.ExecContext(ctx, "UPDATE sample_item SET n = ?", n+1)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var n int
	if err := db.Read.QueryRowContext(t.Context(), "SELECT n FROM sample_item").Scan(&n); err != nil || n != 160 {
		t.Errorf("counter = %d, %v; want 160", n, err)
	}
}

func TestFailedTransactionLeavesNothing(t *testing.T) {
	db := sqldbtest.Open(t, "sample", files(first))
	broken := errors.New("broken")
	err := db.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO sample_room (id) VALUES ('x')"); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatalf("InTx = %v, want the error of its function", err)
	}
	var id string
	if err := db.Read.QueryRowContext(t.Context(), "SELECT id FROM sample_room").Scan(&id); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("the row of a failed transaction: %q, %v", id, err)
	}
}

func TestMigrateTwiceAndUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a dir with ? and #", "records.db")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sqldb.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, step := range []fstest.MapFS{files(first), files(first), files(first, second)} {
		if err := sqldb.Migrate(t.Context(), db, "sample", step); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Read.ExecContext(t.Context(), "SELECT note FROM sample_item"); err != nil {
		t.Error(err)
	}
	if err := sqldb.Migrate(t.Context(), db, "sample", files(first)); !errors.Is(err, sqldb.ErrNewer) {
		t.Errorf("older program on newer tables: %v, want ErrNewer", err)
	}
	if err := sqldb.Migrate(t.Context(), db, "sample; DROP", files(first)); err == nil {
		t.Error("a name that is no name was accepted")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the file = %v, %v; want 0600", info, err)
	}
}

func TestReservedRoomIsWrittenWithoutMore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.db")
	sizes := func() (sum int64) {
		for _, name := range []string{path, path + "-wal"} {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			sum += info.Size()
		}
		return sum
	}
	var before int64
	for start := range 2 {
		db, err := sqldb.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(sqldb.Migrate(t.Context(), db, "sample", files(first)), db.Reserve(t.Context())); err != nil {
			t.Fatal(err)
		}
		if start == 1 && sizes() > before {
			t.Errorf("the second start took more: %d bytes, %d before", sizes(), before)
		}
		before = sizes()
		for i := range 300 {
			row := item{ID: fmt.Sprintf("%d-%d", start, i), At: time.Unix(0, 0).UTC()}
			if _, err := db.Write.NewInsert().Model(&row).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if after := sizes(); after != before {
			t.Errorf("start %d: %d bytes, %d reserved", start, after, before)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
