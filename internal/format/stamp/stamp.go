// Package stamp reads time stamps as logs write them: ISO 8601 and RFC 3339, the
// BSD form of RFC 3164 with what devices make of it, and seconds since 1970.
//
// A stamp without a zone is in [Place.Zone]; one without a year has the year that
// brings it nearest to [Place.Near]. What a stamp does not tell and the place
// cannot give is not invented: it is no stamp then.
package stamp

import (
	"strings"
	"time"
)

// Place is what a stamp leaves out.
type Place struct {
	Zone *time.Location // of stamps without one; nil is UTC
	Near time.Time      // about when the stamp was written; zero refuses stamps without a year
}

func (p Place) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// Leading reads the stamp at the start of s and returns what stands behind it,
// without the white space or the colon that ends the stamp. Times are UTC.
//
// It reads "2026-11-24T10:15:02.123+08:00" (also with a space, slashes, a comma
// before the fraction, without zone), "Nov 24 10:15:02", the same with a year
// behind the day or the time, with a fraction, with a zone as an offset or a word
// (only UTC, GMT and Z are believed), and a leading "*", "." or ":" of devices
// whose clock is not set.
func Leading(s string, p Place) (t time.Time, rest string, ok bool) {
	c := cursor{s: s}
	var f fields
	if !c.stamp(&f) {
		return time.Time{}, s, false
	}
	if t, ok = f.time(p); !ok {
		return time.Time{}, s, false
	}
	return t, strings.TrimLeft(s[c.i:], " \t"), true
}

// Whole reads s as one stamp: a form of [Leading], or a decimal number of seconds,
// milliseconds, microseconds or nanoseconds since 1970 (told apart by size; years
// 1990 to 2100). Times are UTC.
func Whole(s string, p Place) (time.Time, bool) {
	if len(s) < 8 || len(s) > 64 {
		return time.Time{}, false
	}
	if t, ok := Epoch(s); ok {
		return t, true
	}
	t, rest, ok := Leading(s, p)
	return t, ok && rest == ""
}

// Epoch reads a decimal number since 1970 as [Whole] does.
func Epoch(s string) (time.Time, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(whole) < 9 || len(whole) > 19 {
		return time.Time{}, false
	}
	n, ok := atoi64(whole)
	if !ok {
		return time.Time{}, false
	}
	nanos, ok := fraction(frac)
	if !ok {
		return time.Time{}, false
	}
	switch {
	case n < 4_102_444_800: // 2100 in seconds
		return believable(time.Unix(n, nanos).UTC())
	case n < 4_102_444_800_000:
		return believable(time.UnixMilli(n).UTC())
	case n < 4_102_444_800_000_000:
		return believable(time.UnixMicro(n).UTC())
	default:
		return believable(time.Unix(0, n).UTC())
	}
}

func believable(t time.Time) (time.Time, bool) {
	return t, t.Year() >= 1990 && t.Year() <= 2100
}

// fields are the parts of a stamp.
type fields struct {
	year, month, day int // year -1: not told
	hour, min, sec   int
	nanos            int64
	offset           int  // seconds east of UTC
	zoned            bool // offset was told
}

func (f *fields) valid() bool {
	return f.month >= 1 && f.month <= 12 && f.day >= 1 && f.day <= 31 &&
		f.hour <= 23 && f.min <= 59 && f.sec <= 60
}

func (f *fields) time(p Place) (time.Time, bool) {
	if !f.valid() {
		return time.Time{}, false
	}
	if f.year >= 0 {
		return f.in(f.year, p)
	}
	if p.Near.IsZero() {
		return time.Time{}, false
	}
	var best time.Time
	found := false
	year := p.Near.In(p.zone()).Year()
	for y := year - 1; y <= year+1; y++ {
		t, ok := f.in(y, p)
		if ok && (!found || t.Sub(p.Near).Abs() < best.Sub(p.Near).Abs()) {
			best, found = t, true
		}
	}
	return best, found
}

// in is the time in that year; false when the month has no such day.
func (f *fields) in(year int, p Place) (time.Time, bool) {
	if f.day > daysIn(year, f.month) {
		return time.Time{}, false
	}
	if f.zoned {
		t := time.Date(year, time.Month(f.month), f.day, f.hour, f.min, f.sec, int(f.nanos), time.UTC)
		return t.Add(-time.Duration(f.offset) * time.Second), true
	}
	return time.Date(year, time.Month(f.month), f.day, f.hour, f.min, f.sec, int(f.nanos), p.zone()).UTC(), true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}
