package sigma

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Bounds of a rule file, so that a hostile one costs little.
const (
	maxFileBytes = 4 << 20 // bytes of a file
	maxDocBytes  = 1 << 20 // bytes of one document
	maxDocuments = 10_000  // documents of a file
	maxNodes     = 200_000 // nodes of a document after aliases are expanded
	maxDepth     = 64      // nesting of a document
)

type nodeKind uint8

const (
	nodeNull nodeKind = iota
	nodeString
	nodeNumber
	nodeBool
	nodeList
	nodeMap
)

// node is a YAML value with aliases and merge keys resolved.
type node struct {
	kind  nodeKind
	text  string // scalars; numbers in decimal
	line  int
	items []*node // list elements, or map values
	keys  []string
}

func (n *node) get(key string) *node {
	if n == nil || n.kind != nodeMap {
		return nil
	}
	for i, k := range n.keys {
		if k == key {
			return n.items[i]
		}
	}
	return nil
}

// word returns the text of a scalar that is not null.
func (n *node) word() (string, bool) {
	if n == nil {
		return "", false
	}
	switch n.kind {
	case nodeString, nodeNumber, nodeBool:
		return n.text, true
	default:
		return "", false
	}
}

// words returns the scalars of a list, or a scalar as a list of one.
func (n *node) words() []string {
	if n == nil {
		return nil
	}
	if n.kind != nodeList {
		if w, ok := n.word(); ok {
			return []string{w}
		}
		return nil
	}
	var out []string
	for _, e := range n.items {
		if w, ok := e.word(); ok {
			out = append(out, w)
		}
	}
	return out
}

// document is one YAML document of a file.
type document struct {
	text string
	line int // line of its first byte in the file, from 1
}

// splitDocuments cuts a file at its document separators. A separator inside a
// block scalar would have to stand at column 0, where YAML ends the scalar too.
func splitDocuments(data []byte) ([]document, error) {
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("file is larger than %d bytes", maxFileBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("file holds a NUL byte")
	}
	var docs []document
	start, line, startLine := 0, 1, 1
	flush := func(end int) {
		text := string(data[start:end])
		if !blank(text) {
			docs = append(docs, document{text: text, line: startLine})
		}
	}
	for pos := 0; pos < len(data); {
		end := bytes.IndexByte(data[pos:], '\n')
		next := len(data)
		if end >= 0 {
			next = pos + end + 1
		}
		row := bytes.TrimRight(data[pos:next], " \t\r\n")
		if bytes.Equal(row, []byte("---")) || bytes.Equal(row, []byte("...")) {
			flush(pos)
			start, startLine = next, line+1
		}
		pos = next
		line++
	}
	flush(len(data))
	if len(docs) > maxDocuments {
		return nil, fmt.Errorf("file holds more than %d documents", maxDocuments)
	}
	return docs, nil
}

// blank reports whether the text holds only space and comments.
func blank(text string) bool {
	for row := range strings.Lines(text) {
		row = strings.TrimSpace(row)
		if row != "" && row[0] != '#' {
			return false
		}
	}
	return true
}

// parseYAML reads one document. It never panics: what the YAML library cannot
// stand becomes an error.
func parseYAML(doc document) (n *node, err error) {
	if len(doc.text) > maxDocBytes {
		return nil, fmt.Errorf("document is larger than %d bytes", maxDocBytes)
	}
	if err := shallow(doc.text); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			n, err = nil, fmt.Errorf("yaml: %v", p)
		}
	}()
	file, err := parser.ParseBytes([]byte(doc.text), 0)
	if err != nil {
		return nil, yamlError(err)
	}
	r := &resolver{line: doc.line - 1, anchors: map[string]ast.Node{}}
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if n != nil {
			return nil, errors.New("yaml: more than one value in a document")
		}
		if n, err = r.resolve(d.Body, 0); err != nil {
			return nil, err
		}
	}
	if n == nil {
		return nil, errors.New("yaml: document is empty")
	}
	return n, nil
}

// yamlError keeps the first line of the library's message; the rest quotes the
// file.
func yamlError(err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("yaml: %s", text)
}

// shallow refuses text whose nesting would exhaust the stack of the recursive
// YAML parser. It counts brackets whether they stand in quotes or not, which is
// far above what rules hold.
func shallow(text string) error { //nolint:cyclop // a list of cases reads best in one place
	depth := 0
	for row := range strings.Lines(text) {
		dashes := 0
		for i := 0; i < len(row); i++ {
			switch c := row[i]; {
			case c == '[' || c == '{':
				depth++
			case (c == ']' || c == '}') && depth > 0:
				depth--
			case (c == '-' || c == '?' || c == ':' || c == '!' || c == '&') && (i+1 >= len(row) || c == '!' || c == '&' || row[i+1] == ' '):
				dashes++
			}
			if depth > 4000 || dashes > 4000 {
				return errors.New("yaml: nested too deeply")
			}
		}
	}
	return nil
}

