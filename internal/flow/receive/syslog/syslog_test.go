package syslog

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/internal/flow/receive/receivetest"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

var home = netip.MustParseAddr("127.0.0.1")

const patience = 10 * time.Second

// station is a running receiver with what it feeds.
type station struct {
	sink    *receivetest.Sink
	sources *receivetest.Sources
	r       *Receiver
	stop    func() // ends Run and waits for it
}

func newStation(tb testing.TB, o Options, change ...func(*station)) *station {
	tb.Helper()
	s := &station{sink: &receivetest.Sink{}, sources: &receivetest.Sources{
		Addresses: map[netip.Addr]event.Source{home: {ID: "s1", Kind: "syslog"}},
	}}
	o.Now, o.Sink, o.Sources = time.Now, s.sink, s.sources
	if o.UDP+o.TCP+o.TLS == "" {
		o.TCP = "127.0.0.1:0"
	}
	if o.Linger == 0 {
		o.Linger = time.Millisecond
	}
	r, err := New(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	s.r = r
	for _, f := range change {
		f(s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	var once atomic.Bool
	s.stop = func() {
		if once.Swap(true) {
			return
		}
		cancel()
		if err := <-ended; err != nil {
			tb.Errorf("Run: %v", err)
		}
	}
	tb.Cleanup(s.stop)
	return s
}

func (s *station) dial(tb testing.TB) net.Conn {
	tb.Helper()
	c, err := net.Dial("tcp", s.r.AddrTCP().String())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	return c
}

func send(tb testing.TB, c net.Conn, text string) {
	tb.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		tb.Fatal(err)
	}
}

// eventually waits for what another goroutine is about to do.
func eventually(tb testing.TB, what string, f func() bool) {
	tb.Helper()
	for end := time.Now().Add(patience); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatalf("never: %s", what)
		}
	}
}

// closed waits until the station has closed a connection.
func closed(tb testing.TB, c net.Conn) {
	tb.Helper()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	var b [1]byte
	_, err := c.Read(b[:])
	var timeout net.Error
	if err == nil || errors.As(err, &timeout) && timeout.Timeout() {
		tb.Fatalf("the connection is open: %v", err)
	}
}

func TestTCPMessagesAreSealedAsTheyCame(t *testing.T) {
	s := newStation(t, Options{})
	c := s.dial(t)
	send(t, c, "<13>a\n6 <13>b\n<13>\xff\x80\r\n")
	eventually(t, "three events", func() bool { return s.sink.Len() == 3 })
	if diff := cmp.Diff([]string{"<13>a", "<13>b\n", "<13>\xff\x80"}, s.sink.Raws()); diff != "" {
		t.Errorf("sealed (-want +got):\n%s", diff)
	}
	ev := s.sink.Events()[0]
	if ev.Source != "s1" || ev.Transport != "tcp" || ev.Peer != "127.0.0.1" || ev.Received.IsZero() {
		t.Errorf("receipt facts %+v", ev)
	}
	eventually(t, "the count", func() bool { n, size := s.sources.Counts(); return n == 3 && size == 17 })
}

func TestDyingMidMessageCreatesNoEvent(t *testing.T) {
	stream := "<13>first\n10 <13>second<13>third\n"
	for at := range stream {
		t.Run(fmt.Sprintf("after %d bytes", at), func(t *testing.T) {
			s := newStation(t, Options{})
			whole, _, torn := cutAll(1<<16, stream[:at])
			c := s.dial(t)
			send(t, c, stream[:at])
			c.Close()
			want := 0
			if torn {
				want = 1
			}
			eventually(t, "the end of the connection", func() bool {
				return s.sink.Len() == len(whole) && s.sources.Drops(receive.ReasonTruncated) == want
			})
			s.stop()
			if got := s.sink.Raws(); !cmp.Equal(append([]string{}, whole...), got) {
				t.Errorf("sealed %q, want %q", got, whole)
			}
		})
	}
}

func TestTooLongIsCountedAndPassedOver(t *testing.T) {
	s := newStation(t, Options{MaxBytes: 100})
	c := s.dial(t)
	send(t, c, "<13>a\n"+strings.Repeat("x", 50_000)+"\n50000 <"+strings.Repeat("y", 49_999)+"<13>b\n")
	eventually(t, "the message after", func() bool { return s.sink.Len() == 2 })
	if diff := cmp.Diff([]string{"<13>a", "<13>b"}, s.sink.Raws()); diff != "" || s.sources.Drops(receive.ReasonTooLong) != 2 {
		t.Errorf("%d dropped; sealed (-want +got):\n%s", s.sources.Drops(receive.ReasonTooLong), diff)
	}
	send(t, c, "999999999 <13>c\n")
	closed(t, c)
	if s.sources.Drops(receive.ReasonFraming) != 1 {
		t.Error("the framing was not counted")
	}
}

