package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/internal/platform/datadir"
	"github.com/fengsui/fengsui/ledger/verify"
)

// unfinished marks a folder that is being restored, or was when the machine
// stopped.
const unfinished = "restore-unfinished"

// ErrOccupied refuses to restore over something.
var ErrOccupied = errors.New("something is there: a backup is restored into a folder that is empty or missing")

// RestoreOptions configure a restore. A zero field means its default.
type RestoreOptions struct {
	Data         string         // folder to make, empty or missing; required
	Identities   []age.Identity // see ParseIdentities; required
	Key          string         // verifier key of the ledger, kept elsewhere; "": the one inside is believed
	AllowDamaged bool           // restore a ledger that was damaged when the backup was made
	// Records checks a copy of the records; required.
	Records func(ctx context.Context, path string) error
}

// ParseIdentities reads a file of age identities, one "AGE-SECRET-KEY-…" a line. An
// error never holds what stood in the file.
func ParseIdentities(r io.Reader) ([]age.Identity, error) {
	ids, err := age.ParseIdentities(io.LimitReader(r, maxSmall))
	if err != nil {
		return nil, errors.New("it holds no age identities, or something else besides")
	}
	return ids, nil
}

// Restored says what a restore made.
type Restored struct {
	Manifest  *Manifest
	Files     int
	Bytes     int64 // of the files
	KeyBeside bool  // the only key was the one inside the backup
	Damage    string
}

// Restore makes a data directory of the backup r. It appears under its name when
// everything was checked; after an error there is nothing. What an interruption
// leaves, NAME.tmp, starts no station and is removed by the next restore.
//
// It fails with [ErrIdentity], [ErrFormat], [ErrDamaged], [ErrSignature],
// [ErrOccupied] and [datadir.ErrNewer].
func Restore(ctx context.Context, r io.Reader, o RestoreOptions) (Restored, error) {
	if o.Data == "" || o.Records == nil || len(o.Identities) == 0 {
		return Restored{}, errors.New("restore: data directory, identities or checker of records is missing")
	}
	data, err := filepath.Abs(o.Data)
	if err != nil {
		return Restored{}, fmt.Errorf("restore: %w", err)
	}
	o.Data = data
	out, err := o.restore(ctx, r)
	if err != nil {
		return Restored{}, fmt.Errorf("restore into %s: %w", o.Data, err)
	}
	return out, nil
}

func (o *RestoreOptions) restore(ctx context.Context, r io.Reader) (out Restored, err error) {
	if err := vacant(o.Data); err != nil {
		return out, err
	}
	u, err := newUnpacker(r, o.Identities)
	if err != nil {
		return out, err
	}
	defer u.close()
	m, text, signed, err := u.manifest()
	if err != nil {
		return out, err
	}
	if o.Key != "" { // before anything is written
		if err := checkKey(o.Key, text, signed); err != nil {
			return out, err
		}
	}
	w, err := newWorkshop(o.Data + ".tmp")
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, w.close(err != nil)) }()
	format, err := w.fill(ctx, u, m)
	if err != nil {
		return out, err
	}
	out = Restored{Manifest: m, Files: len(m.Parts), Bytes: m.bytes(), KeyBeside: o.Key == ""}
	if err := o.believe(w, m, text, signed); err != nil {
		return out, err
	}
	if out.Damage, err = o.verify(ctx, w, m); err != nil {
		return out, err
	}
	return out, w.finish(format, o.Data)
}

// vacant fails with [ErrOccupied] unless the path is missing or an empty folder.
func vacant(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return ErrOccupied
	}
	list, err := os.ReadDir(path)
	if err == nil && len(list) > 0 {
		err = fmt.Errorf("%w: it holds %q", ErrOccupied, list[0].Name())
	}
	return err
}

// checkKey fails with [ErrSignature] unless key signed the manifest.
func checkKey(key string, text, signed []byte) error {
	v, err := note.NewVerifier(strings.TrimSpace(key))
	if err != nil {
		return fmt.Errorf("verifier key: %w", err)
	}
	return checkSignature(text, signed, v)
}

// believe checks the signature by the key inside, and that all keys are one.
func (o *RestoreOptions) believe(w *workshop, m *Manifest, text, signed []byte) error {
	public, err := w.read(keyName)
	if err != nil {
		return err
	}
	inside := strings.TrimSpace(string(public))
	if err := checkKey(inside, text, signed); err != nil {
		return fmt.Errorf("the key inside: %w", err)
	}
	if o.Key != "" && inside != strings.TrimSpace(o.Key) {
		return fmt.Errorf("%w: another key lies inside", ErrSignature)
	}
	if m.has(signerName) {
		secret, err := w.read(signerName)
		if err != nil {
			return err
		}
		pair, err := parseKey(secret)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if pair.public != inside {
			return fmt.Errorf("%w: %s and %s are of two keys", ErrDamaged, signerName, keyName)
		}
	}
	if !m.has(checkpointName) {
		return nil
	}
	c, err := w.read(checkpointName)
	if err != nil {
		return err
	}
	if !bytes.Equal(c, []byte(m.Ledger.Checkpoint)) {
		return fmt.Errorf("%w: %s is not the checkpoint of the manifest", ErrDamaged, checkpointName)
	}
	return nil
}

