package sidecar

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/klauspost/compress/zstd"
)

// Flags of a stored column.
const (
	flagSingle byte = 1 << iota // every row has one value
	flagMixed                   // each value has a kind of its own
)

// fewDistinct is how many different values always make a dictionary.
const fewDistinct = 256

// encoding chooses how a gathered column is stored.
func (c *gather) encoding() Encoding {
	if len(c.dict) <= fewDistinct {
		return Dictionary
	}
	if !slices.ContainsFunc(c.dict, func(s string) bool { _, ok := whole(s); return !ok }) {
		return Number
	}
	if len(c.dict) <= len(c.ids)/2 {
		return Dictionary
	}
	return Plain
}

// whole returns the number that s is the shortest decimal form of.
func whole(s string) (int64, bool) {
	if len(s) == 0 || len(s) > len("-9223372036854775808") || s[0] == '0' && len(s) > 1 || s[0] == '+' {
		return 0, false
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || s[0] == '-' && (v == 0 || s[1] == '0') {
		return 0, false
	}
	return v, true
}

// encodeGather returns a gathered column as it is stored, before compression.
func encodeGather(dst []byte, c *gather, rows int) ([]byte, columnHead) {
	col := c.column(rows)
	head := columnHead{name: c.name, enc: c.encoding(), values: len(c.ids)}
	switch head.enc {
	case Dictionary:
		head.distinct = len(c.dict)
	case Plain:
		texts := make([]string, len(c.ids))
		for i, id := range c.ids {
			texts[i] = c.dict[id]
		}
		col.enc, col.texts, col.ids = Plain, texts, nil
	case Number:
		nums := make([]int64, len(c.ids))
		for i, id := range c.ids {
			nums[i], _ = whole(c.dict[id])
		}
		col.enc, col.nums, col.texts, col.ids = Number, nums, nil, nil
		head.min, head.max = slices.Min(nums), slices.Max(nums)
	}
	return encodeColumn(dst, col), head
}

// encodeNumbers returns numbers, one a row or with starts, as a stored column.
func encodeNumbers(dst []byte, name string, nums []int64, starts []uint32, rows int) ([]byte, columnHead) {
	head := columnHead{name: name, enc: Number, values: len(nums)}
	if len(nums) > 0 {
		head.min, head.max = slices.Min(nums), slices.Max(nums)
	}
	return encodeColumn(dst, &Column{enc: Number, rows: rows, nums: nums, starts: starts}), head
}

// encodeTexts returns texts, one a row, as a stored column.
func encodeTexts(dst []byte, name string, texts []string) ([]byte, columnHead) {
	head := columnHead{name: name, enc: Plain, values: len(texts)}
	return encodeColumn(dst, &Column{enc: Plain, rows: len(texts), texts: texts}), head
}

func encodeColumn(dst []byte, c *Column) []byte {
	var flags byte
	if c.starts == nil {
		flags |= flagSingle
	}
	if c.kinds != nil {
		flags |= flagMixed
	}
	dst = append(dst, flags, byte(c.kind))
	if c.starts != nil {
		for i := range c.rows {
			dst = binary.AppendUvarint(dst, uint64(c.starts[i+1]-c.starts[i]))
		}
	}
	dst = append(dst, c.kinds...)
	switch c.enc {
	case Plain:
		return appendTexts(dst, c.texts)
	case Dictionary:
		return appendIDs(appendTexts(dst, c.texts), c.ids, len(c.texts))
	default:
		return appendNumbers(dst, c.nums)
	}
}

func appendTexts(dst []byte, texts []string) []byte {
	for _, t := range texts {
		dst = binary.AppendUvarint(dst, uint64(len(t)))
	}
	for _, t := range texts {
		dst = append(dst, t...)
	}
	return dst
}

// idBytes is how wide an id is in a dictionary of so many values.
func idBytes(distinct int) int {
	switch {
	case distinct <= 1<<8:
		return 1
	case distinct <= 1<<16:
		return 2
	default:
		return 4
	}
}

func appendIDs(dst []byte, ids []uint32, distinct int) []byte {
	switch idBytes(distinct) {
	case 1:
		for _, id := range ids {
			dst = append(dst, byte(id)) //nolint:gosec // checked by idBytes
		}
	case 2:
		for _, id := range ids {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(id)) //nolint:gosec // checked by idBytes
		}
	case 4:
		for _, id := range ids {
			dst = binary.LittleEndian.AppendUint32(dst, id)
		}
	}
	return dst
}

// units are what the differences of numbers may be counted in: times are often
// whole micro-, milliseconds or seconds.
var units = [...]int64{1e9, 1e6, 1e3, 1}

// appendNumbers appends the unit, the first number, and the differences from one
// number to the next in that unit.
func appendNumbers(dst []byte, nums []int64) []byte {
	if len(nums) == 0 {
		return dst
	}
	unit := units[len(units)-1]
	for u, candidate := range units {
		if u == len(units)-1 || evenly(nums, candidate) {
			unit = candidate
			break
		}
	}
	dst = binary.AppendUvarint(dst, uint64(unit)) //nolint:gosec // positive
	dst = binary.AppendVarint(dst, nums[0])
	for i := 1; i < len(nums); i++ {
		dst = binary.AppendVarint(dst, (nums[i]-nums[i-1])/unit)
	}
	return dst
}

// evenly reports whether all differences are multiples of unit and none overflows.
func evenly(nums []int64, unit int64) bool {
	for i := 1; i < len(nums); i++ {
		d := nums[i] - nums[i-1]
		if d%unit != 0 || (d < 0) != (nums[i] < nums[i-1]) {
			return false
		}
	}
	return true
}

// packer compresses blocks. It is used by one goroutine at a time.
type packer struct {
	enc *zstd.Encoder
	raw []byte
	out []byte
}

func newPacker() (*packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err //nolint:wrapcheck // wrong options only
	}
	return &packer{enc: enc}, nil
}

// pack returns what is stored for raw: compressed, or raw itself where that is
// not longer. It is valid until the next call.
func (p *packer) pack(raw []byte) []byte {
	p.out = p.enc.EncodeAll(raw, p.out[:0])
	if len(p.out) >= len(raw) {
		return raw
	}
	return p.out
}

// maxBlock is the longest block before compression that is written or read.
const maxBlock = 256 << 20

// tooLong reports whether a block cannot be stored.
func tooLong(raw []byte) bool { return len(raw) > min(maxBlock, math.MaxInt32) }
