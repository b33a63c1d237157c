package comply

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/fengsui/fengsui/internal/evidence"
)

// historyLimit bounds how many answers of a control are read to find since when
// a status has held; beyond it the status is said to hold since the oldest read.
const historyLimit = 2000

// Obligation is one duty as of a valid and a known time.
type Obligation struct {
	ID           string        `json:"id"`
	Provision    string        `json:"provision" doc:"Stable id of the provision"`
	Number       string        `json:"number" doc:"Number in the version in force at valid_at"`
	Kind         string        `json:"kind"`
	Title        Text          `json:"title"`
	Summary      Text          `json:"summary" doc:"In our own words, not the legal text"`
	Norm         normJSON      `json:"norm"`
	Numbers      []numberJSON  `json:"numbers" nullable:"false"`
	SourceStatus string        `json:"source_status" enum:"found,derived,recalled"`
	Status       string        `json:"status" enum:"met,partly,gap,unknown,not_applicable"`
	Since        *time.Time    `json:"since,omitempty" doc:"Since when the status has held"`
	ValidAt      time.Time     `json:"valid_at"`
	KnownAt      time.Time     `json:"known_at"`
	Controls     []controlJSON `json:"controls" nullable:"false"`
	Evidence     []answerJSON  `json:"evidence" nullable:"false"`
	Exposure     []tierJSON    `json:"exposure" nullable:"false"`
	NotAdvice    Text          `json:"not_legal_advice"`
}

type normJSON struct {
	ID      string `json:"id"`
	Title   Text   `json:"title"`
	Version string `json:"version"`
	InForce string `json:"in_force" doc:"First day of the version"`
}

type numberJSON struct {
	Version string `json:"version"`
	Number  string `json:"number"`
	Status  string `json:"status"`
	InForce string `json:"in_force"`
	LastDay string `json:"last_day,omitempty"`
}

type controlJSON struct {
	ID       string   `json:"id"`
	Title    Text     `json:"title"`
	Status   string   `json:"status"`
	Evidence []string `json:"evidence" nullable:"false" doc:"Ids of the answers behind the status"`
}

type answerJSON struct {
	ID         string     `json:"id"`
	Provider   string     `json:"provider"`
	Control    string     `json:"control"`
	Fact       factJSON   `json:"fact"`
	Population int        `json:"population"`
	Failing    int        `json:"failing"`
	Period     periodJSON `json:"period"`
	Links      []string   `json:"links" nullable:"false"`
	ValidAt    time.Time  `json:"valid_at"`
	KnownAt    time.Time  `json:"known_at"`
	Confirmed  time.Time  `json:"confirmed_until"`
	Fresh      bool       `json:"fresh" doc:"False when the answer is too old to count"`
	Seq        uint64     `json:"seq" doc:"Ledger sequence of the sealed answer"`
}

type periodJSON struct {
	From *time.Time `json:"from,omitempty"`
	To   *time.Time `json:"to,omitempty"`
}

type tierJSON struct {
	Sanction   string `json:"sanction"`
	Number     string `json:"number"`
	Version    string `json:"version"`
	InForce    string `json:"in_force"`
	LastDay    string `json:"last_day,omitempty"`
	Applies    bool   `json:"applies" doc:"The version was in force at valid_at"`
	When       string `json:"when"`
	Conditions Text   `json:"conditions"`
	Optional   bool   `json:"optional"`
	UnitFine   *Range `json:"unit_fine,omitempty"`
	PersonFine *Range `json:"person_fine,omitempty"`
	Currency   string `json:"currency"`
	Persons    []Text `json:"persons" nullable:"false"`
	Measures   []Text `json:"measures" nullable:"false"`
	Authority  Text   `json:"authority"`
	Status     string `json:"status" enum:"found,derived,recalled"`
}

