package comply

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/evidence"
)

// Sealer writes one record of the station itself to the ledger and returns its
// sequence once it is durable.
type Sealer interface {
	SealOwn(ctx context.Context, kind string, record []byte) (uint64, error)
}

// Deps are what comply needs of the station. Providers are found by their id.
type Deps struct {
	Read      bun.IDB
	Write     bun.IDB
	Law       *Law
	Providers []evidence.Provider
	Sealer    Sealer
	Now       func() time.Time
	Log       *slog.Logger
	Every     time.Duration // how often providers are asked; default 5 s
	Keep      time.Duration // an unchanged answer is sealed anew after this; default 1 h
}

// Service computes the status of obligations. It is safe for concurrent use.
type Service struct {
	d         Deps
	providers map[string]evidence.Provider
}

// New checks that controls and providers fit together: a control without its
// provider, and a provider that no control names, are refused.
func New(d Deps) (*Service, error) {
	d.Every = cmp.Or(d.Every, 5*time.Second)
	d.Keep = cmp.Or(d.Keep, time.Hour)
	s := &Service{d: d, providers: map[string]evidence.Provider{}}
	for _, p := range d.Providers {
		s.providers[p.ID()] = p
	}
	used := map[string]bool{}
	for _, c := range d.Law.Controls {
		if s.providers[c.Evidence] == nil {
			return nil, fmt.Errorf("control %s: no provider answers %s", c.ID, c.Evidence)
		}
		used[c.Evidence] = true
	}
	for id := range s.providers {
		if !used[id] {
			return nil, fmt.Errorf("provider %s: no control uses it", id)
		}
	}
	return s, nil
}

// fresh is how long an answer counts after its last confirmation.
func (s *Service) fresh() time.Duration { return 3 * s.d.Every }

// Run asks every provider now and then every Deps.Every until ctx ends. What
// could not be asked is logged and becomes unknown when it is no longer fresh.
func (s *Service) Run(ctx context.Context) error {
	s.fillDowntime(ctx)
	tick := time.NewTicker(s.d.Every)
	defer tick.Stop()
	for {
		s.observeAll(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *Service) observeAll(ctx context.Context) {
	now := s.d.Now().UTC()
	for _, c := range s.d.Law.Controls {
		if err := s.observe(ctx, c, now, now); err != nil && ctx.Err() == nil {
			s.d.Log.ErrorContext(ctx, "evidence not stored", slog.String("control", c.ID), slog.Any("error", err))
		}
	}
}

// fillDowntime asks what was true while the station was not running, so that
// the status of that time is known late rather than never.
func (s *Service) fillDowntime(ctx context.Context) {
	now := s.d.Now().UTC()
	for _, c := range s.d.Law.Controls {
		last, err := answerAt(ctx, s.d.Read, c.ID, now, now)
		if err != nil || last == nil {
			continue
		}
		stale := staleFrom(*last, now, s.fresh())
		if !stale.Before(now) {
			continue
		}
		if err := s.observe(ctx, c, stale, now); err != nil && ctx.Err() == nil {
			s.d.Log.ErrorContext(ctx, "evidence not stored", slog.String("control", c.ID), slog.Any("error", err))
		}
	}
}

// observe asks the provider of a control what was so at valid and stores the
// answer when it is news; an unchanged one only confirms the last.
func (s *Service) observe(ctx context.Context, c Control, valid, known time.Time) error {
	fact, err := s.providers[c.Evidence].Observe(ctx, valid, known)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.d.Log.WarnContext(ctx, "evidence provider could not look",
			slog.String("provider", c.Evidence), slog.Any("error", err))
		fact = evidence.Fact{State: evidence.Unknown, Summary: "provider_failed", Period: evidence.Period{From: valid, To: valid}}
	}
	digest, err := digestOf(fact)
	if err != nil {
		return err
	}
	last, err := answerAt(ctx, s.d.Read, c.ID, valid, known)
	if err != nil {
		return err
	}
	if last != nil && last.Digest == digest && valid.Equal(known) &&
		!staleFrom(*last, known, s.fresh()).Before(valid) && valid.Sub(last.ValidAt) < s.d.Keep {
		return confirmAnswer(ctx, s.d.Write, last.ID, valid)
	}
	return s.store(ctx, c, answer{Fact: fact, Digest: digest, Valid: valid, Known: known})
}

// answer is what a provider said, and about when.
type answer struct {
	Fact         evidence.Fact
	Digest       string
	Valid, Known time.Time
}

// sealedAnswer is the record that stands in the ledger for an answer.
type sealedAnswer struct {
	Kind     string    `json:"kind"`
	ID       string    `json:"id"`
	Control  string    `json:"control"`
	Provider string    `json:"provider"`
	ValidAt  time.Time `json:"valid_at"`
	KnownAt  time.Time `json:"known_at"`
	Fact     factJSON  `json:"fact"`
}

func (s *Service) store(ctx context.Context, c Control, a answer) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("answer id: %w", err)
	}
	record, err := json.Marshal(sealedAnswer{
		Kind: "evidence", ID: id.String(), Control: c.ID, Provider: c.Evidence,
		ValidAt: a.Valid, KnownAt: a.Known, Fact: toJSON(a.Fact),
	})
	if err != nil {
		return fmt.Errorf("encode answer of %s: %w", c.ID, err)
	}
	seq, err := s.d.Sealer.SealOwn(ctx, "evidence", record)
	if err != nil {
		return fmt.Errorf("seal answer of %s: %w", c.ID, err)
	}
	body, err := json.Marshal(toJSON(a.Fact))
	if err != nil {
		return fmt.Errorf("encode fact of %s: %w", c.ID, err)
	}
	return putAnswer(ctx, s.d.Write, &answerRow{
		ID: id.String(), Control: c.ID, Provider: c.Evidence, ValidAt: a.Valid, KnownAt: a.Known,
		ConfirmedUntil: a.Valid, State: string(a.Fact.State), Digest: a.Digest, Fact: string(body), Seq: int64(seq), //nolint:gosec // a ledger never holds 2^63 events
	})
}

