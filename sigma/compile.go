package sigma

import (
	"errors"
	"strings"
	"sync"
)

// Options set what a rule is compiled with. The zero value is usable.
type Options struct {
	// Mapping gives the names under which events may hold a rule's field; nil
	// takes names as the rule writes them.
	Mapping *Mapping
	// Placeholders are the values of %name% in items with the expand modifier.
	// A rule with another placeholder is unsupported.
	Placeholders map[string][]string
	// Filters narrow the rules they name (see [Rule.Narrows]).
	Filters []*Rule
}

// Matcher is a compiled rule. It is safe for concurrent use.
type Matcher struct {
	rule *Rule
	prog program
	tab  *fieldTable
	pool sync.Pool
}

// program is the executable form of a rule or filter.
type program struct {
	idents     []compiledDetection
	conditions []expr
	narrowed   []program // filters, all of which must hold
}

type compiledDetection struct{ groups [][]item }

// item is a field with its tests.
type item struct {
	field   string // the rule's name of the field; "" for a keyword
	slot    int
	values  [][]test // per value the alternatives of which one must hold
	all     bool     // every value must hold, not one
	negate  bool
	keyword bool
}

// fieldTable gives each distinct list of candidate names a number, so that an
// event is asked for a field once however many rules look at it.
type fieldTable struct {
	ids   map[string]int
	names [][]string
}

func newFieldTable() *fieldTable { return &fieldTable{ids: map[string]int{}} }

func (t *fieldTable) slot(names []string) int {
	key := strings.Join(names, "\x00")
	id, ok := t.ids[key]
	if !ok {
		id = len(t.names)
		t.ids[key] = id
		t.names = append(t.names, names)
	}
	return id
}

type compiler struct {
	opts Options
	tab  *fieldTable
	ls   Logsource // whose taxonomy the field names are in
}

func (c *compiler) slot(field string) int {
	return c.tab.slot(c.opts.Mapping.Names(c.ls, field))
}

// Compile compiles a rule by itself. It fails with a [*RuleError]: for what only
// shows when values are read (modifiers, regular expressions, networks), for
// missing placeholders, and for documents that are no plain rules.
func Compile(r *Rule, opts Options) (*Matcher, error) {
	return compile(r, opts, newFieldTable())
}

func compile(r *Rule, opts Options, tab *fieldTable) (*Matcher, error) {
	if r.Kind != KindRule {
		return nil, r.fail(0, string(r.Kind), "is not matched by itself", ErrUnsupported)
	}
	c := &compiler{opts: opts, tab: tab, ls: r.Logsource}
	prog, err := c.program(r)
	if err != nil {
		return nil, err
	}
	for _, f := range opts.Filters {
		if !f.Narrows(r) {
			continue
		}
		p, err := c.program(f)
		if err != nil {
			return nil, err
		}
		prog.narrowed = append(prog.narrowed, p)
	}
	m := &Matcher{rule: r, prog: prog, tab: tab}
	m.pool.New = func() any { return &scratch{tab: tab} }
	return m, nil
}

func (r *Rule) fail(line int, where, reason string, kind error) error {
	name := r.ID
	if name == "" {
		name = r.Title
	}
	return &RuleError{Rule: name, Line: line, Field: where, Reason: reason, Kind: kind}
}

// Check compiles a rule or filter and throws the result away. Correlations are
// answered with [ErrUnsupported].
func Check(r *Rule, opts Options) error {
	if r.Kind == KindCorrelation {
		return r.fail(0, "correlation", "correlation rules are not evaluated yet", ErrUnsupported)
	}
	if r.Kind == KindFilter {
		c := &compiler{opts: opts, tab: newFieldTable(), ls: r.Logsource}
		_, err := c.program(r)
		return err
	}
	_, err := Compile(r, opts)
	return err
}

func (c *compiler) program(r *Rule) (program, error) {
	p := program{conditions: r.conditions, idents: make([]compiledDetection, len(r.detections))}
	for i, d := range r.detections {
		for _, raw := range d.groups {
			group := make([]item, 0, len(raw))
			for _, ri := range raw {
				it, err := c.item(ri)
				if err != nil {
					kind := ErrInvalid
					if errors.Is(err, ErrUnsupported) {
						kind = ErrUnsupported
					}
					return p, r.fail(ri.line, ri.where, err.Error(), kind)
				}
				group = append(group, it)
			}
			p.idents[i].groups = append(p.idents[i].groups, group)
		}
	}
	return p, nil
}

func (c *compiler) item(ri rawItem) (item, error) {
	m, err := readModifiers(ri.mods)
	if err != nil {
		return item{}, err
	}
	it := item{field: ri.field, all: m.all, negate: m.neq, keyword: ri.field == ""}
	if it.keyword {
		if m.exists || m.cidr || m.fieldref || m.cmp != cmpNone || m.part != "" {
			return it, errors.New("a keyword takes no such modifier")
		}
	} else {
		it.slot = c.slot(ri.field)
	}
	for _, v := range ri.vals {
		tests, err := c.compileValue(ri, m, v)
		if err != nil {
			return it, err
		}
		it.values = append(it.values, tests)
	}
	return it, nil
}
