//go:build unix

package index

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/ledger"
)

// BenchmarkSustained sends 2,000 events a second for ten seconds through a ledger
// and the index on disk, four senders with 50 events ten times a second each, and
// tells how long events took from their acknowledgement until they were searchable.
// Segments are small, so that some close meanwhile.
//
//	go test ./internal/flow/index -run '^$' -bench Sustained -benchtime 1x
func BenchmarkSustained(b *testing.B) {
	const (
		senders = 4
		batch   = 50
		every   = 100 * time.Millisecond
		rounds  = int(10 * time.Second / every)
	)
	if testing.Short() {
		b.Skip("takes ten seconds")
	}
	evs := events(b, "sshd", 20_000)
	for b.Loop() {
		l := must(ledger.Open(filepath.Join(b.TempDir(), "ledger"), ledger.Options{Now: time.Now, Reserve: -1, SegmentBytes: 512 << 10}))
		o := options(b, l)
		o.Reader, o.Linger, o.Tick = normalise.New(normalise.Options{}), 0, 0 // defaults
		x, stop := start(b, o)
		const total = senders * batch * rounds
		seen := make([]time.Time, total) // when each event was searchable
		watched := make(chan struct{})
		go func() {
			defer close(watched)
			for n := uint64(0); n < uint64(total); {
				next, err := x.Wait(b.Context(), n)
				if err != nil {
					b.Error(err)
					return
				}
				for now := time.Now(); n < next; n++ {
					seen[n] = now
				}
			}
		}()
		acked := make([]time.Time, total)
		var wg sync.WaitGroup
		begin := time.Now()
		for s := range senders {
			wg.Go(func() {
				tick := time.NewTicker(every)
				defer tick.Stop()
				for i := range rounds {
					<-tick.C
					var in ledger.Batch
					for k := range batch {
						ev := &evs[((s*rounds+i)*batch+k)%len(evs)]
						in.Entries = append(in.Entries, ledger.Entry{Received: time.Now(), Source: ev.Source, Transport: "udp", Raw: ev.Raw})
					}
					r, err := l.Append(b.Context(), in)
					if err != nil {
						b.Error(err)
						return
					}
					for seq, now := r.First, time.Now(); seq < r.First+batch; seq++ {
						acked[seq] = now
					}
				}
			})
		}
		wg.Wait()
		sent := time.Since(begin)
		if b.Failed() {
			return
		}
		<-watched
		delays := make([]time.Duration, total)
		for i := range delays {
			delays[i] = max(0, seen[i].Sub(acked[i])) // an acknowledgement may be told later than it is durable
		}
		slices.Sort(delays)
		ms := func(share float64) float64 {
			return float64(delays[int(share*float64(total-1))].Microseconds()) / 1000
		}
		b.ReportMetric(float64(total)/sent.Seconds(), "events/s")
		b.ReportMetric(ms(0.5), "delay-p50-ms")
		b.ReportMetric(ms(0.99), "delay-p99-ms")
		b.ReportMetric(ms(1), "delay-max-ms")
		b.Logf("%d events in %v, %d segments: from acknowledgement to searchable %.1f ms at the median, %.1f ms for 99 of 100, %.1f ms at most",
			total, sent.Round(time.Millisecond), len(l.Segments()), ms(0.5), ms(0.99), ms(1))
		stop()
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
