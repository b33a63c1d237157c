package otlp

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
)

// readJSON reads an ExportLogsServiceRequest as OTLP writes it in JSON: names in
// lowerCamelCase, 64-bit integers as text or number, ids in hexadecimal, other
// bytes in base64, enumerations as numbers. Unknown names are passed over.
//
// The text is checked once and then walked in place, for the same reason as in
// readWire.
func (c *collector) readJSON(text []byte) error {
	if !json.Valid(text) {
		return ErrMalformed.Detail("the body is no JSON")
	}
	cur := &cursor{b: text}
	return cur.object(func(name []byte) error {
		if string(name) == "resourceLogs" {
			return cur.list(func() error { return c.jsonResource(cur) })
		}
		cur.skip()
		return nil
	})
}

// jsonResource reads a ResourceLogs. When the resource stands after its records
// they are read once it is known.
func (c *collector) jsonResource(cur *cursor) error {
	c.resource, c.resourceDeep = c.resource[:0], false
	scopes, known := -1, false
	err := cur.object(func(name []byte) error {
		switch string(name) {
		case "resource":
			c.resource, known = c.resource[:0], true
			return cur.object(func(name []byte) error {
				if string(name) == "attributes" {
					return cur.list(func() error { return jsonMember(cur, &c.resource, &c.resourceDeep, "resource.") })
				}
				cur.skip()
				return nil
			})
		case "scopeLogs":
			if known {
				return cur.list(func() error { return c.jsonScope(cur) })
			}
			scopes = cur.i
		}
		cur.skip()
		return nil
	})
	if err != nil || scopes < 0 {
		return err
	}
	back := &cursor{b: cur.b, i: scopes}
	return back.list(func() error { return c.jsonScope(back) })
}

// jsonScope reads a ScopeLogs, in the same way.
func (c *collector) jsonScope(cur *cursor) error {
	c.scope, c.scopeDeep = c.scope[:0], false
	records, known := -1, false
	err := cur.object(func(name []byte) error {
		switch string(name) {
		case "scope":
			known = true
			return c.jsonScopeFacts(cur)
		case "logRecords":
			if known {
				return c.jsonRecords(cur)
			}
			records = cur.i
		}
		cur.skip()
		return nil
	})
	if err != nil || records < 0 {
		return err
	}
	return c.jsonRecords(&cursor{b: cur.b, i: records})
}

func (c *collector) jsonRecords(cur *cursor) error {
	return cur.list(func() error {
		c.rec.reset()
		if err := c.rec.json(cur); err != nil {
			return err
		}
		return c.add()
	})
}

func (c *collector) jsonScopeFacts(cur *cursor) error {
	var name, version, attributes []byte
	err := cur.object(func(field []byte) (err error) {
		switch string(field) {
		case "name":
			name, err = cur.text()
		case "version":
			version, err = cur.text()
		case "attributes":
			return cur.list(func() error { return jsonMember(cur, &attributes, &c.scopeDeep, "scope.") })
		default:
			cur.skip()
		}
		return err
	})
	c.scope = appendScope(c.scope[:0], name, version, attributes)
	return err
}

// json reads a LogRecord.
func (r *record) json(cur *cursor) error {
	return cur.object(func(name []byte) error {
		switch string(name) {
		case "body":
			if cur.null() {
				return nil
			}
			var err error
			r.body, err = jsonValue(cur, r.body[:0], &r.tooDeep, 0)
			return err
		case "attributes":
			return cur.list(func() error { return jsonMember(cur, &r.attributes, &r.tooDeep, "attributes.") })
		case "timeUnixNano", "observedTimeUnixNano", "severityNumber", "droppedAttributesCount", "flags":
			return r.jsonNumber(cur, name)
		case "severityText", "eventName", "traceId", "spanId":
			return r.jsonText(cur, name)
		}
		cur.skip()
		return nil
	})
}

func (r *record) jsonNumber(cur *cursor, name []byte) (err error) {
	switch string(name) {
	case "timeUnixNano":
		r.time, err = cur.unsigned(64)
	case "observedTimeUnixNano":
		r.observed, err = cur.unsigned(64)
	case "severityNumber":
		r.severity, err = cur.signed(32)
	case "droppedAttributesCount":
		r.dropped, err = cur.unsigned(32)
	case "flags":
		r.flags, err = cur.unsigned(32)
	}
	return err
}

