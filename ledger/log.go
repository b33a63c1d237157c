package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Log is an open ledger. Its methods are safe for concurrent use.
//
// Appends that come while a group is being made durable form the next group: the
// first of them to get the turn stores it for all. No goroutine is left behind.
type Log struct {
	o     Options
	s     *store
	queue *semaphore.Weighted // bytes of waiting batches; full: Append waits
	lead  chan struct{}       // held by who uses w
	w     *writer
	wake  chan struct{} // tells Run that a segment was closed

	mu      sync.Mutex
	pending []*request // bounded by queue
	at      point      // durable
	news    chan struct{}
	state   State
	reason  string
	closed  bool
	ends    []point // of segments, to be stated; at most maxEnds, the oldest go first

	signing sync.Mutex // one signs at a time
	signed  signed     // guarded by mu
	copies  []Copy     // guarded by mu
	outside []outside  // guarded by signing
}

const maxEnds = 1024

// request is one Append that waits.
type request struct {
	batch   *Batch
	size    int
	receipt Receipt
	err     error
	done    chan struct{}
}

// Open opens or creates the ledger in dir, whose parent must exist. What an
// interrupted life left is put in order first (docs/format/ledger.md, section 6).
//
// When the files tell that acknowledged events are missing or the tree is not
// known, Open succeeds and the ledger is stopped: it can be read, and Status says
// why nothing can be added.
func Open(dir string, o Options) (*Log, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	if err := makeDir(o, dir); err != nil {
		return nil, err
	}
	s := newStore(o.FS, dir)
	d, err := s.lookAround()
	if err != nil {
		return nil, err
	}
	if err := s.treeBefore(d); err != nil {
		return nil, err
	}
	l := &Log{
		o: o, s: s, queue: semaphore.NewWeighted(int64(o.QueueBytes)), lead: make(chan struct{}, 1),
		wake: make(chan struct{}, 1), news: make(chan struct{}), state: StateOK,
	}
	if err := l.recallCheckpoint(d); err != nil {
		return nil, err
	}
	if err := s.clear(d); err != nil {
		return nil, err
	}
	if l.w, err = s.resumeWriter(o, d); err != nil {
		return nil, err
	}
	if !o.break_.noSyncDir {
		if err := o.FS.SyncDir(dir); err != nil {
			return nil, errors.Join(fmt.Errorf("open ledger %s: %w", dir, err), l.w.abandon())
		}
	}
	s.attach(d)
	l.at = point{size: d.size, root: rootOf(d.tree), head: d.stated[0]}
	l.outside = make([]outside, len(o.CopyTo))
	for _, place := range o.CopyTo {
		l.copies = append(l.copies, Copy{Place: place})
	}
	if d.stop != "" {
		l.state, l.reason = StateStopped, d.stop
		return l, nil
	}
	if err := l.firstRoom(); err != nil {
		return nil, errors.Join(err, l.w.abandon())
	}
	return l, nil
}

// firstRoom takes the reserve and publishes the verifier key. A full disk is no
// reason not to open.
func (l *Log) firstRoom() error {
	err := l.w.fillReserve()
	if err == nil {
		err = l.publishKey(l.s.dir)
	}
	if full(err) {
		l.state, l.reason = StateFull, err.Error()
		return nil
	}
	return err
}

// abandon closes the open segment as it is.
func (w *writer) abandon() error {
	if w.tail == nil {
		return nil
	}
	t := w.tail
	w.tail = nil
	return t.file.Close()
}

// Append stores a batch and returns after it is durable. It blocks while the
// queue is full. A batch that wraps no error of this package was refused for what
// is in it, and nothing of it was stored.
//
// An error wraps [ErrTooLarge], [ErrFull], [ErrStopped] or that of ctx. After the
// last three a batch may still turn up when the ledger is opened again, if its
// write had begun: send it again with the same Key. b and what it points to
// must not change until Append returns.
func (l *Log) Append(ctx context.Context, b Batch) (Receipt, error) {
	size := 0
	for i := range b.Entries {
		n, err := entrySize(&b.Entries[i], l.o.MaxEntry)
		if err != nil {
			return Receipt{}, fmt.Errorf("append entry %d: %w", i, err)
		}
		size += n
	}
	if size > l.o.MaxBatch {
		return Receipt{}, fmt.Errorf("append batch of %d bytes, limit %d: %w", size, l.o.MaxBatch, ErrTooLarge)
	}
	if len(b.Entries) == 0 {
		return Receipt{First: l.Size()}, nil
	}
	if err := l.queue.Acquire(ctx, int64(size)); err != nil {
		return Receipt{}, fmt.Errorf("append: queue: %w", err)
	}
	defer l.queue.Release(int64(size))
	r := &request{batch: &b, size: size, done: make(chan struct{})}
	l.mu.Lock()
	l.pending = append(l.pending, r)
	l.mu.Unlock()
	for {
		select {
		case <-r.done:
			return r.receipt, r.err
		case l.lead <- struct{}{}:
			select {
			case <-r.done:
			default:
				l.storeGroup()
			}
			<-l.lead
		case <-ctx.Done():
			if l.withdraw(r) {
				return Receipt{}, fmt.Errorf("append: %w", ctx.Err())
			}
			<-r.done
			return r.receipt, r.err
		}
	}
}

