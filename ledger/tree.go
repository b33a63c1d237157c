package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	stdhash "hash"
	"math"
	"time"

	"github.com/transparency-dev/merkle/compact"
)

// appendEntry appends the stored form of e: its leaf without 0x00 and sequence.
func appendEntry(b []byte, e *Entry) []byte {
	b = binary.BigEndian.AppendUint64(b, stamp(e.Received))
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.Source))) //nolint:gosec // G115: lengths are checked by entrySize
	b = append(b, e.Source...)
	b = append(b, byte(len(e.Transport))) //nolint:gosec // G115: lengths are checked by entrySize
	b = append(b, e.Transport...)
	b = append(b, byte(len(e.Peer))) //nolint:gosec // G115: lengths are checked by entrySize
	b = append(b, e.Peer...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.Batch))) //nolint:gosec // G115: lengths are checked by entrySize
	b = append(b, e.Batch...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.Raw))) //nolint:gosec // G115: lengths are checked by entrySize
	return append(b, e.Raw...)
}

const entryFixed = 8 + 2 + 1 + 1 + 2 + 4

// entrySize returns the length of the stored form and refuses what has none.
func entrySize(e *Entry, maxRaw int) (int, error) {
	switch {
	case len(e.Raw) > maxRaw:
		return 0, fmt.Errorf("raw event of %d bytes, limit %d: %w", len(e.Raw), maxRaw, ErrTooLarge)
	case len(e.Source) > math.MaxUint16, len(e.Batch) > math.MaxUint16, len(e.Transport) > math.MaxUint8, len(e.Peer) > math.MaxUint8:
		return 0, fmt.Errorf("receipt facts: %w", ErrTooLarge)
	case e.Received.Year() < 1678 || e.Received.Year() > 2261:
		return 0, fmt.Errorf("receipt time %s is out of range", e.Received.Format(time.RFC3339))
	}
	return entryFixed + len(e.Source) + len(e.Transport) + len(e.Peer) + len(e.Batch) + len(e.Raw), nil
}

var errEntry = errors.New("entry does not fit its block")

// facts remembers the strings of the entry before, which the next one mostly repeats.
type facts struct{ source, transport, peer, batch string }

func same(s *string, b []byte) string {
	if *s != string(b) {
		*s = string(b)
	}
	return *s
}

// decodeEntry reads the entry b begins with into e and returns its length. Raw aliases b.
func decodeEntry(b []byte, e *Entry, last *facts) (int, error) {
	if len(b) < entryFixed {
		return 0, errEntry
	}
	e.Received = unstamp(binary.BigEndian.Uint64(b))
	at := 8
	part := func(lengthBytes int) []byte {
		if at < 0 || at+lengthBytes > len(b) {
			at = -1
			return nil
		}
		n := 0
		for _, c := range b[at : at+lengthBytes] {
			n = n<<8 | int(c)
		}
		at += lengthBytes
		if n > len(b)-at {
			at = -1
			return nil
		}
		at += n
		return b[at-n : at]
	}
	e.Source = same(&last.source, part(2))
	e.Transport = same(&last.transport, part(1))
	e.Peer = same(&last.peer, part(1))
	e.Batch = same(&last.batch, part(2))
	e.Raw = part(4)
	if at < 0 {
		return 0, errEntry
	}
	return at, nil
}

// hasher makes leaf and node hashes in one growing piece of memory, so that a
// block costs a few allocations and not two per event.
type hasher struct {
	sha     stdhash.Hash
	memory  []byte
	factory compact.RangeFactory
	prefix  [9]byte
	pair    [1 + 2*hashSize]byte
}

func newHasher() *hasher {
	h := &hasher{sha: sha256.New()}
	h.pair[0] = 1
	h.factory = compact.RangeFactory{Hash: h.node}
	return h
}

// reset forgets everything handed out before and makes room for n events.
func (h *hasher) reset(n int) {
	if need := (2*n + 256) * hashSize; cap(h.memory) < need {
		h.memory = make([]byte, 0, need)
	}
	h.memory = h.memory[:0]
}

func (h *hasher) keep() []byte {
	n := len(h.memory)
	if n+hashSize > cap(h.memory) {
		h.memory, n = make([]byte, 0, max(cap(h.memory), 1<<12)), 0
	}
	h.memory = h.memory[:n+hashSize]
	return h.memory[n : n+hashSize : n+hashSize]
}

// leaf hashes a stored entry at its place.
func (h *hasher) leaf(seq uint64, stored []byte) []byte {
	binary.BigEndian.PutUint64(h.prefix[1:], seq)
	h.sha.Reset()
	_, _ = h.sha.Write(h.prefix[:]) // a hash never fails
	_, _ = h.sha.Write(stored)
	return h.sha.Sum(h.keep()[:0])
}

func (h *hasher) node(left, right []byte) []byte {
	copy(h.pair[1:], left)
	copy(h.pair[1+hashSize:], right)
	sum := sha256.Sum256(h.pair[:])
	out := h.keep()
	copy(out, sum[:])
	return out
}

// hashNode is a node hash outside a hasher.
func hashNode(left, right []byte) []byte {
	sum := nodeSum(left, right)
	return sum[:]
}

func nodeSum(left, right []byte) hash {
	var b [1 + 2*hashSize]byte
	b[0] = 1
	copy(b[1:], left)
	copy(b[1+hashSize:], right)
	return sha256.Sum256(b[:])
}

// rangeOf makes a compact range of [begin, end) from its hashes.
func (h *hasher) rangeOf(begin, end uint64, hashes []hash) (*compact.Range, error) {
	list := make([][]byte, len(hashes))
	for i := range hashes {
		list[i] = hashes[i][:]
	}
	r, err := h.factory.NewRange(begin, end, list)
	if err != nil {
		return nil, fmt.Errorf("compact range of [%d, %d): %w", begin, end, err)
	}
	return r, nil
}

// hashesOf copies the hashes of a range out of a hasher's memory.
func hashesOf(r *compact.Range) []hash {
	list := r.Hashes()
	out := make([]hash, len(list))
	for i := range list {
		out[i] = hash(list[i])
	}
	return out
}

// rootOf returns the root of the tree whose compact range from 0 is given.
func rootOf(tree []hash) hash {
	if len(tree) == 0 {
		return sha256.Sum256(nil)
	}
	root := tree[len(tree)-1]
	for i := len(tree) - 2; i >= 0; i-- {
		root = nodeSum(tree[i][:], root[:])
	}
	return root
}
