package sidecar

import (
	"cmp"
	"encoding/json"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/fengsui/fengsui/internal/event"
)

// columnRest holds the fields beyond maxColumns, as JSON.
const columnRest = "\xffrest"

// foldedField is a folded field as JSON. Text that is not UTF-8 goes as bytes,
// because JSON cannot say it.
type foldedField struct {
	Name       string     `json:"n,omitempty"`
	NameBytes  []byte     `json:"nb,omitempty"`
	Value      string     `json:"v,omitempty"`
	ValueBytes []byte     `json:"vb,omitempty"`
	Kind       event.Kind `json:"k,omitempty"`
}

func foldJSON(fields []event.Field) string {
	out := make([]foldedField, len(fields))
	for i, f := range fields {
		out[i] = foldedField{Name: f.Name, Value: f.Value, Kind: f.Kind}
		if !utf8.ValidString(f.Name) {
			out[i].Name, out[i].NameBytes = "", []byte(f.Name)
		}
		if !utf8.ValidString(f.Value) {
			out[i].Value, out[i].ValueBytes = "", []byte(f.Value)
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic("BUG: fold fields: " + err.Error())
	}
	return string(b)
}

func (f *foldedField) field() event.Field {
	out := event.Field{Name: f.Name, Value: f.Value, Kind: f.Kind}
	if f.NameBytes != nil {
		out.Name = string(f.NameBytes)
	}
	if f.ValueBytes != nil {
		out.Value = string(f.ValueBytes)
	}
	return out
}

// Folded are the values of all folded fields of a group. They count from 0 in the
// order of the rows, and in a row in that of the record. There may be hundreds of
// thousands of names with one value each, so what it takes depends on the values
// alone: some 25 bytes for a value with a name of its own, besides the texts.
type Folded struct {
	rows   int    // of the group
	texts  string // of all values, behind each other
	ends   []uint32
	names  string // in the order in which they first came
	ended  []uint32
	of     []uint32 // row of each value
	named  []uint32 // name of each value
	kinds  []byte
	byName []uint32 // values by name, those of one name ascending
	sorted []uint32 // names by text
}

// Len returns the number of values.
func (f *Folded) Len() int { return len(f.of) }

// Names returns the number of different names.
func (f *Folded) Names() int { return len(f.ended) }

// Row returns the row of value k.
func (f *Folded) Row(k int) int { return int(f.of[k]) }

// Text returns value k. It does not allocate.
func (f *Folded) Text(k int) string { return piece(f.texts, f.ends, k) }

// name returns name i.
func (f *Folded) name(i int) string { return piece(f.names, f.ended, i) }

func piece(all string, ends []uint32, i int) string {
	from := uint32(0)
	if i > 0 {
		from = ends[i-1]
	}
	return all[from:ends[i]]
}

// column returns the column of a name, nil when there is none.
func (f *Folded) column(name string) *Column {
	i, ok := sort.Find(len(f.sorted), func(i int) int { return strings.Compare(name, f.name(int(f.sorted[i]))) })
	if !ok {
		return nil
	}
	n := f.sorted[i]
	first, found := slices.BinarySearchFunc(f.byName, n, func(k, n uint32) int { return cmp.Compare(f.named[k], n) })
	if !found {
		return nil
	}
	c := &Column{enc: Plain, rows: f.rows, sparse: true, kind: event.Kind(f.kinds[f.byName[first]])}
	mixed := false
	for _, k := range f.byName[first:] {
		if f.named[k] != n {
			break
		}
		c.of, c.texts, c.kinds = append(c.of, f.of[k]), append(c.texts, f.Text(int(k))), append(c.kinds, f.kinds[k])
		mixed = mixed || event.Kind(f.kinds[k]) != c.kind
	}
	if !mixed {
		c.kinds = nil
	}
	return c
}

// row returns the fields of a row: those of one name in their order, names in the
// order in which they first came.
func (f *Folded) row(row int) []event.Field {
	from, _ := slices.BinarySearch(f.of, uint32(row)) //nolint:gosec // at most MaxRows
	var values []int
	for k := from; k < len(f.of) && f.Row(k) == row; k++ {
		values = append(values, k)
	}
	slices.SortStableFunc(values, func(a, b int) int { return cmp.Compare(f.named[a], f.named[b]) })
	out := make([]event.Field, len(values))
	for i, k := range values {
		out[i] = event.Field{Name: f.name(int(f.named[k])), Value: f.Text(k), Kind: event.Kind(f.kinds[k])}
	}
	return out
}

// cost is the memory held, in bytes.
func (f *Folded) cost() int64 {
	return int64(256 + len(f.texts) + len(f.names) + 4*(len(f.ends)+len(f.ended)+len(f.of)+len(f.named)+len(f.byName)+len(f.sorted)) + len(f.kinds))
}

// unfold reads the folded fields of a group.
func unfold(rest *Column) (*Folded, error) {
	f := &Folded{rows: rest.rows}
	var texts, names strings.Builder
	known := map[string]uint32{}
	var fields []foldedField
	for k, row := range rest.All() {
		clear(fields[:cap(fields)]) // what JSON leaves out would stay
		if err := json.Unmarshal([]byte(rest.Text(k)), &fields); err != nil {
			return nil, damaged("folded fields: %v", err)
		}
		for i := range fields {
			field := fields[i].field()
			n, ok := known[field.Name]
			if !ok {
				n = uint32(len(f.ended)) //nolint:gosec // bounded by maxBlock
				known[field.Name] = n
				names.WriteString(field.Name)
				f.ended = append(f.ended, uint32(names.Len())) //nolint:gosec // bounded by maxBlock
			}
			texts.WriteString(field.Value)
			f.ends = append(f.ends, uint32(texts.Len())) //nolint:gosec // bounded by maxBlock
			f.of = append(f.of, uint32(row))             //nolint:gosec // at most MaxRows
			f.named, f.kinds = append(f.named, n), append(f.kinds, byte(field.Kind))
		}
	}
	f.texts, f.names = strings.Clone(texts.String()), strings.Clone(names.String())
	f.ends, f.ended, f.of = exact(f.ends), exact(f.ended), exact(f.of)
	f.named, f.kinds = exact(f.named), exact(f.kinds)
	f.sort()
	return f, nil
}

// exact returns a copy without room to grow: what is kept is counted by length.
func exact[T any](s []T) []T { return append(make([]T, 0, len(s)), s...) }

// sort fills byName and sorted.
func (f *Folded) sort() {
	at := make([]uint32, f.Names()+1)
	for _, n := range f.named {
		at[n+1]++
	}
	for i := range f.Names() {
		at[i+1] += at[i]
	}
	f.byName = make([]uint32, len(f.named))
	for k, n := range f.named {
		f.byName[at[n]] = uint32(k)
		at[n]++
	}
	f.sorted = make([]uint32, f.Names())
	for i := range f.sorted {
		f.sorted[i] = uint32(i)
	}
	slices.SortFunc(f.sorted, func(a, b uint32) int { return strings.Compare(f.name(int(a)), f.name(int(b))) })
}

// Folded returns the folded fields, nil when there are none. It is kept while there
// is room, else it is read again each time: a caller who asks twice keeps it.
func (g *Group) Folded() (*Folded, error) {
	if g.mem != nil {
		if g.mem.rest == nil {
			return nil, nil
		}
		return remember(g, columnRest, func() *Folded {
			f, err := unfold(g.mem.rest.view(len(g.mem.seq)))
			if err != nil {
				panic("BUG: what was folded in memory: " + err.Error())
			}
			return f
		}), nil
	}
	head := g.find(columnRest, true)
	if head == nil {
		return nil, nil
	}
	key := cacheKey{g.file, head.at, cachedFolded}
	if v, ok := g.file.folder.cache.get(key); ok {
		if f, ok := v.(*Folded); ok {
			return f, nil
		}
	}
	c, err := g.decode(head)
	if err != nil {
		return nil, err
	}
	f, err := unfold(c)
	if err != nil {
		return nil, g.file.fail(err)
	}
	g.file.folder.cache.put(key, f, f.cost())
	return f, nil
}
