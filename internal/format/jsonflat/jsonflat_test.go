package jsonflat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/format/jsonflat"
)

func flat(text string, depth, fields int) (out []string, ok bool) {
	r := jsonflat.Reader{Depth: depth, Fields: fields, Emit: func(name, value string, kind jsonflat.Kind) {
		out = append(out, fmt.Sprintf("%s %d %q", name, kind, value))
	}}
	return out, r.Read(text)
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
		refused  bool
	}{
		{name: "scalars", in: ` {"s":"x","n":-1.50e3,"b":true,"f":false,"z":null} `, want: []string{`s 0 "x"`, `n 1 "-1.50e3"`, `b 2 "true"`, `f 2 "false"`, `z 3 ""`}},
		{name: "nested", in: `{"a":{"b":{"c":1}},"d":2}`, want: []string{`a.b.c 1 "1"`, `d 1 "2"`}},
		{name: "lists repeat the name", in: `{"a":[1,"x",{"b":2},[3]],"c":{"d":[4]}}`, want: []string{`a 1 "1"`, `a 0 "x"`, `a.b 1 "2"`, `a 1 "3"`, `c.d 1 "4"`}},
		{name: "empty ones are null", in: `{"a":[],"b":{}}`, want: []string{`a 3 ""`, `b 3 ""`}},
		{name: "escapes", in: `{"a\t":"\"\\\/\b\f\n\r\t\u4e2d\ud83d\ude00\ud800"}`, want: []string{"a\\t"[:1] + "\t 0 \"\\\"\\\\/\\b\\f\\n\\r\\t中😀�\""}},
		{name: "too deep", in: `{"a":{"b":{"c":{"d":[1,{}]}}}}`, want: []string{`a.b.c 0 "{\"d\":[1,{}]}"`}},
		{name: "too many", in: `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}`, want: []string{`a 1 "1"`, `b 1 "2"`, `c 1 "3"`, `d 1 "4"`, `e 1 "5"`}},
		{name: "control characters", in: "{\"a\":\"x\ty\"}", want: []string{`a 0 "x\ty"`}},
		{name: "nothing", in: `{}`},
		{name: "not an object", in: `[1]`, refused: true},
		{name: "more behind it", in: `{"a":1} x`, want: []string{`a 1 "1"`}, refused: true},
		{name: "cut short", in: `{"a":1,"b":"x`, want: []string{`a 1 "1"`}, refused: true},
		{name: "comma too many", in: `{"a":1,}`, want: []string{`a 1 "1"`}, refused: true},
		{name: "leading zero", in: `{"a":01}`, want: []string{`a 1 "0"`}, refused: true},
		{name: "bad escape", in: `{"a":"\x"}`, refused: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := flat(tt.in, 3, 5)
			if ok == tt.refused {
				t.Errorf("Read = %t", ok)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLongNamesAreLeftOut(t *testing.T) {
	long := strings.Repeat("n", 2000)
	got, ok := flat(`{"`+long+`":{"a":[1]},"b":1}`, 8, 8)
	if want := []string{`b 1 "1"`}; !ok || !cmp.Equal(got, want) {
		t.Errorf("got %v, %t", got, ok)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"a":{"b":[1,{"c":"\u4e2d"}]},"d":-0.5e-7}`)
	f.Add(`{"a":{"b":{"c":{"d":{"e":{}}}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		n := 0
		r := jsonflat.Reader{Depth: 4, Fields: 50, Emit: func(name, value string, kind jsonflat.Kind) {
			n++
			if !utf8.ValidString(name) || !utf8.ValidString(value) {
				t.Fatalf("%q: %q is not UTF-8", name, value)
			}
		}}
		ok := r.Read(text)
		object := strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{")
		if json.Valid([]byte(text)) && ok != object {
			t.Fatalf("valid JSON, Read = %t", ok)
		}
		if ok && !json.Valid(withoutControls(text)) {
			t.Fatal("read what is no JSON")
		}
		if n > 50 {
			t.Fatalf("%d values above the limit", n)
		}
	})
}

// withoutControls replaces control characters that JSON only allows escaped.
func withoutControls(s string) []byte {
	return bytes.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return '?'
		}
		return r
	}, inStrings(s))
}

// inStrings replaces white space inside strings.
func inStrings(s string) []byte {
	out := []byte(s)
	in := false
	for i := 0; i < len(out); i++ {
		switch {
		case in && out[i] == '\\':
			i++
		case out[i] == '"':
			in = !in
		case in && out[i] < ' ':
			out[i] = '?'
		}
	}
	return out
}
