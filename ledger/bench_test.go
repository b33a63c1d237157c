package ledger_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/fengsui/fengsui/ledger"
)

func benchEntries(n int) []ledger.Entry {
	list := make([]ledger.Entry, n)
	for k := range list {
		list[k] = ledger.Entry{
			Received: day, Source: "s1", Transport: "udp", Peer: "192.0.2.7:514",
			Raw: fmt.Appendf(nil, "<38>Mar  2 08:00:%02d fw-01 sshd[%d]: Failed password for root from 198.51.100.%d port %d ssh2", k%60, k, k%251, 1024+k*37%60000),
		}
	}
	return list
}

func benchLog(b *testing.B) *ledger.Log {
	b.Helper()
	l, err := ledger.Open(filepath.Join(b.TempDir(), "ledger"), ledger.Options{Now: time.Now, Reserve: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	return l
}

// BenchmarkAppend stores batches of several sizes from 64 senders at once, on the
// disk and with its sync.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			l := benchLog(b)
			list := benchEntries(n)
			b.SetParallelism(32)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := l.Append(b.Context(), ledger.Batch{Entries: list}); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	l := benchLog(b)
	for range 100 {
		if _, err := l.Append(b.Context(), ledger.Batch{Entries: benchEntries(1000)}); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(l.Status().RawBytes)
	b.ReportAllocs()
	for b.Loop() {
		if err := l.Read(b.Context(), 0, math.MaxUint64, func(ledger.Entry) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(100_000*b.N)/b.Elapsed().Seconds(), "events/s")
}
