package index

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
)

// Index is the index of one ledger. Its methods are safe for concurrent use;
// [Index.Run] has one caller.
type Index struct {
	o       Options
	folder  *sidecar.Folder
	metrics metrics
	wake    chan struct{} // tells tend that there is something to build

	mu      sync.Mutex
	entries []*entry // by first
	settled []*Part  // of the entries before the live ones; nil: to be made anew; never changed in place
	indexed uint64
	news    chan struct{}
}

// Open looks which sidecars there are and prepares the index. It reads no events;
// a part is scan only until [Index.Run] has looked at its sidecar. The folder
// belongs to one Index at a time; its parent must exist.
func Open(ctx context.Context, o Options) (*Index, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	x := &Index{o: o, wake: make(chan struct{}, 1), news: make(chan struct{})}
	if x.folder, err = sidecar.Open(sidecar.Options{Dir: o.Dir, FS: o.FS, Cache: o.Cache, Hurt: x.hurt}); err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	if x.metrics, err = newMetrics(o.Metrics, x); err != nil {
		return nil, err
	}
	return x, x.lookAround()
}

// Run follows the ledger until ctx ends, and returns nil then. Errors are logged,
// counted and tried again; meanwhile the part they concern is scan only. When it
// returns, its goroutines are gone.
func (x *Index) Run(ctx context.Context) error {
	var g errgroup.Group
	f := &follower{x: x, g: &g, done: make(chan struct{}, 1), next: x.Indexed()}
	g.Go(func() error { return f.run(ctx) })
	g.Go(func() error { return x.tend(ctx) })
	return g.Wait() //nolint:wrapcheck // always nil
}

// metrics are what the index counts.
type metrics struct {
	events, errors, panics, skipped, built, damaged, outdated prometheus.Counter
	lag                                                       prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer, x *Index) (metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := metrics{
		events:   counter("fengsui_index_events_total", "Events made searchable as they came."),
		errors:   counter("fengsui_index_errors_total", "Times that a part could not be built, read or removed."),
		panics:   counter("fengsui_index_panics_total", "Events that broke the reader and were indexed by their text alone."),
		skipped:  counter("fengsui_index_skipped_events_total", "Events that could not be read because the ledger is damaged there."),
		built:    counter("fengsui_index_rebuilt_parts_total", "Sidecars built from sealed segments, not as their events came."),
		damaged:  counter("fengsui_index_damaged_parts_total", "Sidecars found damaged."),
		outdated: counter("fengsui_index_outdated_parts_total", "Parts given up because settings of their sources changed."),
		lag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "fengsui_index_lag_events", Help: "Durable events that were not searchable yet.",
		}),
	}
	if reg == nil {
		return m, nil
	}
	gauge := func(name, help string, of func(Stats) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return of(x.Stats()) })
	}
	var errs []error
	for _, c := range []prometheus.Collector{
		m.events, m.errors, m.panics, m.skipped, m.built, m.damaged, m.outdated, m.lag,
		gauge("fengsui_index_scan_only_parts", "Parts without a good sidecar.", func(s Stats) float64 { return float64(s.ScanOnly) }),
		gauge("fengsui_index_stored_bytes", "Size of the sidecars.", func(s Stats) float64 { return float64(s.Bytes) }),
	} {
		errs = append(errs, reg.Register(c))
	}
	if err := errors.Join(errs...); err != nil {
		return m, fmt.Errorf("index: register metrics: %w", err)
	}
	return m, nil
}
