package httpapi

import (
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// meters count requests by operation; requests of no operation are "none".
type meters struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
}

func newMeters(reg prometheus.Registerer) (meters, error) {
	m := meters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fengsui_http_requests_total",
			Help: "Answered requests by operation and class of status (2xx …).",
		}, []string{"operation", "class"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "fengsui_http_request_duration_seconds",
			Help:    "Time from the header of a request to the end of its answer; streams are left out.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"operation", "class"}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.durations} {
		if err := reg.Register(c); err != nil {
			return m, fmt.Errorf("http api: %w", err)
		}
	}
	return m, nil
}

func (m meters) observe(x *exchange, now func() time.Time) {
	operation, class := x.operation(), strconv.Itoa(x.status/100)+"xx"
	if operation == "" {
		operation = "none"
	}
	m.requests.WithLabelValues(operation, class).Inc()
	if x.rule == nil || !x.rule.stream {
		m.durations.WithLabelValues(operation, class).Observe(now().Sub(x.start).Seconds())
	}
}
