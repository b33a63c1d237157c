package sigma

import (
	"errors"
	"fmt"
	"strings"
)

// Bounds of a condition.
const (
	maxConditionBytes = 16 << 10
	maxConditionDepth = 100
)

// expr is a condition: a search identifier, or an operation on conditions.
type expr struct {
	op   exprOp
	ref  int    // opRef: index into the rule's detections
	args []expr // opNot: one; opAnd, opOr: one or more
}

type exprOp uint8

const (
	opRef exprOp = iota
	opNot
	opAnd
	opOr
)

// conditionParser reads one condition by recursive descent; precedence from
// least to most binding is or, and, not, "x of", parentheses.
type conditionParser struct {
	toks  []string
	pos   int
	depth int
	names []string // search identifiers in file order
}

// parseCondition reads a condition over the named search identifiers.
func parseCondition(text string, names []string) (expr, error) {
	if len(text) > maxConditionBytes {
		return expr{}, fmt.Errorf("condition is longer than %d bytes", maxConditionBytes)
	}
	if strings.Contains(text, "|") {
		return expr{}, fmt.Errorf("%w: aggregations in a condition were replaced by correlation rules", ErrUnsupported)
	}
	p := &conditionParser{toks: conditionTokens(text), names: names}
	if len(p.toks) == 0 {
		return expr{}, errors.New("condition is empty")
	}
	e, err := p.or()
	if err != nil {
		return expr{}, err
	}
	if p.pos < len(p.toks) {
		return expr{}, fmt.Errorf("condition: unexpected %q", p.toks[p.pos])
	}
	return e, nil
}

func conditionTokens(text string) []string {
	text = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text)
	return strings.Fields(text)
}

func (p *conditionParser) peek() string {
	if p.pos < len(p.toks) {
		return p.toks[p.pos]
	}
	return ""
}

func (p *conditionParser) accept(word string) bool {
	if strings.EqualFold(p.peek(), word) {
		p.pos++
		return true
	}
	return false
}

func (p *conditionParser) or() (expr, error)  { return p.chain(opOr, "or", p.and) }
func (p *conditionParser) and() (expr, error) { return p.chain(opAnd, "and", p.not) }

func (p *conditionParser) chain(op exprOp, word string, next func() (expr, error)) (expr, error) {
	first, err := next()
	if err != nil {
		return expr{}, err
	}
	args := []expr{first}
	for p.accept(word) {
		e, err := next()
		if err != nil {
			return expr{}, err
		}
		args = append(args, e)
	}
	if len(args) == 1 {
		return first, nil
	}
	return expr{op: op, args: args}, nil
}

func (p *conditionParser) not() (expr, error) {
	negate := false
	for p.accept("not") {
		negate = !negate
	}
	e, err := p.primary()
	if err != nil || !negate {
		return e, err
	}
	return expr{op: opNot, args: []expr{e}}, nil
}

func (p *conditionParser) primary() (expr, error) {
	word := p.peek()
	switch {
	case word == "":
		return expr{}, errors.New("condition ends too early")
	case word == "(":
		p.pos++
		if p.depth++; p.depth > maxConditionDepth {
			return expr{}, fmt.Errorf("condition is nested more than %d levels", maxConditionDepth)
		}
		e, err := p.or()
		if err != nil {
			return expr{}, err
		}
		p.depth--
		if !p.accept(")") {
			return expr{}, errors.New("condition: parenthesis is not closed")
		}
		return e, nil
	case word == ")" || reserved(word):
		return expr{}, fmt.Errorf("condition: unexpected %q", word)
	case p.pos+1 < len(p.toks) && strings.EqualFold(p.toks[p.pos+1], "of"):
		return p.of()
	}
	p.pos++
	for i, name := range p.names {
		if name == word {
			return expr{op: opRef, ref: i}, nil
		}
	}
	return expr{}, fmt.Errorf("condition: search identifier %q is not defined", word)
}

func reserved(word string) bool {
	switch strings.ToLower(word) {
	case "and", "or", "of":
		return true
	}
	return false
}

// of reads "1 of them", "all of selection*" and the like.
func (p *conditionParser) of() (expr, error) {
	count := strings.ToLower(p.peek())
	p.pos += 2
	op := opOr
	switch count {
	case "1", "any":
	case "all":
		op = opAnd
	default:
		return expr{}, fmt.Errorf("condition: %q of is neither 1 nor all", count)
	}
	pattern := p.peek()
	if pattern == "" || pattern == "(" || pattern == ")" || reserved(pattern) {
		return expr{}, errors.New("condition: of is followed by no search identifier")
	}
	p.pos++
	if strings.EqualFold(pattern, "them") {
		pattern = "*"
	}
	var args []expr
	for i, name := range p.names {
		// identifiers with an underscore are left out by convention, unless they
		// are what is asked for.
		if strings.HasPrefix(name, "_") && !strings.HasPrefix(pattern, "_") {
			continue
		}
		if matchName(pattern, name) {
			args = append(args, expr{op: opRef, ref: i})
		}
	}
	if len(args) == 0 {
		return expr{}, fmt.Errorf("condition: no search identifier is like %q", pattern)
	}
	return expr{op: op, args: args}, nil
}

// matchName matches a search identifier with a pattern whose only wildcard is *.
func matchName(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return strings.HasSuffix(name, last)
}
