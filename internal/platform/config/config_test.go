package config_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/platform/config"
)

var update = flag.Bool("update", false, "write the generated page anew")

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fengsui.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTheNearestSourceWins(t *testing.T) {
	file := write(t, "http:\n  listen: 127.0.0.1:1\nsyslog:\n  listen: 127.0.0.1:1\nlog:\n  level: debug\nledger:\n  segment_age: 5m\n  copy_to: [a, b]\n")
	env := map[string]string{"FENGSUI_HTTP_LISTEN": "127.0.0.1:2", "FENGSUI_SYSLOG_LISTEN": "127.0.0.1:2", "FENGSUI_RULES_FOLDERS": "x, y"}
	c, err := config.Load(config.Sources{
		File: file, Getenv: func(k string) string { return env[k] }, Flags: map[string]string{"http.listen": "127.0.0.1:3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []any{c.HTTP.Listen, c.Syslog.Listen, c.Log.Level, c.Ledger.SegmentAge, c.Ledger.CopyTo, c.Rules.Folders, c.Zone, c.Syslog.MaxSize}
	want := []any{"127.0.0.1:3", "127.0.0.1:2", "debug", 5 * time.Minute, []string{"a", "b"}, []string{"x", "y"}, "Asia/Shanghai", 65536}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestAFileThatSaysNothingKeepsTheDefaults(t *testing.T) {
	want, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "a comment": "# nothing yet\n", "a document without content": "---\n",
		"a section without keys": "http:\n", "a list without entries": "rules:\n  folders:\n", "a setting without value": "zone:\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := config.Load(config.Sources{File: write(t, text)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	for _, tt := range []struct {
		name, file, key, value string
		want                   []string
	}{
		{name: "unknown key", file: "http:\n  listne: x\n", want: []string{"fengsui.yaml", "2:3", "listne"}},
		{name: "wrong type", file: "syslog:\n  max_size: many\n", want: []string{"fengsui.yaml", "2:"}},
		{name: "no yaml", file: "{{", want: []string{"fengsui.yaml"}},
		{name: "open to others without tls", key: "http.listen", value: "0.0.0.0:80", want: []string{"http.listen", "http.tls_cert"}},
		{name: "a name without tls", key: "http.listen", value: "log.example.edu:80", want: []string{"http.listen"}},
		{name: "no port", key: "syslog.listen", value: "127.0.0.1", want: []string{"syslog.listen", "host:port"}},
		{name: "unknown zone", key: "zone", value: "Mars/Base", want: []string{"zone", "Mars/Base"}},
		{name: "metrics open to others", key: "local.listen", value: ":9", want: []string{"local.listen", "loopback"}},
		{name: "tls syslog without certificate", key: "syslog.tls", value: "127.0.0.1:6514", want: []string{"syslog.tls"}},
		{name: "bad duration", key: "search.timeout", value: "soon", want: []string{"search.timeout", "soon"}},
		{name: "bad level", key: "log.level", value: "loud", want: []string{"log.level", "loud"}},
		{name: "public with a password", key: "http.public", value: "https://u:p@a", want: []string{"http.public"}},
		{name: "copies beside the ledger", key: "ledger.copy_to", value: "data/copies", want: []string{"ledger.copy_to", "data/copies"}},
		{name: "two documents", file: "zone: UTC\n---\nzone: UTC\n", want: []string{"fengsui.yaml", "more than one document"}},
		{name: "key twice", file: "zone: UTC\nzone: UTC\n", want: []string{"fengsui.yaml", "2:1"}},
		{name: "public with a path", key: "http.public", value: "https://a/b", want: []string{"http.public"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from := config.Sources{Flags: map[string]string{}}
			if tt.file != "" {
				from.File = write(t, tt.file)
			}
			if tt.key != "" {
				from.Flags[tt.key] = tt.value
			}
			_, err := config.Load(from)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error does not name %q:\n%v", w, err)
				}
			}
		})
	}
	if _, err := config.Load(config.Sources{Flags: map[string]string{
		"http.listen": "0.0.0.0:443", "http.tls_cert": "c.pem", "http.tls_key": "k.pem",
	}}); err != nil {
		t.Errorf("open to others with tls files: %v", err)
	}
}

// TestPage holds docs/operate/configuration.md equal to the structs.
func TestPage(t *testing.T) {
	c, err := config.Load(config.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# Configuration\n\nGenerated from internal/platform/config by `go test ./internal/platform/config -update`; do not edit.\n\n" +
		"A setting comes from the first of these that names it: a flag (`fengsui serve --help`), the environment variable, the file given by " +
		"`--config`, its default. The file is YAML: `http.listen` is `listen` below `http`. `fengsui config check` says what is wrong with a file, and " +
		"prints what is in force.\n\n| setting | environment | default | meaning |\n| --- | --- | --- | --- |\n")
	for _, f := range c.Fields() {
		if f.Doc == "" {
			t.Errorf("setting %s has no text", f.Key)
		}
		def := f.Default
		if def != "" {
			def = "`" + def + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", f.Key, f.Variable, def, f.Doc)
	}
	name := filepath.Join("..", "..", "..", "docs", "operate", "configuration.md")
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), b.String()); diff != "" {
		t.Errorf("docs/operate/configuration.md is not what the structs say (-file +structs):\n%s", diff)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("http:\n  listen: 127.0.0.1:1\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		name := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(config.Sources{File: name})
		if err == nil && c.Data == "" {
			t.Fatal("settings without a data folder were taken")
		}
	})
}
