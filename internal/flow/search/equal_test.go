package search

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/flow/index"
	"github.com/fengsui/fengsui/ledger"
)

// indexed runs an index over the log until everything sealed has its sidecar.
func indexed(t testing.TB, l *fakeLog) *index.Index { return indexedWith(t, l, fakeReader{}) }

func indexedWith(t testing.TB, l *fakeLog, reader Reader) *index.Index {
	t.Helper()
	return indexedIn(t, l, reader, filepath.Join(t.TempDir(), "index"))
}

func indexedIn(t testing.TB, l *fakeLog, reader Reader, dir string) *index.Index {
	t.Helper()
	x, err := index.Open(t.Context(), index.Options{
		Log: l, Reader: reader, Version: 1, Sources: fakeSources{}, Dir: dir,
		Tick: 5 * time.Millisecond, Now: time.Now, Slog: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- x.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	for st := x.Stats(); st.Lag > 0 || st.ScanOnly > 0 || st.Parts == 0; st = x.Stats() {
		time.Sleep(5 * time.Millisecond)
	}
	return x
}

var (
	someWords = []string{
		"error", "Error", "ERROR", "failed", "password", "root", "admin", "10.0.0.1", "10.0.0.12", "192.0.2.7", "2001:db8::1",
		"密码", "密码错误", "登录失败", "用户登录", "Straße", "ΣΊΣΥΦΟΣ", "ſecret", "K8s", "=cmd", "a-b", "uid=0", "x_y", "50", "5", "-3", "7.5", "",
		"1e3", "\u00e9t\u00e9", "C:\\Windows\\System32", "/var/log/a.log", "日志log混合", "café", "\"quoted\"", "new\nline",
	}
	someFields = []string{"user", "ip", "n", "msg", "tags", "source", "path", "rare"}
)

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// corpus makes mixed events: text, JSON of several classes, fields with several
// values or none, clocks that are wrong, and bytes that are no text.
func corpus(r *rand.Rand, n int) []ledger.Entry {
	var out []ledger.Entry
	for i := range n {
		var words []string
		for range 1 + r.IntN(6) {
			words = append(words, pick(r, someWords))
		}
		text := strings.Join(words, pick(r, []string{" ", " ", "", ",", ":", "\t"}))
		e := entry(i/3, pick(r, []string{"", "s1", "s2", "s3"}), text)
		e.Transport, e.Peer = pick(r, []string{"udp", "tcp", "http", "audit"}), pick(r, []string{"", "192.0.2.7", "2001:db8::9"})
		switch r.IntN(10) {
		case 0:
		case 1:
			e.Raw = append(e.Raw, 0xff, 0xfe, 'x')
		default:
			e.Raw = []byte(object(r, i, text))
		}
		out = append(out, e)
	}
	return out
}

func object(r *rand.Rand, i int, text string) string {
	parts := []string{`"_c":` + strconv.Quote(pick(r, []string{"sshd", "web", "app"}))}
	if r.IntN(3) > 0 {
		at := day.Unix() + int64(i/3) + int64(pick(r, []int{0, 0, -5, -60, 3, 90_000, -400_000_000}))
		parts = append(parts, `"_t":`+strconv.FormatInt(at, 10))
	}
	for range r.IntN(6) {
		var v string
		switch r.IntN(6) {
		case 0:
			v = strconv.Itoa(r.IntN(20) - 4)
		case 1:
			v = pick(r, []string{"null", "true", "7.5", "1e3", "9007199254740993", "99999999999999999999"})
		case 2:
			v = fmt.Sprintf("[%q,%q,%d]", pick(r, someWords), pick(r, someWords), r.IntN(9))
		default:
			v = fmt.Sprintf("%q", pick(r, someWords))
		}
		parts = append(parts, fmt.Sprintf("%q:%s", pick(r, someFields), v))
	}
	if r.IntN(2) == 0 {
		parts = append(parts, `"msg":`+fmt.Sprintf("%q", text))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// randomQuery makes a query of the language.
func randomQuery(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(3) > 0 {
		switch r.IntN(4) {
		case 0:
			return "!" + "(" + randomQuery(r, depth-1) + ")"
		case 1:
			return "(" + randomQuery(r, depth-1) + " or " + randomQuery(r, depth-1) + ")"
		default:
			return "(" + randomQuery(r, depth-1) + " " + randomQuery(r, depth-1) + ")"
		}
	}
	word := pick(r, someWords)
	if runes := []rune(word); len(runes) > 1 && r.IntN(3) == 0 {
		word = string(runes[r.IntN(len(runes)-1):][:1+r.IntN(2)%len(runes)])
	}
	if word == "" {
		word = "error"
	}
	q := strconv.Quote(word)
	field := pick(r, append([]string{"", "", "", "_msg:", "source:", "class:", "transport:", "peer:", "sender.source:", "missing:"},
		"user:", "ip:", "n:", "msg:", "tags:", "path:", "rare:"))
	n := strconv.Itoa(r.IntN(20) - 4)
	numbers := field
	if numbers == "" {
		numbers = "n:"
	}
	exact := pick(r, []string{q, q, `"s1"`, `"name of s2"`, `"web"`, `"udp"`, `"5"`})
	switch r.IntN(16) {
	case 0, 1, 2:
		return field + q
	case 3:
		return field + q + "*"
	case 4:
		return field + "*" + q + "*"
	case 5:
		return field + "=" + exact
	case 6:
		return field + "=" + q + "*"
	case 7:
		return field + "in(" + exact + "," + strconv.Quote(pick(r, someWords[:20])) + ")"
	case 8:
		return field + "~" + pick(r, []string{`"err"`, `"^$"`, `"(?i)ERR.*"`, `"[0-9]{2}"`, `"密码.+"`, `"fail(ed)?"`, `"^root$"`, `""`})
	case 9:
		return numbers + pick(r, []string{">", ">=", "<", "<="}) + n
	case 10:
		return numbers + "range" + pick(r, []string{"[", "("}) + "-2, " + n + pick(r, []string{"]", ")"})
	case 11:
		return field + pick(r, []string{`ipv4_range("10.0.0.0/28")`, `ipv4_range(10.0.0.12)`, `ipv4_range(10.0.0.1, 192.0.2.7)`, `ipv6_range("2001:db8::/64")`, `ipv6_range("2001:db8::1")`})
	case 12:
		return numbers + pick(r, []string{"*", `""`})
	case 13:
		return "seq:" + pick(r, []string{">1500", "range[200, 1900)", "in(3, 77, 1200)", "<900"})
	case 14:
		return "_time:" + pick(r, []string{"5m", "[2026-11-24T08:01:00Z, 2026-11-24T08:09:00Z)", ">2026-11-24T08:05", "2026-11-24T08:06"})
	default:
		return pick(r, []string{"class:web", "source:s1", "transport:udp", "*", "error", "failed"})
	}
}

// withIndex and without answer the same, page by page and count by count: the
// plain scan is the truth.
func TestIndexAndScanAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	l := newFakeLog(1000)
	l.add(corpus(r, 3700)...)
	x := indexed(t, l)
	l.add(corpus(r, 30)...) // mostly not indexed yet
	now := func() time.Time { return day.Add(20 * time.Minute) }
	memo := memoReader{&sync.Map{}}
	with := service(t, Options{Log: l, Index: x, Now: now, Reader: memo})
	without := service(t, Options{Log: l, Now: now, Reader: memo})
	queries := 400
	if testing.Short() {
		queries = 100
	}
	some := 0
	for range queries {
		q := randomQuery(r, 3)
		in := Search{Query: q, Limit: pick(r, []int{1, 7, 200, 1000}), Oldest: r.IntN(2) == 0}
		if r.IntN(3) == 0 {
			in.From, in.To = day.Add(time.Duration(r.IntN(600))*time.Second), day.Add(time.Duration(600+r.IntN(900))*time.Second)
		}
		for page := range 3 {
			a, errA := with.Search(t.Context(), in)
			b, errB := without.Search(t.Context(), in)
			if errA != nil || errB != nil {
				t.Fatalf("%s: %v, %v", q, errA, errB)
			}
			some += len(b.Events)
			if diff := cmp.Diff(seqs(b), seqs(a)); diff != "" || a.Partial || b.Partial {
				t.Fatalf("page %d of %s (%+v) differs (-scan +index):\n%s", page, q, in, diff)
			}
			if a.Next != b.Next {
				t.Fatalf("cursors behind page %d of %s differ", page, q)
			}
			if in.Cursor = b.Next; in.Cursor == "" {
				break
			}
		}
		c := Count{Query: q, From: in.From, To: in.To, By: pick(r, []string{"", "source", "class", "user", "tags"}), Top: pick(r, []string{"", "n", "tags", "source", "transport"}), Buckets: 20}
		a, errA := with.Count(t.Context(), c)
		b, errB := without.Count(t.Context(), c)
		if errA != nil || errB != nil {
			t.Fatalf("%s: %v, %v", q, errA, errB)
		}
		a.Scanned, b.Scanned = 0, 0
		if diff := cmp.Diff(b, a); diff != "" {
			t.Fatalf("counts of %s (%+v) differ (-scan +index):\n%s", q, c, diff)
		}
		sum := uint64(0)
		for _, k := range b.Histogram {
			sum += k.Count
		}
		if sum != b.Total {
			t.Fatalf("buckets of %s hold %d of %d events", q, sum, b.Total)
		}
	}
	if some < queries {
		t.Errorf("only %d events found by %d queries: the test tests little", some, queries)
	}
}

// A sidecar that turns out damaged in the middle of a query changes no answer.
func TestDamagedSidecarIsScanned(t *testing.T) {
	l := newFakeLog(500)
	l.add(corpus(rand.New(rand.NewPCG(3, 4)), 2200)...)
	dir := filepath.Join(t.TempDir(), "index")
	with := service(t, Options{Log: l, Index: indexedIn(t, l, fakeReader{}, dir)})
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d sidecars, %v", len(files), err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := len(b) / 3; i < len(b)/2; i++ {
			b[i] ^= 0x55
		}
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scanned := 0
	for _, q := range []string{"error", "user:root or n:>3", "!class:web"} {
		before := l.reads
		got, errA := with.Count(t.Context(), Count{Query: q, By: "class", Top: "tags"})
		scanned += l.reads - before
		want, errB := service(t, Options{Log: l}).Count(t.Context(), Count{Query: q, By: "class", Top: "tags"})
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		got.Scanned, want.Scanned = 0, 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", q, diff)
		}
	}
	if scanned == 0 {
		t.Error("nothing was scanned: the test tests nothing")
	}
}

func seqs(p Page) []uint64 {
	out := []uint64{}
	for _, e := range p.Events {
		out = append(out, e.Seq)
	}
	return out
}
