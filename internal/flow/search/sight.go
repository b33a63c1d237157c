package search

import (
	"context"
	"slices"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// transportAudit is how entries of the station's audit trail come into the ledger.
const transportAudit = "audit"

// hidden returns the transports whose events the actor in ctx must not see. It is
// the one place that decides; [Service.plan] keeps such events from every search,
// count, export and live view, and [Service.Event] from everything that names one
// event by its sequence. To the actor they do not exist.
func hidden(ctx context.Context) []string {
	if PermAudit.Allows(authz.ActorFrom(ctx)) {
		return nil
	}
	return []string{transportAudit}
}

// sees reports whether the actor in ctx may see events that came like that.
func sees(ctx context.Context, transport string) bool {
	return !slices.Contains(hidden(ctx), transport)
}
