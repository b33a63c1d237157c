package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/fengsui/fengsui/internal/app"
	"github.com/fengsui/fengsui/internal/platform/config"
)

// Config holds the commands about settings.
type Config struct {
	Check ConfigCheck `cmd:"" help:"Say what is wrong with the settings, or print those in force"`
}

// ConfigCheck is `fengsui config check`.
type ConfigCheck struct{ Settings }

// Run prints every setting as it is in force.
func (c *ConfigCheck) Run(out Output) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out.Out, 0, 4, 2, ' ', 0)
	for _, f := range cfg.Fields() {
		_, _ = fmt.Fprintf(w, "%s\t%s\n", f.Key, visible(f.Value)) // Flush reports it
	}
	return w.Flush()
}

// OpenAPI is `fengsui openapi`.
type OpenAPI struct{}

// Run prints the description of every operation. It opens a station in a folder
// of its own, which it removes.
func (*OpenAPI) Run(out Output) error {
	dir, err := os.MkdirTemp("", "fengsui-openapi-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover harms nobody
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"data": filepath.Join(dir, "data"), "ledger.reserve_bytes": "-1"}})
	if err != nil {
		return err
	}
	s, err := app.Open(context.Background(), cfg, app.Options{Version: "1"})
	if err != nil {
		return err
	}
	text, err := s.OpenAPI()
	if err == nil {
		_, err = out.Out.Write(text)
	}
	if cerr := s.Close(); err == nil {
		err = cerr
	}
	return err
}
