package alert

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// Act is what a person does to an alert.
type Act string

// The acts.
const (
	Acknowledge Act = "acknowledge"
	Assign      Act = "assign"
	Close       Act = "close"
	Reopen      Act = "reopen"
	Note        Act = "note"
)

// Step is one allowed move: act leads from a status to the next.
type Step struct {
	From Status
	Act  Act
	To   Status
}

// Lifecycle is the whole life of an alert; a move that is not listed is not
// possible. A note keeps the status.
func Lifecycle() []Step {
	return []Step{
		{New, Acknowledge, Acknowledged},
		{New, Assign, New},
		{New, Close, Closed},
		{New, Note, New},
		{Acknowledged, Assign, Acknowledged},
		{Acknowledged, Close, Closed},
		{Acknowledged, Note, Acknowledged},
		{Closed, Reopen, New},
		{Closed, Note, Closed},
	}
}

// Action asks for the same act on several alerts.
type Action struct {
	IDs      []ID
	Act      Act
	Assignee string // Assign: account id; "" takes the alert from its assignee
	Reason   Reason // Close: required
	Note     string // Note: required; kept with every other act when it is given
}

// Outcome says what became of one alert of an action.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Skipped Outcome = "skipped" // nothing to do, or not possible now; Code says why
	Failed  Outcome = "failed"
)

// Result is the outcome for one alert.
type Result struct {
	ID      ID
	Outcome Outcome
	Code    string // "" when done
}

// The codes of results.
const (
	codeNotFound   = "alert.not_found"
	codeNoStep     = "alert.not_possible" // the life cycle has no such step
	codeSame       = "alert.unchanged"    // it is already so
	codeSuperseded = "alert.superseded"   // a newer alert of the same rule and entity took over
)

func (a Action) check() error {
	switch {
	case len(a.IDs) == 0:
		return ErrAct.At("body.ids", "name at least one alert")
	case a.Act == Close && a.Reason == "":
		return ErrAct.At("body.reason", "say why the alert is closed")
	case a.Act == Note && a.Note == "":
		return ErrAct.At("body.note", "the note is empty")
	case !slices.ContainsFunc(Lifecycle(), func(s Step) bool { return s.Act == a.Act }):
		return ErrAct.At("body.act", "not an act")
	}
	return nil
}

// Apply performs an action and reports the outcome of each alert in the order
// of its ids. Whatever is possible is done; the rest says why not.
func (s *Service) Apply(ctx context.Context, act Action) ([]Result, error) {
	if err := act.check(); err != nil {
		return nil, err
	}
	if act.Act == Assign && act.Assignee != "" && s.d.Accounts != nil {
		ok, err := s.d.Accounts.HasAccount(ctx, act.Assignee)
		if err != nil {
			return nil, fmt.Errorf("look up assignee %s: %w", act.Assignee, err)
		}
		if !ok {
			return nil, ErrAssignee.At("body.assignee", "no such account")
		}
	}
	var (
		results []Result
		changed []Alert
	)
	err := s.d.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		found, err := alertsByID(ctx, tx, act.IDs)
		if err != nil {
			return err
		}
		results, changed, err = s.applyTo(ctx, tx, act, found)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s %d alerts: %w", act.Act, len(act.IDs), err)
	}
	s.publish(changed)
	return results, nil
}

func (s *Service) applyTo(ctx context.Context, tx bun.Tx, act Action, found map[ID]Alert) ([]Result, []Alert, error) {
	now, who := stored(s.d.Now()), authz.ActorFrom(ctx)
	results := make([]Result, 0, len(act.IDs))
	var (
		changed []Alert
		history []historyRow
	)
	seen := map[ID]bool{}
	for _, id := range act.IDs {
		a, ok := found[id]
		switch code := a.obstacle(act); {
		case !ok:
			results = append(results, Result{ID: id, Outcome: Failed, Code: codeNotFound})
			continue
		case seen[id]:
			results = append(results, Result{ID: id, Outcome: Skipped, Code: codeSame})
			continue
		case code != "":
			results = append(results, Result{ID: id, Outcome: Skipped, Code: code})
			continue
		}
		seen[id] = true
		entry, err := uuid.NewV7()
		if err != nil {
			return nil, nil, fmt.Errorf("history id: %w", err)
		}
		history = append(history, historyRow{
			ID: entry.String(), AlertID: string(id), At: now, ActorID: who.ID, ActorName: cmp.Or(who.Name, who.ID),
			Act: string(act.Act), Detail: act.detail(), Note: act.Note,
		})
		changed = append(changed, a.after(act, now))
		results = append(results, Result{ID: id, Outcome: Done})
	}
	if err := putStates(ctx, tx, changed); err != nil {
		return nil, nil, err
	}
	if err := putHistory(ctx, tx, history); err != nil {
		return nil, nil, err
	}
	return results, changed, nil
}

