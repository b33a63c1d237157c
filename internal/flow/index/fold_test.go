package index

import (
	"fmt"
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	log := newLog()
	var b strings.Builder
	b.WriteString("class=wide")
	for i := range 1500 {
		fmt.Fprintf(&b, " f%d=v%d", i, i)
	}
	b.WriteString(" f1400=again f1401=null n_f1402=7")
	log.add(b.String(), "class=wide f3=x f1499=y", "class=wide \xe4=\xe5 f1=z")
	o := options(t, log)
	x, _ := start(t, o)
	settle(t, x, 3)
	check := func(name string) {
		t.Helper()
		v := x.View()
		equalsScan(t, o, v)
		groups, err := v.Parts()[0].Groups(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		infos, err := groups[0].Columns()
		if err != nil {
			t.Fatal(err)
		}
		folded := 0
		for _, info := range infos {
			if info.Folded {
				folded++
			}
		}
		if len(infos)-folded != 1000 || folded != 503 {
			t.Errorf("%s: %d columns, %d of them folded", name, len(infos), folded)
		}
		c, err := groups[0].Column("f1400")
		if err != nil || c == nil {
			t.Fatal(name, err)
		}
		if from, to := c.Span(0); to-from != 2 || c.Text(from) != "v1400" || c.Text(from+1) != "again" {
			t.Errorf("%s: a folded field lost a value", name)
		}
		if c, err := groups[0].Column("absent"); c != nil || err != nil {
			t.Errorf("%s: absent column: %v, %v", name, c, err)
		}
	}
	check("in memory")
	log.seal()
	settleGood(t, x)
	check("in the file")
	hasTokens(t, x.View())
}
