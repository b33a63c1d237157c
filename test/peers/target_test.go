//go:build peers

package peers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive/bulk"
	"github.com/fengsui/fengsui/internal/flow/receive/otlp"
	"github.com/fengsui/fengsui/internal/flow/receive/receivetest"
	"github.com/fengsui/fengsui/internal/flow/receive/syslog"
	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/test/stationtest"
)

// target is what the senders deliver to.
type target struct {
	http       string // base URL
	syslog     string // host:port of UDP and TCP
	tls        string // host:port
	bulkToken  string
	otlpToken  string
	files      tlsFiles
	each       func(tb testing.TB, from int, f func(source, transport string, raw []byte)) int // calls f for the events from a position on; returns the next one
	drops      func(tb testing.TB) int                                                         // syslog messages counted as dropped so far, apart from those of TLS
	limit      func(tb testing.TB, perSecond int)                                              // of the syslog source without a certificate; 0: none
	overTLS    string                                                                          // id of the source with the certificate
	afterwards func(tb testing.TB)                                                             // looks once more when all have delivered
}

// newTarget starts the station, or the receivers alone.
func newTarget(t *testing.T) *target {
	files := newTLSFiles(t)
	if os.Getenv("FENGSUI_PEERS") == "harness" {
		return harness(t, files)
	}
	return station(t, files)
}

func station(t *testing.T, files tlsFiles) *target {
	if built, err := filepath.Abs("../../bin/fengsui"); err == nil && os.Getenv("FENGSUI_BINARY") == "" {
		if _, err := os.Stat(built); err == nil {
			t.Setenv("FENGSUI_BINARY", built)
		}
	}
	data := filepath.Join(t.TempDir(), "data")
	s := stationtest.Start(t, data, "--listen-syslog-tls", "127.0.0.1:0",
		"--set", "syslog.tls_cert="+files.serverCert, "--set", "syslog.tls_key="+files.serverKey)
	s.Administer()
	id, _ := s.AddSource("loopback", "syslog", "--allow", "127.0.0.1/32")
	tlsID, _ := s.AddSource("certificate", "syslog", "--certificate", hex.EncodeToString(files.print[:]))
	_, bulkToken := s.AddSource("documents", "http")
	_, otlpToken := s.AddSource("telemetry", "otlp")
	return &target{
		http: s.URL, syslog: s.Syslog, tls: s.Ready["syslog_tls"], bulkToken: bulkToken, otlpToken: otlpToken, files: files, overTLS: tlsID,
		each: func(tb testing.TB, from int, f func(source, transport string, raw []byte)) int {
			tb.Helper()
			r, err := ledger.OpenReader(filepath.Join(data, "ledger"), ledger.ReaderOptions{})
			if err != nil {
				tb.Fatal(err)
			}
			next := r.Size()
			err = r.Read(tb.Context(), uint64(from), next, func(e ledger.Entry) error {
				f(e.Source, e.Transport, e.Raw)
				return nil
			})
			if err != nil {
				tb.Fatal(err)
			}
			return int(next)
		},
		drops: func(tb testing.TB) int {
			tb.Helper()
			var src struct{ Dropped int }
			s.Get("/api/v1/sources/"+url.PathEscape(id), &src)
			return src.Dropped
		},
		limit: func(tb testing.TB, perSecond int) {
			tb.Helper()
			s.Do(http.MethodPatch, "/api/v1/sources/"+url.PathEscape(id), map[string]int{"rate_limit": perSecond}, nil)
		},
		afterwards: func(tb testing.TB) {
			tb.Helper()
			s.Stop()
			if out, errs, code := stationtest.Run(tb, "", "ledger", "verify", filepath.Join(data, "ledger")); code != 0 {
				tb.Errorf("ledger verify ended with %d: %s %s", code, out, errs)
			}
		},
	}
}

