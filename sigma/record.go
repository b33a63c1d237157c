package sigma

import (
	"encoding/json"
	"slices"
	"sort"
	"strconv"
)

// ValueKind says how the text of a value is to be read.
type ValueKind uint8

// The kinds of a field's value.
const (
	String ValueKind = iota // text as it stands
	Number                  // decimal number as JSON writes it
	Bool                    // "true" or "false"
	Null                    // present without a value; Text is empty
)

// Value is one value of a field.
type Value struct {
	Text string
	Kind ValueKind
}

// Record is one event as rules see it. A Record is used by one goroutine at a
// time and must not change during a match.
type Record interface {
	// Origin tells which log sources the event belongs to.
	Origin() Origin
	// Values appends the values of the field of exactly that name to dst: nothing
	// for a missing field, one Null for a null, several for an array.
	Values(field string, dst []Value) []Value
	// Texts calls fn with every piece of text a keyword may stand in, and the
	// field it comes from, until fn answers false.
	Texts(fn func(field, text string) bool)
}

// MapRecord is a [Record] of decoded JSON. Nested objects are reached by names
// joined with dots; a literal dotted key comes first.
type MapRecord struct {
	origin Origin
	fields map[string][]Value
	names  []string
}

// NewMapRecord flattens event. Its values are what encoding/json makes of JSON;
// numbers keep their digits when they were decoded as [json.Number].
func NewMapRecord(event map[string]any, origin Origin) *MapRecord {
	m := &MapRecord{origin: origin, fields: make(map[string][]Value, len(event))}
	for name, v := range event {
		if !isObject(v) {
			m.add(name, v)
		}
	}
	nested := map[string][]Value{}
	for name, v := range event {
		if isObject(v) {
			flatten(nested, name, v)
		}
	}
	for name, v := range nested {
		if _, taken := m.fields[name]; !taken {
			m.fields[name] = v
		}
	}
	for name := range m.fields {
		m.names = append(m.names, name)
	}
	sort.Strings(m.names)
	return m
}

func isObject(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return true
	case []any:
		if slices.ContainsFunc(v, isObject) {
			return true
		}
	}
	return false
}

func (m *MapRecord) add(name string, v any) {
	m.fields[name] = appendAny(m.fields[name], v)
}

func flatten(into map[string][]Value, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, e := range v {
			flatten(into, name+"."+key, e)
		}
	case []any:
		for _, e := range v {
			flatten(into, name, e)
		}
	default:
		into[name] = appendAny(into[name], v)
	}
}

func appendAny(dst []Value, v any) []Value {
	switch v := v.(type) {
	case nil:
		return append(dst, Value{Kind: Null})
	case string:
		return append(dst, Value{Text: v})
	case bool:
		return append(dst, Value{Text: strconv.FormatBool(v), Kind: Bool})
	case json.Number:
		return append(dst, Value{Text: v.String(), Kind: Number})
	case float64:
		return append(dst, Value{Text: strconv.FormatFloat(v, 'f', -1, 64), Kind: Number})
	case int:
		return append(dst, Value{Text: strconv.Itoa(v), Kind: Number})
	case int64:
		return append(dst, Value{Text: strconv.FormatInt(v, 10), Kind: Number})
	case uint64:
		return append(dst, Value{Text: strconv.FormatUint(v, 10), Kind: Number})
	case []any:
		if len(v) == 0 {
			return append(dst, Value{Kind: Null})
		}
		for _, e := range v {
			dst = appendAny(dst, e)
		}
	}
	return dst
}

// Origin implements [Record].
func (m *MapRecord) Origin() Origin { return m.origin }

// Values implements [Record].
func (m *MapRecord) Values(field string, dst []Value) []Value {
	return append(dst, m.fields[field]...)
}

// Texts implements [Record] with every value, in the order of the fields' names.
func (m *MapRecord) Texts(fn func(field, text string) bool) {
	for _, name := range m.names {
		for _, v := range m.fields[name] {
			if v.Kind != Null && !fn(name, v.Text) {
				return
			}
		}
	}
}