// digestOf hashes what makes an answer news: its state and its rows, not the
// figures that grow with every tick.
func digestOf(f evidence.Fact) (string, error) {
	type row struct{ ID, Reason, State, From, To string }
	rows := make([]row, 0, len(f.Rows))
	for _, r := range f.Rows {
		rows = append(rows, row{r.ID, r.Reason, string(r.State), stamp(r.Period.From), stamp(r.Period.To)})
	}
	data, err := json.Marshal([]any{f.State, f.Summary, f.Population, f.Failing, f.More, rows})
	if err != nil {
		return "", fmt.Errorf("encode fact: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// factJSON is a fact as it is sealed, stored and shown.
type factJSON struct {
	State      string      `json:"state"`
	Summary    string      `json:"summary"`
	Values     []valueJSON `json:"values" nullable:"false"`
	Population int         `json:"population"`
	Failing    int         `json:"failing"`
	From       *time.Time  `json:"from,omitempty"`
	To         *time.Time  `json:"to,omitempty"`
	Rows       []rowJSON   `json:"rows" nullable:"false"`
	More       bool        `json:"more"`
	Query      string      `json:"query,omitempty"`
}

type valueJSON struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type rowJSON struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	State  string     `json:"state"`
	Reason string     `json:"reason"`
	From   *time.Time `json:"from,omitempty"`
	To     *time.Time `json:"to,omitempty" doc:"Absent while it lasts"`
	Link   string     `json:"link,omitempty"`
}

func toJSON(f evidence.Fact) factJSON {
	out := factJSON{
		State: string(f.State), Summary: f.Summary, Population: f.Population, Failing: f.Failing,
		From: some(f.Period.From), To: some(f.Period.To), More: f.More, Query: f.Query,
		Values: make([]valueJSON, 0, len(f.Values)), Rows: make([]rowJSON, 0, len(f.Rows)),
	}
	for _, v := range f.Values {
		out.Values = append(out.Values, valueJSON(v))
	}
	for _, r := range f.Rows {
		out.Rows = append(out.Rows, rowJSON{
			ID: r.ID, Name: r.Name, State: string(r.State), Reason: r.Reason,
			From: some(r.Period.From), To: some(r.Period.To), Link: r.Link,
		})
	}
	return out
}

func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
