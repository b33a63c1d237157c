package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/fengsui/fengsui/internal/platform/telemetry"
)

func TestLoggerEscapesAndFilters(t *testing.T) {
	var b bytes.Buffer
	log, err := telemetry.Logger(&b, "info")
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("not shown")
	const name = "a\n\x1b[31mb\x7f\u009b31m\u202ec\u2028d\U000e0041 李 é"
	log.Info("line", slog.String("name", name))
	if n := strings.Count(b.String(), "\n"); n != 1 || !strings.Contains(b.String(), "李 é") {
		t.Errorf("log is %q", b.String())
	}
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' {
			t.Errorf("%U reaches the terminal", r)
		}
	}
	var back struct{ Name string }
	if err := json.Unmarshal(b.Bytes(), &back); err != nil || back.Name != name {
		t.Errorf("reads as %q, %v", back.Name, err)
	}
	if _, err := telemetry.Logger(&b, "loud"); err == nil {
		t.Error("an unknown level is taken")
	}
}

func TestLocal(t *testing.T) {
	l, err := telemetry.Listen(t.Context(), "127.0.0.1:0", telemetry.Registry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	get := func(path string) (int, string) {
		t.Helper()
		resp, err := http.Get("http://" + l.Addr() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	if l, err := telemetry.Listen(t.Context(), "0.0.0.0:0", telemetry.Registry()); err == nil {
		t.Errorf("%s is reached by other machines", l.Addr())
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr()+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "rebound.example"
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another name: %d", resp.StatusCode)
	}
	if code, _ := get("/readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("ready before the start: %d", code)
	}
	l.Ready(func(context.Context) error { return nil })
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ready", "/metrics": "go_goroutines"} {
		if code, text := get(path); code != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%s: %d %.60q", path, code, text)
		}
	}
	l.Ready(func(context.Context) error { return errors.New("the disk is full") })
	if code, text := get("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(text, "disk") {
		t.Errorf("not ready: %d %q", code, text)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}
