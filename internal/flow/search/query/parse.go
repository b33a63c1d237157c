package query

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// or reads filters up to a closing parenthesis, a pipe or the end. field is what
// the filters ask when they name none.
func (p *parser) or(field string) *Node {
	if !p.deeper() {
		return nil
	}
	defer func() { p.depth-- }()
	kids := []*Node{p.and(field)}
	for p.err == nil && p.keyword("or") {
		kids = append(kids, p.and(field))
	}
	if p.err != nil {
		return nil
	}
	return join(OpOr, kids...)
}

func (p *parser) and(field string) *Node {
	kids := []*Node{p.not(field)}
	for p.err == nil {
		if p.keyword("and") {
			kids = append(kids, p.not(field))
			continue
		}
		p.space()
		if c := p.peek(); p.end() || c == ')' || c == '|' || p.ahead("or") {
			break
		}
		kids = append(kids, p.not(field))
	}
	if p.err != nil {
		return nil
	}
	return join(OpAnd, kids...)
}

func (p *parser) not(field string) *Node {
	p.space()
	if p.take('!') || p.take('-') || p.keyword("not") {
		if !p.deeper() {
			return nil
		}
		defer func() { p.depth-- }()
		if kid := p.not(field); p.err == nil {
			return &Node{Op: OpNot, Kids: []*Node{kid}}
		}
		return nil
	}
	return p.primary(field)
}

// primary reads a group, a filter, or a field with its filter.
func (p *parser) primary(field string) *Node {
	if p.err != nil {
		return nil
	}
	from := p.at
	switch c := p.peek(); {
	case p.end():
		p.fail(from, "a filter is missing")
		return nil
	case p.ahead("and") || p.ahead("or"):
		p.fail(from, "a filter is missing")
		return nil
	case c == '(':
		return p.group(field)
	case c == '{':
		p.fail(from, "stream filters are not supported: ask for source or class")
		return nil
	case quote(c):
		text := p.quoted()
		if p.err == nil && p.take(':') {
			return p.named(from, field, text)
		}
		return p.phrase(from, field, text)
	case strings.IndexByte("*=~<>", c) >= 0:
		return p.value(field)
	}
	name := p.word(false)
	if name == "" {
		p.fail(from, "unexpected %q", p.text[from:from+1])
		return nil
	}
	if p.peek() == ':' {
		p.at++
		return p.named(from, field, name)
	}
	p.at = from
	return p.value(field)
}

func (p *parser) group(field string) *Node {
	from := p.at
	p.at++
	p.space()
	if p.peek() == ')' {
		p.fail(p.at, "the group is empty")
		return nil
	}
	out := p.or(field)
	p.space()
	if p.err == nil && !p.take(')') {
		if p.end() {
			p.fail(from, "the parenthesis is not closed")
		} else {
			p.fail(p.at, "unexpected %q", p.text[p.at:p.at+1])
		}
	}
	return out
}

// named reads what follows a field's name and its colon.
func (p *parser) named(from int, outer, name string) *Node {
	switch {
	case name == "":
		p.fail(from, "the name of the field is empty")
		return nil
	case outer != "":
		p.fail(from, "field %q stands inside the group of field %q", name, outer)
		return nil
	}
	p.space()
	switch {
	case p.end():
		p.fail(p.at, "field %q has no filter", name)
		return nil
	case p.peek() == '(' && name != WordTime:
		return p.group(name)
	case p.take('!'):
		p.space()
		if kid := p.value(name); p.err == nil {
			return &Node{Op: OpNot, Kids: []*Node{kid}}
		}
		return nil
	}
	return p.value(name)
}

// add makes a node of a filter after a look at whether its field can answer it.
func (p *parser) add(from int, f Filter) *Node {
	if p.err != nil {
		return nil
	}
	if p.filters++; p.filters > maxFilters {
		p.fail(from, "more than %d filters", maxFilters)
		return nil
	}
	switch {
	case f.Field == WordTime && f.Kind != IsTime:
		p.timed(from, &f)
	case f.Field == WordSeq:
		p.sequence(from, &f)
	case f.Field == "" && f.Kind == IsBetween:
		p.fail(from, "a comparison needs a field before it, such as status:>499")
	}
	if p.err != nil {
		return nil
	}
	return &Node{Filter: &f}
}

// sequence makes numbers of what is asked of the sequence.
func (p *parser) sequence(from int, f *Filter) {
	switch f.Kind {
	case IsBetween:
		return
	case IsPhrase, IsExact:
		f.List, f.Text = []string{f.Text}, ""
	case IsIn:
	default:
		p.fail(from, "seq is a number: use seq:5, seq:>5, seq:range[5, 9] or seq:in(5, 9)")
		return
	}
	f.Kind = IsIn
	for _, v := range f.List {
		if _, err := strconv.ParseUint(v, 10, 63); err != nil {
			p.fail(from, "%q is not a sequence number", v)
			return
		}
	}
}

// timed reads what is asked of the time.
func (p *parser) timed(from int, f *Filter) {
	switch f.Kind {
	case IsPhrase, IsExact:
		if _, ok := span(f.Text); !ok {
			if _, err := instant(f.Text); err != nil {
				p.fail(from, "%s", err.Error())
			}
		}
	case IsBetween:
		for _, b := range []Bound{f.Low, f.High} {
			if b.Text == "" {
				continue
			}
			if _, err := instant(b.Text); err != nil {
				p.fail(from, "%s", err.Error())
			}
		}
	default:
		p.fail(from, "a time is asked as _time:5m, _time:2026-11-24 or _time:[2026-11-24, 2026-11-25)")
	}
	f.Kind = IsTime
}

