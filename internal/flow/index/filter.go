package index

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// A filter is a Bloom filter split into pages, so that one look-up reads one page
// and trusts no byte without its checksum. A token chooses a page, a block of 512
// bits in it, and probes bits of the block.
const (
	bitsPerToken  = 10 // about one false answer in a hundred, see BenchmarkFilter
	blockBytes    = 64
	blocksPerPage = 63
	probes        = 6
	checksumBytes = 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// filterShape is the size of a filter.
type filterShape struct {
	pages  int // 0: there is no filter, and every token may be there
	blocks int // of each page
}

func (f filterShape) pageBytes() int { return f.blocks*blockBytes + checksumBytes }

func (f filterShape) bytes() int { return f.pages * f.pageBytes() }

// page returns which page a token is in.
func (f filterShape) page(t Token) int { return reduce(uint64(t)>>32, f.pages) }

// block returns where the block of a token begins in its page.
func (f filterShape) block(t Token) int { return reduce(uint64(t)&0xffffffff, f.blocks) * blockBytes }

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

// newFilter returns the pages of a filter of the tokens.
func newFilter(tokens *tokenSet) (filterShape, []byte) {
	if tokens.n == 0 {
		return filterShape{}, nil
	}
	need := max(1, (tokens.n*bitsPerToken+blockBytes*8-1)/(blockBytes*8))
	shape := filterShape{pages: (need + blocksPerPage - 1) / blocksPerPage}
	shape.blocks = (need + shape.pages - 1) / shape.pages
	out := make([]byte, shape.bytes())
	size := shape.pageBytes()
	tokens.each(func(t Token) {
		block := out[shape.page(t)*size+shape.block(t):][:blockBytes]
		probe(t, func(bit uint) bool { block[bit/8] |= 1 << (bit % 8); return true })
	})
	for i := range shape.pages {
		page := out[i*size : (i+1)*size]
		body := page[:size-checksumBytes]
		binary.LittleEndian.PutUint32(page[len(body):], crc32.Checksum(body, castagnoli))
	}
	return shape, out
}

// holds reports whether the page may hold the token; ok is false when the page is
// not what was written.
func (f filterShape) holds(page []byte, t Token) (may, ok bool) {
	if len(page) != f.pageBytes() {
		return false, false
	}
	body := page[:len(page)-checksumBytes]
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(page[len(body):]) {
		return false, false
	}
	block := body[f.block(t):][:blockBytes]
	return probe(t, func(bit uint) bool { return block[bit/8]&(1<<(bit%8)) != 0 }), true
}

// tokenSet is a set of tokens with open addressing. Its zero value is empty.
type tokenSet struct {
	slots []Token // a power of two of them; 0 is free
	n     int
	zero  bool // holds the token 0
}

func (s *tokenSet) add(t Token) {
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

func (s *tokenSet) grow() {
	old := s.slots
	s.slots = make([]Token, max(64, 2*len(old)))
	if s.zero {
		s.n = 1
	} else {
		s.n = 0
	}
	for _, t := range old {
		if t != 0 {
			s.add(t)
		}
	}
}

func (s *tokenSet) each(fn func(Token)) {
	if s.zero {
		fn(0)
	}
	for _, t := range s.slots {
		if t != 0 {
			fn(t)
		}
	}
}

func (s *tokenSet) bytes() int { return 8 * len(s.slots) }
