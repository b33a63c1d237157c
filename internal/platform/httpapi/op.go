package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// Prefix is what the path of every JSON operation begins with.
const Prefix = "/api/v1"

// Op declares a JSON operation.
type Op struct {
	ID          string // kebab-case, unique: "record-training-result"
	Method      string
	Path        string // below /api/v1, such as "/alerts/{id}"; "{id...}" takes the rest of the path with its slashes
	Summary     string
	Description string
	Tags        []string         // default: the first segment of Path
	Permission  authz.Permission // required
	Status      int              // of success; default 200, or 204 without a body
	MaxBody     int64            // bytes of the request's body; default 1 MiB
	Errors      []int            // statuses worth naming besides the default
	Audited     bool             // audit a GET too: sensitive reads and exports; writes are audited always
	Quiet       bool             // do not audit a success: for writes that change nothing people care about
}

// PlainOp declares an operation with a handler of its own.
type PlainOp struct {
	ID          string
	Method      string // "" takes every method
	Path        string // whole path with net/http wildcards, such as "/ingest/ndjson" or "/api/v1/stream"
	Summary     string
	Description string
	Tags        []string
	Permission  authz.Permission // required
	Status      int              // of success, for the document; default 200
	MaxBody     int64            // bytes; 0: the handler limits what it reads
	MediaTypes  []string         // accepted Content-Types of a body; empty: the handler decides
	Answer      string           // media type of the answer, for the document; default application/json
	Query       []Param          // query parameters; with them unknown and repeated ones are refused
	AnyQuery    bool             // do not look at the query string: outside protocols send what they like
	Stream      bool             // lift the server's time limits for reading and writing
	Audited     bool             // audit successes; denials are audited always
}

// Param is one query parameter of a plain operation.
type Param struct {
	Name, Doc string
	Required  bool
}

// rule is what the gate knows about one operation.
type rule struct {
	id         string
	pattern    string // as net/http's mux wants it
	permission authz.Permission
	wildcards  []string // names of the path's values
	plain      bool
	stream     bool
	audited    bool
	maxBody    int64
	mediaTypes []string
	query      map[string]bool // known parameters of a plain operation and of JSON ones; the value allows repetition
	anyQuery   bool
}

// Register adds a JSON operation to the API, which must come from [New].
//
// I is a struct with huma's tags (path, query, header, Body); O a struct with
// Body, or an empty one. Fields are required unless they are tagged omitempty or
// required:"false". In answers nil slices become empty ones, and times are
// written in UTC with milliseconds. h returns a problem (wrapped as it likes);
// any other error becomes a 500 whose text stays in the log.
//
// Register panics on a declaration that makes no sense: it runs at start.
func Register[I, O any](api huma.API, op Op, h func(context.Context, *I) (*O, error)) {
	s := serverOf(api)
	path := Prefix + op.Path
	write := op.Method != http.MethodGet && op.Method != http.MethodHead
	tags := op.Tags
	if len(tags) == 0 {
		first, _, _ := strings.Cut(strings.TrimPrefix(op.Path, "/"), "/")
		tags = []string{first}
	}
	r := &rule{
		id: op.ID, pattern: op.Method + " " + path, permission: op.Permission,
		wildcards: wildcards(path), audited: (write && !op.Quiet) || op.Audited,
	}
	declared := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: documented(path),
		Summary: op.Summary, Description: op.Description, Tags: tags,
		DefaultStatus: op.Status, MaxBodyBytes: op.MaxBody, Errors: op.Errors,
		Extensions: map[string]any{"x-permission": op.Permission.ID},
		Security:   security(op.Permission),
	}
	s.declare(op.Method+" "+declared.Path, r)
	visible(op.ID, reflect.TypeFor[I](), map[reflect.Type]bool{})
	visible(op.ID, reflect.TypeFor[O](), map[reflect.Type]bool{})
	s.registry.naming(op.ID, reflect.TypeFor[I](), reflect.TypeFor[O]())
	tidy := tidier(reflect.TypeFor[O]())
	huma.Register(s.huma, declared, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, s.refuse(ctx, err)
		}
		if tidy != nil && out != nil {
			tidy(reflect.ValueOf(out).Elem())
		}
		return out, nil
	})
	s.finish(declared.Path, op.Method, r)
}

// visible panics when a request or an answer holds a struct that embeds one which
// is not exported: its fields would not be described, and those of a request not
// read.
func visible(id string, t reflect.Type, seen map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == timeType || marshals(t) || seen[t] {
		return
	}
	seen[t] = true
	for f := range t.Fields() {
		if f.Anonymous && !f.IsExported() {
			panic("BUG: a type of " + id + " embeds " + f.Name + ", which is not exported")
		}
		if f.IsExported() {
			visible(id, f.Type, seen)
		}
	}
}

// answer is a problem on its way through huma.
type answer struct{ problem.Body }

// GetStatus makes the problem's status that of the answer.
func (a answer) GetStatus() int { return a.Status }

// Error makes an error of it, as huma wants.
func (a answer) Error() string { return a.Title }

type retryAnswer struct { //nolint:errname // it is an answer; that it is an error is how huma takes it {
	answer

	header http.Header
}

// GetHeaders adds Retry-After.
func (a retryAnswer) GetHeaders() http.Header { return a.header }

// refuse turns an error of a handler into what the caller sees, and logs what
// the caller does not.
func (s *Server) refuse(ctx context.Context, err error) error {
	p := s.seen(ctx, err)
	a := answer{p.Body(RequestID(ctx))}
	header := http.Header{}
	if p.RetryAfter() > 0 {
		header.Set("Retry-After", p.RetrySeconds())
	}
	if p.Kind() == problem.Unauthorised {
		header.Set("WWW-Authenticate", challenge)
	}
	if len(header) > 0 {
		return retryAnswer{answer: a, header: header}
	}
	return a
}

