//go:build bench

// Package bench_test prints what the whole binary costs. It asserts nothing about
// time: figures are for people.
package bench_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fengsui/fengsui/test/stationtest"
)

// resident returns the resident memory of a process in MB.
func resident(t *testing.T, pid int) float64 {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		t.Skipf("resident memory is read from /proc: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return float64(kb) / 1000
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

func TestBenchStart(t *testing.T) {
	stationtest.Binary(t)
	var times []time.Duration
	for range 5 {
		begin := time.Now()
		s := stationtest.Start(t, t.TempDir())
		times = append(times, time.Since(begin))
		s.Kill()
	}
	slices.Sort(times)
	fmt.Printf("start to ready, empty store: min %v, median %v, max %v (5 runs)\n", times[0].Round(time.Millisecond),
		times[2].Round(time.Millisecond), times[4].Round(time.Millisecond))
}

func TestBenchIdle(t *testing.T) {
	s := stationtest.Start(t, t.TempDir())
	time.Sleep(20 * time.Second)
	fmt.Printf("idle, empty store, after 20 s: %.0f MB resident\n", resident(t, s.PID()))
}

func TestBenchIngest(t *testing.T) {
	s := stationtest.Start(t, t.TempDir())
	s.Administer()
	_, token := s.AddSource("bench", "http")
	const senders, batch, seconds = 4, 500, 10
	var line atomic.Int64
	var acked atomic.Int64
	latencies := make([][]time.Duration, senders)
	end := time.Now().Add(seconds * time.Second)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for time.Now().Before(end) {
				var b strings.Builder
				for range batch {
					n := line.Add(1)
					fmt.Fprintf(&b, "<86>Nov 24 10:%02d:%02d host%02d sshd[%d]: Failed password for invalid user u%d from 203.0.113.%d port %d ssh2\n",
						n/60%60, n%60, n%40, n%30000, n%500, n%250, 1024+n%60000)
				}
				begin := time.Now()
				status, reply, err := s.Post(t.Context(), "/ingest/ndjson", token, "", []byte(b.String()))
				switch {
				case err != nil:
					t.Error(err)
					return
				case status == http.StatusTooManyRequests:
					time.Sleep(100 * time.Millisecond)
				case status != http.StatusOK:
					t.Errorf("%d %s", status, reply)
					return
				default:
					latencies[i] = append(latencies[i], time.Since(begin))
					acked.Add(batch)
				}
			}
		})
	}
	wg.Wait()
	all := slices.Concat(latencies...)
	slices.Sort(all)
	fmt.Printf("ingest over HTTP with fsync, %d senders, %d lines a request, %d s, with indexing and detection beside: %d events/s acknowledged; "+
		"request p50 %v p99 %v\n", senders, batch, seconds, acked.Load()/seconds, all[len(all)/2].Round(time.Millisecond),
		all[len(all)*99/100].Round(time.Millisecond))
	begin := time.Now()
	size := s.Settled()
	fmt.Printf("everything indexed and matched %v after the last acknowledgement (%d events); %.0f MB resident\n",
		time.Since(begin).Round(time.Millisecond), size, resident(t, s.PID()))
}

// TestBenchSearchable measures from acknowledgement to being found at 2,000
// events/s.
func TestBenchSearchable(t *testing.T) {
	s := stationtest.Start(t, t.TempDir())
	s.Administer()
	_, token := s.AddSource("bench", "http")
	const perSecond, seconds = 2000, 10
	var worst time.Duration
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	n := 0
	for range seconds * 10 {
		<-tick.C
		var b strings.Builder
		for range perSecond / 10 {
			n++
			fmt.Fprintf(&b, "<86>Nov 24 10:00:00 host sshd[1]: Failed password for u%d from 203.0.113.9 port 22 ssh2 marker%dx\n", n, n)
		}
		if status, reply, err := s.Post(t.Context(), "/ingest/ndjson", token, "", []byte(b.String())); err != nil || status != http.StatusOK {
			t.Fatalf("%d %s %v", status, reply, err)
		}
		if n%perSecond != 0 {
			continue
		}
		begin := time.Now()
		for {
			var answer struct{ Events []struct{ Seq uint64 } }
			s.Get(fmt.Sprintf("/api/v1/logs?query=marker%dx&limit=1", n), &answer)
			if len(answer.Events) > 0 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		worst = max(worst, time.Since(begin))
	}
	fmt.Printf("acknowledged to searchable at %d events/s: at worst %v of %d looks\n", perSecond, worst.Round(time.Millisecond), seconds)
}
