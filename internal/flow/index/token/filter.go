package token

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// A filter is a Bloom filter split into pages, so that one look-up reads one page
// and trusts no byte without its checksum. A token chooses a page, a block of 512
// bits in it, and probes bits of the block.
const (
	bitsPerToken  = 10 // about one false answer in a hundred, see TestFilterRate
	blockBytes    = 64
	probes        = 6
	checksumBytes = 4
)

// MaxBlocks is how many blocks a page has at most.
const MaxBlocks = 63

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Shape is the size of a filter, which is the pages one after another.
type Shape struct {
	Pages  int // 0: there is no filter, and every token may be there
	Blocks int // of each page
}

// PageBytes is the length of a page.
func (f Shape) PageBytes() int { return f.Blocks*blockBytes + checksumBytes }

// Bytes is the length of all pages.
func (f Shape) Bytes() int { return f.Pages * f.PageBytes() }

// Page returns which page a token is in.
func (f Shape) Page(t Token) int { return reduce(uint64(t)>>32, f.Pages) }

// block returns where the block of a token begins in its page.
func (f Shape) block(t Token) int { return reduce(uint64(t)&0xffffffff, f.Blocks) * blockBytes }

// reduce maps a 32-bit number to [0, n).
func reduce(h uint64, n int) int {
	return int(h * uint64(n) >> 32) //nolint:gosec // n is a small count
}

// probe calls fn with the bits of a token in its block.
func probe(t Token, fn func(bit uint) bool) bool {
	h := bits.RotateLeft64(uint64(t)*0x9e3779b97f4a7c15, 31)
	for range probes {
		if !fn(uint(h & 511)) {
			return false
		}
		h >>= 9
	}
	return true
}

// NewFilter returns the pages of a filter of the tokens.
func NewFilter(tokens *Set) (Shape, []byte) {
	if tokens.n == 0 {
		return Shape{}, nil
	}
	need := max(1, (tokens.n*bitsPerToken+blockBytes*8-1)/(blockBytes*8))
	shape := Shape{Pages: (need + MaxBlocks - 1) / MaxBlocks}
	shape.Blocks = (need + shape.Pages - 1) / shape.Pages
	out := make([]byte, shape.Bytes())
	size := shape.PageBytes()
	tokens.Each(func(t Token) {
		block := out[shape.Page(t)*size+shape.block(t):][:blockBytes]
		probe(t, func(bit uint) bool { block[bit/8] |= 1 << (bit % 8); return true })
	})
	for i := range shape.Pages {
		page := out[i*size : (i+1)*size]
		body := page[:size-checksumBytes]
		binary.LittleEndian.PutUint32(page[len(body):], crc32.Checksum(body, castagnoli))
	}
	return shape, out
}

// Holds reports whether the page may hold the token; ok is false when the page is
// not what was written.
func (f Shape) Holds(page []byte, t Token) (may, ok bool) {
	if len(page) != f.PageBytes() {
		return false, false
	}
	body := page[:len(page)-checksumBytes]
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(page[len(body):]) {
		return false, false
	}
	block := body[f.block(t):][:blockBytes]
	return probe(t, func(bit uint) bool { return block[bit/8]&(1<<(bit%8)) != 0 }), true
}

// Set is a set of tokens with open addressing. Its zero value is empty.
type Set struct {
	slots []Token // a power of two of them; 0 is free
	n     int
	zero  bool // holds the token 0
}

// Add puts t into the set.
func (s *Set) Add(t Token) {
	if t == 0 {
		if !s.zero {
			s.zero = true
			s.n++
		}
		return
	}
	if 4*s.n >= 3*len(s.slots) {
		s.grow()
	}
	mask := len(s.slots) - 1
	for i := int(t&0x7fffffff) & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case t:
			return
		case 0:
			s.slots[i] = t
			s.n++
			return
		}
	}
}

func (s *Set) grow() {
	old := s.slots
	s.slots = make([]Token, max(64, 2*len(old)))
	if s.zero {
		s.n = 1
	} else {
		s.n = 0
	}
	for _, t := range old {
		if t != 0 {
			s.Add(t)
		}
	}
}

// Each calls fn once for every token of the set, in no order.
func (s *Set) Each(fn func(Token)) {
	if s.zero {
		fn(0)
	}
	for _, t := range s.slots {
		if t != 0 {
			fn(t)
		}
	}
}

// Bytes is the memory held.
func (s *Set) Bytes() int { return 8 * len(s.slots) }
