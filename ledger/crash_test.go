package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/ledger/ledgertest"
)

// sample returns how many points are left out between two that are tried: none in
// a whole run, some where time is short.
func sample(whole int) int {
	switch {
	case raceOn:
		return 41 * whole
	case testing.Short():
		return 7 * whole
	}
	return whole
}

// accident is one thing that goes wrong at one operation.
type accident struct {
	name string
	plan func(d *ledgertest.Disk, n int)
	cuts []ledgertest.Mode // what may be left after the life
}

func accidents(seed uint64) []accident {
	strict := []ledgertest.Mode{ledgertest.Strict()}
	fail := func(err error) func(*ledgertest.Disk, int) {
		return func(d *ledgertest.Disk, n int) { d.FailAt(n, err) }
	}
	return []accident{
		{"crash", (*ledgertest.Disk).CrashAt, []ledgertest.Mode{ledgertest.Strict(), ledgertest.Torn(seed), ledgertest.Torn(seed + 1)}},
		{"EIO", fail(syscall.EIO), strict},
		{"ENOSPC", fail(syscall.ENOSPC), strict},
		{"short write", fail(ledgertest.ErrShort), strict},
	}
}

// sweep plays the story with every accident at every step-th operation and
// returns the first that ends badly, and how many were tried.
func sweep(signer note.Signer, public, broken string, step int) (tried int, err error) {
	for n := newStory(signer, public, broken).disk.Operations() + 1; ; n += step {
		more := false
		for _, a := range accidents(uint64(n)) {
			s := newStory(signer, public, broken)
			a.plan(s.disk, n)
			s.run()
			more = more || s.disk.Operations() >= n
			for i, cut := range a.cuts {
				after := *s
				after.disk = s.disk.Clone()
				after.disk.Cut(cut)
				after.sent = cloneSent(s.sent)
				tried++
				if err := after.check(); err != nil {
					return tried, fmt.Errorf("%s at operation %d, cut %d: %w", a.name, n, i, err)
				}
			}
		}
		if !more {
			return tried, nil
		}
	}
}

func cloneSent(list []*sent) []*sent {
	out := make([]*sent, len(list))
	for i, b := range list {
		c := *b
		out[i] = &c
	}
	return out
}

// TestEveryOperation: whatever goes wrong at whatever file operation of a life,
// nothing acknowledged is lost, nothing is there twice and nothing is invented.
func TestEveryOperation(t *testing.T) {
	signer, public := keys(t)
	tried, err := sweep(signer, public, "", sample(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d accidents, none ended badly", tried)
}

// TestCrashDuringRecovery: a second crash at any operation of the recovery from a
// first ends as well as one.
func TestCrashDuringRecovery(t *testing.T) {
	signer, public := keys(t)
	tried := 0
	for n := newStory(signer, public, "").disk.Operations() + 1; ; n += sample(5) {
		s := newStory(signer, public, "")
		s.disk.CrashAt(n)
		s.run()
		if !s.disk.Crashed() {
			break
		}
		if s.err != nil {
			t.Fatal(s.err)
		}
		for _, first := range []ledgertest.Mode{ledgertest.Strict(), ledgertest.Torn(uint64(n))} {
			image := s.disk.Clone()
			image.Cut(first)
			for m := 1; ; m++ {
				again := *s
				again.disk = image.Clone()
				again.disk.CrashAt(again.disk.Operations() + m)
				opened := again.open()
				if opened && !again.disk.Crashed() {
					break
				}
				if again.err != nil {
					t.Fatal(again.err)
				}
				again.disk.Cut(ledgertest.Torn(uint64(m)))
				again.sent = cloneSent(s.sent)
				tried++
				if err := again.check(); err != nil {
					t.Fatalf("crash at operation %d, again at operation %d of recovery: %v", n, m, err)
				}
			}
		}
	}
	t.Logf("%d second crashes, none ended badly", tried)
}

// TestPowerCuts cuts the power under load from several senders.
func TestPowerCuts(t *testing.T) {
	signer, public := keys(t)
	rounds := 100
	if raceOn || testing.Short() {
		rounds = 10
	}
	for _, torn := range []bool{false, true} {
		acked := 0
		for round := range rounds {
			n, err := cutUnderLoad(signer, public, "", torn, uint64(round))
			if err != nil {
				t.Fatalf("round %d, torn %v: %v", round, torn, err)
			}
			acked += n
		}
		t.Logf("%d cuts, torn %v: %d acknowledged batches, none lost", rounds, torn, acked)
	}
}

func cutUnderLoad(signer note.Signer, public, broken string, torn bool, seed uint64) (acked int, err error) {
	rng := rand.New(rand.NewPCG(seed, 7))
	s := newStory(signer, public, broken)
	s.disk.CrashAt(60 + rng.IntN(600))
	if !s.open() {
		return 0, s.err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for !s.disk.Crashed() {
				mu.Lock()
				b := &sent{id: fmt.Sprint("b", len(s.sent)), count: 1 + len(s.sent)%3, key: len(s.sent)%2 == 0}
				s.sent = append(s.sent, b)
				mu.Unlock()
				r, err := s.log.Append(context.Background(), batchOf(b, s.now))
				if err != nil {
					return
				}
				mu.Lock()
				b.acked, b.first = true, r.First
				acked++
				mu.Unlock()
			}
		})
	}
	wg.Go(func() {
		for !s.disk.Crashed() {
			if err := s.log.Sign(context.Background()); err != nil && s.log.Size() > 0 {
				return
			}
		}
	})
	wg.Wait()
	if !s.disk.Crashed() {
		return acked, fmt.Errorf("the senders stopped before the crash: %s", s.log.Status().Reason)
	}
	mode := ledgertest.Strict()
	if torn {
		mode = ledgertest.Torn(seed)
	}
	s.disk.Cut(mode)
	return acked, s.check()
}

// TestMutants: a ledger that breaks one of its promises is caught by the tests
// above.
func TestMutants(t *testing.T) {
	signer, public := keys(t)
	for _, broken := range ledger.Mutants {
		t.Run(broken, func(t *testing.T) {
			tried, err := sweep(signer, public, broken, 1)
			if err == nil {
				t.Fatalf("not caught by %d accidents", tried)
			}
			t.Logf("caught after %d accidents: %v", tried, err)
		})
	}
}
