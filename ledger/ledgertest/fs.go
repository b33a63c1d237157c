package ledgertest

import (
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/fengsui/fengsui/ledger"
)

// enter begins an operation on a path. The caller unlocks d.mu.
func (d *Disk) enter(operation, path string) (string, bool, error) {
	d.mu.Lock()
	path = filepath.Clean(path)
	effective, err := d.begin(operation, path, d.life)
	return path, effective, err
}

func failed(operation, path string, err error) error {
	return &fs.PathError{Op: operation, Path: path, Err: err}
}

func (d *Disk) checkNew(operation, path string) error {
	if up := d.names[filepath.Dir(path)]; up == nil || !up.dir {
		return failed(operation, path, fs.ErrNotExist)
	}
	if d.names[path] != nil {
		return failed(operation, path, fs.ErrExist)
	}
	return nil
}

// Mkdir implements [ledger.FS].
func (d *Disk) Mkdir(dir string) error {
	path, effective, err := d.enter("mkdir", dir)
	defer d.mu.Unlock()
	if !effective {
		return err
	}
	if cerr := d.checkNew("mkdir", path); cerr != nil {
		return cerr
	}
	d.change(change{{path, &node{dir: true}}})
	return err
}

// Create implements [ledger.FS].
func (d *Disk) Create(name string) (ledger.File, error) {
	path, effective, err := d.enter("create", name)
	defer d.mu.Unlock()
	if !effective {
		return nil, err
	}
	if cerr := d.checkNew("create", path); cerr != nil {
		return nil, cerr
	}
	n := &node{dirty: map[int]bool{}}
	d.change(change{{path, n}})
	if err != nil {
		return nil, err
	}
	return &file{d: d, n: n, path: path, life: d.life, write: true}, nil
}

// Open implements [ledger.FS].
func (d *Disk) Open(name string) (ledger.File, error) { return d.open("open", name, true) }

// OpenRead implements [ledger.FS].
func (d *Disk) OpenRead(name string) (ledger.File, error) {
	return d.open("open for reading", name, false)
}

func (d *Disk) open(operation, name string, write bool) (ledger.File, error) {
	path, _, err := d.enter(operation, name)
	defer d.mu.Unlock()
	if err != nil {
		return nil, err
	}
	n := d.names[path]
	if n == nil {
		return nil, failed(operation, path, fs.ErrNotExist)
	}
	if n.dir {
		return nil, failed(operation, path, syscall.EISDIR)
	}
	return &file{d: d, n: n, path: path, life: d.life, write: write}, nil
}

// Rename implements [ledger.FS].
func (d *Disk) Rename(from, to string) error {
	path, effective, err := d.enter("rename", from)
	defer d.mu.Unlock()
	if !effective {
		return err
	}
	to = filepath.Clean(to)
	n, up := d.names[path], d.names[filepath.Dir(to)]
	if n == nil || n.dir || up == nil || !up.dir {
		return failed("rename", path, fs.ErrNotExist)
	}
	if old := d.names[to]; old != nil && old != n {
		d.used -= int64(len(old.content))
	}
	d.change(change{{path, nil}, {to, n}})
	return err
}

// Remove implements [ledger.FS].
func (d *Disk) Remove(name string) error {
	path, effective, err := d.enter("remove", name)
	defer d.mu.Unlock()
	if !effective {
		return err
	}
	n := d.names[path]
	if n == nil || n.dir {
		return failed("remove", path, fs.ErrNotExist)
	}
	d.used -= int64(len(n.content))
	d.change(change{{path, nil}})
	return err
}

// List implements [ledger.FS].
func (d *Disk) List(dir string) ([]ledger.FileInfo, error) {
	path, _, err := d.enter("list", dir)
	defer d.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if n := d.names[path]; n == nil || !n.dir {
		return nil, failed("list", path, fs.ErrNotExist)
	}
	var list []ledger.FileInfo
	for _, p := range slices.Sorted(maps.Keys(d.names)) {
		if n := d.names[p]; filepath.Dir(p) == path && p != path {
			list = append(list, ledger.FileInfo{Name: filepath.Base(p), Size: int64(len(n.content)), Dir: n.dir})
		}
	}
	return list, nil
}

