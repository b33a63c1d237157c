package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// The sizes and marks of docs/format/ledger.md, section 3 and 5.
const (
	headerFixed  = 66
	recordFixed  = 118
	keyInRecord  = 28
	keyInIndex   = 36
	indexFixed   = 20
	frameFixed   = 41
	summaryFixed = 182
	trailerSize  = 24
	suiteSHA256  = 1
	hashSize     = sha256.Size
	flagFrame    = 1

	segmentPrefix = "seg-"
	segmentSuffix = ".fsl"

	// maxPiece is the most raw or stored bytes a reader believes a block to have.
	maxPiece = 1 << 28
)

var (
	headerMagic  = [8]byte([]byte("FSLEDGER"))
	blockMagic   = [4]byte([]byte("FSBK"))
	indexMagic   = [4]byte([]byte("FSIX"))
	summaryMagic = [4]byte([]byte("FSFT"))
	trailerMagic = [8]byte([]byte("FSLEDEND"))
	castagnoli   = crc32.MakeTable(crc32.Castagnoli)

	errNotHere = errors.New("not what was expected here")
)

type hash = [hashSize]byte

func segmentName(first uint64) string {
	return fmt.Sprintf("%s%020d%s", segmentPrefix, first, segmentSuffix)
}

// parseSegmentName returns the first sequence number that a file's name states.
func parseSegmentName(name string) (uint64, bool) {
	digits, ok := strings.CutPrefix(name, segmentPrefix)
	if !ok {
		return 0, false
	}
	digits, ok = strings.CutSuffix(digits, segmentSuffix)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	return first, err == nil
}

func stamp(t time.Time) uint64 { return uint64(t.UnixNano()) }

func unstamp(v uint64) time.Time { return time.Unix(0, int64(v)).UTC() } //nolint:gosec // G115: two's complement is the format

// header opens a segment.
type header struct {
	First    uint64
	OpenedAt time.Time
	Previous hash
	Origin   string
}

func (h header) encode() []byte {
	b := make([]byte, 0, headerFixed+len(h.Origin)+4)
	b = append(b, headerMagic[:]...)
	b = binary.BigEndian.AppendUint16(b, Version)
	b = append(b, 0, suiteSHA256)
	b = binary.BigEndian.AppendUint32(b, uint32(headerFixed+len(h.Origin)+4)) //nolint:gosec // G115: Origin is checked on opening
	b = binary.BigEndian.AppendUint64(b, h.First)
	b = binary.BigEndian.AppendUint64(b, stamp(h.OpenedAt))
	b = append(b, h.Previous[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(h.Origin))) //nolint:gosec // G115: Origin is checked on opening
	b = append(b, h.Origin...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// decodeHeader reads a header and returns its length in the file.
func decodeHeader(b []byte) (header, int, error) {
	if len(b) < headerFixed+4 || [8]byte(b[:8]) != headerMagic {
		return header{}, 0, fmt.Errorf("segment header: %w", errNotHere)
	}
	n := int(binary.BigEndian.Uint16(b[64:]))
	size := headerFixed + n + 4
	if binary.BigEndian.Uint32(b[12:]) != uint32(size) || len(b) < size || //nolint:gosec // G115: at most 65,605
		crc32.Checksum(b[:size-4], castagnoli) != binary.BigEndian.Uint32(b[size-4:]) {
		return header{}, 0, fmt.Errorf("segment header: checksum: %w", ErrDamaged)
	}
	if v := binary.BigEndian.Uint16(b[8:]); v != Version || b[10] != 0 || b[11] != suiteSHA256 {
		return header{}, 0, fmt.Errorf("segment header: format %d, class %d, suite %d: %w", v, b[10], b[11], ErrFormat)
	}
	return header{
		First: binary.BigEndian.Uint64(b[16:]), OpenedAt: unstamp(binary.BigEndian.Uint64(b[24:])),
		Previous: hash(b[32:64]), Origin: string(b[headerFixed : size-4]),
	}, size, nil
}

func openHead(encoded []byte) hash { return chain("open", encoded[:len(encoded)-4]) }

func chain(statement string, body []byte) hash {
	b := make([]byte, 0, 256)
	b = append(b, "fengsui.ledger.v1 "...)
	b = append(b, statement...)
	b = append(b, '\n')
	return sha256.Sum256(append(b, body...))
}

// keyID is what is kept of an idempotency key.
type keyID [16]byte

func newKeyID(key string) keyID {
	sum := sha256.Sum256([]byte(key))
	return keyID(sum[:16])
}

// keyRow says which batch bore a key.
type keyRow struct {
	ID    keyID
	First uint64
	Count uint32
	At    time.Time // of the commit
}

// record describes one block.
type record struct {
	Frame    bool // starts a frame
	Piece    int  // stored bytes
	Raw      int  // bytes before compression
	First    uint64
	Count    uint32
	At       time.Time
	Root     hash
	Previous hash
	Keys     []keyRow
	Tree     []hash // compact range of [0, First); only with Frame
}

func (r record) size() int { return recordFixed + keyInRecord*len(r.Keys) + hashSize*len(r.Tree) }

func (r record) next() uint64 { return r.First + uint64(r.Count) }

// encode appends the record to b; sealBlock completes it.
func (r record) encode(b []byte) []byte {
	b = append(b, blockMagic[:]...)
	flags := byte(0)
	if r.Frame {
		flags = flagFrame
	}
	b = append(b, 1, flags)
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.Tree))) //nolint:gosec // G115: at most 64
	b = binary.BigEndian.AppendUint32(b, uint32(r.size()))    //nolint:gosec // G115: the writer bounds keys and pieces
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(r.Raw)) //nolint:gosec // G115: the writer bounds keys and pieces
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint64(b, r.First)
	b = binary.BigEndian.AppendUint32(b, r.Count)
	b = binary.BigEndian.AppendUint64(b, r.next())
	b = binary.BigEndian.AppendUint64(b, stamp(r.At))
	b = append(b, r.Root[:]...)
	b = append(b, r.Previous[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.Keys))) //nolint:gosec // G115: the writer bounds keys and pieces
	for i := range r.Keys {
		b = append(b, r.Keys[i].ID[:]...)
		b = binary.BigEndian.AppendUint64(b, r.Keys[i].First)
		b = binary.BigEndian.AppendUint32(b, r.Keys[i].Count)
	}
	for i := range r.Tree {
		b = append(b, r.Tree[i][:]...)
	}
	return b
}