// verify reads the restored ledger and records. It returns what was wrong with the
// ledger when that is allowed.
func (o *RestoreOptions) verify(ctx context.Context, w *workshop, m *Manifest) (string, error) {
	if err := o.Records(ctx, filepath.Join(w.path, recordsName)); err != nil {
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if m.Ledger.Size == 0 {
		return "", nil
	}
	public, err := w.read(keyName)
	if err != nil {
		return "", err
	}
	folder, err := w.root.OpenRoot("ledger")
	if err != nil {
		return "", err
	}
	defer func() { _ = folder.Close() }() // read only
	r, err := verify.Verify(ctx, folder.FS(), verify.Options{
		Checkpoints: [][]byte{[]byte(m.Ledger.Checkpoint)}, Keys: []string{string(public)},
	})
	switch {
	case err != nil:
		return "", err
	case r.Status == verify.OK && r.Size == m.Ledger.Size && r.RootText() == m.Ledger.Root:
		return "", nil
	case r.Status == verify.OK:
		return "", fmt.Errorf("%w: its ledger has %d events, root %s, and the manifest says %d", ErrDamaged, r.Size, r.RootText(), m.Ledger.Size)
	case r.Status == verify.Tampered && o.AllowDamaged:
		return r.Where.String(), nil
	}
	return "", fmt.Errorf("%w: its ledger is %s: %s", ErrDamaged, r.Status, r.Where)
}

// workshop is the folder a restore works in.
type workshop struct {
	path string
	root *os.Root
	mark *os.File // locked while somebody works
}

// newWorkshop makes the folder. One that an interrupted restore left is removed; any
// other is refused with [ErrOccupied].
func newWorkshop(path string) (*workshop, error) {
	if err := clear(path); err != nil {
		return nil, err
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		return nil, err
	}
	w := &workshop{path: path}
	var err error
	if w.root, err = os.OpenRoot(path); err == nil {
		w.mark, err = w.root.OpenFile(unfinished, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	}
	if err == nil {
		err = lock(w.mark)
	}
	for _, name := range []string{"keys", "ledger"} {
		if err == nil {
			err = w.root.Mkdir(name, 0o700)
		}
	}
	if err != nil {
		return nil, errors.Join(err, w.close(true))
	}
	return w, nil
}

// clear removes what an interrupted restore left.
func clear(path string) error {
	list, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return os.Remove(path)
	}
	mark, err := os.OpenFile(filepath.Join(path, unfinished), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, ErrOccupied)
	}
	if err != nil {
		return err
	}
	if err = lock(mark); err != nil {
		return errors.Join(fmt.Errorf("another restore: %w", err), mark.Close())
	}
	return errors.Join(os.RemoveAll(path), mark.Close())
}

// close releases the folder, and removes it after a failure.
func (w *workshop) close(failed bool) error {
	var err error
	if failed {
		err = os.RemoveAll(w.path)
	}
	if w.mark != nil {
		err = errors.Join(err, w.mark.Close())
	}
	if w.root != nil {
		err = errors.Join(err, w.root.Close())
	}
	return err
}

// fill writes every part but the format, which it returns.
func (w *workshop) fill(ctx context.Context, u *unpacker, m *Manifest) ([]byte, error) {
	var format bytes.Buffer
	for _, p := range m.Parts {
		if p.Name == formatName {
			if err := u.part(ctx, p, &format); err != nil {
				return nil, err
			}
			// Not later: what is behind it may be laid out in a way unknown here.
			if strings.TrimSpace(format.String()) != strconv.Itoa(datadir.Format) {
				return nil, fmt.Errorf("%w: format %q, this version knows %d", datadir.ErrNewer, format.String(), datadir.Format)
			}
			continue
		}
		if err := w.part(ctx, u, p); err != nil {
			return nil, err
		}
	}
	return format.Bytes(), u.end()
}

func (w *workshop) part(ctx context.Context, u *unpacker, p Part) error {
	f, err := w.root.OpenFile(p.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = u.part(ctx, p, f)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// read reads a small part.
func (w *workshop) read(name string) ([]byte, error) {
	return w.root.ReadFile(name)
}

// finish gives the folder its name.
func (w *workshop) finish(format []byte, data string) error {
	f, err := w.root.OpenFile(formatName, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(format)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	for _, name := range []string{"keys", "ledger", "."} {
		if err := syncFolder(filepath.Join(w.path, name)); err != nil {
			return err
		}
	}
	if err := w.root.Remove(unfinished); err != nil {
		return err
	}
	if err := syncFolder(w.path); err != nil {
		return err
	}
	// An empty folder of that name makes room; one that was filled meanwhile stays.
	if err := os.Remove(data); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrOccupied, err)
	}
	if err := os.Rename(w.path, data); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(data))
}
