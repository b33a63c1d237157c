package normdoc

import (
	"cmp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestStructures reads small texts of every shape.
func TestStructures(t *testing.T) {
	for _, tt := range []struct {
		name  string
		in    string
		want  []string // id, kind, number, title, parent; then text
		codes string   // of the warnings
	}{
		{
			"parts, parts of parts, contents, 之一 and subitems",
			"某法典\n目　录\n第一编 总则……1\n第一章 甲 …… 1\n第二编 分则……9\n第一编　总　则\n第一章　甲\n第一条　文。\n第一条之一　文：\n（一）项：\n1.目一；\n2.目二。\n" +
				"第二编　分则\n第一分编　通则\n第一章　丙\n第一节　丁\n第二条　见本编、本章、本节和第一编第一章。",
			[]string{
				"p1 part 第一编 总则 < ", "p1/ch1 chapter 第一章 甲 < p1", "1 article 第一条 < p1/ch1", "1.1 paragraph  < 1", "1-1 article 第一条之一 < p1/ch1",
				"1-1.1 paragraph  < 1-1", "1-1.1(1) item （一） < 1-1.1", "1-1.1(1).1 subitem 1. < 1-1.1(1)", "1-1.1(1).2 subitem 2. < 1-1.1(1)",
				"p2 part 第二编 分则 < ", "p2/p1 part 第一分编 通则 < p2", "p2/p1/ch1 chapter 第一章 丙 < p2/p1", "p2/p1/ch1/s1 section 第一节 丁 < p2/p1/ch1",
				"2 article 第二条 < p2/p1/ch1/s1", "2.1 paragraph  < 2",
			},
			"",
		},
		{
			"a heading cut by a line break, a number alone in its line, an article title",
			"某规定\n第一章 关键信息基础设施\n运行安全\n第一条\n文。\n第二条【题目】文。",
			[]string{
				"ch1 chapter 第一章 关键信息基础设施运行安全 < ", "1 article 第一条 < ch1", "1.1 paragraph  < 1", "2 article 第二条 题目 < ch1", "2.1 paragraph  < 2",
			},
			"joined",
		},
		{
			"a reference at the start of a broken line is no article",
			"某法\n第一条 违反\n第三条规定的，处罚。\n第二条 依照\n第一条、第三条处理。\n第三条 文。",
			[]string{"1 article 第一条 < ", "1.1 paragraph  < 1", "2 article 第二条 < ", "2.1 paragraph  < 2", "3 article 第三条 < ", "3.1 paragraph  < 3"},
			"joined joined",
		},
		{
			"numbers as scanners see them",
			"某法\n第1条 文。\n第 二 条 文。\n三条 文：\n(一)甲；\n（二乙；\n三）丙。\n第四 文。\n第六条 文。\n第十—条 文。",
			[]string{
				"1 article 第1条 < ", "1.1 paragraph  < 1", "2 article 第二条 < ", "2.1 paragraph  < 2", "3 article 三条 < ", "3.1 paragraph  < 3",
				"3.1(1) item (一) < 3.1", "3.1(2) item （二 < 3.1", "3.1(3) item 三） < 3.1", "4 article 第四 < ", "4.1 paragraph  < 4",
				"6 article 第六条 < ", "6.1 paragraph  < 6", "11 article 第十—条 < ", "11.1 paragraph  < 11",
			},
			"wrong_mark wrong_mark missing_mark wrong_mark missing_mark missing_mark missing_mark sequence wrong_mark sequence",
		},
		{
			"page numbers, running headers and an annex",
			"某法\n第一条 前\n- 1 -\n某公报\n后。\n某公报\n第二条 文。\n某公报\n第 3 页 共 4 页\n附件：名单\n甲单位\n",
			[]string{
				"1 article 第一条 < ", "1.1 paragraph  < 1", "2 article 第二条 < ", "2.1 paragraph  < 2", "annex1 heading 附件： 名单 < ",
				"annex1.1 paragraph  < annex1",
			},
			"page_number joined joined page_header page_header page_number",
		},
		{
			"a plan whose tasks begin anew in every group",
			"某市2024年工作要点\n一、甲组\n1．事一。做一。（牵头单位：子局；配合单位：丑局、寅局）\n2．事二。做二。\n二、乙组\n1．事三\n（1）细一；\n（2）细二。\n——线一；\n责任单位：卯局，辰局",
			[]string{
				"h1 heading 一、 甲组 < ", "h1/t1 task 1． 事一 < h1", "h1/t1.1 paragraph  < h1/t1", "h1/t2 task 2． 事二 < h1", "h1/t2.1 paragraph  < h1/t2",
				"h2 heading 二、 乙组 < ", "h2/t1 task 1． 事三 < h2", "h2/t1(1) item （1） < h2/t1", "h2/t1(2) item （2） < h2/t1",
				"h2/t1(2).1 subitem —— < h2/t1(2)", "h2/t1.1 paragraph  < h2/t1",
			},
			"no_units",
		},
		{
			"two full stops below a title",
			"某通知\n一、标题\n尾。。\n文。",
			[]string{"h1 heading 一、 标题 < ", "h1.1 paragraph  < h1", "h1.2 paragraph  < h1"},
			"",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Parse([]byte(tt.in), Options{})
			if err != nil {
				t.Fatal(err)
			}
			accounted(t, tt.in, d)
			if diff := gocmp.Diff(tt.want, outline(d)); diff != "" {
				t.Errorf("nodes (-want +got):\n%s", diff)
			}
			var codes []string
			for _, w := range d.Warnings {
				codes = append(codes, w.Code)
			}
			if got := strings.Join(codes, " "); got != tt.codes {
				t.Errorf("warnings %s, want %s\n%v", got, tt.codes, d.Warnings)
			}
		})
	}
}

