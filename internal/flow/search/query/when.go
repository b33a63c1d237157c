package query

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// span reads a length of time such as 5m, 1h30m, 2d or 1w.
func span(text string) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	total := time.Duration(0)
	for text != "" {
		n := 0
		for n < len(text) && (text[n] >= '0' && text[n] <= '9' || text[n] == '.') {
			n++
		}
		v, err := strconv.ParseFloat(text[:n], 64)
		if err != nil {
			return 0, false
		}
		text = text[n:]
		size, n := unit(text)
		if n == 0 {
			return 0, false
		}
		text = text[n:]
		if v *= float64(size); v+float64(total) > math.MaxInt64/4 {
			return 0, false
		}
		total += time.Duration(v)
	}
	return total, true
}

// unit returns the unit that text begins with and how long its name is.
func unit(text string) (time.Duration, int) {
	const day = 24 * time.Hour
	for _, u := range []struct {
		name string
		size time.Duration
	}{
		{"ns", 1},
		{"µs", time.Microsecond},
		{"us", time.Microsecond},
		{"ms", time.Millisecond},
		{"s", time.Second},
		{"m", time.Minute},
		{"h", time.Hour},
		{"d", day},
		{"w", 7 * day},
		{"y", 365 * day},
	} {
		if strings.HasPrefix(text, u.name) {
			return u.size, len(u.name)
		}
	}
	return 0, 0
}

// moment is a point of time, or a day or other period of the calendar, before it
// is known what now is and which zone counts.
type moment struct {
	back time.Duration // before now
	now  bool
	text string // as layout reads it
	lay  layout
	zone bool // text names its zone
}

// layout reads one form of a time.
type layout struct {
	form string
	next func(time.Time) time.Time // end of the period
}

func layouts() []layout {
	after := func(d time.Duration) func(time.Time) time.Time {
		return func(t time.Time) time.Time { return t.Add(d) }
	}
	return []layout{
		{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
		{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
		{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
		{"2006-01-02T15", after(time.Hour)},
		{"2006-01-02T15:04", after(time.Minute)},
		{"2006-01-02T15:04:05", after(time.Second)},
		{"2006-01-02T15:04:05.999999999", after(1)},
	}
}

var errMoment = errors.New("is not a time: use 2026-11-24, 2026-11-24T08:30:00+08:00, now or now-2h")

// instant reads a time of a query.
func instant(text string) (moment, error) {
	if rest, ok := strings.CutPrefix(text, "now"); ok {
		if rest == "" {
			return moment{now: true}, nil
		}
		if back, ok := span(strings.TrimPrefix(rest, "-")); ok && rest[0] == '-' {
			return moment{now: true, back: back}, nil
		}
	}
	norm := strings.Replace(text, " ", "T", 1)
	if strings.Contains(norm, ".") {
		// Go reads a fraction behind seconds with any layout; here it means a point.
		if m, ok := reads(norm, layouts()[6]); ok {
			return m, nil
		}
		return moment{}, fmt.Errorf("%q %w", text, errMoment)
	}
	for _, l := range layouts()[:6] {
		if m, ok := reads(norm, l); ok {
			return m, nil
		}
	}
	return moment{}, fmt.Errorf("%q %w", text, errMoment)
}

// Years outside are refused: what lies between fits into Unix nanoseconds.
const (
	FirstYear = 1970
	LastYear  = 2199
)

func reads(text string, l layout) (moment, bool) {
	for _, zone := range []string{"", "Z07:00"} {
		t, err := time.Parse(l.form+zone, text)
		if err == nil && t.Year() >= FirstYear && t.Year() <= LastYear {
			return moment{text: text, lay: layout{l.form + zone, l.next}, zone: zone != ""}, true
		}
	}
	return moment{}, false
}

// period returns the period [from, to) that the moment covers, in Unix nanoseconds.
func (m moment) period(now time.Time, zone *time.Location) (from, to int64) {
	if m.now {
		t := now.Add(-m.back).UnixNano()
		return t, t + 1
	}
	t, err := time.ParseInLocation(m.lay.form, m.text, zone)
	if err != nil {
		panic("BUG: a time was read before: " + err.Error())
	}
	return t.UnixNano(), m.lay.next(t).UnixNano()
}

// Period returns the times [from, to) that an [IsTime] filter lets through, in Unix
// nanoseconds. now and zone say what the filter's text means.
func (f *Filter) Period(now time.Time, zone *time.Location) (from, to int64) {
	from, to = math.MinInt64, math.MaxInt64
	if f.Low.Text == "" && f.High.Text == "" {
		if d, ok := span(f.Text); ok {
			return now.Add(-d).UnixNano(), now.UnixNano() + 1
		}
		return must(f.Text).period(now, zone)
	}
	if f.Low.Text != "" {
		start, end := must(f.Low.Text).period(now, zone)
		if from = start; f.Low.Open {
			from = end
		}
	}
	if f.High.Text != "" {
		start, end := must(f.High.Text).period(now, zone)
		if to = end; f.High.Open {
			to = start
		}
	}
	return from, to
}

func must(text string) moment {
	m, err := instant(text)
	if err != nil {
		panic("BUG: a time was read before: " + err.Error())
	}
	return m
}
