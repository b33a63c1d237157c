package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fengsui/fengsui/internal/capability/logsource"
	"github.com/fengsui/fengsui/internal/flow/receive/syslog"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
	"github.com/fengsui/fengsui/internal/platform/telemetry"
	"github.com/fengsui/fengsui/ledger"
)

// graceful is how long requests that are under way may take when the station
// stops; then their connections are closed.
const graceful = 5 * time.Second

// listeners are the station's open sockets.
type listeners struct {
	http    net.Listener
	control net.Listener
	syslog  *syslog.Receiver
	local   *telemetry.Local
	tls     *tls.Config // of http; nil: plain
}

// Ready says where a running station is reached.
type Ready struct {
	HTTP      string // URL of console, API and ingest
	SyslogUDP string // host:port; "" when not open, like the others
	SyslogTCP string
	SyslogTLS string
	Local     string // health and metrics
	SetupCode string // "" when there is an account already
}

// Line is what `fengsui serve` prints when it accepts everything.
func (r Ready) Line() string {
	var b strings.Builder
	b.WriteString("ready http=" + r.HTTP)
	for _, p := range [][2]string{
		{"syslog", r.SyslogUDP}, {"syslog_tcp", r.SyslogTCP}, {"syslog_tls", r.SyslogTLS}, {"local", r.Local},
	} {
		if p[1] != "" {
			b.WriteString(" " + p[0] + "=" + p[1])
		}
	}
	return b.String()
}

// Run opens the listeners, calls ready, and serves until ctx ends. First the
// listeners end, then what works behind them, so that what was acknowledged has
// been looked at as far as time allows. The caller closes the station after.
func (s *Station) Run(ctx context.Context, ready func(Ready)) error {
	if err := s.sources.Begin(ctx); err != nil {
		return err
	}
	if err := s.audit.Recall(ctx); err != nil {
		// The disk may still be full. Whoever comes to repair it is let in, and
		// the journal waits for the start after that.
		s.log.ErrorContext(ctx, "audit records stay in the side journal", slog.Any("error", err))
	}
	if err := s.listen(ctx); err != nil {
		return errors.Join(err, s.unlisten())
	}
	backCtx, stopBack := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBack()
	back, backCtx := errgroup.WithContext(backCtx)
	for name, run := range s.background() {
		back.Go(func() error { return named(name, run(backCtx)) })
	}
	frontBase, stopFront := context.WithCancel(ctx)
	defer stopFront()
	context.AfterFunc(backCtx, stopFront) // a part behind failed: nothing more may come in
	front, frontCtx := errgroup.WithContext(frontBase)
	context.AfterFunc(frontCtx, s.hub.Close) // open streams end, so that the listener can
	s.serve(frontCtx, front)
	if s.listeners.local != nil {
		s.listeners.local.Ready(s.check)
	}
	where := s.where()
	var err error
	if where.SetupCode, err = s.accounts.SetupCode(ctx); err != nil {
		s.log.ErrorContext(ctx, "set-up code not known", slog.Any("error", err))
	}
	ready(where)
	err = front.Wait()
	stopBack()
	return errors.Join(err, back.Wait())
}

func named(name string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// background lists what works behind the listeners.
func (s *Station) background() map[string]func(context.Context) error {
	out := map[string]func(context.Context) error{
		"ledger": s.ledger.Run, "index": s.index.Run, "detect": s.detect.Run, "comply": s.comply.Run, "audit": s.audit.Run,
	}
	for _, m := range s.modules() {
		if m.Run != nil {
			out[m.Name] = m.Run
		}
	}
	if s.listeners.local != nil {
		out["telemetry"] = s.listeners.local.Run
	}
	return out
}

// serve starts the listeners' loops.
func (s *Station) serve(ctx context.Context, g *errgroup.Group) {
	if s.listeners.syslog != nil {
		g.Go(func() error { return named("syslog", s.listeners.syslog.Run(ctx)) })
	}
	web := httpapi.HTTPServer(s.handler, s.listeners.tls, s.log)
	g.Go(func() error { return named("http", serveHTTP(ctx, web, s.listeners.http)) })
	host := httpapi.HTTPServer(s.handler, nil, s.log)
	host.ConnContext = local
	g.Go(func() error { return named("control", serveHTTP(ctx, host, s.listeners.control)) })
}

// serveHTTP serves until ctx ends, and then waits for what is under way. Streams
// see the end of ctx.
func serveHTTP(ctx context.Context, srv *http.Server, l net.Listener) error {
	srv.BaseContext = func(net.Listener) context.Context { return ctx }
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceful)
		defer cancel()
		err := srv.Shutdown(limit)
		if errors.Is(err, context.DeadlineExceeded) {
			err = srv.Close()
		}
		ended <- err
	})
	var err error
	if srv.TLSConfig != nil {
		err = srv.ServeTLS(l, "", "")
	} else {
		err = srv.Serve(l)
	}
	if stop() {
		return err // it ended by itself
	}
	return <-ended
}

