package verify

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// ErrProof is wrapped when a proof does not show what it claims.
var ErrProof = errors.New("proof does not hold")

// Proven is what a good proof shows: this event stood at this place when the
// checkpoint was signed.
type Proven struct {
	Seq       uint64
	Received  time.Time
	Source    string
	Transport string
	Peer      string
	Batch     string
	Raw       []byte
	Origin    string // name of the log
	Size      uint64 // of the checkpoint
	Root      [32]byte
}

// proofFile is the JSON form of a proof (section 8 of the format).
type proofFile struct {
	Seq        uint64   `json:"seq"`
	Entry      []byte   `json:"entry_base64"`
	Leaf       []byte   `json:"leaf"`
	Size       uint64   `json:"size"`
	Root       []byte   `json:"root"`
	Path       [][]byte `json:"path"`
	Checkpoint string   `json:"checkpoint"`
}

// Proof checks one proof in its JSON form against the verifier keys given, of
// which one must have signed its checkpoint. It fails with an error that wraps
// [ErrProof] when anything does not fit.
func Proof(b []byte, keys ...string) (Proven, error) {
	var list []note.Verifier
	for _, text := range keys {
		k, err := note.NewVerifier(strings.TrimSpace(text))
		if err != nil {
			return Proven{}, fmt.Errorf("key %q: %w", text, err)
		}
		list = append(list, k)
	}
	var p proofFile
	if len(b) > maxProof {
		return Proven{}, fmt.Errorf("%w: %d bytes", ErrProof, len(b))
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return Proven{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	out, err := p.check(note.VerifierList(list...))
	if err != nil {
		return Proven{}, fmt.Errorf("%w: event %d: %w", ErrProof, p.Seq, err)
	}
	return out, nil
}

func (p *proofFile) check(keys note.Verifiers) (Proven, error) {
	s, err := openNote([]byte(p.Checkpoint), keys)
	if err != nil {
		return Proven{}, err
	}
	out, err := p.entry()
	if err != nil {
		return Proven{}, err
	}
	if p.Size != s.size || base64.StdEncoding.EncodeToString(p.Root) != base64.StdEncoding.EncodeToString(s.root[:]) {
		return Proven{}, errors.New("checkpoint of another tree")
	}
	if len(p.Path) > 64 {
		return Proven{}, errors.New("path is too long")
	}
	path := make([]digest, len(p.Path))
	for i, h := range p.Path {
		if len(h) != len(path[i]) {
			return Proven{}, errors.New("path")
		}
		path[i] = digest(h)
	}
	var l leafSum
	l.begin(p.Seq)
	l.write(p.Entry)
	leaf := l.sum()
	if len(p.Leaf) != len(leaf) || digest(p.Leaf) != leaf {
		return Proven{}, errors.New("leaf is not that of the entry")
	}
	root, ok := follow(leaf, p.Seq, s.size, path)
	if !ok || root != s.root {
		return Proven{}, errors.New("path does not lead to the root")
	}
	out.Origin, out.Size, out.Root = s.origin, s.size, s.root
	return out, nil
}

// entry reads the one encoding of an entry (section 2 of the format).
func (p *proofFile) entry() (Proven, error) {
	b := p.Entry
	if len(b) < 8 {
		return Proven{}, errors.New("entry is too short")
	}
	out := Proven{Seq: p.Seq, Received: time.Unix(0, int64(u64(b))).UTC()} //nolint:gosec // G115: two's complement is the format
	b = b[8:]
	field := func(width int) ([]byte, bool) {
		if len(b) < width {
			return nil, false
		}
		n := uint64(0)
		for _, c := range b[:width] {
			n = n<<8 | uint64(c)
		}
		b = b[width:]
		if n > uint64(len(b)) {
			return nil, false
		}
		v := b[:n]
		b = b[n:]
		return v, true
	}
	var parts [5][]byte
	for i, width := range [5]int{2, 1, 1, 2, 4} {
		v, ok := field(width)
		if !ok {
			return Proven{}, errors.New("entry is too short")
		}
		parts[i] = v
	}
	if len(b) != 0 {
		return Proven{}, errors.New("entry is too long")
	}
	out.Source, out.Transport, out.Peer, out.Batch = string(parts[0]), string(parts[1]), string(parts[2]), string(parts[3])
	out.Raw = parts[4]
	return out, nil
}
