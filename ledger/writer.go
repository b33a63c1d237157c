package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/klauspost/compress/zstd"
)

// writer is the ledger's state machine: one call at a time, nothing concurrent.
// Its owner publishes what it has made durable.
type writer struct {
	o     Options
	dir   string
	size  uint64
	tree  []hash // compact range of [0, size)
	head  hash
	tail  *tail // open segment; nil: the next commit opens one
	keys  *keyBook
	fresh bool // the next block must start a frame

	h   *hasher
	enc *zstd.Encoder // nil until needed; goes with its segment
	out bytes.Buffer  // record and piece of the block being made

	reserve int64 // bytes in the reserve file
	urgent  bool  // the group being stored may use the reserve

	closed []closing // segments closed since they were last asked for
	late   []byte    // what the mutant "early" has acknowledged and not written
	lateAt int64
}

// closing is a segment that became immutable, and the tree and head at its end.
type closing struct {
	part  *part
	point point
}

// point is a state of the ledger that a checkpoint can state.
type point struct {
	size       uint64
	root, head hash
}

// tail is the open segment.
type tail struct {
	part
	file      File
	room      int64 // length the file was extended to
	blocks    uint32
	keys      []keyRow
	frameRaw  int64
	frameTree []hash // compact range of the newest frame's leaves
}

// full reports whether err means that there is no room.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// stored is what a commit made.
type stored struct {
	first uint64
	raw   []byte
	keys  []keyRow
}

// commit stores the batches as one block and returns after it is durable. With
// an error nothing of it may be acknowledged: one for which full holds leaves the
// writer usable, any other does not.
func (w *writer) commit(batches []*Batch, sizes int, now time.Time) (stored, error) {
	if err := w.roll(now); err != nil {
		return stored{}, err
	}
	if w.tail == nil {
		if err := w.openSegment(now); err != nil {
			return stored{}, err
		}
	}
	s := stored{first: w.size, raw: make([]byte, 0, sizes)}
	count := 0
	for _, b := range batches {
		count += len(b.Entries)
	}
	w.h.reset(count)
	leaves := w.h.factory.NewEmptyRange(w.size)
	seq := w.size
	t := w.tail
	firstAt, lastAt := time.Time{}, time.Time{}
	for _, b := range batches {
		if b.Key != "" {
			s.keys = append(s.keys, keyRow{ID: newKeyID(b.Key), First: seq, Count: uint32(len(b.Entries)), At: now}) //nolint:gosec // G115: bounded by MaxBatch
		}
		for i := range b.Entries {
			at := len(s.raw)
			s.raw = appendEntry(s.raw, &b.Entries[i])
			if err := leaves.Append(w.h.leaf(seq, s.raw[at:]), nil); err != nil {
				return stored{}, err
			}
			firstAt, lastAt = widen(firstAt, lastAt, b.Entries[i].Received)
			seq++
		}
	}
	tree, err := w.h.rangeOf(0, w.size, w.tree)
	if err == nil {
		err = tree.AppendRange(leaves, nil)
	}
	if err != nil {
		return stored{}, err
	}
	newTree := hashesOf(tree)
	rec := record{
		Frame: w.fresh || len(t.frames) == 0 || t.frameRaw >= int64(w.o.FrameBytes),
		Raw:   len(s.raw), First: w.size, Count: uint32(count), At: now, Root: rootOf(newTree), Previous: w.head, Keys: s.keys,
	}
	head, err := w.write(rec, s.raw)
	if err != nil {
		w.fresh = true // the encoder is ahead of the file
		return stored{}, err
	}
	w.took(rec, leaves.Hashes(), firstAt, lastAt)
	w.size, w.tree, w.head, w.fresh = seq, newTree, head, false
	w.keys.add(s.keys, now)
	return s, nil
}

// write makes a block and makes it durable.
func (w *writer) write(rec record, raw []byte) (hash, error) {
	t := w.tail
	if rec.Frame {
		rec.Tree = w.tree
	}
	w.out.Reset()
	w.out.Write(rec.encode(w.out.AvailableBuffer()))
	if err := w.compress(raw, rec.Frame); err != nil {
		return hash{}, err
	}
	b := w.out.Bytes()
	sealBlock(&t.openHead, b, len(b)-rec.size())
	if w.o.break_.early {
		err := w.writeLate()
		w.late, w.lateAt = bytes.Clone(b), t.end
		return commitHead(b, len(rec.Keys)), err
	}
	if err := w.extend(t, t.end+int64(len(b))); err != nil {
		return hash{}, err
	}
	if _, err := t.file.WriteAt(b, t.end); err != nil {
		return hash{}, fmt.Errorf("write %s: %w", t.Name, err)
	}
	if err := w.datasync(t.file); err != nil {
		return hash{}, fmt.Errorf("sync %s: %w", t.Name, notFullError{err})
	}
	return commitHead(b, len(rec.Keys)), nil
}

