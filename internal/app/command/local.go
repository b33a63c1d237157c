package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/fengsui/fengsui/internal/app"
	"github.com/fengsui/fengsui/internal/platform/config"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// request asks for one operation of the API.
type request struct {
	Method string
	Path   string
	Body   any // nil: none
}

// call performs an operation of the API as the owner of the host: over the control
// socket while the station runs, else on the station opened for it.
func call(out Output, data string, ask request, answer any) error {
	var text []byte
	if ask.Body != nil {
		var err error
		if text, err = json.Marshal(ask.Body); err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, ask.Method, "http://station"+ask.Path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	if text != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	status, reply, err := running(data, req)
	if errors.Is(err, errNotRunning) {
		status, reply, err = stopped(ctx, out, data, req, text)
	}
	if err != nil {
		return err
	}
	if status >= http.StatusBadRequest {
		var p problem.Body
		if err := json.Unmarshal(reply, &p); err != nil {
			return fmt.Errorf("the station answered %d", status)
		}
		why := []string{p.Title}
		if p.Detail != "" {
			why = append(why, p.Detail)
		}
		for _, f := range p.Errors {
			why = append(why, f.Location+": "+f.Message)
		}
		return fmt.Errorf("%s (%s)", strings.Join(why, "; "), p.Code)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(reply, answer); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}

var errNotRunning = errors.New("the station does not run")

func running(data string, req *http.Request) (int, []byte, error) {
	resp, err := app.Control(data).Do(req)
	if err != nil {
		if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT) {
			return 0, nil, errNotRunning
		}
		return 0, nil, fmt.Errorf("ask the station: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end
	reply, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return 0, nil, fmt.Errorf("read the station's answer: %w", err)
	}
	return resp.StatusCode, reply, nil
}

func stopped(ctx context.Context, out Output, data string, req *http.Request, text []byte) (int, []byte, error) {
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"data": data}})
	if err != nil {
		return 0, nil, err
	}
	s, err := app.Open(ctx, cfg, app.Options{Version: out.Version})
	if err != nil {
		return 0, nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(text))
	status, reply := s.Do(req)
	return status, reply, s.Close()
}

// Source holds the commands about log sources.
type Source struct {
	Add SourceAdd `cmd:"" help:"Make a sender known"`
}

// SourceAdd is `fengsui source add`.
type SourceAdd struct {
	Name        string   `arg:"" help:"What people call it"`
	Data        string   `required:"" help:"Folder of the station's data"`
	Kind        string   `required:"" enum:"http,syslog,otlp" help:"How it sends: http, syslog or otlp"`
	Allow       []string `help:"Addresses or networks: who it is (syslog), or where it may send from"`
	Certificate string   `help:"SHA-256 of its client certificate, for syslog over TLS"`
	Format      string   `help:"Parser, where the station should not find out itself"`
	Charset     string   `help:"Character set of text that is not UTF-8"`
	Zone        string   `help:"Time zone of stamps without one"`
	SilentAfter string   `help:"Limit of silence, such as 10m" default:"1h"`
}

// Run prints the id, the name and the token, which is shown this once.
func (c *SourceAdd) Run(out Output) error {
	silent, err := time.ParseDuration(c.SilentAfter)
	if err != nil {
		return fmt.Errorf("limit of silence: %w", err)
	}
	body := map[string]any{
		"name": c.Name, "kind": c.Kind, "silent_after_seconds": int64(silent / time.Second),
	}
	if len(c.Allow) > 0 {
		body["allow"] = c.Allow
	}
	for key, value := range map[string]string{"certificate": c.Certificate, "format": c.Format, "charset": c.Charset, "zone": c.Zone} {
		if value != "" {
			body[key] = value
		}
	}
	var answer struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Token string `json:"token"`
	}
	if err := call(out, c.Data, request{http.MethodPost, "/api/v1/sources", body}, &answer); err != nil {
		return err
	}
	return out.line(answer)
}

// Token holds the commands about API tokens.
type Token struct {
	Create TokenCreate `cmd:"" help:"Make a token for a program"`
}

// TokenCreate is `fengsui token create`.
type TokenCreate struct {
	Name    string `arg:"" help:"What the token is for"`
	Data    string `required:"" help:"Folder of the station's data"`
	Role    string `required:"" enum:"administrator,analyst,reader" help:"What it may do: administrator, analyst or reader"`
	Expires string `help:"How long it holds" default:"24h"`
}

// Run prints the id, the token, which is shown this once, and when it expires.
func (c *TokenCreate) Run(out Output) error {
	var answer struct {
		ID      string `json:"id"`
		Token   string `json:"token"`
		Expires string `json:"expires_at"`
	}
	body := map[string]any{"name": c.Name, "role": c.Role, "expires": c.Expires}
	if err := call(out, c.Data, request{http.MethodPost, "/api/v1/tokens", body}, &answer); err != nil {
		return err
	}
	return out.line(struct {
		ID      string `json:"id"`
		Token   string `json:"token"`
		Expires string `json:"expires"`
	}{answer.ID, answer.Token, answer.Expires})
}
