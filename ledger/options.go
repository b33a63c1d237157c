package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"
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
	CopyTo   []string         // folders that checkpoints are copied to

	MaxEntry        int           // longest raw event, in bytes; default 1 MiB
	MaxBatch        int           // longest batch as stored, in bytes before compression; default 32 MiB
	QueueBytes      int           // batches waiting to be stored, in bytes; default 64 MiB; full: Append waits
	GroupBytes      int           // batches are stored together up to this many bytes; default 1 MiB
	FrameBytes      int           // raw bytes after which a new frame starts; default 4 MiB
	SegmentBytes    int64         // raw bytes after which a segment closes; default 256 MiB
	SegmentAge      time.Duration // age at which a segment closes; default 10 minutes
	CheckpointEvery time.Duration // how often Run signs while there is news; default 10 seconds
	Preallocate     int64         // step in which a segment takes room, in bytes; default 8 MiB
	Reserve         int64         // room kept for closing and alarms on a full disk; default 64 MiB; negative: none
	KeepKeys        time.Duration // how long idempotency keys hold; default 24 hours
	MaxKeys         int           // keys remembered at most, the oldest go first; default 1,000,000
	RecentBytes     int           // newest blocks kept in memory for followers; default 4 MiB

	break_ mutant // what tests break on purpose
}

// mutant switches off one promise each, so that tests can show that the crash
// harness would notice.
type mutant struct {
	noSync      bool // acknowledge without fdatasync
	noSyncDir   bool // never sync a folder
	early       bool // acknowledge before the write
	keepTail    bool // go on behind a block with a bad checksum
	retrySync   bool // try a failed fsync again and believe it
	noParent    bool // do not sync the folder above a new ledger
	noSyncClose bool // do not sync the footer of a segment
	trustCache  bool // do not write the last block again when opening
}

func (o Options) check() (Options, error) {
	if o.FS == nil {
		o.FS = OS()
	}
	if o.Now == nil {
		return o, errors.New("open ledger: no clock given")
	}
	if o.Origin == "" && o.Signer != nil {
		o.Origin = o.Signer.Name()
	}
	o.MaxEntry = cmp.Or(o.MaxEntry, 1<<20)
	o.MaxBatch = cmp.Or(o.MaxBatch, 32<<20)
	o.QueueBytes = max(cmp.Or(o.QueueBytes, 64<<20), o.MaxBatch)
	o.GroupBytes = cmp.Or(o.GroupBytes, 1<<20)
	o.FrameBytes = cmp.Or(o.FrameBytes, 4<<20)
	o.SegmentBytes = cmp.Or(o.SegmentBytes, 256<<20)
	o.SegmentAge = cmp.Or(o.SegmentAge, 10*time.Minute)
	o.CheckpointEvery = cmp.Or(o.CheckpointEvery, 10*time.Second)
	o.Preallocate = cmp.Or(o.Preallocate, 8<<20)
	o.Reserve = cmp.Or(o.Reserve, 64<<20)
	o.KeepKeys = cmp.Or(o.KeepKeys, 24*time.Hour)
	o.MaxKeys = cmp.Or(o.MaxKeys, 1_000_000)
	o.RecentBytes = cmp.Or(o.RecentBytes, 4<<20)
	switch {
	case len(o.Origin) > 1000, strings.ContainsAny(o.Origin, "\n\x00"):
		return o, fmt.Errorf("open ledger: origin %q is not a name", o.Origin)
	case o.MaxBatch > maxPiece/2, o.GroupBytes > maxPiece/4:
		return o, fmt.Errorf("open ledger: batches of more than %d bytes", maxPiece/2)
	case int64(o.MaxEntry) > math.MaxInt32:
		return o, errors.New("open ledger: entries of more than 2 GiB")
	}
	return o, nil
}
