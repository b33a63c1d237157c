package otlp

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// cursor walks through a text that is known to be valid JSON. Each method
// consumes one value.
type cursor struct {
	b []byte
	i int
}

func (c *cursor) space() {
	for c.i < len(c.b) && (c.b[c.i] == ' ' || c.b[c.i] == '\n' || c.b[c.i] == '\r' || c.b[c.i] == '\t') {
		c.i++
	}
}

// null consumes a null and reports whether there was one.
func (c *cursor) null() bool {
	c.space()
	if c.b[c.i] != 'n' {
		return false
	}
	c.i += len("null")
	return true
}

// object calls fn for every member; fn consumes its value. null is an empty
// object, as protobuf has it.
func (c *cursor) object(fn func(name []byte) error) error {
	if c.null() {
		return nil
	}
	if c.b[c.i] != '{' {
		return ErrMalformed.Detail("an object is missing")
	}
	c.i++
	for c.more('}') {
		name, err := c.text()
		if err != nil {
			return err
		}
		c.space()
		c.i++ // the colon
		c.space()
		if err := fn(name); err != nil {
			return err
		}
	}
	return nil
}

// list calls fn for every element; fn consumes it. null is an empty list.
func (c *cursor) list(fn func() error) error {
	if c.null() {
		return nil
	}
	if c.b[c.i] != '[' {
		return ErrMalformed.Detail("a list is missing")
	}
	c.i++
	for c.more(']') {
		if err := fn(); err != nil {
			return err
		}
	}
	return nil
}

// values calls fn for every element of the list "values" of an object.
func (c *cursor) values(fn func() error) error {
	return c.object(func(name []byte) error {
		if string(name) == "values" {
			return c.list(fn)
		}
		c.skip()
		return nil
	})
}

// more goes to the next member or element, or beyond the end.
func (c *cursor) more(end byte) bool {
	c.space()
	if c.b[c.i] == ',' {
		c.i++
		c.space()
	}
	if c.b[c.i] == end {
		c.i++
		return false
	}
	return true
}

// token returns the bytes of a string with its quotes, or of a number or word.
func (c *cursor) token() []byte {
	c.space()
	from := c.i
	if c.b[c.i] == '"' {
		for c.i++; ; c.i++ {
			c.i += bytes.IndexByte(c.b[c.i:], '"')
			if !escaped(c.b[from+1 : c.i]) {
				c.i++
				return c.b[from:c.i]
			}
		}
	}
	for c.i < len(c.b) && bytes.IndexByte(delimiters, c.b[c.i]) < 0 {
		c.i++
	}
	return c.b[from:c.i]
}

// escaped reports whether what follows b is escaped: b ends with an odd number
// of backslashes.
func escaped(b []byte) bool {
	n := 0
	for n < len(b) && b[len(b)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

var delimiters = []byte(",]}{[: \n\r\t\"")

// skip passes over a value of any kind.
func (c *cursor) skip() {
	c.space()
	for depth := 0; ; {
		switch c.b[c.i] {
		case '{', '[':
			depth++
			c.i++
		case '}', ']':
			depth--
			c.i++
		case ',', ':', ' ', '\n', '\r', '\t':
			c.i++
		default:
			c.token()
		}
		if depth == 0 {
			return
		}
	}
}

// text returns a string, decoded; it may alias the text. null is empty.
func (c *cursor) text() ([]byte, error) {
	if c.null() {
		return nil, nil
	}
	t := c.token()
	if len(t) == 0 || t[0] != '"' {
		return nil, ErrMalformed.Detail("a text is missing")
	}
	if bytes.IndexByte(t, '\\') < 0 {
		return t[1 : len(t)-1], nil
	}
	var s string
	if err := json.Unmarshal(t, &s); err != nil {
		return nil, ErrMalformed.Detail("a text cannot be read")
	}
	return []byte(s), nil
}

// digits returns a number, or a text that holds one. null is zero.
func (c *cursor) digits() string {
	if c.null() {
		return "0"
	}
	return strings.Trim(string(c.token()), `"`)
}

func (c *cursor) unsigned(bits int) (uint64, error) {
	v, err := strconv.ParseUint(c.digits(), 10, bits)
	if err != nil {
		return 0, ErrMalformed.Detail("a number cannot be read")
	}
	return v, nil
}

func (c *cursor) signed(bits int) (int64, error) {
	v, err := strconv.ParseInt(c.digits(), 10, bits)
	if err != nil {
		return 0, ErrMalformed.Detail("a number cannot be read")
	}
	return v, nil
}

func (c *cursor) float() (float64, error) {
	switch d := c.digits(); d {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	default:
		v, err := strconv.ParseFloat(d, 64)
		if err != nil {
			return 0, ErrMalformed.Detail("a number cannot be read")
		}
		return v, nil
	}
}

func (c *cursor) bool() (bool, error) {
	switch string(c.token()) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, ErrMalformed.Detail("true or false is missing")
}
