package sigma

import (
	"math/big"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// decimal is an exact decimal number. Integers that fit stay machine words.
type decimal struct {
	small bool
	i     int64
	rat   *big.Rat
}

// maxDigits bounds the length and the exponent of a number, so that comparing
// stays cheap.
const maxDigits = 64

// parseDecimal reads a number as JSON writes it; a sign, a leading or trailing
// point and leading zeros are allowed besides. Hexadecimal text is no number.
func parseDecimal(text string) (decimal, bool) { //nolint:cyclop // a list of cases reads best in one place
	if text == "" || len(text) > maxDigits {
		return decimal{}, false
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return decimal{small: true, i: i}, true
	}
	digits := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits = true
		case c == '+', c == '-', c == '.':
		case (c == 'e' || c == 'E') && digits:
			exp, err := strconv.Atoi(text[i+1:])
			if err != nil || exp > 400 || exp < -400 || strings.ContainsAny(text[:i], "eE") {
				return decimal{}, false
			}
			rat, ok := new(big.Rat).SetString(text)
			return decimal{rat: rat}, ok
		default:
			return decimal{}, false
		}
	}
	if !digits {
		return decimal{}, false
	}
	rat, ok := new(big.Rat).SetString(text)
	return decimal{rat: rat}, ok
}

func (d decimal) ratio() *big.Rat {
	if d.small {
		return new(big.Rat).SetInt64(d.i)
	}
	return d.rat
}

// cmp returns -1, 0 or 1 as d is less than, equal to or greater than o.
func (d decimal) cmp(o decimal) int {
	if d.small && o.small {
		switch {
		case d.i < o.i:
			return -1
		case d.i > o.i:
			return 1
		}
		return 0
	}
	return d.ratio().Cmp(o.ratio())
}
