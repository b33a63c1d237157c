package search

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/search/plan"
	"github.com/fengsui/fengsui/internal/flow/search/query"
	"github.com/fengsui/fengsui/internal/normalise"
)

// webLog makes access-log records in JSON, as a log shipper sends them.
func webLog(n int) *fakeLog {
	r := rand.New(rand.NewPCG(7, 7))
	l := newFakeLog(50_000)
	for i := range n {
		raw := fmt.Sprintf(`{"time":%q,"client":"10.%d.%d.%d","method":"GET","path":"/course/%d/lesson/%d","status":%d,"bytes":%d,"agent":"Mozilla/5.0 (X11; Linux x86_64)","msg":"用户访问课程页面"}`,
			day.Add(time.Duration(i)*20*time.Millisecond).Format(time.RFC3339Nano), r.IntN(4), r.IntN(250), r.IntN(250), r.IntN(900), r.IntN(40),
			[]int{200, 200, 200, 304, 404, 500}[r.IntN(6)], r.IntN(90_000))
		if i%40_000 == 17 {
			raw = fmt.Sprintf("<34>Nov 24 08:00:00 gw sshd[7]: Failed password for needle%d from 203.0.113.9 port 4711 ssh2", i)
		}
		e := entry(0, fmt.Sprintf("s%d", i%5), raw)
		e.Received = day.Add(time.Duration(i) * 20 * time.Millisecond)
		l.entries = append(l.entries, e)
	}
	for i := range l.entries {
		l.entries[i].Seq = uint64(i)
	}
	return l
}

// BenchmarkSearch compares the same queries with and without the index; index/ and
// scan/ stand side by side.
func BenchmarkSearch(b *testing.B) {
	const n = 200_000
	l := webLog(n)
	reader := normalise.New(normalise.Options{})
	x := indexedWith(b, l, reader)
	now := func() time.Time { return day.Add(2 * time.Hour) }
	for _, c := range []struct{ name, query string }{
		{"rare-word", "needle17"},
		{"phrase", `"Failed password"`},
		{"address", "203.0.113.9"},
		{"field", `client:="10.1.2.3"`},
		{"han", "课程页面 needle17"},
		{"numbers", "status:>=500 bytes:<20"},
		{"common-word", "mozilla"},
	} {
		for _, way := range []string{"index", "scan"} {
			o := Options{Log: l, Reader: reader, Now: now, Time: time.Hour, Slog: slog.New(slog.DiscardHandler)}
			if way == "index" {
				o.Index = x
			}
			s := service(b, o)
			b.Run(c.name+"/"+way, func(b *testing.B) {
				b.ReportAllocs()
				total := uint64(0)
				for b.Loop() {
					got, err := s.Count(b.Context(), Count{Query: c.query})
					if err != nil {
						b.Fatal(err)
					}
					total = got.Total
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric(float64(total), "matches")
			})
		}
	}
}

// BenchmarkMatch tests one record that was read already.
func BenchmarkMatch(b *testing.B) {
	l := webLog(1000)
	reader := normalise.New(normalise.Options{})
	var recs []event.Record
	for _, e := range l.entries {
		recs = append(recs, reader.Read(event.Event{Seq: e.Seq, Received: e.Received, Source: e.Source, Raw: e.Raw}, event.Source{}))
	}
	for _, c := range []struct{ name, query string }{
		{"word", "needle"}, {"field", "status:500"}, {"han", "课程页"}, {"regexp", `path:~"lesson/1\\d"`},
	} {
		q, err := query.Parse(c.query)
		if err != nil {
			b.Fatal(err)
		}
		p := plan.New(q, fakeSources{}, day, time.UTC)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				rec := &recs[i%len(recs)]
				p.Match(rec, rec.Received.UnixNano())
			}
		})
	}
}
