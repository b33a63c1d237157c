// Package ledger is an append-only log of events on one machine: sealed by
// group commit, covered by one RFC 6962 Merkle tree, and readable by a stranger
// who has only docs/format/ledger.md.
//
// An event is acknowledged after its group is on disk. Its sequence number,
// receipt facts and raw bytes are one leaf of the tree, so that a single line can
// be proven without showing its neighbours. Signed checkpoints state the size and
// root of the tree; kept outside the machine they make a later change, cut or
// rollback visible to package ledger/verify.
//
// A directory belongs to one [Log] at a time; the caller sees to that. Any number
// of [Reader] values may read it meanwhile.
package ledger

import (
	"errors"
	"fmt"
	"time"
)

// Version is the number of the format this package reads and writes.
const Version = 1

var (
	// ErrStopped is wrapped by the error of every Append after the disk refused
	// to make data durable, after damage that leaves the tree unknown, and after
	// Close. Reading goes on. Only opening the ledger again ends it.
	ErrStopped = errors.New("ledger stopped")
	// ErrFull is wrapped when the disk has no room. Nothing was stored; a later
	// Append succeeds once there is room again.
	ErrFull = errors.New("disk full")
	// ErrTooLarge is wrapped when an entry or a batch exceeds the limits of Options.
	ErrTooLarge = errors.New("too large")
	// ErrDamaged is wrapped when stored data cannot be read back as it was written.
	ErrDamaged = errors.New("ledger damaged")
	// ErrNotFound is wrapped when a sequence number is not in the ledger.
	ErrNotFound = errors.New("no such event")
	// ErrNoCheckpoint is wrapped when something needs a checkpoint and there is none.
	ErrNoCheckpoint = errors.New("no checkpoint")
	// ErrFormat is wrapped when a file is of a newer format or of no known one.
	ErrFormat = errors.New("unknown format")
)

// Entry is one event with its receipt facts. All of them are covered by its leaf.
type Entry struct {
	Seq       uint64    // sequence number, contiguous from 0; ignored by Append
	Received  time.Time // receipt time, UTC, nanoseconds
	Source    string    // id of the source; "" for the station's own entries
	Transport string    // how it came, for example "udp"; at most 255 bytes
	Peer      string    // address of the sender; at most 255 bytes
	Batch     string    // id of the batch it came in; at most 65,535 bytes
	Raw       []byte    // the bytes as received
}

// Batch is stored whole or not at all, under consecutive sequence numbers.
type Batch struct {
	Entries []Entry
	Key     string // idempotency key, scoped by the caller; "" for none
	Urgent  bool   // may use the reserve when the disk is full: alarms and audit
}

// Receipt says where a batch is.
type Receipt struct {
	First    uint64 // sequence number of the first entry
	Count    int    // number of entries
	Repeated bool   // the key was seen before: nothing was added, First and Count are of the first time
}

// Segment describes one file of the ledger.
type Segment struct {
	Name          string // file name inside the directory
	First, Next   uint64 // holds the sequence numbers [First, Next)
	OpenedAt      time.Time
	ClosedAt      time.Time // zero while open
	FirstReceived time.Time // earliest receipt time inside
	LastReceived  time.Time // latest receipt time inside
	Sealed        bool      // closed and immutable
	StoredBytes   int64     // bytes used on disk, without preallocated room
	RawBytes      int64     // bytes of the entries before compression
}

// Damage is a place that cannot be read back. What is around it can.
type Damage struct {
	File        string // file name inside the directory
	Offset      int64  // where in the file
	First, Next uint64 // sequence numbers [First, Next) that cannot be read
	Reason      string
}

// String names the place in one line.
func (d Damage) String() string {
	return fmt.Sprintf("%s at byte %d, events %d to %d: %s", d.File, d.Offset, d.First, d.Next, d.Reason)
}

// State says whether a ledger takes entries.
type State string

// The states of a ledger.
const (
	StateOK      State = "ok"      // takes entries
	StateFull    State = "full"    // refuses until there is room
	StateStopped State = "stopped" // refuses until opened again
)

// Copy is the state of one place that checkpoints are copied to.
type Copy struct {
	Place string    // folder
	Time  time.Time // of the last copy that succeeded; zero: none yet
	Size  uint64    // tree size of that copy
	Error string    // of the newest attempt; "" when it succeeded
}

// Status is a picture of the ledger at one moment.
type Status struct {
	State           State
	Reason          string // why it is not ok
	Size            uint64 // durable events
	Root            [32]byte
	Segments        int
	StoredBytes     int64
	RawBytes        int64
	Oldest          time.Time // receipt time of the oldest entry; zero when empty
	CheckpointSize  uint64
	CheckpointTime  time.Time // zero: none signed in this life
	CheckpointError string    // why the newest attempt to sign or store one failed
	Copies          []Copy
	Damage          []Damage // places found unreadable so far
}

// Proof shows that one entry is in the tree a checkpoint speaks of.
type Proof struct {
	Entry      Entry
	Encoded    []byte // the entry as the leaf covers it, without the leading 0x00
	Leaf       [32]byte
	Size       uint64 // tree size of the checkpoint
	Root       [32]byte
	Path       [][]byte // RFC 6962 audit path, leaf to root
	Checkpoint []byte   // signed note
}
