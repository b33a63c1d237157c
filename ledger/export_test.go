package ledger

import (
	"context"
	"fmt"
)

// Mutants are the promises that tests break on purpose.
var Mutants = []string{"noSync", "noSyncDir", "early", "keepTail", "retrySync", "noParent", "noSyncClose", "trustCache"}

// Break returns o with one promise broken.
func Break(o Options, name string) Options {
	switch name {
	case "":
	case "noSync":
		o.break_.noSync = true
	case "noSyncDir":
		o.break_.noSyncDir = true
	case "early":
		o.break_.early = true
	case "keepTail":
		o.break_.keepTail = true
	case "retrySync":
		o.break_.retrySync = true
	case "noParent":
		o.break_.noParent = true
	case "noSyncClose":
		o.break_.noSyncClose = true
	case "trustCache":
		o.break_.trustCache = true
	default:
		panic(fmt.Sprintf("BUG: no mutant %q", name))
	}
	return o
}

// Tend does at once what Run does when its time has come.
func (l *Log) Tend(ctx context.Context) { l.tend(ctx) }
