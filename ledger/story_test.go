package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/ledger/ledgertest"
	"github.com/fengsui/fengsui/ledger/verify"
)

const (
	home   = "/data/ledger"
	beyond = "/beyond" // where checkpoints are copied to
)

// sent is a batch that was handed to the ledger.
type sent struct {
	id    string // every entry carries it
	count int
	key   bool
	acked bool
	first uint64 // when acked
}

// story is a scripted life of a ledger on a disk that may fail, and what its
// senders know.
type story struct {
	disk   *ledgertest.Disk
	now    time.Time
	signer note.Signer
	public string
	broken string // mutant
	log    *ledger.Log
	sent   []*sent
	kept   [][]byte // checkpoints that somebody carried away
	err    error    // what was found wrong while the story went on
}

func newStory(signer note.Signer, public, broken string) *story {
	disk := ledgertest.NewDisk()
	for _, dir := range []string{"/data", beyond} {
		if err := errors.Join(disk.Mkdir(dir), disk.SyncDir("/")); err != nil {
			panic(err)
		}
	}
	return &story{disk: disk, now: day, signer: signer, public: public, broken: broken}
}

func (s *story) options() ledger.Options {
	return ledger.Break(ledger.Options{
		FS: s.disk, Now: func() time.Time { return s.now }, Signer: s.signer, Verifier: s.public, CopyTo: []string{beyond},
		FrameBytes: 400, SegmentBytes: 1200, Preallocate: 2048, Reserve: 4096, RecentBytes: 600,
	}, s.broken)
}

// fail keeps the first thing that went wrong.
func (s *story) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

// open opens the ledger, again after a failure; false after a crash.
func (s *story) open() bool {
	for range 3 {
		l, err := ledger.Open(home, s.options())
		if s.disk.Crashed() {
			return false
		}
		if err == nil {
			s.log = l
			if st := l.Status(); st.State == ledger.StateStopped {
				s.fail("opened, but stopped: %s", st.Reason)
				return false
			}
			return true
		}
		if errors.Is(err, ledger.ErrFormat) {
			s.fail("open: %w", err)
			return false
		}
	}
	s.fail("the ledger does not open any more")
	return false
}

func batchOf(b *sent, at time.Time) ledger.Batch {
	out := ledger.Batch{}
	if b.key {
		out.Key = b.id
	}
	for i := range b.count {
		out.Entries = append(out.Entries, ledger.Entry{
			Received: at, Source: "s1", Transport: "tcp", Peer: "192.0.2.7", Batch: b.id,
			Raw: fmt.Appendf(nil, "%s/%d %s", b.id, i, strings.Repeat(b.id, 5)),
		})
	}
	return out
}

// send appends one batch; false after a crash. A batch with a key is sent again
// until it is taken; one without is not.
func (s *story) send(count int, key, urgent bool) bool {
	b := &sent{id: fmt.Sprint("b", len(s.sent)), count: count, key: key}
	s.sent = append(s.sent, b)
	for range 4 {
		if done := s.try(b, urgent); s.disk.Crashed() {
			return false
		} else if done || !key && !errors.Is(s.lastStop(), ledger.ErrStopped) {
			return true
		}
		if s.log.Status().State == ledger.StateStopped {
			_ = s.log.Close()
			if s.disk.Crashed() || !s.open() {
				return false
			}
		}
		if !key {
			return true
		}
	}
	return true
}

func (s *story) lastStop() error {
	if s.log.Status().State == ledger.StateStopped {
		return ledger.ErrStopped
	}
	return nil
}

func (s *story) try(b *sent, urgent bool) bool {
	batch := batchOf(b, s.now)
	batch.Urgent = urgent
	r, err := s.log.Append(context.Background(), batch)
	if err != nil {
		return false
	}
	if r.Count != b.count {
		s.fail("batch %s of %d entries was stored as %d", b.id, b.count, r.Count)
	}
	b.acked, b.first = true, r.First
	return true
}

// reopen ends this life and begins the next.
func (s *story) reopen() bool {
	err := s.log.Close()
	if s.disk.Crashed() {
		return false
	}
	_ = err // a failed close is a crash without a loss
	s.now = s.now.Add(time.Second)
	return s.open()
}

func (s *story) tend(after time.Duration) bool {
	s.now = s.now.Add(after)
	s.log.Tend(context.Background())
	return !s.disk.Crashed()
}

// carryAway keeps the newest checkpoint outside.
func (s *story) carryAway() {
	if p, err := s.log.Prove(context.Background(), 0); err == nil {
		s.kept = append(s.kept, p.Checkpoint)
	}
}

