package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"hash/crc32"
)

// footing computes what a segment's footer must be (section 5 of the format).
// Frames and keys are kept as hashes of their bytes, so that memory does not grow.
type footing struct {
	frames, keys         hash.Hash
	frameCount, keyCount uint64
	frameBytes           int64

	inFrame    bool
	frameAt    int64
	frameFirst uint64
	frameRaw   uint64
	frameTree  subtrees
	frameTimes times

	blocks    uint64
	raw       uint64
	all       times
	closeHead digest
}

// times are the earliest and the latest receipt time.
type times struct {
	any         bool
	first, last int64
}

func (t *times) add(at int64) {
	if !t.any {
		t.any, t.first, t.last = true, at, at
	}
	t.first, t.last = min(t.first, at), max(t.last, at)
}

func (t *times) encode(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(t.first))   //nolint:gosec // G115: two's complement is the format
	return binary.BigEndian.AppendUint64(b, uint64(t.last)) //nolint:gosec // G115: two's complement is the format
}

func (f *footing) begin(*segment) { f.frames, f.keys = sha256.New(), sha256.New() }

// frame notes that a frame starts.
func (f *footing) frame(at int64, first uint64) {
	f.endFrame()
	f.inFrame, f.frameAt, f.frameFirst, f.frameRaw = true, at, first, 0
	f.frameTree.reset(first)
	f.frameTimes = times{}
}

func (f *footing) endFrame() {
	if !f.inFrame {
		return
	}
	b := make([]byte, 0, 1<<10)
	b = binary.BigEndian.AppendUint64(b, uint64(f.frameAt)) //nolint:gosec // G115: an offset
	b = binary.BigEndian.AppendUint64(b, f.frameFirst)
	b = binary.BigEndian.AppendUint64(b, f.frameRaw)
	b = f.frameTimes.encode(b)
	b = append(b, byte(len(f.frameTree.nodes))) //nolint:gosec // G115: at most 128
	b = f.frameTree.encode(b)
	_, _ = f.frames.Write(b) // a hash never fails
	f.frameCount++
	f.frameBytes += int64(len(b))
	f.inFrame = false
}

func (f *footing) event(leaf digest, at int64) {
	f.frameTree.add(leaf)
	f.frameTimes.add(at)
	f.all.add(at)
}

// block notes a block with k keys.
func (f *footing) block(rec []byte, k int64) {
	f.blocks++
	f.raw += u32(rec[16:])
	f.frameRaw += u32(rec[16:])
	for i := range k {
		_, _ = f.keys.Write(rec[recordHead+28*i : recordHead+28*i+28]) // a hash never fails
		_, _ = f.keys.Write(rec[44:52])
		f.keyCount++
	}
}

// check compares index, summary and trailer, which begin where s has come to and
// end with the file.
func (f *footing) check(s *segment) error {
	f.endFrame()
	indexSize := 20 + f.frameBytes + 36*int64(f.keyCount) //nolint:gosec // G115: bounded by the file
	summary := f.summary(s, indexSize)
	trailer := binary.BigEndian.AppendUint64(nil, uint64(s.at+indexSize))  //nolint:gosec // G115: an offset
	trailer = binary.BigEndian.AppendUint32(trailer, uint32(len(summary))) //nolint:gosec // G115: at most 64 hashes
	trailer = binary.BigEndian.AppendUint32(trailer, uint32(crc(trailer))) //nolint:gosec // G115: 32 bits
	trailer = append(trailer, "FSLEDEND"...)
	end := s.at + indexSize
	if s.size != end+int64(len(summary)+len(trailer)) {
		return bad(s.at, "no block where one should be, and no footer")
	}
	if err := f.checkIndex(s, indexSize); err != nil {
		return err
	}
	have := make([]byte, len(summary)+len(trailer))
	if err := fill(s.file, have, end); err != nil {
		return err
	}
	copy(summary[32:40], have[32:40]) // the time of closing is only here
	put32(summary[8:], 0)
	put32(summary[8:], crc(summary))
	for i, want := range append(summary, trailer...) {
		if have[i] != want {
			return bad(end+int64(i), "footer of the segment")
		}
	}
	f.closeHead = chainSum("close", have[16:104])
	return nil
}

func put32(b []byte, v uint64) { binary.BigEndian.PutUint32(b, uint32(v)) } //nolint:gosec // G115: 32 bits

// summary makes the summary but for the time of closing and the checksum.
func (f *footing) summary(s *segment, indexSize int64) []byte {
	v := s.v
	root := v.tree.root()
	b := make([]byte, 0, 182+32*64+24)
	b = append(b, "FSFT"...)
	b = binary.BigEndian.AppendUint32(b, uint32(182+32*len(v.tree.nodes))) //nolint:gosec // G115: at most 64 hashes
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(f.blocks)) //nolint:gosec // G115: bounded by the file
	b = binary.BigEndian.AppendUint64(b, s.first)
	b = binary.BigEndian.AppendUint64(b, v.size)
	b = append(b, make([]byte, 8)...)
	b = append(b, root[:]...)
	b = append(b, v.head[:]...)
	b = f.all.encode(b)
	b = binary.BigEndian.AppendUint64(b, f.raw)
	b = binary.BigEndian.AppendUint64(b, uint64(s.at))      //nolint:gosec // G115: an offset
	b = binary.BigEndian.AppendUint32(b, uint32(indexSize)) //nolint:gosec // G115: bounded by the file
	b = append(b, s.opened...)
	b = append(b, s.openHead[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(v.tree.nodes))) //nolint:gosec // G115: at most 64 hashes
	return v.tree.encode(b)
}

// checkIndex compares the index with the frames and keys that were read.
func (f *footing) checkIndex(s *segment, size int64) error {
	head := make([]byte, 20)
	if err := fill(s.file, head, s.at); err != nil {
		return err
	}
	if string(head[:4]) != "FSIX" || int64(u32(head[4:])) != size || u32(head[12:]) != f.frameCount || u32(head[16:]) != f.keyCount { //nolint:gosec // G115: 32 bits
		return bad(s.at, "head of the index")
	}
	sum := uint32(crc(head[:8], noCRC, head[12:])) //nolint:gosec // G115: 32 bits
	parts := []struct {
		what string
		want hash.Hash
		size int64
	}{{"frames", f.frames, f.frameBytes}, {"keys", f.keys, 36 * int64(f.keyCount)}} //nolint:gosec // G115: bounded by the file
	at := s.at + 20
	s.v.p.chunk(size)
	for _, p := range parts {
		got := sha256.New()
		begin := at
		for end := at + p.size; at < end; {
			b := s.v.p.copy[:min(int64(len(s.v.p.copy)), end-at)]
			if err := fill(s.file, b, at); err != nil {
				return err
			}
			sum = crc32.Update(sum, crcTable, b)
			_, _ = got.Write(b) // a hash never fails
			at += int64(len(b))
		}
		if !bytes.Equal(got.Sum(nil), p.want.Sum(nil)) {
			return bad(begin, "%s of the index", p.what)
		}
	}
	if uint64(sum) != u32(head[8:]) {
		return bad(s.at+8, "checksum of the index")
	}
	return nil
}
