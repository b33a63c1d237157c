package index

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/index/token"
	"github.com/fengsui/fengsui/internal/testshared"
	"github.com/fengsui/fengsui/ledger"
)

// normal puts the fields of a record into the order that the index can give back.
func normal(fields event.Fields) event.Fields {
	if len(fields) == 0 {
		return nil
	}
	out := slices.Clone(fields)
	slices.SortStableFunc(out, func(a, b event.Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// scan reads the events [from, to) the plain way.
func scan(tb testing.TB, o Options, from, to uint64) map[uint64]event.Record {
	tb.Helper()
	out := map[uint64]event.Record{}
	x := &Index{o: o}
	x.metrics, _ = newMetrics(nil, x)
	err := o.Log.Read(tb.Context(), from, to, func(e ledger.Entry) error {
		ev := event.Event{
			Seq: e.Seq, Received: e.Received, Source: e.Source, Transport: e.Transport, Peer: e.Peer, Raw: slices.Clone(e.Raw),
		}
		rec := x.record(ev, o.Sources.Source(ev.Source))
		rec.Raw, rec.Logsource = nil, event.Logsource{}
		rec.Fields = normal(rec.Fields)
		out[e.Seq] = rec
		return nil
	})
	if err != nil && !errors.Is(err, ledger.ErrDamaged) {
		tb.Fatal(err)
	}
	return out
}

// readPart reads every record of a part from its groups.
func readPart(ctx context.Context, p *Part) (map[uint64]event.Record, error) {
	groups, err := p.Groups(ctx)
	if err != nil {
		return nil, err
	}
	out := map[uint64]event.Record{}
	for _, g := range groups {
		rows, err := g.Rows()
		if err != nil {
			return nil, err
		}
		for i := range g.Len() {
			rec, err := g.Record(i)
			if err != nil {
				return nil, err
			}
			rec.Fields = normal(rec.Fields)
			out[rows.Seq[i]] = rec
			if err := bounds(p, g, rows, i); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

var errBounds = errors.New("beyond the bounds")

func bounds(p *Part, g *sidecar.Group, rows *sidecar.Rows, i int) error {
	first, last := g.Seqs()
	from, to := g.Times()
	at := time.Unix(0, rows.Time[i])
	partFrom, partTo, ok := p.Times()
	rec := event.Record{Event: event.Event{Received: time.Unix(0, rows.Received[i])}}
	if rows.Event[i] != sidecar.NoTime {
		rec.Time = time.Unix(0, rows.Event[i])
	}
	when, _ := sidecar.When(&rec)
	switch {
	case rows.Seq[i] < first || rows.Seq[i] > last, at.Before(from) || at.After(to):
		return errBounds
	case !ok || at.Before(partFrom) || at.After(partTo):
		return errBounds
	case !when.Equal(at):
		return fmt.Errorf("%w: when %v", errBounds, when)
	}
	return nil
}

// equalsScan fails the test unless the view holds what the plain scan gives.
func equalsScan(tb testing.TB, o Options, v *View) {
	tb.Helper()
	next := uint64(0)
	for i, p := range v.Parts() {
		if i > 0 && p.First() != next {
			tb.Fatalf("part begins at %d, the one before ends at %d", p.First(), next)
		}
		next = p.Next()
		got, err := readPart(tb.Context(), p)
		if err != nil {
			tb.Fatal(err)
		}
		want := scan(tb, o, p.First(), p.Next())
		for seq, rec := range want {
			if have := got[seq]; !reflect.DeepEqual(rec, have) {
				tb.Fatalf("event %d (-scan +index):\n%s", seq, cmp.Diff(rec, have))
			}
		}
		if len(got) != len(want) {
			tb.Fatalf("part %d has %d records, the scan %d", p.First(), len(got), len(want))
		}
	}
	if next != v.Next() {
		tb.Errorf("parts end at %d, the view at %d", next, v.Next())
	}
}

// hasTokens fails the test when the filter of a group denies what a row has.
func hasTokens(tb testing.TB, v *View) {
	tb.Helper()
	for _, p := range v.Parts() {
		groups, err := p.Groups(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		for _, g := range groups {
			for i := 0; i < g.Len(); i += 1 + g.Len()/100 {
				rec, err := g.Record(i)
				if err != nil {
					tb.Fatal(err)
				}
				check := func(t token.Token) {
					if may, err := g.May(t); err != nil || !may {
						tb.Fatalf("event %d: a token is denied: %v", rec.Seq, err)
					}
				}
				token.Of(rec.Text, check)
				for _, f := range rec.Fields {
					if f.Value != "" {
						check(token.Value(f.Value))
						token.Of(f.Value, check)
					}
				}
			}
		}
	}
}

// lines makes a mixed corpus, the same for the same seed.
func lines(n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]string, n)
	for i := range out {
		switch r.IntN(6) {
		case 0:
			out[i] = fmt.Sprintf("class=sshd at=%d user=u%d n_port=%d src=10.0.%d.%d Failed password", i, r.IntN(20), 1024+r.IntN(60000), r.IntN(4), r.IntN(256))
		case 1:
			out[i] = fmt.Sprintf("class=web at=%d n_bytes=%d url=/a/%d url=/b agent=null 来自 2001:db8::%x 的访问被拒绝", i-5, r.Int64(), r.IntN(5000), r.IntN(1000))
		case 2:
			out[i] = fmt.Sprintf("class=fw at=%d act=deny n_id=%d n_neg=-%d ok=true mixed=%d", i*10000, 1_000_000+i, r.IntN(9999), r.IntN(2))
		case 3:
			out[i] = "no fields at all, 用户登录失败 " + strings.Repeat("x", r.IntN(50))
		case 4:
			out[i] = fmt.Sprintf("class=web n_a=007 n_b=+1 n_c=-0 n_d=9223372036854775808 k%d=v", r.IntN(50))
		default:
			out[i] = string([]byte{0xff, 0xfe, byte(r.IntN(256)), '=', 'x'})
		}
	}
	return out
}

func TestIndexEqualsScan(t *testing.T) {
	log := newLog()
	o := options(t, log)
	x, stop := start(t, o)
	all := lines(26_000, 1)
	for i, n := range []int{0, 1, 500, 700, 4_000, len(all)} {
		if i > 0 {
			prev := []int{0, 0, 1, 500, 700, 4_000}[i]
			log.add(all[prev:n]...)
			settle(t, x, uint64(n))
			equalsScan(t, o, x.View())
		}
		if i == 3 || i == 4 {
			log.seal()
		}
	}
	if n := len(x.View().Parts()); n != 3 {
		t.Errorf("%d parts, want 3", n)
	}
	stop()

	t.Run("opened again", func(t *testing.T) {
		log.seal()
		x, _ := start(t, o)
		settle(t, x, uint64(len(all)))
		equalsScan(t, o, x.View())
		hasTokens(t, x.View())
		s := x.Stats()
		if s.Parts != 3 || s.Bytes == 0 || s.Indexed != uint64(len(all)) {
			t.Errorf("%+v", s)
		}
	})
	t.Run("another reader", func(t *testing.T) {
		before := files(t, o.Dir)
		o := o
		o.Version = 8
		x, stop := start(t, o)
		settle(t, x, uint64(len(all)))
		equalsScan(t, o, x.View())
		stop()
		after := files(t, o.Dir)
		for name := range before {
			if bytes.Equal(before[name], after[name]) {
				t.Errorf("%s was not built again", name)
			}
		}
	})
	t.Run("pure function of the segment", func(t *testing.T) {
		o.Version = 8
		before := files(t, o.Dir)
		o.Dir = t.TempDir()
		o.Events = 77
		x, stop := start(t, o)
		settle(t, x, uint64(len(all)))
		stop()
		after := files(t, o.Dir)
		if len(before) != 3 || len(after) != 3 {
			t.Fatalf("%d and %d files", len(before), len(after))
		}
		for name := range before {
			if !bytes.Equal(before[name], after[name]) {
				t.Errorf("%s differs when it is built again", name)
			}
		}
	})
}

func files(tb testing.TB, dir string) map[string][]byte {
	tb.Helper()
	out := map[string][]byte{}
	names, err := os.ReadDir(dir)
	if err != nil {
		tb.Fatal(err)
	}
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(dir, n.Name()))
		if err != nil {
			tb.Fatal(err)
		}
		out[n.Name()] = b
	}
	return out
}

// words makes a field of every piece between spaces: real lines with awkward bytes.
type words struct{}

func (words) Read(ev event.Event, _ event.Source) event.Record {
	rec := event.Record{Event: ev, Class: "words", Text: strings.ToValidUTF8(string(ev.Raw), "\uFFFD")}
	for i, w := range strings.Fields(rec.Text) {
		rec.Fields = append(rec.Fields, event.Field{Name: fmt.Sprintf("w%d", i%9), Value: w})
	}
	return rec
}

func TestIndexEqualsScanOnRealLines(t *testing.T) {
	log := newLog()
	for _, name := range []string{"suricata", "web", "linux", "syslog", "auth"} {
		root := filepath.Join(testshared.Dir(t, "logs"), name)
		_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || log.Size() > 20_000 {
				return err
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			var some []string
			for s := bufio.NewScanner(f); s.Scan() && len(some) < 3000; {
				some = append(some, s.Text())
			}
			log.add(some...)
			return nil
		})
	}
	if log.Size() < 1000 {
		t.Fatalf("only %d lines", log.Size())
	}
	o := options(t, log)
	o.Reader = words{}
	log.seal()
	x, _ := start(t, o)
	settle(t, x, log.Size())
	equalsScan(t, o, x.View())
	hasTokens(t, x.View())
}

// settleGood waits until the parts of all segments are files.
func settleGood(tb testing.TB, x *Index) {
	tb.Helper()
	until(tb, func() bool {
		for _, p := range x.View().Parts() {
			if p.live || p.ScanOnly() {
				return false
			}
		}
		return true
	})
}

func TestHostileEventIsKeptByItsText(t *testing.T) {
	log := newLog()
	log.add("user=a", "panic=1 登录 here", "user=b")
	o := options(t, log)
	x, _ := start(t, o)
	settle(t, x, 3)
	equalsScan(t, o, x.View())
}

func TestDamagedLedger(t *testing.T) {
	log := newLog()
	log.add(lines(500, 3)...)
	log.damaged = [2]uint64{100, 180}
	log.seal()
	o := options(t, log)
	x, _ := start(t, o)
	settle(t, x, 500)
	equalsScan(t, o, x.View())
	log.add(lines(10, 4)...)
	log.mu.Lock()
	log.damaged = [2]uint64{503, 505}
	log.mu.Unlock()
	settle(t, x, 510)
	if x.Indexed() != 510 {
		t.Errorf("indexed %d", x.Indexed())
	}
}

func TestReadErrorIsTriedAgain(t *testing.T) {
	log := newLog()
	o := options(t, log)
	x, _ := start(t, o)
	log.mu.Lock()
	log.fail = errors.New("disk is away")
	log.mu.Unlock()
	log.add(lines(100, 5)...)
	settle(t, x, 100)
	equalsScan(t, o, x.View())
}

func TestRemovedSegmentsLoseTheirSidecars(t *testing.T) {
	log := newLog()
	o := options(t, log)
	x, stop := start(t, o)
	for i := range 3 {
		log.add(lines(100, uint64(i))...)
		log.seal()
	}
	settle(t, x, 300)
	settleGood(t, x)
	old := x.View()
	log.mu.Lock()
	log.removed = 200
	log.mu.Unlock()
	until(t, func() bool { return len(files(t, o.Dir)) == 1 && len(x.View().Parts()) == 1 })
	equalsScan(t, o, x.View())
	if _, err := readPart(t.Context(), old.Parts()[0]); !errors.Is(err, sidecar.ErrDamaged) && !errors.Is(err, ErrScanOnly) {
		t.Errorf("reading a part that is gone: %v", err)
	}
	stop()
	log.mu.Lock()
	log.removed = 300
	log.mu.Unlock()
	if _, err := Open(t.Context(), o); err != nil || len(files(t, o.Dir)) != 0 {
		t.Errorf("after opening: %v, %d files", err, len(files(t, o.Dir)))
	}
}

func TestViewsWhileAppending(t *testing.T) {
	log := newLog()
	o := options(t, log)
	x, _ := start(t, o)
	all := lines(12_000, 9)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			seen := uint64(0)
			for {
				select {
				case <-stop:
					return
				default:
				}
				v := x.View()
				if v.Next() < seen {
					t.Errorf("the view went back from %d to %d", seen, v.Next())
				}
				seen = v.Next()
				parts := v.Parts()
				if len(parts) == 0 {
					continue
				}
				p := parts[len(parts)-1]
				groups, err := p.Groups(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				n := 0
				for _, g := range groups {
					c, err := g.Column(sidecar.ColumnText)
					if err != nil {
						t.Error(err)
						return
					}
					n += c.Len()
					if _, err := g.May(token.Value("deny")); err != nil {
						t.Error(err)
					}
				}
				if uint64(n) != p.Next()-p.First() {
					t.Errorf("%d rows in a part of events %d to %d", n, p.First(), p.Next())
				}
			}
		})
	}
	for i := 0; i < len(all); i += 400 {
		log.add(all[i : i+400]...)
		if i%4000 == 0 {
			log.seal()
		}
		if _, err := x.Wait(t.Context(), uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	settle(t, x, uint64(len(all)))
	close(stop)
	wg.Wait()
	equalsScan(t, o, x.View())
}
