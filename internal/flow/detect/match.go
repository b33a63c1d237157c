package detect

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fengsui/fengsui/internal/event"
)

// part is the share of one worker.
type part struct {
	records  []event.Record
	findings []event.Finding
}

// fewest is the least number of events worth a worker.
const fewest = 64

// match reads and matches the events on several workers and returns their parts
// in the order of the events. All of them are matched by the same engine.
func (s *Stage) match(events []event.Event) []part {
	engine := s.o.Engines.Engine()
	n := max(1, min(s.o.Workers, len(events)/fewest))
	size := (len(events) + n - 1) / n
	parts := make([]part, n)
	var wg sync.WaitGroup
	for i := range parts {
		share := events[min(i*size, len(events)):min((i+1)*size, len(events))]
		if i == n-1 {
			s.work(&parts[i], share, engine) // the last share is ours
			continue
		}
		wg.Go(func() { s.work(&parts[i], share, engine) })
	}
	wg.Wait()
	return parts
}

func (s *Stage) work(p *part, events []event.Event, engine Engine) {
	p.records = make([]event.Record, len(events))
	for i := range events {
		s.one(p, i, events[i], engine)
	}
}

// one reads and matches one event. A parser or rule that breaks on it costs the
// findings of this event, not the station: hostile lines must not stop detection
// at every start.
func (s *Stage) one(p *part, i int, ev event.Event, engine Engine) {
	before := len(p.findings)
	defer func() {
		if r := recover(); r != nil {
			p.findings = p.findings[:before]
			if p.records[i].Class == "" {
				p.records[i] = event.Record{Event: ev, Class: "text"}
			}
			s.metrics.panics.Inc()
			s.o.Slog.Error("event could not be looked at", slog.Uint64("seq", ev.Seq), slog.Any("panic", r))
		}
	}()
	p.records[i] = s.o.Reader.Read(ev, s.o.Sources.Source(ev.Source))
	engine.Match(&p.records[i], func(f event.Finding) { p.findings = append(p.findings, f) })
}

// metrics are what the stage counts.
type metrics struct {
	events, findings, errors, skipped, panics prometheus.Counter
	lag                                       prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) (metrics, error) {
	m := metrics{
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fengsui_detect_events_total", Help: "Events looked at.",
		}),
		findings: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fengsui_detect_findings_total", Help: "Findings stored.",
		}),
		errors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fengsui_detect_errors_total", Help: "Times that detection was held up by an error.",
		}),
		skipped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fengsui_detect_skipped_events_total", Help: "Events that could not be read because the ledger is damaged there.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fengsui_detect_panics_total", Help: "Events that broke a parser or rule and were not matched.",
		}),
		lag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "fengsui_detect_lag_events", Help: "Durable events that were not looked at yet.",
		}),
	}
	if reg == nil {
		return m, nil
	}
	var errs []error
	for _, c := range []prometheus.Collector{m.events, m.findings, m.errors, m.skipped, m.panics, m.lag} {
		errs = append(errs, reg.Register(c))
	}
	if err := errors.Join(errs...); err != nil {
		return m, fmt.Errorf("detect: register metrics: %w", err)
	}
	return m, nil
}
