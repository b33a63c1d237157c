package normdoc

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// hanNumber is the class of characters of a Chinese numeral, without 万 and 亿.
const hanNumber = "零〇一二两三四五六七八九十百千廿卅"

func hanDigit(r rune) int {
	switch r {
	case '零', '〇', 'O', 'o', '○':
		return 0
	case '一', '—', '－', '-', 'ー', '─':
		return 1
	case '二', '两':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return -1
}

func hanUnit(r rune) int {
	switch r {
	case '十', '+', '＋':
		return 10
	case '百':
		return 100
	case '千':
		return 1000
	}
	return 0
}

// number reads a numeral of Chinese characters, figures or both ("1000万",
// "1.5亿", "二十一", "二〇一七"). It reports false for anything else.
func number(s string) (float64, bool) {
	total, section := 0.0, 0.0
	var digits strings.Builder // figures or positional characters not yet taken
	ok := s != ""
	take := func() float64 {
		if digits.Len() == 0 {
			return 0
		}
		v, err := strconv.ParseFloat(digits.String(), 64)
		digits.Reset()
		ok = ok && err == nil
		return v
	}
	for _, r := range s {
		if f := figure(r); f != "" {
			digits.WriteString(f)
			continue
		}
		switch r {
		case ',', '，':
		case '廿':
			section += 20
		case '卅':
			section += 30
		case '万', '亿':
			total = (total + section + take()) * map[rune]float64{'万': 1e4, '亿': 1e8}[r]
			section = 0
		default:
			u := hanUnit(r)
			ok = ok && u > 0
			section += max(take(), 1) * float64(u)
		}
	}
	n := total + section + take()
	return n, ok && n < 1e18
}

// figure returns the decimal figure or point that r is, or "".
func figure(r rune) string {
	switch {
	case r >= '0' && r <= '9', r == '.':
		return string(r)
	case r >= '０' && r <= '９':
		return string(r - '０' + '0')
	case r == '．':
		return "."
	}
	if d := hanDigit(r); d >= 0 {
		return strconv.Itoa(d)
	}
	return ""
}

// ordinal reads the number of a provision: a whole number from 1 to 99,999. The
// slips of a scanner count: + for 十, a dash for 一.
func ordinal(s string) (int, bool) {
	s = squeeze(s)
	if utf8.RuneCountInString(s) > 12 {
		return 0, false
	}
	if r, _ := utf8.DecodeRuneInString(s); r >= '①' && r <= '⑳' && utf8.RuneCountInString(s) == 1 {
		return int(r-'①') + 1, true
	}
	n, ok := number(s)
	if !ok || n < 1 || n > 99_999 || n != math.Trunc(n) {
		return 0, false
	}
	return int(n), true
}

// plainNumeral reports that s is written as printed laws do.
func plainNumeral(s string) bool {
	for _, r := range s {
		if !strings.ContainsRune("一二三四五六七八九十百千零", r) {
			return false
		}
	}
	return true
}

// Chinese writes n, 1 to 99,999, as provisions are numbered: 21 is 二十一.
func Chinese(n int) string {
	if n <= 0 || n > 99_999 {
		return strconv.Itoa(n)
	}
	digits := []rune("零一二三四五六七八九")
	units := []rune("万千百十")
	var b strings.Builder
	zero := false
	for i, scale := 0, 10_000; scale > 0; i, scale = i+1, scale/10 {
		d := n / scale % 10
		switch {
		case d == 0:
			zero = b.Len() > 0
			continue
		case zero:
			b.WriteRune('零')
			zero = false
		}
		if d != 1 || scale != 10 || b.Len() > 0 {
			b.WriteRune(digits[d])
		}
		if i < len(units) {
			b.WriteRune(units[i])
		}
	}
	return b.String()
}
