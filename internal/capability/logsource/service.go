package logsource

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// Service is the only writer of the tables logsource_*. It is safe for
// concurrent use, except that the [Follower] has one caller.
type Service struct {
	d        Deps
	registry *Registry

	mu          sync.Mutex
	sources     map[ID]*entry
	pending     *counts // counted and not stored yet
	next        uint64  // first event that was not counted
	sizeAtStart uint64  // of the ledger: what an earlier run received ends here
	started     time.Time
	starts      []time.Time // of the station's runs, the oldest first, this one last
	lastAlive   time.Time   // last sign of life of the run before; zero: there was none
	downKnown   bool        // the time the station was down has been recorded

	// Used by Run alone.
	alive  time.Time // last sign of life stored
	keptAt time.Time // when the oldest event was looked for
	oldest time.Time
}

// knownRuns bounds how many starts of the station are remembered: an older start
// cannot be later than the last receipt of any source that still matters.
const knownRuns = 1000

// New returns the service; [Service.Load] has to be called before it is used.
func New(d Deps) (*Service, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return &Service{d: d, registry: newRegistry(d.Now), sources: map[ID]*entry{}, pending: newCounts()}, nil
}

// Registry returns what receivers ask.
func (s *Service) Registry() *Registry { return s.registry }

// Load reads what earlier runs stored and begins a new run. It is called once,
// after the migrations and before the first receiver.
func (s *Service) Load(ctx context.Context) error {
	if err := s.Recall(ctx); err != nil {
		return err
	}
	return s.Begin(ctx)
}

// Recall reads what earlier runs stored without beginning a run: for acts on the
// host itself while the station is stopped.
func (s *Service) Recall(ctx context.Context) error {
	db := s.d.DB.Read
	sources, err := allSources(ctx, db)
	if err != nil {
		return err
	}
	states, err := allStates(ctx, db)
	if err != nil {
		return err
	}
	drops, err := allDrops(ctx, db)
	if err != nil {
		return err
	}
	gaps, err := openGaps(ctx, db)
	if err != nil {
		return err
	}
	next, err := cursorOf(ctx, db)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, src := range sources {
		t := states[src.ID]
		s.sources[src.ID] = &entry{Source: src, totals: t, last: t.last, open: gaps[src.ID], dropped: drops[src.ID]}
	}
	s.next, s.sizeAtStart = next, s.d.Ledger.Size()
	s.publish()
	return s.loadStrangers(ctx)
}

// Begin notes the start of a run, after [Service.Recall].
func (s *Service) Begin(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	runs, err := lastRuns(ctx, s.d.DB.Read, knownRuns)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(runs) {
		s.starts = append(s.starts, r.StartedAt.UTC())
		s.lastAlive = later(s.lastAlive, r.AliveAt.UTC())
	}
	s.started = stored(s.d.Now())
	s.starts = append(s.starts, s.started)
	s.alive = s.started
	return putRun(ctx, s.d.DB.Write, s.started, s.started)
}

// publish shows receivers the sources as they are now. The caller holds mu.
func (s *Service) publish() {
	all := make([]Source, 0, len(s.sources))
	for _, e := range s.sources {
		all = append(all, e.Source)
	}
	slices.SortFunc(all, func(a, b Source) int { return cmp.Compare(a.ID, b.ID) })
	s.registry.sources.Store(newDirectory(all))
}

// figures returns what a source has sent so far. The caller holds mu.
func (s *Service) figures(e *entry, now time.Time) Figures {
	live, perMinute := s.registry.seen(string(e.ID), now)
	f := Figures{
		State: Delivering, First: e.totals.first, Last: later(e.last, live), Received: e.totals.events,
		Bytes: e.totals.bytes, Unparsed: e.totals.unparsed, Dropped: e.dropped, PerMinute: perMinute,
	}
	base, _ := e.base(live)
	switch {
	case f.Last.IsZero():
		f.State = Waiting
	case now.After(s.due(e, base, now)):
		f.State = Silent
	}
	return f
}

