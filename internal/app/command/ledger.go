package command

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/ledger/verify"
)

// Ledger is `fengsui ledger`. Its commands read only, need no server, no database
// and no network, and may run beside a station. DIR is the folder of a ledger, or
// the data directory of a station.
type Ledger struct {
	Checkpoint LedgerCheckpoint `cmd:"" help:"Print the newest checkpoint, a C2SP signed note"`
	Verify     LedgerVerify     `cmd:"" help:"Read everything, recompute it, and compare it with checkpoints"`
	Prove      LedgerProve      `cmd:"" help:"Print a proof of one event that a stranger can check"`
	Export     LedgerExport     `cmd:"" help:"Print events as they were received"`
	Status     LedgerStatus     `cmd:"" help:"Print size, segments and damage"`
}

// LedgerDir is the folder that a ledger command works on.
type LedgerDir struct {
	Dir string `arg:"" name:"dir" help:"Folder of the ledger, or data directory of a station" type:"path"`
}

// folder returns the folder of the ledger itself.
func (c LedgerDir) folder() (string, error) {
	below := filepath.Join(c.Dir, "ledger")
	for _, dir := range []string{c.Dir, below} {
		for _, pattern := range []string{"seg-*.fsl", "checkpoint", "key.pub"} {
			found, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				return "", fmt.Errorf("look for a ledger in %s: %w", dir, err)
			}
			if len(found) > 0 {
				return dir, nil
			}
		}
	}
	if info, err := os.Stat(below); err == nil && info.IsDir() {
		return below, nil
	}
	if _, err := os.Stat(c.Dir); err != nil {
		return "", fmt.Errorf("read ledger %s: %w", c.Dir, err)
	}
	return "", fmt.Errorf("read ledger %s: no ledger there: %w", c.Dir, fs.ErrNotExist)
}

func (c LedgerDir) reader() (*ledger.Reader, error) {
	dir, err := c.folder()
	if err != nil {
		return nil, err
	}
	return ledger.OpenReader(dir, ledger.ReaderOptions{})
}

// LedgerCheckpoint is `fengsui ledger checkpoint`.
type LedgerCheckpoint struct{ LedgerDir }

// Run prints the note as it stands.
func (c *LedgerCheckpoint) Run(out Output) error {
	r, err := c.reader()
	if err != nil {
		return err
	}
	newest, err := r.Checkpoint()
	if err != nil {
		return err
	}
	if _, err := out.Out.Write(newest.Note); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// LedgerVerify is `fengsui ledger verify`.
type LedgerVerify struct {
	LedgerDir
	Checkpoint []string `help:"Checkpoint kept elsewhere; may be given several times" type:"existingfile" sep:"none"`
	Key        []string `help:"File with the verifier key, one line; without it the key found beside the checkpoint is believed" type:"existingfile" sep:"none"`
}

// verified is what `ledger verify` prints. Counts and root are those of what
// fitted up to the first finding.
type verified struct {
	Size   uint64        `json:"size"`
	Root   string        `json:"root"` // base64, as in a checkpoint
	Blocks int           `json:"blocks"`
	Events uint64        `json:"events"`
	First  *uint64       `json:"first"` // sequence numbers; null: there are no events
	Last   *uint64       `json:"last"`
	Status verify.Status `json:"status"`
	Where  string        `json:"where"` // "" when all is well
	File   string        `json:"file,omitempty"`
	Offset *int64        `json:"offset,omitempty"`
	Seq    *uint64       `json:"seq,omitempty"`
}

// Run prints one object. It ends with Found when the ledger is not ok.
func (c *LedgerVerify) Run(out Output) error {
	dir, err := c.folder()
	if err != nil {
		return err
	}
	o, beside, err := c.options()
	if err != nil {
		return err
	}
	r, err := verify.Verify(context.Background(), os.DirFS(dir), o)
	if err != nil {
		return err
	}
	if beside || r.KeyBeside {
		out.note("ledger verify %s: the key was found beside the data: it proves nothing against who can write there", c.Dir)
	}
	v := verified{Size: r.Size, Root: r.RootText(), Blocks: r.Blocks, Events: r.Events, Status: r.Status}
	if r.Events > 0 {
		first, last := uint64(0), r.Events-1
		v.First, v.Last = &first, &last
	}
	if r.Where != nil {
		v.Where, v.File, v.Offset, v.Seq = r.Where.String(), r.Where.File, &r.Where.Offset, &r.Where.Seq
	}
	if err := out.line(v); err != nil {
		return err
	}
	if r.Status != verify.OK {
		return Found{fmt.Sprintf("ledger %s is %s", c.Dir, r.Status)}
	}
	return nil
}

// options reads the files. The second result says whether a key is only one that
// lay beside a checkpoint.
func (c *LedgerVerify) options() (verify.Options, bool, error) {
	var o verify.Options
	for _, name := range c.Checkpoint {
		b, err := os.ReadFile(name)
		if err != nil {
			return o, false, fmt.Errorf("read checkpoint: %w", err)
		}
		o.Checkpoints = append(o.Checkpoints, b)
	}
	for _, name := range c.Key {
		b, err := os.ReadFile(name)
		if err != nil {
			return o, false, fmt.Errorf("read key: %w", err)
		}
		o.Keys = append(o.Keys, string(b))
	}
	if len(o.Keys) > 0 {
		return o, false, nil
	}
	for _, name := range c.Checkpoint {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(name), "key.pub"))
		if err == nil {
			o.Keys = append(o.Keys, string(b))
		} else if !errors.Is(err, fs.ErrNotExist) {
			return o, false, fmt.Errorf("read key: %w", err)
		}
	}
	return o, len(o.Keys) > 0, nil
}

