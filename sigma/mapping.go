package sigma

import (
	"fmt"
	"slices"
)

// Mapping says under which other names events may hold the fields that rules
// name, per log source. It is read-only once parsed and safe for concurrent use.
type Mapping struct {
	tables []mapTable
}

// mapTable is one entry of a mapping file.
type mapTable struct {
	logsource Logsource // what a rule's log source must say
	fields    map[string][]string
	prefixes  []string // put before every field's name
}

// ParseMapping reads mapping files. A file is a YAML list of tables:
//
//   - logsource: {product: windows, category: process_creation}
//     prefixes: [winlog.event_data., Event.EventData.]
//     fields:
//     Image: [process.executable]
//
// A table serves rules whose log source has every part that the table names; an
// empty log source serves all. Where several tables know a field, their names are
// tried in the order of files and tables.
func ParseMapping(files ...[]byte) (*Mapping, error) {
	m := &Mapping{}
	for i, file := range files {
		root, err := parseYAML(document{text: string(file), line: 1})
		if err != nil {
			return nil, fmt.Errorf("mapping file %d: %w", i, err)
		}
		if root.kind != nodeList {
			return nil, fmt.Errorf("mapping file %d: is not a list of tables", i)
		}
		for _, n := range root.items {
			t, err := parseTable(n)
			if err != nil {
				return nil, fmt.Errorf("mapping file %d: %w", i, err)
			}
			m.tables = append(m.tables, t)
		}
	}
	return m, nil
}

func parseTable(n *node) (mapTable, error) { //nolint:cyclop // a list of cases reads best in one place
	t := mapTable{fields: map[string][]string{}}
	if n.kind != nodeMap {
		return t, fmt.Errorf("line %d: table is not a map", n.line)
	}
	for i, key := range n.keys {
		v := n.items[i]
		switch key {
		case "logsource":
			for j, part := range v.keys {
				w, ok := v.items[j].word()
				switch {
				case ok && part == "category":
					t.logsource.Category = w
				case ok && part == "product":
					t.logsource.Product = w
				case ok && part == "service":
					t.logsource.Service = w
				default:
					return t, fmt.Errorf("line %d: log source part %q is not understood", v.line, part)
				}
			}
		case "prefixes":
			t.prefixes = v.words()
		case "fields":
			for j, field := range v.keys {
				names := v.items[j].words()
				if len(names) == 0 {
					return t, fmt.Errorf("line %d: field %q has no names", v.items[j].line, field)
				}
				t.fields[field] = names
			}
		default:
			return t, fmt.Errorf("line %d: attribute %q is not understood", v.line, key)
		}
	}
	return t, nil
}

// Names returns the names under which an event may hold the field of a rule with
// log source ls, the field's own first. The first name that an event has is
// taken. A nil Mapping knows only the field's own.
func (m *Mapping) Names(ls Logsource, field string) []string {
	names := []string{field}
	if m == nil {
		return names
	}
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for i := range m.tables {
		t := &m.tables[i]
		if !t.logsource.within(ls) {
			continue
		}
		for _, p := range t.prefixes {
			add(p + field)
		}
		for _, name := range t.fields[field] {
			add(name)
		}
	}
	return names
}
