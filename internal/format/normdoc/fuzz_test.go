package normdoc

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/fengsui/fengsui/internal/testshared"
)

// promises checks what Parse and Compare promise for any input.
func promises(t *testing.T, data []byte, kind Kind) *Document {
	t.Helper()
	d, err := Parse(data, Options{Kind: kind, MaxBytes: 1 << 16, MaxText: 1 << 17})
	if err != nil {
		if !errors.Is(err, ErrLimit) && !errors.Is(err, ErrDOCX) && !errors.Is(err, ErrEmpty) {
			t.Fatalf("undocumented error %v", err)
		}
		return nil
	}
	seen := map[string]bool{"": true}
	for _, n := range d.Nodes {
		if seen[n.ID] {
			t.Errorf("id %q stands twice or is empty", n.ID)
		}
		if !seen[n.Parent] {
			t.Errorf("parent %q of %q does not stand before it", n.Parent, n.ID)
		}
		seen[n.ID] = true
	}
	for _, r := range d.References {
		if r.Kind == ToProvision && !seen[r.To] || r.From != "" && !seen[r.From] {
			t.Errorf("reference %+v leads nowhere", r)
		}
	}
	for _, q := range d.Quantities {
		if !seen[q.At] {
			t.Errorf("quantity %+v stands nowhere", q)
		}
	}
	if diff := Compare(d, d); len(diff) != 0 {
		t.Errorf("a document differs from itself: %+v", diff)
	}
	return d
}

const sample = "某法\n（2020年1月2日通过）\n目录\n第一章 总则\n第一章 总则\n第一条 甲，见前款、本法第二条至第四条。\n（一）乙；\n1.丙；\n①丁\n— 3 —\n二条 处一万元以上\n十万元以下罚款。\n附件：表\n戊\n"

const samplePlan = "某通知\n各单位：\n请照办。\n某厅\n2018年2月11日\n2018年要点\n一、目标\n一是新增10个。\n二、任务\n（一）组\n1.事。\n做500门以上。（责任单位：甲、乙，丙）\n2.事二。（牵头单位：丁；配合单位：戊）\n"

func FuzzText(f *testing.F) {
	for _, s := range []string{sample, samplePlan, "", "第", "（一）", "一、甲\n（一）乙\n1.丙\n（1）丁\n①戊\n——己\n", "第一条\n\f第1条之一 【题】文《甲《乙》", "\xff\xfe第"} {
		f.Add([]byte(s), uint8(0))
		f.Add([]byte(s), uint8(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, k uint8) {
		kind := []Kind{"", Law, Plan, Notice}[k%4]
		d := promises(t, data, kind)
		p := &parser{}
		p.o, _ = Options{}.check()
		text := p.decode(data)
		if d != nil && !isHTML(text) && !bytes.HasPrefix(data, []byte("PK\x03\x04")) {
			accounted(t, text, d)
		}
	})
}

func FuzzHTML(f *testing.F) {
	f.Add([]byte("<html><body><p>" + sample + "</p></body></html>"))
	f.Add([]byte("<p>第一条 甲<br/>乙<script>x</script><pre>一、丙\n丁</pre><td"))
	f.Fuzz(func(t *testing.T, data []byte) { promises(t, append([]byte("<html>"), data...), "") })
}

func FuzzDOCX(f *testing.F) {
	f.Add([]byte(paragraphs(sample)), []byte(`<w:numbering xmlns:w="w"/>`))
	f.Add([]byte(`<w:p><w:pPr><w:numPr><w:ilvl w:val="8"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>甲</w:t><w:br/><w:tab/></w:r></w:p>`),
		[]byte(`<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="8"><w:numFmt w:val="decimalEnclosedCircle"/><w:lvlText w:val="%9"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`))
	f.Fuzz(func(t *testing.T, body, numbering []byte) {
		promises(t, docx(t, string(body), map[string]string{"word/numbering.xml": string(numbering)}), "")
	})
}

func BenchmarkParse(b *testing.B) {
	for _, file := range []string{"csl-2016-b.txt", "moe-2018-plan.txt"} {
		data, err := os.ReadFile(testshared.Dir(b, "norms", file))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(file, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(data, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	_, left := shared(b, "csl-2016-a.txt")
	_, right := shared(b, "csl-2016-b.txt")
	b.ReportAllocs()
	for b.Loop() {
		if len(Compare(left, right)) == 0 {
			b.Fatal("no difference")
		}
	}
}
