package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// noncePlace stands in index.html where the nonce of the answer goes.
const noncePlace = "__CSP_NONCE__"

// console serves the built console. A nil console, or one whose files have no
// index.html, answers with a page that says how to build it.
type console struct {
	files fs.FS
	index []byte           // nil: not built
	names map[string]forms // by path from the root, without .br and .gz
}

// forms are the ways in which a file is there.
type forms struct{ plain, gzip, brotli bool }

func newConsole(files fs.FS) (*console, error) {
	c := &console{files: files, names: map[string]forms{}}
	index, err := fs.ReadFile(files, "index.html")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c, nil
	case err != nil:
		return nil, fmt.Errorf("read the console: %w", err)
	case !bytes.Contains(index, []byte(noncePlace)):
		return nil, errors.New("read the console: index.html has no place for its nonce")
	}
	c.index = index
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if hidden := name != "." && strings.HasPrefix(d.Name(), "."); d.IsDir() {
			if hidden {
				return fs.SkipDir
			}
			return nil
		} else if hidden || name == "index.html" {
			return nil
		}
		switch path.Ext(name) {
		case ".br":
			f := c.names[strings.TrimSuffix(name, ".br")]
			f.brotli = true
			c.names[strings.TrimSuffix(name, ".br")] = f
		case ".gz":
			f := c.names[strings.TrimSuffix(name, ".gz")]
			f.gzip = true
			c.names[strings.TrimSuffix(name, ".gz")] = f
		default:
			f := c.names[name]
			f.plain = true
			c.names[name] = f
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the console: %w", err)
	}
	return c, nil
}

// serve answers a request that no operation took, and reports whether it did.
//
// A file is served under its name. Any other GET that accepts text/html and is
// not below /api/ or /assets/ gets index.html; the root gets it whatever it
// accepts. Nothing else is there.
func (c *console) serve(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	p := r.URL.Path
	if c != nil && c.index != nil {
		if f, ok := c.names[strings.TrimPrefix(p, "/")]; ok {
			return c.file(w, r, f)
		}
	}
	if p == "/api" || strings.HasPrefix(p, "/api/") || p == "/assets" || strings.HasPrefix(p, "/assets/") {
		return false
	}
	if p != "/" && !accepts(r.Header.Get("Accept"), "text/html") {
		return false
	}
	c.page(w, r)
	return true
}

// page writes index.html under a fresh nonce.
func (c *console) page(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	text, status := []byte(notBuilt), http.StatusServiceUnavailable
	if c != nil && c.index != nil {
		nonce := rand.Text()
		text, status = bytes.ReplaceAll(c.index, []byte(noncePlace), []byte(nonce)), http.StatusOK
		h.Set("Content-Security-Policy", policy(nonce))
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		_, _ = w.Write(text) // the client may be gone
	}
}

// policy is the content security policy of the console's page.
func policy(nonce string) string {
	return "default-src 'none'; script-src 'self' 'nonce-" + nonce + "'; style-src 'self' 'nonce-" + nonce + "'; " +
		"style-src-attr 'none'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; " +
		"manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
}

// file writes one file in the best form that the client reads. What is below
// /assets/ bears a digest in its name and never changes.
func (c *console) file(w http.ResponseWriter, r *http.Request, f forms) bool {
	name := strings.TrimPrefix(r.URL.Path, "/")
	h := w.Header()
	h.Set("Content-Type", mediaOf(name))
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	stored, encoding := name, ""
	if f.brotli || f.gzip {
		h.Add("Vary", "Accept-Encoding")
		offered := r.Header.Get("Accept-Encoding")
		switch {
		case f.brotli && accepts(offered, "br"):
			stored, encoding = name+".br", "br"
		case f.gzip && accepts(offered, "gzip"):
			stored, encoding = name+".gz", "gzip"
		case !f.plain && !f.gzip:
			return false // a build without .gz; nothing here unpacks brotli
		case !f.plain:
			return c.unpacked(w, r, name+".gz")
		}
	}
	file, err := c.files.Open(stored)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // only read
	if info, err := file.Stat(); err == nil {
		h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, file) // the client may be gone
	}
	return true
}

// unpacked writes a file that is there as .gz only, for a client that reads no
// compressed form.
func (c *console) unpacked(w http.ResponseWriter, r *http.Request, stored string) bool {
	file, err := c.files.Open(stored)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // only read
	z, err := gzip.NewReader(file)
	if err != nil {
		return false
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, z) //nolint:gosec // our own build; the client may be gone
	}
	return true
}

// mediaOf returns the media type of a file of the console. The table is ours,
// because the machine's may differ.
func mediaOf(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	default:
		if media := mime.TypeByExtension(path.Ext(name)); media != "" {
			return media
		}
		return "application/octet-stream"
	}
}

// accepts reports whether an Accept or Accept-Encoding header names the value
// itself with a weight above 0; wildcards do not count.
func accepts(header, value string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), value) {
			continue
		}
		weight, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
		if !ok {
			return true
		}
		q, err := strconv.ParseFloat(weight, 64)
		return err == nil && q > 0
	}
	return false
}

// notBuilt is what a browser gets from a program without a console.
const notBuilt = `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>烽燧 Fengsui</title>
<h1>烽燧 Fengsui</h1>
<p>服务正在运行，但此程序未包含控制台。请执行 make web 后重新编译；接口说明见 <a href="/api/openapi.json">/api/openapi.json</a>。</p>
<p lang="en">The station is running, but this program was built without its console. Run make web and build again;
the API is described at <a href="/api/openapi.json">/api/openapi.json</a>.</p>
</html>
`
