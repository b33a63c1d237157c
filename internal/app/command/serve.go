package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/fengsui/fengsui/internal/app"
	"github.com/fengsui/fengsui/internal/platform/config"
	"github.com/fengsui/fengsui/internal/platform/telemetry"
	"github.com/fengsui/fengsui/web"
)

// Settings are the flags that override settings. An empty flag was not given.
type Settings struct {
	Config    string            `short:"c" help:"Configuration file (YAML)" type:"path"`
	Data      string            `help:"Folder of the station's data"`
	HTTP      string            `name:"listen-http" help:"Address of console, API and ingest"`
	Syslog    string            `name:"listen-syslog" help:"UDP and TCP address for syslog"`
	SyslogTLS string            `name:"listen-syslog-tls" help:"TLS address for syslog"`
	Local     string            `name:"listen-local" help:"Loopback address of health and metrics"`
	TLSCert   string            `name:"tls-cert" help:"Certificate chain, PEM"`
	TLSKey    string            `name:"tls-key" help:"Private key, PEM"`
	Set       map[string]string `help:"Any other setting: --set ledger.segment_age=1m" mapsep:"none"`
}

func (s *Settings) load() (config.Config, error) {
	flags := map[string]string{}
	for key, value := range map[string]string{
		"data": s.Data, "http.listen": s.HTTP, "syslog.listen": s.Syslog, "syslog.tls": s.SyslogTLS, "local.listen": s.Local,
		"http.tls_cert": s.TLSCert, "http.tls_key": s.TLSKey,
	} {
		if value != "" {
			flags[key] = value
		}
	}
	known := map[string]bool{}
	for _, f := range (config.Config{}).Fields() {
		known[f.Key] = true
	}
	for key, value := range s.Set {
		if !known[key] {
			return config.Config{}, fmt.Errorf("--set %s: there is no such setting", key)
		}
		flags[key] = value
	}
	return config.Load(config.Sources{File: s.Config, Getenv: os.Getenv, Flags: flags})
}

// Serve is `fengsui serve`.
type Serve struct{ Settings }

// Run runs the station until it is told to stop.
func (c *Serve) Run(out Output) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	ctx, stop := untilStopped()
	defer stop()
	return serve(ctx, cfg, out, app.Options{}, func(context.Context, *app.Station, app.Ready) error { return nil })
}

// untilStopped returns a context that ends with the first SIGINT or SIGTERM. The
// second one ends the process at once.
func untilStopped() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// serve opens a station, runs it, says that it is ready, and lets beside work
// while it runs. When beside fails the station stops.
func serve(ctx context.Context, cfg config.Config, out Output, o app.Options, beside func(context.Context, *app.Station, app.Ready) error) error {
	log, err := telemetry.Logger(out.Err, cfg.Log.Level)
	if err != nil {
		return err
	}
	o.Version, o.Console, o.Log = out.Version, web.Dist(), log
	s, err := app.Open(ctx, cfg, o)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var ended chan error
	err = s.Run(ctx, func(r app.Ready) {
		if r.SetupCode != "" {
			_, _ = fmt.Fprintf(out.Err, "fengsui: open %s and enter the setup code to make the administrator's account\nsetup code: %s\n", r.HTTP, r.SetupCode)
		}
		_, _ = fmt.Fprintln(out.Out, r.Line())
		ended = make(chan error, 1)
		go func() {
			err := beside(ctx, s, r)
			if err != nil {
				if !errors.Is(err, errDemoDone) {
					log.ErrorContext(ctx, "stopping", slog.Any("error", err))
				}
				stop()
			}
			ended <- err
		}()
	})
	stop()
	if ended != nil { // it became ready
		err = errors.Join(err, <-ended)
	}
	return errors.Join(err, s.Close())
}