// seen returns the problem in err. Without one the error is logged with the id
// of the request and stands for an internal error. It also notes the code for
// the audit record.
func (s *Server) seen(ctx context.Context, err error) *problem.Problem {
	p, ok := problem.From(err)
	switch {
	case ok && p.Kind() != problem.Internal:
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		p = ErrCancelled // the client left; nobody needs to act
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		p = ErrTooSlow
	default:
		if !ok {
			p = problem.ErrInternal
		}
		s.log.ErrorContext(ctx, "request failed", slog.String("request_id", RequestID(ctx)),
			slog.String("operation", Operation(ctx)), slog.Any("error", err))
	}
	Annotate(ctx, func(a *Audit) { a.Code = p.Code() })
	return p
}

// Handle adds a plain handler to the API, which must come from [New]. The
// handler runs behind the same gate as a JSON operation and finds its actor with
// [authz.ActorFrom]. It answers problems with [Server.Fail] (see [Failer]).
func Handle(api huma.API, op PlainOp, h http.Handler) {
	s := serverOf(api)
	r := &rule{
		id: op.ID, pattern: strings.TrimSpace(op.Method + " " + op.Path), permission: op.Permission,
		wildcards: wildcards(op.Path), plain: true, stream: op.Stream, audited: op.Audited,
		maxBody: op.MaxBody, mediaTypes: op.MediaTypes, anyQuery: op.AnyQuery, query: map[string]bool{},
	}
	for _, p := range op.Query {
		r.query[p.Name] = false
	}
	method := op.Method
	if method == "" {
		method = http.MethodPost // the document knows no "any"
	}
	s.declare(r.pattern, r)
	s.document(op, method)
	s.finish(documented(op.Path), method, r)
	s.mux.HandleFunc(r.pattern, h.ServeHTTP)
}

// document adds a plain operation to the OpenAPI document.
func (s *Server) document(op PlainOp, method string) {
	status := op.Status
	if status == 0 {
		status = http.StatusOK
	}
	media := op.Answer
	if media == "" {
		media = "application/json"
	}
	d := &huma.Operation{
		OperationID: op.ID, Method: method, Path: documented(op.Path), Summary: op.Summary,
		Description: op.Description, Tags: op.Tags, Security: security(op.Permission),
		Extensions: map[string]any{"x-permission": op.Permission.ID, "x-plain": true},
		Responses: map[string]*huma.Response{
			statusText(status): {Description: http.StatusText(status), Content: map[string]*huma.MediaType{media: {}}},
			"default":          s.errorResponse(),
		},
	}
	if op.AnyQuery {
		d.Extensions["x-any-query"] = true
	}
	for _, name := range wildcards(op.Path) {
		d.Parameters = append(d.Parameters, &huma.Param{
			Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	for _, p := range op.Query {
		d.Parameters = append(d.Parameters, &huma.Param{
			Name: p.Name, In: "query", Description: p.Doc, Required: p.Required, Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	if method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
		content := map[string]*huma.MediaType{}
		for _, m := range op.MediaTypes {
			content[m] = &huma.MediaType{}
		}
		if len(content) == 0 {
			content["application/octet-stream"] = &huma.MediaType{}
		}
		d.RequestBody = &huma.RequestBody{Content: content}
	}
	s.huma.OpenAPI().AddOperation(d)
}

// finish completes the rule with what the document says about the operation.
func (s *Server) finish(path, method string, r *rule) {
	item := s.huma.OpenAPI().Paths[path]
	op := operations(item)[method]
	if op == nil {
		panic("BUG: operation " + r.id + " is not in the document")
	}
	if r.query == nil {
		r.query = map[string]bool{}
	}
	for _, p := range op.Parameters {
		if p.In == "query" {
			r.query[p.Name] = p.Explode != nil && *p.Explode
		}
	}
	for _, schema := range s.huma.OpenAPI().Components.Schemas.Map() {
		forbidNull(schema)
	}
	if op.RequestBody != nil {
		for media, m := range op.RequestBody.Content {
			forbidNull(m.Schema)
			if !r.plain {
				r.mediaTypes, r.maxBody = append(r.mediaTypes, media), op.MaxBodyBytes
			}
		}
	}
	for _, resp := range op.Responses {
		for _, m := range resp.Content {
			forbidNull(m.Schema)
		}
	}
}

// operations returns what a path item holds, by method.
func operations(item *huma.PathItem) map[string]*huma.Operation {
	if item == nil {
		return nil
	}
	all := map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPut: item.Put, http.MethodPost: item.Post, http.MethodDelete: item.Delete,
		http.MethodPatch: item.Patch, http.MethodHead: item.Head, http.MethodOptions: item.Options,
	}
	maps.DeleteFunc(all, func(_ string, op *huma.Operation) bool { return op == nil })
	return all
}

// wildcards returns the names of the values in a path.
func wildcards(path string) []string {
	var names []string
	for part := range strings.SplitSeq(path, "/") {
		if len(part) > 2 && part[0] == '{' && part != "{$}" {
			names = append(names, strings.TrimSuffix(strings.Trim(part, "{}"), "..."))
		}
	}
	return names
}

// documented returns the path as OpenAPI writes it.
func documented(path string) string {
	return strings.NewReplacer("...}", "}", "{$}", "").Replace(path)
}

// security says in OpenAPI's words what an operation asks for.
func security(p authz.Permission) []map[string][]string {
	switch {
	case p.ID == authz.Public.ID:
		return []map[string][]string{}
	case len(p.Roles) == 1 && p.Roles[0] == authz.Source:
		return []map[string][]string{{"token": {}}}
	default:
		return []map[string][]string{{"session": {}}, {"token": {}}}
	}
}
