package token

import (
	"strconv"
	"testing"
)

// TestFilterRate holds the stated rate of false answers.
func TestFilterRate(t *testing.T) {
	for _, n := range []int{10, 1000, 60_000} {
		var set Set
		for i := range n {
			set.Add(Value("in" + strconv.Itoa(i)))
		}
		shape, data := NewFilter(&set)
		size := shape.PageBytes()
		holds := func(tok Token) bool {
			at := shape.Page(tok) * size
			may, ok := shape.Holds(data[at:at+size], tok)
			if !ok {
				t.Fatal("a page is damaged")
			}
			return may
		}
		for i := range n {
			if !holds(Value("in" + strconv.Itoa(i))) {
				t.Fatal("a token is denied")
			}
		}
		wrong := 0
		for i := range 100_000 {
			if holds(Value("out" + strconv.Itoa(i))) {
				wrong++
			}
		}
		t.Logf("%d tokens: %d bytes, %.2f %% false answers", n, len(data), float64(wrong)/1000)
		if wrong > 1500 {
			t.Errorf("%d tokens: %d of 100,000 answers are false", n, wrong)
		}
	}
}
