package sidecar

import (
	"time"

	"github.com/fengsui/fengsui/internal/event"
)

// How far an event time may lie from receipt to be believed.
const (
	MaxAhead  = 24 * time.Hour
	MaxBehind = 3653 * 24 * time.Hour
)

// When returns the time an event is searched by: its event time, or its receipt
// time when it names none or one that lies more than [MaxAhead] after or
// [MaxBehind] before receipt. The second result says that it is the event time.
func When(rec *event.Record) (time.Time, bool) {
	if rec.Time.IsZero() {
		return rec.Received, false
	}
	if d := rec.Time.Sub(rec.Received); d > MaxAhead || d < -MaxBehind {
		return rec.Received, false
	}
	return rec.Time, true
}

// nanos returns t as Unix nanoseconds, or [NoTime] when t is zero or beyond what
// they can say.
func nanos(t time.Time) int64 {
	if y := t.Year(); t.IsZero() || y < 1679 || y > 2261 {
		return NoTime
	}
	return t.UnixNano()
}

// believed returns the time to search by from the numbers of a row.
func believed(received, named int64) int64 {
	if named == NoTime {
		return received
	}
	if d := named - received; d > int64(MaxAhead) || d < -int64(MaxBehind) {
		return received
	}
	return named
}
