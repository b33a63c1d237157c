package normdoc

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parser holds one parse.
type parser struct {
	o     Options
	doc   Document
	root  node
	count int // nodes made
	joins int // broken lines put together in provisions
	loose []*node
	err   error // a limit that was met in what the text says
}

// node is a provision while the tree is built.
type node struct {
	kind     NodeKind
	number   string
	ord, sub int // of the number; sub is 之一
	title    string
	text     string
	line     int
	bullet   string
	stop     string
	role     string
	units    []string
	lead     []string
	assist   []string
	level    int // of headings
	parent   *node
	children []*node
	id       string
}

func (p *parser) warn(no int, code, text, format string, args ...any) {
	p.doc.Warnings = append(p.doc.Warnings, Warning{Line: no, Code: code, Text: text, Message: fmt.Sprintf(format, args...)})
}

func (p *parser) note(kind string, l line) {
	p.doc.Notes = append(p.doc.Notes, Note{Kind: kind, Text: tidy(l.text), Line: l.no})
}

// add hangs a new node below parent.
func (p *parser) add(parent *node, kind NodeKind, no int) *node {
	n := &node{kind: kind, line: no, parent: parent}
	parent.children = append(parent.children, n)
	p.count++
	return n
}

// paragraph adds a paragraph with the text of one line.
func (p *parser) paragraph(parent *node, text string, no int) *node {
	n := p.add(parent, Paragraph, no)
	p.extend(n, text, no)
	return n
}

// extend puts a line's text at the end of the node's text.
func (p *parser) extend(n *node, text string, no int) {
	text = p.body(text, no)
	if n.text != "" && needsSpace(n.text, text) {
		n.text += " "
	}
	n.text += text
}

// maxParagraph bounds a paragraph put together from broken lines, in bytes; what
// follows becomes the next one. It keeps joining linear.
const maxParagraph = 64 << 10

// unfinished reports that a line with the text next is the rest of n.
func unfinished(n *node, next string) bool {
	return len(n.text) < maxParagraph && (!terminal(n.text) || opens(n.text, next))
}

// proceed extends n with a line that was cut off and says so.
func (p *parser) proceed(n *node, l line) {
	if n.text != "" {
		p.joins++
		p.warn(l.no, "joined", "", "put to the line before")
	}
	p.extend(n, l.text, l.no)
}

// body cleans a piece of running text.
func (p *parser) body(s string, no int) string {
	s = tidy(s)
	p.punctuation(s, no)
	if !strings.Contains(s, " ") {
		return s
	}
	runes := []rune(s)
	out := make([]rune, 0, len(runes))
	lost := 0
	for i, r := range runes {
		if r == ' ' && i > 0 && i+1 < len(runes) && isChinese(runes[i-1]) && isChinese(runes[i+1]) {
			lost++
			continue
		}
		out = append(out, r)
	}
	if lost > 0 {
		p.warn(no, "spaces", "", "%d spaces between Chinese characters left out", lost)
	}
	return string(out)
}

// punctuation warns once per line of half-width and odd punctuation.
func (p *parser) punctuation(s string, no int) {
	runes := []rune(s)
	var odd []rune
	for i, r := range runes {
		near := i > 0 && isChinese(runes[i-1]) || i+1 < len(runes) && isChinese(runes[i+1])
		switch r {
		case ',', ';', ':', '(', ')', '?', '!', '[', ']':
			if near {
				odd = append(odd, r)
			}
		case '﹔', '︔', '﹐', '﹑', '｡', '､', '─', '━':
			odd = append(odd, r)
		case '-':
			if near && i > 0 && runes[i-1] == '-' {
				odd = append(odd, r)
			}
		}
	}
	if len(odd) > 0 {
		p.warn(no, "mixed_punctuation", "", "%d characters of another width or form: %s", len(odd), string(slices.Compact(odd)))
	}
}

// isChinese reports a Chinese character or full-width punctuation.
func isChinese(r rune) bool {
	return isHan(r) || r >= 0x3001 && r <= 0x301f || r >= 0xff01 && r <= 0xff5e || r >= 0x201c && r <= 0x201d
}

// terminal reports that text may be the end of a paragraph.
func terminal(s string) bool {
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		switch r {
		case '。', '；', '：', '！', '？', '.', ';', ':', '!', '?', '．', '｡', '﹔', '︔', '…', '）', ')':
			return true
		case '”', '’', '"', '\'', '」', '』', ' ':
			s = s[:len(s)-n]
		default:
			return false
		}
	}
	return true
}

// semicolon reports that text ends as an item does that others follow.
func semicolon(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune("；;﹔︔", r)
}

