package query

import (
	"math"
	"strconv"
)

// Decimal is a number as JSON writes it.
type Decimal struct {
	Whole bool
	Int   int64 // where Whole is set
	Float float64
}

// Number reads a decimal number. Anything else, such as 0x10 or 5MB, is none.
func Number(text string) (Decimal, bool) {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil && text[0] != '+' {
		return Int(i), true
	}
	for i := range len(text) {
		c := text[i]
		if (c < '0' || c > '9') && c != '.' && c != '-' && (i == 0 || c != '+' && c != 'e' && c != 'E') {
			return Decimal{}, false
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return Decimal{}, false
	}
	return Decimal{Float: f}, true
}

// Int returns a whole number.
func Int(i int64) Decimal { return Decimal{true, i, float64(i)} }

func (d Decimal) less(e Decimal) bool {
	if d.Whole && e.Whole {
		return d.Int < e.Int
	}
	return d.Float < e.Float
}

// Numbers tests whether a number lies between two ends.
type Numbers struct {
	low, high         Decimal
	hasLow, hasHigh   bool
	lowOpen, highOpen bool
}

// Numbers returns the numbers that an [IsBetween] filter lets through.
func (f *Filter) Numbers() Numbers {
	n := Numbers{lowOpen: f.Low.Open, highOpen: f.High.Open}
	n.low, n.hasLow = Number(f.Low.Text)
	n.high, n.hasHigh = Number(f.High.Text)
	return n
}

// Hold reports whether d lies between the ends.
func (n *Numbers) Hold(d Decimal) bool {
	if n.hasLow && (d.less(n.low) || n.lowOpen && !n.low.less(d)) {
		return false
	}
	return !n.hasHigh || !n.high.less(d) && (!n.highOpen || d.less(n.high))
}

// Sequences returns a span [first, next) that holds every sequence an [InSeq]
// filter lets through. It may hold others.
func (f *Filter) Sequences() (first, next uint64) {
	first, next = 0, math.MaxUint64
	ns := f.Numbers()
	switch {
	case f.Kind == IsIn:
		first, next = math.MaxUint64, 0
		for _, v := range f.List {
			if d, ok := Number(v); ok && d.Int >= 0 {
				first, next = min(first, uint64(d.Int)), max(next, uint64(d.Int)+1)
			}
		}
		return first, next
	case ns.hasLow && ns.low.Whole:
		first = uint64(max(0, ns.low.Int))
	}
	if ns.hasHigh && ns.high.Whole {
		next = uint64(max(0, ns.high.Int)) + 1
	}
	return first, next
}
