package sigma

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// detection is a search identifier: a list, linked with or, of lists of items
// linked with and.
type detection struct {
	name   string
	line   int
	groups [][]rawItem
}

// rawItem is a field with its modifiers and values as they stand in the file.
type rawItem struct {
	field string // "" for keywords
	mods  []string
	vals  []*node
	line  int
	where string // for messages
}

// Document is what one YAML document of a file turned out to be.
type Document struct {
	Rule *Rule  // nil when Err is not
	ID   string // id of the rule as far as it could be read
	Err  error  // a *RuleError
	// Foreign is set for a document that has none of logsource, detection,
	// correlation and filter: some other YAML file, not a broken rule.
	Foreign bool
}

// Parse reads every document of a rule file. It fails with the first error,
// a [*RuleError] that wraps [ErrInvalid] or [ErrUnsupported]. Use
// [ParseDocuments] to go on after a broken document.
func Parse(yaml []byte) ([]*Rule, error) {
	docs := ParseDocuments(yaml)
	rules := make([]*Rule, 0, len(docs))
	for _, d := range docs {
		if d.Err != nil {
			return nil, d.Err
		}
		rules = append(rules, d.Rule)
	}
	return rules, nil
}

// ParseDocuments reads every document of a rule file, each on its own. A file
// without documents gives one that is foreign.
func ParseDocuments(yaml []byte) []Document {
	docs, err := splitDocuments(yaml)
	if err != nil {
		return []Document{{Err: &RuleError{Reason: err.Error(), Kind: ErrInvalid}}}
	}
	if len(docs) == 0 {
		return []Document{{Foreign: true, Err: &RuleError{Reason: "file is empty", Kind: ErrInvalid}}}
	}
	out := make([]Document, len(docs))
	for i, d := range docs {
		out[i] = parseDocument(d)
	}
	return out
}

func parseDocument(doc document) Document {
	root, err := parseYAML(doc)
	if err != nil {
		return Document{Err: &RuleError{Line: doc.line, Reason: err.Error(), Kind: ErrInvalid}}
	}
	if root.kind != nodeMap {
		return Document{Foreign: true, Err: &RuleError{Line: root.line, Reason: "document is not a map", Kind: ErrInvalid}}
	}
	id, _ := root.get("id").word()
	out := Document{ID: id, Foreign: true}
	for _, key := range []string{"logsource", "detection", "correlation", "filter"} {
		out.Foreign = out.Foreign && root.get(key) == nil
	}
	rule, err := parseRule(root)
	if err != nil {
		var re *RuleError
		if !errors.As(err, &re) {
			re = &RuleError{Line: root.line, Reason: err.Error(), Kind: ErrInvalid}
		}
		re.Rule = id
		if title, ok := root.get("title").word(); ok && id == "" {
			re.Rule = title
		}
		out.Err = re
		return out
	}
	rule.Source = doc.text
	out.Rule = rule
	return out
}

// invalid builds the error of a broken attribute.
func invalid(n *node, field, format string, args ...any) error {
	e := &RuleError{Field: field, Reason: fmt.Sprintf(format, args...), Kind: ErrInvalid}
	if n != nil {
		e.Line = n.line
	}
	return e
}

func parseRule(root *node) (*Rule, error) {
	if a := root.get("action"); a != nil {
		return nil, &RuleError{Field: "action", Line: a.line, Kind: ErrUnsupported, Reason: "rule collections of Sigma 1 are not read; repeat the attributes in each document"}
	}
	r := &Rule{Kind: KindRule}
	switch {
	case root.get("correlation") != nil:
		r.Kind = KindCorrelation
	case root.get("filter") != nil:
		r.Kind = KindFilter
	}
	if err := r.attributes(root); err != nil {
		return nil, err
	}
	if r.Kind == KindCorrelation {
		if root.get("correlation").kind != nodeMap {
			return nil, invalid(root.get("correlation"), "correlation", "is not a map")
		}
		return r, nil
	}
	if err := r.parseLogsource(root.get("logsource")); err != nil {
		return nil, err
	}
	section, where := root.get("detection"), "detection"
	if r.Kind == KindFilter {
		section, where = root.get("filter"), "filter"
		if err := r.parseTargets(section); err != nil {
			return nil, err
		}
	}
	return r, r.parseDetection(section, where)
}

