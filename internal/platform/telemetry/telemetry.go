// Package telemetry is how the station tells operators about itself: its own log
// as JSON lines, Prometheus metrics, and health, the latter two on a listener
// that only this machine reaches.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Logger returns the station's log: one JSON object a line. Whatever is logged,
// no control character and none that turns the direction of writing reaches a
// terminal. level is debug, info, warn or error.
func Logger(w io.Writer, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level: %w", err)
	}
	return slog.New(slog.NewJSONHandler(Escape(w), &slog.HandlerOptions{Level: l})), nil
}

// Registry returns a registry with what the runtime and the process say.
func Registry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Check says why the station does not work as it should; nil: it does.
type Check func(ctx context.Context) error

// Local serves /metrics, /healthz and /readyz.
type Local struct {
	listener net.Listener
	registry *prometheus.Registry
	ready    atomic.Pointer[Check]
}

// Listen opens the listener. An address that other machines reach is refused.
func Listen(ctx context.Context, address string, registry *prometheus.Registry) (*Local, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for health and metrics: %w", err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("listen for health and metrics: other machines reach %s", address), l.Close())
	}
	return &Local{listener: l, registry: registry}, nil
}

// Addr returns the address that was bound.
func (l *Local) Addr() string { return l.listener.Addr().String() }

// Ready sets what /readyz asks; until then it answers 503.
func (l *Local) Ready(c Check) { l.ready.Store(&c) }

// Run serves until ctx ends. It returns nil then.
func (l *Local) Run(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(l.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		check := l.ready.Load()
		if check == nil {
			say(w, http.StatusServiceUnavailable, "starting")
			return
		}
		if err := (*check)(r.Context()); err != nil {
			say(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		say(w, http.StatusOK, "ready")
	})
	srv := &http.Server{
		Handler: ownNames(mux), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() }) // nothing here is worth waiting for
	defer stop()
	if err := srv.Serve(l.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve health and metrics: %w", err)
	}
	return nil
}

// ownNames refuses requests for other names than this machine's own, which a
// browser sends when a page has its name point here.
func ownNames(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			say(w, http.StatusMisdirectedRequest, "not a name of this listener")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // the client may be gone
}