// Create adds a source and returns it with its token, which is shown this once;
// a syslog source has none. It fails with [ErrInvalid], [ErrNameTaken],
// [ErrSenderSet] or [ErrTooMany].
func (s *Service) Create(ctx context.Context, src Source) (Source, string, error) {
	src, err := src.check()
	if err != nil {
		return Source{}, "", err
	}
	now := stored(s.d.Now())
	src.ID, src.CreatedAt, src.UpdatedAt = ID(newID()), now, now
	token := ""
	if src.Kind.hasToken() {
		if token, src.tokenHash, err = s.newToken(); err != nil {
			return Source{}, "", err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.put(ctx, &src); err != nil {
		return Source{}, "", err
	}
	s.sources[src.ID] = &entry{Source: src}
	s.publish()
	return src, token, nil
}

// put stores a new or changed source after looking for conflicts with others.
// The caller holds mu.
func (s *Service) put(ctx context.Context, src *Source) error {
	inUse := 0
	for _, e := range s.sources {
		if e.ID == src.ID || !e.RetiredAt.IsZero() {
			continue
		}
		inUse++
		if e.Name == src.Name {
			return ErrNameTaken.At("body.name", "the name is taken")
		}
		if src.Certificate != "" && e.Certificate == src.Certificate {
			return ErrSenderSet.At("body.certificate", "the certificate is that of "+e.Name)
		}
		if src.Kind == Syslog && e.Kind == Syslog {
			for _, p := range src.Allow {
				if slices.Contains(e.Allow, p) {
					return ErrSenderSet.At("body.allow", p.String()+" is that of "+e.Name)
				}
			}
		}
	}
	if inUse >= maxSources {
		return ErrTooMany.Detailf("the limit is %d sources", maxSources)
	}
	return s.d.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return putSource(ctx, tx, *src) })
}

// Change is what may be changed of a source; nil fields stay.
type Change struct {
	Name        *string
	Allow       []netip.Prefix // nil stays
	Certificate *string
	Format      *string
	Charset     *string
	Zone        *string
	SilentAfter *time.Duration
	RateLimit   *int64
}

func (c Change) apply(src *Source) {
	set(&src.Name, c.Name)
	set(&src.Certificate, c.Certificate)
	set(&src.Format, c.Format)
	set(&src.Charset, c.Charset)
	set(&src.Zone, c.Zone)
	set(&src.SilentAfter, c.SilentAfter)
	set(&src.RateLimit, c.RateLimit)
	if c.Allow != nil {
		src.Allow = c.Allow
	}
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// Update changes a source. A longer limit of silence ends a gap that would not
// have begun under it. It fails like [Service.Create], and with [ErrNotFound] or
// [ErrRetired].
func (s *Service) Update(ctx context.Context, id ID, c Change) (Source, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.inUse(id)
	if err != nil {
		return Source{}, err
	}
	src := e.Source
	c.apply(&src)
	if src, err = src.check(); err != nil {
		return Source{}, err
	}
	src.UpdatedAt = stored(s.d.Now())
	if err := s.put(ctx, &src); err != nil {
		return Source{}, err
	}
	e.Source = src
	s.publish()
	return src, s.reviewGap(ctx, e)
}

// reviewGap ends the open gap of a source whose limit is not exceeded any more.
// The caller holds mu.
func (s *Service) reviewGap(ctx context.Context, e *entry) error {
	now := stored(s.d.Now())
	if e.open == nil || now.After(s.due(e, e.open.From, now)) {
		return nil
	}
	return s.endGap(ctx, e, now, endLimit)
}

func (s *Service) endGap(ctx context.Context, e *entry, at time.Time, how string) error {
	g := *e.open
	g.To, g.Ended, g.ClosedAt = at, how, at
	if err := putGaps(ctx, s.d.DB.Write, []Gap{g}); err != nil {
		return err
	}
	e.open = nil
	return nil
}

// inUse finds a source that is not retired. The caller holds mu.
func (s *Service) inUse(id ID) (*entry, error) {
	e := s.sources[id]
	switch {
	case e == nil:
		return nil, ErrNotFound
	case !e.RetiredAt.IsZero():
		return nil, ErrRetired
	}
	return e, nil
}

// Retire takes a source out of use: its token and addresses are not known any
// more, its logs and gaps stay. reason is required.
func (s *Service) Retire(ctx context.Context, id ID, reason string) (Source, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return Source{}, ErrInvalid.At("body.reason", "say why the source is retired")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.inUse(id)
	if err != nil {
		return Source{}, err
	}
	now := stored(s.d.Now())
	src := e.Source
	src.RetiredAt, src.UpdatedAt, src.Reason = now, now, reason
	if err := putSource(ctx, s.d.DB.Write, src); err != nil {
		return Source{}, err
	}
	e.Source = src
	s.publish()
	if e.open != nil {
		return src, s.endGap(ctx, e, now, endRetired)
	}
	return src, nil
}

// Renew gives a source a new token; the old one is not known from now on.
func (s *Service) Renew(ctx context.Context, id ID) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.inUse(id)
	if err != nil {
		return "", err
	}
	if !e.Kind.hasToken() {
		return "", ErrNoToken
	}
	token, hash, err := s.newToken()
	if err != nil {
		return "", err
	}
	src := e.Source
	src.tokenHash, src.UpdatedAt = hash, stored(s.d.Now())
	if err := putSource(ctx, s.d.DB.Write, src); err != nil {
		return "", err
	}
	e.Source = src
	s.publish()
	return token, nil
}

