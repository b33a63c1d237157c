package logsource

import (
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Bounds of what is kept about strangers. Anybody can become one by sending.
const (
	maxStrangers = 1000
	maxIgnored   = 10_000
	maxSample    = 300 // bytes
)

// strangers keeps those that sent last; the one that was quiet for longest makes
// room. Ignored ones are neither counted nor listed.
type strangers struct {
	mu      sync.Mutex
	max     int
	byID    map[string]*list.Element
	recent  *list.List // of *Stranger, the latest first
	ignored map[string]bool
	changed map[string]bool // not stored yet
	evicted map[string]bool // to be removed from the store
}

func newStrangers(limit int) *strangers {
	return &strangers{
		max: limit, byID: map[string]*list.Element{}, recent: list.New(),
		ignored: map[string]bool{}, changed: map[string]bool{}, evicted: map[string]bool{},
	}
}

// strangerID is the same for a sender in every run.
func strangerID(transport string, peer netip.Addr) string {
	sum := sha256.Sum256([]byte(transport + "\x00" + peer.String()))
	return hex.EncodeToString(sum[:12])
}

func (s *strangers) add(transport string, peer netip.Addr, sample []byte, n int64, now time.Time) {
	id := strangerID(transport, peer)
	text := strings.ToValidUTF8(string(sample[:min(len(sample), maxSample)]), "\uFFFD")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ignored[id] {
		return
	}
	if e := s.byID[id]; e != nil {
		x := stranger(e)
		x.Count, x.Last, x.Sample = x.Count+n, now.UTC(), text
		s.recent.MoveToFront(e)
		s.changed[id] = true
		return
	}
	s.put(Stranger{ID: id, Transport: transport, Peer: peer, Count: n, First: now.UTC(), Last: now.UTC(), Sample: text})
	s.changed[id] = true
}

// put adds a stranger as the latest and makes room for it.
func (s *strangers) put(x Stranger) {
	for s.recent.Len() >= s.max {
		oldest := stranger(s.recent.Back())
		s.remove(oldest.ID)
		s.evicted[oldest.ID] = true
	}
	delete(s.evicted, x.ID)
	s.byID[x.ID] = s.recent.PushFront(&x)
}

func (s *strangers) remove(id string) {
	if e := s.byID[id]; e != nil {
		s.recent.Remove(e)
		delete(s.byID, id)
		delete(s.changed, id)
	}
}

func stranger(e *list.Element) *Stranger {
	x, ok := e.Value.(*Stranger)
	if !ok {
		panic("BUG: the list of strangers holds something else")
	}
	return x
}

// list returns all strangers, the latest first.
func (s *strangers) list() []Stranger {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Stranger, 0, s.recent.Len())
	for e := s.recent.Front(); e != nil; e = e.Next() {
		out = append(out, *stranger(e))
	}
	return out
}

func (s *strangers) get(id string) (Stranger, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.byID[id]; e != nil {
		return *stranger(e), true
	}
	return Stranger{}, false
}

// forget removes a stranger that became a source, or is ignored from now on.
func (s *strangers) forget(id string, ignore bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(id)
	if ignore {
		s.ignored[id] = true
	}
}

func (s *strangers) ignoring() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ignored)
}

// take returns what is not stored yet.
func (s *strangers) take() (changed []Stranger, evicted []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.changed {
		changed = append(changed, *stranger(s.byID[id]))
	}
	for id := range s.evicted {
		evicted = append(evicted, id)
	}
	clear(s.changed)
	clear(s.evicted)
	return changed, evicted
}

// give takes back what could not be stored.
func (s *strangers) give(changed []Stranger, evicted []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range changed {
		if s.byID[x.ID] != nil {
			s.changed[x.ID] = true
		}
	}
	for _, id := range evicted {
		if s.byID[id] == nil {
			s.evicted[id] = true
		}
	}
}
