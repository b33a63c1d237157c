package httpapi

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// Authenticator says who sends a request.
type Authenticator interface {
	// Authenticate returns the actor of the request. The zero actor and no error
	// mean that the request names nobody this authenticator knows, so that the
	// next one is asked. An error ends the request.
	Authenticate(r *http.Request) (authz.Actor, error)
}

// AuthenticatorFunc makes an Authenticator of a function.
type AuthenticatorFunc func(r *http.Request) (authz.Actor, error)

// Authenticate calls the function.
func (f AuthenticatorFunc) Authenticate(r *http.Request) (authz.Actor, error) { return f(r) }

// Alive answers whether an actor could still send a request.
type Alive interface {
	// Alive must not prolong what it looks at.
	Alive(ctx context.Context, a authz.Actor) (bool, error)
}

// Options configure the API. A zero field means its default.
type Options struct {
	Version        string                // of the station, in the document; default "0"
	Authenticators []Authenticator       // asked in order; none: nobody can sign in
	Alive          Alive                 // ends streams whose actor is none any more; nil: they end by themselves
	Recheck        time.Duration         // between looks at the actor of a stream; default 1 s
	Recorder       Recorder              // takes the audit records; nil: there are none
	Console        fs.FS                 // built console with index.html at its root; nil: no console
	Secure         bool                  // the station itself ends TLS: HSTS is sent
	Log            *slog.Logger          // default: nothing is logged
	Metrics        prometheus.Registerer // default: metrics go nowhere
	Now            func() time.Time      // required
}

func (o Options) check() (Options, error) {
	o.Version = cmp.Or(o.Version, "0")
	o.Recheck = cmp.Or(o.Recheck, time.Second)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.Now == nil {
		return o, errors.New("http api: the clock is missing")
	}
	return o, nil
}

// Server is the API of the station. Operations are added with [Register] and
// [Handle] before [Server.Handler] is called.
type Server struct {
	huma     huma.API
	registry *registry
	mux      *gatedMux
	rules    map[string]*rule // by method and documented path, or the pattern of a plain operation
	meters   meters

	authenticators []Authenticator
	alive          Alive
	recheck        time.Duration
	recorder       Recorder
	log            *slog.Logger
	now            func() time.Time
	secure         bool
	console        *console
	crossOrigin    *http.CrossOriginProtection
	once           sync.Once // routes the fallback
	spec           func() ([]byte, error)
}

// New returns an API with one operation, its own description.
func New(o Options) (*Server, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	s := &Server{
		rules: map[string]*rule{}, authenticators: o.Authenticators, alive: o.Alive, recheck: o.Recheck, recorder: o.Recorder,
		log: o.Log, now: o.Now, secure: o.Secure, crossOrigin: http.NewCrossOriginProtection(),
	}
	if s.meters, err = newMeters(o.Metrics); err != nil {
		return nil, err
	}
	if o.Console != nil {
		if s.console, err = newConsole(o.Console); err != nil {
			return nil, err
		}
	}
	s.mux = &gatedMux{server: s, mux: http.NewServeMux()}
	s.registry = newRegistry()
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Fengsui", Version: o.Version,
				Description: "The station's API. Every operation says in x-permission which right it needs; " +
					"`public` needs none, `self` any signed-in person or token.",
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Components: &huma.Components{
				Schemas: s.registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: "fs_session", Description: "`__Host-fs_session` over TLS"},
					"token":   {Type: "http", Scheme: "bearer", Description: "a token that begins with fs_"},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": strictJSON(), "json": strictJSON()},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{s.toProblem},
	}
	s.huma = humago.New(s.mux, config)
	s.registry.Schema(bodyType, true, "Problem")
	s.spec = sync.OnceValues(s.describe)
	Handle(s.API(), PlainOp{
		ID: "get-openapi", Method: http.MethodGet, Path: "/api/openapi.json", Permission: authz.Public,
		Summary: "This description, OpenAPI 3.1", Tags: []string{"station"}, Answer: "application/openapi+json",
	}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := s.spec()
		if err != nil {
			s.Fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(text) // the client may be gone
	}))
	return s, nil
}

