package stamp_test

import (
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/format/stamp"
)

func TestLeading(t *testing.T) {
	cst := time.FixedZone("", 8*3600)
	place := stamp.Place{Zone: cst, Near: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}
	for _, tt := range []struct{ name, in, want, rest string }{
		{"zone and fraction", "2026-11-24T10:15:02.123456+08:00 host", "2026-11-24T02:15:02.123456Z", "host"},
		{"offset without colon", "2026-11-24T10:15:02-0730", "2026-11-24T17:45:02Z", ""},
		{"utc", "2026-11-24T10:15:02Z", "2026-11-24T10:15:02Z", ""},
		{"no zone is the place's", "2026-11-24 10:15:02 x", "2026-11-24T02:15:02Z", "x"},
		{"slashes", "2026/11/24 10:15:02 [error]", "2026-11-24T02:15:02Z", "[error]"},
		{"comma before milliseconds", "2026-11-24 10:15:02,250 INFO", "2026-11-24T02:15:02.25Z", "INFO"},
		{"comma before another column", "2026-11-24 10:15:02,4711", "2026-11-24T02:15:02Z", ",4711"},
		{"bsd of this year", "Jan  1 10:15:02 host", "2026-01-01T02:15:02Z", "host"},
		{"bsd of last year", "Dec 31 23:59:59 host", "2025-12-31T15:59:59Z", "host"},
		{"bsd with year behind the day", "Nov 24 2024 10:15:02 host", "2024-11-24T02:15:02Z", "host"},
		{"bsd with year behind the time", "Nov 24 10:15:02 2024 H3C", "2024-11-24T02:15:02Z", "H3C"},
		{"a number that is no year", "Jan  1 10:15:02 2024a", "2026-01-01T02:15:02Z", "2024a"},
		{"cisco, clock not set", "*Mar  1 18:46:11.123: %SYS", "2026-03-01T10:46:11.123Z", "%SYS"},
		{"cisco with a zone", "*Mar  1 18:46:11.123 UTC: %SYS", "2026-03-01T18:46:11.123Z", "%SYS"},
		{"cisco with the word of a zone", "Mar  1 18:46:11 CST: %SYS", "2026-03-01T10:46:11Z", "%SYS"},
		{"huawei with offset", "Nov 24 2024 10:15:02+08:00 SW", "2024-11-24T02:15:02Z", "SW"},
		{"h3c with milliseconds", "Nov 24 10:15:02:123 2024 H3C", "2024-11-24T02:15:02.123Z", "H3C"},
		{"leap day of a year near", "Feb 29 10:15:02 2024 x", "2024-02-29T02:15:02Z", "x"},
		{"no such day", "Feb 30 10:15:02 x", "", ""},
		{"no such hour", "2026-11-24 24:15:02", "", ""},
		{"not a stamp", "Novelty 24", "", ""},
		{"goes on as a word", "2026-11-24T10:15:02abc", "", ""},
		{"empty", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, rest, ok := stamp.Leading(tt.in, place)
			if !ok {
				if tt.want != "" {
					t.Errorf("Leading(%q) knows no stamp, want %s", tt.in, tt.want)
				}
				return
			}
			if s := got.Format(time.RFC3339Nano); s != tt.want || rest != tt.rest {
				t.Errorf("Leading(%q) = %s, %q; want %s, %q", tt.in, s, rest, tt.want, tt.rest)
			}
		})
	}
}

func TestLeadingWithoutYearNeedsANearTime(t *testing.T) {
	if got, _, ok := stamp.Leading("Nov 24 10:15:02 x", stamp.Place{}); ok {
		t.Errorf("a year was invented: %s", got)
	}
}

func TestWhole(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"seconds", "1588205199", "2020-04-30T00:06:39Z"},
		{"seconds with a fraction", "1588205199.82437", "2020-04-30T00:06:39.82437Z"},
		{"milliseconds", "1588205199824", "2020-04-30T00:06:39.824Z"},
		{"microseconds", "1588205199824370", "2020-04-30T00:06:39.82437Z"},
		{"nanoseconds", "1728938800841267391", "2024-10-14T20:46:40.841267391Z"},
		{"too small", "123456789", ""},
		{"rfc 3339", "2026-11-24T10:15:02.5Z", "2026-11-24T10:15:02.5Z"},
		{"more than a stamp", "2026-11-24T10:15:02Z and on", ""},
		{"too large", "9999999999999999999", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := stamp.Whole(tt.in, stamp.Place{})
			if s := got.Format(time.RFC3339Nano); ok != (tt.want != "") || ok && s != tt.want {
				t.Errorf("Whole(%q) = %s, %t; want %q", tt.in, s, ok, tt.want)
			}
		})
	}
}

func FuzzLeading(f *testing.F) {
	f.Add("*Mar  1 18:46:11.123 UTC: %SYS")
	f.Add("2026-11-24T10:15:02.123456+08:00 host")
	near := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		at, rest, ok := stamp.Leading(s, stamp.Place{Near: near})
		switch {
		case ok && (at.Location() != time.UTC || len(rest) >= len(s) || s[len(s)-len(rest):] != rest):
			t.Fatalf("%s, rest %q", at, rest)
		case !ok && rest != s:
			t.Fatalf("no stamp, yet rest is %q", rest)
		}
		stamp.Whole(s, stamp.Place{Near: near})
	})
}
