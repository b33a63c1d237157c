package query

import (
	"strconv"
	"strings"
	"unicode"
)

// String returns the query in its plain form: parsing it gives the same query.
func (q *Query) String() string {
	var b strings.Builder
	q.Root.print(&b, OpOr)
	if q.Fields != nil {
		b.WriteString(" | fields ")
		for i, f := range q.Fields {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(strconv.Quote(f))
		}
	}
	if q.Limit > 0 {
		b.WriteString(" | limit " + strconv.Itoa(q.Limit))
	}
	return b.String()
}

// print writes the node; within says what it stands in, so that it knows whether
// parentheses are needed.
func (n *Node) print(b *strings.Builder, within Op) {
	switch n.Op {
	case OpFilter:
		n.Filter.print(b)
	case OpNot:
		b.WriteByte('!')
		n.Kids[0].print(b, OpNot)
	case OpAnd, OpOr:
		between := " and "
		if n.Op == OpOr {
			between = " or "
		}
		group := within == OpNot || within == OpAnd
		if group {
			b.WriteByte('(')
		}
		for i, k := range n.Kids {
			if i > 0 {
				b.WriteString(between)
			}
			k.print(b, n.Op)
		}
		if group {
			b.WriteByte(')')
		}
	}
}

func (f *Filter) print(b *strings.Builder) {
	if f.Field != "" {
		b.WriteString(name(f.Field))
		b.WriteByte(':')
	}
	text := strconv.Quote(f.Text)
	switch f.Kind {
	case IsAll, IsPresent:
		text = "*"
	case IsPhrase:
	case IsPrefix:
		text += "*"
	case IsPiece:
		text = "*" + text + "*"
	case IsExact:
		text = "=" + text
	case IsExactPrefix:
		text = "=" + text + "*"
	case IsRegexp:
		text = "~" + text
	case IsEmpty:
		text = `""`
	case IsIn, IsIPv4, IsIPv6:
		text = map[Kind]string{IsIn: "in", IsIPv4: "ipv4_range", IsIPv6: "ipv6_range"}[f.Kind] + list(f.List)
	case IsTime, IsBetween:
		text = f.span(text)
	}
	b.WriteString(text)
}

// span writes a time, or a range of times or numbers.
func (f *Filter) span(text string) string {
	switch {
	case f.Kind == IsBetween:
		return ends(f, "range")
	case f.Low.Text == "" && f.High.Text == "":
		return text
	default:
		return ends(f, "")
	}
}

// ends writes a range or comparison.
func ends(f *Filter, function string) string {
	switch {
	case f.High.Text == "":
		return comparison(">", f.Low)
	case f.Low.Text == "":
		return comparison("<", f.High)
	}
	left, right := "[", "]"
	if f.Low.Open {
		left = "("
	}
	if f.High.Open {
		right = ")"
	}
	return function + left + strconv.Quote(f.Low.Text) + ", " + strconv.Quote(f.High.Text) + right
}

func comparison(sign string, b Bound) string {
	if !b.Open {
		sign += "="
	}
	return sign + strconv.Quote(b.Text)
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