// resolver turns the library's tree into ours.
type resolver struct {
	line    int // added to every line number
	nodes   int
	anchors map[string]ast.Node
	open    []string // aliases being expanded, against cycles
}

func (r *resolver) resolve(n ast.Node, depth int) (*node, error) { //nolint:cyclop // a list of cases reads best in one place
	r.nodes++
	if r.nodes > maxNodes {
		return nil, fmt.Errorf("yaml: document has more than %d values", maxNodes)
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("yaml: nested more than %d levels", maxDepth)
	}
	out := &node{}
	if n == nil {
		return out, nil
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		out.line = t.Position.Line + r.line
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		r.anchors[n.Name.GetToken().Value] = n.Value
		return r.resolve(n.Value, depth+1)
	case *ast.AliasNode:
		return r.alias(n, depth)
	case *ast.TagNode:
		v, err := r.resolve(n.Value, depth+1)
		if err == nil && n.Start.Value == "!!str" && v.kind != nodeList && v.kind != nodeMap {
			v.kind = nodeString
		}
		return v, err
	case *ast.MappingNode:
		out.kind = nodeMap
		return out, r.fill(out, n.Values, depth)
	case *ast.MappingValueNode:
		out.kind = nodeMap
		return out, r.fill(out, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		out.kind = nodeList
		for _, v := range n.Values {
			e, err := r.resolve(v, depth+1)
			if err != nil {
				return nil, err
			}
			out.items = append(out.items, e)
		}
		return out, nil
	default:
		return r.scalar(out, n)
	}
}

func (r *resolver) scalar(out *node, n ast.Node) (*node, error) {
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		out.kind, out.text = nodeString, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = nodeString, n.Value.Value
	case *ast.BoolNode:
		out.kind, out.text = nodeBool, strconv.FormatBool(n.Value)
	case *ast.IntegerNode:
		out.kind, out.text = nodeNumber, fmt.Sprint(n.Value)
	case *ast.FloatNode:
		out.kind, out.text = nodeNumber, decimalText(n.Token.Value, n.Value)
	case *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = nodeString, n.GetToken().Value
	default:
		return nil, fmt.Errorf("yaml: line %d: %s is not understood", out.line, strings.ToLower(n.Type().String()))
	}
	return out, nil
}

// decimalText keeps the digits of a float as they were written when they are a
// JSON number, so that nothing is rounded.
func decimalText(text string, v float64) string {
	if _, ok := parseDecimal(text); ok {
		return text
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func (r *resolver) alias(n *ast.AliasNode, depth int) (*node, error) {
	name := n.Value.GetToken().Value
	target, ok := r.anchors[name]
	if !ok {
		return nil, fmt.Errorf("yaml: alias *%s has no anchor", name)
	}
	if slices.Contains(r.open, name) {
		return nil, fmt.Errorf("yaml: alias *%s holds itself", name)
	}
	r.open = append(r.open, name)
	defer func() { r.open = r.open[:len(r.open)-1] }()
	return r.resolve(target, depth+1)
}

func (r *resolver) fill(out *node, values []*ast.MappingValueNode, depth int) error {
	seen := make(map[string]bool, len(values))
	var merged []*node
	for _, mv := range values {
		v, err := r.resolve(mv.Value, depth+1)
		if err != nil {
			return err
		}
		if mv.Key.IsMergeKey() {
			merged = append(merged, v)
			continue
		}
		key, err := r.resolve(keyNode(mv.Key), depth+1)
		if err != nil {
			return err
		}
		name, ok := key.word()
		if !ok && key.kind != nodeNull {
			return fmt.Errorf("yaml: line %d: a key is not text", key.line)
		}
		if seen[name] {
			return fmt.Errorf("yaml: line %d: key %q stands twice", key.line, name)
		}
		seen[name] = true
		out.keys, out.items = append(out.keys, name), append(out.items, v)
	}
	return mergeInto(out, merged, seen)
}

// keyNode looks behind the marker of an explicit key (`? key`).
func keyNode(k ast.MapKeyNode) ast.Node {
	if m, ok := k.(*ast.MappingKeyNode); ok {
		return m.Value
	}
	return k
}

// mergeInto adds what `<<` brings; a key that stands in the map itself wins, and
// an earlier merged map wins over a later one.
func mergeInto(out *node, merged []*node, seen map[string]bool) error {
	for _, m := range merged {
		maps := []*node{m}
		if m.kind == nodeList {
			maps = m.items
		}
		for _, from := range maps {
			if from.kind != nodeMap {
				return fmt.Errorf("yaml: line %d: << needs a map", from.line)
			}
			for i, k := range from.keys {
				if !seen[k] {
					seen[k] = true
					out.keys, out.items = append(out.keys, k), append(out.items, from.items[i])
				}
			}
		}
	}
	return nil
}
