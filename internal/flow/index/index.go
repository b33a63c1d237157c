package index

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

// Log is the ledger as the index follows it.
type Log interface {
	// Size returns the number of durable events.
	Size() uint64
	// Wait returns the size once it is larger than size.
	Wait(ctx context.Context, size uint64) (uint64, error)
	// Read calls fn for the events [from, to) in order. Raw is valid during fn.
	Read(ctx context.Context, from, to uint64, fn func(ledger.Entry) error) error
	// Segments lists the segments, oldest first, the open one last.
	Segments() []ledger.Segment
	// SegmentsFrom lists those that end behind seq.
	SegmentsFrom(seq uint64) []ledger.Segment
}

// Reader turns raw bytes into fields. It is safe for concurrent use.
type Reader interface {
	Read(ev event.Event, src event.Source) event.Record
}

// Sources answers what is known about a source; for an unknown id, a source
// with nothing but the id.
type Sources interface {
	Source(id string) event.Source
}

// Options configure the index. A zero field means its default.
type Options struct {
	Log     Log            // required
	Reader  Reader         // required
	Version uint32         // of Reader; sidecars of another version are rebuilt
	Sources Sources        // required; sidecars made under other settings of their sources are rebuilt
	Zone    *time.Location // of sources without one, as Reader has it; nil is UTC
	Dir     string         // folder of the sidecar files, made when it is missing; required
	FS      ledger.FS      // where files are; default the operating system's

	Events  int           // events read at a time; default 2,000
	Bytes   int           // raw bytes read at a time; default 8 MiB
	Workers int           // goroutines that read records; default 2
	Linger  time.Duration // how long new events may wait for company; default 100 ms
	Tick    time.Duration // how often removed segments and changed settings are looked for, and news without being told; default 1 s
	Retry   time.Duration // first pause before a part is built again, doubled up to 32 times; default 2 s
	Cache   int64         // bytes of decoded columns and directories kept; default 32 MiB

	Now     func() time.Time // required
	Slog    *slog.Logger     // required
	Metrics prometheus.Registerer
}

func (o Options) check() (Options, error) {
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"log", o.Log != nil},
		{"reader", o.Reader != nil},
		{"sources", o.Sources != nil},
		{"folder", o.Dir != ""},
		{"clock", o.Now != nil},
		{"logger", o.Slog != nil},
	} {
		if !need.ok {
			return o, fmt.Errorf("index: the %s is missing", need.name)
		}
	}
	o.Events = cmp.Or(o.Events, 2000)
	o.Bytes = cmp.Or(o.Bytes, 8<<20)
	o.Workers = cmp.Or(o.Workers, 2)
	o.Linger = cmp.Or(o.Linger, 100*time.Millisecond)
	o.Tick = cmp.Or(o.Tick, time.Second)
	o.Retry = cmp.Or(o.Retry, 2*time.Second)
	return o, nil
}

// Stats is a picture of the index at one moment.
type Stats struct {
	Indexed  uint64 // every event below is searchable
	Lag      uint64 // durable events that are not yet
	Parts    int    // one for each segment
	ScanOnly int    // parts without a good sidecar, searched by scanning
	Bytes    int64  // of the sidecar files
}
