// Package backup_test backs up the real binary while it takes logs, restores the
// file on an empty folder, and asks both stations the same.
package backup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/test/stationtest"
)

// answers is how many answers of the API are recorded and asked again.
const answers = 1000

// settings make segments close often, so that a backup holds many.
var settings = []string{"--set", "ledger.segment_bytes=65536", "--set", "ledger.checkpoint_every=2s"}

// made is what `fengsui backup` prints, and restored what `fengsui restore` does.
type made struct {
	Parts            int
	Events           uint64
	Bytes            int64
	Root, Checkpoint string
}

type restored struct {
	Events           uint64
	Root, Checkpoint string
	Files            int
	Bytes            int64
}

// keygen makes an identity with the binary and returns its file and public key.
func keygen(t *testing.T, name string) (file, public string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), name)
	out, errs, code := stationtest.Run(t, "", "backup", "keygen", "--out", file)
	var answer struct{ Recipient string }
	if err := json.Unmarshal([]byte(out), &answer); code != 0 || err != nil {
		t.Fatalf("keygen ended with %d, printed %q: %s", code, out, errs)
	}
	text, err := os.ReadFile(file)
	if err != nil || strings.Contains(out, "SECRET") || !bytes.Contains(text, []byte("AGE-SECRET-KEY-1")) {
		t.Fatalf("keygen printed %q, stored %d bytes, %v", out, len(text), err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the identity %v, %v", info.Mode(), err)
	}
	return file, answer.Recipient
}

func run(t *testing.T, answer any, args ...string) string {
	t.Helper()
	out, errs, code := stationtest.Run(t, "", args...)
	if code != 0 {
		t.Fatalf("%s ended with %d: %s", args[0], code, errs)
	}
	if err := json.Unmarshal([]byte(out), answer); err != nil {
		t.Fatalf("%s printed %q: %v", args[0], out, err)
	}
	return errs
}

func TestBackupWhileIngesting(t *testing.T) {
	data := t.TempDir()
	s := stationtest.Start(t, data, settings...)
	s.Administer()
	_, gate := s.AddSource("gate", "http")
	_, noise := s.AddSource("noise", "http")
	for i := range 40 {
		post(t, s, gate, attack(i))
	}
	before := s.Settled()
	until := time.Now().UTC()

	stop := ingest(t, s, noise)
	offline, off := keygen(t, "offline")
	_, on := keygen(t, "online")
	file := filepath.Join(t.TempDir(), "station.fsb")
	var b made
	run(t, &b, "backup", "--data", data, "--recipient", off, "--recipient", on, "--out", file)
	sent := stop()
	if b.Events < before {
		t.Errorf("the backup has %d events, and %d were acknowledged before it began", b.Events, before)
	}
	if size := s.Settled(); size <= b.Events || sent == 0 {
		t.Errorf("the ledger has %d events, the backup %d: nothing was taken meanwhile", size, b.Events)
	}
	asked := questions(t, s, before, until)
	want := ask(t, s, asked)
	key := filepath.Join(t.TempDir(), "key.pub") // kept elsewhere
	copyFile(t, filepath.Join(data, "ledger", "key.pub"), key)

	into := filepath.Join(t.TempDir(), "new")
	var r restored
	errs := run(t, &r, "restore", "--data", into, "--identity", offline, "--key", key, file)
	if errs != "" || r.Events != b.Events || r.Root != b.Root || r.Checkpoint != b.Checkpoint || r.Files != b.Parts {
		t.Errorf("backup %+v, restored %+v: %s", b, r, errs)
	}
	sealed := sameSegments(t, data, into)
	checkpoint := filepath.Join(t.TempDir(), "checkpoint")
	if err := os.WriteFile(checkpoint, []byte(b.Checkpoint), 0o600); err != nil {
		t.Fatal(err)
	}
	var verified struct {
		Size         uint64
		Root, Status string
	}
	run(t, &verified, "ledger", "verify", into, "--checkpoint", checkpoint, "--key", key)
	if verified.Size != b.Events || verified.Root != b.Root || verified.Status != "ok" {
		t.Errorf("the restored ledger is %+v", verified)
	}

	again := stationtest.Start(t, into, settings...)
	again.Token = s.Token // accounts and tokens are records
	again.Settled()
	got := ask(t, again, asked)
	wrong := 0
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if got[path] != want[path] {
			if wrong++; wrong < 4 {
				t.Errorf("%s (-before +restored):\n%s", path, cmp.Diff(want[path], got[path]))
			}
		}
	}
	t.Logf("%d events of %d in the backup of %d bytes; %d sealed segments equal; %d answers, %d differ", b.Events, before, b.Bytes, sealed, len(want), wrong)
	post(t, again, gate, attack(1)) // it goes on
	s.Stop()
	again.Stop()
	if out, _, code := stationtest.Run(t, "", "ledger", "verify", into, "--checkpoint", checkpoint, "--key", key); code != 0 {
		t.Errorf("verify after going on: %s", out)
	}
}

