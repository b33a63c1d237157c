package backup

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/internal/platform/datadir"
	"github.com/fengsui/fengsui/ledger"
)

// again is how often a ledger is looked at for a newer checkpoint.
const again = 250 * time.Millisecond

// cut is the ledger of a backup.
type cut struct {
	point Point
	parts []source
	notes []string
}

// ledgerParts finds the checkpoint that covers what is in the ledger now, and the
// segments up to it.
func (o *Options) ledgerParts(ctx context.Context, s note.Signer, public string) (cut, error) {
	dir := filepath.Join(o.Data, "ledger")
	r, err := ledger.OpenReader(dir, ledger.ReaderOptions{Verifier: public}) //nolint:contextcheck // opening takes none
	if err != nil {
		return cut{}, err
	}
	size := r.Size()
	if size == 0 {
		return cut{}, nil
	}
	c, err := o.covering(ctx, size, s, public)
	if err != nil {
		return cut{}, err
	}
	// Again, because segments may have been closed before the checkpoint was signed.
	if err := r.Refresh(ctx); err != nil {
		return cut{}, err
	}
	st := r.Status()
	if st.State != ledger.StateOK {
		return cut{}, fmt.Errorf("the ledger: %s", st.Reason)
	}
	out := cut{point: pointOf(c), parts: []source{small(checkpointName, c.Note)}}
	for _, d := range st.Damage {
		out.notes = append(out.notes, fmt.Sprintf("the ledger is damaged, and so is its copy: %s", d))
	}
	for _, g := range r.Segments() {
		if g.First >= c.Size {
			break
		}
		p := source{Part: Part{Name: ledgerFolder + g.Name}, path: filepath.Join(dir, g.Name)}
		if g.Sealed && g.Next <= c.Size {
			info, err := os.Stat(p.path)
			if err != nil {
				return cut{}, err
			}
			p.Size = info.Size()
		} else if p.Size, err = cutAt(p.path, c.Size, c.Root); err != nil {
			return cut{}, fmt.Errorf("cut %s at event %d: %w", g.Name, c.Size, err)
		}
		out.parts = append(out.parts, p)
	}
	return out, nil
}

// covering returns the first checkpoint that covers size events. It looks at the
// file only: the ledger itself may be large.
func (o *Options) covering(ctx context.Context, size uint64, s note.Signer, public string) (ledger.Checkpoint, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, o.Wait, fmt.Errorf("the station signed no checkpoint of %d events within %s", size, o.Wait))
	defer cancel()
	v, err := note.NewVerifier(public)
	if err != nil {
		return ledger.Checkpoint{}, fmt.Errorf("verifier key: %w", err)
	}
	tick := time.NewTicker(again)
	defer tick.Stop()
	for {
		var c ledger.Checkpoint
		text, err := readSmall(filepath.Join(o.Data, filepath.FromSlash(checkpointName)), maxSmall)
		if err == nil {
			c, err = ledger.ParseCheckpoint(text, note.VerifierList(v))
		}
		switch {
		case err == nil && c.Size >= size:
			return c, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return c, err
		}
		if err := o.signStopped(ctx, s, public); err != nil {
			return c, err
		}
		select {
		case <-ctx.Done():
			return c, context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// signStopped signs what a station that does not run had not signed when it was
// ended. It does nothing while the station runs.
func (o *Options) signStopped(ctx context.Context, s note.Signer, public string) error {
	d, err := datadir.Open(o.Data)
	if errors.Is(err, datadir.ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	l, err := ledger.Open(d.Path("ledger"), ledger.Options{Now: o.Now, Signer: s, Verifier: public})
	if err == nil {
		err = errors.Join(l.Sign(ctx), l.Close()) //nolint:contextcheck // closing takes none
	}
	return errors.Join(err, d.Close())
}

// Lengths and offsets of docs/format/ledger.md, section 3.
const (
	recordHead   = 118
	offLength    = 8
	offPiece     = 12
	offTreeSize  = 36
	offRoot      = 52
	headerLength = 12
	maxHeader    = 70 + 1<<16
)

// cutAt returns the length of an open segment up to the block after which the tree
// has this size, and checks that the block states this root.
//
// A writer may work behind that block; what stands before it does not change.
func cutAt(path string, size uint64, root [32]byte) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // read only
	var head [recordHead]byte
	if err := readAt(f, head[:headerLength+4], 0); err != nil {
		return 0, err
	}
	at := int64(binary.BigEndian.Uint32(head[headerLength:]))
	if string(head[:8]) != "FSLEDGER" || at > maxHeader {
		return 0, errors.New("it has no header of a segment")
	}
	for {
		if err := readAt(f, head[:], at); err != nil {
			return 0, fmt.Errorf("block at byte %d: %w", at, err)
		}
		length, piece := binary.BigEndian.Uint32(head[offLength:]), binary.BigEndian.Uint32(head[offPiece:])
		reached := binary.BigEndian.Uint64(head[offTreeSize:])
		if string(head[:4]) != "FSBK" || length < recordHead || reached > size {
			return 0, fmt.Errorf("no block of the events before it stands at byte %d", at)
		}
		at += int64(length) + int64(piece)
		if reached == size {
			if !bytes.Equal(head[offRoot:offRoot+32], root[:]) {
				return 0, fmt.Errorf("the block states another root than the checkpoint, %s", base64.StdEncoding.EncodeToString(root[:]))
			}
			return at, nil
		}
	}
}

func readAt(f io.ReaderAt, b []byte, at int64) error {
	n, err := f.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
