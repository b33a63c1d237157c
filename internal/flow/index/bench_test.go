//go:build unix

package index

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/index/token"
	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/internal/testshared"
	"github.com/fengsui/fengsui/ledger"
)

var corpora = map[string][]string{
	"sshd":     {"auth", "sshd_auth.log"},
	"web":      {"web", "apache_combined.log"},
	"suricata": {"suricata", "eve_otrf.ndjson"},
	"windows":  {"windows", "empire_mimikatz_logonpasswords_2020-08-07103224.ndjson"},
}

// events returns n events of a corpus, which is repeated with receipt times that go on.
func events(tb testing.TB, name string, n int) []event.Event {
	tb.Helper()
	b, err := os.ReadFile(testshared.Dir(tb, append([]string{"logs"}, corpora[name]...)...))
	if err != nil {
		tb.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	out := make([]event.Event, n)
	for i := range out {
		out[i] = event.Event{
			Seq: uint64(i), Received: day.Add(time.Duration(i/50) * 25 * time.Millisecond), Source: "s1",
			Transport: "udp", Peer: "192.0.2." + strconv.Itoa(i%7), Batch: "b" + strconv.Itoa(i/50), Raw: lines[i%len(lines)],
		}
	}
	return out
}

// BenchmarkBuild makes a sidecar of each corpus. read-cpu is the
// station's reader, which cpu does not contain; ledger/event is what the ledger
// stores of the same events.
func BenchmarkBuild(b *testing.B) {
	for name := range corpora {
		b.Run(name, func(b *testing.B) {
			evs := events(b, name, 40_000)
			o := options(b, newLog())
			x := must(Open(context.Background(), o))
			reader := normalise.New(normalise.Options{})
			begin := cpu(b)
			recs := make([]event.Record, len(evs))
			for i := range evs {
				recs[i] = reader.Read(evs[i], event.Source{})
			}
			read := cpu(b) - begin
			seg := ledger.Segment{Next: uint64(len(evs)), Sealed: true}
			var sum sidecar.Summary
			spent := cpu(b)
			b.ReportAllocs()
			for b.Loop() {
				builder := must(x.newBuilder(0))
				for i := 0; i < len(recs); i += 2000 {
					if err := builder.add(recs[i : i+2000]); err != nil {
						b.Fatal(err)
					}
				}
				sum = must(builder.finish(seg))
			}
			n := float64(len(recs))
			b.ReportMetric(float64((cpu(b)-spent).Nanoseconds())/float64(b.N)/n, "cpu-ns/event")
			b.ReportMetric(float64(read.Nanoseconds())/n, "read-cpu-ns/event")
			b.ReportMetric(float64(sum.Size)/n, "B/event")
			b.ReportMetric(ledgerBytes(b, evs)/n, "ledger-B/event")
			text, filter := shares(b, x, &sum)
			b.ReportMetric(text/n, "text-B/event")
			b.ReportMetric(filter/n, "filter-B/event")
		})
	}
}

// cpu returns the processor time that the process has used: wall time says little
// on a machine that others use.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// shares returns how many bytes of a sidecar are text and filters.
func shares(b *testing.B, x *Index, sum *sidecar.Summary) (text, filter float64) {
	b.Helper()
	e := newEntry(&ledger.Segment{First: sum.First, Next: sum.Next}, stateBad)
	x.entries = []*entry{e}
	x.good(e, x.folder.File(0), sum)
	for _, g := range must(e.part.Groups(b.Context())) {
		size := g.Sizes()
		filter += float64(size.Filter)
		text += float64(size.Text)
	}
	return text, filter
}

// ledgerBytes returns what a ledger stores of the events, 50 a batch.
func ledgerBytes(b *testing.B, evs []event.Event) float64 {
	b.Helper()
	l, err := ledger.Open(filepath.Join(b.TempDir(), "ledger"), ledger.Options{Now: time.Now, Reserve: -1})
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i < len(evs); i += 50 {
		var batch ledger.Batch
		for _, ev := range evs[i : i+50] {
			batch.Entries = append(batch.Entries, ledger.Entry{
				Received: ev.Received, Source: ev.Source, Transport: ev.Transport, Peer: ev.Peer, Batch: ev.Batch, Raw: ev.Raw,
			})
		}
		if _, err := l.Append(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	total := 0.0
	for _, s := range l.Segments() {
		total += float64(s.StoredBytes)
	}
	return total
}

// BenchmarkLookup asks a sealed part of 200,000 events: for an address that is not
// there, for one column of every group, and for the text of every group.
func BenchmarkLookup(b *testing.B) {
	log := newLog()
	evs := events(b, "web", 200_000)
	for i := range evs {
		log.entries = append(log.entries, ledger.Entry{Seq: evs[i].Seq, Received: evs[i].Received, Source: "s1", Raw: evs[i].Raw})
	}
	log.seal()
	o := options(b, log)
	o.Reader = normalise.New(normalise.Options{})
	o.Cache = 1 // nothing is kept: every look-up reads
	x, _ := start(b, o)
	settle(b, x, log.Size())
	settleGood(b, x)
	absent := token.Address(netip.MustParseAddr("203.0.113.199"))
	b.Run("view", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = x.View()
		}
	})
	part := x.View().Parts()[0]
	groups := must(part.Groups(b.Context()))
	each := func(name string, fn func(g *sidecar.Group)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, g := range groups {
					fn(g)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(groups)), "ns/group")
		})
	}
	b.Run("directory", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(part.Groups(b.Context()))
		}
	})
	each("filter", func(g *sidecar.Group) { must(g.May(absent)) })
	each("column", func(g *sidecar.Group) { must(g.Column("source.ip")) })
	each("rows", func(g *sidecar.Group) { must(g.Rows()) })
	each("text", func(g *sidecar.Group) { must(g.Column(sidecar.ColumnText)) })
	b.Run("scan", func(b *testing.B) { // what text would cost without its column, the ledger's part left out
		b.ReportAllocs()
		for b.Loop() {
			for i := range evs {
				_ = o.Reader.Read(evs[i], event.Source{})
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(groups)), "ns/group")
	})
}

// BenchmarkFollow appends to a real ledger and waits until the index has it: one
// event at a time, and as fast as the index follows. ledger-ns/event is the
// ledger's own share.
func BenchmarkFollow(b *testing.B) {
	l := must(ledger.Open(filepath.Join(b.TempDir(), "ledger"), ledger.Options{Now: time.Now, Reserve: -1}))
	o := options(b, l)
	o.Reader, o.Linger, o.Tick = normalise.New(normalise.Options{}), 0, 0 // defaults
	x, stop := start(b, o)
	evs := events(b, "sshd", 10_000)
	add := func(n int) {
		for i := 0; i < n; i += 50 {
			var batch ledger.Batch
			for _, ev := range evs[i:min(i+50, n)] {
				batch.Entries = append(batch.Entries, ledger.Entry{Received: ev.Received, Source: ev.Source, Raw: ev.Raw})
			}
			must(l.Append(b.Context(), batch))
		}
	}
	b.Run("searchable", func(b *testing.B) {
		for b.Loop() {
			add(1)
			must(x.Wait(b.Context(), l.Size()-1))
		}
	})
	b.Run("throughput", func(b *testing.B) {
		appended := time.Duration(0)
		for b.Loop() {
			begin := time.Now()
			add(len(evs))
			appended += time.Since(begin)
			must(x.Wait(b.Context(), l.Size()-1))
		}
		n := float64(b.N) * float64(len(evs))
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/event")
		b.ReportMetric(float64(appended.Nanoseconds())/n, "ledger-ns/event")
	})
	stop()
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}
