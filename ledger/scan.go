package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/transparency-dev/merkle/compact"
)

// scanFrom says where a walk over blocks begins.
type scanFrom struct {
	First    uint64 // expected sequence number of the first block
	OpenHead hash
	Start    int64 // offset of the first block; 0: behind a header of unknown length
	End      int64 // offset where to stop at the latest
}

// scanned is what a walk over the blocks of a segment found, without its footer.
type scanned struct {
	Frames  []frame
	Keys    []keyRow
	Blocks  uint32
	Last    int64 // offset of the last valid block; 0: there is none
	End     int64 // end of the last valid block
	Next    uint64
	Head    hash   // after the last valid block
	Tree    []hash // compact range of [0, Next)
	Known   bool   // Tree could be computed and agrees with every root
	Raw     int64
	FirstAt time.Time
	LastAt  time.Time
	Damage  []Damage // File is not set
	Err     error    // the disk could not be read; then the rest means nothing
}

// scanner walks a segment block by block, recomputing the tree.
type scanner struct {
	file  File
	r     *frameReader
	h     *hasher
	from  scanFrom
	out   scanned
	last  facts
	buf   []byte
	spent int64          // bytes that were summed up in search of a block
	tree  *compact.Range // of [0, out.Next)
	frame *compact.Range // of the leaves of the newest frame
}

// scanBlocks reads everything that is a valid block. What cannot be read is
// skipped up to the next frame and named.
func scanBlocks(f File, r *frameReader, from scanFrom) scanned {
	s := &scanner{file: f, r: r, h: newHasher(), from: from}
	s.out.Next, s.out.Head, s.out.End = from.First, from.OpenHead, from.Start
	s.walk()
	s.endFrame()
	if s.tree != nil {
		s.out.Tree, s.out.Known = hashesOf(s.tree), true
	}
	return s.out
}

func (s *scanner) walk() {
	at, whole := s.from.Start, s.from.Start > 0 // whole: everything so far is valid and follows
	for {
		b, piece, err := s.blockAt(at)
		if s.out.Err != nil {
			return
		}
		torn := err != nil // else it was written so, and is not a cut-off write
		if err == nil && (b.First != s.out.Next || b.Previous != s.out.Head) {
			err = fmt.Errorf("block does not follow the one before: %w", ErrDamaged)
		}
		if err == nil && whole {
			err = s.take(&b, piece)
		}
		if err == nil && whole {
			at = b.end()
			continue
		}
		if whole && torn && s.nothingBehind(at) {
			return // the tail
		}
		resume, ok := s.resume(at)
		d := Damage{Offset: at, First: s.out.Next, Next: s.out.Next, Reason: "no block where one should be"}
		if err != nil {
			d.Reason = err.Error()
		}
		if !ok {
			s.skipRest(at, d)
			return
		}
		d.Next = resume.First
		s.out.Damage = append(s.out.Damage, d)
		s.out.Next, s.out.Head = resume.First, resume.Previous
		at, whole = resume.Offset, true
	}
}

// blockAt reads the block at an offset and returns it with its piece.
func (s *scanner) blockAt(at int64) (block, []byte, error) {
	var fixed [recordFixed]byte
	if at+recordFixed > s.from.End {
		return block{}, nil, errNotHere
	}
	if err := s.read(fixed[:], at); err != nil {
		return block{}, nil, err
	}
	rec, piece, ok := recordSizes(fixed[:])
	if !ok || at+int64(rec+piece) > s.from.End {
		return block{}, nil, errNotHere
	}
	if cap(s.buf) < rec+piece {
		s.buf = make([]byte, rec+piece)
	}
	s.buf = s.buf[:rec+piece]
	if err := s.read(s.buf, at); err != nil {
		return block{}, nil, err
	}
	r, head, err := decodeRecord(&s.from.OpenHead, s.buf)
	if err != nil {
		return block{}, nil, err
	}
	return block{record: r, Offset: at, Head: head}, s.buf[rec:], nil
}

// read fills b. An error of the disk is no statement about what stands there, and
// ends the walk.
func (s *scanner) read(b []byte, at int64) error {
	err := readFull(s.file, b, at)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		s.out.Err = err
	}
	return err
}

// take decompresses a block, adds its leaves and compares the root.
func (s *scanner) take(b *block, piece []byte) error {
	if !b.Frame && s.tree == nil {
		return fmt.Errorf("block without the start of its frame: %w", ErrDamaged)
	}
	var err error
	if b.Frame {
		err = s.r.start(piece)
	} else {
		s.r.more(piece)
	}
	var raw []byte
	if err == nil {
		raw, err = s.r.next(b.Raw)
	}
	if err != nil {
		return err
	}
	s.h.reset(min(int(b.Count), 1<<20))
	before := b.Tree
	if !b.Frame {
		before = hashesOf(s.tree)
	}
	tree, err := s.h.rangeOf(0, b.First, before)
	if err != nil {
		return err
	}
	leaves := s.h.factory.NewEmptyRange(b.First)
	firstAt, lastAt := time.Time{}, time.Time{}
	err = entries(b, raw, &s.last, func(e *Entry, stored []byte) error {
		firstAt, lastAt = widen(firstAt, lastAt, e.Received)
		return leaves.Append(s.h.leaf(e.Seq, stored), nil)
	})
	if err != nil {
		return err
	}
	if err := tree.AppendRange(leaves, nil); err != nil {
		return err
	}
	if rootOf(hashesOf(tree)) != b.Root {
		return fmt.Errorf("block root does not agree with its events: %w", ErrDamaged)
	}
	return s.accept(b, tree, leaves, [2]time.Time{firstAt, lastAt})
}

