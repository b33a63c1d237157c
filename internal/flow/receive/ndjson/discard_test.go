package ndjson

import (
	"context"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

// discard is a sink that keeps nothing.
type discard struct{}

func (discard) Seal(_ context.Context, events []event.Event, _ string) (ledger.Receipt, error) {
	return ledger.Receipt{Count: len(events)}, nil
}
