package index

import "testing"

// late tells a size that the segments are ahead of, as a ledger may for a moment.
type late struct {
	*memoryLog
	sizes []uint64 // told before the real one
}

func (l *late) Size() uint64 {
	if len(l.sizes) > 0 {
		size := l.sizes[0]
		l.sizes = l.sizes[1:]
		return size
	}
	return l.memoryLog.Size()
}

// A segment that was closed after the size was asked is not jumped over.
func TestSegmentsAheadOfSize(t *testing.T) {
	for _, size := range []uint64{0, 1, 100, 150, 200} {
		log := &late{memoryLog: newLog()}
		o := options(t, log)
		x, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			log.add(lines(100, 1)...)
			log.seal()
		}
		log.add(lines(100, 2)...)
		log.sizes = []uint64{size}
		stop := run(t, x)
		settle(t, x, 300)
		equalsScan(t, o, x.View())
		if parts := x.View().Parts(); len(parts) != 3 || parts[1].Next() != 200 {
			t.Errorf("size %d: %d parts", size, len(parts))
		}
		stop()
	}
}
