package ledgertest

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing/fstest"

	"github.com/fengsui/fengsui/ledger"
)

var (
	// ErrCrashed is returned by everything between a crash and Cut, and by files
	// that were opened before it.
	ErrCrashed = errors.New("the machine has crashed")
	// ErrShort given to FailAt makes a write store its first half and fail with
	// syscall.EIO; anything else fails as with syscall.EIO.
	ErrShort = errors.New("short write")
)

const sector = 512

// Disk is a file system in memory. It implements [ledger.FS], and its methods are
// safe for concurrent use.
type Disk struct {
	mu       sync.Mutex
	names    map[string]*node // by clean path; what programs see
	durable  map[string]*node // what a strict cut leaves
	pending  []change         // of names, not yet durable, oldest first
	ops      int
	failAt   map[int]error
	crashAt  int
	crashed  bool
	life     int // counts cuts
	room     int64
	used     int64
	observer func(n int, operation, name string)
}

// node is a file or a folder.
type node struct {
	dir     bool
	content []byte       // what programs see
	synced  []byte       // what a strict cut leaves
	dirty   map[int]bool // sectors that differ
}

// change is one change of names that happens whole or not at all.
type change []effect

// effect says what a path names from now on; nil: nothing.
type effect struct {
	path string
	node *node
}

// NewDisk returns an empty disk with a root folder and boundless room.
func NewDisk() *Disk {
	root := string(filepath.Separator)
	return &Disk{
		names: map[string]*node{root: {dir: true}}, durable: map[string]*node{root: {dir: true}},
		failAt: map[int]error{}, room: 1 << 62,
	}
}

// FailAt makes operation n (see Operations) fail with err, for example
// syscall.EIO, syscall.ENOSPC or ErrShort. Several may be set.
func (d *Disk) FailAt(n int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failAt[n] = err
}

// CrashAt makes operation n the last thing that is attempted: it and all that
// follow fail with [ErrCrashed]. A change of content or names by operation n may
// survive a torn cut; a sync does not happen.
func (d *Disk) CrashAt(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.crashAt = n
}

// Operations returns how many operations there were; the next one has the number
// after it.
func (d *Disk) Operations() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ops
}

// Crashed reports whether the planned crash has happened and Cut has not followed.
func (d *Disk) Crashed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.crashed
}

// Observe calls fn before every operation, with the disk locked; nil: no longer.
func (d *Disk) Observe(fn func(n int, operation, name string)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.observer = fn
}

// SetRoom sets how many bytes all files together may have. What is there stays.
func (d *Disk) SetRoom(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = bytes
}

// Used returns how many bytes all files have.
func (d *Disk) Used() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used
}

// Mode is what a power cut leaves of what was not synced.
type Mode struct {
	torn bool
	seed uint64
}

// Strict leaves nothing that was not synced.
func Strict() Mode { return Mode{} }

// Torn leaves a random part of what was not synced, the same for the same seed.
func Torn(seed uint64) Mode { return Mode{torn: true, seed: seed} }

// Cut pulls the plug and starts again on what survives. Files that are open fail
// from now on; planned failures and crashes are forgotten.
func (d *Disk) Cut(m Mode) {
	d.mu.Lock()
	defer d.mu.Unlock()
	names := maps.Clone(d.durable)
	rng := rand.New(rand.NewPCG(m.seed, 1)) //nolint:gosec // G404: chance for a test, to be repeated
	for _, c := range d.pending {
		if m.torn && rng.IntN(2) == 0 {
			apply(names, c)
		}
	}
	dropOrphans(names)
	paths := slices.Sorted(maps.Keys(names))
	fresh := map[*node]*node{}
	d.used = 0
	for _, path := range paths {
		old := names[path]
		if fresh[old] == nil {
			fresh[old] = old.survivor(m, rng)
			d.used += int64(len(fresh[old].content))
		}
		names[path] = fresh[old]
	}
	d.names, d.durable, d.pending = names, maps.Clone(names), nil
	d.crashed, d.crashAt = false, 0
	clear(d.failAt)
	d.life++
}

