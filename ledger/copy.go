package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
)

// outside is what is known of a folder that checkpoints are copied to.
type outside struct {
	looked bool   // what stood there before this life was read
	ends   uint64 // the checkpoints of segments that end up to here are there
}

// copyOut brings the newest checkpoint, and those of segments that were closed, to
// every folder. A folder that fails is named in Status and does not hold up the
// others.
func (l *Log) copyOut(ctx context.Context, newest Checkpoint, ends []point) {
	through := newest.Size
	for i, place := range l.o.CopyTo {
		if ctx.Err() != nil {
			return
		}
		err := l.copyTo(place, &l.outside[i], newest, ends)
		through = min(through, l.outside[i].ends)
		l.mu.Lock()
		if err != nil {
			l.copies[i].Error = err.Error()
		} else {
			l.copies[i] = Copy{Place: place, Time: l.o.Now().UTC(), Size: newest.Size}
		}
		l.mu.Unlock()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends = slices.DeleteFunc(l.ends, func(p point) bool { return p.size <= through })
}

// copyTo writes to one folder. It never replaces a checkpoint that speaks of more,
// or of another history, than this ledger has: that is the proof somebody needs.
func (l *Log) copyTo(dir string, o *outside, newest Checkpoint, ends []point) error {
	if !o.looked {
		if err := l.compareOutside(dir, newest); err != nil {
			return err
		}
		if err := l.publishKey(dir); err != nil {
			return err
		}
		o.looked = true
	}
	for _, p := range ends {
		if p.size <= o.ends {
			continue
		}
		n, err := l.statement(p)
		if err != nil {
			return err
		}
		if err := l.keepEnd(dir, fmt.Sprintf("%s-%020d", checkpointName, p.size), n); err != nil {
			return err
		}
		o.ends = p.size
	}
	o.ends = newest.Size
	return writeWhole(l.o, dir, checkpointName, newest.Note)
}

// compareOutside compares what stood in a folder before this life.
func (l *Log) compareOutside(dir string, newest Checkpoint) error {
	b, err := readWhole(l.o.FS, filepath.Join(dir, checkpointName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the checkpoint there: %w", err)
	}
	c, err := ParseCheckpoint(b, nil)
	switch {
	case err != nil:
		return nil // unreadable: it proves nothing, and the new one replaces it
	case c.Origin != l.o.Origin:
		return fmt.Errorf("the checkpoint there is of another log, %q", c.Origin)
	case c.Size > newest.Size:
		return fmt.Errorf("the checkpoint there speaks of %d events and the ledger has %d: the ledger was rolled back", c.Size, newest.Size)
	case c.Size == newest.Size && c.Root != newest.Root:
		return fmt.Errorf("the checkpoint there speaks of another history of %d events", c.Size)
	}
	return nil
}

// keepEnd stores the checkpoint of a closed segment, for good.
func (l *Log) keepEnd(dir, name string, content []byte) error {
	have, err := readWhole(l.o.FS, filepath.Join(dir, name))
	switch {
	case err == nil && bytes.Equal(have, content):
		return nil
	case err == nil:
		if c, perr := ParseCheckpoint(have, nil); perr == nil && !sameHistory(c, content) {
			return fmt.Errorf("%s there speaks of another history", name)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read %s there: %w", name, err)
	}
	return writeWhole(l.o, dir, name, content)
}

func sameHistory(c Checkpoint, content []byte) bool {
	own, err := ParseCheckpoint(content, nil)
	return err == nil && own.Size == c.Size && own.Root == c.Root && own.Head == c.Head
}
