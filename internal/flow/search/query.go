package search

import (
	"fmt"
	"unicode/utf8"
)

// Limits of a query's text.
const (
	MaxQuery   = 16 << 10 // bytes
	maxFilters = 1000
	maxDepth   = 100 // nested parentheses and negations
	maxPicked  = 200 // names in a fields pipe
)

// Query is a parsed query. It is safe for concurrent use.
type Query struct {
	root   *node
	limit  int      // of all pages together; 0: none
	fields []string // shown; nil: all
}

// Error says what is wrong with a query and where.
type Error struct {
	Column int // counted in characters from 1
	Reason string
}

// Error returns "column 5: reason".
func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Reason) }

// op says what a node does with the nodes below it.
type op uint8

const (
	opFilter op = iota
	opAnd
	opOr
	opNot
)

type node struct {
	op     op
	kids   []*node
	filter *filter // of opFilter
}

// kind says what a filter asks of a value.
type kind uint8

const (
	isAll         kind = iota // every event
	isPhrase                  // text stands in the value as whole words
	isPrefix                  // as isPhrase, the last word may go on
	isPiece                   // text stands anywhere
	isExact                   // the value is text
	isExactPrefix             // the value begins with text
	isIn                      // the value is one of list
	isRegexp                  // text matches somewhere in the value
	isPresent                 // there is a value that is not empty
	isEmpty                   // there is none
	isBetween                 // a number between low and high
	isIPv4                    // an address in list: one network or address, or first and last
	isIPv6                    // the same
	isTime                    // the time is in text, or between low and high
)

type filter struct {
	field     string // "": the text and every field
	kind      kind
	text      string
	list      []string
	low, high bound
}

// bound is one end of a range.
type bound struct {
	text string // "": no end
	open bool   // the end itself is outside
}

// The words of the station. A sender's field of the same name is asked for with
// senderPrefix before it.
const (
	wordText      = "_msg"
	wordTime      = "_time"
	wordSeq       = "seq"
	wordSource    = "source"
	wordClass     = "class"
	wordTransport = "transport"
	wordPeer      = "peer"
	senderPrefix  = "sender."
)

// Parse reads a query. It fails with an [*Error].
func Parse(text string) (*Query, error) {
	p := &parser{text: text}
	if len(text) > MaxQuery {
		return nil, &Error{Column: 1, Reason: fmt.Sprintf("the query is longer than %d bytes", MaxQuery)}
	}
	q := &Query{root: &node{filter: &filter{}}}
	p.space()
	if !p.end() && p.peek() != '|' {
		q.root = p.or("")
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

// join makes a node of several; one of the same operation is taken apart.
func join(op op, kids ...*node) *node {
	if len(kids) == 1 {
		return kids[0]
	}
	out := &node{op: op}
	for _, k := range kids {
		if k.op == op {
			out.kids = append(out.kids, k.kids...)
			continue
		}
		out.kids = append(out.kids, k)
	}
	return out
}
