package search

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/ledger"
)

func TestMatch(t *testing.T) {
	l := newFakeLog(100)
	l.add(
		entry(0, "fw", `Failed password for root from 10.0.0.5 port 22`),                              // 0
		entry(1, "fw", `用户登录失败：密码错误 user=张三`),                                                         // 1
		entry(2, "web", `{"_c":"web","status":500,"url":"/a?b=1","user":"Root","tags":["x","y"]}`),    // 2
		entry(3, "web", `{"_c":"web","status":404,"url":"/index.html","ip":"192.0.2.9","user":""}`),   // 3
		entry(4, "", `{"_c":"app","_t":1795507200,"text":"\u4e2d\u6587","source":"inner","n":"007"}`), // 4
		entry(5, "app", `passwords unfailed`),                                                         // 5
	)
	s := service(t, Options{Log: l})
	for _, c := range []struct {
		name, query string
		want        []uint64
	}{
		{"a word in any case", "PASSWORD", []uint64{0}},
		{"not a part of a word", "fail", nil},
		{"prefix", "pass*", []uint64{5, 0}},
		{"phrase", `"password for"`, []uint64{0}},
		{"piece", `*ailed*`, []uint64{5, 0}},
		{"Han text inside a sentence", "密码", []uint64{1}},
		{"Han and letters", "user=张三", []uint64{1}},
		{"text that JSON escaped", "中文", []uint64{4}},
		{"only in the text", "_msg:中文", nil},
		{"field", "user:root", []uint64{2}},
		{"exact is strict about case", `user:="root"`, nil},
		{"exact", `user:="Root"`, []uint64{2}},
		{"one of several values", `tags:y`, []uint64{2}},
		{"in", `status:in(404, 500)`, []uint64{3, 2}},
		{"numbers compare as numbers", `status:>99 status:<500`, []uint64{3}},
		{"a text of digits is a number", `n:range[7, 7]`, []uint64{4}},
		{"missing or empty", `class:web user:""`, []uint64{3}},
		{"present", `user:*`, []uint64{2}},
		{"regular expression", `url:~"^/[a-z]+\\.html$"`, []uint64{3}},
		{"a missing field matches what matches nothing", `class:web ip:~"^$"`, []uint64{2}},
		{"network in the text", `ipv4_range("10.0.0.0/24")`, []uint64{0}},
		{"network of a field", `ip:ipv4_range("192.0.2.0/24")`, []uint64{3}},
		{"source by id", `source:="fw"`, []uint64{1, 0}},
		{"source by name", `source:="name of fw"`, []uint64{1, 0}},
		{"the sender's own source", `sender.source:inner`, []uint64{4}},
		{"class", `class:app or class:web`, []uint64{3, 2, 4}},
		{"sequence", `seq:range[2, 4)`, []uint64{3, 2}},
		{"by event time", `_time:2026-11-24T08:00:00Z`, []uint64{4, 0}},
		{"not", `!password !class:web`, []uint64{5, 1, 4}},
		{"precedence", `password or class:web 500`, []uint64{2, 0}},
		{"limit", `* | limit 2`, []uint64{5, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			page, err := s.Search(t.Context(), Search{Query: c.query})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]uint64{}, c.want...), seqs(page)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPagesAreStable(t *testing.T) {
	l := newFakeLog(10)
	for i := range 25 {
		l.add(entry(i, "s", "event"))
	}
	s := service(t, Options{Log: l})
	in := Search{Query: "event | limit 22", Limit: 8}
	var got []uint64
	for range 5 {
		page, err := s.Search(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, seqs(page)...)
		l.add(entry(-1, "s", "event"), entry(99, "s", "event")) // late and new
		if in.Cursor = page.Next; in.Cursor == "" {
			break
		}
	}
	var want []uint64
	for i := range uint64(22) {
		want = append(want, 24-i)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	in.Cursor, in.Query = "AAAA", "event"
	if _, err := s.Search(t.Context(), in); !errors.Is(err, ErrCursor) {
		t.Errorf("a made-up cursor gives %v", err)
	}
}

func TestDamageMakesPartial(t *testing.T) {
	l := newFakeLog(10)
	for i := range 25 {
		l.add(entry(i, "s", "event"))
	}
	l.broken[12] = true
	s := service(t, Options{Log: l})
	page, err := s.Search(t.Context(), Search{Query: "event", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Events) != 24 || !page.Partial || page.Reason == "" {
		t.Errorf("%d events, partial %t, reason %q", len(page.Events), page.Partial, page.Reason)
	}
	if _, err := s.Event(t.Context(), 12); !errors.Is(err, ErrDamaged) {
		t.Errorf("reading it gives %v", err)
	}
}

func TestLimits(t *testing.T) {
	l := newFakeLog(10_000)
	for i := range 3000 {
		l.add(entry(i, "s", strings.Repeat("event ", 100)))
	}
	t.Run("time", func(t *testing.T) {
		page, err := service(t, Options{Log: l, Time: time.Nanosecond}).Search(t.Context(), Search{})
		if err != nil || !page.Partial || page.Reason == "" {
			t.Errorf("partial %t, reason %q, %v", page.Partial, page.Reason, err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := service(t, Options{Log: l}).Search(ctx, Search{}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("bytes of a page", func(t *testing.T) {
		s := service(t, Options{Log: l, PageBytes: 6000})
		page, err := s.Search(t.Context(), Search{Limit: 100})
		if err != nil || len(page.Events) != 10 || page.Next == "" {
			t.Fatalf("%d events, next %q, %v", len(page.Events), page.Next, err)
		}
		page, err = s.Search(t.Context(), Search{Limit: 100, Cursor: page.Next})
		if err != nil || page.Events[0].Seq != 2989 {
			t.Errorf("the page behind begins with %d, %v", page.Events[0].Seq, err)
		}
	})
	t.Run("values", func(t *testing.T) {
		got, err := service(t, Options{Log: l, Values: 10}).Count(t.Context(), Count{Top: "seq", Limit: 100})
		if err != nil || got.Total != 3000 || len(got.Top) != 10 || !got.Partial {
			t.Errorf("%d events, %d values, partial %t, %v", got.Total, len(got.Top), got.Partial, err)
		}
	})
	t.Run("at once", func(t *testing.T) {
		g := newGate(1, 2)
		ctx := func(id string) context.Context { return authz.WithActor(t.Context(), authz.Actor{ID: id}) }
		leave, err := g.enter(ctx("a"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.enter(ctx("a")); !errors.Is(err, ErrTooMany) {
			t.Errorf("a second one of the same actor gives %v", err)
		}
		if _, err := g.enter(ctx("b")); err != nil {
			t.Error(err)
		}
		if _, err := g.enter(ctx("c")); !errors.Is(err, ErrTooMany) {
			t.Errorf("a third one of all gives %v", err)
		}
		leave()
		if _, err := g.enter(ctx("a")); err != nil {
			t.Error(err)
		}
	})
}

func TestHistogramOfASpan(t *testing.T) {
	l := newFakeLog(100)
	l.add(entry(0, "a", "x"), entry(59, "b", "x"), entry(60, "a", "x"), entry(200, "a", "x"))
	got, err := service(t, Options{Log: l}).Count(t.Context(), Count{
		From: day.Add(-30 * time.Second), To: day.Add(3 * time.Minute), Buckets: 4, By: "source", Top: "source",
	})
	if err != nil {
		t.Fatal(err)
	}
	at := func(s int) time.Time { return day.Add(time.Duration(s) * time.Second) }
	want := Counts{
		Total: 3, Scanned: 4, Top: []ValueCount{{"name of a", 2}, {"name of b", 1}},
		Histogram: []Bucket{
			{From: at(-30), To: at(0)},
			{From: at(0), To: at(60), Count: 2, Values: []ValueCount{{"name of a", 1}, {"name of b", 1}}},
			{From: at(60), To: at(120), Count: 1, Values: []ValueCount{{"name of a", 1}}},
			{From: at(120), To: at(180)},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAround(t *testing.T) {
	l := newFakeLog(7)
	for i := range 40 {
		l.add(entry(i, []string{"a", "b"}[i%2], "event"))
	}
	recs, err := service(t, Options{Log: l}).Around(t.Context(), 20, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint64{16, 18, 20, 22, 24, 26}, seqs(Page{Events: recs})); diff != "" {
		t.Error(diff)
	}
}

func TestExport(t *testing.T) {
	l := newFakeLog(2)
	l.add(
		entry(0, "s", `{"a":"=1+1","b":["x","y"]}`), entry(1, "s", "\ttab"), entry(2, "s", "a,\"b\"\r\nc"),
		entry(3, "s", "＝全角"), ledger.Entry{Received: day, Source: "@s", Raw: []byte("\xff")},
	)
	s := service(t, Options{Log: l})
	for _, c := range []struct{ name, query, format, want string }{
		{"csv", "seq:<4", "csv", "seq,time,received,source_id,source,transport,peer,class,raw,fields\r\n" +
			`0,2026-11-24T08:00:00Z,2026-11-24T08:00:00Z,s,name of s,udp,192.0.2.1,text,"{""a"":""=1+1"",""b"":[""x"",""y""]}","{""a"":""=1+1"",""b"":[""x"",""y""]}"` + "\r\n" +
			"1,2026-11-24T08:00:01Z,2026-11-24T08:00:01Z,s,name of s,udp,192.0.2.1,text,'\ttab,{}\r\n" +
			"2,2026-11-24T08:00:02Z,2026-11-24T08:00:02Z,s,name of s,udp,192.0.2.1,text,\"a,\"\"b\"\"\r\nc\",{}\r\n" +
			"3,2026-11-24T08:00:03Z,2026-11-24T08:00:03Z,s,name of s,udp,192.0.2.1,text,'＝全角,{}\r\n"},
		{"csv of chosen fields", "seq:0 | fields a, b", "csv", "seq,time,received,source_id,source,transport,peer,class,raw,a,b\r\n" +
			`0,2026-11-24T08:00:00Z,2026-11-24T08:00:00Z,s,name of s,udp,192.0.2.1,text,"{""a"":""=1+1"",""b"":[""x"",""y""]}",'=1+1,x; y` + "\r\n"},
		{"ndjson", "seq:>3", "ndjson", `{"seq":4,"time":"2026-11-24T08:00:00Z","received":"2026-11-24T08:00:00Z","clock_off":false,` +
			`"source":{"id":"@s","name":"name of @s"},"transport":"","peer":"","class":"text","raw":"\ufffd","raw_base64":"/w==","fields":{}}` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if _, err := s.Export(t.Context(), Export{Query: c.query, Format: c.format}, &b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, strings.ReplaceAll(b.String(), "\uFFFD", `\ufffd`)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExportFromIndexIsTheSame(t *testing.T) {
	l := newFakeLog(50)
	for i := range 205 {
		l.add(entry(i, []string{"a", "b"}[i%2], "event"))
	}
	var with, without bytes.Buffer
	in := Export{Query: "source:=a", Format: "ndjson", Limit: 90}
	if _, err := service(t, Options{Log: l, Index: indexed(t, l)}).Export(t.Context(), in, &with); err != nil {
		t.Fatal(err)
	}
	got, err := service(t, Options{Log: l}).Export(t.Context(), in, &without)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(without.String(), with.String()); diff != "" || got.Events != 90 {
		t.Errorf("%d events: %s", got.Events, diff)
	}
}

func TestTail(t *testing.T) {
	l := newFakeLog(100)
	l.add(entry(0, "s", "error old"))
	s := service(t, Options{Log: l, TailEvery: time.Millisecond, TailQueue: 5, TailBehind: 30})
	ctx, cancel := context.WithCancel(t.Context())
	var got []uint64
	var dropped uint64
	err := s.Tail(ctx, "error", func() error {
		for i := range 20 {
			l.add(entry(i, "s", "error"), entry(i, "s", "fine"))
		}
		return nil
	}, func(_ context.Context, b Burst) error {
		for _, e := range b.Events {
			got = append(got, e.Seq)
		}
		if dropped = b.Dropped; dropped > 0 && len(got) == 0 {
			l.add(entry(0, "s", "error new")) // behind what was skipped
		}
		if len(got) > 0 {
			cancel()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint64{41}, got); diff != "" || dropped != 40 {
		t.Errorf("dropped %d: %s", dropped, diff)
	}
}