// attack is a body with lines that shipped rules match.
func attack(n int) []byte {
	var b bytes.Buffer
	for i := range 25 {
		fmt.Fprintf(&b, "<86>Nov 24 10:15:%02d gate%02d sshd[2214]: Failed password for root from 203.0.113.%d port %d ssh2\n", i, n%7, n%31+1, 40000+25*n+i)
	}
	fmt.Fprintf(&b, "<86>Nov 24 10:16:02 gate%02d sshd[2214]: Accepted password for root from 203.0.113.%d port %d ssh2\n", n%7, n%31+1, n)
	return b.Bytes()
}

func post(t *testing.T, s *stationtest.Station, token string, body []byte) {
	t.Helper()
	if status, reply, err := s.Post(t.Context(), "/ingest/ndjson", token, "", body); err != nil || status != http.StatusOK {
		t.Fatalf("send: %d %s %v", status, reply, err)
	}
}

// ingest sends until the returned function is called, which returns how many
// lines were acknowledged.
func ingest(t *testing.T, s *stationtest.Station, token string) func() int {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	acked := 0
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			var b bytes.Buffer
			for line := range 50 {
				fmt.Fprintf(&b, `{"message":"the pump of building %d reports %d","n":%d}`+"\n", i%9, i*line, i)
			}
			if status, _, err := s.Post(ctx, "/ingest/ndjson", token, "", b.Bytes()); err == nil && status == http.StatusOK {
				acked += 50
			}
		}
	})
	time.Sleep(500 * time.Millisecond)
	return func() int {
		cancel()
		wg.Wait()
		return acked
	}
}

// questions are reading operations whose answers rest on the events below size,
// received before until.
func questions(t *testing.T, s *stationtest.Station, size uint64, until time.Time) []string {
	t.Helper()
	span := url.Values{"from": {until.Add(-time.Hour).Format(time.RFC3339Nano)}, "to": {until.Format(time.RFC3339Nano)}}
	with := func(path string, more ...string) string {
		q := maps.Clone(span)
		for i := 0; i < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		return path + "?" + q.Encode()
	}
	list := []string{"/api/v1/rules?limit=500", "/api/v1/tokens", "/api/v1/accounts", with("/api/v1/alerts", "limit", "500")}
	var alerts struct {
		Items []struct {
			ID     string
			RuleID string `json:"rule_id"`
		}
	}
	s.Get(list[3], &alerts)
	if len(alerts.Items) < 20 {
		t.Fatalf("%d alerts", len(alerts.Items))
	}
	for _, a := range alerts.Items {
		list = append(list, "/api/v1/alerts/"+a.ID)
	}
	for i := range 31 {
		address := fmt.Sprintf("203.0.113.%d", i+1)
		list = append(list,
			with("/api/v1/alerts", "entity", address),
			with("/api/v1/logs", "query", address, "limit", "50"),
			with("/api/v1/logs", "query", "source.ip:="+address+" and Accepted"),
			with("/api/v1/logs/stats", "query", "source.ip:="+address, "top", "host.name"),
		)
	}
	for i := range 7 {
		list = append(list, with("/api/v1/logs", "query", fmt.Sprintf("gate%02d", i), "order", "asc"), with("/api/v1/logs/fields", "query", fmt.Sprintf("gate%02d", i)))
	}
	if len(list) > answers/2 {
		list = list[:answers/2]
	}
	for i := uint64(0); len(list) < answers; i++ {
		list = append(list, fmt.Sprintf("/api/v1/logs/%d", i*size/uint64(answers)+i%2))
	}
	slices.Sort(list)
	list = slices.Compact(list)
	for i := uint64(0); len(list) < answers; i++ { // in place of those that were the same
		if path := fmt.Sprintf("/api/v1/logs/%d", i); !slices.Contains(list, path) {
			list = append(list, path)
		}
	}
	return list
}

