package normdoc

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	reToken = regexp.MustCompile(`第\s*[（(]?\s*([` + hanNumber + `0-9０-９]{1,8})\s*[）)]?\s*(分编|编|章|节|条|款|项|目)(?:之([一二三四五六七八九十]{1,3}))?|` +
		`前([一二两三四五六七八九]?)(条|款|项)|本(编|章|节|条|款|项)|本(?:法|条例|办法|规定|细则)([` + hanNumber + `]{1,6})(条)`)
	reDocNumber = regexp.MustCompile(`([\p{Han}]{1,12})([〔\[（(【]\s*[0-9０-９]{4}\s*[〕\]）)】])\s*(第?[0-9０-９]{1,5}号(?:[、和及][0-9０-９]{1,5}号)*)`)
	reOwn       = regexp.MustCompile(`本(?:法|条例|办法|规定|细则|规则|决定|通知|方案|标准|规范|解释|意见|章程|准则|制度)$`)
	reOther     = regexp.MustCompile(`[\p{Han}]{1,24}(?:法|条例|办法|规定|细则|规则|解释|决定)$`)
)

// token is one 第X条, 前款 or 本章 of a text.
type token struct {
	start, end int
	unit       string // 编 章 节 条 款 项 目
	ord, sub   int
	back       int  // 前款: 1, 前两款: 2
	own        bool // 本条
}

// tokens finds the words of s that name provisions.
func tokens(s string) []token {
	var out []token
	for _, m := range reToken.FindAllStringSubmatchIndex(s, -1) {
		t := token{start: m[0], end: m[1]}
		ok := true
		switch {
		case m[4] >= 0:
			t.unit = group(s, m, 2)
			t.ord, ok = ordinal(group(s, m, 1))
			t.sub, _ = ordinal(group(s, m, 3))
		case m[16] >= 0: // 本法二十一条: 第 is missing
			t.unit, t.start = group(s, m, 8), m[14]
			t.ord, ok = ordinal(group(s, m, 7))
		case m[10] >= 0:
			t.unit, t.back = group(s, m, 5), 1
			if m[9] > m[8] {
				t.back, _ = ordinal(group(s, m, 4))
			}
		default:
			t.unit, t.own = group(s, m, 6), true
		}
		if ok && !t.partOfWord(s[t.end:]) {
			out = append(out, t)
		}
	}
	return out
}

// partOfWord reports that the unit is the start of a word: 本项目, 本节约, 第三条例.
func (t token) partOfWord(rest string) bool {
	switch t.unit {
	case "项":
		return strings.HasPrefix(rest, "目")
	case "款":
		return t.ord == 0 && strings.HasPrefix(rest, "项")
	case "节":
		return startsWithAny(rest, "课", "目", "点", "约")
	case "条":
		return startsWithAny(rest, "件", "例", "线")
	}
	return false
}

func depthOf(unit string) int {
	return strings.Index("编章节条款项目", string([]rune(unit)[len([]rune(unit))-1])) / len("编")
}

// resolver turns words into ids.
type resolver struct {
	p     *parser
	byID  map[string]*node
	order []*node // articles in order
	at    map[*node]int
}

// references reads the references of every node.
func (p *parser) references(flat []*node) {
	r := &resolver{p: p, byID: make(map[string]*node, len(flat)), at: map[*node]int{}}
	for _, n := range flat {
		r.byID[n.id] = n
		if n.kind == Article {
			r.at[n] = len(r.order)
			r.order = append(r.order, n)
		}
	}
	for _, n := range p.doc.Notes {
		for _, f := range r.documents(&node{text: n.Text}) {
			if f.To != p.doc.Title {
				p.doc.References = append(p.doc.References, f.Reference)
			}
		}
	}
	for _, n := range flat {
		if n.text == "" {
			continue
		}
		found := r.documents(n)
		found = append(found, r.provisions(n)...)
		slices.SortStableFunc(found, func(a, b placed) int { return cmp.Compare(a.start, b.start) })
		for _, f := range found {
			p.doc.References = append(p.doc.References, f.Reference)
		}
		if len(p.doc.References) > p.o.MaxNodes {
			p.err = fmt.Errorf("more than %d references: %w", p.o.MaxNodes, ErrLimit)
			return
		}
	}
}