var (
	statuses = []string{"", "stable", "test", "experimental", "deprecated", "unsupported"}
	levels   = []string{"", "informational", "low", "medium", "high", "critical"}
)

func (r *Rule) attributes(root *node) error {
	into := map[string]*string{
		"id": &r.ID, "name": &r.Name, "title": &r.Title, "description": &r.Description, "status": &r.Status,
		"level": &r.Level, "author": &r.Author, "date": &r.Date, "modified": &r.Modified,
	}
	lists := map[string]*[]string{"tags": &r.Tags, "references": &r.References, "fields": &r.Fields, "falsepositives": &r.FalsePos}
	for i, key := range root.keys {
		v := root.items[i]
		word, isWord := v.word()
		switch key {
		case "logsource", "detection", "correlation", "filter", "related", "license", "taxonomy", "scope":
			continue
		}
		if dst, ok := into[key]; ok {
			if !isWord && v.kind != nodeNull {
				return invalid(v, key, "is not text")
			}
			*dst = strings.TrimSpace(word)
		} else if dst, ok := lists[key]; ok {
			if v.kind == nodeMap {
				return invalid(v, key, "is not a list")
			}
			*dst = v.words()
		} else if isWord {
			if r.Custom == nil {
				r.Custom = map[string]string{}
			}
			r.Custom[key] = word
		}
	}
	if r.Title == "" {
		return invalid(root, "title", "is missing")
	}
	if !contains(statuses, r.Status) {
		return invalid(root.get("status"), "status", "%q is not one of stable, test, experimental, deprecated, unsupported", r.Status)
	}
	if !contains(levels, r.Level) {
		return invalid(root.get("level"), "level", "%q is not one of informational, low, medium, high, critical", r.Level)
	}
	if t, ok := root.get("taxonomy").word(); ok && t != "sigma" {
		return &RuleError{Field: "taxonomy", Line: root.get("taxonomy").line, Kind: ErrUnsupported, Reason: fmt.Sprintf("taxonomy %q is not sigma", t)}
	}
	return nil
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}

func (r *Rule) parseLogsource(n *node) error {
	if n == nil {
		return invalid(nil, "logsource", "is missing")
	}
	if n.kind != nodeMap {
		return invalid(n, "logsource", "is not a map")
	}
	for key, dst := range map[string]*string{"category": &r.Logsource.Category, "product": &r.Logsource.Product, "service": &r.Logsource.Service} {
		v := n.get(key)
		if v == nil || v.kind == nodeNull {
			continue
		}
		w, ok := v.word()
		if !ok {
			return invalid(v, "logsource."+key, "is not text")
		}
		*dst = w
	}
	if r.Logsource == (Logsource{}) {
		return invalid(n, "logsource", "names no category, product or service")
	}
	return nil
}

// parseTargets reads which rules a filter narrows.
func (r *Rule) parseTargets(n *node) error {
	if n.kind != nodeMap {
		return invalid(n, "filter", "is not a map")
	}
	rules := n.get("rules")
	r.filters = rules.words()
	if len(r.filters) == 0 {
		return invalid(n, "filter.rules", "names no rule")
	}
	r.filtersAny = len(r.filters) == 1 && strings.EqualFold(r.filters[0], "any") && rules.kind != nodeList
	return nil
}

// Narrows reports whether r is a filter that applies to the rule: it names the
// rule by id or name, or says any, and its log source holds the rule's.
func (r *Rule) Narrows(rule *Rule) bool {
	if r.Kind != KindFilter || rule.Kind != KindRule || !r.Logsource.within(rule.Logsource) {
		return false
	}
	if r.filtersAny {
		return true
	}
	for _, f := range r.filters {
		if f != "" && (strings.EqualFold(f, rule.ID) || f == rule.Name) {
			return true
		}
	}
	return false
}

