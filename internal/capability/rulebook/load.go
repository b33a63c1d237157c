package rulebook

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/match"
	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/ruleset"
	"github.com/fengsui/fengsui/sigma"
)

// Load reads all rules and switches and exchanges the engine. A user's folder
// that cannot be read is named among the refused and does not keep the others
// from being loaded.
func (s *Service) Load(ctx context.Context) error {
	s.change.Lock()
	defer s.change.Unlock()
	b := book{byID: map[string]*Rule{}}
	files, err := ruleset.Read(s.d.Shipped, ".")
	if err != nil {
		return fmt.Errorf("shipped rules: %w", err)
	}
	s.add(&b, Shipped, "", files)
	for _, f := range s.d.Folders {
		files, err := ruleset.Read(f.FS, ".")
		if err != nil {
			b.refused = append(b.refused, Refused{Origin: User, Path: f.Name, Status: string(ruleset.Invalid), Reason: err.Error()})
			continue
		}
		s.add(&b, User, f.Name, files)
	}
	for _, r := range b.byID {
		b.rules = append(b.rules, r)
	}
	slices.SortFunc(b.rules, byTitle)
	switches, err := allSwitches(ctx, s.d.DB.Read)
	if err != nil {
		return err
	}
	for _, r := range b.rules {
		r.take(switches[r.ID])
	}
	s.use(ctx, b)
	return nil
}

func byTitle(a, b *Rule) int {
	return cmp.Or(cmp.Compare(a.Title.EN, b.Title.EN), cmp.Compare(a.ID, b.ID))
}

func (s *Service) add(b *book, origin Origin, folder string, files []ruleset.File) {
	for _, f := range files {
		for _, e := range ruleset.Parse(f, sigma.Options{Mapping: s.d.Mapping}, false) {
			where := e.Path
			if folder != "" {
				where = folder + "/" + e.Path
			}
			if e.Status != ruleset.OK {
				b.refused = append(b.refused, Refused{Origin: origin, Path: where, RuleID: e.ID, Status: string(e.Status), Reason: e.Reason})
				continue
			}
			r := ruleOf(e.Rule, origin, where)
			if other := b.byID[r.ID]; other != nil && other.Origin == origin {
				b.refused = append(b.refused, Refused{
					Origin: origin, Path: where, RuleID: r.ID, Status: string(ruleset.Invalid), Reason: "the id is that of " + other.Path,
				})
				continue
			}
			b.byID[r.ID] = r
		}
	}
}

func ruleOf(r *sigma.Rule, origin Origin, where string) *Rule {
	out := &Rule{
		ID: match.RuleID(r), Level: cmp.Or(r.Level, "medium"), Origin: origin, Path: where, Enabled: true, Sigma: r,
		Title:       Text{ZH: cmp.Or(r.Custom["title_zh"], r.Title), EN: r.Title},
		Description: Text{ZH: cmp.Or(r.Custom["description_zh"], r.Description), EN: r.Description},
	}
	if r.Status == "deprecated" || r.Status == "unsupported" {
		out.Enabled, out.Reason = false, "status: "+r.Status
	}
	return out
}

// take applies what somebody decided; the zero switch decides nothing.
func (r *Rule) take(w switchRow) {
	if w.RuleID != "" {
		r.Enabled, r.Reason = w.Enabled, w.Reason
	}
}

// use exchanges book and engine. Filters, which are rules too, always take part.
func (s *Service) use(ctx context.Context, b book) {
	on := make([]*sigma.Rule, 0, len(b.rules))
	for _, r := range b.rules {
		if r.Enabled {
			on = append(on, r.Sigma)
		}
	}
	engine := match.New(on, s.d.Mapping)
	for _, err := range engine.Refused() {
		s.d.Log.ErrorContext(ctx, "rule left out", slog.Any("error", err))
	}
	s.mu.Lock()
	s.book = b
	s.mu.Unlock()
	s.engine.Store(engine)
	s.d.Log.InfoContext(ctx, "rules loaded", slog.Int("rules", len(b.rules)), slog.Int("enabled", len(on)), slog.Int("refused", len(b.refused)))
}

