package search

import (
	"strconv"
	"strings"
	"unicode"
)

// String returns the query in its plain form: parsing it gives the same query.
func (q *Query) String() string {
	var b strings.Builder
	q.root.print(&b, opOr)
	if q.fields != nil {
		b.WriteString(" | fields ")
		for i, f := range q.fields {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(strconv.Quote(f))
		}
	}
	if q.limit > 0 {
		b.WriteString(" | limit " + strconv.Itoa(q.limit))
	}
	return b.String()
}

// print writes the node; within says what it stands in, so that it knows whether
// parentheses are needed.
func (n *node) print(b *strings.Builder, within op) {
	switch n.op {
	case opFilter:
		n.filter.print(b)
	case opNot:
		b.WriteByte('!')
		n.kids[0].print(b, opNot)
	case opAnd, opOr:
		between := " and "
		if n.op == opOr {
			between = " or "
		}
		group := within == opNot || within == opAnd
		if group {
			b.WriteByte('(')
		}
		for i, k := range n.kids {
			if i > 0 {
				b.WriteString(between)
			}
			k.print(b, n.op)
		}
		if group {
			b.WriteByte(')')
		}
	}
}

func (f *filter) print(b *strings.Builder) {
	if f.field != "" {
		b.WriteString(name(f.field))
		b.WriteByte(':')
	}
	text := strconv.Quote(f.text)
	switch f.kind {
	case isAll, isPresent:
		text = "*"
	case isPhrase:
	case isPrefix:
		text += "*"
	case isPiece:
		text = "*" + text + "*"
	case isExact:
		text = "=" + text
	case isExactPrefix:
		text = "=" + text + "*"
	case isRegexp:
		text = "~" + text
	case isEmpty:
		text = `""`
	case isIn, isIPv4, isIPv6:
		text = map[kind]string{isIn: "in", isIPv4: "ipv4_range", isIPv6: "ipv6_range"}[f.kind] + list(f.list)
	case isTime, isBetween:
		text = f.span(text)
	}
	b.WriteString(text)
}

// span writes a time, or a range of times or numbers.
func (f *filter) span(text string) string {
	switch {
	case f.kind == isBetween:
		return ends(f, "range")
	case f.low.text == "" && f.high.text == "":
		return text
	default:
		return ends(f, "")
	}
}

// ends writes a range or comparison.
func ends(f *filter, function string) string {
	switch {
	case f.high.text == "":
		return comparison(">", f.low)
	case f.low.text == "":
		return comparison("<", f.high)
	}
	left, right := "[", "]"
	if f.low.open {
		left = "("
	}
	if f.high.open {
		right = ")"
	}
	return function + left + strconv.Quote(f.low.text) + ", " + strconv.Quote(f.high.text) + right
}

func comparison(sign string, b bound) string {
	if !b.open {
		sign += "="
	}
	return sign + strconv.Quote(b.text)
}

func list(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = strconv.Quote(v)
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}

// name writes the name of a field, in quotes where it could be read as something else.
func name(field string) string {
	for i, r := range field {
		if r != '_' && r != '@' && !unicode.IsLetter(r) && (i == 0 || r != '.' && r != '-' && !unicode.IsDigit(r)) || r == unicode.ReplacementChar {
			return strconv.Quote(field)
		}
	}
	return field
}