// newToken returns a token of 256 random bits and what is stored of it.
func (s *Service) newToken() (token, hash string, err error) {
	var secret [32]byte
	if _, err := io.ReadFull(s.d.Rand, secret[:]); err != nil {
		return "", "", fmt.Errorf("make a token: %w", err)
	}
	token = "fs_src_" + base64.RawURLEncoding.EncodeToString(secret[:])
	sum := sha256.Sum256([]byte(token))
	return token, hex.EncodeToString(sum[:]), nil
}

// Known is a source with its figures.
type Known struct {
	Source
	Figures
}

// Get returns one source.
func (s *Service) Get(id ID) (Known, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.sources[id]
	if e == nil {
		return Known{}, ErrNotFound
	}
	return Known{e.Source, s.figures(e, s.d.Now().UTC())}, nil
}

// Filter selects sources; empty conditions do not count.
type Filter struct {
	States  []State
	Kind    Kind
	Text    string // part of a name, an address or an id; case does not count
	Retired bool   // the retired ones instead of those in use
}

func (f Filter) takes(k *Known) bool {
	switch {
	case f.Retired == k.RetiredAt.IsZero():
		return false
	case len(f.States) > 0 && !slices.Contains(f.States, k.State):
		return false
	case f.Kind != "" && f.Kind != k.Kind:
		return false
	case f.Text == "":
		return true
	}
	text := strings.ToLower(f.Text)
	if strings.Contains(strings.ToLower(k.Name), text) || strings.Contains(string(k.ID), text) {
		return true
	}
	return slices.ContainsFunc(k.Allow, func(p netip.Prefix) bool { return strings.Contains(p.String(), text) })
}

// List returns sources in the order of their names, at most limit behind the
// given place (name and id of the last one of the page before), and whether
// there are more.
func (s *Service) List(f Filter, name string, id ID, limit int) (page []Known, more bool) {
	now := s.d.Now().UTC()
	s.mu.Lock()
	all := make([]Known, 0, len(s.sources))
	for _, e := range s.sources {
		k := Known{e.Source, s.figures(e, now)}
		if f.takes(&k) {
			all = append(all, k)
		}
	}
	s.mu.Unlock()
	order := func(a Known, name string, id ID) int { return cmp.Or(cmp.Compare(a.Name, name), cmp.Compare(a.ID, id)) }
	slices.SortFunc(all, func(a, b Known) int { return order(a, b.Name, b.ID) })
	if id != "" {
		all = slices.DeleteFunc(all, func(k Known) bool { return order(k, name, id) <= 0 })
	}
	if len(all) > limit {
		return all[:limit], true
	}
	return all, false
}
