package httpapi

import (
	"bytes"
	"compress/gzip"
	"flag"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "rewrite golden files")

func built(t *testing.T) fstest.MapFS {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte("let a = 1")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"index.html":          file(`<script nonce="__CSP_NONCE__" src="/assets/a-1.js"></script><style nonce="__CSP_NONCE__"></style>`),
		".keep":               file(""),
		".vite/manifest.json": file("{}"),
		"assets/a-1.js.br":    file("brotli"),
		"assets/a-1.js.gz":    {Data: z.Bytes()},
		"assets/f-1.woff2":    file("font"),
		"favicon.svg.gz":      {Data: z.Bytes()},
	}
}

func TestConsoleFallback(t *testing.T) {
	const page = "text/html,application/xhtml+xml,*/*;q=0.8"
	tests := []struct {
		name, method, path, accept, encoding string
		status                               int
		media, cache, packed                 string
	}{
		{"root", "GET", "/", page, "", 200, "text/html; charset=utf-8", "no-store", ""},
		{"root for a program", "GET", "/", "*/*", "", 200, "text/html; charset=utf-8", "no-store", ""},
		{"page of the console", "GET", "/alerts/A-1", page, "", 200, "text/html; charset=utf-8", "no-store", ""},
		{"page, header only", "HEAD", "/alerts", page, "", 200, "text/html; charset=utf-8", "no-store", ""},
		{"index by name", "GET", "/index.html", page, "", 200, "text/html; charset=utf-8", "no-store", ""},
		{"path that looks like a page, for a program", "GET", "/alerts", "application/json", "", 404, "", "no-store", ""},
		{"path that looks like a page, for an image", "GET", "/logo", "image/avif,*/*;q=0.8", "", 404, "", "no-store", ""},
		{"html refused by weight", "GET", "/alerts", "text/html;q=0", "", 404, "", "no-store", ""},
		{"write", "POST", "/alerts", page, "", 404, "", "no-store", ""},
		{"api", "GET", "/api/v2/things", page, "", 404, "", "no-store", ""},
		{"api itself", "GET", "/api", page, "", 404, "", "no-store", ""},
		{"asset over TLS", "GET", "/assets/a-1.js", "*/*", "gzip, deflate, br, zstd", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "br"},
		{"asset", "GET", "/assets/a-1.js", "*/*", "gzip, deflate", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "gzip"},
		{"asset, brotli refused", "GET", "/assets/a-1.js", "*/*", "br;q=0, gzip;q=0.5", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "gzip"},
		{"asset unpacked", "GET", "/assets/a-1.js", "*/*", "", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", ""},
		{"asset that is not packed", "GET", "/assets/f-1.woff2", "*/*", "br", 200, "font/woff2", "public, max-age=31536000, immutable", ""},
		{"asset of another build", "GET", "/assets/a-0.js", page, "br", 404, "", "no-store", ""},
		{"packed form by name", "GET", "/assets/a-1.js.gz", "*/*", "", 404, "", "no-store", ""},
		{"file of the root", "GET", "/favicon.svg", "*/*", "gzip", 200, "image/svg+xml", "no-cache", "gzip"},
		{"hidden file", "GET", "/.keep", "*/*", "", 404, "", "no-store", ""},
		{"hidden folder", "GET", "/.vite/manifest.json", "*/*", "", 404, "", "no-store", ""},
	}
	h := demo(t, func(o *Options) { o.Console = built(t) }).Handler()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := call{method: tt.method, path: tt.path, header: map[string]string{"Accept": tt.accept, "Accept-Encoding": tt.encoding}}.do(t, h)
			got := w.Header()
			if w.Code != tt.status || got.Get("Cache-Control") != tt.cache || got.Get("Content-Encoding") != tt.packed {
				t.Errorf("%d, cache %q, encoding %q", w.Code, got.Get("Cache-Control"), got.Get("Content-Encoding"))
			}
			if tt.status != 200 {
				problemOf(t, w)
				return
			}
			if got.Get("Content-Type") != tt.media {
				t.Errorf("media type %q", got.Get("Content-Type"))
			}
			if strings.HasSuffix(tt.path, ".js") && got.Get("Vary") != "Accept-Encoding" {
				t.Errorf("vary %q", got.Get("Vary"))
			}
			if tt.name == "asset unpacked" && w.Body.String() != "let a = 1" {
				t.Errorf("unpacked to %q", w.Body)
			}
		})
	}
}

func TestConsolePolicy(t *testing.T) {
	h := demo(t, func(o *Options) { o.Console = built(t) }).Handler()
	seen := map[string]bool{}
	for range 3 {
		w := call{method: "GET", path: "/"}.do(t, h)
		found := regexp.MustCompile(`script-src 'self' 'nonce-([^']+)'; style-src 'self' 'nonce-([^']+)'`).FindStringSubmatch(w.Header().Get("Content-Security-Policy"))
		if found == nil || found[1] != found[2] || len(found[1]) < 22 || seen[found[1]] {
			t.Fatalf("policy %q", w.Header().Get("Content-Security-Policy"))
		}
		seen[found[1]] = true
		if strings.Count(w.Body.String(), `nonce="`+found[1]+`"`) != 2 {
			t.Errorf("page %s", w.Body)
		}
		if strings.Contains(w.Header().Get("Content-Security-Policy"), "unsafe") {
			t.Error("the policy allows something unsafe")
		}
	}
}

func TestConsoleThatIsNotBuilt(t *testing.T) {
	for _, files := range []fstest.MapFS{nil, {".keep": {}}} {
		h := demo(t, func(o *Options) {
			if files != nil {
				o.Console = files
			}
		}).Handler()
		w := call{method: "GET", path: "/", header: map[string]string{"Accept": "text/html"}}.do(t, h)
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "make web") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if w := (call{method: "GET", path: "/assets/a.js"}).do(t, h); w.Code != http.StatusNotFound {
			t.Errorf("asset: %d", w.Code)
		}
	}
	if _, err := New(Options{Now: nil}); err == nil {
		t.Error("an API without a clock")
	}
	if _, err := newConsole(fstest.MapFS{"index.html": {Data: []byte("<html>")}}); err == nil {
		t.Error("a page without a place for its nonce")
	}
}