// blockSum is the checksum of a record and its piece. It begins with the head of
// the segment's opening, so that bytes inside a logged line never pass for a block.
func blockSum(openHead *hash, block []byte) uint32 {
	sum := crc32.Checksum(openHead[:], castagnoli)
	sum = crc32.Update(sum, castagnoli, block[:20])
	sum = crc32.Update(sum, castagnoli, []byte{0, 0, 0, 0})
	return crc32.Update(sum, castagnoli, block[24:])
}

// sealBlock fills in the length of the piece that follows a record, and the checksum.
func sealBlock(openHead *hash, block []byte, piece int) {
	binary.BigEndian.PutUint32(block[12:], uint32(piece)) //nolint:gosec // G115: the writer bounds pieces
	binary.BigEndian.PutUint32(block[20:], blockSum(openHead, block))
}

// commitHead is the head after the record that b begins with.
func commitHead(b []byte, keys int) hash { return chain("commit", b[24:recordFixed+keyInRecord*keys]) }

// recordSizes reads the lengths that b claims for a record and its piece.
func recordSizes(b []byte) (rec, piece int, ok bool) {
	if len(b) < recordFixed || [4]byte(b[:4]) != blockMagic {
		return 0, 0, false
	}
	r, p := binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])
	if r < recordFixed || r > recordFixed+keyInRecord*math.MaxUint16+hashSize*64 || p > maxPiece {
		return 0, 0, false
	}
	return int(r), int(p), true
}

// decodeRecord reads the record that b begins with; b must hold its piece too.
// The second result is the head after it.
func decodeRecord(openHead *hash, b []byte) (record, hash, error) {
	rec, piece, ok := recordSizes(b)
	if !ok || len(b) < rec+piece {
		return record{}, hash{}, fmt.Errorf("block: %w", errNotHere)
	}
	if blockSum(openHead, b[:rec+piece]) != binary.BigEndian.Uint32(b[20:]) {
		return record{}, hash{}, fmt.Errorf("block: checksum: %w", ErrDamaged)
	}
	keys, tree := int(binary.BigEndian.Uint16(b[116:])), int(binary.BigEndian.Uint16(b[6:]))
	r := record{
		Frame: b[5] == flagFrame, Piece: piece, Raw: int(binary.BigEndian.Uint32(b[16:])),
		First: binary.BigEndian.Uint64(b[24:]), Count: binary.BigEndian.Uint32(b[32:]),
		At: unstamp(binary.BigEndian.Uint64(b[44:])), Root: hash(b[52:84]), Previous: hash(b[84:116]),
	}
	want := 0
	if r.Frame {
		want = bits.OnesCount64(r.First)
	}
	if b[4] != 1 || b[5] > flagFrame || tree != want || r.Count == 0 || r.Raw > maxPiece ||
		rec != recordFixed+keyInRecord*keys+hashSize*tree || binary.BigEndian.Uint64(b[36:]) != r.next() {
		return record{}, hash{}, fmt.Errorf("block: fields: %w", ErrDamaged)
	}
	r.Keys = make([]keyRow, keys)
	for i := range r.Keys {
		k := b[recordFixed+keyInRecord*i:]
		r.Keys[i] = keyRow{ID: keyID(k[:16]), First: binary.BigEndian.Uint64(k[16:]), Count: binary.BigEndian.Uint32(k[24:]), At: r.At}
	}
	r.Tree = decodeHashes(b[rec-hashSize*tree : rec])
	return r, commitHead(b, keys), nil
}

func decodeHashes(b []byte) []hash {
	hs := make([]hash, len(b)/hashSize)
	for i := range hs {
		hs[i] = hash(b[i*hashSize:])
	}
	return hs
}
