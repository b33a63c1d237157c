package normdoc

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/testshared"
)

// shared parses one of the shared texts.
func shared(t testing.TB, name string) (string, *Document) {
	t.Helper()
	data, err := os.ReadFile(testshared.Dir(t, "norms", name))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return string(data), d
}

func countKinds(d *Document) map[NodeKind]int {
	m := map[NodeKind]int{}
	for _, n := range d.Nodes {
		m[n.Kind]++
	}
	return m
}

// span is min and max of a sanction.
type span struct {
	Min float64 `yaml:"min"`
	Max float64 `yaml:"max"`
}

// catalogue is what csl-2016.yaml states of the text.
type catalogue struct {
	Adopted string `yaml:"adopted"`
	InForce string `yaml:"in_force"`
	Title   struct {
		ZH string `yaml:"zh"`
	} `yaml:"title"`
	Chapters []struct {
		N        int    `yaml:"n"`
		Title    string `yaml:"title_zh"`
		Articles [2]int `yaml:"articles"`
		Sections []struct {
			N        int    `yaml:"n"`
			Title    string `yaml:"title_zh"`
			Articles [2]int `yaml:"articles"`
		} `yaml:"sections"`
	} `yaml:"chapters"`
	Articles []struct {
		Article    int `yaml:"article"`
		Paragraphs int `yaml:"paragraphs"`
		Items      int `yaml:"items"`
		Deadlines  []struct {
			Op    string `yaml:"op"`
			Value any    `yaml:"value"`
			Unit  string `yaml:"unit"`
			Where string `yaml:"where"`
		} `yaml:"deadlines"`
	} `yaml:"articles"`
	Sanctions []struct {
		Article   int      `yaml:"article"`
		Paragraph int      `yaml:"paragraph"`
		Punishes  []string `yaml:"punishes"`
		ActsNote  string   `yaml:"acts_note"`
		Tiers     []struct {
			Unit     *span `yaml:"unit_fine_yuan"`
			Optional *span `yaml:"optional_fine_yuan"`
			Person   *span `yaml:"person_fine_yuan"`
			None     *span `yaml:"fine_if_no_illegal_income_yuan"`
			Income   *span `yaml:"multiple_of_illegal_income"`
			Purchase *span `yaml:"multiple_of_procurement"`
			Days     *span `yaml:"detention_days"`
		} `yaml:"tiers"`
		Bans []struct {
			Years any `yaml:"years"`
		} `yaml:"bans"`
	} `yaml:"sanctions"`
}

