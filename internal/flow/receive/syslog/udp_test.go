package syslog

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/ledger"
)

func TestUDPAndTCPShareAPort(t *testing.T) {
	s := newStation(t, Options{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"})
	_, tcp, _ := net.SplitHostPort(s.r.AddrTCP().String())
	_, udp, _ := net.SplitHostPort(s.r.AddrUDP().String())
	if tcp != udp {
		t.Errorf("TCP on %s, UDP on %s", tcp, udp)
	}
}

func TestUDPIsReceivedOrCounted(t *testing.T) {
	for name, o := range map[string]Options{
		"small kernel buffer": {UDPBuffer: 4096},
		"small queue":         {QueueLen: 100},
		"few bytes":           {QueueBytes: 20_000},
		"room for all":        {},
	} {
		t.Run(name, func(t *testing.T) {
			o.UDP = "127.0.0.1:0"
			s := newStation(t, o)
			release := s.sink.Hold()
			u, err := net.Dial("udp", s.r.AddrUDP().String())
			if err != nil {
				t.Fatal(err)
			}
			defer u.Close()
			const sent = 5000
			for i := range sent {
				send(t, u, fmt.Sprintf("<13>datagram %d %s", i, strings.Repeat("x", 300)))
				if name == "room for all" && i%100 == 99 {
					time.Sleep(time.Millisecond)
				}
			}
			release()
			if runtime.GOOS != "linux" {
				t.Skip("the kernel's drops are known on Linux only")
			}
			eventually(t, "received + dropped = sent", func() bool { return s.sink.Len()+s.sources.Drops("") == sent })
			if name == "small queue" && s.sources.Drops(receive.ReasonQueueFull) == 0 {
				t.Error("a queue of 100 took everything")
			}
			t.Logf("%d received, %d kernel, %d queue", s.sink.Len(), s.sources.Drops(receive.ReasonKernel), s.sources.Drops(receive.ReasonQueueFull))
		})
	}
}

func TestADatagramIsOneMessage(t *testing.T) {
	s := newStation(t, Options{UDP: "127.0.0.1:0", MaxBytes: 40})
	u, err := net.Dial("udp", s.r.AddrUDP().String())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	for _, m := range []string{"<13>a\nb\n", "5 <13>a", strings.Repeat("x", 41), "", "\x00\xff"} {
		send(t, u, m)
	}
	eventually(t, "three events", func() bool { return s.sink.Len() == 3 })
	if diff := cmp.Diff([]string{"<13>a\nb\n", "5 <13>a", "\x00\xff"}, s.sink.Raws()); diff != "" || s.sources.Drops(receive.ReasonTooLong) != 1 {
		t.Errorf("%d too long; sealed (-want +got):\n%s", s.sources.Drops(receive.ReasonTooLong), diff)
	}
	if ev := s.sink.Events()[0]; ev.Transport != "udp" || ev.Peer != "127.0.0.1" || ev.Source != "s1" {
		t.Errorf("receipt facts %+v", ev)
	}
}

// discard is a sink that keeps nothing.
type discard struct{ n atomic.Int64 }

func (d *discard) Seal(_ context.Context, events []event.Event, _ string) (ledger.Receipt, error) {
	d.n.Add(int64(len(events)))
	return ledger.Receipt{Count: len(events)}, nil
}

func BenchmarkReceive(b *testing.B) {
	msg := "<34>1 2026-03-01T12:00:00Z host app 77 - - " + strings.Repeat("x", 250)
	const count = 1000
	for _, transport := range []string{"tcp", "udp"} {
		b.Run(transport, func(b *testing.B) {
			sink := &discard{}
			s := newStation(b, Options{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"}, func(s *station) { s.r.o.Sink = sink })
			address := s.r.AddrTCP()
			if transport == "udp" {
				address = s.r.AddrUDP()
			}
			c, err := net.Dial(transport, address.String())
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			text := []byte(strings.Repeat("293 "+msg, count))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			sent := int64(0)
			for b.Loop() {
				if transport == "tcp" {
					_, err = c.Write(text)
				} else {
					for range count {
						_, err = c.Write([]byte(msg))
					}
				}
				if err != nil {
					b.Fatal(err)
				}
				sent += count
				eventually(b, "the batch", func() bool { return sink.n.Load()+int64(s.sources.Drops("")) >= sent })
			}
			b.ReportMetric(float64(sink.n.Load())/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(s.sources.Drops("")), "dropped")
		})
	}
}