// writeLate does what the mutant "early" should have done before.
func (w *writer) writeLate() error {
	if w.late == nil {
		return nil
	}
	b := w.late
	w.late = nil
	if _, err := w.tail.file.WriteAt(b, w.lateAt); err != nil {
		return err
	}
	return w.tail.file.Datasync()
}

// notFullError hides the nature of an error: a sync that found the disk full has lost
// data as surely as any other that failed.
type notFullError struct{ err error }

func (e notFullError) Error() string { return e.err.Error() }

// compress adds the piece of raw to the block being made.
func (w *writer) compress(raw []byte, frameStart bool) error {
	if w.enc == nil {
		enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
			zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false), zstd.WithEncoderLevel(zstd.SpeedDefault))
		if err != nil {
			panic("BUG: zstd encoder options: " + err.Error())
		}
		w.enc = enc
	}
	if frameStart {
		w.enc.Reset(&w.out)
	}
	if _, err := w.enc.Write(raw); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	if err := w.enc.Flush(); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	return nil
}

// took counts a block that is durable.
func (w *writer) took(rec record, leaves [][]byte, firstAt, lastAt time.Time) {
	t := w.tail
	if rec.Frame {
		t.frames = append(slices.Clone(t.frames), frame{Offset: t.end, First: rec.First, FirstAt: firstAt, LastAt: lastAt})
		if n := len(t.frames); n > 1 && t.frameRaw > 0 {
			t.frames[n-2].Raw, t.frames[n-2].Hashes = t.frameRaw, t.frameTree
		}
		t.frameRaw, t.frameTree = 0, nil
	} else {
		t.frames = slices.Clone(t.frames)
	}
	fr := &t.frames[len(t.frames)-1]
	fr.FirstAt, fr.LastAt = widen(fr.FirstAt, fr.LastAt, firstAt)
	fr.FirstAt, fr.LastAt = widen(fr.FirstAt, fr.LastAt, lastAt)
	t.FirstReceived, t.LastReceived = widen(t.FirstReceived, t.LastReceived, firstAt)
	t.FirstReceived, t.LastReceived = widen(t.FirstReceived, t.LastReceived, lastAt)
	t.frameTree = joinRanges(w.h, [3]uint64{fr.First, rec.First, rec.next()}, t.frameTree, leaves)
	t.frameRaw += int64(rec.Raw)
	t.blocks++
	t.keys = append(t.keys, rec.Keys...)
	t.RawBytes += int64(rec.Raw)
	t.end += int64(w.out.Len())
	t.StoredBytes, t.Next = t.end, rec.next()
}

// joinRanges adds the compact range of [at[1], at[2]) to that of [at[0], at[1]).
func joinRanges(h *hasher, at [3]uint64, left []hash, right [][]byte) []hash {
	l, err := h.rangeOf(at[0], at[1], left)
	if err == nil {
		r, rerr := h.factory.NewRange(at[1], at[2], right)
		err = rerr
		if err == nil {
			err = l.AppendRange(r, nil)
		}
	}
	if err != nil {
		panic("BUG: ranges do not meet: " + err.Error())
	}
	return hashesOf(l)
}

// extend sees to it that the file has room up to size.
func (w *writer) extend(t *tail, size int64) error {
	if size <= t.room {
		return nil
	}
	room := (size + w.o.Preallocate - 1) / w.o.Preallocate * w.o.Preallocate
	err := t.file.Preallocate(room)
	if full(err) && w.urgent {
		room = size
		err = w.fromReserve(func() error { return t.file.Preallocate(room) })
	}
	if err != nil {
		return fmt.Errorf("take room for %s: %w", t.Name, err)
	}
	t.room = room
	return nil
}

// roll closes the open segment when it is large or old enough.
func (w *writer) roll(now time.Time) error {
	if w.tail == nil || w.tail.blocks == 0 || w.tail.RawBytes < w.o.SegmentBytes && now.Sub(w.tail.OpenedAt).Abs() < w.o.SegmentAge {
		return nil
	}
	return w.closeSegment(now)
}

