package receive

import (
	"cmp"
	"errors"
	"io"
	"sync"
	"time"
)

// BudgetOptions configure a budget. A zero field means its default.
type BudgetOptions struct {
	MaxBytes   int64         // decoded bodies held at one time, all senders; default 256 MiB
	MaxPerPeer int64         // of these, by one source; default half of MaxBytes
	RetryAfter time.Duration // what a refused sender is asked to wait; default 1 s
}

// Budget bounds the memory that the bodies of requests take while they wait to
// be durable. The HTTP receivers of a station share one. Safe for concurrent use.
type Budget struct {
	o        BudgetOptions
	pool     sync.Pool
	decoders decoders

	mu    sync.Mutex
	all   int64
	holds map[string]int64 // by source
}

// NewBudget returns a budget.
func NewBudget(o BudgetOptions) *Budget {
	o.MaxBytes = cmp.Or(o.MaxBytes, 256<<20)
	o.MaxPerPeer = cmp.Or(o.MaxPerPeer, o.MaxBytes/2)
	o.RetryAfter = cmp.Or(o.RetryAfter, time.Second)
	return &Budget{o: o, holds: map[string]int64{}}
}

// Held returns how many bytes are held now.
func (bg *Budget) Held() int64 {
	bg.mu.Lock()
	defer bg.mu.Unlock()
	return bg.all
}

func (bg *Budget) take(source string, n int64) bool {
	bg.mu.Lock()
	defer bg.mu.Unlock()
	if bg.all+n > bg.o.MaxBytes || bg.holds[source]+n > bg.o.MaxPerPeer {
		return false
	}
	bg.all += n
	bg.holds[source] += n
	return true
}

func (bg *Budget) give(source string, n int64) {
	bg.mu.Lock()
	defer bg.mu.Unlock()
	bg.all -= n
	if bg.holds[source] -= n; bg.holds[source] <= 0 {
		delete(bg.holds, source)
	}
}

const (
	firstBuffer = 64 << 10 // what a buffer begins with
	keptBuffer  = 4 << 20  // buffers up to this size are kept for the next request
)

// Buffer is a growing piece of memory that counts against a budget.
type Buffer struct {
	B []byte // what has been read

	budget *Budget
	source string
	charge int64
}

// Buffer returns an empty buffer for a source, or [ErrNoRoom].
func (bg *Budget) Buffer(source string) (*Buffer, error) {
	if !bg.take(source, firstBuffer) {
		return nil, ErrNoRoom.After(bg.o.RetryAfter)
	}
	buf := &Buffer{budget: bg, source: source, charge: firstBuffer}
	if kept, ok := bg.pool.Get().(*[]byte); ok {
		buf.B = (*kept)[:0]
	} else {
		buf.B = make([]byte, 0, firstBuffer)
	}
	return buf, nil
}

// Fill reads from r until the buffer holds at least n bytes, or to the end. It
// returns io.EOF at the end, [ErrNoRoom] when the budget is used up, and the
// error of r otherwise.
func (f *Buffer) Fill(r io.Reader, n int) error {
	for len(f.B) < n {
		if len(f.B) == cap(f.B) {
			f.grow()
		}
		if over := int64(cap(f.B)) - f.charge; over > 0 {
			if !f.budget.take(f.source, over) {
				return ErrNoRoom.After(f.budget.o.RetryAfter)
			}
			f.charge += over
		}
		m, err := r.Read(f.B[len(f.B):cap(f.B)])
		f.B = f.B[:len(f.B)+m]
		if err != nil {
			return err //nolint:wrapcheck // io.EOF and problems pass as they are
		}
	}
	return nil
}

// ReadAll reads r to its end.
func (f *Buffer) ReadAll(r io.Reader) error {
	err := f.Fill(r, int(^uint(0)>>1))
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// grow makes room for at least one more byte.
func (f *Buffer) grow() {
	bigger := make([]byte, len(f.B), max(firstBuffer, 2*cap(f.B)))
	copy(bigger, f.B)
	f.B = bigger
}

// Renew puts a new, empty piece of memory behind the buffer that begins with
// rest. Slices of the old memory stay as they are.
func (f *Buffer) Renew(rest []byte) {
	size := max(firstBuffer, len(rest))
	fresh := make([]byte, len(rest), size)
	copy(fresh, rest)
	f.B = fresh
	if back := f.charge - int64(size); back > 0 {
		f.budget.give(f.source, back)
		f.charge -= back
	}
}

// Free gives the room back. With reuse the memory goes to the next request: only
// when nobody holds a slice of it.
func (f *Buffer) Free(reuse bool) {
	f.budget.give(f.source, f.charge)
	f.charge = 0
	if reuse && cap(f.B) <= keptBuffer {
		kept := f.B[:0]
		f.budget.pool.Put(&kept)
	}
	f.B = nil
}
