package normdoc

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	hanDigits = "零〇一二两三四五六七八九"
	hanUnits  = "十百千廿卅"
	// hanNumber is the class of characters of a Chinese numeral, without 万 and 亿.
	hanNumber = "零〇一二两三四五六七八九十百千廿卅"
)

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
	digits := "" // figures or positional characters not yet taken
	take := func() (float64, bool) {
		if digits == "" {
			return 0, true
		}
		v, err := strconv.ParseFloat(digits, 64)
		digits = ""
		return v, err == nil
	}
	for _, r := range s {
		d := hanDigit(r)
		switch {
		case r >= '0' && r <= '9', r == '.':
			digits += string(r)
		case r >= '０' && r <= '９':
			digits += string(r - '０' + '0')
		case r == '．':
			digits += "."
		case r == ',', r == '，':
		case d >= 0:
			digits += strconv.Itoa(d)
		case r == '廿', r == '卅':
			section += 20 + float64(r-'廿')/float64('卅'-'廿')*10
		case r == '万', r == '亿':
			v, ok := take()
			if !ok {
				return 0, false
			}
			total = (total + section + v) * map[rune]float64{'万': 1e4, '亿': 1e8}[r]
			section = 0
		default:
			u := hanUnit(r)
			if u == 0 {
				return 0, false
			}
			v, ok := take()
			if !ok {
				return 0, false
			}
			section += max(v, 1) * float64(u)
		}
	}
	v, ok := take()
	n := total + section + v
	return n, ok && s != "" && n < 1e18
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