func (a Action) detail() string {
	switch a.Act {
	case Assign:
		return a.Assignee
	case Close:
		return string(a.Reason)
	default:
		return ""
	}
}

// obstacle returns why the act is not possible, or "".
func (a Alert) obstacle(act Action) string {
	possible := slices.ContainsFunc(Lifecycle(), func(s Step) bool { return s.From == a.Status && s.Act == act.Act })
	switch {
	case act.Act == Acknowledge && a.Status == Acknowledged, act.Act == Close && a.Status == Closed,
		act.Act == Reopen && a.Status != Closed, act.Act == Assign && a.Assignee == act.Assignee && a.Status != Closed:
		return codeSame
	case !possible:
		return codeNoStep
	case act.Act == Reopen && !a.newest:
		return codeSuperseded
	default:
		return ""
	}
}

// after returns the alert as the act leaves it.
func (a Alert) after(act Action, now time.Time) Alert {
	for _, s := range Lifecycle() {
		if s.From == a.Status && s.Act == act.Act {
			a.Status = s.To
			break
		}
	}
	switch act.Act {
	case Assign:
		a.Assignee = act.Assignee
	case Close:
		a.Reason, a.ClosedAt = act.Reason, now
	case Reopen:
		a.Reason, a.ClosedAt = "", time.Time{}
	case Acknowledge, Note:
	}
	if act.Note != "" {
		a.Notes++
	}
	a.UpdatedAt = now
	return a
}

type historyRow struct {
	bun.BaseModel `bun:"table:alert_history,alias:h"`

	ID        string    `bun:"id,pk"`
	AlertID   string    `bun:"alert_id"`
	At        time.Time `bun:"at"`
	ActorID   string    `bun:"actor_id"`
	ActorName string    `bun:"actor_name"`
	Act       string    `bun:"act"`
	Detail    string    `bun:"detail"`
	Note      string    `bun:"note"`
}

func putHistory(ctx context.Context, db bun.IDB, rows []historyRow) error {
	for part := range slices.Chunk(rows, chunk) {
		if _, err := db.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("store history of alerts: %w", err)
		}
	}
	return nil
}

// putStates stores the columns that people change.
func putStates(ctx context.Context, db bun.IDB, alerts []Alert) error {
	for part := range slices.Chunk(alerts, chunk) {
		rows := make([]alertRow, 0, len(part))
		for i := range part {
			r, err := rowOf(&part[i])
			if err != nil {
				return err
			}
			rows = append(rows, r)
		}
		q := db.NewInsert().Model(&rows).On("CONFLICT (id) DO UPDATE")
		for _, c := range []string{"status", "assignee", "close_reason", "closed_at", "note_count", "updated_at"} {
			q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
		}
		if _, err := q.Exec(ctx); err != nil {
			return fmt.Errorf("store states of alerts: %w", err)
		}
	}
	return nil
}

func alertsByID(ctx context.Context, db bun.IDB, ids []ID) (map[ID]Alert, error) {
	out := make(map[ID]Alert, len(ids))
	for part := range slices.Chunk(ids, 500) {
		var rows []alertRow
		if err := db.NewSelect().Model(&rows).Where("id IN (?)", bun.List(part)).Order("id").Scan(ctx); err != nil {
			return nil, fmt.Errorf("read alerts: %w", err)
		}
		alerts, err := alertsOf(ctx, db, rows)
		if err != nil {
			return nil, err
		}
		for _, a := range alerts {
			out[a.ID] = a
		}
	}
	return out, nil
}

// historyOf returns the history of an alert, oldest first, at most 1,000 lines.
func historyOf(ctx context.Context, db bun.IDB, id ID) ([]Entry, error) {
	var rows []historyRow
	err := db.NewSelect().Model(&rows).Where("alert_id = ?", string(id)).Order("at", "id").Limit(1000).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read history of alert %s: %w", id, err)
	}
	out := make([]Entry, 0, len(rows))
	for _, r := range rows {
		out = append(out, Entry{At: r.At.UTC(), By: r.ActorName, Act: Act(r.Act), Detail: r.Detail, Note: r.Note})
	}
	return out, nil
}
