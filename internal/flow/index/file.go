package index

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"github.com/fengsui/fengsui/ledger"
)

// formatVersion is the number of the file format, docs/format/index.md.
const formatVersion = 1

const (
	headerBytes  = 32
	summaryBytes = 144
	suffix       = ".fsx"
	suffixTmp    = ".fsx.tmp"
)

var (
	headerMagic  = [8]byte{'F', 'S', 'I', 'N', 'D', 'E', 'X', 0}
	summaryMagic = [8]byte{'F', 'S', 'I', 'N', 'D', 'E', 'N', 'D'}
)

// errOutdated is wrapped when a sidecar is of another format, reader version or
// segment. It is no damage.
var errOutdated = errors.New("sidecar outdated")

func fileName(first uint64) string { return fmt.Sprintf("seg-%020d%s", first, suffix) }

// parseName returns the first sequence in the name of a sidecar, finished or not.
func parseName(name string) (first uint64, tmp, ok bool) {
	var n uint64
	for _, end := range []string{suffix, suffixTmp} {
		if len(name) != len("seg-")+20+len(end) || name[:4] != "seg-" || name[24:] != end {
			continue
		}
		for _, c := range []byte(name[4:24]) {
			if c < '0' || c > '9' {
				return 0, false, false
			}
			n = n*10 + uint64(c-'0')
		}
		return n, end == suffixTmp, true
	}
	return 0, false, false
}

// span is a range of times, both ends inclusive, in Unix nanoseconds.
type span struct{ min, max int64 }

func (s *span) add(v int64, first bool) {
	if first {
		s.min, s.max = v, v
	}
	s.min, s.max = min(s.min, v), max(s.max, v)
}

// summary is the end of a sidecar: what it is of, and where its directory is.
type summary struct {
	version        uint32 // of the reader
	first, next    uint64 // of the segment
	rawBytes       uint64 // of the segment
	rows           uint64 // events in the sidecar; fewer than next-first when some could not be read
	received, time span   // of the rows; zero without rows
	dir            block
	dirAt          int64
	size           int64 // of the file
}

// block says how long a block is, stored and before compression, and its checksum.
type block struct {
	stored, raw int
	sum         uint32
}

func header(version uint32, first uint64) []byte {
	b := make([]byte, headerBytes)
	copy(b, headerMagic[:])
	binary.LittleEndian.PutUint16(b[8:], formatVersion)
	binary.LittleEndian.PutUint32(b[12:], version)
	binary.LittleEndian.PutUint64(b[16:], first)
	binary.LittleEndian.PutUint32(b[28:], crc32.Checksum(b[:28], castagnoli))
	return b
}

