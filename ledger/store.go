package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// store is what reading needs: the segments there are, and what is known about
// damage. Log and Reader are built on it.
type store struct {
	disk FS
	dir  string

	mu      sync.Mutex
	parts   []*part  // sealed segments, oldest first; never changed in place
	open    *part    // open segment as of the newest commit; nil: none
	recent  []recent // newest blocks, decompressed; never changed in place
	damage  []Damage
	indexes []cachedIndex // recently used, newest last
	spans   map[string][]hash
	idle    *frameReader // one reader kept for the next
	leaves  frameLeaves  // newest frame a proof was made from
}

// part is a segment as reading sees it.
type part struct {
	Segment
	frames []frame // of the open segment, and of one whose index had to be rebuilt; nil: load
	end    int64   // where the blocks end; a sealed segment's index begins there

	openHead  hash
	indexSize uint32 // 0: there is none to load
}

// recent is a block still in memory, so that followers need not decompress.
type recent struct {
	First, Next uint64
	Raw         []byte
}

type cachedIndex struct {
	name   string
	frames []frame
}

const cachedIndexes = 8

func newStore(disk FS, dir string) *store {
	return &store{disk: disk, dir: dir, spans: map[string][]hash{}}
}

func (s *store) path(name string) string { return filepath.Join(s.dir, name) }

// view returns all segments at this moment.
func (s *store) view() ([]*part, []recent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		return s.parts, s.recent
	}
	return append(slices.Clip(s.parts), s.open), s.recent
}

func (s *store) segments() []Segment {
	parts, _ := s.view()
	out := make([]Segment, len(parts))
	for i, p := range parts {
		out[i] = p.Segment
	}
	return out
}

// segmentsFrom returns the segments that end behind seq.
func (s *store) segmentsFrom(seq uint64) []Segment {
	s.mu.Lock()
	parts, open := s.parts, s.open
	s.mu.Unlock()
	from := len(parts)
	for from > 0 && parts[from-1].Next > seq {
		from--
	}
	out := make([]Segment, 0, len(parts)-from+1)
	for _, p := range parts[from:] {
		out = append(out, p.Segment)
	}
	if open != nil && open.Next > seq {
		out = append(out, open.Segment)
	}
	return out
}

// note keeps damage for Status, each place once.
func (s *store) note(d Damage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, have := range s.damage {
		if have.File == d.File && have.Offset == d.Offset {
			return
		}
	}
	if len(s.damage) < 1000 {
		s.damage = append(s.damage, d)
	}
}

func (s *store) damaged() []Damage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.damage)
}

func (s *store) reader() *frameReader {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.idle; r != nil {
		s.idle = nil
		return r
	}
	return newFrameReader()
}

