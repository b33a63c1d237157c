package sigma

import (
	"strings"
	"time"
)

// timePart is a time modifier.
type timePart string

// holds reports whether n can be this part of a date.
func (p timePart) holds(n int) bool {
	switch p {
	case "minute":
		return n >= 0 && n <= 59
	case "hour":
		return n >= 0 && n <= 23
	case "day":
		return n >= 1 && n <= 31
	case "week":
		return n >= 1 && n <= 53
	case "month":
		return n >= 1 && n <= 12
	default:
		return n >= 0 && n <= 9999
	}
}

// of takes the part from a date, in the zone in which it is written: the
// specification converts neither zones nor formats. Weeks are those of ISO 8601.
func (p timePart) of(t time.Time) int {
	switch p {
	case "minute":
		return t.Minute()
	case "hour":
		return t.Hour()
	case "day":
		return t.Day()
	case "week":
		_, w := t.ISOWeek()
		return w
	case "month":
		return int(t.Month())
	default:
		return t.Year()
	}
}

// parseTime reads a date as events write it.
func parseTime(text string) (time.Time, bool) {
	if len(text) < len("2006-01-02") || len(text) > 64 {
		return time.Time{}, false
	}
	if len(text) > 10 && text[10] == 't' {
		text = text[:10] + "T" + text[11:]
	}
	text = strings.Replace(text, ",", ".", 1)
	for _, layout := range [...]string{
		time.RFC3339,
		"2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05 Z07:00",
		"2006-01-02 15:04:05 -0700",
		"2006-01-02T15:04:05-0700",
		"2006-01-02T15:04:05",
		"2006-01-02 15:04:05",
		"2006-01-02T15:04",
		"2006-01-02 15:04",
		"2006-01-02",
		"2006/01/02 15:04:05",
		"02/Jan/2006:15:04:05 -0700",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