// listen opens every socket.
func (s *Station) listen(ctx context.Context) error {
	var err error
	if s.listeners.tls, err = keyPair(s.cfg.HTTP.TLSCert, s.cfg.HTTP.TLSKey); err != nil {
		return fmt.Errorf("http: %w", err)
	}
	var lc net.ListenConfig
	if s.listeners.http, err = lc.Listen(ctx, "tcp", s.cfg.HTTP.Listen); err != nil {
		return fmt.Errorf("http: %w", err)
	}
	if s.listeners.control, err = listenControl(ctx, s.dir.Path("")); err != nil {
		return err
	}
	if s.cfg.Local.Listen != "" {
		if s.listeners.local, err = telemetry.Listen(ctx, s.cfg.Local.Listen, s.metrics); err != nil {
			return err
		}
	}
	return s.listenSyslog(ctx)
}

func (s *Station) listenSyslog(ctx context.Context) error {
	c := s.cfg.Syslog
	if c.Listen == "" && c.TLS == "" {
		return nil
	}
	cert, key := c.TLSCert, c.TLSKey
	if cert == "" {
		cert, key = s.cfg.HTTP.TLSCert, s.cfg.HTTP.TLSKey
	}
	pair, err := keyPair(cert, key)
	if err != nil {
		return fmt.Errorf("syslog: %w", err)
	}
	s.listeners.syslog, err = syslog.New(ctx, syslog.Options{
		Sink: s.seal, Sources: s.sources.Registry(), Now: s.now, UDP: c.Listen, TCP: c.Listen, TLS: c.TLS, Key: pair,
		MaxBytes: c.MaxSize, Log: s.log,
	})
	return err
}

// unlisten closes what listen has opened before it failed.
func (s *Station) unlisten() error {
	var errs []error
	for _, l := range []net.Listener{s.listeners.http, s.listeners.control} {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	if s.listeners.syslog != nil {
		s.listeners.syslog.Close()
	}
	return errors.Join(errs...)
}

// keyPair reads a certificate with its key; nil without files.
func keyPair(cert, key string) (*tls.Config, error) {
	if cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// where says how the station is reached.
func (s *Station) where() Ready {
	r := Ready{HTTP: s.url()}
	if l := s.listeners.syslog; l != nil {
		r.SyslogUDP, r.SyslogTCP, r.SyslogTLS = text(l.AddrUDP()), text(l.AddrTCP()), text(l.AddrTLS())
	}
	if s.listeners.local != nil {
		r.Local = s.listeners.local.Addr()
	}
	return r
}

func text(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}

// url is the address of the console as the settings or the listener tell it.
func (s *Station) url() string {
	switch {
	case s.cfg.HTTP.Public != "":
		return s.cfg.HTTP.Public
	case s.listeners.http == nil:
		return ""
	case s.listeners.tls != nil:
		return "https://" + s.listeners.http.Addr().String()
	default:
		return "http://" + s.listeners.http.Addr().String()
	}
}

// reached tells the Sources page the addresses that senders use.
func (s *Station) reached() logsource.Listeners {
	r := s.where()
	port := func(address string) string {
		_, p, err := net.SplitHostPort(address)
		if err != nil {
			return ""
		}
		return p
	}
	l := logsource.Listeners{
		SyslogUDP: port(r.SyslogUDP), SyslogTCP: port(r.SyslogTCP), SyslogTLS: port(r.SyslogTLS), HTTP: r.HTTP,
	}
	_, rest, _ := strings.Cut(r.HTTP, "://")
	if host, _, err := net.SplitHostPort(rest); err == nil {
		rest = host
	}
	l.Host = rest
	return l
}

// check says why the station is not ready.
func (s *Station) check(ctx context.Context) error {
	if st := s.ledger.Status(); st.State != ledger.StateOK {
		return fmt.Errorf("the ledger is %s: %s", st.State, st.Reason)
	}
	if err := s.db.Read.PingContext(ctx); err != nil {
		s.log.ErrorContext(ctx, "records cannot be read", slog.Any("error", err))
		return errors.New("the records cannot be read")
	}
	return nil
}
