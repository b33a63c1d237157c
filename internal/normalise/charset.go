package normalise

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

const bom = "\ufeff"

// decode turns raw bytes into UTF-8. What is valid UTF-8 stays unless the source
// declares another character set; else it is read as GB18030. Bytes that are
// nothing in the set become U+FFFD. A byte order mark at the start is left out.
func decode(raw []byte, charset string) string {
	switch charset {
	case "gb18030":
		if !isASCII(raw) {
			return gb18030(raw)
		}
	case "latin1":
		if !isASCII(raw) {
			return latin1(raw)
		}
	case "utf-8":
		return strings.TrimPrefix(strings.ToValidUTF8(string(raw), "\ufffd"), bom)
	}
	if utf8.Valid(raw) {
		return strings.TrimPrefix(string(raw), bom)
	}
	if n := cutShort(raw); n > 0 {
		return strings.TrimPrefix(string(raw[:len(raw)-n]), bom) + "\ufffd"
	}
	return gb18030(raw)
}

func isASCII(raw []byte) bool {
	for _, b := range raw {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cutShort returns the number of bytes at the end of raw that begin a rune of
// UTF-8 and do not finish it, where all before is UTF-8 with at least one rune
// beyond ASCII: a line that a sender cut at its limit.
func cutShort(raw []byte) int {
	for n := 1; n < utf8.UTFMax && n < len(raw); n++ {
		at := len(raw) - n
		if !utf8.RuneStart(raw[at]) {
			continue
		}
		if !utf8.FullRune(raw[at:]) && utf8.Valid(raw[:at]) && !isASCII(raw[:at]) {
			return n
		}
		return 0
	}
	return 0
}

func gb18030(raw []byte) string {
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\ufffd")
	}
	return strings.TrimPrefix(string(out), bom)
}

func latin1(raw []byte) string {
	var b strings.Builder
	b.Grow(len(raw) + len(raw)/8)
	for _, c := range raw {
		b.WriteRune(rune(c))
	}
	return b.String()
}