// Obligation answers one duty; the error is ErrNotFound for an unknown id.
// known must not be before valid.
func (s *Service) Obligation(ctx context.Context, id string, valid, known time.Time) (*Obligation, error) {
	n, p, ok := s.d.Law.Provision(id)
	if !ok {
		return nil, fmt.Errorf("obligation %s: %w", id, ErrNotFound)
	}
	o := &Obligation{
		ID: p.ID, Provision: p.ID, Kind: p.Kind, Title: p.Title, Summary: p.Summary,
		ValidAt: valid.UTC(), KnownAt: known.UTC(),
		Numbers: []numberJSON{}, Controls: []controlJSON{}, Evidence: []answerJSON{},
		Exposure: exposure(n, p, valid), NotAdvice: n.Terms[notAdvice],
	}
	o.describe(n, p, valid)
	var lines [][]span
	for _, c := range s.d.Law.Serving(p.ID) {
		line, err := s.control(ctx, c, o)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	from, state := since(lines)
	o.Status, o.Since = string(state), some(from)
	return o, nil
}

// describe fills number, version and the status of the facts as of valid.
func (o *Obligation) describe(n *Norm, p *Provision, valid time.Time) {
	version, _ := n.At(valid)
	o.Norm = normJSON{ID: n.ID, Title: n.Title, Version: version.ID, InForce: version.InForce}
	for _, num := range p.Numbers {
		for _, v := range n.Versions {
			if v.ID != num.Version {
				continue
			}
			o.Numbers = append(o.Numbers, numberJSON{
				Version: v.ID, Number: num.Number, Status: num.Status, InForce: v.InForce, LastDay: v.LastDay,
			})
			if v.ID == version.ID {
				o.Number, o.SourceStatus = num.Number, num.Status
			}
		}
	}
}

// control adds the status and the answer of one control and returns its spans.
func (s *Service) control(ctx context.Context, c Control, o *Obligation) ([]span, error) {
	rows, err := statesBefore(ctx, s.d.Read, c.ID, o.ValidAt, o.KnownAt)
	if err != nil {
		return nil, err
	}
	line := timeline(rows, o.ValidAt, o.KnownAt, s.fresh())
	view := controlJSON{ID: c.ID, Title: c.Title, Status: string(evidence.Unknown), Evidence: []string{}}
	if len(line) > 0 {
		view.Status = string(line[len(line)-1].State)
	}
	row, err := answerAt(ctx, s.d.Read, c.ID, o.ValidAt, o.KnownAt)
	if err != nil {
		return nil, err
	}
	if row != nil {
		a, err := s.answer(row, o)
		if err != nil {
			return nil, err
		}
		view.Evidence = append(view.Evidence, row.ID)
		o.Evidence = append(o.Evidence, a)
	}
	o.Controls = append(o.Controls, view)
	return line, nil
}

func (s *Service) answer(row *answerRow, o *Obligation) (answerJSON, error) {
	a := answerJSON{
		ID: row.ID, Provider: row.Provider, Control: row.Control, Links: []string{},
		ValidAt: row.ValidAt.UTC(), KnownAt: row.KnownAt.UTC(), Confirmed: row.ConfirmedUntil.UTC(),
		Fresh: !staleFrom(*row, o.KnownAt, s.fresh()).Before(o.ValidAt),
		Seq:   uint64(row.Seq), //nolint:gosec // written from an unsigned sequence below 2^63
	}
	if a.Confirmed.After(o.KnownAt) {
		a.Confirmed = o.KnownAt // a later confirmation was not known then
	}
	if err := json.Unmarshal([]byte(row.Fact), &a.Fact); err != nil {
		return a, fmt.Errorf("read fact of answer %s: %w", row.ID, err)
	}
	a.Population, a.Failing = a.Fact.Population, a.Fact.Failing
	a.Period = periodJSON{From: a.Fact.From, To: a.Fact.To}
	if a.Fact.Query != "" {
		a.Links = append(a.Links, a.Fact.Query)
	}
	return a, nil
}

// exposure lists what every version threatens for the provision; those of the
// version in force at valid apply.
func exposure(n *Norm, p *Provision, valid time.Time) []tierJSON {
	out := []tierJSON{}
	now, inForce := n.At(valid)
	for _, v := range n.Versions {
		for _, sn := range n.Sanctions {
			if sn.Version != v.ID || !slices.Contains(sn.Punishes, p.ID) {
				continue
			}
			for _, t := range sn.Tiers {
				out = append(out, tierJSON{
					Sanction: sn.ID, Number: sn.Number, Version: v.ID, InForce: v.InForce, LastDay: v.LastDay,
					Applies: inForce && v.ID == now.ID, When: t.When, Conditions: n.Terms[t.When], Optional: t.Optional,
					UnitFine: t.UnitFine, PersonFine: t.PersonFine, Currency: "CNY",
					Persons: n.words(t.Persons), Measures: n.words(sn.BaseMeasures),
					Authority: sn.Authority, Status: sn.Status,
				})
			}
		}
	}
	return out
}

func (n *Norm) words(ids []string) []Text {
	out := make([]Text, 0, len(ids))
	for _, id := range ids {
		out = append(out, n.Terms[id])
	}
	return out
}
