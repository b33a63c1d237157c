package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

// A ledger that takes no records must not keep out those who come to repair it.
// What they do then goes to a side journal: a file of the same lines, synced one
// by one, which the next start seals.

// longestJournal bounds the file, in bytes; a full one refuses.
const longestJournal = 16 << 20

var errJournalFull = errors.New("the side journal is full")

type journal struct {
	path string // "": there is none
	mu   sync.Mutex
}

// repair reports whether a record may go to the journal: signing in and out, what
// the owner of the host does, and denials. Everything else waits for the ledger.
func repair(a httpapi.Audit) bool {
	return a.Outcome == httpapi.Denied || a.Actor.Kind == authz.Local || a.Operation == "sign-in" || a.Operation == "sign-out"
}

// add appends one line durably.
func (j *journal) add(line []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	f, err := os.OpenFile(filepath.Clean(j.path), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open side journal: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.Size()+int64(len(line)) >= longestJournal {
		err = errJournalFull
	}
	if err == nil {
		_, err = f.Write(append(line, '\n'))
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil && info.Size() == 0 {
		err = syncFolder(j.path)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write side journal: %w", err)
	}
	return nil
}

// Recall seals what the side journal holds and removes it. It is called at start,
// before requests are served. When it fails the journal stays as it was; records
// that were sealed by then are sealed once more at the next start, and can be
// told by their http.request.id.
func (r *Recorder) Recall(ctx context.Context) error {
	if r.side.path == "" {
		return nil
	}
	r.side.mu.Lock()
	defer r.side.mu.Unlock()
	text, err := os.ReadFile(r.side.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read side journal: %w", err)
	}
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		// A line that a crash has cut is kept as it is.
		if _, err := r.o.Ledger.SealOwn(ctx, Kind, line); err != nil {
			return fmt.Errorf("seal side journal: %w", err)
		}
	}
	if err := os.Remove(r.side.path); err != nil {
		return fmt.Errorf("remove side journal: %w", err)
	}
	if err := syncFolder(r.side.path); err != nil {
		return fmt.Errorf("remove side journal: %w", err)
	}
	return nil
}

// syncFolder makes the names in the folder of path durable.
func syncFolder(path string) error {
	f, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
