package comply

import (
	"embed"
	"io/fs"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations returns the goose files of the tables comply_*.
func Migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic("BUG: the migrations are not embedded: " + err.Error())
	}
	return files
}

// Permissions lists what the operations ask for.
func Permissions() []authz.Permission { return []authz.Permission{PermRead} }
