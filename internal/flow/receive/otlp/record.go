package otlp

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/fengsui/fengsui/internal/flow/receive"
)

// maxDepth is how deep lists and maps of one value may be nested.
const maxDepth = 32

// record is one log record; what is zero or nil is left out when it is stored.
type record struct {
	time, observed uint64 // ns since 1970
	severity       int64
	severityText   []byte
	eventName      []byte
	body           []byte // JSON value
	traceID        []byte // bytes
	spanID         []byte // bytes
	flags          uint64
	attributes     []byte // JSON members, each with a comma before it
	dropped        uint64
	tooDeep        bool // a value is nested too deeply
}

// collector keeps the records of one request as they are stored.
type collector struct {
	stored     *receive.Buffer
	ends       []int // where each record ends in stored
	rejected   int   // records beyond the limits of one record
	maxRecord  int
	maxRecords int
	maxStored  int

	resource     []byte // members of the present resource, as in record.attributes
	scope        []byte // members of the present scope
	resourceDeep bool   // a value of it is nested too deeply
	scopeDeep    bool
	rec          record
	line         []byte
	reader       bytes.Reader
}

// add stores c.rec, or counts it as rejected. It fails when the request is
// beyond its limits.
func (c *collector) add() error {
	if len(c.ends)+c.rejected == c.maxRecords {
		return ErrTooMany.Detailf("the limit is %d", c.maxRecords)
	}
	c.line = c.rec.appendTo(c.line[:0], c.resource, c.scope)
	if len(c.line) > c.maxRecord || c.rec.tooDeep || c.resourceDeep || c.scopeDeep {
		c.rejected++
		return nil
	}
	end := len(c.stored.B) + len(c.line)
	if end > c.maxStored {
		return receive.ErrTooLarge.Detailf("the limit is %d bytes for the records as they are stored", c.maxStored)
	}
	c.reader.Reset(c.line)
	if err := c.stored.Fill(&c.reader, end); err != nil {
		return err //nolint:wrapcheck // a problem of the budget as it is
	}
	c.ends = append(c.ends, end)
	return nil
}

// reset makes c.rec an empty record and keeps its memory.
func (r *record) reset() {
	*r = record{
		severityText: r.severityText[:0], eventName: r.eventName[:0], body: r.body[:0],
		traceID: r.traceID[:0], spanID: r.spanID[:0], attributes: r.attributes[:0],
	}
}

// appendTo appends the record as it is stored.
func (r *record) appendTo(b, resource, scope []byte) []byte {
	start := len(b)
	b = appendTime(b, "time", r.time)
	b = appendTime(b, "observed_time", r.observed)
	if r.severity != 0 {
		b = append(b, `,"severity_number":`...)
		b = strconv.AppendInt(b, r.severity, 10)
	}
	if len(r.severityText) > 0 {
		b = append(b, `,"severity_text":`...)
		b = appendString(b, r.severityText)
	}
	if len(r.eventName) > 0 {
		b = append(b, `,"event_name":`...)
		b = appendString(b, r.eventName)
	}
	if len(r.body) > 0 {
		b = append(b, `,"body":`...)
		b = append(b, r.body...)
	}
	b = appendHex(b, "trace_id", r.traceID)
	b = appendHex(b, "span_id", r.spanID)
	b = appendCount(b, "flags", r.flags)
	b = append(b, r.attributes...)
	b = appendCount(b, "dropped_attributes_count", r.dropped)
	b = append(b, resource...)
	b = append(b, scope...)
	if len(b) == start {
		return append(b, `{}`...)
	}
	b[start] = '{' // for the first comma
	return append(b, '}')
}

func appendTime(b []byte, name string, ns uint64) []byte {
	if ns == 0 {
		return b
	}
	const second = uint64(time.Second)
	at := time.Unix(int64(ns/second), int64(ns%second)).UTC() //nolint:gosec // G115: both are far below the limit
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":"`...)
	b = at.AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func appendHex(b []byte, name string, id []byte) []byte {
	if len(id) == 0 {
		return b
	}
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":"`...)
	b = hex.AppendEncode(b, id)
	return append(b, '"')
}

func appendCount(b []byte, name string, n uint64) []byte {
	if n == 0 {
		return b
	}
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":`...)
	return strconv.AppendUint(b, n, 10)
}

// appendName appends a comma and the name of a member, with the colon.
func appendName(b []byte, prefix string, key []byte) []byte {
	b = append(b, ',')
	start := len(b)
	b = appendString(b, key)
	if prefix == "" {
		return append(b, ':')
	}
	b = append(b, prefix...)
	copy(b[start+1+len(prefix):], b[start+1:])
	copy(b[start+1:], prefix)
	return append(b, ':')
}

// appendString appends text as a JSON string: the two characters and the control
// characters that must be escaped, and U+FFFD for each byte that is not UTF-8.
func appendString(b, text []byte) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(b, text[from:i]...)
				b = append(b, "\uFFFD"...)
				from = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, text[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		i++
		from = i
	}
	b = append(b, text[from:]...)
	return append(b, '"')
}

func appendFloat(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, `"NaN"`...)
	case math.IsInf(v, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(v, -1):
		return append(b, `"-Infinity"`...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

func appendBase64(b, v []byte) []byte {
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, v)
	return append(b, '"')
}
