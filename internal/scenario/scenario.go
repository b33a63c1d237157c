package scenario

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
	"time"
)

// Line is one record as a sender puts it on the wire, without framing.
type Line struct {
	At        time.Time // when it happened, by the sender's clock, UTC
	Sender    string    // id in [Senders]
	Transport Transport
	Raw       []byte // not to be changed
}

// Options configure a week. A zero field means its default.
type Options struct {
	Events int  // lines of the background; default 16,000
	Quiet  bool // leaves the intrusion out
}

// span is how long a week is.
const span = 7 * 24 * time.Hour

// seedStream parts the streams of random numbers that one seed gives.
const (
	streamWeek uint64 = iota + 1
	streamLive
	streamIntrusion
)

func source(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // an invention that must repeat, no secret
}

// Week gives the lines of the seven days before end in the order of their times.
// It is deterministic; all lines are made before the first is given.
func Week(seed uint64, end time.Time, o Options) iter.Seq[Line] {
	o.Events = cmp.Or(o.Events, 16000)
	start := end.Add(-span).UTC()
	return func(yield func(Line) bool) {
		r := source(seed, streamWeek)
		g := &generator{r: r}
		for _, s := range voices {
			for range o.Events * s.weight / totalWeight {
				g.at = moment(r, start)
				s.speak(g)
			}
		}
		if !o.Quiet {
			g.r = source(seed, streamIntrusion)
			intrusion(g, end.UTC())
		}
		slices.SortStableFunc(g.lines, func(a, b Line) int { return a.At.Compare(b.At) })
		for _, l := range g.lines {
			if l.At.After(end) {
				return
			}
			if !yield(l) {
				return
			}
		}
	}
}

// Live gives an endless trickle of background lines from start on, about two a
// second; each sender speaks at least every twenty seconds. The caller sends a
// line when its time has come.
func Live(seed uint64, start time.Time) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		g := &generator{r: source(seed, streamLive)}
		at := start.UTC()
		for i := 0; ; i++ {
			at = at.Add(time.Duration(250+g.r.IntN(500)) * time.Millisecond)
			g.at, g.lines = at, g.lines[:0]
			v := &voices[i/2%len(voices)]
			if i%2 == 1 {
				v = g.voice()
			}
			v.speak(g)
			for _, l := range g.lines {
				l.At = at // what a sender says in one breath goes out together
				if !yield(l) {
					return
				}
			}
		}
	}
}

// moment draws a time in the week from start on, few at night, two humps a day.
func moment(r *rand.Rand, start time.Time) time.Time {
	for {
		at := start.Add(time.Duration(r.Int64N(int64(span))))
		if r.Float64() < rhythm[at.In(local).Hour()] {
			return at
		}
	}
}

// rhythm is how busy each hour of the day is, as a part of the busiest.
var rhythm = [24]float64{
	0.18, 0.12, 0.1, 0.1, 0.1, 0.14, 0.25, 0.5, 0.85, 1, 1, 0.9,
	0.6, 0.65, 0.9, 0.95, 0.9, 0.75, 0.6, 0.65, 0.7, 0.6, 0.45, 0.3,
}

// generator collects lines.
type generator struct {
	r     *rand.Rand
	at    time.Time // of the line that is being made
	lines []Line
}

// pick returns one of the words.
func (g *generator) pick(words []string) string { return words[g.r.IntN(len(words))] }

// between returns a number in [low, high].
func (g *generator) between(low, high int) int { return low + g.r.IntN(high-low+1) }

// chance reports true once in n.
func (g *generator) chance(n int) bool { return g.r.IntN(n) == 0 }

// voice draws a sender by its weight.
func (g *generator) voice() *voice {
	n := g.r.IntN(totalWeight)
	for i := range voices {
		if n -= voices[i].weight; n < 0 {
			return &voices[i]
		}
	}
	return &voices[0]
}
