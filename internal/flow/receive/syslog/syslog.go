// Package syslog receives syslog over UDP (RFC 5426), TCP (RFC 6587) and TLS
// (RFC 5425).
//
// It cuts the stream into messages and does not look inside them; package
// normalise reads headers. A message's raw bytes are a whole datagram, the bytes
// an octet count covers, or a line without its end.
//
// A sender is known by its address. Over TLS it is known by the SHA-256 of its
// client certificate first: a certificate is asked for, not required, and neither
// its issuer, its names nor its dates are looked at. The handshake proves that
// the sender holds its key, and the fingerprint is the identity. A sender that no
// source is known for is counted as a stranger and its messages are not kept; it
// becomes known without a new connection when a source for it appears.
//
// Over TCP and TLS nothing that was read is lost: while the ledger is busy, or
// the source above its limit, the receiver stops reading and waits. Over UDP what
// does not fit is counted, so that sent = received + dropped:
//
//   - kernel: lost before the station read it, from the socket's own counter. It
//     is known on Linux only. The kernel does not say whose datagrams they were;
//     they are put down to the source that sent most since the last look.
//   - queue_full: the queue before the ledger was full.
//   - rate_limit: the source is above its limit.
package syslog

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fengsui/fengsui/internal/flow/receive"
)

// Options configure a receiver. A zero field means its default.
type Options struct {
	Sink    receive.Sink     // required
	Sources receive.Sources  // required
	Now     func() time.Time // clock; required; sockets' deadlines are set by it

	UDP string      // host:port; "": not opened
	TCP string      // host:port; "": not opened; the same text as UDP gets the same port, also for port 0
	TLS string      // host:port; "": not opened
	Key *tls.Config // certificate and versions of the TLS listener; required with TLS

	MaxBytes int           // longest message, in bytes; default 64 KiB, at most 1 MiB
	MaxBatch int           // messages of one batch; default 2,000
	Linger   time.Duration // how long a batch waits for company; default 50 ms
	Grace    time.Duration // how long what was read may take to become durable once Run is to end; default 5 s

	MaxConns     int           // connections, TCP and TLS together; default 1,000
	MaxPerPeer   int           // of these, from one address; default 100
	IdleTimeout  time.Duration // a connection that brings nothing is closed; default 24 h: senders lose a line on a closed connection
	FrameTimeout time.Duration // a message that does not go on arriving ends its connection; default 1 min
	Handshake    time.Duration // for the TLS handshake; default 10 s

	UDPReaders int // goroutines that read the UDP socket; default 1
	UDPBuffer  int // the kernel's buffer asked for, in bytes; default 32 MiB
	QueueLen   int // datagrams that may wait for the ledger; default 65,536
	QueueBytes int // bytes that may wait for the ledger; default 64 MiB

	Log *slog.Logger // default: nothing is logged
}

func (o Options) check() (Options, error) {
	o.MaxBytes = min(cmp.Or(o.MaxBytes, 64<<10), 1<<20)
	o.MaxBatch = cmp.Or(o.MaxBatch, 2000)
	o.Linger = cmp.Or(o.Linger, 50*time.Millisecond)
	o.Grace = cmp.Or(o.Grace, 5*time.Second)
	o.MaxConns = cmp.Or(o.MaxConns, 1000)
	o.MaxPerPeer = cmp.Or(o.MaxPerPeer, 100)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, 24*time.Hour)
	o.FrameTimeout = cmp.Or(o.FrameTimeout, time.Minute)
	o.Handshake = cmp.Or(o.Handshake, 10*time.Second)
	o.UDPReaders = cmp.Or(o.UDPReaders, 1)
	o.UDPBuffer = cmp.Or(o.UDPBuffer, 32<<20)
	o.QueueLen = cmp.Or(o.QueueLen, 1<<16)
	o.QueueBytes = cmp.Or(o.QueueBytes, 64<<20)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	switch {
	case o.Sink == nil || o.Sources == nil || o.Now == nil:
		return o, errors.New("syslog receiver: sink, sources or clock is missing")
	case o.UDP == "" && o.TCP == "" && o.TLS == "":
		return o, errors.New("syslog receiver: listen address is missing")
	case o.TLS != "" && o.Key == nil:
		return o, errors.New("syslog receiver: the TLS listener has no certificate")
	}
	return o, nil
}

// Receiver listens from New on and serves while Run runs.
type Receiver struct {
	o     Options
	udp   *net.UDPConn // nil: not opened
	tcp   net.Listener // nil: not opened
	tls   net.Listener // nil: not opened; plain TCP, the handshake is made per connection
	key   *tls.Config
	conns conns
	pile  *pile
}