// release keeps one small reader; the memory of others goes.
func (s *store) release(r *frameReader) {
	r.in.rest = nil
	if cap(r.stored) > 4<<20 || cap(r.raw) > 4<<20 {
		r.stored, r.raw = nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.idle == nil {
		s.idle = r
		return
	}
	r.dec.Close()
}

// frames returns the frames of a part. f is its file.
func (s *store) frames(p *part, f File) []frame {
	if p.frames != nil {
		return p.frames
	}
	s.mu.Lock()
	for i, c := range s.indexes {
		if c.name == p.Name {
			s.indexes = append(slices.Delete(s.indexes, i, i+1), c)
			s.mu.Unlock()
			return c.frames
		}
	}
	s.mu.Unlock()
	x, err := loadIndex(p, f)
	if err != nil {
		s.note(Damage{File: p.Name, Offset: p.end, First: p.First, Next: p.First, Reason: err.Error()})
		r := s.reader()
		defer s.release(r)
		x.Frames = scanBlocks(f, r, scanFrom{First: p.First, OpenHead: p.openHead, End: p.end}).Frames
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indexes = append(s.indexes, cachedIndex{name: p.Name, frames: x.Frames})
	if len(s.indexes) > cachedIndexes {
		s.indexes = slices.Delete(s.indexes, 0, 1)
	}
	return x.Frames
}

func loadIndex(p *part, f File) (index, error) {
	b := make([]byte, p.indexSize)
	if err := readFull(f, b, p.end); err != nil {
		return index{}, fmt.Errorf("segment index: %w", err)
	}
	x, err := decodeIndex(b)
	if err != nil {
		return index{}, err
	}
	at, first := int64(headerFixed), p.First
	for i, fr := range x.Frames {
		if fr.Offset < at || fr.Offset >= p.end || fr.First < first || fr.First >= p.Next || i == 0 && fr.First != p.First {
			return index{}, fmt.Errorf("segment index: frame %d: %w", i, ErrDamaged)
		}
		at, first = fr.Offset+1, fr.First+1
	}
	return x, nil
}

// frameEnd returns where frame i of p ends: offset and sequence number.
func (p *part) frameEnd(frames []frame, i int) (int64, uint64) {
	if i+1 < len(frames) {
		return frames[i+1].Offset, frames[i+1].First
	}
	return p.end, p.Next
}

// read calls fn for the entries of [from, to) that are there.
func (s *store) read(ctx context.Context, from, to uint64, fn func(Entry) error) error {
	parts, tail := s.view()
	var found []Damage
	if len(tail) > 0 && from >= tail[0].First {
		return s.readRecent(ctx, tail, from, to, fn)
	}
	i, _ := slices.BinarySearchFunc(parts, from, func(p *part, seq uint64) int {
		if p.Next <= seq {
			return -1
		}
		return 1
	})
	for _, p := range parts[i:] {
		if p.First >= to {
			break
		}
		damage, err := s.readPart(ctx, p, max(from, p.First), min(to, p.Next), fn)
		if err != nil {
			return err
		}
		found = append(found, damage...)
	}
	if len(found) > 0 {
		return &DamageError{Places: found}
	}
	return nil
}

// DamageError is returned after everything readable was delivered. It satisfies
// errors.Is for ErrDamaged.
type DamageError struct{ Places []Damage }

// Error names the first place.
func (e *DamageError) Error() string {
	return fmt.Sprintf("%d places cannot be read, first %s", len(e.Places), e.Places[0])
}

// Is reports whether target is ErrDamaged.
func (e *DamageError) Is(target error) bool { return target == ErrDamaged }

func (s *store) readRecent(ctx context.Context, tail []recent, from, to uint64, fn func(Entry) error) error {
	var last facts
	for i := range tail {
		if tail[i].Next <= from || tail[i].First >= to {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b := block{record: record{First: tail[i].First, Count: uint32(tail[i].Next - tail[i].First)}} //nolint:gosec // G115: the count of a record
		err := entries(&b, tail[i].Raw, &last, func(e *Entry, _ []byte) error {
			if e.Seq < from || e.Seq >= to {
				return nil
			}
			return fn(*e)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stopError carries an error of the caller's fn through the walk.
type stopError struct{ err error }

func (e stopError) Error() string { return e.err.Error() }

// readPart reads [from, to) of one segment, skipping what is damaged.
func (s *store) readPart(ctx context.Context, p *part, from, to uint64, fn func(Entry) error) ([]Damage, error) {
	f, err := s.disk.OpenRead(s.path(p.Name))
	if errors.Is(err, fs.ErrNotExist) {
		d := Damage{File: p.Name, First: p.First, Next: p.Next, Reason: "file is gone"}
		s.note(d)
		return []Damage{d}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read events from %d: %w", from, err)
	}
	defer func() { _ = f.Close() }() // read only
	frames := s.frames(p, f)
	r := s.reader()
	defer s.release(r)
	var found []Damage
	for i := range frames {
		end, next := p.frameEnd(frames, i)
		if next <= from {
			continue
		}
		if frames[i].First >= to {
			break
		}
		if err := ctx.Err(); err != nil {
			return found, err
		}
		d, err := s.readFrame(p, f, r, span{frames[i].Offset, end, frames[i].First, next}, func(e *Entry, _ []byte) error {
			if e.Seq >= to {
				return stopError{}
			}
			if e.Seq < from {
				return nil
			}
			if err := fn(*e); err != nil {
				return stopError{err}
			}
			return nil
		})
		if err != nil {
			return found, err
		}
		found = append(found, d...)
	}
	return found, nil
}

// span is a frame's place in file and ledger.
type span struct {
	from, to    int64
	first, next uint64
}

// readFrame calls fn for every entry of a frame. A stopError of fn ends it, with
// the error inside. What cannot be read is noted and returned as damage.
func (s *store) readFrame(p *part, f File, r *frameReader, at span, fn func(e *Entry, stored []byte) error) ([]Damage, error) {
	var last facts
	done := at.first
	err := r.load(f, at.from, at.to)
	if err == nil {
		err = r.blocks(&p.openHead, at.from, at.first, func(b *block, raw []byte) error {
			err := entries(b, raw, &last, fn)
			if err == nil {
				done = b.next()
			}
			return err
		})
	}
	var stop stopError
	var broken *brokenError
	d := Damage{File: p.Name, Offset: at.from, First: done, Next: at.next}
	switch {
	case errors.As(err, &stop):
		return nil, stop.err
	case errors.As(err, &broken):
		d.Offset, d.First, d.Reason = broken.offset, broken.seq, broken.err.Error()
	case err != nil:
		d.Reason = err.Error()
	case done != at.next:
		d.Reason = "frame ends early"
	default:
		return nil, nil
	}
	s.note(d)
	return []Damage{d}, nil
}

// oldest returns the earliest receipt time.
func oldest(parts []*part) time.Time {
	var t time.Time
	for _, p := range parts {
		if t.IsZero() || p.FirstReceived.Before(t) {
			t = p.FirstReceived
		}
	}
	return t
}
