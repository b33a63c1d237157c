// Package kill_test ends the real binary with kill -9 while senders deliver, and
// counts what was acknowledged against what is there.
package kill_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fengsui/fengsui/test/stationtest"
)

const (
	cycles  = 100
	batch   = 20
	load    = 150 * time.Millisecond
	senders = 4
)

// delivery is a batch of one sender. Its lines are unique.
type delivery struct {
	key  string
	bulk bool
	n    int
}

func (d delivery) lines() []string {
	out := make([]string, d.n)
	for i := range out {
		out[i] = fmt.Sprintf(`{"message":"Failed password for root from 203.0.113.9 port 22 ssh2","batch":"%s","line":%d}`, d.key, i)
	}
	return out
}

func (d delivery) body() []byte {
	var b strings.Builder
	for _, line := range d.lines() {
		if d.bulk {
			b.WriteString("{\"create\":{\"_index\":\"logs\"}}\n")
		}
		b.WriteString(line + "\n")
	}
	return []byte(b.String())
}

func (d delivery) path() string {
	if d.bulk {
		return "/_bulk"
	}
	return "/ingest/ndjson"
}

// TestKill: every acknowledged line is in the ledger once; a batch whose answer
// was lost is there whole or not at all, and sending it again with its key adds
// nothing when it was there.
func TestKill(t *testing.T) {
	n := cycles
	if testing.Short() {
		n = 5
	}
	data := t.TempDir()
	s := stationtest.Start(t, data)
	_, token := s.AddSource("sender", "http")
	acked := map[string]delivery{}
	var lost []delivery
	for cycle := range n {
		got, unanswered := deliver(t, s, token, cycle)
		for _, d := range got {
			acked[d.key] = d
		}
		s = stationtest.Start(t, data)
		for _, d := range append(unanswered, lost...) {
			status, reply, err := s.Post(t.Context(), d.path(), token, d.key, d.body())
			if err != nil || status != http.StatusOK {
				t.Fatalf("sent again: %d %s %v", status, reply, err)
			}
			acked[d.key] = d
		}
		lost = nil
	}
	s.Administer()
	size := s.Settled()
	s.Stop()
	out, errs, code := stationtest.Run(t, "", "ledger", "export", data, "--from", "0", "--to", strconv.FormatUint(size-1, 10))
	if code != 0 {
		t.Fatalf("export ended with %d: %s", code, errs)
	}
	have := map[string]int{}
	for line := range strings.Lines(out) {
		var e struct {
			Source string
			Raw    []byte `json:"raw_base64"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("export printed %q: %v", line, err)
		}
		if e.Source != "" {
			have[string(e.Raw)]++
		}
	}
	total, missing, doubled := 0, 0, 0
	for _, d := range acked {
		for _, line := range d.lines() {
			total++
			switch have[line] {
			case 0:
				missing++
			case 1:
			default:
				doubled++
			}
			delete(have, line)
		}
	}
	if missing+doubled+len(have) > 0 {
		t.Errorf("%d lines missing, %d doubled, %d that nobody was told of", missing, doubled, len(have))
	}
	if out, _, code := stationtest.Run(t, "", "ledger", "verify", data); code != 0 {
		t.Errorf("verify ended with %d: %s", code, out)
	}
	t.Logf("%d kills, %d lines acknowledged, %d missing, %d doubled, %d unknown", n, total, missing, doubled, len(have))
}

// deliver lets senders deliver for a while, kills the station, and returns what
// was acknowledged and what was not answered.
func deliver(t *testing.T, s *stationtest.Station, token string, cycle int) (acked, lost []delivery) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for sender := range senders {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				d := delivery{key: fmt.Sprintf("c%d-s%d-%d", cycle, sender, i), bulk: sender%2 == 1, n: batch}
				status, _, err := s.Post(t.Context(), d.path(), token, d.key, d.body())
				mu.Lock()
				switch {
				case err == nil && status == http.StatusOK:
					acked = append(acked, d)
				default:
					lost = append(lost, d)
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	time.Sleep(load)
	s.Kill()
	cancel()
	wg.Wait()
	return acked, lost
}