func harness(t *testing.T, files tlsFiles) *target {
	const tlsID = "certificate"
	sink := &receivetest.Sink{}
	sources := &receivetest.Sources{
		Tokens:       map[string]event.Source{"fs_bulk": {ID: "documents"}, "fs_otlp": {ID: "telemetry"}},
		Addresses:    map[netip.Addr]event.Source{netip.MustParseAddr("127.0.0.1"): {ID: "loopback"}},
		Certificates: map[[32]byte]event.Source{files.print: {ID: tlsID}},
	}
	var gate limiter
	sources.Limit = gate.admit
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	pair, err := tls.LoadX509KeyPair(files.serverCert, files.serverKey)
	if err != nil {
		t.Fatal(err)
	}
	r, err := syslog.New(t.Context(), syslog.Options{
		Sink: sink, Sources: sources, Now: time.Now, Log: log,
		UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", TLS: "127.0.0.1:0", Key: &tls.Config{Certificates: []tls.Certificate{pair}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	documents, err := bulk.New(bulk.Options{Sink: sink, Sources: sources, Now: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	telemetry, err := otlp.New(otlp.Options{Sink: sink, Sources: sources, Now: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /v1/logs", telemetry)
	for _, r := range documents.Routes() {
		mux.Handle(r.Method+" "+r.Path, r.Handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &target{
		http: server.URL, syslog: r.AddrTCP().String(), tls: r.AddrTLS().String(), bulkToken: "fs_bulk", otlpToken: "fs_otlp", files: files, overTLS: tlsID,
		each: func(_ testing.TB, from int, f func(source, transport string, raw []byte)) int {
			events := sink.Events()
			for _, ev := range events[from:] {
				f(ev.Source, ev.Transport, ev.Raw)
			}
			return len(events)
		},
		drops:      func(testing.TB) int { return sources.Drops("") },
		limit:      func(_ testing.TB, perSecond int) { gate.perSecond.Store(int64(perSecond)) },
		afterwards: func(testing.TB) {},
	}
}

// limiter lets a number of events pass in each second of the clock.
type limiter struct {
	perSecond atomic.Int64 // 0: any
	mu        sync.Mutex
	second    int64
	passed    int64
}

func (l *limiter) admit(_ string, events, _ int) (time.Duration, bool) {
	limit, now := l.perSecond.Load(), time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Unix() != l.second {
		l.second, l.passed = now.Unix(), 0
	}
	if limit > 0 && l.passed+int64(events) > limit {
		return now.Truncate(time.Second).Add(time.Second).Sub(now), false
	}
	l.passed += int64(events)
	return 0, true
}

// tlsFiles are an authority, the station's certificate and a sender's.
type tlsFiles struct {
	ca, serverCert, serverKey, clientCert, clientKey string

	print [32]byte // SHA-256 of the sender's certificate
}

func newTLSFiles(t *testing.T) tlsFiles {
	t.Helper()
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	template := func(serial int64, authority bool) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
			DNSNames: []string{"station.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: authority, BasicConstraintsValid: true,
			KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		}
	}
	authorityKey, authority := newKey(), template(1, true)
	issue := func(c *x509.Certificate, key *ecdsa.PrivateKey) []byte {
		der, err := x509.CreateCertificate(rand.Reader, c, authority, &key.PublicKey, authorityKey)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	secret := func(key *ecdsa.PrivateKey) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	serverKey, clientKey := newKey(), newKey()
	client := issue(template(3, false), clientKey)
	return tlsFiles{
		ca:         write("ca.pem", "CERTIFICATE", issue(authority, authorityKey)),
		serverCert: write("server.pem", "CERTIFICATE", issue(template(2, false), serverKey)),
		serverKey:  write("server.key", "PRIVATE KEY", secret(serverKey)),
		clientCert: write("client.pem", "CERTIFICATE", client),
		clientKey:  write("client.key", "PRIVATE KEY", secret(clientKey)),
		print:      sha256.Sum256(client),
	}
}
