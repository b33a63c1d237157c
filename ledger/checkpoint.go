package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

const (
	checkpointName = "checkpoint"
	keyName        = "key.pub"

	// maxNote is the longest checkpoint or key file that is looked at.
	maxNote = 1 << 16
)

// Checkpoint is what a signed note states about a ledger (docs/format/ledger.md,
// section 7).
type Checkpoint struct {
	Origin string   // name of the log
	Size   uint64   // tree size
	Root   [32]byte // of the tree of that size
	Head   [32]byte // of the chain at that size
	Note   []byte   // the signed note it was read from
}

// ParseCheckpoint reads a signed note. Signatures are checked against keys; with
// nil keys they are not, and the result is a claim of whoever wrote the file.
//
// It fails with an error that wraps [ErrDamaged] when signed is no checkpoint, and
// with one that wraps [note.UnverifiedNoteError] or [note.InvalidSignatureError]
// when no key of keys signed it. Note is a copy.
func ParseCheckpoint(signed []byte, keys note.Verifiers) (Checkpoint, error) {
	if len(signed) > maxNote {
		return Checkpoint{}, fmt.Errorf("checkpoint of %d bytes: %w", len(signed), ErrDamaged)
	}
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	known := keys
	if known == nil {
		known = note.VerifierList()
	}
	n, err := note.Open(signed, known)
	switch {
	case err == nil:
	case errors.As(err, &unverified) && keys == nil:
		n = unverified.Note
	case errors.As(err, &unverified), errors.As(err, &invalid):
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	default:
		return Checkpoint{}, fmt.Errorf("checkpoint: %w: %w", ErrDamaged, err)
	}
	c, err := parseStatement(n.Text)
	c.Note = bytes.Clone(signed)
	return c, err
}

// parseStatement reads the text of a checkpoint: four lines.
func parseStatement(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[0] == "" || lines[4] != "" {
		return Checkpoint{}, fmt.Errorf("checkpoint of %d lines: %w", len(lines)-1, ErrDamaged)
	}
	size, err := strconv.ParseUint(lines[1], 10, 64)
	if err != nil || strconv.FormatUint(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("checkpoint: size %q: %w", lines[1], ErrDamaged)
	}
	c := Checkpoint{Origin: lines[0], Size: size}
	head, ok := strings.CutPrefix(lines[3], "head ")
	if !ok || !parseHash(&c.Root, lines[2]) || !parseHash(&c.Head, head) {
		return Checkpoint{}, fmt.Errorf("checkpoint: hashes: %w", ErrDamaged)
	}
	return c, nil
}

// parseHash reads the one base64 form of a hash.
func parseHash(h *hash, text string) bool {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != hashSize || len(text) != base64.StdEncoding.EncodedLen(hashSize) {
		return false
	}
	*h = hash(b)
	return true
}

// signed is the newest checkpoint of this ledger.
type signed struct {
	at   point
	note []byte    // nil: none yet, or one of another key
	time time.Time // zero: not of this life
	err  string    // why the newest attempt failed
	due  bool      // a segment was closed since
	last time.Time // newest attempt
}

// statement writes and signs the checkpoint of a point.
func (l *Log) statement(p point) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\nhead %s\n", l.o.Origin, p.size,
		base64.StdEncoding.EncodeToString(p.root[:]), base64.StdEncoding.EncodeToString(p.head[:]))
	n, err := note.Sign(&note.Note{Text: text}, l.o.Signer)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of %d events: %w", p.size, err)
	}
	return n, nil
}

// Sign signs what is durable now, stores the checkpoint in the directory and in
// every folder of Options.CopyTo. It does nothing when that was done before.
//
// It fails with an error that wraps [ErrNoCheckpoint] when there is no signer or
// no event yet, with [ErrStopped] after Close, and when the directory cannot be
// written; a folder of CopyTo that fails stands in Status only. What failed is
// tried again by Run.
func (l *Log) Sign(ctx context.Context) error {
	l.mu.Lock()
	closed, empty := l.closed, l.at.size == 0
	l.mu.Unlock()
	switch {
	case closed:
		return fmt.Errorf("sign: %w: closed", ErrStopped)
	case l.o.Signer == nil:
		return fmt.Errorf("sign: no signer: %w", ErrNoCheckpoint)
	case empty:
		return fmt.Errorf("sign: no events: %w", ErrNoCheckpoint)
	}
	return l.sign(ctx)
}

// mustSign reports whether there is something to state now. The caller holds mu.
func (l *Log) mustSign(now time.Time) bool {
	if l.o.Signer == nil || l.at.size == 0 {
		return false
	}
	if l.signed.due {
		return true
	}
	news := l.at != l.signed.at || len(l.ends) > 0 || slices.ContainsFunc(l.copies, func(c Copy) bool { return c.Error != "" })
	return news && now.Sub(l.signed.last).Abs() >= l.o.CheckpointEvery
}

