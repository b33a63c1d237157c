package logsource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/evidence"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/internal/platform/sqldb/sqldbtest"
)

var start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// station is the world of one service: a clock that is set by hand and a ledger
// of which only the size and the oldest event matter.
type station struct {
	t      *testing.T
	db     *sqldb.DB
	at     time.Time
	oldest time.Time
	size   uint64
	s      *Service
	f      *Follower
}

func (w *station) Size() uint64                               { return w.size }
func (w *station) Oldest(context.Context) (time.Time, error)  { return w.oldest, nil }
func (w *station) now() time.Time                             { return w.at }
func (w *station) after(d time.Duration) *station             { w.at = w.at.Add(d); return w }
func (w *station) observe(p evidence.Provider) evidence.State { return w.fact(p).State }
func (w *station) listeners() Listeners {
	return Listeners{Host: "log.example.edu", SyslogUDP: "514", SyslogTCP: "601", HTTP: "https://log.example.edu"}
}
func (w *station) fact(p evidence.Provider) evidence.Fact { return w.factAt(p, w.at, w.at) }

func (w *station) factAt(p evidence.Provider, at, known time.Time) evidence.Fact {
	w.t.Helper()
	f, err := p.Observe(w.t.Context(), at, known)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// boot begins a run of the station on the same records.
func (w *station) boot() {
	w.t.Helper()
	s, err := New(Deps{
		DB: w.db, Ledger: w, Listeners: w.listeners, Now: w.now, Rand: zeros{}, Log: slog.New(slog.DiscardHandler), KeepMonths: 6,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Load(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.s, w.f = s, s.Follower()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func newStation(t *testing.T) *station {
	t.Helper()
	w := &station{t: t, db: sqldbtest.Open(t, "logsource", migrations()), at: start}
	w.boot()
	return w
}

// tick is what Run does every second.
func (w *station) tick() {
	w.t.Helper()
	if err := w.s.tick(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// receive lets a source deliver one event now, through registry and follower.
func (w *station) receive(id ID, class string) {
	w.t.Helper()
	if w.oldest.IsZero() {
		w.oldest = w.at
	}
	w.s.Registry().Received(string(id), "udp", 1, 3, w.at)
	rec := event.Record{Event: event.Event{Seq: w.size, Received: w.at, Source: string(id), Raw: []byte("abc")}, Class: class}
	w.size++
	if err := w.f.Apply(w.t.Context(), []event.Record{rec}, w.size); err != nil {
		w.t.Fatal(err)
	}
}

func (w *station) source(name string, allow string) Source {
	w.t.Helper()
	src, _, err := w.s.Create(w.t.Context(), Source{
		Name: name, Kind: Syslog, Allow: []netip.Prefix{netip.MustParsePrefix(allow)}, SilentAfter: time.Minute,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return src
}

func TestSilenceIsAGapUntilReturnAndStaysListed(t *testing.T) {
	w := newStation(t)
	deliver, keep := delivering{w.s}, kept{w.s}
	if got := w.observe(deliver); got != evidence.Gap {
		t.Errorf("without sources: %s, want gap", got)
	}
	src := w.source("gate", "10.0.0.1/32")
	w.tick()
	if got := w.observe(deliver); got != evidence.Unknown {
		t.Errorf("waiting: %s, want unknown", got)
	}
	w.after(10*time.Second).receive(src.ID, "sshd")
	w.tick()
	if a, b := w.observe(deliver), w.observe(keep); a != evidence.Met || b != evidence.Met {
		t.Errorf("delivering %s, kept %s; want met", a, b)
	}
	last := w.at
	w.after(60 * time.Second).tick()
	if got := w.observe(deliver); got != evidence.Met {
		t.Errorf("at the limit: %s, want met", got)
	}
	w.after(time.Second).tick()
	f := w.fact(deliver)
	if f.State != evidence.Gap || f.Failing != 1 || f.Rows[0].Name != "gate" || !f.Rows[0].Period.From.Equal(last) || !f.Rows[0].Period.To.IsZero() {
		t.Errorf("beyond the limit: %+v", f)
	}
	silent := w.at
	if k, err := w.s.Get(src.ID); err != nil || k.State != Silent {
		t.Errorf("state %s, %v; want silent", k.State, err)
	}
	w.after(5*time.Minute).receive(src.ID, "sshd")
	returned := w.at
	w.tick()
	if got := w.observe(deliver); got != evidence.Met {
		t.Errorf("returned: %s, want met", got)
	}
	f = w.fact(keep)
	want := []evidence.Row{{
		ID: string(src.ID), Name: "gate", State: evidence.Gap, Reason: ReasonSilent,
		Period: evidence.Period{From: last, To: returned}, Link: "/sources?id=" + string(src.ID),
	}}
	if f.State != evidence.Partly {
		t.Errorf("kept after the return: %s, want partly", f.State)
	}
	if diff := cmp.Diff(want, f.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	// As it was shown then, and as it is known now.
	if got := w.factAt(deliver, silent, silent).State; got != evidence.Gap {
		t.Errorf("silent time as known then: %s, want gap", got)
	}
	if got := w.factAt(deliver, silent, w.at).State; got != evidence.Gap {
		t.Errorf("silent time as known now: %s, want gap", got)
	}
	if got := w.factAt(deliver, last.Add(30*time.Second), w.at).State; got != evidence.Met {
		t.Errorf("within the limit as known now: %s, want met", got)
	}
	// Half a year later it is no longer among the months to be kept.
	w.oldest = w.at
	w.after(200 * 24 * time.Hour)
	w.s.keptAt = time.Time{}
	w.receive(src.ID, "sshd")
	w.tick()
	for _, r := range w.fact(keep).Rows {
		if r.Period.From.Equal(last) {
			t.Error("the gap is still listed after six months")
		}
	}
}

func TestLostLogsAreAGap(t *testing.T) {
	w := newStation(t)
	src := w.source("gate", "10.0.0.1/32")
	w.receive(src.ID, "sshd")
	w.tick()
	w.after(30*time.Second).receive(src.ID, "sshd")
	w.oldest = w.at // the first event is not there any more
	w.s.keptAt = time.Time{}
	w.tick()
	f := w.fact(kept{w.s})
	if f.State != evidence.Gap || len(f.Rows) != 1 || f.Rows[0].Reason != "not_kept" {
		t.Errorf("%+v; want a gap with what was not kept", f)
	}
}

func TestDowntimeIsRecordedOnceAndIsNotSilence(t *testing.T) {
	w := newStation(t)
	src := w.source("gate", "10.0.0.1/32")
	w.receive(src.ID, "sshd")
	w.tick()
	w.after(6 * time.Second).tick() // a sign of life
	alive := w.at
	w.after(time.Hour).boot()
	w.tick()
	w.after(50 * time.Second).tick()
	if got := w.observe(delivering{w.s}); got != evidence.Met {
		t.Errorf("after the start, within the limit: %s, want met", got)
	}
	f := w.fact(kept{w.s})
	if len(f.Rows) != 1 || f.Rows[0].Reason != ReasonStation || !f.Rows[0].Period.From.Equal(alive) {
		t.Fatalf("rows %+v; want the time the station was down", f.Rows)
	}
	w.after(time.Second).tick()
	if n := len(w.fact(kept{w.s}).Rows); n != 1 {
		t.Errorf("the time down is listed %d times", n)
	}
	w.after(time.Minute).tick()
	if got := w.observe(delivering{w.s}); got != evidence.Gap {
		t.Errorf("silent beyond the limit after the start: %s, want gap", got)
	}
}

func TestCountsSurviveAndCountOnce(t *testing.T) {
	w := newStation(t)
	src := w.source("gate", "10.0.0.1/32")
	for range 3 {
		w.after(time.Second).receive(src.ID, "sshd")
	}
	w.after(time.Second).receive(src.ID, "text")
	again := []event.Record{{Event: event.Event{Seq: 1, Received: w.at, Source: string(src.ID), Raw: []byte("abc")}, Class: "sshd"}}
	if err := w.f.Apply(t.Context(), again, 2); err != nil { // the answer of an earlier call was lost
		t.Fatal(err)
	}
	w.s.Registry().Dropped(string(src.ID), "udp", "queue_full", 5, w.at)
	w.tick()
	for range 2 {
		k, err := w.s.Get(src.ID)
		if err != nil || k.Received != 4 || k.Unparsed != 1 || k.Bytes != 12 || k.Dropped != 5 {
			t.Errorf("%+v, %v; want 4 received, 1 unparsed, 12 bytes, 5 dropped", k.Figures, err)
		}
		w.boot()
	}
	a, err := activityOf(t.Context(), w.db.Read, start, start.Add(time.Hour), time.Hour)
	if err != nil || len(a.buckets) != 1 || a.buckets[0].Counts[string(src.ID)] != 4 {
		t.Errorf("activity %+v, %v", a, err)
	}
}

func TestLimitChangeEndsTheGap(t *testing.T) {
	w := newStation(t)
	src := w.source("gate", "10.0.0.1/32")
	w.receive(src.ID, "sshd")
	w.after(2 * time.Minute).tick()
	if got := w.observe(delivering{w.s}); got != evidence.Gap {
		t.Fatalf("%s, want gap", got)
	}
	longer := time.Hour
	if _, err := w.s.Update(t.Context(), src.ID, Change{SilentAfter: &longer}); err != nil {
		t.Fatal(err)
	}
	w.after(time.Second).tick()
	if got := w.observe(delivering{w.s}); got != evidence.Met {
		t.Errorf("with a longer limit: %s, want met", got)
	}
	if _, err := w.s.Retire(t.Context(), src.ID, "replaced"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Update(t.Context(), src.ID, Change{SilentAfter: &longer}); !errors.Is(err, ErrRetired) {
		t.Errorf("changed after retirement: %v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	w := newStation(t)
	w.source("gate", "10.0.0.1/32")
	net := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	for _, tt := range []struct {
		name string
		src  Source
		want error
	}{
		{"no name", Source{Kind: HTTP}, ErrInvalid},
		{"no kind", Source{Name: "a"}, ErrInvalid},
		{"syslog without address", Source{Name: "a", Kind: Syslog}, ErrInvalid},
		{"certificate for http", Source{Name: "a", Kind: HTTP, Certificate: strings.Repeat("ab", 32)}, ErrInvalid},
		{"bad certificate", Source{Name: "a", Kind: Syslog, Certificate: "abc"}, ErrInvalid},
		{"unknown format", Source{Name: "a", Kind: HTTP, Format: "xml"}, ErrInvalid},
		{"unknown zone", Source{Name: "a", Kind: HTTP, Zone: "Mars/Base"}, ErrInvalid},
		{"limit too short", Source{Name: "a", Kind: HTTP, SilentAfter: time.Second}, ErrInvalid},
		{"name taken", Source{Name: "gate", Kind: HTTP}, ErrNameTaken},
		{"address taken", Source{Name: "a", Kind: Syslog, Allow: net}, ErrSenderSet},
	} {
		if _, _, err := w.s.Create(t.Context(), tt.src); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestRegistryFindsSenders(t *testing.T) {
	w := newStation(t)
	ctx := t.Context()
	web, token, err := w.s.Create(ctx, Source{Name: "web", Kind: HTTP, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	if err != nil || !strings.HasPrefix(token, "fs_src_") {
		t.Fatalf("token %q, %v", token, err)
	}
	wide := w.source("wide", "10.0.0.0/8")
	narrow := w.source("narrow", "10.1.0.0/16")
	sum := sha256.Sum256([]byte("certificate"))
	cert, _, err := w.s.Create(ctx, Source{Name: "tls", Kind: Syslog, Certificate: hex.EncodeToString(sum[:]), Allow: []netip.Prefix{netip.MustParsePrefix("10.1.2.3/32")}})
	if err != nil {
		t.Fatal(err)
	}
	r := w.s.Registry()
	byAddress := func(transport, peer string) string {
		src, _ := r.ByAddress(transport, netip.MustParseAddr(peer))
		return src.Name
	}
	for _, tt := range []struct{ transport, peer, want string }{
		{"udp", "10.200.0.1", wide.Name},
		{"udp", "10.1.0.9", narrow.Name},
		{"tcp", "::ffff:10.1.0.9", narrow.Name},
		{"udp", "192.0.2.1", ""},
		{"udp", "10.1.2.3", cert.Name},
		{"tls", "10.1.2.3", narrow.Name},
	} {
		if got := byAddress(tt.transport, tt.peer); got != tt.want {
			t.Errorf("%s from %s is %q, want %q", tt.transport, tt.peer, got, tt.want)
		}
	}
	if src, ok := r.ByCertificate(sum); !ok || src.ID != string(cert.ID) {
		t.Errorf("certificate is %+v", src)
	}
	if src, ok := r.ByToken(token); !ok || src.ID != string(web.ID) {
		t.Errorf("token is %+v", src)
	}
	if !r.Allows(string(web.ID), netip.MustParseAddr("192.0.2.7")) || r.Allows(string(web.ID), netip.MustParseAddr("198.51.100.1")) {
		t.Error("the networks of a source with a token are not kept")
	}
	if _, err := w.s.Retire(ctx, web.ID, "gone"); err != nil {
		t.Fatal(err)
	}
	if _, ok := r.ByToken(token); ok {
		t.Error("the token of a retired source is known")
	}
}

func TestStrangersAreBoundedAdoptedIgnored(t *testing.T) {
	w := newStation(t)
	r := w.s.Registry()
	addr := netip.MustParseAddr("198.51.100.9")
	for range 3 {
		r.Stranger("udp", addr, []byte("<13>hello \xff"), 2)
	}
	r.Stranger("udp", netip.MustParseAddr("198.51.100.10"), []byte("noise"), 1)
	w.tick()
	w.boot() // what was counted survives
	list := w.s.Strangers()
	if len(list) != 2 {
		t.Fatalf("%d strangers, want 2", len(list))
	}
	for _, x := range list {
		if x.Peer == addr && (x.Count != 6 || x.Sample != "<13>hello \uFFFD") {
			t.Errorf("stranger %+v", x)
		}
		if x.Peer != addr {
			if err := w.s.Ignore(t.Context(), x.ID); err != nil {
				t.Fatal(err)
			}
			w.s.Registry().Stranger("udp", x.Peer, []byte("noise"), 1)
		}
	}
	src, err := w.s.Adopt(t.Context(), strangerID("udp", addr), Source{Format: "syslog"})
	if err != nil || src.Name != addr.String() {
		t.Fatalf("adopted %+v, %v", src, err)
	}
	if _, ok := w.s.Registry().ByAddress("udp", addr); !ok {
		t.Error("the adopted sender is not known")
	}
	if n := len(w.s.Strangers()); n != 0 {
		t.Errorf("%d strangers are left, want 0", n)
	}
	for i := range maxStrangers + 50 {
		w.s.Registry().Stranger("udp", netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}), []byte("x"), 1)
	}
	if n := len(w.s.Strangers()); n != maxStrangers {
		t.Errorf("%d strangers are kept, want %d", n, maxStrangers)
	}
}

func TestRateLimit(t *testing.T) {
	var b bucket
	if _, ok := b.take(10, 10, start); !ok {
		t.Error("a full second's worth is refused at first")
	}
	if wait, ok := b.take(10, 5, start); ok || wait != 500*time.Millisecond {
		t.Errorf("wait %s, %t; want 500ms, refused", wait, ok)
	}
	if _, ok := b.take(10, 5, start.Add(500*time.Millisecond)); !ok {
		t.Error("refused after the wait")
	}
	if _, ok := b.take(10, 1000, start.Add(time.Minute)); !ok {
		t.Error("a batch larger than a second's worth is never let in")
	}
	if _, ok := b.take(10, 1, start.Add(time.Minute+time.Second)); ok {
		t.Error("the debt of the large batch is forgotten")
	}
}

func TestSettingsNameOpenListenersOnly(t *testing.T) {
	w := newStation(t)
	seen := map[string]bool{}
	for _, kind := range []Kind{HTTP, Syslog, OTLP} {
		for _, set := range Settings(Source{Kind: kind}, w.listeners()) {
			if seen[set.Sender] || set.Title.ZH == "" || set.Title.EN == "" {
				t.Errorf("setting %q stands twice or has no title", set.Sender)
			}
			seen[set.Sender] = true
			if strings.Contains(set.Text, "{host}") || strings.Contains(set.Text, "{http}") || !strings.Contains(set.Text, "log.example.edu") {
				t.Errorf("%s: addresses are missing:\n%s", set.Sender, set.Text)
			}
		}
	}
	for _, want := range []string{"rsyslog", "syslog-ng", "winlogbeat", "nxlog", "filebeat", "h3c", "huawei", "ruijie"} {
		if !seen[want] {
			t.Errorf("no setting for %s", want)
		}
	}
	if seen["rsyslog-tls"] {
		t.Error("a setting for a listener that is not open is shown")
	}
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"10.1.2.3": "10.1.2.3/32", "10.1.2.3/8": "10.0.0.0/8", "::ffff:10.0.0.0/104": "10.0.0.0/8", "fe80::1": "fe80::1/128", " 10.0.0.0/8 ": "10.0.0.0/8",
	} {
		if got, err := Network(in); err != nil || got.String() != want {
			t.Errorf("%s is %s, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "10.0.0.0/33", "host", "10.0.0"} {
		if got, err := Network(in); err == nil {
			t.Errorf("%q is %s, want an error", in, got)
		}
	}
}
