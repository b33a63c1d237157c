package index

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/ledger"
)

// builder makes the sidecar of one segment, from its first event on. Full groups
// go to the file at once, so that memory holds only what is being filled. One
// goroutine adds; any may take a snapshot meanwhile.
type builder struct {
	first uint64
	out   *sidecar.Writer
	zone  *time.Location            // of sources without one
	reads map[string]sidecar.Digest // how the events of each source were read

	mu     sync.Mutex
	next   uint64                     // behind the last event that was added, or could not be read
	bytes  int                        // of open, as they were at the last look
	open   map[string]*sidecar.Memory // being filled, by class; none is empty
	stored []*sidecar.Group
	sum    sidecar.Summary
}

func (x *Index) newBuilder(first uint64) (*builder, error) {
	out, err := x.folder.NewWriter(first, x.o.Version)
	if err != nil {
		return nil, err //nolint:wrapcheck // wrong options only
	}
	return &builder{first: first, next: first, out: out, zone: x.o.Zone, reads: map[string]sidecar.Digest{}, open: map[string]*sidecar.Memory{}}, nil
}

// add appends records in the order of the ledger. After an error the builder can
// only be dropped.
func (b *builder) add(recs []event.Record) error {
	for len(recs) > 0 {
		n, full := b.fill(recs)
		recs = recs[n:]
		if full == nil {
			continue
		}
		if err := b.store(full); err != nil {
			return err
		}
	}
	return nil
}

// fill adds records until a group has to be stored, which it returns.
func (b *builder) fill(recs []event.Record) (int, *sidecar.Memory) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range recs {
		rec := &recs[i]
		m := b.open[rec.Class]
		if m == nil {
			m = sidecar.NewMemory(rec.Class)
			b.open[rec.Class] = m
		}
		before := m.Size()
		m.Add(rec)
		b.bytes += m.Size() - before
		b.sum.Note(rec)
		b.next = rec.Seq + 1
		if m.Full() {
			return i + 1, m
		}
		if b.bytes > sidecar.MaxOpenBytes {
			return i + 1, b.largest()
		}
	}
	return len(recs), nil
}

// skip says that the events below next were seen, or cannot be read.
func (b *builder) skip(next uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next = max(b.next, next)
}

func (b *builder) largest() *sidecar.Memory {
	var out *sidecar.Memory
	for _, m := range b.open {
		if out == nil || m.Size() > out.Size() || m.Size() == out.Size() && m.Class() < out.Class() {
			out = m
		}
	}
	return out
}

// store writes a group to the file. Until it is there, snapshots have it in memory.
func (b *builder) store(m *sidecar.Memory) error {
	g, err := b.out.Store(m)
	if err != nil {
		return err //nolint:wrapcheck // names the sidecar
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, m.Class())
	b.bytes -= m.Size()
	b.stored = append(b.stored, g)
	return nil
}

// finish stores what is left, makes the file durable and gives it its name.
func (b *builder) finish(seg ledger.Segment) (sidecar.Summary, error) {
	b.mu.Lock()
	left := slices.Collect(maps.Values(b.open))
	b.mu.Unlock()
	slices.SortFunc(left, func(m, n *sidecar.Memory) int { return cmp.Compare(m.Class(), n.Class()) })
	for _, m := range left {
		if err := b.store(m); err != nil {
			return sidecar.Summary{}, err
		}
	}
	sum := b.sum // snapshots read the other
	sum.Readings = sidecar.NewReadings(b.reads)
	sum.Next, sum.RawBytes = seg.Next, uint64(max(0, seg.RawBytes))
	return b.out.Finish(sum) //nolint:wrapcheck // names the sidecar
}

// drop gives up: groups of snapshots turn damaged.
func (b *builder) drop() { b.out.Drop() }

// snapshot returns what is there now as a part.
func (b *builder) snapshot() *Part {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &Part{first: b.first, next: b.next, file: b.out.File(), live: true, groups: slices.Clip(b.stored), sum: b.sum}
	p.received, p.known = b.sum.Received, b.sum.Rows > 0
	for _, class := range slices.Sorted(maps.Keys(b.open)) {
		p.groups = append(p.groups, b.open[class].Snapshot())
	}
	return p
}
