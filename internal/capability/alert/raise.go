package alert

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/event"
)

// What an alert keeps of its findings.
const (
	maxSamples = 20   // half the first ones, half the latest
	maxMatched = 20   // fields of the first finding
	maxValue   = 2048 // bytes of one value
	maxEntity  = 512  // bytes
	maxTags    = 50
)

// published bounds how many alerts one batch sends to open consoles; they ask
// for the rest themselves.
const published = 100

// Cursor returns the ledger sequence up to which findings are stored: detection
// goes on there.
func (s *Service) Cursor(ctx context.Context) (uint64, error) {
	return cursorOf(ctx, s.d.DB.Read)
}

// Raise stores findings, which are in the order of their ledger sequence, and
// with them the cursor: the sequence behind the last event that was looked at.
//
// It is one transaction: all of it is stored, or nothing. Findings before the
// stored cursor were stored by an earlier call and are left out, so that a call
// whose answer was lost can be repeated.
func (s *Service) Raise(ctx context.Context, findings []event.Finding, cursor uint64) error {
	var changed []Alert
	err := s.d.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		done, err := cursorOf(ctx, tx)
		if err != nil {
			return err
		}
		if cursor <= done {
			return nil
		}
		if at := slices.IndexFunc(findings, func(f event.Finding) bool { return f.Seq >= done }); at >= 0 {
			if changed, err = s.fold(ctx, tx, findings[at:]); err != nil {
				return err
			}
		}
		return putCursor(ctx, tx, cursor)
	})
	if err != nil {
		return fmt.Errorf("store %d findings up to %d: %w", len(findings), cursor, err)
	}
	s.publish(changed)
	return nil
}

func (s *Service) publish(changed []Alert) {
	if s.d.News == nil {
		return
	}
	for _, a := range changed[:min(len(changed), published)] {
		s.d.News.Publish("alerts", s.view(a))
	}
}

// fold is the working state of one call of Raise.
type fold struct {
	s        *Service
	now      time.Time
	newest   map[string]*Alert // by group key
	hidden   []Suppression
	hits     map[string]int64 // by suppression id
	rules    map[string]*RuleCount
	tallies  map[tallyKey]*tally
	touched  []*Alert // in the order of their first change
	outdated []ID     // were newest, are no more
	number   int64
}

func (s *Service) fold(ctx context.Context, tx bun.Tx, findings []event.Finding) ([]Alert, error) {
	f := &fold{
		s: s, now: s.d.Now().UTC(), hits: map[string]int64{}, rules: map[string]*RuleCount{},
		tallies: map[tallyKey]*tally{},
	}
	keys, oldest := map[string]bool{}, findings[0].Received
	for i := range findings {
		keys[groupKey(findings[i].RuleID, findings[i].Entity)] = true
		if findings[i].Received.Before(oldest) {
			oldest = findings[i].Received
		}
	}
	var err error
	if f.newest, err = newestOf(ctx, tx, keys); err != nil {
		return nil, err
	}
	if f.hidden, err = suppressionsSince(ctx, tx, oldest); err != nil {
		return nil, err
	}
	if f.number, err = lastNumber(ctx, tx); err != nil {
		return nil, err
	}
	for i := range findings {
		if err := f.add(&findings[i]); err != nil {
			return nil, err
		}
	}
	return f.store(ctx, tx)
}

// add counts one finding. What it does depends on the finding and on what the
// findings before it left behind, never on where a batch began.
func (f *fold) add(x *event.Finding) error {
	at := stored(x.Received)
	rule := f.rules[x.RuleID]
	if rule == nil {
		rule = &RuleCount{}
		f.rules[x.RuleID] = rule
	}
	rule.Events++
	rule.LastHit = later(rule.LastHit, at)
	if id, ok := f.suppressedBy(x, at); ok {
		f.hits[id]++
		rule.Suppressed++
		return nil
	}
	key := groupKey(x.RuleID, x.Entity)
	a := f.newest[key]
	if a == nil || !f.s.joins(a, at) {
		next, err := f.begin(x, key, at)
		if err != nil {
			return err
		}
		if a != nil {
			a.newest = false
			f.outdated = append(f.outdated, a.ID)
		}
		rule.Alerts++
		a, f.newest[key] = next, next
	}
	f.touch(a)
	a.take(x, at)
	f.tally(at, a.Level, a.Count == 1)
	return nil
}

// joins reports whether a finding received at the given time belongs to the
// alert, which is the newest of its rule and entity.
func (s *Service) joins(a *Alert, at time.Time) bool {
	if a.Status == Closed && at.After(a.ClosedAt) {
		return false
	}
	return at.Sub(a.Last) <= s.d.Window
}