// open reports that a bracket of text is closed only in next.
func opens(text, next string) bool {
	if len(text) > 900 { // a bracket opens near its end
		text = text[len(text)-900:]
	}
	deep := 0
	for _, r := range text {
		switch r {
		case '（', '(':
			deep++
		case '）', ')':
			deep = max(deep-1, 0)
		}
	}
	i := strings.IndexAny(next, "（(）)")
	if deep == 0 || i < 0 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(next[i:])
	return r == '）' || r == ')'
}

// finish names the nodes, reads what their text says, and returns the document.
func (p *parser) finish() *Document {
	d := &p.doc
	p.markTasks()
	p.name()
	p.uncertain()
	var flat []*node
	var walk func(*node)
	walk = func(n *node) {
		for _, c := range n.children {
			flat = append(flat, c)
			walk(c)
		}
	}
	walk(&p.root)
	d.Nodes = make([]Node, len(flat))
	for i, n := range flat {
		d.Nodes[i] = Node{
			ID: n.id, Kind: n.kind, Number: n.number, Title: n.title, Parent: n.parent.id, Text: n.text, Line: n.line,
			Bullet: n.bullet, Stop: n.stop, Role: n.role, Units: n.units,
		}
	}
	p.references(flat)
	p.quantities(flat)
	p.tasks(flat)
	p.force(flat)
	d.Notes, d.Warnings = full(d.Notes), full(d.Warnings)
	d.References, d.Quantities = full(d.References), full(d.Quantities)
	d.Goals, d.Tasks = full(d.Goals), full(d.Tasks)
	slices.SortStableFunc(d.Warnings, func(a, b Warning) int { return cmp.Compare(a.Line, b.Line) })
	slices.SortStableFunc(d.Notes, func(a, b Note) int { return cmp.Compare(a.Line, b.Line) })
	return d
}

// full makes a nil list an empty one.
func full[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// uncertain flags paragraphs that nothing but a full stop set apart, where many
// lines are broken.
func (p *parser) uncertain() {
	if p.joins < 5 || p.joins*50 < p.count {
		return
	}
	for _, n := range p.loose {
		p.warn(n.line, "uncertain_paragraph", "", "may be the rest of the paragraph before: lines of this text are broken")
	}
}

// name gives every node its id.
func (p *parser) name() {
	taken := map[string]int{}
	tasks := map[int]int{}
	var count func(*node)
	count = func(n *node) {
		for _, c := range n.children {
			if c.kind == TaskNode {
				tasks[c.ord]++
			}
			count(c)
		}
	}
	count(&p.root)
	again := false
	for _, n := range tasks {
		again = again || n > 1
	}
	var walk func(*node)
	walk = func(n *node) {
		paras, annexes := 0, 0
		for i, c := range n.children {
			switch {
			case c.kind == Paragraph:
				paras++
				c.ord = paras
			case c.role == RoleAnnex:
				annexes++
				c.ord = annexes
			case c.ord == 0:
				c.ord = i + 1
			}
			id := localID(n, c, again)
			taken[id]++
			if k := taken[id]; k > 1 {
				p.warn(c.line, "duplicate", "", "%s stands %d times", id, k)
				for taken[id+"#"+strconv.Itoa(k)] > 0 {
					k++
				}
				id += "#" + strconv.Itoa(k)
				taken[id]++
			}
			c.id = id
			walk(c)
		}
	}
	walk(&p.root)
}

// localID spells the id of c below n. again says that tasks are numbered anew in
// every group.
func localID(n, c *node, again bool) string {
	num := strconv.Itoa(c.ord)
	switch c.kind {
	case Part:
		return under(n.id, "p"+num)
	case Chapter:
		return under(n.id, "ch"+num)
	case Section:
		return under(n.id, "s"+num)
	case Article:
		if c.sub > 0 {
			num += "-" + strconv.Itoa(c.sub)
		}
		return num
	case Item:
		return cmp.Or(n.id, "0") + "(" + num + ")"
	case TaskNode:
		if again {
			return under(n.id, "t"+num)
		}
		return "t" + num
	case Heading:
		switch {
		case c.role == RoleAnnex:
			return "annex" + num
		case n.id == "" || n.role == RoleAnnex:
			return under(n.id, "h"+num)
		}
		return n.id + "/" + num
	case Paragraph, Subitem:
		return cmp.Or(n.id, "0") + "." + num
	}
	panic("BUG: node kind " + string(c.kind))
}

func under(parent, id string) string {
	if parent == "" {
		return id
	}
	return parent + "/" + id
}
