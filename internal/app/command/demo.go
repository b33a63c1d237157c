package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fengsui/fengsui/internal/app"
)

// Demo is `fengsui demo`.
type Demo struct {
	Settings

	Once bool   `help:"Play the week, wait until all is processed, print what was found, and end"`
	Seed uint64 `help:"Another seed plays another week" default:"1"`
}

// demoMark says that a data directory holds nothing but a played week.
const demoMark = ".demo"

// Run runs a station on an empty data directory and plays into it.
func (c *Demo) Run(out Output) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	if err := emptyForDemo(cfg.Data); err != nil {
		return err
	}
	ctx, stop := untilStopped()
	defer stop()
	err = serve(ctx, cfg, out, app.Options{Demo: true}, func(ctx context.Context, s *app.Station, r app.Ready) error {
		played, err := c.play(ctx, out, s, r)
		if err == nil && c.Once {
			return errors.Join(out.line(played), errDemoDone)
		}
		return err
	})
	if errors.Is(err, errDemoDone) {
		return nil
	}
	return err
}

// errDemoDone ends the station after a demo that was to be played once.
var errDemoDone = errors.New("the week was played")

func emptyForDemo(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: the demo plays into an empty data directory only", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, demoMark), []byte("a played week, no real logs\n"), 0o600)
}

func (c *Demo) play(ctx context.Context, out Output, s *app.Station, r app.Ready) (app.Played, error) {
	p, err := app.NewPlayer(ctx, s, r, c.Seed)
	if err != nil {
		return app.Played{}, err
	}
	defer func() { _ = p.Close() }() // what was sent has been counted
	out.note("playing a week of a small campus network through %s and syslog %s", r.HTTP, r.SyslogUDP)
	shown := 0
	err = p.Week(ctx, func(share float64) {
		if tenth := int(share * 10); tenth > shown {
			shown = tenth
			out.note("played %d %%", tenth*10)
		}
	})
	if err != nil {
		return app.Played{}, err
	}
	played, err := p.Settle(ctx)
	if err != nil {
		return played, err
	}
	out.note("the week is played: %d lines, %d rules raised alerts", played.Events, len(played.Alerts))
	if c.Once {
		return played, nil
	}
	out.note("a live trickle goes on; open %s (stop with Ctrl+C)", r.HTTP)
	return played, p.Live(ctx)
}
