package normdoc

// candidate is a line that may begin an article.
type candidate struct {
	at     int // index of the line
	mark   articleMark
	weight int
}

// The weights of candidates: how surely the line begins an article.
const (
	weak   = 1 // a character of 第X条 is missing
	medium = 2 // the line before does not end a paragraph, or the text reads on like a reference
	strong = 4
)

// maxArticle bounds article numbers, 之 counted as hundredths.
const maxArticle = 10_000

// articles finds the lines that begin articles: of all lines that could, the
// chain with rising numbers and the greatest weight. So a reference at the start
// of a broken line falls out, and a number that lost a character stays.
func articles(lines []line) map[int]articleMark {
	var all []candidate
	before := "" // text of the line before, "" where a paragraph surely ended
	for i, l := range lines {
		t := tidy(l.text)
		if c, ok := weigh(t, before); ok {
			c.at = i
			all = append(all, c)
		}
		before = t
		if _, ok := readHeading(t); ok {
			before = ""
		}
	}
	chosen := chain(all)
	out := make(map[int]articleMark, len(chosen))
	for i, c := range chosen {
		if c.weight == weak && len(chosen) > 1 && !fits(chosen, i) {
			continue
		}
		out[c.at] = c.mark
	}
	return out
}

func weigh(t, before string) (candidate, bool) {
	m, ok := readArticle(t)
	if !ok || m.ord >= maxArticle || m.sub >= 100 {
		return candidate{}, false
	}
	c := candidate{mark: m, weight: strong}
	ended := terminal(before)
	switch {
	case m.missing:
		c.weight = weak
		ok = !m.refers
	case m.refers:
		c.weight = weak
		ok = ended && m.spaced
	case !ended:
		c.weight = medium
	}
	return c, ok
}

// nearby is how far a weak link may be from the article before or after it, in
// numbers: beside it, or with two lost between.
const nearby = 3

// fits reports that a weak link stands near the number before or after it.
func fits(chosen []candidate, i int) bool {
	n := chosen[i].mark.ord
	return i > 0 && n-chosen[i-1].mark.ord <= nearby || i == 0 && n <= nearby || i+1 < len(chosen) && chosen[i+1].mark.ord-n <= nearby
}

// chain returns the heaviest subsequence with strictly rising numbers, the
// earliest where several weigh the same. It takes n log n steps.
func chain(all []candidate) []candidate {
	type best struct{ weight, last int }
	key := func(c candidate) int { return c.mark.ord*100 + c.mark.sub + 1 }
	top := 0
	for _, c := range all {
		top = max(top, key(c))
	}
	tree := make([]best, top+1)
	prev := make([]int, len(all))
	end := best{last: -1}
	for i, c := range all {
		b := best{last: -1}
		for k := key(c) - 1; k > 0; k &= k - 1 {
			if tree[k].weight > b.weight {
				b = tree[k]
			}
		}
		prev[i] = b.last
		now := best{b.weight + c.weight, i}
		for k := key(c); k <= top; k += k & -k {
			if now.weight > tree[k].weight {
				tree[k] = now
			}
		}
		if now.weight > end.weight {
			end = now
		}
	}
	var out []candidate
	for i := end.last; i >= 0; i = prev[i] {
		out = append(out, all[i])
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}
