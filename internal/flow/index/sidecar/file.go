package sidecar

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
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

// formatVersion is the number of the file format, docs/format/index.md.
const formatVersion = 2

const (
	headerBytes   = 32
	summaryBytes  = 144
	checksumBytes = 4
)

var (
	headerMagic  = [8]byte{'F', 'S', 'I', 'N', 'D', 'E', 'X', 0}
	summaryMagic = [8]byte{'F', 'S', 'I', 'N', 'D', 'E', 'N', 'D'}

	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

var (
	// ErrDamaged is wrapped when a sidecar cannot be read as it was written, and from
	// then on by everything that would read it: throw away what it gave.
	ErrDamaged = errors.New("sidecar damaged")
	// ErrOutdated is wrapped when a sidecar is of another format. It is no damage.
	ErrOutdated = errors.New("sidecar outdated")
)

// Span is a range of times, both ends inclusive, in Unix nanoseconds.
type Span struct{ Min, Max int64 }

func (s *Span) add(v int64, first bool) {
	if first {
		s.Min, s.Max = v, v
	}
	s.Min, s.Max = min(s.Min, v), max(s.Max, v)
}

// Times returns the ends.
func (s Span) Times() (from, to time.Time) {
	return time.Unix(0, s.Min).UTC(), time.Unix(0, s.Max).UTC()
}

// Summary is the end of a sidecar: what it is of, and where its directory is.
type Summary struct {
	Version        uint32 // of the reader
	First, Next    uint64 // of the segment
	RawBytes       uint64 // of the segment
	Rows           uint64 // events in the sidecar; fewer than Next-First when some could not be read
	Received, Time Span   // of the rows; zero without rows. Time is that of [When]
	Readings       Readings
	Size           int64 // of the file

	dir   block
	dirAt int64
	reads block // of Readings; it ends where the directory begins
}

// Note counts a record among the rows.
func (s *Summary) Note(rec *event.Record) {
	received := rec.Received.UnixNano()
	s.Received.add(received, s.Rows == 0)
	s.Time.add(believed(received, nanos(rec.Time)), s.Rows == 0)
	s.Rows++
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

func (s *Summary) encode() []byte {
	b := make([]byte, 0, summaryBytes)
	b = append(b, summaryMagic[:]...)
	b = binary.LittleEndian.AppendUint32(b, formatVersion)
	b = binary.LittleEndian.AppendUint32(b, s.Version)
	for _, v := range []uint64{
		s.First, s.Next, s.RawBytes, s.Rows,
		uint64(s.Received.Min), uint64(s.Received.Max), uint64(s.Time.Min), uint64(s.Time.Max), //nolint:gosec // as bits
		uint64(s.dirAt), uint64(s.dir.stored), uint64(s.dir.raw), //nolint:gosec // not negative
	} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	b = binary.LittleEndian.AppendUint32(b, s.dir.sum)
	for _, n := range []int{s.reads.stored, s.reads.raw} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n)) //nolint:gosec // not negative
	}
	b = binary.LittleEndian.AppendUint32(b, s.reads.sum)
	b = b[:summaryBytes-checksumBytes]
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// decodeSummary reads header and summary of a file of size bytes.
func decodeSummary(head, b []byte, size int64) (Summary, error) {
	if !bytes.HasPrefix(head, headerMagic[:]) || !bytes.HasPrefix(b, summaryMagic[:]) ||
		crc32.Checksum(head[:28], castagnoli) != binary.LittleEndian.Uint32(head[28:]) ||
		crc32.Checksum(b[:summaryBytes-checksumBytes], castagnoli) != binary.LittleEndian.Uint32(b[summaryBytes-checksumBytes:]) {
		return Summary{}, damaged("header or summary")
	}
	if f := binary.LittleEndian.Uint16(head[8:]); f != formatVersion {
		return Summary{}, fmt.Errorf("format %d: %w", f, ErrOutdated)
	}
	u := func(i int) uint64 { return binary.LittleEndian.Uint64(b[16+8*i:]) }
	i := func(n int) int64 { return int64(u(n)) } //nolint:gosec // as bits
	s := Summary{
		Version: binary.LittleEndian.Uint32(b[12:]), First: u(0), Next: u(1), RawBytes: u(2), Rows: u(3),
		Received: Span{i(4), i(5)}, Time: Span{i(6), i(7)}, dirAt: i(8), Size: size,
	}
	var fits [2]bool
	s.dir, fits[0] = decodeBlock(b[16+8*9:], size-summaryBytes-s.dirAt)
	s.reads, fits[1] = decodeBlock(b[16+8*11+4:], s.dirAt-headerBytes)
	if !fits[0] || !fits[1] || s.dirAt+int64(s.dir.stored)+summaryBytes != size ||
		s.Version != binary.LittleEndian.Uint32(head[12:]) || s.First != binary.LittleEndian.Uint64(head[16:]) {
		return Summary{}, damaged("summary does not fit the file")
	}
	return s, nil
}

