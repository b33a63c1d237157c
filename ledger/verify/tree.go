package verify

import (
	"crypto/sha256"
	"hash"
)

type digest = [32]byte

// subtrees are the roots of the perfect, aligned subtrees that cover a range of
// leaves from left to right (section 2 of the format).
type subtrees struct {
	begin, end uint64
	nodes      []node
}

// node is the root of the 2^level leaves from start on.
type node struct {
	start uint64
	level uint
	sum   digest
}

func (t *subtrees) reset(begin uint64) { t.begin, t.end, t.nodes = begin, begin, t.nodes[:0] }

// add appends one leaf and joins what has become perfect.
func (t *subtrees) add(leaf digest) {
	t.nodes = append(t.nodes, node{start: t.end, sum: leaf})
	t.end++
	for n := len(t.nodes); n > 1; n = len(t.nodes) {
		l, r := &t.nodes[n-2], &t.nodes[n-1]
		if l.level != r.level || l.start>>l.level&1 != 0 {
			return
		}
		l.sum = join(l.sum, r.sum)
		l.level++
		t.nodes = t.nodes[:n-1]
	}
}

// root of the tree, for a range that begins at 0.
func (t *subtrees) root() digest {
	n := len(t.nodes)
	if n == 0 {
		return sha256.Sum256(nil)
	}
	r := t.nodes[n-1].sum
	for i := n - 2; i >= 0; i-- {
		r = join(t.nodes[i].sum, r)
	}
	return r
}

// encode appends the hashes of the range.
func (t *subtrees) encode(b []byte) []byte {
	for i := range t.nodes {
		b = append(b, t.nodes[i].sum[:]...)
	}
	return b
}

func join(left, right digest) digest {
	var b [65]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[33:], right[:])
	return sha256.Sum256(b[:])
}

// follow walks an audit path from a leaf to the root (RFC 9162, section 2.1.3.2).
func follow(leaf digest, seq, size uint64, path []digest) (digest, bool) {
	if seq >= size {
		return digest{}, false
	}
	fn, sn, r := seq, size-1, leaf
	for _, p := range path {
		if sn == 0 {
			return digest{}, false
		}
		if fn&1 == 1 || fn == sn {
			r = join(p, r)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			r = join(r, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	return r, sn == 0
}

// chainSum begins the hash of a statement of the chain.
func chainSum(kind string, body ...[]byte) digest {
	h := sha256.New()
	_, _ = h.Write([]byte("fengsui.ledger.v1 " + kind + "\n")) // a hash never fails
	for _, b := range body {
		_, _ = h.Write(b)
	}
	return digest(h.Sum(nil))
}

// leafSum makes leaf hashes from pieces of an entry.
type leafSum struct {
	h      hash.Hash
	prefix [9]byte // in the struct, so that an event costs no allocation
	out    [32]byte
}

func (l *leafSum) begin(seq uint64) {
	if l.h == nil {
		l.h = sha256.New()
	}
	l.h.Reset()
	put64(l.prefix[1:], seq)
	_, _ = l.h.Write(l.prefix[:]) // a hash never fails
}

func (l *leafSum) write(b []byte) { _, _ = l.h.Write(b) } // a hash never fails

func (l *leafSum) sum() digest { return digest(l.h.Sum(l.out[:0])) }
