package search

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/flow/search/plan"
	"github.com/fengsui/fengsui/ledger"
)

// wideLog is a log of JSON records of one class, so many of which have 4,096 fields
// with names of their own, as a hostile sender makes them.
func wideLog(events, wide int) *fakeLog {
	l := newFakeLog(events)
	entries := make([]ledger.Entry, 0, events)
	for i := range events {
		raw := fmt.Sprintf(`{"_c":"app","user":"u%d","n":%d}`, i%50, i)
		if every := events / wide; i%every == every/2 {
			var b strings.Builder
			fmt.Fprintf(&b, `{"_c":"app","user":"evil"`)
			for f := range 4095 {
				fmt.Fprintf(&b, `,"k%d_%d":"v%d"`, i, f, f%100)
			}
			b.WriteByte('}')
			raw = b.String()
		}
		e := entry(i, "s1", raw)
		e.Seq = uint64(i)
		entries = append(entries, e)
	}
	l.entries = entries
	return l
}

// allocated returns how many bytes fn allocates.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Records with thousands of fields give the answers of the plain scan, and what a
// query costs depends on the values there are: columns times rows would be
// gigabytes.
func TestRecordsOfManyFields(t *testing.T) {
	for _, c := range []struct {
		name         string
		events, wide int
		limit        uint64 // bytes allocated by a query
	}{
		{"one of a full group", 8192, 1, 32 << 20},
		{"fifty of different names", 8200, 50, 192 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := wideLog(c.events, c.wide)
			first := c.events / c.wide / 2
			unsealed := newFakeLog(c.events + 1)
			unsealed.entries = l.entries
			open, sealed := indexed(t, unsealed), indexed(t, l)
			memo := memoReader{&sync.Map{}}
			without := service(t, Options{Log: l, Reader: memo, Time: time.Hour})
			for _, q := range []string{
				"evil", "v99", "!v99", "nowhere or v98", fmt.Sprintf("k%d_4000:*", first), fmt.Sprintf("k%d_4000:v0", first),
				fmt.Sprintf(`!k%d_3000:""`, first), "~\"v9[0-9]$\"", "k1_absent:x", fmt.Sprintf(`k%d_7:~"^$"`, first), "v97 v96 user:evil",
			} {
				in := Search{Query: q, Limit: 1000}
				count := Count{Query: q, Top: fmt.Sprintf("k%d_4001", first), By: "user"}
				want, errA := without.Search(t.Context(), in)
				wantCount, errB := without.Count(t.Context(), count)
				if errA != nil || errB != nil {
					t.Fatal(q, errA, errB)
				}
				wantCount.Scanned = 0
				for name, s := range map[string]*Service{
					"in memory":   service(t, Options{Log: unsealed, Index: open, Reader: memo, Time: time.Hour}),
					"in the file": service(t, Options{Log: l, Index: sealed, Reader: memo, Time: time.Hour}),
				} {
					var got Counts
					var err error
					used := allocated(func() { got, err = s.Count(t.Context(), count) })
					if err != nil {
						t.Fatal(err)
					}
					// A regexp has a pool of its own, which the race detector empties.
					if used > c.limit && !strings.Contains(q, "~") {
						t.Errorf("%s, %s: counting allocates %d MiB", q, name, used>>20)
					}
					got.Scanned = 0
					if diff := cmp.Diff(wantCount, got); diff != "" {
						t.Errorf("%s, %s: counts differ (-scan +index):\n%s", q, name, diff)
					}
					page, err := s.Search(t.Context(), in)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(seqs(want), seqs(page)); diff != "" {
						t.Errorf("%s, %s: events differ (-scan +index):\n%s", q, name, diff)
					}
				}
			}
		})
	}
}

// endingContext ends, with end, when its error was asked for so many times.
type endingContext struct {
	context.Context //nolint:containedctx // a context of its own kind
	left            atomic.Int64
	asked           atomic.Int64
	end             error
}

func (c *endingContext) Err() error {
	c.asked.Add(1)
	if c.left.Add(-1) < 0 {
		return c.end
	}
	return nil
}

func TestTimeEndsInsideAGroup(t *testing.T) {
	l := wideLog(8192, 1)
	x := indexed(t, l)
	s := service(t, Options{Log: l, Index: x, Reader: memoReader{&sync.Map{}}})
	walk := func(query string, looks int64, end error) (outcome, *endingContext, error) {
		q, err := parse(query)
		if err != nil {
			t.Fatal(err)
		}
		ctx := &endingContext{Context: t.Context(), end: end}
		ctx.left.Store(looks)
		p := plan.New(q, fakeSources{}, day, time.UTC)
		out, err := s.walk(ctx, p, s.pieces(p, l.Size(), newestFirst), &firsts{order: newestFirst, n: 10})
		return out, ctx, err
	}
	for _, query := range []string{"~\"absent$\"", "user:~\"absent\" or ~\"absent\"", "_msg:~\"absent\""} {
		out, all, err := walk(query, 1<<60, nil)
		if err != nil || out.partial || out.scanned != 8192 {
			t.Fatalf("%s: %+v, %v", query, out, err)
		}
		n := all.asked.Load()
		if n < 8192/64 {
			t.Errorf("%s looks at its context %d times in a group", query, n)
		}
		for _, at := range []int64{n / 10, n / 2, n - 1} {
			out, ctx, err := walk(query, at, context.DeadlineExceeded)
			if err != nil || !out.partial || !strings.HasPrefix(out.reason, "the time for one query was up") {
				t.Errorf("%s ended at look %d of %d: %+v, %v", query, at, n, out, err)
			}
			if more := ctx.asked.Load() - at; more > 20 {
				t.Errorf("%s goes on for %d looks behind its end", query, more)
			}
			if _, _, err := walk(query, at, context.Canceled); !errors.Is(err, context.Canceled) {
				t.Errorf("%s cancelled at look %d of %d: %v", query, at, n, err)
			}
		}
	}
}

// Telling the frequent fields keeps a limited number of them.
func TestFrequentOfManyFields(t *testing.T) {
	l := wideLog(100, 10)
	got, err := service(t, Options{Log: l}).Frequent(t.Context(), "", time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Partial || got.Reason != "there are more different fields or values than are counted" || len(got.Fields) != maxFrequent || got.Sampled != 100 {
		t.Errorf("%d fields of %d events, partial %t: %s", len(got.Fields), got.Sampled, got.Partial, got.Reason)
	}
	for _, f := range got.Fields[:3] {
		if f.Count != 100 {
			t.Errorf("%s is counted %d times", f.Name, f.Count)
		}
	}
}

// BenchmarkManyFields asks for a word that no record has, of a full group with a
// record of 4,096 fields, behind the token filter.
func BenchmarkManyFields(b *testing.B) {
	l := wideLog(8192, 1)
	x := indexed(b, l)
	s := service(b, Options{Log: l, Index: x, Time: time.Hour})
	for _, query := range []string{"evil", "~\"absent$\""} {
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Count(b.Context(), Count{Query: query}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
