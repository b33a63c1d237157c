package verify

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
)

func put64(b []byte, v uint64) { binary.BigEndian.PutUint64(b, v) }

func u16(b []byte) uint64 { return uint64(binary.BigEndian.Uint16(b)) }
func u32(b []byte) uint64 { return uint64(binary.BigEndian.Uint32(b)) }
func u64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

// crc is CRC-32C over parts that follow each other.
func crc(parts ...[]byte) uint64 {
	sum := uint32(0)
	for _, p := range parts {
		sum = crc32.Update(sum, crcTable, p)
	}
	return uint64(sum)
}

var (
	crcTable = crc32.MakeTable(crc32.Castagnoli)
	noCRC    = make([]byte, 4)
)

// firstOf reads the sequence number in a segment's name.
func firstOf(name string) (uint64, bool) {
	digits, ok := strings.CutPrefix(name, "seg-")
	if !ok {
		return 0, false
	}
	if digits, ok = strings.CutSuffix(digits, ".fsl"); !ok || len(digits) != 20 {
		return 0, false
	}
	n := uint64(0)
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' || n > (1<<64-1-9)/10 {
			return 0, false
		}
		n = 10*n + uint64(c-'0')
	}
	return n, true
}

// fill reads exactly len(b) bytes at an offset.
func fill(f io.ReaderAt, b []byte, at int64) error {
	n, err := f.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