// survivor is what a cut leaves of a node.
func (n *node) survivor(m Mode, rng *rand.Rand) *node {
	if n.dir {
		return &node{dir: true}
	}
	content := slices.Clone(n.synced)
	if m.torn {
		if rng.IntN(2) == 0 {
			content = resize(content, len(n.content))
		}
		for _, i := range slices.Sorted(maps.Keys(n.dirty)) {
			if at := i * sector; rng.IntN(2) == 0 && at < len(content) && at < len(n.content) {
				copy(content[at:min(at+sector, len(content))], n.content[at:])
			}
		}
	}
	return &node{content: content, synced: slices.Clone(content), dirty: map[int]bool{}}
}

func apply(names map[string]*node, c change) {
	for _, e := range c {
		if e.node == nil {
			delete(names, e.path)
		} else {
			names[e.path] = e.node
		}
	}
}

// dropOrphans removes what lies in folders that are not there.
func dropOrphans(names map[string]*node) {
	for _, path := range slices.Sorted(maps.Keys(names)) {
		if up := names[filepath.Dir(path)]; up == nil || !up.dir {
			delete(names, path)
		}
	}
}

// Clone returns a copy of the disk as it is, without planned failures and crashes.
// No file of it is open. What is not yet synced stays so.
func (d *Disk) Clone() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	copied := map[*node]*node{}
	twin := func(n *node) *node {
		if n == nil {
			return nil
		}
		if copied[n] == nil {
			copied[n] = &node{dir: n.dir, content: slices.Clone(n.content), synced: slices.Clone(n.synced), dirty: maps.Clone(n.dirty)}
		}
		return copied[n]
	}
	c := &Disk{names: map[string]*node{}, durable: map[string]*node{}, failAt: map[int]error{}, room: d.room, used: d.used}
	for path, n := range d.names {
		c.names[path] = twin(n)
	}
	for path, n := range d.durable {
		c.durable[path] = twin(n)
	}
	for _, p := range d.pending {
		q := make(change, len(p))
		for i, e := range p {
			q[i] = effect{e.path, twin(e.node)}
		}
		c.pending = append(c.pending, q)
	}
	return c
}

// View returns a picture of a folder and what is in it, as programs see it. It
// counts no operations.
func (d *Disk) View(dir string) fs.FS {
	d.mu.Lock()
	defer d.mu.Unlock()
	view := fstest.MapFS{}
	for path, n := range d.names {
		rel, err := filepath.Rel(dir, path)
		if err != nil || !filepath.IsLocal(rel) || rel == "." {
			continue
		}
		mode := fs.FileMode(0o600)
		if n.dir {
			mode = fs.ModeDir | 0o700
		}
		view[filepath.ToSlash(rel)] = &fstest.MapFile{Data: slices.Clone(n.content), Mode: mode}
	}
	return view
}

// begin counts an operation. It returns whether the operation still takes effect
// in memory, and the error it ends with.
func (d *Disk) begin(operation, name string, life int) (bool, error) {
	if life != d.life || d.crashed {
		return false, &fs.PathError{Op: operation, Path: name, Err: ErrCrashed}
	}
	d.ops++
	if d.observer != nil {
		d.observer(d.ops, operation, name)
	}
	if d.ops == d.crashAt {
		d.crashed = true
		return true, &fs.PathError{Op: operation, Path: name, Err: ErrCrashed}
	}
	if err := d.failAt[d.ops]; err != nil {
		return errors.Is(err, ErrShort), &fs.PathError{Op: operation, Path: name, Err: cause(err)}
	}
	return true, nil
}

func cause(err error) error {
	if errors.Is(err, ErrShort) {
		return syscall.EIO
	}
	return err
}

// change makes a change of names visible at once and durable later.
func (d *Disk) change(c change) {
	apply(d.names, c)
	d.pending = append(d.pending, c)
}

// settle makes the changes of names in a folder durable.
func (d *Disk) settle(dir string) {
	var left []change
	for _, c := range d.pending {
		var rest change
		for _, e := range c {
			if filepath.Dir(e.path) == dir {
				apply(d.durable, change{e})
			} else {
				rest = append(rest, e)
			}
		}
		if len(rest) > 0 {
			left = append(left, rest)
		}
	}
	d.pending = left
}

var _ ledger.FS = (*Disk)(nil)