// withdraw takes a request back if nobody has begun to store it.
func (l *Log) withdraw(r *request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.pending, r)
	if i < 0 {
		return false
	}
	l.pending = slices.Delete(l.pending, i, i+1)
	return true
}

// nextGroup takes what is to be stored together: all urgent or none.
func (l *Log) nextGroup() ([]*request, State, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, size := 0, 0
	for n < len(l.pending) && n < 1<<15 {
		r := l.pending[n]
		if n > 0 && (size+r.size > l.o.GroupBytes || r.batch.Urgent != l.pending[0].batch.Urgent) {
			break
		}
		size += r.size
		n++
	}
	group := slices.Clone(l.pending[:n])
	l.pending = slices.Delete(l.pending, 0, n)
	return group, l.state, l.reason
}

// storeGroup stores the next group for everyone who waits in it. The caller has
// the lead.
func (l *Log) storeGroup() {
	group, state, reason := l.nextGroup()
	if len(group) == 0 {
		return
	}
	var err error
	switch state {
	case StateOK:
	case StateStopped:
		err = fmt.Errorf("append: %w: %s", ErrStopped, reason)
	case StateFull:
		if ferr := l.w.fillReserve(); ferr != nil && !group[0].batch.Urgent {
			err = l.failed(ferr)
		}
	}
	if err == nil {
		err = l.commitGroup(group)
	}
	for _, r := range group {
		if err != nil && !r.receipt.Repeated {
			r.receipt, r.err = Receipt{}, err
		}
		close(r.done)
	}
}

func (l *Log) commitGroup(group []*request) error {
	now := l.o.Now().UTC()
	var batches []*Batch
	var fresh, twins []*request
	inGroup := map[keyID]*request{}
	size := 0
	for _, r := range group {
		if r.batch.Key != "" {
			id := newKeyID(r.batch.Key)
			if row, ok := l.w.keys.find(id, now); ok {
				r.receipt = Receipt{First: row.First, Count: int(row.Count), Repeated: true}
				continue
			}
			if _, ok := inGroup[id]; ok {
				twins = append(twins, r)
				continue
			}
			inGroup[id] = r
		}
		batches, fresh, size = append(batches, r.batch), append(fresh, r), size+r.size
	}
	if len(batches) == 0 {
		return nil
	}
	l.w.urgent = fresh[0].batch.Urgent
	s, err := l.w.commit(batches, size, now)
	l.w.urgent = false
	if err != nil {
		err = l.failed(err)
		l.publish(nil)
		return err
	}
	next := s.first
	for _, r := range fresh {
		r.receipt = Receipt{First: next, Count: len(r.batch.Entries)}
		next += uint64(len(r.batch.Entries))
	}
	for _, r := range twins {
		r.receipt = inGroup[newKeyID(r.batch.Key)].receipt
		r.receipt.Repeated = true
	}
	l.publish(&s)
	return nil
}

// failed changes the state for an error of the writer and returns what waiters see.
func (l *Log) failed(err error) error {
	state, kind := StateStopped, ErrStopped
	if full(err) {
		state, kind = StateFull, ErrFull
	}
	l.mu.Lock()
	l.state, l.reason = state, err.Error()
	l.mu.Unlock()
	return fmt.Errorf("append: %w: %w", kind, err)
}

// publish shows readers and waiters what the writer has made durable. The caller
// has the lead; s is nil when no block was added.
func (l *Log) publish(s *stored) {
	w := l.w
	l.s.mu.Lock()
	for _, c := range w.closed {
		l.s.parts = append(slices.Clip(l.s.parts), c.part)
	}
	l.s.open = nil
	if w.tail != nil && w.tail.blocks > 0 {
		p := w.tail.part
		l.s.open = &p
	}
	if s != nil {
		l.s.recent = keepRecent(l.s.recent, recent{s.first, w.size, s.raw}, l.o.RecentBytes)
	}
	l.s.mu.Unlock()

	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range w.closed {
		l.at = c.point
		l.ends = append(l.ends, c.point)
	}
	if n := len(l.ends) - maxEnds; n > 0 {
		l.ends = slices.Delete(l.ends, 0, n)
	}
	if len(w.closed) > 0 {
		l.signed.due = true
		select {
		case l.wake <- struct{}{}:
		default: // Run has not yet taken the last one: it will look anyway
		}
	}
	w.closed = nil
	if s == nil {
		return
	}
	l.at = point{size: w.size, root: rootOf(w.tree), head: w.head}
	l.state, l.reason = StateOK, ""
	close(l.news)
	l.news = make(chan struct{})
}

