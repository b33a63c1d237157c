package httpapi

import (
	"context"
	"crypto/rand"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// Handler returns the station's HTTP handler: every operation, and the console
// at every path that is none. No operation may be added after it was called.
func (s *Server) Handler() http.Handler {
	s.once.Do(func() { s.mux.mux.HandleFunc("/", s.fallback) })
	return http.HandlerFunc(s.serve)
}

// serve stands around everything.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	x := &exchange{ResponseWriter: w, server: s, id: rand.Text(), peer: peerOf(r), start: s.now()}
	ctx := context.WithValue(r.Context(), exchangeKey{}, x)
	x.ctx = func() context.Context { return ctx }
	r = r.WithContext(ctx)
	s.head(w.Header(), x.id)
	defer s.meters.observe(x, s.now)
	defer s.recovered(x, r)
	if unclean(r.URL.Path) {
		// The mux would redirect to the path it believes is meant.
		s.Fail(x, r, ErrNoPath)
		return
	}
	s.mux.mux.ServeHTTP(x, r)
	if x.status == 0 {
		x.WriteHeader(http.StatusOK) //nolint:contextcheck // the exchange has the context of the request
	}
}

// head sets the headers of every answer; the console sets its own policy.
func (s *Server) head(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// recovered answers a panic: with a problem while nothing was written, by ending
// the connection otherwise.
func (s *Server) recovered(x *exchange, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it the same way
		panic(v)
	}
	s.log.ErrorContext(r.Context(), "request panicked", slog.String("request_id", x.id),
		slog.String("operation", x.operation()), slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
	if x.status != 0 {
		panic(http.ErrAbortHandler)
	}
	Annotate(r.Context(), func(a *Audit) { a.Code = problem.ErrInternal.Code() })
	problem.ErrInternal.Write(x, x.id)
}

// gate lets through who may, with what makes sense.
func (s *Server) gate(rule *rule, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r.Context())
		if x == nil {
			panic("BUG: the request did not come through Server.Handler")
		}
		x.rule = rule
		x.audit = Audit{At: x.start.UTC(), RequestID: x.id, Operation: rule.id, Peer: x.peer}
		for _, name := range rule.wildcards {
			x.audit.Object(name, r.PathValue(name))
		}
		if err := s.crossOrigin.Check(r); err != nil {
			s.Fail(w, r, ErrCrossOrigin)
			return
		}
		actor, err := s.authenticate(r)
		if err == nil {
			x.audit.Actor = actor
			err = authz.Check(rule.permission, actor)
		}
		if err == nil {
			err = rule.check(w, r)
		}
		if err != nil {
			s.Fail(w, r, err)
			return
		}
		if rule.stream {
			lift(w)
			ctx, stop := s.whileAlive(r.Context(), actor)
			defer stop()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r.WithContext(authz.WithActor(r.Context(), actor)))
	})
}

// authenticate asks who sends the request.
func (s *Server) authenticate(r *http.Request) (authz.Actor, error) {
	for _, a := range s.authenticators {
		actor, err := a.Authenticate(r)
		if err != nil || !actor.Nobody() {
			return actor, err
		}
	}
	return authz.Actor{}, nil
}

// whileAlive returns a context that ends when the actor could no longer send the
// request: an answer without end must not outlive the session or token that
// asked for it. stop ends the watch; it must be called.
func (s *Server) whileAlive(ctx context.Context, actor authz.Actor) (_ context.Context, stop func()) {
	if s.alive == nil || actor.Nobody() {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(s.recheck)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			alive, err := s.alive.Alive(ctx, actor)
			if err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "stream ended, its session cannot be read", slog.Any("error", err))
			}
			if err != nil || !alive {
				cancel()
				return
			}
		}
	}()
	return ctx, func() {
		cancel()
		<-done
	}
}

// lift takes the server's time limits off a request whose answer has no end.
func lift(w http.ResponseWriter) {
	// Not supported only where a test's recorder stands in for the server.
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Time{})
	_ = c.SetWriteDeadline(time.Time{})
}

// check refuses a request that the declaration of its operation does not cover.
func (r *rule) check(w http.ResponseWriter, req *http.Request) error {
	for _, name := range r.wildcards {
		if v := req.PathValue(name); !utf8.ValidString(v) || strings.ContainsFunc(v, control) {
			return ErrMalformed.At("path."+name, "not plain text")
		}
	}
	if err := r.checkQuery(req.URL.RawQuery); err != nil {
		return err
	}
	return r.checkBody(w, req)
}

func control(c rune) bool { return c < ' ' || c == 0x7f }

func (r *rule) checkQuery(raw string) error {
	if r.anyQuery || raw == "" {
		return nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return ErrMalformed.At("query", "not a query string")
	}
	var unknown, repeated []string
	for name, list := range values {
		several, known := r.query[name]
		switch {
		case !known:
			unknown = append(unknown, name)
		case len(list) > 1 && !several:
			repeated = append(repeated, name)
		case slices.ContainsFunc(list, func(v string) bool { return !utf8.ValidString(v) || strings.Contains(v, "\x00") }):
			return ErrMalformed.At("query."+name, "not plain UTF-8")
		}
	}
	return cmpFirst(named(ErrUnknown, unknown, "unknown parameter"), named(ErrRepeated, repeated, "given more than once"))
}

// named returns p with the locations of the parameters, or nil for none.
func named(p *problem.Problem, names []string, message string) error {
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	for _, name := range names[:min(len(names), 10)] {
		p = p.At("query."+clip(name), message)
	}
	return p
}

func cmpFirst(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *rule) checkBody(w http.ResponseWriter, req *http.Request) error {
	if req.ContentLength == 0 {
		return nil
	}
	if !r.plain && len(r.mediaTypes) == 0 {
		return ErrNoBody
	}
	if len(r.mediaTypes) > 0 {
		media, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
		charset := strings.ToLower(params["charset"])
		if err != nil || !slices.Contains(r.mediaTypes, media) || (charset != "" && charset != "utf-8") {
			return ErrMediaType.Detailf("send %s", strings.Join(r.mediaTypes, " or "))
		}
	}
	if r.maxBody == 0 {
		return nil
	}
	if req.ContentLength > r.maxBody {
		return ErrTooLarge.Detailf("the limit is %d bytes", r.maxBody)
	}
	if r.plain {
		req.Body = http.MaxBytesReader(w, req.Body, r.maxBody)
	}
	return nil
}

// fallback answers every path that is no operation's.
func (s *Server) fallback(w http.ResponseWriter, r *http.Request) {
	if methods := s.methods(r); len(methods) > 0 {
		w.Header().Set("Allow", strings.Join(methods, ", "))
		s.Fail(w, r, ErrMethod)
		return
	}
	if !s.console.serve(w, r) {
		s.Fail(w, r, ErrNoPath)
	}
}

// methods returns the methods that operations have at the path of the request.
func (s *Server) methods(r *http.Request) []string {
	var out []string
	for _, method := range []string{
		http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodPost, http.MethodPut,
	} {
		try := r.WithContext(r.Context())
		try.Method = method
		if _, pattern := s.mux.mux.Handler(try); pattern != "/" && pattern != "" {
			out = append(out, method)
		}
	}
	return out
}

// unclean reports whether a path has empty, "." or ".." segments.
func unclean(path string) bool {
	if !strings.HasPrefix(path, "/") {
		return true
	}
	return strings.Contains(path, "//") || strings.Contains(path+"/", "/./") || strings.Contains(path+"/", "/../")
}

// peerOf returns the address a request came from, without port, or "".
func peerOf(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return ap.Addr().Unmap().String()
}
