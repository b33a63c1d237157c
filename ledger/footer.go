package ledger

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/bits"
	"time"
)

// frame is one entry of a segment's index: where to start reading.
type frame struct {
	Offset  int64
	First   uint64
	Raw     int64
	FirstAt time.Time // earliest receipt time
	LastAt  time.Time // latest receipt time
	Hashes  []hash    // compact range of its leaves; nil: not known
}

// index is the first part of a footer.
type index struct {
	Frames []frame
	Keys   []keyRow
}

func (x index) encode() []byte {
	size := indexFixed + keyInIndex*len(x.Keys)
	for i := range x.Frames {
		size += frameFixed + hashSize*len(x.Frames[i].Hashes)
	}
	b := make([]byte, 0, size)
	b = append(b, indexMagic[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(size)) //nolint:gosec // G115: a segment's frames and keys are bounded
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(x.Frames))) //nolint:gosec // G115: a segment's frames and keys are bounded
	b = binary.BigEndian.AppendUint32(b, uint32(len(x.Keys)))   //nolint:gosec // G115: a segment's frames and keys are bounded
	for i := range x.Frames {
		f := &x.Frames[i]
		b = binary.BigEndian.AppendUint64(b, uint64(f.Offset)) //nolint:gosec // G115: a file offset
		b = binary.BigEndian.AppendUint64(b, f.First)
		b = binary.BigEndian.AppendUint64(b, uint64(f.Raw)) //nolint:gosec // G115: a size
		b = binary.BigEndian.AppendUint64(b, stamp(f.FirstAt))
		b = binary.BigEndian.AppendUint64(b, stamp(f.LastAt))
		b = append(b, byte(len(f.Hashes))) //nolint:gosec // G115: at most 128
		for j := range f.Hashes {
			b = append(b, f.Hashes[j][:]...)
		}
	}
	for i := range x.Keys {
		b = append(b, x.Keys[i].ID[:]...)
		b = binary.BigEndian.AppendUint64(b, x.Keys[i].First)
		b = binary.BigEndian.AppendUint32(b, x.Keys[i].Count)
		b = binary.BigEndian.AppendUint64(b, stamp(x.Keys[i].At))
	}
	binary.BigEndian.PutUint32(b[8:], crc32.Checksum(b, castagnoli))
	return b
}

func decodeIndex(b []byte) (index, error) {
	if len(b) < indexFixed || [4]byte(b[:4]) != indexMagic || int64(binary.BigEndian.Uint32(b[4:])) != int64(len(b)) {
		return index{}, fmt.Errorf("segment index: %w", ErrDamaged)
	}
	if !checksummed(b, 8) {
		return index{}, fmt.Errorf("segment index: checksum: %w", ErrDamaged)
	}
	frames, keys := int(binary.BigEndian.Uint32(b[12:])), int(binary.BigEndian.Uint32(b[16:]))
	if frames > len(b)/frameFixed || keys > len(b)/keyInIndex {
		return index{}, fmt.Errorf("segment index: counts: %w", ErrDamaged)
	}
	x := index{Frames: make([]frame, frames), Keys: make([]keyRow, keys)}
	b = b[indexFixed:]
	for i := range x.Frames {
		if len(b) < frameFixed || len(b) < frameFixed+hashSize*int(b[40]) {
			return index{}, fmt.Errorf("segment index: frame %d: %w", i, ErrDamaged)
		}
		n := frameFixed + hashSize*int(b[40])
		x.Frames[i] = frame{
			Offset: int64(binary.BigEndian.Uint64(b)), First: binary.BigEndian.Uint64(b[8:]), Raw: int64(binary.BigEndian.Uint64(b[16:])), //nolint:gosec // G115: checked by frameSpan
			FirstAt: unstamp(binary.BigEndian.Uint64(b[24:])), LastAt: unstamp(binary.BigEndian.Uint64(b[32:])),
			Hashes: decodeHashes(b[frameFixed:n]),
		}
		b = b[n:]
	}
	if len(b) != keys*keyInIndex {
		return index{}, fmt.Errorf("segment index: length: %w", ErrDamaged)
	}
	for i := range x.Keys {
		x.Keys[i] = keyRow{
			ID: keyID(b[:16]), First: binary.BigEndian.Uint64(b[16:]), Count: binary.BigEndian.Uint32(b[24:]),
			At: unstamp(binary.BigEndian.Uint64(b[28:])),
		}
		b = b[keyInIndex:]
	}
	return x, nil
}

// checksummed reports whether the checksum at offset at covers b.
func checksummed(b []byte, at int) bool {
	sum := crc32.Checksum(b[:at], castagnoli)
	sum = crc32.Update(sum, castagnoli, make([]byte, 4))
	return crc32.Update(sum, castagnoli, b[at+4:]) == binary.BigEndian.Uint32(b[at:])
}

// summary is the last part of a footer but for the trailer.
type summary struct {
	Blocks      uint32
	First, Next uint64
	ClosedAt    time.Time
	Root        hash
	Previous    hash
	FirstAt     time.Time // earliest receipt time
	LastAt      time.Time // latest receipt time
	Raw         int64
	IndexOffset int64
	IndexSize   uint32
	OpenedAt    time.Time
	OpenHead    hash   // head after the header; the checksums of blocks begin with it
	Tree        []hash // compact range of [0, Next)
}

