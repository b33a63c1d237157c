package app

import (
	"context"
	"fmt"
	"time"

	"github.com/fengsui/fengsui/internal/capability/alert"
	"github.com/fengsui/fengsui/internal/capability/rulebook"
	"github.com/fengsui/fengsui/internal/flow/detect"
	"github.com/fengsui/fengsui/ledger"
)

// sealer writes the station's own records to the ledger: audit events and
// answers of evidence providers.
type sealer struct {
	log *ledger.Log
	now func() time.Time
}

// SealOwn returns the sequence of the record once it is durable. Audit events may
// use the reserve of a full disk.
func (s sealer) SealOwn(ctx context.Context, kind string, record []byte) (uint64, error) {
	r, err := s.log.Append(ctx, ledger.Batch{
		Entries: []ledger.Entry{{Received: s.now().UTC(), Transport: kind, Raw: record}}, Urgent: kind == kindAudit,
	})
	if err != nil {
		return 0, fmt.Errorf("seal record of kind %s: %w", kind, err)
	}
	return r.First, nil
}

// kindAudit is the transport of audit events in the ledger.
const kindAudit = "audit"

// kept tells log sources what they need to know of the ledger.
type kept struct{ log *ledger.Log }

// Size returns the number of durable events.
func (k kept) Size() uint64 { return k.log.Size() }

// Oldest returns the receipt time of the oldest event.
func (k kept) Oldest(context.Context) (time.Time, error) { return k.log.Status().Oldest, nil }

// engines gives detection the engine of the rules as they are now.
type engines struct{ rules *rulebook.Service }

// Engine returns the engine.
func (e engines) Engine() detect.Engine { return e.rules.Engine() }

// counts tells the rulebook what rules have found.
type counts struct{ alerts *alert.Service }

// CountByRule returns the counts of the rules that found anything.
func (c counts) CountByRule(ctx context.Context, ids []string) (map[string]rulebook.Count, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := c.alerts.RuleCounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]rulebook.Count, len(found))
	for id, n := range found {
		out[id] = rulebook.Count{Alerts: n.Alerts, Events: n.Events, LastHit: n.LastHit}
	}
	return out, nil
}

// damage tells detection where an unreadable span of the ledger ends.
func damage(log *ledger.Log) detect.DamageFunc {
	return func(seq uint64) (uint64, bool) {
		for _, d := range log.Status().Damage {
			if d.First <= seq && seq < d.Next {
				return d.Next, true
			}
		}
		return 0, false
	}
}