// placed is a reference and where it stands in its text.
type placed struct {
	Reference

	start int
}

// titles returns the places of 《…》, outermost ones, in bytes.
func titles(s string) [][2]int {
	var out [][2]int
	deep, start := 0, 0
	for i, r := range s {
		switch r {
		case '《':
			if deep == 0 {
				start = i
			}
			deep++
		case '》':
			if deep == 1 {
				out = append(out, [2]int{start, i + len("》")})
			}
			deep = max(deep-1, 0)
		}
	}
	return out
}

// documents finds other documents by title and by number.
func (r *resolver) documents(n *node) []placed {
	var out []placed
	add := func(to, text string, start int) {
		out = append(out, placed{Reference{From: n.id, To: to, Kind: ToDocument, Text: text}, start})
	}
	for _, t := range titles(n.text) {
		if after := head(n.text[t[1]:], nearWords); strings.HasPrefix(after, "第") && startsWithToken(after) {
			continue // 《刑法》第…条: provisions says more
		}
		text := n.text[t[0]:t[1]]
		add(squeeze(text[len("《"):len(text)-len("》")]), text, t[0])
	}
	for _, m := range reDocNumber.FindAllStringSubmatchIndex(n.text, -1) {
		name, start := n.text[m[2]:m[3]], m[2]
		for _, w := range []string{"按照", "依照", "根据", "依据", "落实", "贯彻", "执行", "和", "及", "与", "见", "由", "以", "的"} {
			if i := strings.LastIndex(name, w); i >= 0 {
				start += i + len(w)
				name = name[i+len(w):]
			}
		}
		if name == "" {
			continue
		}
		year := n.text[m[4]:m[5]]
		at := m[6]
		for num := range strings.FieldsFuncSeq(n.text[m[6]:m[7]], func(c rune) bool { return strings.ContainsRune("、和及", c) }) {
			text := num
			if at == m[6] {
				text = n.text[start : at+len(num)]
			}
			add(name+year+strings.TrimPrefix(num, "第"), text, start+at-m[6])
			at += len(num)
		}
	}
	return out
}

func startsWithToken(s string) bool {
	m := reToken.FindStringIndex(s)
	return m != nil && m[0] == 0
}

// provisions finds the references to provisions in the text of n.
func (r *resolver) provisions(n *node) []placed {
	toks := tokens(n.text)
	var out []placed
	for i := 0; i < len(toks) && len(out) <= r.p.o.MaxNodes; {
		j := i + 1
		for j < len(toks) && connects(n.text[toks[j-1].end:toks[j].start], toks[j-1], toks[j]) {
			j++
		}
		out = append(out, r.chain(n, toks[i:j])...)
		i = j
	}
	return out
}

// connects reports that what stands between two tokens makes them one list.
func connects(between string, a, b token) bool {
	switch squeeze(between) {
	case "":
		return depthOf(b.unit) > depthOf(a.unit) && b.ord > 0
	case "、", "和", "或", "或者", "以及", "及", "与", "至", "到", "—", "-", "~", "～":
		return b.ord > 0 && (a.ord > 0 || a.own || a.back > 0)
	}
	return false
}

// chain reads a list of tokens that belong together.
func (r *resolver) chain(n *node, toks []token) []placed {
	other, start := otherDocument(n.text[:toks[0].start])
	if other == "" && r.p.doc.Kind != Law {
		return nil
	}
	leaves := r.leaves(n, toks)
	var out []placed
	for i, l := range leaves {
		text := n.text[l.start:l.end]
		switch {
		case l.through && i > 0:
			text = n.text[leaves[i-1].start:l.end]
		case i+1 < len(leaves) && leaves[i+1].through:
			text = n.text[l.start:leaves[i+1].end]
		}
		for _, id := range r.idsOf(l, leaves[:i]) {
			out = append(out, r.place(n, placed{Reference{From: n.id, To: id, Text: text}, l.start}, other, start))
		}
	}
	return out
}