func (s summary) encode() []byte {
	size := summaryFixed + hashSize*len(s.Tree)
	b := make([]byte, 0, size+trailerSize)
	b = append(b, summaryMagic[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(size)) //nolint:gosec // G115: at most 64 hashes
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, s.Blocks)
	b = binary.BigEndian.AppendUint64(b, s.First)
	b = binary.BigEndian.AppendUint64(b, s.Next)
	b = binary.BigEndian.AppendUint64(b, stamp(s.ClosedAt))
	b = append(b, s.Root[:]...)
	b = append(b, s.Previous[:]...)
	b = binary.BigEndian.AppendUint64(b, stamp(s.FirstAt))
	b = binary.BigEndian.AppendUint64(b, stamp(s.LastAt))
	b = binary.BigEndian.AppendUint64(b, uint64(s.Raw))         //nolint:gosec // G115: a size
	b = binary.BigEndian.AppendUint64(b, uint64(s.IndexOffset)) //nolint:gosec // G115: a file offset
	b = binary.BigEndian.AppendUint32(b, s.IndexSize)
	b = binary.BigEndian.AppendUint64(b, stamp(s.OpenedAt))
	b = append(b, s.OpenHead[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.Tree))) //nolint:gosec // G115: at most 64 hashes
	for i := range s.Tree {
		b = append(b, s.Tree[i][:]...)
	}
	binary.BigEndian.PutUint32(b[8:], crc32.Checksum(b, castagnoli))
	return b
}

func closeHead(encoded []byte) hash { return chain("close", encoded[16:104]) }

func decodeSummary(b []byte) (summary, error) {
	if len(b) < summaryFixed || [4]byte(b[:4]) != summaryMagic || int64(binary.BigEndian.Uint32(b[4:])) != int64(len(b)) || !checksummed(b, 8) {
		return summary{}, fmt.Errorf("segment summary: %w", ErrDamaged)
	}
	s := summary{
		Blocks: binary.BigEndian.Uint32(b[12:]),
		First:  binary.BigEndian.Uint64(b[16:]), Next: binary.BigEndian.Uint64(b[24:]),
		ClosedAt: unstamp(binary.BigEndian.Uint64(b[32:])), Root: hash(b[40:72]), Previous: hash(b[72:104]),
		FirstAt: unstamp(binary.BigEndian.Uint64(b[104:])), LastAt: unstamp(binary.BigEndian.Uint64(b[112:])),
		Raw: int64(binary.BigEndian.Uint64(b[120:])), IndexOffset: int64(binary.BigEndian.Uint64(b[128:])), //nolint:gosec // G115: compared with the file's size
		IndexSize: binary.BigEndian.Uint32(b[136:]), OpenedAt: unstamp(binary.BigEndian.Uint64(b[140:])),
		OpenHead: hash(b[148:180]), Tree: decodeHashes(b[summaryFixed:]),
	}
	if int(binary.BigEndian.Uint16(b[180:])) != len(s.Tree) || summaryFixed+hashSize*len(s.Tree) != len(b) ||
		bits.OnesCount64(s.Next) != len(s.Tree) || s.Next <= s.First {
		return summary{}, fmt.Errorf("segment summary: fields: %w", ErrDamaged)
	}
	return s, nil
}

func encodeTrailer(offset int64, size int) []byte {
	b := make([]byte, 0, trailerSize)
	b = binary.BigEndian.AppendUint64(b, uint64(offset)) //nolint:gosec // G115: a file offset
	b = binary.BigEndian.AppendUint32(b, uint32(size))   //nolint:gosec // G115: at most 64 hashes
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	return append(b, trailerMagic[:]...)
}

// readSummary reads the summary of a sealed segment of the given size from its
// last bytes. It fails with errNotHere when there is no trailer at all.
func readSummary(f File, size int64) (summary, []byte, error) {
	n := min(size, summaryFixed+64*hashSize+trailerSize)
	b := make([]byte, n)
	if n < trailerSize {
		return summary{}, nil, fmt.Errorf("segment trailer: %w", errNotHere)
	}
	if err := readFull(f, b, size-n); err != nil {
		return summary{}, nil, fmt.Errorf("segment trailer: %w", err)
	}
	t := b[n-trailerSize:]
	if [8]byte(t[16:]) != trailerMagic || crc32.Checksum(t[:12], castagnoli) != binary.BigEndian.Uint32(t[12:]) {
		return summary{}, nil, fmt.Errorf("segment trailer: %w", errNotHere)
	}
	offset, length := binary.BigEndian.Uint64(t), int64(binary.BigEndian.Uint32(t[8:]))
	if length > n-trailerSize || offset != uint64(size-trailerSize-length) { //nolint:gosec // G115: not negative by the first half
		return summary{}, nil, fmt.Errorf("segment trailer: offset: %w", ErrDamaged)
	}
	encoded := b[n-trailerSize-length : n-trailerSize]
	s, err := decodeSummary(encoded)
	if err == nil && (s.IndexOffset < headerFixed || s.IndexOffset+int64(s.IndexSize) != size-trailerSize-length) {
		err = fmt.Errorf("segment summary: index offset: %w", ErrDamaged)
	}
	return s, encoded, err
}
