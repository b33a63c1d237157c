package verify

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

const (
	maxWindow = 8 << 20
	entryHead = 8 + 2 + 0xffff + 1 + 0xff + 1 + 0xff + 2 + 0xffff + 4 // longest part of an entry before its raw bytes
)

// pieces decompresses the blocks of a frame and hashes their entries. Its memory
// does not depend on what the blocks claim.
type pieces struct {
	file    io.ReaderAt
	at, end int64 // what of the piece the decoder has not taken
	failed  error // of reading
	dec     *zstd.Decoder
	left    uint64 // raw bytes of the block not yet in have
	buf     []byte
	have    []byte
	leaf    leafSum
	copy    []byte
}

// readError is an error of the disk, not of the content.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

// Read gives the decoder the rest of the piece.
func (p *pieces) Read(b []byte) (int, error) {
	if p.at == p.end {
		return 0, io.EOF
	}
	n, err := p.file.ReadAt(b[:min(int64(len(b)), p.end-p.at)], p.at)
	p.at += int64(n)
	if n > 0 {
		return n, nil
	}
	p.failed = err
	return 0, err
}

// open begins a piece.
func (p *pieces) open(f io.ReaderAt, at, length int64, starts bool) error {
	if err := wellFormed(f, at, length, starts); err != nil {
		return err
	}
	p.file, p.at, p.end, p.have = f, at, at+length, nil
	if p.dec == nil {
		dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow<<3))
		if err != nil {
			panic("BUG: zstd decoder options: " + err.Error())
		}
		p.dec = dec
	}
	if !starts {
		return nil
	}
	if err := p.dec.Reset(p); err != nil {
		return bad(at, "start of the frame: %v", err)
	}
	return nil
}

// chunk makes the buffer for copying large enough for n bytes, or as large as it gets.
func (p *pieces) chunk(n int64) {
	if n = min(max(n, 1<<12), 1<<18); int64(len(p.copy)) < n {
		p.copy = make([]byte, n)
	}
}

// done reports what of the piece was not needed for its events.
func (p *pieces) done() error {
	if p.at != p.end || len(p.have) != 0 {
		return errors.New("more is stored than its events")
	}
	return nil
}

// need makes the next n raw bytes available, n at most entryHead.
func (p *pieces) need(n int) ([]byte, error) {
	if len(p.have) >= n {
		return p.have[:n], nil
	}
	if uint64(len(p.have))+p.left < uint64(n) { //nolint:gosec // G115: n is positive
		return nil, errors.New("an entry is longer than its block")
	}
	if size := max(n, int(min(p.left, 1<<20))); len(p.buf) < size {
		grown := make([]byte, size)
		p.have = grown[:copy(grown, p.have)]
		p.buf = grown
	}
	m := copy(p.buf, p.have)
	more := p.buf[m:min(uint64(len(p.buf)), uint64(m)+p.left)] //nolint:gosec // G115: within the buffer
	if _, err := io.ReadFull(p.dec, more); err != nil {
		if p.failed != nil {
			return nil, &readError{p.failed}
		}
		return nil, fmt.Errorf("decompress: %w", err)
	}
	p.left -= uint64(len(more))
	p.have = p.buf[:m+len(more)]
	return p.have[:n], nil
}

// entry reads one entry and returns its leaf and receipt time.
func (p *pieces) entry(seq uint64) (digest, int64, error) {
	n, width := 8, [4]int{2, 1, 1, 2}
	for _, w := range width {
		b, err := p.need(n + w)
		if err != nil {
			return digest{}, 0, err
		}
		length := int(b[n])
		if w == 2 {
			length = length<<8 | int(b[n+1])
		}
		n += w + length
	}
	b, err := p.need(n + 4)
	if err != nil {
		return digest{}, 0, err
	}
	at := int64(u64(b)) //nolint:gosec // G115: two's complement is the format
	rest := u32(b[n:])
	p.leaf.begin(seq)
	p.leaf.write(b)
	p.have = p.have[n+4:]
	for rest > 0 {
		if len(p.have) == 0 {
			if _, err := p.need(1); err != nil {
				return digest{}, 0, err
			}
		}
		take := min(rest, uint64(len(p.have)))
		p.leaf.write(p.have[:take])
		p.have, rest = p.have[take:], rest-take
	}
	return p.leaf.sum(), at, nil
}

// wellFormed walks the outside of a piece: the header of a zstd frame where one
// starts, and whole blocks of which none is the last (RFC 8878, section 3.1.1).
func wellFormed(f io.ReaderAt, at, length int64, starts bool) error {
	begin, end := at, at+length
	if starts {
		n, err := frameHeader(f, at, length)
		if err != nil {
			return err
		}
		at += n
	}
	if at == end {
		return bad(begin, "a piece without a block")
	}
	var b [3]byte
	for at < end {
		if end-at < 3 {
			return bad(at, "a piece ends inside a block")
		}
		if err := fill(f, b[:], at); err != nil {
			return err
		}
		h := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16
		size := h >> 3
		if h>>1&3 == 1 { // one byte, repeated
			size = 1
		}
		if h&1 != 0 {
			return bad(at, "a frame that ends")
		}
		at += 3 + size
	}
	if at != end {
		return bad(begin, "a piece ends inside a block")
	}
	return nil
}

// frameHeader checks the header of a zstd frame and returns its length.
func frameHeader(f io.ReaderAt, at, length int64) (int64, error) {
	var b [6]byte
	if length < 6 {
		return 0, bad(at, "a piece without the header of its frame")
	}
	if err := fill(f, b[:], at); err != nil {
		return 0, err
	}
	if b[0] != 0x28 || b[1] != 0xb5 || b[2] != 0x2f || b[3] != 0xfd {
		return 0, bad(at, "a piece without the header of its frame")
	}
	if b[4]&0x3 != 0 {
		return 0, bad(at, "a frame with a dictionary")
	}
	n, single := int64(5), b[4]&0x20 != 0
	contentSize := [4]int64{0, 2, 4, 8}[b[4]>>6]
	if single {
		contentSize = max(contentSize, 1)
	} else {
		n++
		base := int64(1) << (10 + b[5]>>3)
		if base+base/8*int64(b[5]&7) > maxWindow {
			return 0, bad(at, "a frame with too large a window")
		}
	}
	if n += contentSize; n > length {
		return 0, bad(at, "a piece without the header of its frame")
	}
	return n, nil
}