// API returns the value that [Register] and [Handle] take.
func (s *Server) API() huma.API { return gatedAPI{API: s.huma, server: s} }

// gatedAPI carries the server through code that only knows huma.
type gatedAPI struct {
	huma.API

	server *Server
}

func serverOf(api huma.API) *Server {
	g, ok := api.(gatedAPI)
	if !ok {
		panic("BUG: the API does not come from httpapi.New")
	}
	return g.server
}

// declare notes the rule of an operation before it is routed.
func (s *Server) declare(key string, r *rule) {
	switch {
	case r.id == "":
		panic("BUG: an operation has no id: " + key)
	case r.permission.ID == "":
		panic("BUG: operation " + r.id + " has no permission")
	case r.permission.ID != authz.Public.ID && r.permission.ID != authz.Self.ID && len(r.permission.Roles) == 0:
		panic("BUG: permission " + r.permission.ID + " is held by no role")
	case s.rules[key] != nil:
		panic("BUG: " + key + " is declared twice")
	}
	for _, other := range s.rules {
		if other.id == r.id {
			panic("BUG: two operations are called " + r.id)
		}
		if other.permission.ID == r.permission.ID && !slices.Equal(other.permission.Roles, r.permission.Roles) {
			panic("BUG: permission " + r.permission.ID + " has two meanings")
		}
	}
	s.rules[key] = r
}

// Operations returns every operation with its permission, in the order of their
// patterns.
func (s *Server) Operations() []OperationInfo {
	var out []OperationInfo
	for _, r := range s.rules {
		method, path, found := strings.Cut(r.pattern, " ")
		if !found {
			method, path = "", r.pattern
		}
		out = append(out, OperationInfo{ID: r.id, Method: method, Path: path, Permission: r.permission, Plain: r.plain})
	}
	slices.SortFunc(out, func(a, b OperationInfo) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return out
}

// OperationInfo is one row of the policy table.
type OperationInfo struct {
	ID, Method, Path string // Method is "" for every method; Path as net/http's mux takes it
	Permission       authz.Permission
	Plain            bool
}

// OpenAPI returns the document as indented JSON, the same bytes for the same
// operations.
func (s *Server) OpenAPI() ([]byte, error) { return s.describe() }

func (s *Server) describe() ([]byte, error) {
	raw, err := json.Marshal(s.huma.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("describe the api: %w", err)
	}
	// Through a map, so that keys are in order whatever huma does.
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("describe the api: %w", err)
	}
	text, err := json.MarshalIndent(tree, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe the api: %w", err)
	}
	return append(text, '\n'), nil
}

// gatedMux is what huma and Handle route through: no pattern without a rule, no
// handler without the gate.
type gatedMux struct {
	server *Server
	mux    *http.ServeMux
}

// HandleFunc routes a declared operation.
func (m *gatedMux) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	r := m.server.rules[pattern]
	if r == nil {
		panic("BUG: " + pattern + " was not declared with httpapi.Register or httpapi.Handle")
	}
	m.mux.Handle(r.pattern, m.server.gate(r, http.HandlerFunc(h)))
}

// ServeHTTP completes huma's idea of a mux.
func (m *gatedMux) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.mux.ServeHTTP(w, r) }

// HTTPServer returns a server with the station's limits: 10 s for the header,
// 64 KiB of header, 2 minutes for a request and its answer (lifted for
// streams), HTTP/2 where TLS is on. The caller listens and shuts down.
func HTTPServer(h http.Handler, config *tls.Config, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, TLSConfig: config,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// errorResponse describes the answer that is a problem.
func (s *Server) errorResponse() *huma.Response {
	return &huma.Response{
		Description: "A problem (RFC 9457)",
		Content: map[string]*huma.MediaType{
			problem.MediaType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}},
		},
	}
}
