package backup

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/internal/platform/datadir"
)

// ErrFewRecipients refuses a backup that one lost key makes worthless.
var ErrFewRecipients = errors.New("a backup needs two different recipients: when the only identity is lost, so is every backup")

// scratchFolder holds the copy of the records while a backup is made; scratchLock
// says that one is made.
const (
	scratchFolder = ".backup"
	scratchLock   = ".backup.lock"
)

// Options configure a backup. A zero field means its default.
type Options struct {
	Data         string          // data directory of the station, which may run; required
	Out          string          // file to make; must not exist; required
	Recipients   []age.Recipient // who can read it; see ParseRecipients; required
	OneRecipient bool            // one recipient will do
	WithoutKey   bool            // leave out the key that signs checkpoints
	Version      string          // of the program
	Now          func() time.Time
	// Records makes a consistent copy of the SQLite database from as the file into,
	// which exists and is empty; required.
	Records func(ctx context.Context, from, into string) error
	// Wait is how long a running station may take to sign a checkpoint that covers
	// what the records speak of; default 1 minute.
	Wait time.Duration
}

func (o Options) check() (Options, error) {
	o.Wait = cmp.Or(o.Wait, time.Minute)
	switch {
	case o.Data == "" || o.Out == "":
		return o, errors.New("back up: data directory or file is missing")
	case o.Now == nil || o.Records == nil:
		return o, errors.New("back up: clock or copier of records is missing")
	case len(o.Recipients) == 0, len(o.Recipients) == 1 && !o.OneRecipient:
		return o, fmt.Errorf("back up %s: %w", o.Data, ErrFewRecipients)
	}
	return o, nil
}

// ParseRecipients reads public X25519 age keys, "age1…". The same key twice is one.
func ParseRecipients(keys []string) ([]age.Recipient, error) {
	var out []age.Recipient
	seen := map[string]bool{}
	for _, key := range keys {
		key = strings.TrimSpace(key)
		if strings.HasPrefix(strings.ToUpper(key), "AGE-SECRET-KEY-") {
			return nil, errors.New("recipient: that is a secret key, and it is known now to whoever sees the list of processes: make a new one")
		}
		r, err := age.ParseX25519Recipient(key)
		if err != nil {
			return nil, fmt.Errorf("recipient %q: %w", key, err)
		}
		if !seen[r.String()] {
			seen[r.String()] = true
			out = append(out, r)
		}
	}
	return out, nil
}

// Result says what a backup holds.
type Result struct {
	Manifest *Manifest
	Bytes    int64    // of the file
	Notes    []string // what an operator should look at
}

// source is a part and where its bytes come from.
type source struct {
	Part

	path string // "": small
	data []byte
}

func (s *source) open() (io.ReadCloser, error) {
	if s.path == "" {
		return io.NopCloser(bytes.NewReader(s.data)), nil
	}
	return os.Open(s.path)
}

// Create makes a backup. The file appears under its name when it is whole, and a
// failure leaves none. It fails with [ErrFewRecipients] and [datadir.ErrNewer].
//
// Nothing in the data directory changes while the station runs. When it does not
// run, and was ended before it signed what it had, the newest events are signed
// as the next start would.
func Create(ctx context.Context, o Options) (Result, error) {
	o, err := o.check()
	if err != nil {
		return Result{}, err
	}
	if _, err := os.Lstat(o.Out); !errors.Is(err, fs.ErrNotExist) {
		return Result{}, fmt.Errorf("back up to %s: %w", o.Out, cmp.Or(err, fs.ErrExist))
	}
	r, err := o.create(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("back up %s: %w", o.Data, err)
	}
	return r, nil
}

func (o *Options) create(ctx context.Context) (Result, error) {
	at := o.Now().UTC().Truncate(time.Second)
	signer, parts, err := o.small()
	if err != nil {
		return Result{}, err
	}
	done, err := o.scratch()
	if err != nil {
		return Result{}, err
	}
	defer done()
	// Before the checkpoint, so that nothing the records speak of lies behind it.
	records, err := o.copyRecords(ctx)
	if err != nil {
		return Result{}, err
	}
	cut, err := o.ledgerParts(ctx, signer.signer, signer.public)
	if err != nil {
		return Result{}, err
	}
	parts = append(append(parts, records), cut.parts...)
	slices.SortFunc(parts, func(a, b source) int { return cmp.Compare(a.Name, b.Name) })
	m := &Manifest{Format: Format, Station: o.Version, Created: at, Ledger: cut.point}
	for i := range parts {
		if err := parts[i].measure(ctx); err != nil {
			return Result{}, err
		}
		m.Parts = append(m.Parts, parts[i].Part)
	}
	text, err := m.encode()
	if err != nil {
		return Result{}, err
	}
	if _, err := parseManifest(text); err != nil { // what could not be restored is not made
		return Result{}, err
	}
	signed, err := sign(text, signer.signer)
	if err != nil {
		return Result{}, err
	}
	head := []source{small(manifestName, text), small(signatureName, signed)}
	n, err := o.write(ctx, at, append(head, parts...))
	return Result{Manifest: m, Bytes: n, Notes: cut.notes}, err
}

