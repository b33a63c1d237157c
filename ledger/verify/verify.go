// Package verify checks a Fengsui ledger. It is written from
// docs/format/ledger.md alone and shares no code with package ledger: two readings
// of one page that agree on every byte.
//
// It reads only, keeps a constant amount of memory, and may be given any bytes.
package verify

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Status is what verification found.
type Status string

// The findings of section 8 of the format.
const (
	OK        Status = "ok"        // all agrees
	Tampered  Status = "tampered"  // bytes do not fit
	Truncated Status = "truncated" // less than a checkpoint speaks of
	Forked    Status = "forked"    // another history than a checkpoint speaks of
)

// ErrFormat is wrapped when a segment is of a format that this package cannot read.
var ErrFormat = errors.New("unknown format")

// Options say what the ledger is held against.
type Options struct {
	// Checkpoints are signed notes kept elsewhere. The one in the directory is
	// looked at besides.
	Checkpoints [][]byte
	// Keys are verifier keys in the syntax of golang.org/x/mod/sumdb/note. With
	// none, key.pub of the directory is believed, which proves nothing against who
	// can write there.
	Keys []string
}

// Place names where something was found.
type Place struct {
	File   string
	Offset int64
	Seq    uint64 // of the event there, or of the next one
	Reason string
}

// String names the place in one line.
func (p Place) String() string {
	return fmt.Sprintf("%s at byte %d, event %d: %s", p.File, p.Offset, p.Seq, p.Reason)
}

// Report is the result of a verification. What it counts is what fitted up to the
// first finding.
type Report struct {
	Status      Status
	Where       *Place // first finding; nil when all is well
	Size        uint64 // tree size
	Root        [32]byte
	Head        [32]byte // of the chain
	Segments    int
	Blocks      int
	Events      uint64
	Checkpoints int  // compared
	KeyBeside   bool // the only key was the one found in the directory
}

// RootText is the root as it stands in checkpoints.
func (r *Report) RootText() string { return base64.StdEncoding.EncodeToString(r.Root[:]) }

// finding ends a verification.
type finding struct {
	status Status
	place  Place
}

func (f *finding) Error() string { return f.place.String() }

// state is the ledger up to where reading has come.
type state struct {
	size     uint64
	tree     subtrees // of [0, size)
	head     digest   // of the chain
	segments int
	blocks   int
	file     string // and where it ends
	end      int64
	open     bool // the newest segment has no footer
}

// Verify reads a whole ledger and compares it with checkpoints. Files of dir must
// be io.ReaderAt, as those of os.DirFS and os.Root are.
//
// An error means that it could not look: an unreadable file, an unknown format
// ([ErrFormat]), a bad key in o, or that ctx ended. What is wrong with the ledger
// is in the report.
func Verify(ctx context.Context, dir fs.FS, o Options) (Report, error) {
	v := &verifier{ctx: ctx, dir: dir, marks: map[uint64]*mark{}}
	err := v.run(o)
	r := Report{
		Status: OK, Size: v.size, Root: v.tree.root(), Head: v.head, Segments: v.segments, Blocks: v.blocks,
		Events: v.size, Checkpoints: len(v.claims), KeyBeside: v.keyBeside,
	}
	var f *finding
	switch {
	case errors.As(err, &f):
		r.Status, r.Where = f.status, &f.place
	case err != nil:
		return Report{}, fmt.Errorf("verify ledger: %w", err)
	}
	return r, nil
}

type verifier struct {
	state
	ctx       context.Context //nolint:containedctx // a verifier lives for one call
	dir       fs.FS
	keys      note.Verifiers
	keyBeside bool
	claims    []claim
	marks     map[uint64]*mark // sizes that claims speak of
	p         pieces
	buf       []byte
}

// mark is what the ledger had at a size that a claim speaks of.
type mark struct {
	reached bool
	root    digest
	heads   []digest // after the commit, and after the close
}

// claim is a checkpoint and where it came from.
type claim struct {
	statement
	from string
}

func (v *verifier) run(o Options) error {
	list, err := fs.ReadDir(v.dir, ".")
	if err != nil {
		return err
	}
	bad := v.readClaims(o)
	var f *finding
	if bad != nil && !errors.As(bad, &f) {
		return bad
	}
	v.mark(digest{})
	if err := v.readSegments(list); err != nil {
		return err
	}
	if bad != nil {
		return bad
	}
	return v.compare()
}

func (v *verifier) readSegments(list []fs.DirEntry) error {
	var names []string
	for _, e := range list {
		name := e.Name()
		if !strings.HasSuffix(name, ".fsl") {
			continue
		}
		if _, ok := firstOf(name); !ok || !e.Type().IsRegular() {
			return &finding{Tampered, Place{File: name, Seq: v.size, Reason: "not the name of a segment"}}
		}
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if err := v.readSegment(name, i == len(names)-1); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) readSegment(name string, last bool) error {
	f, err := v.dir.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // read only
	info, err := f.Stat()
	if err != nil {
		return err
	}
	at, ok := f.(io.ReaderAt)
	if !ok {
		return fmt.Errorf("%s: file system without random access", name)
	}
	s := &segment{v: v, name: name, file: at, size: info.Size(), last: last}
	err = s.read()
	if b, ok := errors.AsType[*badError](err); ok {
		return &finding{Tampered, Place{File: name, Offset: b.offset, Seq: v.size, Reason: b.reason}}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// room returns n bytes that the next call uses again.
func (v *verifier) room(n int) []byte {
	if cap(v.buf) < n {
		v.buf = make([]byte, max(n, 1<<12))
	}
	return v.buf[:n]
}

// mark keeps what claims of the present size are compared with.
func (v *verifier) mark(head digest) {
	m := v.marks[v.size]
	if m == nil {
		return
	}
	m.reached, m.root = true, v.tree.root()
	m.heads = append(m.heads, head)
}

// compare holds the ledger against every claim.
func (v *verifier) compare() error {
	for _, c := range v.claims {
		m := v.marks[c.size]
		where := Place{File: v.file, Offset: v.end, Seq: v.size}
		switch {
		case c.size > v.size:
			where.Reason = fmt.Sprintf("%s speaks of %d events and there are %d", c.from, c.size, v.size)
			return &finding{Truncated, where}
		case m.reached && m.root == c.root && slices.Contains(m.heads, c.head):
			continue
		case m.reached && m.root == c.root && c.size == v.size && v.open:
			where.Reason = c.from + " speaks of another end of the chain: the close of the segment is gone"
			return &finding{Truncated, where}
		}
		reason := fmt.Sprintf("%s speaks of another history of %d events", c.from, c.size)
		return &finding{Forked, Place{File: v.file, Offset: v.end, Seq: c.size, Reason: reason}}
	}
	return nil
}

// badError is what does not fit inside a segment.
type badError struct {
	offset int64
	reason string
}

func (e *badError) Error() string { return fmt.Sprintf("at byte %d: %s", e.offset, e.reason) }

func bad(offset int64, format string, args ...any) error {
	return &badError{offset, fmt.Sprintf(format, args...)}
}