func TestTheLongestMessageFits(t *testing.T) {
	s := newStation(t, Options{})
	c := s.dial(t)
	long := "<13>" + strings.Repeat("x", 64<<10-4)
	send(t, c, long+"\r\n")
	send(t, c, "65536 "+long)
	eventually(t, "two events", func() bool { return s.sink.Len() == 2 })
	if diff := cmp.Diff([]string{long, long}, s.sink.Raws()); diff != "" {
		t.Error("the bytes changed")
	}
}

func TestABusyLedgerStopsReading(t *testing.T) {
	s := newStation(t, Options{MaxBatch: 10})
	release := s.sink.Hold()
	c := s.dial(t)
	_ = c.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	line := []byte("<13>" + strings.Repeat("x", 995) + "\n")
	var sent, n int
	var err error
	for err == nil {
		n, err = c.Write(line)
		sent += n
	}
	if sent > 64<<20 {
		t.Fatalf("%d bytes went into a held station", sent)
	}
	release()
	_ = c.SetWriteDeadline(time.Time{})
	if part := sent % len(line); part > 0 { // finish the line that was cut by our deadline
		send(t, c, string(line[part:]))
		sent += len(line) - part
	}
	eventually(t, "everything sent", func() bool { return s.sink.Len() == sent/len(line) })
	if s.sources.Drops("") != 0 {
		t.Errorf("%d dropped", s.sources.Drops(""))
	}
}

func TestTroubleOfTheLedgerIsWaitedOut(t *testing.T) {
	for name, err := range map[string]error{
		"busy":     problem.New(problem.TooMany, "ingest.busy", "busy").After(20 * time.Millisecond),
		"full":     problem.New(problem.Unavailable, "ingest.full", "full").After(20 * time.Millisecond),
		"no words": fmt.Errorf("seal: %w", problem.New(problem.Unavailable, "ingest.stopped", "stopped")),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStation(t, Options{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"})
			s.sink.Fail(err)
			c := s.dial(t)
			send(t, c, "<13>a\n<13>b\n")
			u, err := net.Dial("udp", s.r.AddrUDP().String())
			if err != nil {
				t.Fatal(err)
			}
			defer u.Close()
			send(t, u, "<13>c")
			time.Sleep(50 * time.Millisecond)
			s.sink.Fail(nil)
			eventually(t, "three events", func() bool { return s.sink.Len() == 3 })
			if s.sources.Drops("") != 0 {
				t.Errorf("%d dropped", s.sources.Drops(""))
			}
		})
	}
}

func TestAboveTheLimitTCPWaitsAndUDPIsCounted(t *testing.T) {
	var asked atomic.Int32
	s := newStation(t, Options{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"}, func(s *station) {
		s.sources.Limit = func(_ string, events, _ int) (time.Duration, bool) {
			return 20 * time.Millisecond, asked.Add(1) > 3
		}
	})
	send(t, s.dial(t), "<13>a\n<13>b\n")
	eventually(t, "both events", func() bool { return s.sink.Len() == 2 })
	asked.Store(0)
	u, err := net.Dial("udp", s.r.AddrUDP().String())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	for range 5 {
		send(t, u, "<13>c")
	}
	eventually(t, "the rest", func() bool { return s.sink.Len() == 4 })
	if s.sources.Drops(receive.ReasonRateLimit) != 3 {
		t.Errorf("%d dropped by the limit, want 3", s.sources.Drops(receive.ReasonRateLimit))
	}
}

func TestStrangersAreCountedUntilTheyAreKnown(t *testing.T) {
	var known atomic.Bool
	s := newStation(t, Options{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"}, func(s *station) {
		s.r.o.Sources = &adopting{Sources: s.sources, known: &known}
	})
	c := s.dial(t)
	send(t, c, "<13>a\n<13>b\n")
	u, err := net.Dial("udp", s.r.AddrUDP().String())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	send(t, u, "<13>c")
	eventually(t, "three strangers", func() bool { n, _ := s.sources.Strangers(); return n == 3 })
	if _, sample := s.sources.Strangers(); !strings.HasPrefix(sample, "<13>") {
		t.Errorf("sample %q", sample)
	}
	known.Store(true)
	send(t, c, "<13>d\n")
	send(t, u, "<13>e")
	eventually(t, "two events", func() bool { return s.sink.Len() == 2 })
	if n, _ := s.sources.Strangers(); n != 3 {
		t.Errorf("%d strangers", n)
	}
}

