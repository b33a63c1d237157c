package query

import (
	"fmt"
	"unicode/utf8"
)

// Limits of a query's text.
const (
	MaxBytes   = 16 << 10
	maxFilters = 1000
	maxDepth   = 100 // nested parentheses and negations
	maxPicked  = 200 // names in a fields pipe
)

// Query is a parsed query. It is safe for concurrent use as long as nobody changes
// it.
type Query struct {
	Root   *Node    // never nil
	Limit  int      // of all pages together; 0: none
	Fields []string // shown; nil: all
}

// Error says what is wrong with a query and where.
type Error struct {
	Column int // counted in characters from 1
	Reason string
}

// Error returns "column 5: reason".
func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Reason) }

// Parse reads a query. It fails with an [*Error].
func Parse(text string) (*Query, error) {
	p := &parser{text: text}
	if len(text) > MaxBytes {
		return nil, &Error{Column: 1, Reason: fmt.Sprintf("the query is longer than %d bytes", MaxBytes)}
	}
	q := &Query{Root: &Node{Filter: &Filter{}}}
	p.space()
	if !p.end() && p.peek() != '|' {
		q.Root = p.or("")
	}
	p.space()
	for p.err == nil && !p.end() {
		p.pipe(q)
		p.space()
	}
	if p.err != nil {
		return nil, p.err
	}
	return q, nil
}

// fail notes the first error, at byte position at.
func (p *parser) fail(at int, format string, args ...any) {
	if p.err == nil {
		p.err = &Error{Column: utf8.RuneCountInString(p.text[:min(at, len(p.text))]) + 1, Reason: fmt.Sprintf(format, args...)}
		p.at = len(p.text)
	}
}
