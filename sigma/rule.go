package sigma

import (
	"errors"
	"strings"
)

// Kind says what a YAML document of a rule file describes.
type Kind string

// The kinds of document the specification knows.
const (
	KindRule        Kind = "rule"
	KindCorrelation Kind = "correlation"
	KindFilter      Kind = "filter"
)

// Logsource is the log source section of a rule. An empty part restricts
// nothing.
type Logsource struct {
	Category string
	Product  string
	Service  string
}

// Origin says which log sources an event belongs to. Empty parts are unknown.
type Origin struct {
	Product    string
	Service    string
	Categories []string
}

// Unknown reports whether nothing is known about the event's origin.
func (o Origin) Unknown() bool {
	return o.Product == "" && o.Service == "" && len(o.Categories) == 0
}

// Covers reports whether events of origin o are what a rule with log source l
// looks at: every part that l names is equal to, or among, the parts of o. Case
// does not matter.
func (l Logsource) Covers(o Origin) bool {
	if l.Product != "" && !strings.EqualFold(l.Product, o.Product) {
		return false
	}
	if l.Service != "" && !strings.EqualFold(l.Service, o.Service) {
		return false
	}
	if l.Category == "" {
		return true
	}
	for _, c := range o.Categories {
		if strings.EqualFold(l.Category, c) {
			return true
		}
	}
	return false
}

// within reports whether every part that l names is the same in other.
func (l Logsource) within(other Logsource) bool {
	same := func(a, b string) bool { return a == "" || strings.EqualFold(a, b) }
	return same(l.Category, other.Category) && same(l.Product, other.Product) && same(l.Service, other.Service)
}

// Rule is one document of a rule file. It is read-only once parsed.
type Rule struct {
	Kind        Kind
	ID          string
	Name        string // reference name, unique among rules; may be empty
	Title       string
	Description string
	Status      string // "stable", "test", "experimental", "deprecated", "unsupported" or ""
	Level       string // "informational", "low", "medium", "high", "critical" or ""
	Author      string
	Date        string
	Modified    string
	Tags        []string
	References  []string
	Fields      []string
	FalsePos    []string
	Logsource   Logsource
	// Custom holds the attributes the specification does not define whose value
	// is text, such as title_zh.
	Custom map[string]string
	// Source is the YAML text of the document, without its separator.
	Source string

	detections []detection // in file order
	conditions []expr      // linked with or
	filters    []string    // rules a filter narrows, by id or name
	filtersAny bool        // the filter narrows every rule of its log source
}

// ErrInvalid marks what breaks the specification, ErrUnsupported what keeps to
// it and cannot be done here. Every error of this package about a rule wraps one
// of the two.
var (
	ErrInvalid     = errors.New("invalid")
	ErrUnsupported = errors.New("unsupported")
)

// RuleError is what is wrong with one rule.
type RuleError struct {
	Rule   string // id, or title when there is no id; may be empty
	Field  string // attribute or detection field, such as "detection.selection.Image|re"; may be empty
	Line   int    // line in the file, from 1; 0 unknown
	Reason string // what is wrong, for a person
	Kind   error  // ErrInvalid or ErrUnsupported
}

// Error names the rule, the place and the reason.
func (e *RuleError) Error() string {
	var b strings.Builder
	if e.Rule != "" {
		b.WriteString("rule ")
		b.WriteString(e.Rule)
		b.WriteString(": ")
	}
	b.WriteString(e.Text())
	return b.String()
}

// Text is the error without the rule's name.
func (e *RuleError) Text() string {
	var b strings.Builder
	if e.Line > 0 {
		b.WriteString("line ")
		b.WriteString(itoa(e.Line))
		b.WriteString(": ")
	}
	if e.Field != "" {
		b.WriteString(e.Field)
		b.WriteString(": ")
	}
	b.WriteString(e.Reason)
	return b.String()
}

// Unwrap returns [ErrInvalid] or [ErrUnsupported].
func (e *RuleError) Unwrap() error { return e.Kind }
