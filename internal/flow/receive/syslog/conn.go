package syslog

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"github.com/fengsui/fengsui/internal/flow/receive"
)

// conns counts open connections.
type conns struct {
	mu      sync.Mutex
	all     int
	byPeer  map[netip.Addr]int
	max     int
	perPeer int
}

func newConns(limit, perPeer int) conns {
	return conns{byPeer: map[netip.Addr]int{}, max: limit, perPeer: perPeer}
}

func (c *conns) take(peer netip.Addr) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= c.max || c.byPeer[peer] >= c.perPeer {
		return false
	}
	c.all++
	c.byPeer[peer]++
	return true
}

func (c *conns) give(peer netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.byPeer[peer]--; c.byPeer[peer] <= 0 {
		delete(c.byPeer, peer)
	}
}

// acceptPause is how long accepting rests after an error such as too many files.
const acceptPause = 50 * time.Millisecond

// accept serves the connections of a listener until ctx ends.
func (w *work) accept(ctx context.Context, l net.Listener, transport string) error {
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = c.Close() // came too late; nothing was read
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept on %s: %w", transport, err)
		case err != nil:
			w.o.Log.WarnContext(ctx, "syslog connection not accepted", slog.String("transport", transport), slog.Any("error", err))
			w.sleep(ctx, acceptPause)
			continue
		}
		peer := peerOf(c.RemoteAddr())
		if !w.conns.take(peer) {
			w.o.Log.WarnContext(ctx, "syslog connection refused", slog.String("reason", "too_many"),
				slog.String("transport", transport), slog.String("peer", peer.String()))
			_ = c.Close() // nothing was read
			continue
		}
		serving.Go(func() {
			defer w.conns.give(peer)
			w.connection(ctx, c, transport, peer)
		})
	}
}

func peerOf(a net.Addr) netip.Addr {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// connection serves one connection to its end. A panic ends only it.
func (w *work) connection(ctx context.Context, c net.Conn, transport string, peer netip.Addr) {
	defer func() { _ = c.Close() }() // the sender sees the end; there is nothing to flush
	s := &stream{work: w, conn: c, transport: transport, peer: peer, framer: framer{max: w.o.MaxBytes}}
	s.ev.Transport, s.ev.Peer = transport, peer.String()
	defer func() {
		if p := recover(); p != nil {
			w.o.Log.ErrorContext(ctx, "syslog connection ended by a panic", slog.String("peer", s.ev.Peer),
				slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			s.lost()
		}
	}()
	if transport == receive.TLS {
		t, err := w.handshake(ctx, c)
		if err != nil {
			w.o.Log.WarnContext(ctx, "syslog tls handshake failed", slog.String("peer", s.ev.Peer), slog.Any("error", err))
			return
		}
		s.conn = t
		if certs := t.ConnectionState().PeerCertificates; len(certs) > 0 {
			s.print, s.hasPrint = sha256.Sum256(certs[0].Raw), true
		}
	}
	s.serve(ctx)
}

func (w *work) handshake(ctx context.Context, c net.Conn) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, w.o.Handshake)
	defer cancel()
	t := tls.Server(c, w.key)
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("handshake: %w", err)
	}
	return t, nil
}
