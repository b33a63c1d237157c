package comply

import (
	"slices"
	"time"

	"github.com/fengsui/fengsui/internal/evidence"
)

// ranks orders states from best to worst; not applicable counts for nothing.
func ranks() []evidence.State {
	return []evidence.State{evidence.None, evidence.Met, evidence.Partly, evidence.Unknown, evidence.Gap}
}

// Combine returns the status of an obligation from those of its controls: the
// worst of gap, unknown, partly and met; controls that are not applicable do
// not count. Without any control at all nothing is known.
func Combine(states []evidence.State) evidence.State {
	if len(states) == 0 {
		return evidence.Unknown
	}
	worst, order := evidence.None, ranks()
	for _, s := range states {
		if slices.Index(order, s) > slices.Index(order, worst) {
			worst = s
		}
	}
	return worst
}

// span is one state of a control from From on; the next span ends it.
type span struct {
	From  time.Time
	State evidence.State
}

// timeline turns a control's answers, newest first, into spans, oldest first.
// Where two answers share a valid time the one known later counts. After the
// last confirmation of an answer plus fresh, and until the next answer, the
// state is unknown; confirmations later than known did not happen yet.
func timeline(rows []answerRow, valid, known time.Time, fresh time.Duration) []span {
	var out []span
	for i, r := range slices.Backward(rows) {

		if i > 0 && rows[i-1].ValidAt.Equal(r.ValidAt) {
			continue // the newer row of the same instant comes next
		}
		out = append(out, span{From: r.ValidAt, State: evidence.State(r.State)})
		end := valid
		if i > 0 {
			end = rows[i-1].ValidAt
		}
		if stale := staleFrom(r, known, fresh); stale.Before(end) {
			out = append(out, span{From: stale, State: evidence.Unknown})
		}
	}
	return out
}

// staleFrom returns when an answer stops to count, as known at known.
func staleFrom(r answerRow, known time.Time, fresh time.Duration) time.Time {
	until := r.ConfirmedUntil
	if until.After(known) {
		until = known
	}
	return until.Add(fresh)
}

// since returns from when on the obligation has had the status that its
// controls' spans give at their ends, and that status.
func since(controls [][]span) (time.Time, evidence.State) {
	var edges []time.Time
	for _, spans := range controls {
		for _, s := range spans {
			edges = append(edges, s.From)
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	var from time.Time
	current := Combine(nil)
	for _, at := range edges {
		if s := statusAt(controls, at); s != current || from.IsZero() {
			from, current = at, s
		}
	}
	return from, current
}

func statusAt(controls [][]span, at time.Time) evidence.State {
	states := make([]evidence.State, 0, len(controls))
	for _, spans := range controls {
		state := evidence.Unknown
		for _, s := range spans {
			if s.From.After(at) {
				break
			}
			state = s.State
		}
		states = append(states, state)
	}
	return Combine(states)
}