type adopting struct {
	*receivetest.Sources

	known *atomic.Bool
}

func (a *adopting) ByAddress(transport string, peer netip.Addr) (event.Source, bool) {
	if !a.known.Load() {
		return event.Source{}, false
	}
	return a.Sources.ByAddress(transport, peer)
}

type panicking struct {
	*receivetest.Sources

	next  atomic.Bool // the next question panics
	asked atomic.Int32
}

func (p *panicking) ByAddress(transport string, peer netip.Addr) (event.Source, bool) {
	p.asked.Add(1)
	if p.next.CompareAndSwap(true, false) {
		panic("boom")
	}
	return p.Sources.ByAddress(transport, peer)
}

func TestAPanicEndsOneConnectionOnly(t *testing.T) {
	var p panicking
	s := newStation(t, Options{Linger: time.Hour}, func(s *station) {
		p.Sources, s.r.o.Sources = s.sources, &p
	})
	bad, good := s.dial(t), s.dial(t)
	send(t, good, "<13>a\n")
	eventually(t, "the good one is read", func() bool { return p.asked.Load() == 1 })
	send(t, bad, "<13>b\n")
	eventually(t, "the bad one is read", func() bool { return p.asked.Load() == 2 })
	p.next.Store(true)
	send(t, bad, "<13>c\n")
	closed(t, bad)
	if s.sources.Drops(receive.ReasonNotSealed) != 1 {
		t.Errorf("%d counted as not sealed, want the one that was read before", s.sources.Drops(receive.ReasonNotSealed))
	}
	good.Close()
	eventually(t, "the good one's event", func() bool { return s.sink.Len() == 1 })
}

func TestConnectionsAreLimited(t *testing.T) {
	s := newStation(t, Options{MaxPerPeer: 2})
	first, second := s.dial(t), s.dial(t)
	send(t, first, "<13>a\n")
	send(t, second, "<13>b\n")
	eventually(t, "two events", func() bool { return s.sink.Len() == 2 })
	closed(t, s.dial(t))
	first.Close()
	eventually(t, "a free place", func() bool {
		s.r.conns.mu.Lock()
		defer s.r.conns.mu.Unlock()
		return s.r.conns.all == 1
	})
	send(t, s.dial(t), "<13>c\n")
	eventually(t, "three events", func() bool { return s.sink.Len() == 3 })
}

func TestStalledAndIdleConnectionsAreClosed(t *testing.T) {
	s := newStation(t, Options{FrameTimeout: 30 * time.Millisecond})
	c := s.dial(t)
	send(t, c, "<13>a\n<13>b")
	closed(t, c)
	if s.sink.Len() != 1 || s.sources.Drops(receive.ReasonTruncated) != 1 {
		t.Errorf("%q sealed, %d truncated", s.sink.Raws(), s.sources.Drops(receive.ReasonTruncated))
	}
	idle := newStation(t, Options{IdleTimeout: 30 * time.Millisecond}).dial(t)
	closed(t, idle)
}