// Switch turns a rule on or off. It fails with [ErrNotFound] and [ErrReason].
func (s *Service) Switch(ctx context.Context, id string, enabled bool, reason string) (Rule, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return Rule{}, ErrReason.At("body.reason", "required")
	}
	s.change.Lock()
	defer s.change.Unlock()
	s.mu.RLock()
	old := s.book
	s.mu.RUnlock()
	at := slices.IndexFunc(old.rules, func(r *Rule) bool { return r.ID == id })
	if at < 0 {
		return Rule{}, ErrNotFound
	}
	actor := authz.ActorFrom(ctx)
	row := switchRow{
		RuleID: id, Enabled: enabled, Reason: reason, ActorID: actor.ID, ActorName: actor.Name, At: s.d.Now().UTC().Truncate(time.Microsecond),
	}
	if err := putSwitch(ctx, s.d.DB.Write, row); err != nil {
		return Rule{}, err
	}
	changed := *old.rules[at]
	changed.take(row)
	b := book{rules: slices.Clone(old.rules), byID: make(map[string]*Rule, len(old.byID)), refused: old.refused}
	b.rules[at] = &changed
	for _, r := range b.rules {
		b.byID[r.ID] = r
	}
	s.use(ctx, b)
	return changed, nil
}

type switchRow struct {
	bun.BaseModel `bun:"table:rulebook_switch,alias:w"`

	RuleID    string    `bun:"rule_id,pk"`
	Enabled   bool      `bun:"enabled"`
	Reason    string    `bun:"reason"`
	ActorID   string    `bun:"actor_id"`
	ActorName string    `bun:"actor_name"`
	At        time.Time `bun:"at"`
}

func putSwitch(ctx context.Context, db bun.IDB, row switchRow) error {
	q := db.NewInsert().Model(&row).On("CONFLICT (rule_id) DO UPDATE")
	for _, c := range []string{"enabled", "reason", "actor_id", "actor_name", "at"} {
		q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("store switch of rule %s: %w", row.RuleID, err)
	}
	return nil
}

func allSwitches(ctx context.Context, db bun.IDB) (map[string]switchRow, error) {
	var rows []switchRow
	if err := db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read switches of rules: %w", err)
	}
	out := make(map[string]switchRow, len(rows))
	for _, r := range rows {
		out[r.RuleID] = r
	}
	return out, nil
}

// Filter selects rules; empty conditions do not count.
type Filter struct {
	Text    string // part of a title, an id, a tag or a path; case does not count
	Levels  []string
	Origin  Origin
	Enabled *bool
}

func (f Filter) takes(r *Rule) bool {
	switch {
	case len(f.Levels) > 0 && !slices.Contains(f.Levels, r.Level):
		return false
	case f.Origin != "" && f.Origin != r.Origin:
		return false
	case f.Enabled != nil && *f.Enabled != r.Enabled:
		return false
	case f.Text == "":
		return true
	}
	text := strings.ToLower(f.Text)
	for _, in := range append([]string{r.Title.ZH, r.Title.EN, r.ID, r.Path}, r.Sigma.Tags...) {
		if strings.Contains(strings.ToLower(in), text) {
			return true
		}
	}
	return false
}

// List returns rules by title, at most limit behind the place of the rule with
// the given title and id ("" for the first page), and whether there are more.
func (s *Service) List(f Filter, title, id string, limit int) (page []*Rule, more bool) {
	s.mu.RLock()
	rules := s.book.rules
	s.mu.RUnlock()
	from := 0
	if id != "" {
		from, _ = slices.BinarySearchFunc(rules, &Rule{ID: id, Title: Text{EN: title}}, byTitle)
		if from < len(rules) && rules[from].ID == id {
			from++
		}
	}
	for _, r := range rules[from:] {
		if !f.takes(r) {
			continue
		}
		if len(page) == limit {
			return page, true
		}
		page = append(page, r)
	}
	return page, false
}

// Get returns one rule, or [ErrNotFound].
func (s *Service) Get(id string) (Rule, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if r := s.book.byID[id]; r != nil {
		return *r, nil
	}
	return Rule{}, ErrNotFound
}

// Refused returns the rules that cannot be used.
func (s *Service) Refused() []Refused {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.book.refused
}

// Size returns how many rules are loaded and how many of them are on.
func (s *Service) Size() (loaded, enabled int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, r := range s.book.rules {
		if r.Enabled {
			enabled++
		}
	}
	return len(s.book.rules), enabled
}
