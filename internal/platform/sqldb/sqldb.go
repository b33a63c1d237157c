// Package sqldb opens the station's records and brings their tables up to date.
//
// SQLite has one writer: DB.Write holds a single connection, so that writers
// queue in the program instead of failing in the database; DB.Read is a pool of
// connections that cannot write. What is committed survives a power cut (WAL,
// synchronous=FULL).
//
// Times are written in UTC; their text form orders as the times do.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// DB is the records database. Both handles are safe for concurrent use.
type DB struct {
	Read  *bun.DB // many connections, read only
	Write *bun.DB // one connection; transactions begin as writers
}

// readers is the size of the read pool. More would only wait for the disk.
const readers = 8

// busy is how long a connection waits for another process that holds the lock,
// such as a backup.
const busy = 10 * time.Second

// Open opens the SQLite file at path and creates it, readable by its owner
// only, when it is not there. The caller closes the DB.
func Open(ctx context.Context, path string) (*DB, error) {
	// Created here, because SQLite would follow the umask.
	file, err := os.OpenFile(filepath.Clean(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open records: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("open records: %w", err)
	}
	write, err := connect(ctx, path, false)
	if err != nil {
		return nil, err
	}
	read, err := connect(ctx, path, true)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &DB{Read: read, Write: write}, nil
}

func connect(ctx context.Context, path string, readOnly bool) (*bun.DB, error) {
	pragmas := []string{
		fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds()), // first: the others may have to wait
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "trusted_schema(0)",
		"temp_store(MEMORY)", "journal_size_limit(67108864)",
	}
	query := url.Values{"_txlock": {"immediate"}}
	if readOnly {
		pragmas = append(pragmas, "query_only(1)")
		query = url.Values{"_txlock": {"deferred"}}
	}
	query["_pragma"] = pragmas
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open records: %w", err)
	}
	size := 1
	if readOnly {
		size = readers
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open records %s: %w", filepath.Base(path), err), db.Close())
	}
	return bun.NewDB(db, sqlitedialect.New()), nil
}

// room is how much Reserve takes, in bytes: thousands of sessions, notes on alerts
// and cursors. It is more than the 1000 pages at which SQLite empties its log, so
// that the log is used again from its beginning afterwards.
const room = 5 << 20

// Reserve takes room on the disk, in the file and in its write-ahead log, so that
// the records can still be written for a while when the disk is full: people have
// to sign in then. It is called at each start, because SQLite removes the log at
// the end. An error means that there is not that much room; everything works, as
// long as there is any.
func (d *DB) Reserve(ctx context.Context) error {
	// Two transactions: pages that one transaction takes and gives back are
	// never written.
	for _, statement := range []string{
		"DROP TABLE IF EXISTS sqldb_room", // of a start that was cut off
		"CREATE TABLE sqldb_room (room BLOB)",
		fmt.Sprintf("INSERT INTO sqldb_room VALUES (zeroblob(%d))", room),
		"DROP TABLE sqldb_room",
	} {
		if _, err := d.Write.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("take room for the records: %w", err)
		}
	}
	return nil
}

// Close closes both handles.
func (d *DB) Close() error {
	return errors.Join(d.Read.Close(), d.Write.Close())
}

// InTx runs fn in one writing transaction, which is rolled back when fn fails.
// fn must use tx only: the writing connection is taken until fn returns.
func (d *DB) InTx(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	return d.Write.RunInTx(ctx, nil, fn)
}

// ErrNewer says that the tables were written by a newer version of the station.
var ErrNewer = errors.New("the records were written by a newer version")

var capabilityName = regexp.MustCompile(`^[a-z][a-z0-9]{1,30}$`)

// Migrate brings the tables of one capability up to date. The files are goose
// migrations at the root of files; the version is kept in the table
// goose_<name>. A database with a version that files do not know is refused
// with [ErrNewer].
func Migrate(ctx context.Context, db *DB, name string, files fs.FS) error {
	if !capabilityName.MatchString(name) {
		return fmt.Errorf("migrate %q: not the name of a capability", name)
	}
	store, err := database.NewStore(database.DialectSQLite3, "goose_"+name)
	if err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	provider, err := goose.NewProvider("", db.Write.DB, files,
		goose.WithStore(store), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("migrate %s: read version: %w", name, err)
	}
	if current > target {
		return fmt.Errorf("migrate %s: tables are of version %d, this program knows %d: %w", name, current, target, ErrNewer)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", name, err)
	}
	return nil
}
