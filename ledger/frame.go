package ledger

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// readFull fills b from offset. It fails with io.ErrUnexpectedEOF when the file is shorter.
func readFull(f File, b []byte, offset int64) error {
	n, err := f.ReadAt(b, offset)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// block is a record and where it stands.
type block struct {
	record
	Offset int64
	Head   hash // after it
}

func (b *block) end() int64 { return b.Offset + int64(b.size()+b.Piece) }

// frameReader decompresses the blocks of one frame after the other.
type frameReader struct {
	dec    *zstd.Decoder
	in     pieceQueue
	stored []byte // of the frame
	raw    []byte // of the block
}

// pieceQueue feeds the decoder the pieces of a frame, one at a time, so that it
// never sees an end before the frame's last piece.
type pieceQueue struct{ rest []byte }

func (q *pieceQueue) Read(p []byte) (int, error) {
	if len(q.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, q.rest)
	q.rest = q.rest[n:]
	return n, nil
}

func newFrameReader() *frameReader {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		panic("BUG: zstd decoder options: " + err.Error())
	}
	return &frameReader{dec: dec}
}

// load reads the stored bytes [from, to) of a file.
func (r *frameReader) load(f File, from, to int64) error {
	n := to - from
	if n < 0 || n > 1<<31 {
		return fmt.Errorf("frame of %d bytes: %w", n, ErrDamaged)
	}
	if int64(cap(r.stored)) < n {
		r.stored = make([]byte, n)
	}
	r.stored = r.stored[:n]
	return readFull(f, r.stored, from)
}

// start begins a new frame with piece; more adds the next one.
func (r *frameReader) start(piece []byte) error {
	r.in.rest = piece
	return r.dec.Reset(&r.in)
}

func (r *frameReader) more(piece []byte) { r.in.rest = piece }

// next returns exactly n raw bytes, valid until the next call. Memory grows with
// what the frame really holds, not with what a record claims.
func (r *frameReader) next(n int) ([]byte, error) {
	const step = 1 << 20
	r.raw = r.raw[:0]
	for len(r.raw) < n {
		have, take := len(r.raw), min(n-len(r.raw), step)
		if cap(r.raw) < have+take {
			grown := make([]byte, have, max(have+take, min(2*cap(r.raw), n)))
			copy(grown, r.raw)
			r.raw = grown
		}
		r.raw = r.raw[:have+take]
		if _, err := io.ReadFull(r.dec, r.raw[have:]); err != nil {
			return nil, fmt.Errorf("decompress: %w", errors.Join(err, ErrDamaged))
		}
	}
	return r.raw, nil
}

// blocks reads the loaded bytes, which stand at offset in the file and begin with
// a frame, block by block. fn gets each block with its raw bytes, valid during the
// call; it may end the walk with an error of its own. A block that cannot be read
// ends it with a *brokenError.
func (r *frameReader) blocks(openHead *hash, offset int64, first uint64, fn func(b *block, raw []byte) error) error {
	rest := r.stored
	var b block
	for at := 0; len(rest) > 0; at++ {
		rec, head, err := decodeRecord(openHead, rest)
		switch {
		case err != nil:
		case rec.First != first:
			err = fmt.Errorf("block begins with event %d, not %d: %w", rec.First, first, ErrDamaged)
		case rec.Frame != (at == 0):
			err = fmt.Errorf("block is not where its frame is: %w", ErrDamaged)
		}
		if err != nil {
			return &brokenError{offset: offset, seq: first, err: err}
		}
		b = block{record: rec, Offset: offset, Head: head}
		piece := rest[b.size() : b.size()+b.Piece]
		if at == 0 {
			err = r.start(piece)
		} else {
			r.more(piece)
		}
		var raw []byte
		if err == nil {
			raw, err = r.next(b.Raw)
		}
		if err != nil {
			return &brokenError{offset: offset, seq: first, err: err}
		}
		if err := fn(&b, raw); err != nil {
			return err
		}
		n := b.size() + b.Piece
		rest, offset, first = rest[n:], offset+int64(n), b.next()
	}
	return nil
}

// brokenError says where in a frame reading had to end.
type brokenError struct {
	offset int64
	seq    uint64
	err    error
}

func (e *brokenError) Error() string {
	return fmt.Sprintf("block of event %d at byte %d: %v", e.seq, e.offset, e.err)
}

func (e *brokenError) Unwrap() error { return e.err }

// entries calls fn for every entry of a block's raw bytes.
func entries(b *block, raw []byte, last *facts, fn func(e *Entry, stored []byte) error) error {
	var e Entry
	for i := range b.Count {
		n, err := decodeEntry(raw, &e, last)
		if err != nil {
			return &brokenError{offset: b.Offset, seq: b.First + uint64(i), err: errors.Join(err, ErrDamaged)}
		}
		e.Seq = b.First + uint64(i)
		if err := fn(&e, raw[:n]); err != nil {
			return err
		}
		raw = raw[n:]
	}
	if len(raw) != 0 {
		return &brokenError{offset: b.Offset, seq: b.next(), err: errors.Join(errEntry, ErrDamaged)}
	}
	return nil
}
