package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// frameLeaves are the leaves of one frame, kept because proofs are asked for
// neighbours.
type frameLeaves struct {
	name   string // segment
	first  uint64
	tree   []hash // compact range of [0, first)
	leaves []hash
}

// Prove shows that the event seq is in the tree of the newest checkpoint.
//
// It fails with an error that wraps [ErrNotFound] when there is no such event,
// [ErrNoCheckpoint] when no checkpoint speaks of it yet, and [ErrDamaged] when
// something that the proof needs cannot be read.
func (l *Log) Prove(ctx context.Context, seq uint64) (Proof, error) {
	l.mu.Lock()
	at, n, size := l.signed.at, l.signed.note, l.at.size
	l.mu.Unlock()
	if seq >= size {
		return Proof{}, fmt.Errorf("prove event %d of %d: %w", seq, size, ErrNotFound)
	}
	if n == nil || seq >= at.size {
		return Proof{}, fmt.Errorf("prove event %d: %w", seq, ErrNoCheckpoint)
	}
	return l.s.prove(ctx, seq, Checkpoint{Size: at.size, Root: at.root, Note: n})
}

// prove makes the proof of an event against a checkpoint that speaks of it.
func (s *store) prove(ctx context.Context, seq uint64, c Checkpoint) (Proof, error) {
	p, err := s.proveIn(ctx, seq, c)
	if err != nil {
		return Proof{}, fmt.Errorf("prove event %d: %w", seq, err)
	}
	return p, nil
}

func (s *store) proveIn(ctx context.Context, seq uint64, c Checkpoint) (Proof, error) {
	parts, _ := s.view()
	i, err := partOf(parts, seq)
	if err != nil {
		return Proof{}, err
	}
	h := newHasher()
	h.reset(1 << 8)
	p := Proof{Size: c.Size, Root: c.Root, Checkpoint: c.Note}
	err = s.read(ctx, seq, seq+1, func(e Entry) error {
		p.Encoded = appendEntry(nil, &e)
		p.Entry = e
		p.Entry.Raw = p.Encoded[len(p.Encoded)-len(e.Raw):]
		return nil
	})
	if err == nil && p.Encoded == nil {
		err = ErrNotFound
	}
	if err != nil {
		return Proof{}, err
	}
	p.Leaf = hash(h.leaf(seq, p.Encoded))
	w := walk{s: s, ctx: ctx, parts: parts, h: h}
	left, err := w.before(parts[i], seq)
	if err != nil {
		return Proof{}, err
	}
	nodes, err := proof.Inclusion(seq, c.Size)
	if err != nil {
		return Proof{}, err
	}
	hashes := make([][]byte, len(nodes.IDs))
	for k, id := range nodes.IDs {
		if begin, end := id.Coverage(); end <= seq {
			hashes[k], err = pick(left, seq, id)
		} else {
			hashes[k], err = w.node(begin, end)
		}
		if err != nil {
			return Proof{}, err
		}
	}
	if p.Path, err = nodes.Rehash(hashes, hashNode); err != nil {
		return Proof{}, err
	}
	for k := range p.Path {
		p.Path[k] = bytes.Clone(p.Path[k])
	}
	return p, p.follow()
}

// follow walks the path from the leaf to the root.
func (p *Proof) follow() error {
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, p.Entry.Seq, p.Size, p.Leaf[:], p.Path, p.Root[:]); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// Verify checks a proof against a key that the caller trusts and returns the
// checkpoint it leads to. It fails with an error that wraps [ErrDamaged] when any
// part does not fit the others, else as [ParseCheckpoint].
func (p *Proof) Verify(key note.Verifier) (Checkpoint, error) {
	c, err := ParseCheckpoint(p.Checkpoint, note.VerifierList(key))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("proof of event %d: %w", p.Entry.Seq, err)
	}
	var e Entry
	n, err := decodeEntry(p.Encoded, &e, &facts{})
	e.Seq = p.Entry.Seq
	h := newHasher()
	switch {
	case err != nil, n != len(p.Encoded), !sameEntry(&e, &p.Entry):
		err = fmt.Errorf("entry: %w", ErrDamaged)
	case hash(h.leaf(e.Seq, p.Encoded)) != p.Leaf:
		err = fmt.Errorf("leaf: %w", ErrDamaged)
	case c.Size != p.Size || c.Root != p.Root:
		err = fmt.Errorf("checkpoint of another tree: %w", ErrDamaged)
	default:
		err = p.follow()
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("proof of event %d: %w", p.Entry.Seq, err)
	}
	return c, nil
}

