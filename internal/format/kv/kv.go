// Package kv reads lines of key=value pairs, as firewalls and programs write them:
//
//	date=2026-11-24 time=10:15:02 devname="FG 1" action=deny
//	time="2026-11-24T10:15:02Z" level=info msg="it's \"here\""
package kv

import "strings"

// Pair is one key and its value, without quotation marks.
type Pair struct{ Key, Value string }

// maxPairs bounds the pairs of a line; what is beyond is left out.
const maxPairs = 512

// Parse appends the pairs of s to dst. Values may stand in double or single
// quotation marks, where a backslash protects the next character. Pairs are parted
// by white space, a comma or a semicolon.
//
// It returns false when s is a text rather than a list of pairs: the first word is
// no pair, there are fewer than three, or words without a value are more than a
// quarter of the pairs.
func Parse(s string, dst []Pair) ([]Pair, bool) {
	from, stray := len(dst), 0
	for s = strings.TrimLeft(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t,;") {
		end := 0
		for end < len(s) && isKeyByte(s[end]) {
			end++
		}
		if end == 0 || end == len(s) || s[end] != '=' {
			if len(dst) == from {
				return dst[:from], false
			}
			stray++
			if stray > 2 && stray*4 > len(dst)-from {
				return dst[:from], false
			}
			_, s = value(s)
			continue
		}
		var v string
		key := s[:end]
		v, s = value(s[end+1:])
		if len(dst)-from < maxPairs {
			dst = append(dst, Pair{key, v})
		}
	}
	n := len(dst) - from
	if n < 3 || stray*4 > n {
		return dst[:from], false
	}
	return dst, true
}

func isKeyByte(b byte) bool {
	switch {
	case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b >= 0x80:
		return true
	default:
		return b == '_' || b == '-' || b == '.' || b == '/' || b == '@'
	}
}

// value reads a value at the start of s; at least one byte is taken when there is
// one that parts nothing.
func value(s string) (v, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		if v, rest, ok := quoted(s); ok {
			return v, rest
		}
	}
	end := strings.IndexAny(s, " \t")
	if end < 0 {
		end = len(s)
	}
	// A comma parts pairs only when another one follows.
	if i := strings.IndexAny(s[:end], ",;"); i > 0 && startsPair(s[i+1:end]) {
		end = i
	}
	v, rest = s[:end], s[end:]
	if len(v) > 1 && (v[len(v)-1] == ',' || v[len(v)-1] == ';') {
		v = v[:len(v)-1]
	}
	return v, rest
}

func startsPair(s string) bool {
	eq := strings.IndexByte(s, '=')
	if eq <= 0 {
		return false
	}
	for i := range eq {
		if !isKeyByte(s[i]) {
			return false
		}
	}
	return true
}

// quoted reads a value in quotation marks.
func quoted(s string) (v, rest string, ok bool) {
	mark, escapes := s[0], false
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i+1 < len(s) && (s[i+1] == mark || s[i+1] == '\\') {
				escapes = true
				i++
			}
		case mark:
			v = s[1:i]
			if escapes {
				v = strings.NewReplacer(`\\`, `\`, `\`+string(mark), string(mark)).Replace(v)
			}
			return v, s[i+1:], true
		}
	}
	return "", s, false
}