func (r *Rule) parseDetection(n *node, where string) error { //nolint:cyclop // a list of cases reads best in one place
	if n == nil {
		return invalid(nil, where, "is missing")
	}
	if n.kind != nodeMap {
		return invalid(n, where, "is not a map")
	}
	var names []string
	for i, key := range n.keys {
		if key == "condition" || key == "timeframe" || (r.Kind == KindFilter && key == "rules") {
			continue
		}
		d, err := parseIdentifier(key, n.items[i], where+"."+key)
		if err != nil {
			return err
		}
		r.detections = append(r.detections, d)
		names = append(names, key)
	}
	if len(names) == 0 {
		return invalid(n, where, "has no search identifier")
	}
	cond := n.get("condition")
	if cond == nil {
		return invalid(n, where+".condition", "is missing")
	}
	list := []*node{cond}
	if cond.kind == nodeList {
		list = cond.items
	}
	for _, c := range list {
		if c.kind != nodeString && c.kind != nodeNumber {
			return invalid(c, where+".condition", "is not text")
		}
		e, err := parseCondition(c.text, names)
		if err != nil {
			kind := ErrInvalid
			if errors.Is(err, ErrUnsupported) {
				kind = ErrUnsupported
			}
			return &RuleError{Field: where + ".condition", Line: c.line, Reason: err.Error(), Kind: kind}
		}
		r.conditions = append(r.conditions, e)
	}
	if len(r.conditions) == 0 {
		return invalid(cond, where+".condition", "is an empty list")
	}
	return nil
}

func parseIdentifier(name string, n *node, where string) (detection, error) {
	d := detection{name: name, line: n.line}
	switch n.kind {
	case nodeMap:
		items, err := parseMap(n, where)
		d.groups = [][]rawItem{items}
		return d, err
	case nodeString, nodeNumber, nodeBool:
		d.groups = [][]rawItem{{{vals: []*node{n}, line: n.line, where: where}}}
		return d, nil
	case nodeList:
		if len(n.items) == 0 {
			return d, invalid(n, where, "is an empty list")
		}
		for _, e := range n.items {
			switch e.kind {
			case nodeMap:
				items, err := parseMap(e, where)
				if err != nil {
					return d, err
				}
				d.groups = append(d.groups, items)
			case nodeString, nodeNumber, nodeBool:
				d.groups = append(d.groups, []rawItem{{vals: []*node{e}, line: e.line, where: where}})
			default:
				return d, invalid(e, where, "holds what is neither a map nor text")
			}
		}
		return d, nil
	default:
		return d, invalid(n, where, "is empty")
	}
}

func parseMap(n *node, where string) ([]rawItem, error) {
	if len(n.keys) == 0 {
		return nil, invalid(n, where, "is an empty map")
	}
	items := make([]rawItem, 0, len(n.keys))
	for i, key := range n.keys {
		v := n.items[i]
		parts := strings.Split(key, "|")
		it := rawItem{field: parts[0], mods: parts[1:], line: v.line, where: where + "." + key}
		switch v.kind {
		case nodeMap:
			return nil, invalid(v, it.where, "is a map; nested fields are named with dots")
		case nodeList:
			if len(v.items) == 0 {
				return nil, invalid(v, it.where, "has no values")
			}
			for _, e := range v.items {
				if e.kind == nodeNull {
					return nil, invalid(e, it.where, "null cannot be part of a list of values")
				}
				if e.kind == nodeList || e.kind == nodeMap {
					return nil, invalid(e, it.where, "holds a list or map among its values")
				}
			}
			it.vals = v.items
		default:
			it.vals = []*node{v}
		}
		items = append(items, it)
	}
	return items, nil
}