// accept counts a block whose root agrees.
func (s *scanner) accept(b *block, tree, leaves *compact.Range, at [2]time.Time) error {
	o := &s.out
	if b.Frame {
		s.endFrame()
		o.Frames = append(o.Frames, frame{Offset: b.Offset, First: b.First, FirstAt: at[0], LastAt: at[1]})
		s.frame = s.h.factory.NewEmptyRange(b.First)
	}
	if err := s.frame.AppendRange(leaves, nil); err != nil {
		return err
	}
	// Out of the hasher's memory, which the next block uses again.
	s.tree = detach(s.h, tree)
	s.frame = detach(s.h, s.frame)
	fr := &o.Frames[len(o.Frames)-1]
	fr.Raw += int64(b.Raw)
	fr.FirstAt, fr.LastAt = widen(fr.FirstAt, fr.LastAt, at[0])
	fr.FirstAt, fr.LastAt = widen(fr.FirstAt, fr.LastAt, at[1])
	o.FirstAt, o.LastAt = widen(o.FirstAt, o.LastAt, at[0])
	o.FirstAt, o.LastAt = widen(o.FirstAt, o.LastAt, at[1])
	o.Keys = append(o.Keys, b.Keys...)
	o.Blocks++
	o.Raw += int64(b.Raw)
	o.Last, o.End, o.Next, o.Head = b.Offset, b.end(), b.next(), b.Head
	return nil
}

func detach(h *hasher, r *compact.Range) *compact.Range {
	out, err := h.rangeOf(r.Begin(), r.End(), hashesOf(r))
	if err != nil {
		panic("BUG: a range has the wrong number of hashes: " + err.Error())
	}
	return out
}

func widen(first, last, t time.Time) (time.Time, time.Time) {
	if first.IsZero() || t.Before(first) {
		first = t
	}
	if last.IsZero() || t.After(last) {
		last = t
	}
	return first, last
}

// endFrame completes the index entry of the newest frame, if all of it was read.
func (s *scanner) endFrame() {
	if s.frame != nil && s.frame.End() == s.out.Next {
		s.out.Frames[len(s.out.Frames)-1].Hashes = hashesOf(s.frame)
	}
	s.frame = nil
}

// resume finds the next block that starts a frame, behind what could not be read.
func (s *scanner) resume(at int64) (block, bool) {
	s.frame = nil // its leaves are not all known
	for {
		b, ok := s.search(at + 1)
		if !ok {
			return block{}, false
		}
		if b.Frame && b.First >= s.out.Next {
			return b, true
		}
		at = b.Offset
	}
}

// skipRest ends a walk inside damage: the tree after it is not known.
func (s *scanner) skipRest(at int64, d Damage) {
	s.tree = nil
	for {
		b, ok := s.search(at)
		if !ok || b.Offset >= s.from.End {
			break
		}
		s.out.Last, s.out.End, s.out.Next, s.out.Head = b.Offset, b.end(), max(b.next(), s.out.Next), b.Head
		at = b.end()
	}
	d.Next = s.out.Next
	s.out.Damage = append(s.out.Damage, d)
}

func (s *scanner) nothingBehind(at int64) bool {
	_, ok := s.search(at + 1)
	return !ok
}

// maxSpent bounds the work that bytes which only look like blocks can cause: a
// sender may put as many marks into its lines as it likes.
const maxSpent = 4 << 30

// search finds the first valid block at or behind an offset. When the marks are too
// many to try, the next one counts as a block that nothing is known of: then nothing
// is cut, and nothing goes on behind it.
func (s *scanner) search(at int64) (block, bool) {
	var found block
	ok := s.marks(at, func(at int64) bool {
		b, _, err := s.blockAt(at)
		s.spent += int64(len(s.buf))
		if err != nil && s.spent > maxSpent {
			found = block{record: record{First: s.out.Next}, Offset: s.from.End}
			return true
		}
		found = b
		return err == nil && b.First < math.MaxUint64-1<<32
	})
	return found, ok
}

// looksLikeBlock reports whether the mark of a block stands anywhere.
func (s *scanner) looksLikeBlock() bool {
	return s.marks(0, func(int64) bool { return true })
}

// marks calls fn for every mark of a block at or behind an offset, until it
// returns true or the disk fails.
func (s *scanner) marks(at int64, fn func(at int64) bool) bool {
	const chunk = 1 << 20
	buf := make([]byte, min(chunk, max(0, s.from.End-at)))
	for s.from.End-at >= int64(len(blockMagic)) {
		n, err := s.file.ReadAt(buf[:min(int64(len(buf)), s.from.End-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			s.out.Err = err
			return false
		}
		if n < len(blockMagic) {
			return false
		}
		for i := 0; ; i++ {
			j := bytes.Index(buf[i:n], blockMagic[:])
			if j < 0 {
				break
			}
			i += j
			if fn(at + int64(i)) {
				return true
			}
			if s.out.Err != nil {
				return false
			}
		}
		at += int64(n - len(blockMagic) + 1)
	}
	return false
}