// New opens the listeners; ctx bounds only that. The caller runs [Receiver.Run]
// or [Receiver.Close].
func New(ctx context.Context, o Options) (*Receiver, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	r := &Receiver{o: o, conns: newConns(o.MaxConns, o.MaxPerPeer), pile: newPile(o.QueueLen, o.QueueBytes)}
	if err := r.listen(ctx); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Receiver) listen(ctx context.Context) error {
	if err := r.listenPlain(ctx); err != nil {
		return err
	}
	if r.o.TLS == "" {
		return nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", r.o.TLS)
	if err != nil {
		return fmt.Errorf("syslog receiver: listen on tls %s: %w", r.o.TLS, err)
	}
	r.tls = l
	r.key = r.o.Key.Clone()
	r.key.ClientAuth = tls.RequestClientCert
	r.key.MinVersion = max(r.key.MinVersion, tls.VersionTLS12)
	return nil
}

// samePort is how often a free TCP port is looked for that is free for UDP too.
const samePort = 20

func (r *Receiver) listenPlain(ctx context.Context) error {
	if r.o.TCP == "" || r.o.UDP != r.o.TCP {
		if err := r.listenTCP(ctx, r.o.TCP); err != nil {
			return err
		}
		return r.listenUDP(ctx, r.o.UDP)
	}
	host, port, err := net.SplitHostPort(r.o.TCP)
	if err != nil {
		return fmt.Errorf("syslog receiver: listen address: %w", err)
	}
	tries := 1
	if port == "0" {
		tries = samePort
	}
	for ; tries > 0; tries-- {
		if err = r.listenTCP(ctx, r.o.TCP); err != nil {
			return err
		}
		if a, ok := r.tcp.Addr().(*net.TCPAddr); ok {
			port = strconv.Itoa(a.Port)
		}
		if err = r.listenUDP(ctx, net.JoinHostPort(host, port)); err == nil {
			return nil
		}
		_ = r.tcp.Close() // its port is of no use
		r.tcp = nil
	}
	return err
}

func (r *Receiver) listenTCP(ctx context.Context, address string) error {
	if address == "" {
		return nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("syslog receiver: listen on tcp %s: %w", address, err)
	}
	r.tcp = l
	return nil
}

func (r *Receiver) listenUDP(ctx context.Context, address string) error {
	if address == "" {
		return nil
	}
	c, err := new(net.ListenConfig).ListenPacket(ctx, "udp", address)
	if err != nil {
		return fmt.Errorf("syslog receiver: listen on udp %s: %w", address, err)
	}
	conn, ok := c.(*net.UDPConn)
	if !ok {
		panic("BUG: a UDP listener that is none")
	}
	r.udp = conn
	return nil
}

// AddrUDP returns the address of the UDP socket, nil when there is none.
func (r *Receiver) AddrUDP() net.Addr {
	if r.udp == nil {
		return nil
	}
	return r.udp.LocalAddr()
}

// AddrTCP returns the address of the TCP listener, nil when there is none.
func (r *Receiver) AddrTCP() net.Addr { return addr(r.tcp) }

// AddrTLS returns the address of the TLS listener, nil when there is none.
func (r *Receiver) AddrTLS() net.Addr { return addr(r.tls) }

func addr(l net.Listener) net.Addr {
	if l == nil {
		return nil
	}
	return l.Addr()
}

// Close closes the listeners of a receiver whose Run was never called.
func (r *Receiver) Close() {
	if r.udp != nil {
		_ = r.udp.Close() // nothing was read from it
	}
	for _, l := range []net.Listener{r.tcp, r.tls} {
		if l != nil {
			_ = l.Close() // nobody was served by it
		}
	}
}

// Run receives until ctx ends or a listener fails. When it returns, its
// goroutines are gone, its sockets closed, and every message it read has been
// accepted by the sink or counted as dropped. The end of ctx is no error.
func (r *Receiver) Run(ctx context.Context) error {
	// Sealing goes on for the grace after ctx has ended.
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(r.o.Grace, cancel) })
	defer stop()

	w := &work{Receiver: r, late: late}
	if r.udp != nil {
		g.Go(func() error { return w.packets(ctx) })
	}
	if r.tcp != nil {
		g.Go(func() error { return w.accept(ctx, r.tcp, receive.TCP) })
	}
	if r.tls != nil {
		g.Go(func() error { return w.accept(ctx, r.tls, receive.TLS) })
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("syslog receiver: %w", err)
	}
	return nil
}