func (l *Log) sign(ctx context.Context) error {
	if l.o.Signer == nil {
		return nil
	}
	l.signing.Lock()
	defer l.signing.Unlock()
	l.mu.Lock()
	at, old, ends := l.at, l.signed, slices.Clone(l.ends)
	l.signed.due, l.signed.last = false, l.o.Now().UTC()
	l.mu.Unlock()
	if at.size == 0 {
		return nil
	}
	n, err := old.note, error(nil)
	if at != old.at || n == nil {
		n, err = l.stateHere(at)
	}
	l.mu.Lock()
	l.signed.err = ""
	if err != nil {
		l.signed.err = err.Error()
	}
	l.mu.Unlock()
	if err != nil {
		return err
	}
	l.copyOut(ctx, Checkpoint{Size: at.size, Root: at.root, Head: at.head, Note: n}, ends)
	return ctx.Err()
}

// stateHere signs a point and stores the checkpoint in the directory.
func (l *Log) stateHere(at point) ([]byte, error) {
	n, err := l.statement(at)
	if err == nil {
		err = writeWhole(l.o, l.s.dir, checkpointName, n)
	}
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.signed.at, l.signed.note, l.signed.time = at, n, l.o.Now().UTC()
	l.mu.Unlock()
	return n, nil
}

// recallCheckpoint takes up the newest checkpoint of the life before. When it
// speaks of what is not there, nothing may be added.
func (l *Log) recallCheckpoint(d *found) error {
	c := d.checkpoint
	if c == nil {
		return nil
	}
	if d.stop == "" {
		d.stop = c.contradicts(d)
	}
	if l.o.Verifier == "" {
		return nil
	}
	v, err := note.NewVerifier(l.o.Verifier)
	if err != nil {
		return fmt.Errorf("open ledger: verifier key: %w", err)
	}
	if _, err := ParseCheckpoint(c.Note, note.VerifierList(v)); err == nil && c.Origin == l.o.Origin {
		l.signed = signed{at: point{c.Size, c.Root, c.Head}, note: c.Note}
	}
	return nil
}

// contradicts says why a directory cannot be the one a checkpoint speaks of.
func (c *Checkpoint) contradicts(d *found) string {
	switch {
	case c.Size > d.size:
		return fmt.Sprintf("the newest checkpoint speaks of %d events and there are %d: the ledger was cut or rolled back", c.Size, d.size)
	case c.Size == d.size && c.Root != rootOf(d.tree), c.Size == d.size && !slices.Contains(d.stated[:], c.Head):
		return fmt.Sprintf("the newest checkpoint speaks of another history of %d events: the ledger was exchanged", c.Size)
	}
	return ""
}

// loadCheckpoint reads the checkpoint of the directory without checking its
// signature. One that cannot be read is named as damage, and nil.
func (s *store) loadCheckpoint() (*Checkpoint, error) {
	b, err := readWhole(s.disk, s.path(checkpointName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // there is none, and that is no error
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	c, err := ParseCheckpoint(b, nil)
	if err != nil {
		s.note(Damage{File: checkpointName, Reason: err.Error()})
		return nil, nil //nolint:nilnil // it is named, and the next one replaces it
	}
	return &c, nil
}

// publishKey stores the verifier key beside the checkpoints of a folder.
func (l *Log) publishKey(dir string) error {
	if l.o.Verifier == "" {
		return nil
	}
	line := []byte(strings.TrimSpace(l.o.Verifier) + "\n")
	have, err := readWhole(l.o.FS, filepath.Join(dir, keyName))
	if err == nil && bytes.Equal(have, line) {
		return nil
	}
	return writeWhole(l.o, dir, keyName, line)
}

// readWhole reads a small file.
func readWhole(disk FS, path string) ([]byte, error) {
	f, err := disk.OpenRead(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	b := make([]byte, min(size, maxNote+1))
	return b, readFull(f, b, 0)
}

// writeWhole replaces a small file: after a crash the old or the new one is there.
func writeWhole(o Options, dir, name string, content []byte) error {
	temp := filepath.Join(dir, name+tempSuffix)
	f, err := o.FS.Create(temp)
	if errors.Is(err, fs.ErrExist) {
		if err = o.FS.Remove(temp); err == nil {
			f, err = o.FS.Create(temp)
		}
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if _, err = f.WriteAt(content, 0); err == nil && !o.break_.noSync {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), o.FS.Remove(temp))
	}
	if err = o.FS.Rename(temp, filepath.Join(dir, name)); err == nil && !o.break_.noSyncDir {
		err = o.FS.SyncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