func TestWhatWasReadIsSealedAtTheEnd(t *testing.T) {
	s := newStation(t, Options{Linger: time.Hour, UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"}, func(s *station) { s.r.o.Linger = 500 * time.Millisecond })
	c := s.dial(t)
	send(t, c, "<13>a\n<13>b\n<13>c")
	u, err := net.Dial("udp", s.r.AddrUDP().String())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	send(t, u, "<13>d")
	eventually(t, "the datagram", func() bool { return s.r.pile.len() == 1 || s.sink.Len() > 0 })
	time.Sleep(100 * time.Millisecond) // the connection's bytes are read
	s.stop()
	if s.sink.Len() != 3 || s.sources.Drops(receive.ReasonTruncated) != 1 || s.sources.Drops("") != 1 {
		t.Errorf("%q sealed, %d dropped", s.sink.Raws(), s.sources.Drops(""))
	}
}

func TestWhatCannotBeSealedAtTheEndIsCounted(t *testing.T) {
	s := newStation(t, Options{Grace: 50 * time.Millisecond, UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"})
	release := s.sink.Hold()
	defer release()
	send(t, s.dial(t), "<13>a\n<13>b\n")
	u, err := net.Dial("udp", s.r.AddrUDP().String())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	send(t, u, "<13>c")
	time.Sleep(100 * time.Millisecond)
	s.stop()
	if s.sink.Len() != 0 || s.sources.Drops(receive.ReasonNotSealed) != 3 {
		t.Errorf("%q sealed, %d not sealed", s.sink.Raws(), s.sources.Drops(receive.ReasonNotSealed))
	}
}

func TestRunLeavesNoGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	s := newStation(t, Options{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"})
	for range 5 {
		send(t, s.dial(t), "<13>a\n")
	}
	eventually(t, "five events", func() bool { return s.sink.Len() == 5 })
	s.stop()
	eventually(t, "no goroutine more than before", func() bool { return runtime.NumGoroutine() <= before })
	if _, err := net.Dial("tcp", s.r.AddrTCP().String()); err == nil {
		t.Error("the listener is open")
	}
}

func TestTLSKnowsTheSenderByItsCertificate(t *testing.T) {
	server, client, other := selfSigned(t, "station"), selfSigned(t, "client"), selfSigned(t, "other")
	s := newStation(t, Options{TLS: "127.0.0.1:0", Key: &tls.Config{Certificates: []tls.Certificate{server}}, Handshake: time.Second}, func(s *station) {
		s.sources.Addresses = nil
		s.sources.Certificates = map[[32]byte]event.Source{sha256.Sum256(client.Certificate[0]): {ID: "by-certificate"}}
	})
	dial := func(certs ...tls.Certificate) net.Conn {
		c, err := tls.Dial("tcp", s.r.AddrTLS().String(), &tls.Config{InsecureSkipVerify: true, Certificates: certs})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	send(t, dial(client), "5 <13>a5 <13>b")
	eventually(t, "two events", func() bool { return s.sink.Len() == 2 })
	if ev := s.sink.Events()[1]; ev.Source != "by-certificate" || ev.Transport != "tls" || string(ev.Raw) != "<13>b" {
		t.Errorf("event %+v", ev)
	}
	send(t, dial(other), "5 <13>c")
	send(t, dial(), "5 <13>d")
	eventually(t, "two strangers", func() bool { n, _ := s.sources.Strangers(); return n == 2 })

	plain, err := net.Dial("tcp", s.r.AddrTLS().String())
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	closed(t, plain) // no handshake comes
	if s.sink.Len() != 2 {
		t.Errorf("%d events", s.sink.Len())
	}
}

func TestTLSFallsBackToTheAddress(t *testing.T) {
	s := newStation(t, Options{TLS: "127.0.0.1:0", Key: &tls.Config{Certificates: []tls.Certificate{selfSigned(t, "station")}}})
	c, err := tls.Dial("tcp", s.r.AddrTLS().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 3 { // with pauses, so that reads time out between records
		send(t, c, fmt.Sprintf("<13>%d\n", i))
		eventually(t, "the event", func() bool { return s.sink.Len() == i+1 })
	}
	if ev := s.sink.Events()[2]; ev.Source != "s1" {
		t.Errorf("event %+v", ev)
	}
}

func selfSigned(tb testing.TB, name string) tls.Certificate {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestOptionsThatCannotWork(t *testing.T) {
	ok := Options{Sink: &receivetest.Sink{}, Sources: &receivetest.Sources{}, Now: time.Now}
	for name, change := range map[string]func(*Options){
		"no listener":    func(*Options) {},
		"no sink":        func(o *Options) { o.Sink, o.UDP = nil, "127.0.0.1:0" },
		"no key":         func(o *Options) { o.TLS = "127.0.0.1:0" },
		"no such host":   func(o *Options) { o.TCP = "256.0.0.1:0" },
		"no such port":   func(o *Options) { o.UDP = "127.0.0.1:99999" },
		"same, no port":  func(o *Options) { o.UDP, o.TCP = "127.0.0.1", "127.0.0.1" },
		"same, bad port": func(o *Options) { o.UDP, o.TCP = "127.0.0.1:x", "127.0.0.1:x" },
	} {
		t.Run(name, func(t *testing.T) {
			o := ok
			change(&o)
			if _, err := New(t.Context(), o); err == nil {
				t.Error("no error")
			}
		})
	}
}