// leaves puts the tokens of one provision together: 第一条 and 第二款.
func (r *resolver) leaves(n *node, toks []token) []leaf {
	var leaves []leaf
	at := r.here(n)
	for i, t := range toks {
		l := leaf{start: t.start, end: t.end}
		between := ""
		if i > 0 {
			between = squeeze(n.text[toks[i-1].end:t.start])
			l.through = slices.Contains([]string{"至", "到", "—", "-", "~", "～"}, between)
		}
		if i > 0 && between == "" {
			last := leaves[len(leaves)-1]
			leaves = leaves[:len(leaves)-1]
			l.start, l.through = last.start, last.through
		}
		at = at.step(r, t)
		l.locator, l.tok = at, t
		leaves = append(leaves, l)
	}
	return leaves
}

// place says where the reference leads: within this document, out of it, nowhere.
func (r *resolver) place(n *node, f placed, other string, start int) placed {
	if other != "" {
		f.To, f.Kind = other+"/"+f.To, ToDocument
		if end := f.start + len(f.Text); f.start > start && end <= len(n.text) && n.text[f.start:end] == f.Text && !strings.Contains(n.text[start:f.start], "、") {
			f.Text = n.text[start:end]
		}
		return f
	}
	if _, ok := r.byID[f.To]; ok {
		f.Kind = ToProvision
		return f
	}
	f.Kind = Dangling
	r.p.warn(n.line, "dangling_reference", "", "%s in %s leads to %s, which is not there", f.Text, n.id, cmp.Or(f.To, "nothing"))
	return f
}

// otherDocument names the document that the words before a reference speak of, ""
// for this one, and where its name begins.
func otherDocument(before string) (name string, start int) {
	whole := len(before)
	before = tail(before, longName)
	cut := whole - len(before)
	name, start = otherName(strings.TrimRightFunc(before, isSpace))
	return name, start + cut
}

// longName bounds how far before a reference the name of its document is looked
// for, in bytes.
const longName = 180

// tail returns the last n bytes of s, or less, so that it begins with a character.
func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	for s != "" && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s
}

func otherName(before string) (name string, start int) {
	if strings.HasSuffix(before, "》") {
		t := titles(before)
		if len(t) == 0 {
			return "", 0
		}
		last := t[len(t)-1]
		return squeeze(before[last[0]+len("《") : last[1]-len("》")]), last[0]
	}
	if reOwn.MatchString(before) {
		return "", 0
	}
	m := reOther.FindStringIndex(before)
	if m == nil {
		return "", 0
	}
	name, start = before[m[0]:m[1]], m[0]
	for _, w := range []string{"依照", "按照", "根据", "依据", "违反", "适用", "符合", "执行", "参照", "由", "和", "及", "或者", "与", "对", "在"} {
		if i := strings.LastIndex(name, w); i >= 0 {
			start += i + len(w)
			name = name[i+len(w):]
		}
	}
	if utf8.RuneCountInString(name) < 2 || strings.HasPrefix(name, "本") || strings.HasPrefix(name, "有关") || strings.HasSuffix(name, "规定") && utf8.RuneCountInString(name) < 5 {
		return "", 0
	}
	return name, start
}

// leaf is one provision of a list.
type leaf struct {
	locator

	tok        token
	start, end int
	through    bool
}

// idsOf returns the ids that a leaf adds: one, or with 至 all after the one before.
func (r *resolver) idsOf(l leaf, before []leaf) []string {
	if l.tok.back > 1 {
		var ids []string
		for k := l.tok.back; k >= 1; k-- {
			ids = append(ids, l.shift(r, l.tok.unit, -(k-1)).id(r))
		}
		return ids
	}
	id := l.id(r)
	if !l.through || len(before) == 0 {
		return []string{id}
	}
	first := before[len(before)-1].tok
	if first.unit != l.tok.unit || first.ord >= l.tok.ord || l.tok.ord-first.ord > 500 {
		return []string{id}
	}
	var ids []string
	for k := first.ord + 1; k < l.tok.ord; k++ {
		step := l.tok
		step.ord, step.sub = k, 0
		ids = append(ids, l.step(r, step).id(r))
	}
	return append(ids, id)
}

// articleID spells an article.
func articleID(ord, sub int) string {
	s := strconv.Itoa(ord)
	if sub > 0 {
		s += "-" + strconv.Itoa(sub)
	}
	return s
}