// TestLeadAndAssist keeps who leads and who assists apart.
func TestLeadAndAssist(t *testing.T) {
	d, err := Parse([]byte("某计划\n一、组\n1.事。\n做。（牵头单位：子局；配合单位：丑局、寅局）"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := d.Tasks[0]
	if diff := gocmp.Diff([][]string{{"子局", "丑局", "寅局"}, {"子局"}, {"丑局", "寅局"}}, [][]string{x.Units, x.Lead, x.Assist}); diff != "" {
		t.Error(diff)
	}
}

// TestFrontMatter reads titles, notes and dates.
func TestFrontMatter(t *testing.T) {
	for _, tt := range []struct {
		name, in                         string
		title, adopted, inForce, noteses string
	}{
		{
			"a title in two lines, a decree, numerals in dates",
			"中华人民共和国\n某某条例\n（二〇二一年七月三十日国务院令第745号公布 自二〇二一年九月一日起施行）\n第一条 文。\n第二条 文。",
			"中华人民共和国某某条例", "2021-07-30", "2021-09-01", "publication",
		},
		{
			"in force from the day of publication",
			"某办法\n（2020年5月6日某部发布）\n第一条 文。\n第二条 本办法自发布之日起施行。", "某办法", "2020-05-06", "2020-05-06", "publication",
		},
		{
			"a note over several lines",
			"某法\n（2000年1月2日通过\n根据2010年3月4日\n《决定》修正）\n第一条 文。\n第二条 文。", "某法", "2000-01-02", "", "adoption",
		},
		{"a day that is none", "某法\n（2000年2月31日通过）\n第一条 文。\n第二条 文。", "某法", "", "", "adoption"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Parse([]byte(tt.in), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var kinds []string
			for _, n := range d.Notes {
				kinds = append(kinds, n.Kind)
			}
			if d.Title != tt.title || d.Adopted != tt.adopted || d.InForce != tt.inForce || strings.Join(kinds, " ") != tt.noteses {
				t.Errorf("title %s adopted %s in force %s notes %v", d.Title, d.Adopted, d.InForce, kinds)
			}
		})
	}
}

// TestReferenceForms resolves every form of words, standing in 3.2(2) of a law.
func TestReferenceForms(t *testing.T) {
	const law = "某法\n第一章 甲\n第一条 文。\n第二条 文：\n（一）甲；\n（二）乙。\n又一款。\n第二章 乙\n第一节 丙\n第三条 文。\n文：\n（一）甲；\n（二）X；\n（三）丙。\n第四条 文。\n第四条之一 文。\n"
	for in, want := range map[string]string{
		"本法第二条": "2", "第二条第二款": "2.2", "第二条第一款第（二）项": "2.1(2)", "第二条第二项": "2.1(2)", "前款": "3.1", "前项": "3.2(1)",
		"前条": "2", "前两条": "1 2", "本条": "3", "本条第一款": "3.1", "本款第（一）项": "3.2(1)", "本章": "ch2", "本节": "ch2/s1", "第一章": "ch1",
		"本法第二章第一节": "ch2/s1", "第一条至第四条": "1 2 3 4", "第二条第一款、第二款和第四条": "2.1 2.2 4", "第四条之一": "4-1", "第2条": "2",
		"第九条": "9", "本法二条": "2", "《他法》第九条第一款": "他法/9.1", "依照刑法第九条": "刑法/9", "《甲〈乙〉丙》": "甲〈乙〉丙",
		"本办法第一条": "1", "第三届和第一次": "", "本项目": "", "本节约": "", "前款第（二）项": "3.1(2)",
	} {
		d, err := Parse([]byte(strings.Replace(law, "X", in, 1)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range d.References {
			got = append(got, r.To)
			if dangling := r.To == "9" || r.To == "3.1(2)"; (r.Kind == Dangling) != dangling {
				t.Errorf("%s: %+v", in, r)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s leads to %q, want %q", in, s, want)
		}
	}
}

// TestQuantityForms reads every form of words, in laws and plans.
func TestQuantityForms(t *testing.T) {
	for _, tt := range []struct {
		kind Kind
		in   string
		want string // quantities, split by a semicolon; per and date in brackets
	}{
		{Law, "处一万元以上十万元以下罚款", "between 10000..100000 元"},
		{Law, "处上一年度营业额百分之五以下罚款", "<= 5 % 营业额"},
		{Law, "处违法所得一倍以上十倍以下罚款", "between 1..10 倍 违法所得"},
		{Law, "不得少于六个月，十五日内报告，二十四小时以内", ">= 6 个月;<= 15 日;<= 24 小时"},
		{Law, "三至五个工作日", "between 3..5 工作日"},
		{Law, "每季度至少开展两次演练", ">= 2 次 [季度]"},
		{Law, "一般规定、第一次、一旦、十二届、一日常事务", ""},
		{Law, "五千万元以上不超过1.5亿元", ">= 50000000 元;<= 150000000 元"},
		{Law, "立即报告，定期检查，未立即处置，终身不得", "immediate;periodic;lifelong"},
		{Law, "处理100万人以上个人信息的", ">= 1000000 人"},
		{Plan, "建设5个以上示范区，不少于1,200人，约３００台", ">= 5 个;>= 1200 人;~ 300 台"},
		{Plan, "到2020年覆盖率达到95%", "by [2020-12-31];>= 95 % [2020-12-31]"},
		{Plan, "2018年底前完成100家，6月底前", "by [2018-12-31];= 100 家 [2018-12-31]"},
		{Plan, "2018年6月30日前由60%提高到80%", "by [2018-06-30];>= 80 % 60% [2018-06-30]"},
		{Plan, "比上年增长10%，减少5个百分点", "+ 10 % 上年;- 5 百分点"},
		{Plan, "三省一批五分钟课程、五年级、第三届、2018年、财教〔2013〕342号、2.0建设、《2018年100人》", ""},
		{Plan, "三个月内完成", "<= 3 个月"},
		{Plan, "接入带宽100M以上的学校", ">= 100 M"},
	} {
		p := &parser{doc: Document{Kind: tt.kind}}
		var got []string
		for _, q := range p.quantitiesOf("x", tt.in) {
			s := spell(q)
			if extra := cmp.Or(q.Per, q.Date); extra != "" {
				s += " [" + extra + "]"
			}
			got = append(got, s)
			if !strings.Contains(tt.in, q.Text) {
				t.Errorf("%s: text %q", tt.in, q.Text)
			}
		}
		if s := strings.Join(got, ";"); s != tt.want {
			t.Errorf("%s: %s, want %s", tt.in, s, tt.want)
		}
	}
}

// TestNumerals writes and reads numbers of provisions.
func TestNumerals(t *testing.T) {
	for n, want := range map[int]string{1: "一", 10: "十", 11: "十一", 20: "二十", 101: "一百零一", 110: "一百一十", 1260: "一千二百六十", 10_005: "一万零五"} {
		if got := Chinese(n); got != want {
			t.Errorf("Chinese(%d) = %s, want %s", n, got, want)
		}
	}
	for n := 1; n < 2000; n++ {
		if got, ok := ordinal(Chinese(n)); !ok || got != n {
			t.Fatalf("%s reads %d", Chinese(n), got)
		}
	}
}

// TestCompareFinds lists changes of every kind.
func TestCompareFinds(t *testing.T) {
	parse := func(s string) *Document {
		d, err := Parse([]byte(s), Options{})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	a := parse("某法\n第一章 甲\n第一条 甲乙 丙丁戊己。\n第二条 文：\n（一）甲；\n（二）乙。\n第三条 同。")
	b := parse("某条例\n第一章 乙\n第一条 甲X丙丁己Y。\n第二条 文：\n（一）甲；\n第三条 同。\n新款。")
	var got []string
	for _, d := range Compare(a, b) {
		got = append(got, strings.Join([]string{d.ID, d.Field, string(d.Kind), string(rune('0' + d.Position)), d.Left, d.Right}, "|"))
	}
	want := []string{
		"|title|changed|1|法|条例", "ch1|title|changed|0|甲|乙", "1.1|text|changed|1|乙|X", "1.1|text|changed|4|戊|", "1.1|text|changed|6||Y",
		"2.1(2)|text|only_left|0|（二）乙。|", "3.2|text|only_right|0||新款。",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}
