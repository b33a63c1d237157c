package httpapi

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// longestSpan bounds how far back a relative time may go.
const longestSpan = 100 * 366 * 24 * time.Hour

// Instant reads a time as query parameters give it: RFC 3339, "now", or a span
// back from now such as -90m, -6h or -7d. "" is the zero time. The answer is UTC.
func Instant(text string, now time.Time) (time.Time, error) {
	switch {
	case text == "":
		return time.Time{}, nil
	case text == "now":
		return now.UTC(), nil
	case text[0] == '-':
		back, err := span(text[1:])
		if err != nil {
			return time.Time{}, err
		}
		return now.UTC().Add(-back), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, errors.New("neither RFC 3339, nor now, nor a span back from now such as -6h")
	}
	return t.UTC(), nil
}

// span reads what time.ParseDuration reads, and whole days as 7d.
func span(text string) (time.Duration, error) {
	errSpan := errors.New("not a span of time, such as -6h or -7d")
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > int(longestSpan/(24*time.Hour)) {
			return 0, errSpan
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > longestSpan {
		return 0, errSpan
	}
	return d, nil
}
