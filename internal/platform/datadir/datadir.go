// Package datadir opens the folder that a station lives in: made for its owner
// only, locked against a second process, refused when a newer version wrote it.
package datadir

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Format is the number of the folder's layout that this version writes.
const Format = 1

// Why a folder cannot be used.
var (
	ErrLocked = errors.New("another process uses this data directory")
	ErrNewer  = errors.New("a newer version of Fengsui wrote this data directory")
)

// Names inside the folder.
const (
	formatFile = "format"
	lockFile   = "lock"
	keyFolder  = "keys"
	signerFile = "ledger.key"
)

// Dir is an open data directory. Nobody else has it until Close.
type Dir struct {
	path string
	lock *os.File
}

// Open opens the folder and makes it when it is missing. It fails with
// [ErrLocked] or [ErrNewer], and when the folder exists and holds something else.
func Open(path string) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open data directory: %w", err)
	}
	d := &Dir{path: path}
	// Looked at before anything is touched: the path may be a slip of the hand.
	if _, err := d.format(); err != nil {
		return nil, fmt.Errorf("open data directory %s: %w", path, err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("open data directory: %w", err)
	}
	if err := os.Chmod(path, 0o700); err != nil { //nolint:gosec // a folder needs its owner's x
		return nil, fmt.Errorf("open data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(path, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open data directory: %w", err)
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(fmt.Errorf("open data directory %s: %w", path, err), f.Close())
	}
	d.lock = f
	known, err := d.format()
	if err == nil && !known {
		err = d.write(formatFile, strconv.Itoa(Format)+"\n")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open data directory %s: %w", path, err), f.Close())
	}
	return d, nil
}

// format reports whether the folder is a data directory of a version that is
// known here. A missing folder, and one that holds nothing of somebody else, is
// none yet; any other is an error.
func (d *Dir) format() (known bool, err error) {
	text, err := os.ReadFile(filepath.Join(d.path, formatFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, d.vacant()
	}
	if err != nil {
		return false, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	switch {
	case err != nil || n < 1:
		return false, fmt.Errorf("its file %s cannot be read", formatFile)
	case n > Format:
		return false, fmt.Errorf("%w: format %d, this version knows %d", ErrNewer, n, Format)
	}
	return true, nil
}

// vacant returns nil when nothing lies in the folder but what a crash during the
// first start leaves.
func (d *Dir) vacant() error {
	entries, err := os.ReadDir(d.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); name != lockFile && name != formatFile+".tmp" && !strings.HasPrefix(name, ".") {
			return fmt.Errorf("it holds %q and is no data directory of a station", name)
		}
	}
	return nil
}

// write makes a small file whole or not at all, readable by its owner only.
func (d *Dir) write(name, text string) error {
	path := filepath.Join(d.path, name)
	f, err := os.OpenFile(path+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Close lets others have the folder.
func (d *Dir) Close() error { return d.lock.Close() }

// Path returns the path of a name inside the folder.
func (d *Dir) Path(name string) string { return filepath.Join(d.path, name) }

// Signer returns the key that signs the ledger's checkpoints, and its verifier
// key. It is made the first time and never changed. A key that others can read
// is refused.
func (d *Dir) Signer(origin string) (note.Signer, string, error) {
	if err := os.MkdirAll(d.Path(keyFolder), 0o700); err != nil {
		return nil, "", fmt.Errorf("keys: %w", err)
	}
	name := filepath.Join(keyFolder, signerFile)
	text, err := os.ReadFile(d.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		secret, public, err := note.GenerateKey(rand.Reader, origin)
		if err != nil {
			return nil, "", fmt.Errorf("make the ledger's key: %w", err)
		}
		if err := d.write(name, secret+"\n"+public+"\n"); err != nil {
			return nil, "", fmt.Errorf("store the ledger's key: %w", err)
		}
		text = []byte(secret + "\n" + public + "\n")
	} else if err != nil {
		return nil, "", fmt.Errorf("read the ledger's key: %w", err)
	}
	info, err := os.Stat(d.Path(name))
	if err != nil {
		return nil, "", fmt.Errorf("read the ledger's key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, "", fmt.Errorf("read the ledger's key: others can read %s: chmod 600 it, and think of it as known", d.Path(name))
	}
	secret, public, ok := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if !ok {
		return nil, "", fmt.Errorf("read the ledger's key: %s is not two lines", name)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, "", fmt.Errorf("read the ledger's key: %w", err)
	}
	return signer, public, nil
}