// LedgerProve is `fengsui ledger prove`.
type LedgerProve struct {
	LedgerDir
	Seq uint64 `required:"" help:"Sequence number of the event"`
}

// Run prints the proof (docs/format/ledger.md, section 8).
func (c *LedgerProve) Run(out Output) error {
	r, err := c.reader()
	if err != nil {
		return err
	}
	p, err := r.Prove(context.Background(), c.Seq)
	if err != nil {
		return err
	}
	return out.line(p)
}

// LedgerExport is `fengsui ledger export`.
type LedgerExport struct {
	LedgerDir
	From uint64 `required:"" help:"First sequence number"`
	To   uint64 `required:"" help:"Last sequence number, included"`
}

// exported is one event of `ledger export`.
type exported struct {
	Seq       uint64    `json:"seq"`
	Received  time.Time `json:"received"`
	Source    string    `json:"source"`
	Transport string    `json:"transport"`
	Peer      string    `json:"peer"`
	Batch     string    `json:"batch"`
	Raw       string    `json:"raw_base64"`
}

// Run prints the events, one object each. It ends with Found when some of them
// cannot be read; those around them are printed.
func (c *LedgerExport) Run(out Output) error {
	if c.From > c.To {
		return fmt.Errorf("export events %d to %d: nothing lies between", c.From, c.To)
	}
	r, err := c.reader()
	if err != nil {
		return err
	}
	if c.To >= r.Size() {
		return fmt.Errorf("export events %d to %d of %d: %w", c.From, c.To, r.Size(), ledger.ErrNotFound)
	}
	err = r.Read(context.Background(), c.From, c.To+1, func(e ledger.Entry) error {
		return out.line(exported{
			e.Seq, e.Received, e.Source, e.Transport, e.Peer, e.Batch, base64.StdEncoding.EncodeToString(e.Raw),
		})
	})
	if damage, ok := errors.AsType[*ledger.DamageError](err); ok {
		for _, d := range damage.Places {
			out.note("ledger export %s: %s", c.Dir, d)
		}
		return Found{err.Error()}
	}
	return err
}

// LedgerStatus is `fengsui ledger status`.
type LedgerStatus struct{ LedgerDir }

// ledgerStatus is what `ledger status` prints.
type ledgerStatus struct {
	State          ledger.State `json:"state"`
	Reason         string       `json:"reason,omitempty"`
	Size           uint64       `json:"size"`
	Root           string       `json:"root"`
	Segments       int          `json:"segments"`
	StoredBytes    int64        `json:"stored_bytes"`
	RawBytes       int64        `json:"raw_bytes"`
	Oldest         *time.Time   `json:"oldest"`
	CheckpointSize uint64       `json:"checkpoint_size"`
	Damage         []string     `json:"damage"`
}

// Run prints one object. It ends with Found when the ledger is damaged or would
// take no entries.
func (c *LedgerStatus) Run(out Output) error {
	r, err := c.reader()
	if err != nil {
		return err
	}
	st := r.Status()
	v := ledgerStatus{
		State: st.State, Reason: st.Reason, Size: st.Size, Root: base64.StdEncoding.EncodeToString(st.Root[:]),
		Segments: st.Segments, StoredBytes: st.StoredBytes, RawBytes: st.RawBytes, CheckpointSize: st.CheckpointSize,
		Damage: []string{},
	}
	if !st.Oldest.IsZero() {
		v.Oldest = &st.Oldest
	}
	for _, d := range st.Damage {
		v.Damage = append(v.Damage, d.String())
	}
	if err := out.line(v); err != nil {
		return err
	}
	if st.State != ledger.StateOK || len(st.Damage) > 0 {
		return Found{fmt.Sprintf("ledger %s is not whole", c.Dir)}
	}
	return nil
}
