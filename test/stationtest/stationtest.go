// Package stationtest runs the real binary for tests: it builds it once, starts
// it on a data directory with free ports, and speaks to it as users do.
package stationtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// build makes the binary once in a process. FENGSUI_BINARY names one that is
// there already.
var build = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("FENGSUI_BINARY"); path != "" {
		return filepath.Abs(path)
	}
	dir, err := os.MkdirTemp("", "fengsui-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "fengsui")
	cmd := exec.Command("go", "build", "-o", path, "github.com/fengsui/fengsui/cmd/fengsui")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return path, nil
})

// Binary returns the path of the binary.
func Binary(tb testing.TB) string {
	tb.Helper()
	path, err := build()
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

// Run runs a subcommand to its end and returns what it printed and its exit code.
func Run(tb testing.TB, stdin string, args ...string) (stdout, stderr string, code int) {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), Binary(tb), args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// Station is a running station.
type Station struct {
	tb     testing.TB
	Data   string
	URL    string
	Syslog string
	Ready  map[string]string // what the ready line says, by name
	Setup  string            // set-up code; "" when there was none
	Token  string            // of an administrator; see [Station.Administer]

	cmd  *exec.Cmd
	log  *logs
	gone chan struct{}
}

// logs keeps what the station wrote to its error output.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns what was written so far.
func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Start starts the station on data with free ports and waits until it is ready.
// It is killed when the test ends, if it still runs.
func Start(tb testing.TB, data string, args ...string) *Station {
	tb.Helper()
	s := &Station{tb: tb, Data: data, Ready: map[string]string{}, log: &logs{}, gone: make(chan struct{})}
	args = append([]string{
		"serve", "--data", data, "--listen-http", "127.0.0.1:0", "--listen-syslog", "127.0.0.1:0", "--listen-local", "127.0.0.1:0",
	}, args...)
	s.cmd = exec.Command(Binary(tb), args...)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	lines := make(chan string, 1)
	go func() {
		r := bufio.NewReader(out)
		line, _ := r.ReadString('\n')
		lines <- line
		_, _ = io.Copy(io.Discard, r)
		_ = s.cmd.Wait()
		close(s.gone)
	}()
	tb.Cleanup(func() {
		s.Kill()
		if tb.Failed() {
			tb.Logf("the station said:\n%s", s.log)
		}
	})
	select {
	case line := <-lines:
		s.read(line)
	case <-time.After(time.Minute):
		tb.Fatalf("the station is not ready after a minute:\n%s", s.log)
	}
	return s
}

func (s *Station) read(line string) {
	s.tb.Helper()
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if !ok {
		s.tb.Fatalf("the station printed %q instead of its ready line:\n%s", line, s.log)
	}
	for part := range strings.FieldsSeq(rest) {
		name, value, _ := strings.Cut(part, "=")
		s.Ready[name] = value
	}
	s.URL, s.Syslog = s.Ready["http"], s.Ready["syslog"]
	if _, code, ok := strings.Cut(s.log.String(), "setup code: "); ok {
		s.Setup, _, _ = strings.Cut(code, "\n")
	}
}

// Log returns what the station wrote to its error output.
func (s *Station) Log() string { return s.log.String() }

// PID returns the process id.
func (s *Station) PID() int { return s.cmd.Process.Pid }

// Kill ends the station at once, as kill -9 does, and waits until it is gone.
func (s *Station) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.gone
}

// Stop asks the station to end, and fails the test when it does not end well.
func (s *Station) Stop() {
	s.tb.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.tb.Fatal(err)
	}
	select {
	case <-s.gone:
	case <-time.After(30 * time.Second):
		s.tb.Fatal("the station does not stop")
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.tb.Fatalf("the station ended with %d:\n%s", code, s.log)
	}
}

// AddSource makes a source and returns its id and token.
func (s *Station) AddSource(name, kind string, more ...string) (id, token string) {
	s.tb.Helper()
	out, errs, code := Run(s.tb, "", append([]string{"source", "add", name, "--data", s.Data, "--kind", kind}, more...)...)
	if code != 0 {
		s.tb.Fatalf("source add ended with %d: %s", code, errs)
	}
	var answer struct{ ID, Token string }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		s.tb.Fatalf("source add printed %q: %v", out, err)
	}
	return answer.ID, answer.Token
}

// Administer makes an administrator's token for [Station.Get] and [Station.Do].
func (s *Station) Administer() {
	s.tb.Helper()
	out, errs, code := Run(s.tb, "", "token", "create", "test", "--data", s.Data, "--role", "administrator")
	if code != 0 {
		s.tb.Fatalf("token create ended with %d: %s", code, errs)
	}
	var answer struct{ Token string }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		s.tb.Fatalf("token create printed %q: %v", out, err)
	}
	s.Token = answer.Token
}

// Get reads an operation of the API into answer.
func (s *Station) Get(path string, answer any) {
	s.tb.Helper()
	s.Do(http.MethodGet, path, nil, answer)
}

// Do performs an operation of the API; body is sent as JSON unless it is nil.
func (s *Station) Do(method, path string, body, answer any) {
	s.tb.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			s.tb.Fatal(err)
		}
	}
	status, reply, err := s.Send(s.tb.Context(), method, path, text, http.Header{
		"Authorization": {"Bearer " + s.Token}, "Content-Type": {"application/json"},
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	if status >= 300 {
		s.tb.Fatalf("%s %s: %d %s", method, path, status, reply)
	}
	if answer != nil {
		if err := json.Unmarshal(reply, answer); err != nil {
			s.tb.Fatalf("%s %s: %v in %s", method, path, err, reply)
		}
	}
}

// Send sends one request and returns the answer.
func (s *Station) Send(ctx context.Context, method, path string, body []byte, header http.Header) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(resp.Body)
	return resp.StatusCode, reply, err
}

// Post sends a body with the token of a source.
func (s *Station) Post(ctx context.Context, path, token, key string, body []byte) (int, []byte, error) {
	h := http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/x-ndjson"}}
	if key != "" {
		h.Set("Idempotency-Key", key)
	}
	return s.Send(ctx, http.MethodPost, path, body, h)
}

// Settled waits until everything that is durable has been indexed and matched,
// and returns how many events that is.
func (s *Station) Settled() uint64 {
	s.tb.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		var st struct {
			Ledger struct{ Size uint64 }
			Index  struct{ Indexed uint64 }
			Detect struct{ Cursor uint64 }
		}
		s.Get("/api/v1/station", &st)
		if st.Index.Indexed >= st.Ledger.Size && st.Detect.Cursor >= st.Ledger.Size {
			return st.Ledger.Size
		}
		if time.Now().After(deadline) {
			s.tb.Fatalf("index or detection do not catch up: %+v", st)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