func (s *summary) encode() []byte {
	b := make([]byte, 0, summaryBytes)
	b = append(b, summaryMagic[:]...)
	b = binary.LittleEndian.AppendUint32(b, formatVersion)
	b = binary.LittleEndian.AppendUint32(b, s.version)
	for _, v := range []uint64{
		s.first, s.next, s.rawBytes, s.rows,
		uint64(s.received.min), uint64(s.received.max), uint64(s.time.min), uint64(s.time.max), //nolint:gosec // as bits
		uint64(s.dirAt), uint64(s.dir.stored), uint64(s.dir.raw), //nolint:gosec // not negative
	} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	b = binary.LittleEndian.AppendUint32(b, s.dir.sum)
	b = b[:summaryBytes-checksumBytes]
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// decodeSummary reads header and summary of a file of size bytes.
func decodeSummary(head, b []byte, size int64) (summary, error) {
	if !bytes.HasPrefix(head, headerMagic[:]) || !bytes.HasPrefix(b, summaryMagic[:]) ||
		crc32.Checksum(head[:28], castagnoli) != binary.LittleEndian.Uint32(head[28:]) ||
		crc32.Checksum(b[:summaryBytes-checksumBytes], castagnoli) != binary.LittleEndian.Uint32(b[summaryBytes-checksumBytes:]) {
		return summary{}, damaged("header or summary")
	}
	if f := binary.LittleEndian.Uint16(head[8:]); f != formatVersion {
		return summary{}, fmt.Errorf("format %d: %w", f, errOutdated)
	}
	u := func(i int) uint64 { return binary.LittleEndian.Uint64(b[16+8*i:]) }
	i := func(n int) int64 { return int64(u(n)) } //nolint:gosec // as bits
	s := summary{
		version: binary.LittleEndian.Uint32(b[12:]), first: u(0), next: u(1), rawBytes: u(2), rows: u(3),
		received: span{i(4), i(5)}, time: span{i(6), i(7)}, dirAt: i(8), size: size,
	}
	stored, raw := i(9), i(10)
	if stored < 0 || stored > size || raw < 0 || raw > maxBlock || s.dirAt < headerBytes || s.dirAt+stored+summaryBytes != size ||
		s.version != binary.LittleEndian.Uint32(head[12:]) || s.first != binary.LittleEndian.Uint64(head[16:]) {
		return summary{}, damaged("summary does not fit the file")
	}
	s.dir = block{stored: int(stored), raw: int(raw), sum: binary.LittleEndian.Uint32(b[16+8*11:])}
	return s, nil
}

// fits reports whether the sidecar is that of the segment and reader version.
func (s *summary) fits(seg *ledger.Segment, version uint32) bool {
	return s.version == version && s.first == seg.First && s.next == seg.Next && s.rawBytes == uint64(seg.RawBytes) //nolint:gosec // not negative
}

// file is a sidecar on disk. It is opened for each read: a station has tens of
// thousands of them, and most are not asked.
type file struct {
	disk ledger.FS
	dec  *zstd.Decoder
	path atomic.Pointer[string] // changes once, when the finished file gets its name
	bad  atomic.Bool            // damage was found
	hurt func(error)            // called when bad becomes true; may be nil
}

func newFile(disk ledger.FS, dec *zstd.Decoder, path string) *file {
	f := &file{disk: disk, dec: dec}
	f.path.Store(&path)
	return f
}

// open opens the file, also when it is just being renamed.
func (f *file) open() (ledger.File, error) {
	path := f.path.Load()
	h, err := f.disk.OpenRead(*path)
	if now := f.path.Load(); errors.Is(err, fs.ErrNotExist) && now != path {
		h, err = f.disk.OpenRead(*now)
	}
	return h, err //nolint:wrapcheck // names the file
}

// fail notes that the file cannot be trusted, and returns what callers see.
func (f *file) fail(err error) error {
	if !errors.Is(err, ErrDamaged) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	err = fmt.Errorf("%s: %w", filepath.Base(*f.path.Load()), err)
	if f.bad.CompareAndSwap(false, true) && f.hurt != nil {
		f.hurt(err)
	}
	return err
}

// read returns the stored bytes [at, at+n).
func (f *file) read(at int64, n int) ([]byte, error) {
	if f.bad.Load() {
		return nil, fmt.Errorf("%s: %w", filepath.Base(*f.path.Load()), ErrScanOnly)
	}
	h, err := f.open()
	if err != nil {
		return nil, f.fail(err)
	}
	defer func() { _ = h.Close() }() // read only
	b := make([]byte, n)
	if err := readFull(h, b, at); err != nil {
		return nil, f.fail(err)
	}
	return b, nil
}

func readFull(h ledger.File, b []byte, at int64) error {
	n, err := h.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// load returns a block as it was before compression.
func (f *file) load(at int64, b block) ([]byte, error) {
	stored, err := f.read(at, b.stored)
	if err != nil {
		return nil, err
	}
	raw, err := unpack(f.dec, stored, b)
	if err != nil {
		return nil, f.fail(err)
	}
	return raw, nil
}

func unpack(dec *zstd.Decoder, stored []byte, b block) ([]byte, error) {
	if len(stored) != b.stored || crc32.Checksum(stored, castagnoli) != b.sum {
		return nil, damaged("checksum of a block")
	}
	if b.stored == b.raw {
		return stored, nil
	}
	raw, err := dec.DecodeAll(stored, make([]byte, 0, min(b.raw, 64*len(stored)+1024)))
	if err != nil || len(raw) != b.raw {
		return nil, damaged("block of %d bytes: %v", b.raw, err)
	}
	return raw, nil
}

// readSummary reads the ends of a sidecar.
func (f *file) readSummary() (summary, error) {
	h, err := f.open()
	if err != nil {
		return summary{}, err
	}
	defer func() { _ = h.Close() }() // read only
	size, err := h.Size()
	if err != nil {
		return summary{}, err //nolint:wrapcheck // names the file
	}
	if size < headerBytes+summaryBytes {
		return summary{}, damaged("file of %d bytes", size)
	}
	var head [headerBytes]byte
	var end [summaryBytes]byte
	if err := errors.Join(readFull(h, head[:], 0), readFull(h, end[:], size-summaryBytes)); err != nil {
		return summary{}, err
	}
	return decodeSummary(head[:], end[:], size)
}
