package sidecar

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/fengsui/fengsui/ledger"
)

const (
	suffix    = ".fsx"
	suffixTmp = ".fsx.tmp"
)

// Name returns the name of the sidecar of the segment that begins at first.
func Name(first uint64) string { return fmt.Sprintf("seg-%020d%s", first, suffix) }

// parseName returns the first sequence in the name of a sidecar, finished or not.
func parseName(name string) (first uint64, tmp, ok bool) {
	var n uint64
	for _, end := range []string{suffix, suffixTmp} {
		if len(name) != len("seg-")+20+len(end) || name[:4] != "seg-" || name[24:] != end {
			continue
		}
		for _, c := range []byte(name[4:24]) {
			if c < '0' || c > '9' {
				return 0, false, false
			}
			n = n*10 + uint64(c-'0')
		}
		return n, end == suffixTmp, true
	}
	return 0, false, false
}

// Options configure a folder. A zero field means its default.
type Options struct {
	Dir   string    // made when it is missing, its parent must exist; required
	FS    ledger.FS // where files are; default the operating system's
	Cache int64     // bytes of decoded columns and directories kept; default 32 MiB

	// Hurt is told once of every file that turns out damaged while it is read; nil:
	// nobody is. It is called by the goroutine that reads.
	Hurt func(first uint64, f *File, err error)
}

// Folder holds the sidecars of a ledger. It is safe for concurrent use, and belongs
// to one user at a time.
type Folder struct {
	o     Options
	dec   *zstd.Decoder
	cache *cache
}

// Open opens a folder. It reads nothing.
func Open(o Options) (*Folder, error) {
	if o.Dir == "" {
		return nil, errors.New("sidecars: the folder is missing")
	}
	if o.FS == nil {
		o.FS = ledger.OS()
	}
	o.Cache = cmp.Or(o.Cache, 32<<20)
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxBlock))
	if err != nil {
		return nil, fmt.Errorf("open sidecars: %w", err)
	}
	return &Folder{o: o, dec: dec, cache: newCache(o.Cache)}, nil
}

// List makes the folder when it is missing, removes what was not finished, and
// returns the first sequences of the sidecars there are.
func (f *Folder) List() (map[uint64]bool, error) {
	names, err := f.o.FS.List(f.o.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = f.o.FS.Mkdir(f.o.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("list sidecars: %w", err)
	}
	have := map[uint64]bool{}
	for _, n := range names {
		first, tmp, ok := parseName(n.Name)
		switch {
		case !ok || n.Dir:
		case tmp:
			if err := f.o.FS.Remove(filepath.Join(f.o.Dir, n.Name)); err != nil {
				return nil, fmt.Errorf("list sidecars: %w", err)
			}
		default:
			have[first] = true
		}
	}
	return have, nil
}

// Remove removes a sidecar. One that is not there is no error.
func (f *Folder) Remove(first uint64) error {
	err := f.o.FS.Remove(filepath.Join(f.o.Dir, Name(first)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove sidecar of %d: %w", first, err)
	}
	return nil
}

// File returns the sidecar of a segment, which may be missing: reading says so.
func (f *Folder) File(first uint64) *File { return f.file(first, Name(first)) }

func (f *Folder) file(first uint64, name string) *File {
	out := &File{folder: f, first: first}
	path := filepath.Join(f.o.Dir, name)
	out.path.Store(&path)
	return out
}