func (f *fold) begin(x *event.Finding, key string, at time.Time) (*Alert, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("alert id: %w", err)
	}
	f.number++
	title := Title{ZH: x.Title, EN: x.Title}
	if zh, en, ok := f.s.d.Titles.RuleTitle(x.RuleID); ok {
		title = Title{ZH: cmp.Or(zh, en), EN: cmp.Or(en, zh)}
	}
	a := &Alert{
		ID: ID(id.String()), Number: f.number, RuleID: x.RuleID, Title: title, Level: x.Level,
		Entity: clip(x.Entity, maxEntity), Status: New, First: at, Last: at,
		EventFirst: stored(x.Time), EventLast: stored(x.Time),
		Tags: slices.Clone(x.Tags[:min(len(x.Tags), maxTags)]), key: key, newest: true,
	}
	for _, m := range x.Matched[:min(len(x.Matched), maxMatched)] {
		m.Value = clip(m.Value, maxValue)
		a.Matched = append(a.Matched, m)
	}
	return a, nil
}

func (f *fold) touch(a *Alert) {
	if !a.dirty {
		a.dirty = true
		a.UpdatedAt = f.now
		f.touched = append(f.touched, a)
	}
}

// take adds one finding's receipt to the alert.
func (a *Alert) take(x *event.Finding, at time.Time) {
	a.Count++
	a.Last = later(a.Last, at)
	if at.Before(a.First) {
		a.First = at
	}
	when := stored(x.Time)
	a.EventLast = later(a.EventLast, when)
	if when.Before(a.EventFirst) {
		a.EventFirst = when
	}
	if x.Source != "" && !slices.Contains(a.Sources, x.Source) {
		a.Sources = append(a.Sources, x.Source)
		slices.Sort(a.Sources)
	}
	if len(a.Samples) == maxSamples {
		a.Samples = slices.Delete(a.Samples, maxSamples/2, maxSamples/2+1)
	}
	a.Samples = append(a.Samples, x.Seq)
}

// suppressedBy returns the first suppression that hides the finding. What was
// received before it was made, or after it ended, it does not hide.
func (f *fold) suppressedBy(x *event.Finding, at time.Time) (string, bool) {
	for _, p := range f.hidden {
		if at.Before(p.CreatedAt) || !at.Before(p.Expires) {
			continue
		}
		if (p.RuleID == "" || p.RuleID == x.RuleID) && (p.Source == "" || p.Source == x.Source) &&
			(p.Entity == "" || p.Entity == x.Entity) {
			return p.ID, true
		}
	}
	return "", false
}

// store writes what add changed and returns the touched alerts.
func (f *fold) store(ctx context.Context, tx bun.Tx) ([]Alert, error) {
	if err := clearNewest(ctx, tx, f.outdated); err != nil {
		return nil, err
	}
	if err := putAlerts(ctx, tx, f.touched); err != nil {
		return nil, err
	}
	if err := putSources(ctx, tx, f.touched); err != nil {
		return nil, err
	}
	if err := addHits(ctx, tx, f.hits); err != nil {
		return nil, err
	}
	if err := addRuleCounts(ctx, tx, f.rules); err != nil {
		return nil, err
	}
	if err := addTallies(ctx, tx, f.tallies); err != nil {
		return nil, err
	}
	out := make([]Alert, 0, len(f.touched))
	for _, a := range f.touched {
		out = append(out, *a)
	}
	return out, nil
}

// The tallies: counts per minute for short ranges, per hour for long ones.
const (
	perMinute = "minute"
	perHour   = "hour"
)

type tallyKey struct {
	Span  string
	At    time.Time
	Level string
}

type tally struct{ Alerts, Events int64 }

func (f *fold) tally(at time.Time, level string, first bool) {
	for _, k := range []tallyKey{
		{Span: perMinute, At: at.Truncate(time.Minute), Level: level},
		{Span: perHour, At: at.Truncate(time.Hour), Level: level},
	} {
		t := f.tallies[k]
		if t == nil {
			t = &tally{}
			f.tallies[k] = t
		}
		t.Events++
		if first {
			t.Alerts++
		}
	}
}

// groupKey identifies a rule and an entity, however long they are.
func groupKey(rule, entity string) string {
	sum := sha256.Sum256([]byte(rule + "\x00" + entity))
	return hex.EncodeToString(sum[:16])
}

// stored returns t as the database gives it back, so that a finding counts the
// same whether its alert is in memory or was read again.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// clip shortens s to at most n bytes without cutting a character, and makes it
// valid UTF-8.
func clip(s string, n int) string {
	if len(s) > n {
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