// ask returns the answers by question, without what depends on the moment.
func ask(t *testing.T, s *stationtest.Station, list []string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, path := range list {
		var answer map[string]any
		s.Get(path, &answer)
		for _, key := range []string{"took_ms", "scanned"} {
			delete(answer, key)
		}
		if answer["partial"] == true {
			t.Errorf("%s: partial: %v", path, answer["reason"])
		}
		if strings.HasSuffix(path, "/tokens") { // when the token of this test was used
			for _, i := range answer["items"].([]any) {
				delete(i.(map[string]any), "last_used")
			}
		}
		b, err := json.MarshalIndent(answer, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		out[path] = string(b)
	}
	if len(out) != answers {
		t.Fatalf("%d questions, want %d", len(out), answers)
	}
	return out
}

// sameSegments compares the segments of two data directories and returns how many
// sealed ones are equal.
func sameSegments(t *testing.T, data, into string) int {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(into, "ledger", "seg-*.fsl"))
	if err != nil || len(segments) < 3 {
		t.Fatalf("%d segments, %v", len(segments), err)
	}
	sealed := 0
	for i, path := range segments {
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(data, "ledger", filepath.Base(path)))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case bytes.Equal(have, want) && bytes.HasSuffix(have, []byte("FSLEDEND")):
			sealed++
		case i < len(segments)-1 || !bytes.HasPrefix(want, have):
			t.Errorf("%s is not what the station has", filepath.Base(path))
		}
	}
	if sealed < len(segments)-1 {
		t.Errorf("%d of %d segments are sealed and equal", sealed, len(segments))
	}
	return sealed
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestBackupAfterKill(t *testing.T) {
	data := t.TempDir()
	s := stationtest.Start(t, data, "--set", "ledger.checkpoint_every=1h")
	_, token := s.AddSource("gate", "http")
	post(t, s, token, attack(1))
	s.Kill()
	id, a := keygen(t, "a")
	_, b := keygen(t, "b")
	file := filepath.Join(t.TempDir(), "station.fsb")
	var m made
	run(t, &m, "backup", "--data", data, "--recipient", a+","+b, "--out", file)
	var r restored
	errs := run(t, &r, "restore", "--data", filepath.Join(t.TempDir(), "new"), "--identity", id, file)
	if r.Events < 26 || !strings.Contains(errs, "--key") {
		t.Errorf("restored %+v, said %q", r, errs)
	}
}

func TestRefusals(t *testing.T) {
	data := t.TempDir()
	s := stationtest.Start(t, data)
	s.Stop()
	_, a := keygen(t, "a")
	_, b := keygen(t, "b")
	stranger, _ := keygen(t, "stranger")
	dir := t.TempDir()
	file := filepath.Join(dir, "station.fsb")
	var m made
	run(t, &m, "backup", "--data", data, "--recipient", a, "--recipient", b, "--out", file)
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"one recipient", []string{"backup", "--data", data, "--recipient", a, "--out", filepath.Join(dir, "x")}, "two different recipients"},
		{"the same recipient twice", []string{"backup", "--data", data, "--recipient", a, "--recipient", a, "--out", filepath.Join(dir, "x")}, "two different recipients"},
		{"a file that is there", []string{"backup", "--data", data, "--recipient", a, "--recipient", b, "--out", file}, "exists"},
		{"a wrong identity", []string{"restore", "--data", filepath.Join(dir, "new"), "--identity", stranger, file}, "no identity opens this backup"},
		{"a public key as identity", []string{"restore", "--data", filepath.Join(dir, "new"), "--identity", filepath.Join(data, "ledger", "key.pub"), file}, "holds no age identities"},
		{"over a station", []string{"restore", "--data", data, "--identity", stranger, file}, "something is there"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := stationtest.Run(t, "", tt.args...)
			if code != 2 || out != "" || !strings.Contains(errs, tt.want) {
				t.Errorf("ended with %d, printed %q, said %q; want one with %q", code, out, errs, tt.want)
			}
		})
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Errorf("left behind: %v, %v", list, err)
	}
	run(t, &m, "backup", "--data", data, "--recipient", a, "--allow-one-recipient", "--out", filepath.Join(dir, "one"))
}