// openSegment creates the next segment and makes its name durable.
func (w *writer) openSegment(now time.Time) error {
	h := header{First: w.size, OpenedAt: now, Previous: w.head, Origin: w.o.Origin}
	b := h.encode()
	name := segmentName(w.size)
	path := filepath.Join(w.dir, name)
	t := &tail{}
	create := func() error {
		f, err := w.o.FS.Create(path)
		if err != nil {
			return err
		}
		t.file, t.room = f, w.o.Preallocate
		if w.urgent {
			t.room = int64(len(b))
		}
		if err = f.Preallocate(t.room); err == nil {
			_, err = f.WriteAt(b, 0)
		}
		if err != nil {
			return errors.Join(err, f.Close(), w.o.FS.Remove(path))
		}
		return nil
	}
	err := create()
	if full(err) && w.urgent {
		err = w.fromReserve(create)
	}
	if err != nil {
		return fmt.Errorf("open segment %s: %w", name, err)
	}
	if err = w.sync(t.file); err == nil {
		err = w.syncDir(w.dir)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("open segment %s: %w", name, notFullError{err}), t.file.Close())
	}
	t.Name, t.First, t.Next, t.OpenedAt = name, w.size, w.size, now
	t.end, t.openHead = int64(len(b)), openHead(b)
	t.StoredBytes = t.end
	w.head, w.tail, w.fresh = t.openHead, t, true
	return nil
}

// closeSegment makes the open segment immutable.
func (w *writer) closeSegment(now time.Time) error {
	t := w.tail
	if err := w.writeLate(); err != nil {
		return err
	}
	frames := slices.Clone(t.frames)
	if n := len(frames); t.frameRaw > 0 {
		frames[n-1].Raw, frames[n-1].Hashes = t.frameRaw, t.frameTree
	}
	footer := index{Frames: frames, Keys: t.keys}.encode()
	p := t.part
	p.frames, p.indexSize = nil, uint32(len(footer)) //nolint:gosec // G115: a segment's frames and keys are bounded
	sum := summary{
		Blocks: t.blocks, First: t.First, Next: t.Next, ClosedAt: now, Root: rootOf(w.tree), Previous: w.head,
		FirstAt: t.FirstReceived, LastAt: t.LastReceived, Raw: t.RawBytes, IndexOffset: t.end, IndexSize: p.indexSize,
		OpenedAt: t.OpenedAt, OpenHead: t.openHead, Tree: w.tree,
	}.encode()
	footer = append(footer, sum...)
	footer = append(footer, encodeTrailer(t.end+int64(p.indexSize), len(sum))...)
	size := t.end + int64(len(footer))
	if err := w.finish(t, footer, size); err != nil {
		return fmt.Errorf("close segment %s: %w", t.Name, err)
	}
	p.Sealed, p.ClosedAt, p.StoredBytes = true, now.UTC(), size
	w.head, w.tail, w.enc = closeHead(sum), nil, nil
	w.closed = append(w.closed, closing{&p, point{w.size, rootOf(w.tree), w.head}})
	return nil
}

// finish writes a footer; closing always may use the reserve.
func (w *writer) finish(t *tail, footer []byte, size int64) error {
	write := func() error {
		if size > t.room {
			if err := t.file.Preallocate(size); err != nil {
				return err
			}
			t.room = size
		}
		_, err := t.file.WriteAt(footer, t.end)
		return err
	}
	err := write()
	if full(err) {
		err = w.fromReserve(write)
	}
	if err == nil {
		err = t.file.Truncate(size)
	}
	if err != nil {
		return err
	}
	t.room = size
	if !w.o.break_.noSyncClose {
		if err := w.sync(t.file); err != nil {
			return notFullError{err}
		}
	}
	return t.file.Close()
}

// settle makes what was read when opening the segment durable for certain: it
// cuts the tail and writes the last block, or the header, over itself.
func (t *tail) settle(from int64, mut mutant) error {
	if !mut.trustCache {
		b := make([]byte, t.end-from)
		if err := readFull(t.file, b, from); err != nil {
			return err
		}
		if _, err := t.file.WriteAt(b, from); err != nil {
			return err
		}
	}
	if err := t.file.Truncate(t.end); err != nil {
		return err
	}
	t.room = t.end
	return t.file.Sync()
}

func (w *writer) datasync(f File) error {
	switch {
	case w.o.break_.noSync:
		return nil
	case w.o.break_.retrySync:
		if err := f.Datasync(); err == nil {
			return nil
		}
	}
	return f.Datasync()
}

func (w *writer) sync(f File) error {
	if w.o.break_.noSync {
		return nil
	}
	return f.Sync()
}

func (w *writer) syncDir(dir string) error {
	if w.o.break_.noSyncDir {
		return nil
	}
	return w.o.FS.SyncDir(dir)
}