// keyPair is the ledger's signing key.
type keyPair struct {
	signer note.Signer
	public string
}

// small reads the files that are parts as they are, and the signing key.
func (o *Options) small() (keyPair, []source, error) {
	format, err := readSmall(filepath.Join(o.Data, formatName), 64)
	if errors.Is(err, fs.ErrNotExist) {
		return keyPair{}, nil, errors.New("there is no data directory of a station")
	}
	if err != nil {
		return keyPair{}, nil, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(format)))
	if err != nil || n < 1 {
		return keyPair{}, nil, errors.New("its file format cannot be read")
	}
	if n > datadir.Format {
		return keyPair{}, nil, fmt.Errorf("%w: format %d, this version knows %d", datadir.ErrNewer, n, datadir.Format)
	}
	key, err := readSmall(filepath.Join(o.Data, filepath.FromSlash(signerName)), maxSmall)
	if err != nil {
		return keyPair{}, nil, fmt.Errorf("read the key that signs the backup: %w", err)
	}
	pair, err := parseKey(key)
	if err != nil {
		return keyPair{}, nil, err
	}
	parts := []source{small(formatName, format), small(keyName, []byte(pair.public+"\n"))}
	if !o.WithoutKey {
		parts = append(parts, small(signerName, key))
	}
	return pair, parts, nil
}

// parseKey reads keys/ledger.key: the secret and the verifier key, a line each.
func parseKey(text []byte) (keyPair, error) {
	secret, public, ok := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if !ok {
		return keyPair{}, fmt.Errorf("%s is not two lines", signerName)
	}
	s, err := note.NewSigner(secret)
	if err != nil {
		return keyPair{}, fmt.Errorf("%s: its first line is no signing key", signerName) // err may quote it
	}
	v, err := note.NewVerifier(public)
	if err != nil {
		return keyPair{}, fmt.Errorf("%s: %w", signerName, err)
	}
	if v.Name() != s.Name() || v.KeyHash() != s.KeyHash() {
		return keyPair{}, fmt.Errorf("%s: its lines are of two keys", signerName)
	}
	return keyPair{s, public}, nil
}

func small(name string, data []byte) source {
	return source{Part: Part{Name: name, Size: int64(len(data))}, data: data}
}

func readSmall(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("%s is longer than %d bytes", filepath.Base(path), most)
	}
	return b, err
}

// scratch makes the folder for the copy of the records, inside the data directory
// because it is not encrypted.
func (o *Options) scratch() (func(), error) {
	f, err := os.OpenFile(filepath.Join(o.Data, scratchLock), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(fmt.Errorf("another backup: %w", err), f.Close())
	}
	dir := filepath.Join(o.Data, scratchFolder)
	done := func() {
		_ = os.RemoveAll(dir) // what stays is removed by the next backup
		_ = f.Close()
	}
	if err := os.RemoveAll(dir); err != nil { // of one that was interrupted
		done()
		return nil, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

func (o *Options) copyRecords(ctx context.Context) (source, error) {
	into := filepath.Join(o.Data, scratchFolder, recordsName)
	f, err := os.OpenFile(into, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return source{}, err
	}
	if err := o.Records(ctx, filepath.Join(o.Data, recordsName), into); err != nil {
		return source{}, err
	}
	info, err := os.Stat(into)
	if err != nil {
		return source{}, err
	}
	return source{Part: Part{Name: recordsName, Size: info.Size()}, path: into}, nil
}

// measure fills in the hash.
func (s *source) measure(ctx context.Context) error {
	f, err := s.open()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // read only
	read := &counted{r: io.LimitReader(f, s.Size)}
	s.SHA256, err = digest(ctx, io.Discard, read, make([]byte, chunkSize))
	if err == nil && read.n != s.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", s.Name, err)
	}
	return nil
}

// write makes the file whole or not at all.
func (o *Options) write(ctx context.Context, at time.Time, parts []source) (n int64, err error) {
	f, err := os.OpenFile(o.Out+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(o.Out + ".tmp") // the error says enough
		}
	}()
	err = o.pack(ctx, f, at, parts)
	if err == nil {
		err = f.Sync()
	}
	var info fs.FileInfo
	if err == nil {
		info, err = f.Stat()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	if err := os.Rename(o.Out+".tmp", o.Out); err != nil {
		return 0, err
	}
	return info.Size(), syncFolder(filepath.Dir(o.Out))
}

func (o *Options) pack(ctx context.Context, w io.Writer, at time.Time, parts []source) error {
	p, err := newPacker(ctx, w, at, o.Recipients)
	if err != nil {
		return err
	}
	for i := range parts {
		if err := p.source(&parts[i]); err != nil {
			p.abandon()
			return err
		}
	}
	return p.close()
}

// source adds a part and fails when it is not what was measured.
func (p *packer) source(s *source) error {
	f, err := s.open()
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // read only
	sum, err := p.add(s.Name, s.Size, f)
	if err != nil {
		return err
	}
	if s.SHA256 != "" && sum != s.SHA256 {
		return fmt.Errorf("%s changed while it was read", s.Name)
	}
	return nil
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
