package logsource

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fengsui/fengsui/internal/event"
)

// Registry answers receivers from memory. It is safe for concurrent use; what it
// knows changes whole when a source changes.
type Registry struct {
	now       func() time.Time
	sources   atomic.Pointer[directory]
	mu        sync.Mutex // of lives
	lives     map[string]*live
	strangers *strangers
}

func newRegistry(now func() time.Time) *Registry {
	r := &Registry{now: now, lives: map[string]*live{}, strangers: newStrangers(maxStrangers)}
	r.sources.Store(newDirectory(nil))
	return r
}

// directory is an unchanging set of sources with the ways to find them.
type directory struct {
	byID          map[string]*known
	byToken       map[[32]byte]*known
	byCertificate map[[32]byte]*known
	byNetwork     map[netip.Prefix]*known
	bits4, bits6  []int // prefix lengths that occur, the longest first
}

type known struct {
	source  Source
	event   event.Source
	retired bool
}

func newDirectory(sources []Source) *directory {
	d := &directory{
		byID: map[string]*known{}, byToken: map[[32]byte]*known{},
		byCertificate: map[[32]byte]*known{}, byNetwork: map[netip.Prefix]*known{},
	}
	for _, src := range sources {
		zone, err := zoneOf(src.Zone)
		if err != nil {
			zone = nil // the zone data changed under it: the station's zone has to do
		}
		k := &known{source: src, retired: !src.RetiredAt.IsZero(), event: event.Source{
			ID: string(src.ID), Name: src.Name, Kind: string(src.Kind), Format: src.Format, Charset: src.Charset, Zone: zone,
		}}
		d.byID[string(src.ID)] = k
		if !k.retired {
			d.add(k)
		}
	}
	slices.SortFunc(d.bits4, func(a, b int) int { return b - a })
	slices.SortFunc(d.bits6, func(a, b int) int { return b - a })
	return d
}

func (d *directory) add(k *known) {
	if sum, ok := digest(k.source.tokenHash); ok {
		d.byToken[sum] = k
	}
	if sum, ok := digest(k.source.Certificate); ok {
		d.byCertificate[sum] = k
	}
	if k.source.Kind != Syslog {
		return
	}
	for _, p := range k.source.Allow {
		d.byNetwork[p] = k
		bits := &d.bits4
		if p.Addr().Is6() {
			bits = &d.bits6
		}
		if !slices.Contains(*bits, p.Bits()) {
			*bits = append(*bits, p.Bits())
		}
	}
}

func digest(text string) (sum [32]byte, ok bool) {
	if len(text) != hex.EncodedLen(len(sum)) {
		return sum, false
	}
	n, err := hex.Decode(sum[:], []byte(text))
	return sum, err == nil && n == len(sum)
}

// plain returns the address as sources are written: IPv4 as IPv4, no zone.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// ByToken finds the source with the token.
func (r *Registry) ByToken(token string) (event.Source, bool) {
	return found(r.sources.Load().byToken[sha256.Sum256([]byte(token))])
}

// ByCertificate finds the syslog source with the client certificate.
func (r *Registry) ByCertificate(sum [32]byte) (event.Source, bool) {
	return found(r.sources.Load().byCertificate[sum])
}

// ByAddress finds the syslog source with the longest network that holds peer.
// A source that has a certificate is not known by address over TLS.
func (r *Registry) ByAddress(transport string, peer netip.Addr) (event.Source, bool) {
	d := r.sources.Load()
	peer = plain(peer)
	bits := d.bits4
	if peer.Is6() {
		bits = d.bits6
	}
	for _, n := range bits {
		p, err := peer.Prefix(n)
		if err != nil {
			return event.Source{}, false
		}
		if k := d.byNetwork[p]; k != nil {
			if transport == "tls" && k.source.Certificate != "" {
				continue
			}
			return k.event, true
		}
	}
	return event.Source{}, false
}

func found(k *known) (event.Source, bool) {
	if k == nil {
		return event.Source{}, false
	}
	return k.event, true
}

// Allows reports whether a source that is known by token may send from peer.
func (r *Registry) Allows(source string, peer netip.Addr) bool {
	k := r.sources.Load().byID[source]
	if k == nil || k.retired {
		return false
	}
	peer = plain(peer)
	return len(k.source.Allow) == 0 || slices.ContainsFunc(k.source.Allow, func(p netip.Prefix) bool { return p.Contains(peer) })
}

