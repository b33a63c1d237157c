package stamp

import "strings"

// cursor walks over a stamp. A method that returns false may have moved it.
type cursor struct {
	s string
	i int
}

func (c *cursor) peek() byte {
	if c.i < len(c.s) {
		return c.s[c.i]
	}
	return 0
}

func (c *cursor) skip(b byte) bool {
	if c.peek() != b {
		return false
	}
	c.i++
	return true
}

// number reads between least and most digits.
func (c *cursor) number(least, most int, n *int) bool {
	v, k := 0, 0
	for k < most && isDigit(c.peek()) {
		v = v*10 + int(c.s[c.i]-'0')
		c.i++
		k++
	}
	*n = v
	return k >= least
}

// stamp reads a stamp, the colon behind it, and makes sure that no word goes on.
func (c *cursor) stamp(f *fields) bool {
	if b := c.peek(); b == '*' || b == '.' || b == ':' {
		c.i++
	}
	ok := false
	if isDigit(c.peek()) {
		ok = c.iso(f)
	} else if c.i < len(c.s) {
		ok = c.bsd(f)
	}
	if !ok {
		return false
	}
	c.skip(':')
	return c.i == len(c.s) || endsWord(c.s[c.i:])
}

// iso reads "2026-11-24T10:15:02.123+08:00" and its relatives.
func (c *cursor) iso(f *fields) bool {
	if !c.number(4, 4, &f.year) {
		return false
	}
	sep := c.peek()
	if sep != '-' && sep != '/' {
		return false
	}
	c.i++
	if !c.number(1, 2, &f.month) || !c.skip(sep) || !c.number(1, 2, &f.day) {
		return false
	}
	switch c.peek() {
	case 'T', 't', ' ', '_', '-', ',':
		c.i++
	default:
		return false
	}
	c.skip(' ')
	return c.clock(f) && c.zone(f)
}

// bsd reads "Nov 24 10:15:02" and what devices make of it.
func (c *cursor) bsd(f *fields) bool {
	f.year = -1
	if f.month = month(c.s[c.i:]); f.month == 0 {
		return false
	}
	c.i += 3
	if !c.skip(' ') {
		return false
	}
	c.skip(' ')
	if !c.number(1, 2, &f.day) || !c.skip(' ') {
		return false
	}
	c.skip(' ')
	if c.i+4 < len(c.s) && isDigit(c.s[c.i+3]) && c.s[c.i+4] == ' ' {
		if !c.number(4, 4, &f.year) || !c.skip(' ') {
			return false
		}
	}
	if !c.clock(f) {
		return false
	}
	if f.year < 0 {
		c.year(f)
	}
	return c.zone(f)
}

// clock reads "10:15:02" with a fraction behind a point, a comma or, as H3C
// writes it, a colon.
func (c *cursor) clock(f *fields) bool {
	if !c.number(2, 2, &f.hour) || !c.skip(':') || !c.number(2, 2, &f.min) || !c.skip(':') || !c.number(2, 2, &f.sec) {
		return false
	}
	return c.subsecond(f)
}

func (c *cursor) subsecond(f *fields) bool {
	sep := c.peek()
	if sep != '.' && sep != ',' && sep != ':' || c.i+1 >= len(c.s) || !isDigit(c.s[c.i+1]) {
		return true
	}
	from := c.i + 1
	end := from
	for end < len(c.s) && isDigit(c.s[end]) {
		end++
	}
	if sep != '.' && end-from != 3 && end-from != 6 {
		return sep == ',' // what follows the comma is another column
	}
	c.i = end
	var ok bool
	f.nanos, ok = fraction(c.s[from:end])
	return ok
}

// year reads a year behind the time: " 2026" before a space or the end.
func (c *cursor) year(f *fields) {
	s := c.s[c.i:]
	if len(s) < 5 || s[0] != ' ' || s[1] != '1' && s[1] != '2' || len(s) > 5 && s[5] != ' ' && s[5] != ':' {
		return
	}
	was := c.i
	c.i++
	if y := 0; c.number(4, 4, &y) && y >= 1970 && y <= 2199 {
		f.year = y
		return
	}
	c.i = was
}

// zone reads an offset or the word of a zone, if there is one.
func (c *cursor) zone(f *fields) bool {
	was := c.i
	c.skip(' ')
	switch b := c.peek(); {
	case b == '+' || b == '-':
		if c.offset(f) {
			return true
		}
	case b >= 'A' && b <= 'Z':
		if c.zoneWord(f) {
			return true
		}
	}
	c.i = was
	return true
}

// zoneWord reads UTC, GMT or Z. Another word is only taken for a zone before a
// colon, as Cisco writes it; it does not say which of its namesakes it is.
func (c *cursor) zoneWord(f *fields) bool {
	end := c.i
	for end < len(c.s) && c.s[end] >= 'A' && c.s[end] <= 'Z' {
		end++
	}
	word, rest := c.s[c.i:end], c.s[end:]
	utc := word == "Z" || word == "UTC" || word == "GMT"
	if utc && endsWord(rest) || len(word) <= 5 && strings.HasPrefix(rest, ": ") {
		f.zoned = utc
		c.i = end
		return true
	}
	return false
}

func endsWord(rest string) bool {
	return rest == "" || strings.IndexByte(" \t:],;|", rest[0]) >= 0
}

// offset reads "+08:00", "+0800" or "+08".
func (c *cursor) offset(f *fields) bool {
	sign := 1
	if c.peek() == '-' {
		sign = -1
	}
	c.i++
	var h, m int
	if !c.number(2, 2, &h) {
		return false
	}
	if c.peek() == ':' && c.i+1 < len(c.s) && isDigit(c.s[c.i+1]) {
		c.i++
	}
	if isDigit(c.peek()) && !c.number(2, 2, &m) {
		return false
	}
	if h > 15 || m > 59 || !endsWord(c.s[c.i:]) {
		return false
	}
	f.offset, f.zoned = sign*(h*3600+m*60), true
	return true
}

const months = "janfebmaraprmayjunjulaugsepoctnovdec"

// month returns 1 to 12 for the English name of three letters that s begins
// with, else 0.
func month(s string) int {
	if len(s) < 3 {
		return 0
	}
	a, b, c := s[0]|0x20, s[1]|0x20, s[2]|0x20
	for i := 0; i < len(months); i += 3 {
		if months[i] == a && months[i+1] == b && months[i+2] == c {
			return i/3 + 1
		}
	}
	return 0
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func atoi64(s string) (int64, bool) {
	if s == "" || len(s) > 19 {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
		if n < 0 {
			return 0, false
		}
	}
	return n, true
}

// fraction reads the digits behind a decimal point as nanoseconds; digits beyond
// the ninth are cut off.
func fraction(s string) (int64, bool) {
	var n int64
	scale := int64(1_000_000_000)
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		if scale > 1 {
			scale /= 10
			n += int64(s[i]-'0') * scale
		}
	}
	return n, true
}