// decodeBlock reads what a summary says of a block that has at most room bytes.
func decodeBlock(b []byte, room int64) (block, bool) {
	stored, raw := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if room < 0 || stored > uint64(room) || raw > maxBlock {
		return block{}, false
	}
	return block{stored: int(stored), raw: int(raw), sum: binary.LittleEndian.Uint32(b[16:])}, true //nolint:gosec // checked
}

// File is a sidecar on disk, finished or being written. It is opened for each read:
// a station has tens of thousands of them, and most are not asked. It is safe for
// concurrent use.
type File struct {
	folder *Folder
	first  uint64
	path   atomic.Pointer[string] // changes once, when the finished file gets its name
	bad    atomic.Bool            // it is not to be read any more
}

// Bad reports whether the file is not to be read any more.
func (f *File) Bad() bool { return f.bad.Load() }

// GiveUp makes the file bad without a word to Options.Hurt.
func (f *File) GiveUp() { f.bad.Store(true) }

// open opens the file, also when it is just being renamed.
func (f *File) open() (ledger.File, error) {
	path := f.path.Load()
	h, err := f.folder.o.FS.OpenRead(*path)
	if now := f.path.Load(); errors.Is(err, fs.ErrNotExist) && now != path {
		h, err = f.folder.o.FS.OpenRead(*now)
	}
	return h, err //nolint:wrapcheck // names the file
}

// fail notes that the file cannot be trusted, and returns what callers see.
func (f *File) fail(err error) error {
	if !errors.Is(err, ErrDamaged) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	err = fmt.Errorf("%s: %w", filepath.Base(*f.path.Load()), err)
	if f.bad.CompareAndSwap(false, true) && f.folder.o.Hurt != nil {
		f.folder.o.Hurt(f.first, f, err)
	}
	return err
}

// read returns the stored bytes [at, at+n).
func (f *File) read(at int64, n int) ([]byte, error) {
	if f.bad.Load() {
		return nil, fmt.Errorf("%s: %w", filepath.Base(*f.path.Load()), ErrDamaged)
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
func (f *File) load(at int64, b block) ([]byte, error) {
	stored, err := f.read(at, b.stored)
	if err != nil {
		return nil, err
	}
	raw, err := unpack(f.folder.dec, stored, b)
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

// Summary reads what the sidecar is of. It fails with [ErrDamaged], which does not
// make the file bad, with [ErrOutdated], or with an error of the file system.
func (f *File) Summary() (Summary, error) {
	h, err := f.open()
	if err != nil {
		return Summary{}, err
	}
	defer func() { _ = h.Close() }() // read only
	size, err := h.Size()
	if err != nil {
		return Summary{}, err //nolint:wrapcheck // names the file
	}
	if size < headerBytes+summaryBytes {
		return Summary{}, damaged("file of %d bytes", size)
	}
	var head [headerBytes]byte
	var end [summaryBytes]byte
	if err := errors.Join(readFull(h, head[:], 0), readFull(h, end[:], size-summaryBytes)); err != nil {
		return Summary{}, err
	}
	sum, err := decodeSummary(head[:], end[:], size)
	if err != nil {
		return Summary{}, err
	}
	stored := make([]byte, sum.reads.stored)
	if err := readFull(h, stored, sum.dirAt-int64(len(stored))); err != nil {
		return Summary{}, err
	}
	raw, err := unpack(f.folder.dec, stored, sum.reads)
	if err != nil {
		return Summary{}, err
	}
	sum.Readings, err = decodeReadings(raw)
	return sum, err
}

// Groups reads the directory. sum is what [File.Summary] gave. Groups of
// different classes overlap in sequence and time. It fails with [ErrDamaged]. The caller must
// not change the slice.
func (f *File) Groups(sum *Summary) ([]*Group, error) {
	key := cacheKey{f, sum.dirAt, cachedDirectory}
	if v, ok := f.folder.cache.get(key); ok {
		if groups, ok := v.([]*Group); ok {
			return groups, nil
		}
	}
	raw, err := f.load(sum.dirAt, sum.dir)
	if err != nil {
		return nil, err
	}
	groups, err := f.decode(raw, sum)
	if err != nil {
		return nil, f.fail(err)
	}
	cost := int64(64)
	for _, g := range groups {
		cost += 256 + int64(len(g.head.columns))*112
	}
	f.folder.cache.put(key, groups, cost)
	return groups, nil
}

func (f *File) decode(raw []byte, sum *Summary) ([]*Group, error) {
	heads, err := decodeDirectory(raw, sum.dirAt)
	if err != nil {
		return nil, err
	}
	groups := make([]*Group, len(heads))
	rows := uint64(0)
	for i := range heads {
		h := &heads[i]
		if h.first < sum.First || h.last >= sum.Next {
			return nil, damaged("group of events %d to %d", h.first, h.last)
		}
		rows += uint64(h.rows) //nolint:gosec // not negative
		groups[i] = &Group{head: h, file: f}
	}
	if rows != sum.Rows {
		return nil, damaged("%d rows instead of %d", rows, sum.Rows)
	}
	return groups, nil
}
