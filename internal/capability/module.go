// Package capability is what every capability of the station hands over to
// internal/app: a value, not a registration.
package capability

import (
	"context"
	"io/fs"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/evidence"
	"github.com/fengsui/fengsui/internal/platform/authz"
)

// Module is one wired capability. Every field but Name may be empty.
type Module struct {
	Name        string                          // table prefix, permission prefix, URL segment
	Migrations  fs.FS                           // goose files at its root, run before anything else
	Permissions []authz.Permission              // what its operations ask for
	Routes      func(huma.API)                  // its operations, by httpapi.Register and httpapi.Handle
	Evidence    []evidence.Provider             // its answers for comply
	Run         func(ctx context.Context) error // its background work; returns when ctx ends
}
