package httpapi

import (
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/platform/problem"
)

var bodyType = reflect.TypeFor[problem.Body]()

// registry names the schemas of the document. A type with a name bears that of
// its package and its own (alert.Item: AlertItem; a trailing JSON is left out);
// the bodies of operations and what is nested in them are named after the
// operation: ListAlertsResponse, ActOnAlertsRequest.
type registry struct {
	huma.Registry

	names map[reflect.Type]string // of types without a name
	taken map[string]bool
}

func newRegistry() *registry {
	g := &registry{names: map[reflect.Type]string{}, taken: map[string]bool{}}
	g.Registry = huma.NewMapRegistry("#/components/schemas/", g.name)
	// huma's own errors become problems on their way out.
	g.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), bodyType)
	return g
}

// MarshalJSON writes the schemas by name.
func (g *registry) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(g.Map())
	if err != nil {
		return nil, fmt.Errorf("describe schemas: %w", err)
	}
	return text, nil
}

// name returns the name of a type's schema.
func (g *registry) name(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == bodyType {
		return "Problem"
	}
	if t.Name() == "" {
		if name, ok := g.names[t]; ok {
			return name
		}
		return upper(hint)
	}
	own := t.Name()
	if bracket := strings.IndexByte(own, '['); bracket >= 0 {
		own = own[:bracket] + "Of" + upper(strings.TrimSuffix(own[strings.LastIndexAny(own, "./[")+1:], "]"))
	}
	if short := strings.TrimSuffix(own, "JSON"); short != "" {
		own = short
	}
	pkg := upper(path.Base(t.PkgPath()))
	if pkg == "." || strings.HasPrefix(strings.ToLower(own), strings.ToLower(pkg)) {
		return upper(own)
	}
	return pkg + upper(own)
}

// naming notes what the types without a name in an operation's request and
// answer are called.
func (g *registry) naming(id string, in, out reflect.Type) {
	seen := map[reflect.Type]bool{}
	for _, side := range []struct {
		t      reflect.Type
		suffix string
	}{{in, "Request"}, {out, "Response"}} {
		if f, ok := side.t.FieldByName("Body"); ok {
			g.walk(f.Type, pascal(id)+side.suffix, seen)
		}
	}
}

func (g *registry) walk(t reflect.Type, name string, seen map[reflect.Type]bool) {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map}, t.Kind()) {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	if t.Name() != "" {
		name = g.name(t, "")
	} else if g.names[t] == "" && !g.taken[name] {
		g.names[t], g.taken[name] = name, true
	}
	for f := range t.Fields() {
		if f.IsExported() || f.Anonymous {
			g.walk(f.Type, name+f.Name, seen)
		}
	}
}

// pascal turns kebab-case into PascalCase.
func pascal(id string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(id, "-") {
		b.WriteString(upper(part))
	}
	return b.String()
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// forbidNull says that the arrays in a schema are never null: answers are
// tidied, and requests send [] when they mean nothing.
func forbidNull(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	forbidNull(s.Items)
	for _, p := range s.Properties {
		forbidNull(p)
	}
	if extra, ok := s.AdditionalProperties.(*huma.Schema); ok {
		forbidNull(extra)
	}
}
