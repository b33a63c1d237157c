package httpapi

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
)

// tidyFunc returns v as it is to be written, and whether that differs from v.
// It changes nothing that v shares with others.
type tidyFunc func(v reflect.Value) (reflect.Value, bool)

// tidier returns a function that makes an answer of type t uniform: nil slices
// and maps become empty ones, times are in UTC and cut to milliseconds. It
// returns nil when values of t never need that. Values that marshal themselves
// and values behind interfaces stay as they are.
func tidier(t reflect.Type) func(reflect.Value) {
	b := tidyBuilder{}
	fn := b.build(t)
	if fn == nil {
		return nil
	}
	return func(v reflect.Value) {
		if nv, changed := (*fn)(v); changed {
			v.Set(nv)
		}
	}
}

var (
	timeType          = reflect.TypeFor[time.Time]()
	jsonMarshalerType = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

// marshals reports whether values of t, or what points to them, write themselves.
func marshals(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(jsonMarshalerType) || p.Implements(textMarshalerType)
}

// tidyBuilder remembers what it has built, so that recursive types end. The
// entry of a type under way holds a function that is filled in later.
type tidyBuilder map[reflect.Type]*tidyFunc

func (b tidyBuilder) build(t reflect.Type) *tidyFunc {
	if fn, ok := b[t]; ok {
		return fn
	}
	holder := new(tidyFunc)
	b[t] = holder
	var fn tidyFunc
	switch {
	case t == timeType:
		fn = tidyTime
	case t.Kind() != reflect.Pointer && marshals(t):
	default:
		fn = b.byKind(t)
	}
	if fn == nil {
		b[t] = nil
		return nil
	}
	*holder = fn
	return holder
}

func (b tidyBuilder) byKind(t reflect.Type) tidyFunc {
	switch t.Kind() {
	case reflect.Struct:
		return b.structure(t)
	case reflect.Slice:
		return b.slice(t)
	case reflect.Map:
		return b.mapping(t)
	case reflect.Pointer:
		return b.pointer(t)
	default:
		return nil
	}
}

func tidyTime(v reflect.Value) (reflect.Value, bool) {
	at, ok := reflect.TypeAssert[time.Time](v)
	cut := at.UTC().Truncate(time.Millisecond)
	if !ok || (at.Location() == time.UTC && at.Equal(cut)) {
		return v, false
	}
	return reflect.ValueOf(cut).Convert(v.Type()), true
}

// tidyField is a field that may have to change.
type tidyField struct {
	index   []int // as reflect.Value.FieldByIndex takes it
	fn      *tidyFunc
	keepNil bool // it is left out of the JSON when it is nil
}

// fields lists the fields of a struct and of the structs embedded in it, whose
// own names may be unexported.
func (b tidyBuilder) fields(t reflect.Type, at []int) []tidyField {
	var out []tidyField
	for f := range t.Fields() {
		index := append(slices.Clone(at), f.Index...)
		switch {
		case f.Tag.Get("json") == "-":
		case f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag.Get("json") == "" && !marshals(f.Type):
			out = append(out, b.fields(f.Type, index)...)
		case f.IsExported():
			if fn := b.build(f.Type); fn != nil {
				out = append(out, tidyField{index, fn, strings.Contains(f.Tag.Get("json"), ",omitzero")})
			}
		}
	}
	return out
}

func (b tidyBuilder) structure(t reflect.Type) tidyFunc {
	fields := b.fields(t, nil)
	if len(fields) == 0 {
		return nil
	}
	return func(v reflect.Value) (reflect.Value, bool) {
		out, changed := v, false
		for _, f := range fields {
			old := v.FieldByIndex(f.index)
			if f.keepNil && old.IsZero() {
				continue
			}
			nv, differs := (*f.fn)(old)
			if !differs {
				continue
			}
			if !changed {
				changed, out = true, reflect.New(t).Elem()
				out.Set(v)
			}
			out.FieldByIndex(f.index).Set(nv)
		}
		return out, changed
	}
}

func (b tidyBuilder) slice(t reflect.Type) tidyFunc {
	fn := b.build(t.Elem())
	return func(v reflect.Value) (reflect.Value, bool) {
		if v.IsNil() {
			return reflect.MakeSlice(t, 0, 0), true
		}
		out, changed := v, false
		for i := 0; fn != nil && i < v.Len(); i++ {
			nv, differs := (*fn)(v.Index(i))
			if !differs {
				continue
			}
			if !changed {
				changed, out = true, reflect.MakeSlice(t, v.Len(), v.Len())
				reflect.Copy(out, v)
			}
			out.Index(i).Set(nv)
		}
		return out, changed
	}
}

func (b tidyBuilder) mapping(t reflect.Type) tidyFunc {
	fn := b.build(t.Elem())
	return func(v reflect.Value) (reflect.Value, bool) {
		if v.IsNil() {
			return reflect.MakeMap(t), true
		}
		if fn == nil {
			return v, false
		}
		out, changed := reflect.MakeMapWithSize(t, v.Len()), false
		for it := v.MapRange(); it.Next(); {
			nv, differs := (*fn)(it.Value())
			changed = changed || differs
			out.SetMapIndex(it.Key(), nv)
		}
		if !changed {
			return v, false
		}
		return out, true
	}
}

func (b tidyBuilder) pointer(t reflect.Type) tidyFunc {
	fn := b.build(t.Elem())
	if fn == nil {
		return nil
	}
	return func(v reflect.Value) (reflect.Value, bool) {
		if v.IsNil() {
			return v, false
		}
		nv, differs := (*fn)(v.Elem())
		if !differs {
			return v, false
		}
		out := reflect.New(t.Elem())
		out.Elem().Set(nv)
		return out, true
	}
}
