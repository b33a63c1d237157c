package ledger

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/note"
)

// ReaderOptions configure a Reader. A zero field means its default.
type ReaderOptions struct {
	FS       FS     // where files are; default the operating system's
	Verifier string // verifier key that checkpoints must bear; "": they are not checked
}

// Reader reads a ledger that another process writes, or nobody. It changes nothing.
//
// It shows the ledger as it was at OpenReader or the newest Refresh. Its methods
// are safe for concurrent use.
type Reader struct {
	o   ReaderOptions
	dir string

	mu sync.Mutex
	s  *store
	d  *found
}

// OpenReader reads what is in dir. A ledger that is damaged opens as well as one
// that is not; Status says what was found. It fails with an error that wraps
// [fs.ErrNotExist] when there is no ledger.
func OpenReader(dir string, o ReaderOptions) (*Reader, error) {
	if o.FS == nil {
		o.FS = OS()
	}
	if err := newStore(o.FS, dir).exists(); err != nil {
		return nil, err
	}
	r := &Reader{o: o, dir: dir}
	if err := r.Refresh(context.Background()); err != nil {
		return nil, err
	}
	return r, nil
}

// Refresh reads the directory again. After an error the Reader shows what it
// showed before.
func (r *Reader) Refresh(ctx context.Context) error {
	var before []Damage
	for {
		s := newStore(r.o.FS, r.dir)
		d, err := s.lookAround()
		if err == nil {
			err = s.treeBefore(d)
		}
		if err != nil {
			return err
		}
		// A writer beside may have finished a block between two looks of one walk,
		// which then seems to stand behind damage. What is damaged stays so.
		after := s.damaged()
		if slices.Equal(before, after) {
			if c := d.checkpoint; c != nil && d.stop == "" {
				d.stop = c.contradicts(d)
			}
			s.attach(d)
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.s != nil {
				s.spans = r.s.takeSpans()
			}
			r.s, r.d = s, d
			return nil
		}
		before = after
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// takeSpans returns a copy of what is known of whole segments.
func (s *store) takeSpans() map[string][]hash {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.spans)
}

func (r *Reader) now() (*store, *found) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.s, r.d
}

// Size returns how many events there are.
func (r *Reader) Size() uint64 {
	_, d := r.now()
	return d.size
}

// Segments lists the segments, oldest first, the open one last.
func (r *Reader) Segments() []Segment {
	s, _ := r.now()
	return s.segments()
}

// Read is as [Log.Read].
func (r *Reader) Read(ctx context.Context, from, to uint64, fn func(Entry) error) error {
	s, d := r.now()
	return s.read(ctx, from, min(to, d.size), fn)
}

// Checkpoint returns the newest checkpoint of the directory. It fails with an
// error that wraps [ErrNoCheckpoint] when there is none, and as [ParseCheckpoint]
// when it is not signed by ReaderOptions.Verifier.
func (r *Reader) Checkpoint() (Checkpoint, error) {
	_, d := r.now()
	if d.checkpoint == nil {
		return Checkpoint{}, fmt.Errorf("ledger %s: %w", r.dir, ErrNoCheckpoint)
	}
	if r.o.Verifier == "" {
		return *d.checkpoint, nil
	}
	v, err := note.NewVerifier(r.o.Verifier)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("verifier key: %w", err)
	}
	return ParseCheckpoint(d.checkpoint.Note, note.VerifierList(v))
}

// Prove is as [Log.Prove].
func (r *Reader) Prove(ctx context.Context, seq uint64) (Proof, error) {
	s, d := r.now()
	if seq >= d.size {
		return Proof{}, fmt.Errorf("prove event %d of %d: %w", seq, d.size, ErrNotFound)
	}
	c, err := r.Checkpoint()
	if err != nil {
		return Proof{}, fmt.Errorf("prove event %d: %w", seq, err)
	}
	if seq >= c.Size || c.Size > d.size {
		return Proof{}, fmt.Errorf("prove event %d: %w", seq, ErrNoCheckpoint)
	}
	return s.prove(ctx, seq, c)
}

// Status returns a picture of the ledger. Its State is [StateStopped] when a
// writer would take no entries, and Copies, CheckpointTime and CheckpointError
// are not known to a reader.
func (r *Reader) Status() Status {
	s, d := r.now()
	st := s.status()
	st.State, st.Reason, st.Size, st.Root = StateOK, "", d.size, rootOf(d.tree)
	if d.stop != "" {
		st.State, st.Reason = StateStopped, d.stop
	}
	if d.checkpoint != nil {
		st.CheckpointSize = d.checkpoint.Size
	}
	return st
}

// status fills in what the segments say.
func (s *store) status() Status {
	parts, _ := s.view()
	st := Status{Segments: len(parts), Oldest: oldest(parts), Damage: s.damaged()}
	for _, p := range parts {
		st.StoredBytes += p.StoredBytes
		st.RawBytes += p.RawBytes
	}
	return st
}

// exists reports whether the folder holds a ledger at all.
func (s *store) exists() error {
	list, err := s.disk.List(s.dir)
	if err != nil {
		return fmt.Errorf("read ledger %s: %w", s.dir, err)
	}
	for _, info := range list {
		if _, ok := parseSegmentName(info.Name); ok || info.Name == keyName || info.Name == checkpointName || info.Name == reserveName {
			return nil
		}
	}
	return fmt.Errorf("read ledger %s: no ledger there: %w", s.dir, fs.ErrNotExist)
}