// Source returns what is known about a source, retired ones included; for an
// unknown id, a source with nothing but the id.
func (r *Registry) Source(id string) event.Source {
	if k := r.sources.Load().byID[id]; k != nil {
		return k.event
	}
	return event.Source{ID: id}
}

// SourceName returns the name of a source, and its id when it is not known.
func (r *Registry) SourceName(id string) string {
	if k := r.sources.Load().byID[id]; k != nil {
		return k.source.Name
	}
	return id
}

// Stranger counts n events of a sender that no source is known for. sample is
// one of its lines; it is copied.
func (r *Registry) Stranger(transport string, peer netip.Addr, sample []byte, n int) {
	r.strangers.add(transport, plain(peer), sample, int64(n), r.now())
}

// Admit asks whether a source may send events now. When it may not, wait says
// when to ask again. A batch larger than one second's worth is let in once the
// source has nothing outstanding, and is paid for after.
func (r *Registry) Admit(source string, events, _ int, at time.Time) (wait time.Duration, ok bool) {
	k := r.sources.Load().byID[source]
	if k == nil || k.source.RateLimit == 0 {
		return 0, true
	}
	l := r.live(source)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bucket.take(float64(k.source.RateLimit), float64(events), at)
}

// Received counts what the ledger took of a source.
func (r *Registry) Received(source, _ string, events, _ int, at time.Time) {
	l := r.live(source)
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.After(l.last) {
		l.last = at
	}
	l.rate.add(at, int64(events))
}

// Dropped counts events of a source that were lost, and why.
func (r *Registry) Dropped(source, transport, reason string, events int, _ time.Time) {
	l := r.live(source)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drops[dropKey{Source: source, Transport: transport, Reason: reason}] += int64(events)
}

// live is what memory knows of a source beyond the ledger.
type live struct {
	mu     sync.Mutex
	last   time.Time // latest receipt in this run
	rate   minute
	bucket bucket
	drops  map[dropKey]int64 // not stored yet
}

type dropKey struct{ Source, Transport, Reason string }

func (r *Registry) live(source string) *live {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.lives[source]
	if l == nil {
		l = &live{drops: map[dropKey]int64{}}
		r.lives[source] = l
	}
	return l
}

// seen returns the latest receipt of a source in this run and its events in the
// last minute.
func (r *Registry) seen(source string, now time.Time) (last time.Time, perMinute int64) {
	l := r.live(source)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last, l.rate.sum(now)
}

// takeDrops returns the drops that are not stored yet and forgets them.
func (r *Registry) takeDrops() map[dropKey]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[dropKey]int64{}
	for _, l := range r.lives {
		l.mu.Lock()
		for k, n := range l.drops {
			out[k] += n
		}
		clear(l.drops)
		l.mu.Unlock()
	}
	return out
}

// giveDrops takes back drops that could not be stored.
func (r *Registry) giveDrops(drops map[dropKey]int64) {
	for k, n := range drops {
		r.Dropped(k.Source, k.Transport, k.Reason, int(n), time.Time{})
	}
}

// bucket is a token bucket that may run into debt.
type bucket struct {
	tokens float64
	at     time.Time
}

// take spends n tokens of a bucket that fills with rate per second up to one
// second's worth. It spends when there is enough for n or the bucket is full.
func (b *bucket) take(rate, n float64, now time.Time) (wait time.Duration, ok bool) {
	if b.at.IsZero() {
		b.tokens, b.at = rate, now
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.tokens, b.at = min(rate, b.tokens+rate*passed.Seconds()), now
	}
	if missing := min(n, rate) - b.tokens; missing > 0 {
		return max(time.Millisecond, time.Duration(missing/rate*float64(time.Second))), false
	}
	b.tokens -= n
	return 0, true
}

// minute counts by second over one minute.
type minute struct {
	counts [60]int64
	newest int64 // second of the newest count
}

func (m *minute) add(at time.Time, n int64) {
	second := at.Unix()
	m.advance(second)
	if second > m.newest-60 {
		m.counts[second%60] += n
	}
}

func (m *minute) advance(second int64) {
	if second-m.newest >= 60 {
		m.counts, m.newest = [60]int64{}, second
	}
	for m.newest < second {
		m.newest++
		m.counts[m.newest%60] = 0
	}
}

func (m *minute) sum(now time.Time) int64 {
	m.advance(now.Unix())
	var n int64
	for _, c := range m.counts {
		n += c
	}
	return n
}
