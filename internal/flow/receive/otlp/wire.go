package otlp

import (
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// readWire reads an ExportLogsServiceRequest in protobuf's wire format. It walks
// the bytes instead of building messages: a few bytes of an empty message would
// take a hundred times as much memory.
//
// Unknown fields and fields of an unexpected type are passed over, and of a field
// that stands several times the last one counts, as protobuf wants.
func (c *collector) readWire(b []byte) error {
	return eachField(b, func(f field) error {
		if f.has(1) {
			return c.wireResource(f.bytes)
		}
		return nil
	})
}

// field is one field of a message.
type field struct {
	number int
	kind   protowire.Type
	bytes  []byte // of BytesType
	value  uint64 // of the other types
}

// has reports whether the field is the one of number n that is made of bytes:
// text, bytes, or a message.
func (f field) has(n int) bool { return f.number == n && f.kind == protowire.BytesType }

// eachField calls fn for every field of a message. It fails with [ErrMalformed]
// or the error of fn.
func eachField(b []byte, fn func(field) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return ErrMalformed
		}
		b = b[n:]
		f := field{number: int(number), kind: kind}
		switch kind {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			f.value, n = protowire.ConsumeFixed64(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			f.value = uint64(v)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(b)
		default: // groups, which no message of ours has
			n = protowire.ConsumeFieldValue(number, kind, b)
		}
		if n < 0 {
			return ErrMalformed
		}
		b = b[n:]
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}

// wireResource reads a ResourceLogs. The resource may stand after its records.
func (c *collector) wireResource(b []byte) error {
	c.resource, c.resourceDeep = c.resource[:0], false
	err := eachField(b, func(f field) error {
		if !f.has(1) {
			return nil
		}
		return eachField(f.bytes, func(f field) error {
			if f.has(1) {
				return wireMember(&c.resource, &c.resourceDeep, "resource.", f.bytes)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return eachField(b, func(f field) error {
		if f.has(2) {
			return c.wireScope(f.bytes)
		}
		return nil
	})
}

// wireScope reads a ScopeLogs.
func (c *collector) wireScope(b []byte) error {
	c.scope, c.scopeDeep = c.scope[:0], false
	var name, version, attributes []byte
	err := eachField(b, func(f field) error {
		if !f.has(1) {
			return nil
		}
		return eachField(f.bytes, func(f field) error {
			switch {
			case f.has(1):
				name = f.bytes
			case f.has(2):
				version = f.bytes
			case f.has(3):
				return wireMember(&attributes, &c.scopeDeep, "scope.", f.bytes)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	c.scope = appendScope(c.scope, name, version, attributes)
	return eachField(b, func(f field) error {
		if !f.has(2) {
			return nil
		}
		c.rec.reset()
		if err := c.rec.wire(f.bytes); err != nil {
			return err
		}
		return c.add()
	})
}

// appendScope appends the members of a scope.
func appendScope(b, name, version, attributes []byte) []byte {
	if len(name) > 0 {
		b = append(b, `,"scope.name":`...)
		b = appendString(b, name)
	}
	if len(version) > 0 {
		b = append(b, `,"scope.version":`...)
		b = appendString(b, version)
	}
	return append(b, attributes...)
}

// wire reads a LogRecord.
func (r *record) wire(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.kind {
		case protowire.BytesType:
			return r.wireBytes(f)
		case protowire.Fixed64Type:
			switch f.number {
			case 1:
				r.time = f.value
			case 11:
				r.observed = f.value
			}
		case protowire.VarintType:
			switch f.number {
			case 2:
				r.severity = int64(int32(f.value)) //nolint:gosec // G115: an enumeration has 32 bits
			case 7:
				r.dropped = uint64(uint32(f.value)) //nolint:gosec // G115: the field has 32 bits
			}
		case protowire.StartGroupType, protowire.EndGroupType: // unknown
		case protowire.Fixed32Type:
			if f.number == 8 {
				r.flags = f.value
			}
		}
		return nil
	})
}

func (r *record) wireBytes(f field) error {
	switch f.number {
	case 3:
		r.severityText = append(r.severityText[:0], f.bytes...)
	case 5:
		var err error
		r.body, err = wireValue(r.body[:0], &r.tooDeep, f.bytes, 0)
		return err
	case 6:
		return wireMember(&r.attributes, &r.tooDeep, "attributes.", f.bytes)
	case 9:
		r.traceID = append(r.traceID[:0], f.bytes...)
	case 10:
		r.spanID = append(r.spanID[:0], f.bytes...)
	case 12:
		r.eventName = append(r.eventName[:0], f.bytes...)
	}
	return nil
}

// wireMember appends a KeyValue as a member with a comma before it.
func wireMember(to *[]byte, tooDeep *bool, prefix string, b []byte) error {
	var err error
	*to, err = wirePair(*to, tooDeep, prefix, b, 0)
	return err
}

func wirePair(to []byte, tooDeep *bool, prefix string, b []byte, depth int) ([]byte, error) {
	var key, value []byte
	err := eachField(b, func(f field) error {
		switch {
		case f.has(1):
			key = f.bytes
		case f.has(2):
			value = f.bytes
		}
		return nil
	})
	if err != nil {
		return to, err
	}
	return wireValue(appendName(to, prefix, key), tooDeep, value, depth)
}

// wireValue appends an AnyValue as JSON. A value nested too deeply is noted and
// left out.
func wireValue(to []byte, tooDeep *bool, b []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		*tooDeep = true
		return append(to, "null"...), nil
	}
	var last field
	err := eachField(b, func(f field) error {
		if f.number <= 7 && f.kind == valueType(f.number) {
			last = f
		}
		return nil
	})
	if err != nil {
		return to, err
	}
	switch last.number {
	case 1:
		return appendString(to, last.bytes), nil
	case 2:
		return strconv.AppendBool(to, last.value != 0), nil
	case 3:
		return strconv.AppendInt(to, int64(last.value), 10), nil //nolint:gosec // G115: two's complement is the format
	case 4:
		return appendFloat(to, math.Float64frombits(last.value)), nil
	case 5:
		return wireList(to, tooDeep, last.bytes, depth)
	case 6:
		return wireMap(to, tooDeep, last.bytes, depth)
	case 7:
		return appendBase64(to, last.bytes), nil
	}
	return append(to, "null"...), nil
}

// valueType is the type that a field of AnyValue has.
func valueType(n int) protowire.Type {
	switch n {
	case 2, 3:
		return protowire.VarintType
	case 4:
		return protowire.Fixed64Type
	default:
		return protowire.BytesType
	}
}

func wireList(to []byte, tooDeep *bool, b []byte, depth int) ([]byte, error) {
	start := len(to)
	err := eachField(b, func(f field) error {
		if !f.has(1) {
			return nil
		}
		var err error
		to, err = wireValue(append(to, ','), tooDeep, f.bytes, depth+1)
		return err
	})
	return enclosed(to, start, '[', ']'), err
}

func wireMap(to []byte, tooDeep *bool, b []byte, depth int) ([]byte, error) {
	start := len(to)
	err := eachField(b, func(f field) error {
		if !f.has(1) {
			return nil
		}
		var err error
		to, err = wirePair(to, tooDeep, "", f.bytes, depth+1)
		return err
	})
	return enclosed(to, start, '{', '}'), err
}

// enclosed puts brackets around what stands after start, each with a comma
// before it.
func enclosed(b []byte, start int, left, right byte) []byte {
	if len(b) == start {
		return append(b, left, right)
	}
	b[start] = left
	return append(b, right)
}
