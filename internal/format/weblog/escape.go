package weblog

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// unescape undoes \xHH, \" and \\, in which nginx and Apache write what is not
// printable ASCII, Chinese paths among it. Where the result would not be text
// (bad UTF-8 or control characters) the escaped form is the better one and stays.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out = append(out, s[i])
			continue
		}
		switch c := s[i+1]; c {
		case '"', '\\':
			out = append(out, c)
			i++
		case 'x':
			if i+3 < len(s) && isHex(s[i+2]) && isHex(s[i+3]) {
				out = append(out, unhex(s[i+2])<<4|unhex(s[i+3]))
				i += 3
				continue
			}
			out = append(out, '\\')
		default:
			out = append(out, '\\')
		}
	}
	if !utf8.Valid(out) {
		return s
	}
	text := string(out)
	if strings.IndexFunc(text, unicode.IsControl) >= 0 {
		return s
	}
	return text
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}