func readCatalogue(t *testing.T) catalogue {
	t.Helper()
	data, err := os.ReadFile(testshared.Dir(t, "norms", "csl-2016.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c catalogue
	if err := yaml.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// outline spells a tree: one line per node with id, kind, number and parent.
func outline(d *Document) []string {
	var out []string
	for _, n := range d.Nodes {
		s := n.ID + " " + string(n.Kind) + " " + n.Number
		if n.Title != "" {
			s += " " + n.Title
		}
		out = append(out, s+" < "+n.Parent)
	}
	return out
}

// itemsIn says which paragraph of an article holds its items.
var itemsIn = map[int]int{21: 1, 34: 1, 39: 1, 54: 1, 60: 1, 69: 1, 76: 1}

// expected spells the outline that the catalogue states, up to the last article.
func expected(c catalogue, last int) []string {
	var out []string
	for _, ch := range c.Chapters {
		id := "ch" + strconv.Itoa(ch.N)
		out = append(out, fmt.Sprintf("%s chapter 第%s章 %s < ", id, Chinese(ch.N), ch.Title))
		for a := ch.Articles[0]; a <= min(ch.Articles[1], last); a++ {
			parent := id
			for _, s := range ch.Sections {
				sid := id + "/s" + strconv.Itoa(s.N)
				if a == s.Articles[0] {
					out = append(out, fmt.Sprintf("%s section 第%s节 %s < %s", sid, Chinese(s.N), s.Title, id))
				}
				if a >= s.Articles[0] && a <= s.Articles[1] {
					parent = sid
				}
			}
			out = append(out, fmt.Sprintf("%d article 第%s条 < %s", a, Chinese(a), parent))
			for p := 1; p <= c.Articles[a-1].Paragraphs; p++ {
				out = append(out, fmt.Sprintf("%d.%d paragraph  < %d", a, p, a))
				if itemsIn[a] != p {
					continue
				}
				for i := 1; i <= c.Articles[a-1].Items; i++ {
					out = append(out, fmt.Sprintf("%d.%d(%d) item （%s） < %d.%d", a, p, i, Chinese(i), a, p))
				}
			}
		}
	}
	return out
}

// TestLawStructure compares every node of both copies with the catalogue.
func TestLawStructure(t *testing.T) {
	c := readCatalogue(t)
	for _, tt := range []struct {
		file   string
		last   int
		counts map[NodeKind]int
	}{
		{"csl-2016-a.txt", 78, map[NodeKind]int{Chapter: 7, Section: 2, Article: 78, Paragraph: 103, Item: 28}},
		{"csl-2016-b.txt", 79, map[NodeKind]int{Chapter: 7, Section: 2, Article: 79, Paragraph: 104, Item: 28}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			text, d := shared(t, tt.file)
			if d.Kind != Law || d.Title != c.Title.ZH {
				t.Errorf("kind %s title %q", d.Kind, d.Title)
			}
			if diff := cmp.Diff(tt.counts, countKinds(d)); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(expected(c, tt.last), outline(d)); diff != "" {
				t.Errorf("nodes (-want +got):\n%s", diff)
			}
			accounted(t, text, d)
		})
	}
}

// TestLawDates reads adoption and entry into force, which copy a does not have.
func TestLawDates(t *testing.T) {
	c := readCatalogue(t)
	_, b := shared(t, "csl-2016-b.txt")
	if b.Adopted != c.Adopted || b.InForce != c.InForce || len(b.Notes) != 1 || b.Notes[0].Kind != "adoption" {
		t.Errorf("adopted %s in force %s notes %v", b.Adopted, b.InForce, b.Notes)
	}
	if len(b.Warnings) != 0 {
		t.Errorf("warnings: %v", b.Warnings)
	}
	_, a := shared(t, "csl-2016-a.txt")
	if a.Adopted != "" || a.InForce != "" || len(a.Notes) != 0 {
		t.Errorf("adopted %s in force %s notes %v", a.Adopted, a.InForce, a.Notes)
	}
}

// TestPageCutsAreJoined finds the two cut paragraphs of copy a whole, each with a
// warning, and no other warning.
func TestPageCutsAreJoined(t *testing.T) {
	_, a := shared(t, "csl-2016-a.txt")
	_, b := shared(t, "csl-2016-b.txt")
	var lines []int
	for _, w := range a.Warnings {
		if w.Code != "joined" {
			t.Errorf("warning %+v", w)
		}
		lines = append(lines, w.Line)
	}
	if diff := cmp.Diff([]int{85, 217}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	for _, id := range []string{"24.1", "61.1"} {
		if textOf(a, id) != textOf(b, id) || textOf(a, id) == "" {
			t.Errorf("%s differs from the other copy", id)
		}
	}
}

func textOf(d *Document, id string) string {
	for _, n := range d.Nodes {
		if n.ID == id {
			return n.Text
		}
	}
	return ""
}

// golden reads a list of testdata without its comments.
func golden(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for l := range strings.Lines(string(data)) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			out = append(out, l)
		}
	}
	return out
}

// TestLawReferences compares all references with those a reader found, and those
// of the sanctions with the catalogue.
func TestLawReferences(t *testing.T) {
	_, d := shared(t, "csl-2016-b.txt")
	var got []string
	named := map[string][]string{}
	for _, r := range d.References {
		to := r.To
		if r.Kind == ToDocument {
			to = "《" + to
		} else if !strings.HasPrefix(r.Text, "前") {
			named[r.From] = append(named[r.From], to)
		}
		if r.Kind == Dangling || !strings.Contains(textOf(d, r.From), r.Text) {
			t.Errorf("reference %+v", r)
		}
		got = append(got, r.From+" "+to)
	}
	if diff := cmp.Diff(golden(t, "csl-2016-references.txt"), got); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
	compared := 0
	for _, s := range readCatalogue(t).Sanctions {
		id := fmt.Sprintf("%d.%d", s.Article, s.Paragraph)
		if s.ActsNote != "" || len(named[id]) == 0 {
			continue
		}
		compared++
		slices.Sort(s.Punishes)
		slices.Sort(named[id])
		if diff := cmp.Diff(s.Punishes, named[id]); diff != "" {
			t.Errorf("%s (-catalogue +got):\n%s", id, diff)
		}
	}
	if compared < 14 {
		t.Errorf("only %d sanctions were compared", compared)
	}
}

// spell writes a quantity without its text and date.
func spell(q Quantity) string {
	s := string(q.Operator)
	if q.Value != nil {
		s += " " + strconv.FormatFloat(*q.Value, 'f', -1, 64)
	}
	if q.To != nil {
		s += ".." + strconv.FormatFloat(*q.To, 'f', -1, 64)
	}
	if q.Unit != "" {
		s += " " + q.Unit
	}
	if q.Base != "" {
		s += " " + q.Base
	}
	return s
}

func spans(s *span, unit string) []string {
	switch {
	case s == nil:
		return nil
	case s.Min == 0:
		return []string{fmt.Sprintf("<= %.0f %s", s.Max, unit)}
	}
	return []string{fmt.Sprintf("between %.0f..%.0f %s", s.Min, s.Max, unit)}
}

// TestLawQuantities compares every amount and period with the catalogue: none is
// missing, none is too much.
func TestLawQuantities(t *testing.T) {
	_, d := shared(t, "csl-2016-b.txt")
	c := readCatalogue(t)
	got := map[string][]string{}
	for _, q := range d.Quantities {
		if !strings.Contains(textOf(d, q.At), q.Text) || q.Target {
			t.Errorf("quantity %+v", q)
		}
		at := q.At
		got[at] = append(got[at], spell(q))
	}
	want := map[string][]string{}
	for _, s := range c.Sanctions {
		id := fmt.Sprintf("%d.%d", s.Article, s.Paragraph)
		for _, x := range s.Tiers {
			for _, part := range [][]string{
				spans(x.Unit, "元"), spans(x.Optional, "元"), spans(x.Person, "元"), spans(x.None, "元"),
				spans(x.Income, "倍 违法所得"), spans(x.Purchase, "倍 采购金额"), spans(x.Days, "日"),
			} {
				want[id] = append(want[id], part...)
			}
		}
		for _, b := range s.Bans {
			if b.Years == "life" {
				want[id] = append(want[id], "lifelong")
			} else {
				want[id] = append(want[id], fmt.Sprintf("<= %v 年", b.Years))
			}
		}
	}
	for _, a := range c.Articles {
		for _, x := range a.Deadlines {
			id := x.Where
			if !strings.Contains(id, ".") {
				id += ".1"
			}
			s := map[string]string{"immediate": "immediate", "periodic": "periodic", "date": "date", ">=": ">="}[x.Op]
			if x.Value != nil && x.Op != "date" {
				s += fmt.Sprintf(" %v %s", x.Value, map[string]string{"month": "个月", "per_year": "次"}[x.Unit])
			}
			want[id] = append(want[id], s)
		}
	}
	for _, m := range []map[string][]string{got, want} {
		for id := range m {
			slices.Sort(m[id])
			if len(m[id]) == 0 {
				delete(m, id)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("quantities (-catalogue +got):\n%s", diff)
	}
}

// TestCompareCopies lists the places where the two copies differ, found before
// with another tool, and nothing else.
func TestCompareCopies(t *testing.T) {
	_, a := shared(t, "csl-2016-a.txt")
	_, b := shared(t, "csl-2016-b.txt")
	var got []string
	for _, d := range Compare(a, b) {
		got = append(got, fmt.Sprintf("%s %s %s %d %q %q", d.ID, d.Field, d.Kind, d.Position, d.Left, d.Right))
		if d.Kind == Changed && d.Field == "text" {
			at := []rune(textOf(a, d.ID))
			if !strings.HasPrefix(string(at[d.Position:]), d.Left) {
				t.Errorf("%s: nothing like that at %d", d.ID, d.Position)
			}
		}
	}
	want := []string{
		`adoption text note_only_right 0 "" "（2016年11月7日第十二届全国人民代表大会常务委员会第二十四次会议通过）"`,
		`16.1 text changed 98 "and" "和"`,
		`48.2 text changed 12 "and" "和"`,
		`48.2 text changed 64 "删" "消"`,
		`50.1 text changed 66 "删" "消"`,
		`60.1(1) bullet changed 0 "-" ""`,
		`60.1(2) bullet changed 0 "-" ""`,
		`60.1(3) bullet changed 0 "-" ""`,
		`62.1 text changed 111 "" "并"`,
		`63.2 text changed 3 "钱" "前"`,
		`79 text only_right 0 "" "第七十九条本法自2017年6月1日起施行。"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if same := Compare(b, b); len(same) != 0 {
		t.Errorf("a text differs from itself: %v", same)
	}
}