// run plays the whole life until its end or a crash.
func (s *story) run() {
	if !s.open() {
		return
	}
	for range 2 {
		if !s.send(2, true, false) || !s.send(1, false, false) {
			return
		}
		s.now = s.now.Add(time.Second)
	}
	if !s.tend(11 * time.Second) {
		return
	}
	s.carryAway()
	for i := range 5 { // over the size of a segment
		if !s.send(3, i%2 == 0, false) {
			return
		}
	}
	if !s.tend(11*time.Minute) || !s.send(1, true, false) { // over its age
		return
	}
	s.carryAway()
	if !s.fullDisk() || !s.reopen() {
		return
	}
	if !s.send(4, true, false) || !s.reopen() {
		return
	}
	if !s.send(2, false, false) || !s.tend(11*time.Second) || !s.send(1, true, false) {
		return
	}
	_ = s.log.Close()
	if !s.disk.Crashed() {
		s.carryAway()
	}
}

// fullDisk takes all room away, and gives it back.
func (s *story) fullDisk() bool {
	s.disk.SetRoom(s.disk.Used())
	refused := false
	for range 40 {
		before := len(s.sent)
		if !s.send(1, false, false) {
			return false
		}
		if refused = !s.sent[before].acked; refused {
			break
		}
	}
	if !refused {
		s.fail("a full disk took everything")
	}
	if !s.send(1, true, true) || !s.tend(time.Second) {
		return false
	}
	if b := s.sent[len(s.sent)-1]; !b.acked && s.log.Status().State == ledger.StateFull {
		s.fail("an urgent batch found no reserve: %s", s.log.Status().Reason)
	}
	s.disk.SetRoom(math.MaxInt64)
	return s.tend(time.Second) && s.send(2, true, false)
}

// check opens what is left and holds it against what the senders know.
func (s *story) check() error {
	if s.err != nil {
		return s.err
	}
	s.disk.SetRoom(math.MaxInt64)
	if !s.open() {
		return s.err
	}
	if err := s.compare(); err != nil {
		return err
	}
	size := s.log.Size()
	for _, b := range s.sent {
		if !b.key {
			continue
		}
		r, err := s.log.Append(context.Background(), batchOf(b, s.now))
		if err != nil {
			return fmt.Errorf("retry of %s: %w", b.id, err)
		}
		if b.acked && (!r.Repeated || r.First != b.first) {
			return fmt.Errorf("retry of %s, acknowledged at %d, answers %+v", b.id, b.first, r)
		}
		b.acked, b.first = true, r.First
		if !r.Repeated {
			size += uint64(r.Count)
		}
	}
	if s.log.Size() != size {
		return fmt.Errorf("retries made %d events of %d", s.log.Size(), size)
	}
	if err := s.compare(); err != nil {
		return err
	}
	if err := s.log.Close(); err != nil {
		return err
	}
	return s.verify(size)
}

// compare reads every event.
func (s *story) compare() error {
	if st := s.log.Status(); len(st.Damage) > 0 {
		return fmt.Errorf("damage: %s", st.Damage[0])
	}
	known := map[string]*sent{}
	for _, b := range s.sent {
		known[b.id] = b
	}
	at := map[string]uint64{}
	next := uint64(0)
	var last string
	var seen int
	err := s.log.Read(context.Background(), 0, math.MaxUint64, func(e ledger.Entry) error {
		if e.Seq != next {
			return fmt.Errorf("event %d where %d should be", e.Seq, next)
		}
		next++
		b := known[e.Batch]
		if b == nil {
			return fmt.Errorf("event %d was invented", e.Seq)
		}
		if e.Batch != last {
			if last != "" && seen != known[last].count {
				return fmt.Errorf("%d of %d events of %s", seen, known[last].count, last)
			}
			if _, twice := at[e.Batch]; twice {
				return fmt.Errorf("batch %s is there twice", e.Batch)
			}
			last, seen, at[e.Batch] = e.Batch, 0, e.Seq
		}
		if !strings.HasPrefix(string(e.Raw), fmt.Sprintf("%s/%d ", b.id, seen)) {
			return fmt.Errorf("event %d is %q", e.Seq, e.Raw)
		}
		seen++
		return nil
	})
	if err != nil {
		return err
	}
	if last != "" && seen != known[last].count {
		return fmt.Errorf("%d of %d events of %s", seen, known[last].count, last)
	}
	if next != s.log.Size() {
		return fmt.Errorf("read %d events of %d", next, s.log.Size())
	}
	for _, b := range s.sent {
		if first, ok := at[b.id]; b.acked && (!ok || first != b.first) {
			return fmt.Errorf("batch %s was acknowledged at %d and is there: %v, at %d", b.id, b.first, ok, first)
		}
	}
	return nil
}

// verify asks the other reading of the format.
func (s *story) verify(size uint64) error {
	o := verify.Options{Keys: []string{s.public}, Checkpoints: s.kept}
	r, err := verify.Verify(context.Background(), s.disk.View(home), o)
	if err != nil {
		return err
	}
	if r.Status != verify.OK || r.Events != size || r.Root != s.log.Status().Root {
		return fmt.Errorf("verify: %s, %d of %d events, %v", r.Status, r.Events, size, r.Where)
	}
	return nil
}