func (r *record) jsonText(cur *cursor, name []byte) error {
	text, err := cur.text()
	if err != nil {
		return err
	}
	switch string(name) {
	case "severityText":
		r.severityText = append(r.severityText[:0], text...)
	case "eventName":
		r.eventName = append(r.eventName[:0], text...)
	case "traceId":
		r.traceID, err = hex.AppendDecode(r.traceID[:0], text)
	case "spanId":
		r.spanID, err = hex.AppendDecode(r.spanID[:0], text)
	}
	if err != nil {
		return ErrMalformed.Detail(string(name) + " is not hexadecimal")
	}
	return nil
}

// jsonMember appends a KeyValue as a member with a comma before it.
func jsonMember(cur *cursor, to *[]byte, tooDeep *bool, prefix string) error {
	var err error
	*to, err = jsonPair(cur, *to, tooDeep, prefix, 0)
	return err
}

// jsonPair writes the key before the value, in whatever order they stand.
func jsonPair(cur *cursor, to []byte, tooDeep *bool, prefix string, depth int) ([]byte, error) {
	var key []byte
	value, done := -1, false
	err := cur.object(func(name []byte) (err error) {
		switch string(name) {
		case "key":
			key, err = cur.text()
			return err
		case "value":
			if key != nil && !done {
				done = true
				to, err = jsonValue(cur, appendName(to, prefix, key), tooDeep, depth)
				return err
			}
			value = cur.i
		}
		cur.skip()
		return nil
	})
	if err != nil || done {
		return to, err
	}
	to = appendName(to, prefix, key)
	if value < 0 {
		return append(to, "null"...), nil
	}
	return jsonValue(&cursor{b: cur.b, i: value}, to, tooDeep, depth)
}

// jsonValue appends an AnyValue. A value nested too deeply is noted and left out.
func jsonValue(cur *cursor, to []byte, tooDeep *bool, depth int) ([]byte, error) {
	start := len(to)
	if depth > maxDepth {
		*tooDeep = true
		cur.skip()
		return append(to, "null"...), nil
	}
	err := cur.object(func(name []byte) (err error) {
		if cur.null() {
			return nil
		}
		switch string(name) {
		case "stringValue", "boolValue", "intValue", "doubleValue", "bytesValue":
			to, err = jsonScalar(cur, to[:start], name)
		case "arrayValue":
			to, err = jsonList(cur, to[:start], tooDeep, depth)
		case "kvlistValue":
			to, err = jsonMap(cur, to[:start], tooDeep, depth)
		default:
			cur.skip()
		}
		return err
	})
	if len(to) == start {
		to = append(to, "null"...)
	}
	return to, err
}

func jsonScalar(cur *cursor, to, name []byte) ([]byte, error) {
	switch string(name) {
	case "stringValue":
		text, err := cur.text()
		return appendString(to, text), err
	case "boolValue":
		v, err := cur.bool()
		return strconv.AppendBool(to, v), err
	case "intValue":
		v, err := cur.signed(64)
		return strconv.AppendInt(to, v, 10), err
	case "doubleValue":
		v, err := cur.float()
		return appendFloat(to, v), err
	default: // bytesValue
		text, err := cur.text()
		if err != nil {
			return to, err
		}
		v, err := decodeBase64(text)
		return appendBase64(to, v), err
	}
}

func jsonList(cur *cursor, to []byte, tooDeep *bool, depth int) ([]byte, error) {
	start := len(to)
	err := cur.values(func() (err error) {
		to, err = jsonValue(cur, append(to, ','), tooDeep, depth+1)
		return err
	})
	return enclosed(to, start, '[', ']'), err
}

func jsonMap(cur *cursor, to []byte, tooDeep *bool, depth int) ([]byte, error) {
	start := len(to)
	err := cur.values(func() (err error) {
		to, err = jsonPair(cur, to, tooDeep, "", depth+1)
		return err
	})
	return enclosed(to, start, '{', '}'), err
}

// decodeBase64 reads what protobuf's JSON mapping allows: both alphabets, with
// or without padding.
func decodeBase64(text []byte) ([]byte, error) {
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(string(text), "="))
	v, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil {
		return nil, ErrMalformed.Detail("a value is not base64")
	}
	return v, nil
}