// MarshalJSON writes the form of docs/format/ledger.md, section 8, which
// [github.com/fengsui/fengsui/ledger/verify.Proof] reads.
func (p Proof) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Seq        uint64   `json:"seq"`
		Entry      []byte   `json:"entry_base64"`
		Leaf       []byte   `json:"leaf"`
		Size       uint64   `json:"size"`
		Root       []byte   `json:"root"`
		Path       [][]byte `json:"path"`
		Checkpoint string   `json:"checkpoint"`
	}{p.Entry.Seq, p.Encoded, p.Leaf[:], p.Size, p.Root[:], append([][]byte{}, p.Path...), string(p.Checkpoint)})
}

func sameEntry(a, b *Entry) bool {
	return a.Seq == b.Seq && a.Received.Equal(b.Received) && a.Source == b.Source && a.Transport == b.Transport &&
		a.Peer == b.Peer && a.Batch == b.Batch && bytes.Equal(a.Raw, b.Raw)
}

// partOf returns which segment holds an event.
func partOf(parts []*part, seq uint64) (int, error) {
	i := slices.IndexFunc(parts, func(p *part) bool { return p.First <= seq && seq < p.Next })
	if i < 0 {
		return 0, ErrNotFound
	}
	return i, nil
}

// pick returns the node id of the compact range of [0, end).
func pick(tree []hash, end uint64, id compact.NodeID) ([]byte, error) {
	for i, have := range compact.RangeNodes(0, end, nil) {
		if have == id {
			return tree[i][:], nil
		}
	}
	return nil, errors.New("path does not begin where it should")
}

// walk finds the hashes of subtrees: of whole segments and frames from what their
// indexes say, of the rest from the events.
type walk struct {
	s     *store
	ctx   context.Context //nolint:containedctx // a walk lives for one call
	parts []*part
	h     *hasher
}

// before returns the compact range of [0, seq), which is what stands to the left
// of the path of seq.
func (w *walk) before(p *part, seq uint64) ([]hash, error) {
	var tree []hash
	err := w.s.eachFrame(w.ctx, p, seq, seq+1, func(f File, frames []frame, i int) error {
		fl, err := w.s.leavesOf(p, f, frames, i)
		if err != nil {
			return err
		}
		tree, err = w.add(fl.tree, 0, fl.first, fl.leaves[:seq-fl.first])
		return err
	})
	return tree, err
}

// add appends leaves to the compact range of [begin, end).
func (w *walk) add(tree []hash, begin, end uint64, leaves []hash) ([]hash, error) {
	w.h.reset(len(leaves))
	r, err := w.h.rangeOf(begin, end, tree)
	if err != nil {
		return nil, err
	}
	for i := range leaves {
		if err := r.Append(leaves[i][:], nil); err != nil {
			return nil, err
		}
	}
	return hashesOf(r), nil
}

// node returns the hash of the perfect subtree over [begin, end).
func (w *walk) node(begin, end uint64) ([]byte, error) {
	var tree []hash
	at := begin
	for _, p := range w.parts {
		if p.Next <= at || p.First >= end {
			continue
		}
		if p.First > at {
			return nil, fmt.Errorf("events %d to %d are missing: %w", at, p.First, ErrDamaged)
		}
		to := min(end, p.Next)
		span, err := w.span(p, at, to)
		if err != nil {
			return nil, err
		}
		if tree, err = w.join(begin, at, tree, to, span); err != nil {
			return nil, err
		}
		at = to
	}
	if at != end || len(tree) != 1 {
		return nil, fmt.Errorf("events %d to %d are missing: %w", at, end, ErrDamaged)
	}
	return bytes.Clone(tree[0][:]), nil
}

// join adds the compact range of [mid, end) to that of [begin, mid).
func (w *walk) join(begin, mid uint64, left []hash, end uint64, right []hash) ([]hash, error) {
	w.h.reset(0)
	l, err := w.h.rangeOf(begin, mid, left)
	if err != nil {
		return nil, err
	}
	r, err := w.h.rangeOf(mid, end, right)
	if err != nil {
		return nil, err
	}
	if err := l.AppendRange(r, nil); err != nil {
		return nil, err
	}
	return hashesOf(l), nil
}

