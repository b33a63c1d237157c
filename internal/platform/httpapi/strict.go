package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// deepest bounds the nesting of a request's JSON.
const deepest = 64

// strictJSON reads JSON in one way only: UTF-8, one value, no key twice in an
// object (keys that differ in case only are the same), at most 64 levels, no
// NUL in a string, which the database would end at. Unknown members are refused by the schema.
func strictJSON() huma.Format {
	return huma.Format{
		Marshal: func(w io.Writer, v any) error {
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			if err := e.Encode(v); err != nil {
				return fmt.Errorf("write json: %w", err)
			}
			return nil
		},
		Unmarshal: func(data []byte, v any) error {
			// huma reads a body twice; the first time into an empty interface.
			if _, first := v.(*any); first {
				if err := oneMeaning(data); err != nil {
					return err
				}
			}
			if err := json.Unmarshal(data, v); err != nil {
				return readable(err)
			}
			return nil
		},
	}
}

// readable leaves Go's names out of an error of the JSON package.
func readable(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON: byte %d", syntax.Offset)
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s does not fit: byte %d", kind.Value, kind.Offset)
	}
	return errors.New("not JSON of the expected form")
}

// fold returns the least of the runes that differ from r in case only.
func fold(r rune) rune {
	least := r
	for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
		least = min(least, c)
	}
	return least
}

// oneMeaning refuses JSON that readers disagree about.
func oneMeaning(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var stack []map[string]bool // keys of the objects around; nil for an array
	key := false                // the next string is a key of the innermost object
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil // whether it is complete is for json.Unmarshal to say, and a second value too
		case err != nil:
			return readable(err)
		}
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{':
				stack = append(stack, map[string]bool{})
			case '[':
				stack = append(stack, nil)
			default:
				stack = stack[:len(stack)-1]
			}
			if len(stack) > deepest {
				return fmt.Errorf("nested deeper than %d", deepest)
			}
		case string:
			if strings.Contains(t, "\x00") {
				return errors.New("a string holds NUL")
			}
			if key {
				// Go's JSON package, and with it the schema check, ignores the case of keys.
				keys, folded := stack[len(stack)-1], strings.Map(fold, t)
				if keys[folded] {
					return fmt.Errorf("the key %q is given twice", strings.ToValidUTF8(clip(t), ""))
				}
				keys[folded] = true
				key = false
				continue
			}
		}
		key = len(stack) > 0 && stack[len(stack)-1] != nil
	}
}
