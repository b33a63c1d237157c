package normdoc

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fengsui/fengsui/internal/testshared"
)

// planted is a fault that noise put into a line, and the warnings that may tell
// of it.
type planted struct {
	line  int
	what  string
	codes []string
}

// noise spoils a text as scanners do: breaks lines, changes punctuation, takes 第
// away, writes figures and dashes for numerals, puts spaces into words and page
// numbers between lines.
func noise(text string, seed uint64) (spoiled string, faults []planted, lost int) {
	r := rand.New(rand.NewPCG(seed, 7))
	var out []string
	put := func(s string) { out = append(out, s) }
	fault := func(what string, codes ...string) {
		faults = append(faults, planted{len(out) + 1, what, codes})
	}
	body := false
	for l := range strings.Lines(text) {
		l = strings.TrimFunc(l, isSpace)
		if l == "" {
			put("")
			continue
		}
		c, article := readArticle(tidy(l))
		broken := r.IntN(4) == 0
		body = body || article
		if r.IntN(40) == 0 && body {
			put(fmt.Sprintf("— %d —", 10+len(out)))
			faults = append(faults, planted{len(out), "page number", []string{"page_number"}})
		}
		if article {
			switch r.IntN(20) {
			case 4:
				if c.ord == 79 {
					break // nothing after it could tell
				}
				l = strings.TrimFunc(strings.TrimPrefix(l, c.number), isSpace)
				lost++
			case 5:
				l = strings.Replace(l, "条", "", 1)
				fault("条 is missing", "missing_mark", "not_a_provision")
			case 0:
				l = strings.TrimPrefix(l, "第")
				fault("第 is missing", "missing_mark", "not_a_provision")
			case 1:
				l = fmt.Sprintf("第%d条", c.ord) + strings.TrimPrefix(l, c.number)
				fault("figures", "wrong_mark")
			case 2:
				if strings.Contains(c.number, "一") {
					l = strings.Replace(l, "一", "—", 1)
					fault("a dash for 一", "wrong_mark")
				}
			case 3:
				l = strings.Replace(l, "条", " 条", 1)
				fault("a space in the number", "wrong_mark")
				broken = false // the break could take the space away
			}
		}
		if strings.HasPrefix(l, "（") && body {
			switch r.IntN(6) {
			case 0:
				l = "(" + strings.TrimPrefix(l, "（")
				fault("a half-width bracket", "wrong_mark", "mixed_punctuation")
			case 1:
				l = strings.Replace(l, "）", "", 1)
				fault("a missing bracket", "missing_mark")
			}
		}
		if body && !broken && r.IntN(4) == 0 {
			for _, x := range [][2]string{{"，", ","}, {"；", ";"}, {"；", "﹔"}, {"：", ":"}} {
				if i := strings.LastIndex(l, x[0]); i > 60 && r.IntN(2) == 0 {
					l = l[:i] + x[1] + l[i+len(x[0]):]
					fault("punctuation", "mixed_punctuation")
					break
				}
			}
		}
		runes := []rune(l)
		if body && len(runes) > 6 && broken {
			at := 2 + r.IntN(len(runes)-4)
			put(strings.TrimFunc(string(runes[:at]), isSpace))
			if !article || at > 10 { // behind 第一条 a line may end
				fault("a broken line after "+string(runes[max(at-5, 0):at]), "joined", "uncertain_paragraph")
			}
			l = string(runes[at:])
		} else if body && len(runes) > 40 && r.IntN(10) == 0 {
			at := 25
			for at < len(runes) && (!isHan(runes[at-1]) || !isHan(runes[at])) {
				at++
			}
			if at < len(runes) {
				l = string(runes[:at]) + " " + string(runes[at:])
				fault("a space in a word", "spaces")
			}
		}
		put(l)
	}
	return strings.Join(out, "\n"), faults, lost
}

