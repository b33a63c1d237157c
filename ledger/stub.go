package ledger

import (
	"context"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Options configure a ledger. A zero field means its default.
type Options struct {
	FS       FS               // where files are; default the operating system's
	Now      func() time.Time // clock; required
	Signer   note.Signer      // signs checkpoints; nil: there are none
	Verifier string           // verifier key of Signer, published beside the checkpoints
	Origin   string           // name of the log in its checkpoints; default Signer's name
	CopyTo   []string         // folders checkpoints are copied to
}

// FS is the file system a ledger works on.
type FS interface{}

// Log is an open ledger.
type Log struct{}

// Open opens or creates the ledger in dir.
func Open(dir string, o Options) (*Log, error) { panic("BUG: not built yet") }

// Append stores a batch.
func (l *Log) Append(ctx context.Context, b Batch) (Receipt, error) { panic("BUG: not built yet") }

// Size returns the number of durable events.
func (l *Log) Size() uint64 { panic("BUG: not built yet") }

// Wait waits until Size() > size.
func (l *Log) Wait(ctx context.Context, size uint64) (uint64, error) { panic("BUG: not built yet") }

// Segments lists the segments, oldest first.
func (l *Log) Segments() []Segment { panic("BUG: not built yet") }

// Read calls fn for the entries [from, to).
func (l *Log) Read(ctx context.Context, from, to uint64, fn func(Entry) error) error {
	panic("BUG: not built yet")
}

// Prove proves one entry.
func (l *Log) Prove(ctx context.Context, seq uint64) (Proof, error) { panic("BUG: not built yet") }

// Checkpoint returns the newest signed note.
func (l *Log) Checkpoint() []byte { panic("BUG: not built yet") }

// Status returns the state.
func (l *Log) Status() Status { panic("BUG: not built yet") }

// Run closes by age and signs.
func (l *Log) Run(ctx context.Context) error { panic("BUG: not built yet") }

// Close closes.
func (l *Log) Close() error { panic("BUG: not built yet") }