// keepRecent adds a block and drops the oldest beyond the limit. Readers hold
// the old slice, so it is not changed.
func keepRecent(blocks []recent, b recent, limit int) []recent {
	total := len(b.Raw)
	i := len(blocks)
	for i > 0 && total+len(blocks[i-1].Raw) <= limit && len(blocks)-i < 4096 {
		i--
		total += len(blocks[i].Raw)
	}
	if i == 0 && len(blocks) < cap(blocks) {
		return append(blocks, b) // fast path: nobody reads behind the old length
	}
	return append(append(make([]recent, 0, 2*(len(blocks)-i)+8), blocks[i:]...), b)
}

// Size returns how many events are durable; the next one gets this number.
func (l *Log) Size() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at.size
}

// Wait returns the size as soon as it is above size. It fails when ctx ends, and
// with an error that wraps [ErrStopped] when the ledger is closed.
func (l *Log) Wait(ctx context.Context, size uint64) (uint64, error) {
	for {
		l.mu.Lock()
		now, news, closed := l.at.size, l.news, l.closed
		l.mu.Unlock()
		switch {
		case now > size:
			return now, nil
		case closed:
			return now, fmt.Errorf("wait for event %d: %w", size, ErrStopped)
		}
		select {
		case <-news:
		case <-ctx.Done():
			return now, ctx.Err()
		}
	}
}

// Segments lists the segments, oldest first, the open one last.
func (l *Log) Segments() []Segment { return l.s.segments() }

// SegmentsFrom lists the segments that end behind seq: the one that holds it, where
// there is one, and all after it. It costs as much as what it returns, so that who
// follows the ledger may call it often.
func (l *Log) SegmentsFrom(seq uint64) []Segment { return l.s.segmentsFrom(seq) }

// Read calls fn for the entries [from, to) in order; what lies beyond Size is left
// out. Raw is valid only during fn. An error of fn ends the reading and is
// returned as it is.
//
// Entries that cannot be read are left out; the error then is a [*DamageError],
// returned after everything else was delivered.
func (l *Log) Read(ctx context.Context, from, to uint64, fn func(Entry) error) error {
	return l.s.read(ctx, from, min(to, l.Size()), fn)
}

// Status returns a picture of the ledger.
func (l *Log) Status() Status {
	st := l.s.status()
	l.mu.Lock()
	defer l.mu.Unlock()
	st.State, st.Reason, st.Size, st.Root = l.state, l.reason, l.at.size, l.at.root
	st.CheckpointSize, st.CheckpointTime, st.CheckpointError = l.signed.at.size, l.signed.time, l.signed.err
	st.Copies = slices.Clone(l.copies)
	return st
}

// Run closes segments by age, looks for room on a full disk, and signs and copies
// checkpoints, until ctx ends. It returns nil then.
func (l *Log) Run(ctx context.Context) error {
	tick := time.NewTicker(min(time.Second, l.o.CheckpointEvery))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.wake:
		case <-tick.C:
		}
		l.tend(ctx)
	}
}

// tend does what is due. Its errors stand in Status.
func (l *Log) tend(ctx context.Context) {
	select {
	case l.lead <- struct{}{}:
	case <-ctx.Done():
		return
	}
	l.mu.Lock()
	state := l.state
	l.mu.Unlock()
	now := l.o.Now().UTC()
	if state != StateStopped {
		if err := l.w.roll(now); err != nil {
			_ = l.failed(err) // the state says it
		}
		l.publish(nil)
	}
	if state == StateFull && l.w.fillReserve() == nil {
		l.mu.Lock()
		l.state, l.reason = StateOK, ""
		l.mu.Unlock()
	}
	<-l.lead
	l.mu.Lock()
	due := l.mustSign(now)
	l.mu.Unlock()
	if due {
		_ = l.Sign(ctx) // Status says it, and the next round tries again
	}
}

// Close closes the open segment, signs it, and releases the files. Waiting
// appends fail with [ErrStopped]. After a failed sync nothing is written any more.
func (l *Log) Close() error {
	l.lead <- struct{}{}
	defer func() { <-l.lead }()
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	wasStopped := l.state == StateStopped
	l.mu.Unlock()
	var err error
	if !wasStopped && l.w.tail != nil && l.w.tail.blocks > 0 {
		if err = l.w.closeSegment(l.o.Now().UTC()); err == nil {
			l.publish(nil)
		}
	}
	err = errors.Join(err, l.w.abandon())
	l.mu.Lock()
	l.state, l.reason, l.closed = StateStopped, "closed", true
	close(l.news)
	l.news = make(chan struct{})
	l.mu.Unlock()
	if !wasStopped && err == nil {
		err = l.sign(context.Background())
	}
	if err != nil {
		return fmt.Errorf("close ledger: %w", err)
	}
	return nil
}
