package query

import (
	"net/netip"
	"strconv"
	"strings"
)

// functions are the ones that can be called; otherFunctions are those of LogsQL
// that cannot, so that the answer can say so instead of searching for their name.
var (
	functions      = []string{"in", "range", "ipv4_range", "ipv6_range", "exact", "re", "i"}
	otherFunctions = []string{
		"any_case_phrase", "any_case_prefix", "contains_all", "contains_any", "contains_common_case", "day_range", "eq_field",
		"equals_common_case", "json_array_contains_any", "le_field", "len_range", "lt_field", "pattern_match", "pattern_match_full",
		"seq", "string_range", "value_type", "week_range",
	}
)

// call reads a function's arguments.
func (p *parser) call(from int, field, name string) *Node {
	if name == "range" {
		return p.between(from, field)
	}
	args, star := p.arguments(name)
	if p.err != nil {
		return nil
	}
	want := map[string]int{"exact": 1, "re": 1, "i": 1}[name]
	if want != 0 && len(args) != want || len(args) == 0 || len(args) > maxFilters {
		p.fail(from, "%s() takes another number of values", name)
		return nil
	}
	switch name {
	case "in":
		return p.in(from, field, args)
	case "exact":
		return p.one(from, Filter{Field: field, Kind: IsExact, Text: args[0]}, star)
	case "i":
		return p.one(from, Filter{Field: field, Kind: IsPhrase, Text: args[0]}, star)
	case "re":
		return p.pattern(from, field, args[0])
	default:
		return p.addresses(from, field, name, args)
	}
}

// one makes the filter of a function with one value, which may be a prefix.
func (p *parser) one(from int, f Filter, star bool) *Node {
	switch {
	case f.Text == "":
		p.fail(from, "the value is empty")
		return nil
	case star && f.Kind == IsExact:
		f.Kind = IsExactPrefix
	case star:
		f.Kind = IsPrefix
	}
	return p.add(from, f)
}

// arguments reads values up to the closing parenthesis; star says that the last
// one has a star behind it.
func (p *parser) arguments(name string) (args []string, star bool) {
	p.at++ // the parenthesis
	for p.err == nil {
		p.space()
		if len(args) == 0 && p.take(')') {
			break
		}
		at := p.at
		args = append(args, p.argument())
		if star = p.err == nil && p.take('*'); star && name != "exact" && name != "i" {
			p.fail(at, "a prefix is not possible here")
		}
		p.space()
		if p.take(')') {
			break
		}
		p.comma()
	}
	return args, star
}

// in makes one filter of the values; an empty one asks for a missing field.
func (p *parser) in(from int, field string, args []string) *Node {
	var list []string
	empty := false
	for _, a := range args {
		if a == "" {
			empty = true
			continue
		}
		list = append(list, a)
	}
	switch {
	case empty && field == "":
		p.fail(from, "a value is empty")
		return nil
	case len(list) == 0:
		return p.add(from, Filter{Field: field, Kind: IsEmpty})
	}
	out := p.add(from, Filter{Field: field, Kind: IsIn, List: list})
	if !empty || p.err != nil {
		return out
	}
	rest := p.add(from, Filter{Field: field, Kind: IsEmpty})
	if p.err != nil {
		return nil
	}
	return join(OpOr, out, rest)
}

func (p *parser) addresses(from int, field, name string, args []string) *Node {
	k := IsIPv4
	if name == "ipv6_range" {
		k = IsIPv6
	}
	if _, _, err := network(k, args); err != "" {
		p.fail(from, "%s", err)
		return nil
	}
	return p.add(from, Filter{Field: field, Kind: k, List: args})
}

// network returns the first and last address that the arguments name: a network,
// an address, or two addresses. The text says what is wrong with them.
func network(k Kind, args []string) (first, last netip.Addr, wrong string) {
	family := "IPv4"
	if k == IsIPv6 {
		family = "IPv6"
	}
	parse := func(text string) netip.Addr {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Is4() != (k == IsIPv4) || a.Zone() != "" {
			wrong = strconv.Quote(text) + " is not an " + family + " address or network"
		}
		return a
	}
	switch {
	case len(args) == 2:
		first, last = parse(args[0]), parse(args[1])
		if wrong == "" && last.Less(first) {
			wrong = "the last address stands before the first"
		}
	case len(args) != 1:
		wrong = "a network, an address, or two addresses are needed"
	case strings.Contains(args[0], "/"):
		net, err := netip.ParsePrefix(args[0])
		if err != nil || net.Addr().Is4() != (k == IsIPv4) {
			return first, last, strconv.Quote(args[0]) + " is not an " + family + " network"
		}
		first, last = net.Masked().Addr(), lastOf(net)
	default:
		first = parse(args[0])
		last = first
	}
	return first, last, wrong
}

// Network returns the first and last address that an [IsIPv4] or [IsIPv6] filter
// lets through.
func (f *Filter) Network() (first, last netip.Addr) {
	first, last, _ = network(f.Kind, f.List) // it was checked when it was parsed
	return first, last
}

// lastOf returns the last address of a network.
func lastOf(net netip.Prefix) netip.Addr {
	b := net.Addr().AsSlice()
	for i := net.Bits(); i < 8*len(b); i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// pipe reads what follows a |.
func (p *parser) pipe(q *Query) {
	if !p.take('|') {
		p.fail(p.at, "unexpected %q", p.text[p.at:p.at+1])
		return
	}
	p.space()
	from := p.at
	switch name := strings.ToLower(p.word(false)); name {
	case "":
		p.fail(from, "the name of the pipe is missing")
	case "limit", "head":
		p.space()
		at := p.at
		n, err := strconv.Atoi(p.word(false))
		if err != nil || n < 1 {
			p.fail(at, "%s needs a whole number above 0", name)
			return
		}
		if q.Limit == 0 || n < q.Limit {
			q.Limit = n
		}
	case "fields", "keep":
		p.pick(q)
	default:
		p.fail(from, "pipe %q is not supported: there are limit and fields; counts and top values come from the statistics", name)
	}
}

// pick reads the names of a fields pipe.
func (p *parser) pick(q *Query) {
	from := p.at
	q.Fields = nil
	for p.err == nil {
		q.Fields = append(q.Fields, p.argument())
		p.space()
		if !p.take(',') {
			break
		}
	}
	if len(q.Fields) > maxPicked {
		p.fail(from, "more than %d fields", maxPicked)
	}
}