// SyncDir implements [ledger.FS].
func (d *Disk) SyncDir(dir string) error {
	path, _, err := d.enter("sync folder", dir)
	defer d.mu.Unlock()
	if err != nil {
		return err
	}
	if n := d.names[path]; n == nil || !n.dir {
		return failed("sync folder", path, fs.ErrNotExist)
	}
	d.settle(path)
	return nil
}

// file is an open file.
type file struct {
	d     *Disk
	n     *node
	path  string
	life  int
	write bool
}

func (f *file) enter(operation string) (bool, error) {
	f.d.mu.Lock()
	effective, err := f.d.begin(operation, f.path, f.life)
	if err == nil && !f.write && operation != "read" && operation != "size" && operation != "close" {
		return false, failed(operation, f.path, syscall.EBADF)
	}
	return effective, err
}

// ReadAt implements [ledger.File].
func (f *file) ReadAt(b []byte, at int64) (int, error) {
	_, err := f.enter("read")
	defer f.d.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if at >= int64(len(f.n.content)) {
		return 0, io.EOF
	}
	n := copy(b, f.n.content[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt implements [ledger.File].
func (f *file) WriteAt(b []byte, at int64) (int, error) {
	effective, err := f.enter("write")
	defer f.d.mu.Unlock()
	if !effective {
		return 0, err
	}
	if err != nil && !f.d.crashed {
		b = b[:len(b)/2]
	}
	end := at + int64(len(b))
	if rerr := f.grow(end); rerr != nil {
		return 0, rerr
	}
	copy(f.n.content[at:end], b)
	f.n.touch(at, end)
	return len(b), err
}

// grow extends the file if there is room.
func (f *file) grow(size int64) error {
	old := int64(len(f.n.content))
	if size <= old {
		return nil
	}
	if f.d.used+size-old > f.d.room {
		return failed("write", f.path, syscall.ENOSPC)
	}
	f.d.used += size - old
	f.n.content = resize(f.n.content, int(size))
	f.n.touch(old, size)
	return nil
}

// touch marks the sectors of [from, to) as not synced.
func (n *node) touch(from, to int64) {
	for i := from / sector; i*sector < to; i++ {
		n.dirty[int(i)] = true
	}
}

// resize cuts or extends with zeros.
func resize(b []byte, size int) []byte {
	if size <= len(b) {
		return b[:size:size]
	}
	return append(b, make([]byte, size-len(b))...)
}

// Size implements [ledger.File].
func (f *file) Size() (int64, error) {
	_, err := f.enter("size")
	defer f.d.mu.Unlock()
	return int64(len(f.n.content)), err
}

// Truncate implements [ledger.File].
func (f *file) Truncate(size int64) error {
	effective, err := f.enter("truncate")
	defer f.d.mu.Unlock()
	if !effective {
		return err
	}
	old := int64(len(f.n.content))
	if size >= old {
		if gerr := f.grow(size); gerr != nil {
			return gerr
		}
		return err
	}
	f.d.used -= old - size
	f.n.content = resize(f.n.content, int(size))
	for i := range f.n.dirty {
		if int64(i)*sector >= size {
			delete(f.n.dirty, i)
		}
	}
	return err
}

// Preallocate implements [ledger.File].
func (f *file) Preallocate(size int64) error {
	effective, err := f.enter("preallocate")
	defer f.d.mu.Unlock()
	if !effective {
		return err
	}
	if gerr := f.grow(size); gerr != nil {
		return gerr
	}
	return err
}

// Datasync implements [ledger.File].
func (f *file) Datasync() error { return f.sync("datasync") }

// Sync implements [ledger.File].
func (f *file) Sync() error { return f.sync("sync") }

func (f *file) sync(operation string) error {
	_, err := f.enter(operation)
	defer f.d.mu.Unlock()
	n := f.n
	if err == nil {
		n.synced = resize(n.synced, len(n.content))
		for i := range n.dirty {
			if at := i * sector; at < len(n.content) {
				copy(n.synced[at:min(at+sector, len(n.content))], n.content[at:])
			}
		}
	}
	if err == nil || !f.d.crashed && f.life == f.d.life {
		clear(n.dirty) // a failed sync forgets as well
	}
	return err
}

// Close implements [ledger.File].
func (f *file) Close() error {
	_, err := f.enter("close")
	defer f.d.mu.Unlock()
	return err
}