// span returns the compact range of [from, to), which lies in p.
func (w *walk) span(p *part, from, to uint64) ([]hash, error) {
	whole := p.Sealed && from == p.First && to == p.Next
	if whole {
		w.s.mu.Lock()
		tree, ok := w.s.spans[p.Name]
		w.s.mu.Unlock()
		if ok {
			return tree, nil
		}
	}
	var tree []hash
	at := from
	err := w.s.eachFrame(w.ctx, p, from, to, func(f File, frames []frame, i int) error {
		_, next := p.frameEnd(frames, i)
		next = min(next, to)
		if frames[i].First > at {
			return fmt.Errorf("events %d to %d of %s are missing: %w", at, frames[i].First, p.Name, ErrDamaged)
		}
		piece, err := w.piece(p, f, i, [2]uint64{at, next})
		if err != nil {
			return err
		}
		tree, err = w.join(from, at, tree, next, piece)
		at = next
		return err
	})
	if err == nil && at != to {
		err = fmt.Errorf("events %d to %d of %s are missing: %w", at, to, p.Name, ErrDamaged)
	}
	if err == nil && whole {
		w.s.mu.Lock()
		w.s.spans[p.Name] = tree
		w.s.mu.Unlock()
	}
	return tree, err
}

// piece returns the compact range of [at[0], at[1]), which lies in frame i of p.
func (w *walk) piece(p *part, f File, i int, at [2]uint64) ([]hash, error) {
	from, to := at[0], at[1]
	frames := w.s.frames(p, f)
	_, next := p.frameEnd(frames, i)
	if from == frames[i].First && to == next && len(frames[i].Hashes) > 0 {
		return frames[i].Hashes, nil // fast path: nothing to read
	}
	fl, err := w.s.leavesOf(p, f, frames, i)
	if err != nil {
		return nil, err
	}
	return w.add(nil, from, from, fl.leaves[from-fl.first:to-fl.first])
}

// eachFrame calls fn for the frames of p that hold events of [from, to).
func (s *store) eachFrame(ctx context.Context, p *part, from, to uint64, fn func(f File, frames []frame, i int) error) error {
	f, err := s.disk.OpenRead(s.path(p.Name))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // read only
	frames := s.frames(p, f)
	for i := range frames {
		if _, next := p.frameEnd(frames, i); next <= from {
			continue
		}
		if frames[i].First >= to {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := fn(f, frames, i); err != nil {
			return err
		}
	}
	return nil
}

// leavesOf reads the leaves of frame i of p.
func (s *store) leavesOf(p *part, f File, frames []frame, i int) (frameLeaves, error) {
	end, next := p.frameEnd(frames, i)
	s.mu.Lock()
	have := s.leaves
	s.mu.Unlock()
	if have.name == p.Name && have.first == frames[i].First && uint64(len(have.leaves)) >= next-have.first {
		return have, nil
	}
	fl := frameLeaves{name: p.Name, first: frames[i].First}
	b, err := blockTree(p, f, frames[i].Offset)
	if err != nil {
		return fl, err
	}
	fl.tree = b
	h := newHasher()
	r := s.reader()
	defer s.release(r)
	damage, err := s.readFrame(p, f, r, span{frames[i].Offset, end, frames[i].First, next}, func(e *Entry, stored []byte) error {
		h.reset(0)
		fl.leaves = append(fl.leaves, hash(h.leaf(e.Seq, stored)))
		return nil
	})
	if err != nil {
		return fl, err
	}
	if len(damage) > 0 {
		return fl, &DamageError{Places: damage}
	}
	s.mu.Lock()
	s.leaves = fl
	s.mu.Unlock()
	return fl, nil
}

// blockTree reads the compact range that stands at the start of a frame.
func blockTree(p *part, f File, offset int64) ([]hash, error) {
	s := scanner{file: f, from: scanFrom{OpenHead: p.openHead, End: p.end}}
	b, _, err := s.blockAt(offset)
	if err == nil && !b.Frame {
		err = errNotHere
	}
	if err != nil {
		return nil, fmt.Errorf("block at byte %d of %s: %w", offset, p.Name, errors.Join(err, ErrDamaged))
	}
	return b.Tree, nil
}