// phrase makes the filter of a word or quoted text that was read.
func (p *parser) phrase(from int, field, text string) *Node {
	star := p.err == nil && p.take('*')
	switch {
	case text == "" && field == "":
		p.fail(from, "the phrase is empty")
		return nil
	case star && text == "":
		return p.add(from, Filter{Field: field, Kind: IsPresent})
	case star:
		return p.add(from, Filter{Field: field, Kind: IsPrefix, Text: text})
	case text == "":
		return p.add(from, Filter{Field: field, Kind: IsEmpty})
	}
	return p.add(from, Filter{Field: field, Kind: IsPhrase, Text: text})
}

// value reads a filter of the field.
func (p *parser) value(field string) *Node {
	from := p.at
	switch c := p.peek(); {
	case p.end():
		p.fail(from, "a filter is missing")
		return nil
	case quote(c):
		return p.phrase(from, field, p.quoted())
	case c == '*':
		return p.star(field)
	case c == '=':
		p.at++
		return p.exact(from, field)
	case c == '~':
		p.at++
		p.space()
		return p.pattern(from, field, p.argument())
	case c == '<' || c == '>':
		return p.compare(field)
	case c == '[' || c == '(':
		if field == WordTime {
			return p.between(from, field)
		}
	}
	return p.bare(from, field)
}

// bare reads an unquoted value, or a function.
func (p *parser) bare(from int, field string) *Node {
	word := p.word(field != "")
	if word == "" {
		p.fail(from, "unexpected %q", p.text[from:from+1])
		return nil
	}
	if p.peek() == '(' || word == "range" && p.peek() == '[' {
		if slices.Contains(functions, word) {
			return p.call(from, field, word)
		}
		if slices.Contains(otherFunctions, word) {
			p.fail(from, "%s() is not supported", word)
			return nil
		}
	}
	return p.phrase(from, field, word)
}

// star reads * and *piece*.
func (p *parser) star(field string) *Node {
	from := p.at
	p.at++
	var text string
	if quote(p.peek()) {
		text = p.quoted()
	} else {
		text = p.word(field != "")
	}
	switch {
	case p.err != nil:
		return nil
	case text != "" && p.take('*'):
		return p.add(from, Filter{Field: field, Kind: IsPiece, Text: text})
	case text != "":
		p.fail(from, "there is no filter for how a value ends: use *%s* or a regular expression", text)
		return nil
	case field == "":
		return p.add(from, Filter{Kind: IsAll})
	}
	return p.add(from, Filter{Field: field, Kind: IsPresent})
}

// argument reads a word or a text in quotes.
func (p *parser) argument() string {
	p.space()
	if p.err == nil && quote(p.peek()) {
		return p.quoted()
	}
	from := p.at
	w := p.word(true)
	if w == "" {
		p.fail(from, "a value is missing")
	}
	return w
}

func (p *parser) exact(from int, field string) *Node {
	text := p.argument()
	star := p.err == nil && p.take('*')
	switch {
	case text == "" && field == "":
		p.fail(from, "the value is empty")
		return nil
	case star && text == "":
		return p.add(from, Filter{Field: field, Kind: IsPresent})
	case star:
		return p.add(from, Filter{Field: field, Kind: IsExactPrefix, Text: text})
	case text == "":
		return p.add(from, Filter{Field: field, Kind: IsEmpty})
	}
	return p.add(from, Filter{Field: field, Kind: IsExact, Text: text})
}

func (p *parser) pattern(from int, field, text string) *Node {
	if p.err != nil {
		return nil
	}
	if _, err := regexp.Compile(text); err != nil {
		p.fail(from, "not a regular expression (RE2): %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil
	}
	return p.add(from, Filter{Field: field, Kind: IsRegexp, Text: text})
}

func (p *parser) compare(field string) *Node {
	from, c := p.at, p.peek()
	p.at++
	b := Bound{Open: !p.take('=')}
	b.Text = p.end1(field)
	if c == '>' {
		return p.add(from, Filter{Field: field, Kind: IsBetween, Low: b})
	}
	return p.add(from, Filter{Field: field, Kind: IsBetween, High: b})
}

// end1 reads one end of a range.
func (p *parser) end1(field string) string {
	p.space()
	from := p.at
	text := p.argument()
	if p.err != nil || field == WordTime {
		return text
	}
	if _, ok := Number(text); !ok {
		p.fail(from, "%q is not a number", text)
	}
	return text
}

// between reads [a, b] with either kind of bracket at either end.
func (p *parser) between(from int, field string) *Node {
	p.space()
	f := Filter{Field: field, Kind: IsBetween}
	if f.Low.Open = p.take('('); !f.Low.Open && !p.take('[') {
		p.fail(p.at, "a range begins with [ or (")
		return nil
	}
	f.Low.Text = p.end1(field)
	p.comma()
	f.High.Text = p.end1(field)
	p.space()
	if f.High.Open = p.take(')'); p.err == nil && !f.High.Open && !p.take(']') {
		p.fail(p.at, "the range is not closed with ] or )")
	}
	return p.add(from, f)
}

func (p *parser) comma() {
	p.space()
	if p.err == nil && !p.take(',') {
		p.fail(p.at, "a comma is missing")
	}
}