// TestNoiseIsReported spoils the law with many seeds: nearly every article is
// found, every one that is not is named, and every fault has its warning.
func TestNoiseIsReported(t *testing.T) {
	data, err := os.ReadFile(testshared.Dir(t, "norms", "csl-2016-b.txt"))
	if err != nil {
		t.Fatal(err)
	}
	const seeds = 40
	found, gone, faultCount, unseen := 0, 0, 0, 0
	for seed := range uint64(seeds) {
		text, faults, lost := noise(string(data), seed)
		d, err := Parse([]byte(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		gone += lost
		accounted(t, text, d)
		have := map[string]bool{}
		for _, n := range d.Nodes {
			if n.Kind == Article {
				have[n.ID] = true
				found++
			}
		}
		for i := 1; i <= 79; i++ {
			if !have[articleID(i, 0)] && !mentionsGap(d, i) {
				t.Errorf("seed %d: article %d is neither found nor named as missing", seed, i)
			}
		}
		for _, f := range faults {
			faultCount++
			ok := slices.ContainsFunc(d.Warnings, func(w Warning) bool { return w.Line == f.line && slices.Contains(f.codes, w.Code) })
			if !ok {
				unseen++
				t.Errorf("seed %d line %d: %s went unreported", seed, f.line, f.what)
			}
		}
	}
	t.Logf("%d of %d articles found, %d had lost their number; %d faults planted, %d unreported", found, 79*seeds, gone, faultCount, unseen)
	if found < (79*seeds-gone)*99/100 {
		t.Errorf("%d of %d articles found", found, 79*seeds-gone)
	}
}

// mentionsGap reports that a sequence warning spans article i, or that the
// numbers end before it.
func mentionsGap(d *Document, i int) bool {
	before, after := 0, 0
	for _, n := range d.Nodes {
		if n.Kind != Article {
			continue
		}
		var ord int
		_, _ = fmt.Sscanf(n.ID, "%d", &ord)
		if ord < i {
			before = ord
		} else if after == 0 {
			after = ord
		}
	}
	if after == 0 {
		return false
	}
	first, last := Chinese(before+1), Chinese(after-1)
	return slices.ContainsFunc(d.Warnings, func(w Warning) bool {
		return w.Code == "sequence" && strings.Contains(w.Message, "第"+first+"条") && strings.Contains(w.Message, "第"+last+"条")
	})
}

// accounted checks that every character of text stands somewhere in d.
func accounted(t *testing.T, text string, d *Document) {
	t.Helper()
	have := map[rune]int{}
	count := func(list ...string) {
		for _, s := range list {
			for _, r := range s {
				have[r]++
			}
		}
	}
	count(d.Title)
	for _, n := range d.Nodes {
		count(n.Number, n.Title, n.Text, n.Bullet, n.Stop)
	}
	for _, n := range d.Notes {
		count(n.Text)
	}
	for _, w := range d.Warnings {
		if w.Code == "page_number" || w.Code == "page_header" || w.Code == "skipped" {
			count(w.Text)
		}
	}
	want := map[rune]int{}
	for _, r := range text {
		if !isSpace(r) {
			want[r]++
		}
	}
	for r, n := range want {
		if have[r] != n {
			t.Errorf("character %q stands %d times in the text and %d times in the document", r, n, have[r])
		}
	}
}

// TestPlanNoiseIsReported breaks lines and changes punctuation of the plan: all
// lines of units and goals stay, and a task that is not found leaves a warning.
func TestPlanNoiseIsReported(t *testing.T) {
	data, err := os.ReadFile(testshared.Dir(t, "norms", "moe-2018-plan.txt"))
	if err != nil {
		t.Fatal(err)
	}
	const seeds = 30
	found := 0
	for seed := range uint64(seeds) {
		r := rand.New(rand.NewPCG(seed, 9))
		var out []string
		for l := range strings.Lines(string(data)) {
			l = strings.TrimRight(l, "\n")
			if r.IntN(4) == 0 {
				l = strings.Replace(strings.Replace(l, "，", ",", 2), "（", "(", 1)
			}
			runes := []rune(l)
			if len(runes) > 12 && r.IntN(5) == 0 {
				at := 3 + r.IntN(len(runes)-5)
				out = append(out, string(runes[:at]))
				l = string(runes[at:])
			}
			out = append(out, l)
		}
		text := strings.Join(out, "\n")
		d, err := Parse([]byte(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		accounted(t, text, d)
		lines, told := 0, 0
		for _, n := range d.Nodes {
			if len(n.Units) > 0 {
				lines++
			}
		}
		for _, w := range d.Warnings {
			if w.Code == "sequence" || w.Code == "not_a_provision" || w.Code == "page_number" {
				told++
			}
		}
		found += len(d.Tasks)
		if lines != 57 || len(d.Goals) != 9 {
			t.Errorf("seed %d: %d lines of units, %d goals", seed, lines, len(d.Goals))
		}
		if len(d.Tasks) != 29 && told == 0 {
			t.Errorf("seed %d: %d tasks and no warning", seed, len(d.Tasks))
		}
	}
	t.Logf("%d of %d tasks found", found, 29*seeds)
	if found < 29*seeds*95/100 {
		t.Errorf("%d of %d tasks found", found, 29*seeds)
	}
}
