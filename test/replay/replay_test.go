// Package replay_test sends files of real logs through the road that a live log
// line travels (NDJSON receiver, seal, ledger, detection) and compares what is
// found with what `fengsui hunt` finds in the same files.
package replay_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/detect"
	"github.com/fengsui/fengsui/internal/flow/receive/ndjson"
	"github.com/fengsui/fengsui/internal/flow/receive/receivetest"
	"github.com/fengsui/fengsui/internal/flow/seal"
	"github.com/fengsui/fengsui/internal/hunt"
	"github.com/fengsui/fengsui/internal/match"
	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/internal/ruleset"
	"github.com/fengsui/fengsui/internal/testshared"
	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/rules"
	"github.com/fengsui/fengsui/sigma"
)

// selection names the folders of SigmaHQ's tree that are replayed: what the
// files of real logs below can match.
var selection = []string{
	"rules/windows/builtin/", "rules/windows/process_creation/", "rules/windows/registry/", "rules/windows/file/", "rules/windows/image_load/",
	"rules/windows/powershell/", "rules/windows/network_connection/", "rules/linux/builtin/", "rules/linux/auditd/", "rules/web/", "rules/network/",
	"rules/cloud/aws/",
}

// found is a rule and the record of a file that it matched.
type found struct {
	Rule   string
	Record uint64
}

func TestReplayFindsWhatHuntFinds(t *testing.T) {
	set := selected(t)
	mapping, err := sigma.ParseMapping(rules.Mapping()...)
	if err != nil {
		t.Fatal(err)
	}
	engine := match.New(set, mapping)
	if len(engine.Refused()) > 0 || engine.Len() < 1500 {
		t.Fatalf("%d rules, %d refused", engine.Len(), len(engine.Refused()))
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	reader := normalise.New(normalise.Options{Zone: zone})
	total := 0
	for _, name := range files(t) {
		t.Run(path.Base(name), func(t *testing.T) {
			lines := linesOf(t, name)
			if testing.Short() {
				lines = lines[:min(len(lines), 200)]
			}
			want := map[found]bool{}
			sum, err := hunt.File(t.Context(), name, bytes.NewReader(bytes.Join(lines, []byte("\n"))),
				hunt.Options{Reader: reader, Engine: engine, Modified: received}, func(m hunt.Match) error {
					want[found{m.Finding.RuleID, uint64(m.Record)}] = true
					return nil
				})
			if err != nil || sum.Records != len(lines) {
				t.Fatalf("hunt: %d of %d records, %v", sum.Records, len(lines), err)
			}
			got := replay(t, lines, reader, engine)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("matches (-hunt +replay):\n%s", diff)
			}
			t.Logf("%s: %d records, %d matches", path.Base(name), len(lines), len(want))
			total += len(want)
		})
	}
	if total < 100 && !testing.Short() {
		t.Errorf("only %d matches in all: the comparison says nothing", total)
	}
	t.Logf("%d rules, %d matches", engine.Len(), total)
}

var received = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// files are lines of real logs, one record a line.
func files(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"windows/*", "suricata/*", "web/*", "auth/*", "crowdsec/auditd*", "crowdsec/bind9*", "crowdsec/nginx*", "crowdsec/ssh*", "crowdsec/windows*"} {
		list, err := filepath.Glob(filepath.Join(testshared.Dir(t, "logs"), pattern))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, list...)
	}
	for _, name := range []string{"events-windows-otrf-dev.jsonl.gz", "events-windows-evtx2mitre-dev.jsonl.gz", "events-aws-cloudtrail-dev.jsonl.gz"} {
		out = append(out, filepath.Join(testshared.Dir(t, "sigma"), name))
	}
	if len(out) < 20 {
		t.Fatalf("only %d files were found", len(out))
	}
	return out
}

func linesOf(t *testing.T, name string) [][]byte {
	t.Helper()
	if strings.HasSuffix(name, ".jsonl.gz") {
		return labelled(t, name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	s := bufio.NewScanner(bytes.NewReader(data))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		if line := bytes.TrimSpace(s.Bytes()); len(line) > 0 {
			out = append(out, bytes.Clone(line))
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// labelled returns the bare events of a file of labelled ones, at most 4,000.
func labelled(t *testing.T, name string) [][]byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	dec := json.NewDecoder(z)
	for len(out) < 4000 {
		var line struct{ Event json.RawMessage }
		err := dec.Decode(&line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, line.Event)
	}
	return out
}

// findings keeps what detection raises.
type findings struct {
	mu     sync.Mutex
	cursor uint64
	all    map[found]bool
	enough uint64
	done   func()
}

func (f *findings) Cursor(context.Context) (uint64, error) { return 0, nil }

func (f *findings) Raise(_ context.Context, list []event.Finding, cursor uint64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range list {
		f.all[found{x.RuleID, x.Seq}] = true
	}
	if f.cursor = cursor; cursor >= f.enough {
		f.done()
	}
	return nil
}

type only struct{ engine *match.Engine }

func (o only) Engine() detect.Engine { return o.engine }

type nothingKnown struct{}

func (nothingKnown) Source(id string) event.Source { return event.Source{ID: id} }

func replay(t *testing.T, lines [][]byte, reader *normalise.Reader, engine *match.Engine) map[found]bool {
	t.Helper()
	now := func() time.Time { return received }
	dir := t.TempDir()
	log, err := ledger.Open(filepath.Join(dir, "ledger"), ledger.Options{Now: now, Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	stage, err := seal.New(log, seal.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	src := event.Source{ID: "s1", Kind: "http"}
	h, err := ndjson.New(ndjson.Options{
		Sink: stage, Now: time.Now, Sources: &receivetest.Sources{Tokens: map[string]event.Source{"t": src}, Addresses: map[netip.Addr]event.Source{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for part := range slices.Chunk(lines, 500) {
		r := httptest.NewRequest(http.MethodPost, "/ingest/ndjson", bytes.NewReader(bytes.Join(part, []byte("\n"))))
		r.Header.Set("Authorization", "Bearer t")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("deliver: %d %s", w.Code, w.Body)
		}
	}
	if log.Size() != uint64(len(lines)) {
		t.Fatalf("%d events in the ledger, %d lines sent", log.Size(), len(lines))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	f := &findings{all: map[found]bool{}, enough: log.Size(), done: cancel}
	d, err := detect.New(detect.Options{
		Log: log, Reader: reader, Sources: nothingKnown{}, Engines: only{engine}, Alerts: f, Now: time.Now, Slog: slog.New(slog.DiscardHandler),
		Linger: 10 * time.Millisecond, Idle: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if f.cursor < log.Size() {
		t.Fatalf("detection came to %d of %d", f.cursor, log.Size())
	}
	return maps.Clone(f.all)
}

// selected reads the rules of the selection that can be used.
func selected(t *testing.T) []*sigma.Rule {
	t.Helper()
	f, err := os.Open(testshared.Dir(t, "sigma", "sigmahq-rules.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []*sigma.Rule
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(strings.TrimPrefix(h.Name, "./"), "/")
		in := slices.ContainsFunc(selection, func(p string) bool { return strings.HasPrefix(name, p) })
		if !in || path.Ext(name) != ".yml" {
			continue
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range ruleset.Parse(ruleset.File{Path: name, Data: data}, sigma.Options{}, false) {
			if e.Status == ruleset.OK {
				out = append(out, e.Rule)
			}
		}
	}
}
