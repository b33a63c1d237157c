package httpapi_test

import (
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

func TestInstant(t *testing.T) {
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Time{
		"": {}, "now": now, "-90m": now.Add(-90 * time.Minute), "-7d": now.Add(-7 * 24 * time.Hour), "-1h30m": now.Add(-90 * time.Minute),
		"2026-11-24T16:00:00+08:00": now,
	} {
		if got, err := httpapi.Instant(in, now); err != nil || !got.Equal(want) {
			t.Errorf("%q is %s, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"-", "-x", "--1h", "-1h-1h", "6h", "yesterday", "-999999999d", "-1.5d", "2026-11-24"} {
		if got, err := httpapi.Instant(in, now); err == nil {
			t.Errorf("%q is %s, want an error", in, got)
		}
	}
}
