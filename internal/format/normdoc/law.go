package normdoc

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// lawReader builds the tree of a law.
type lawReader struct {
	*parser
	articles                     map[int]articleMark
	part, subpart, chapter, sect *node
	article, annex               *node
	lastOrd                      int
	lists                        lists
	text                         *node // takes the rest of a cut line; nil: none
	heading                      *node // a heading whose title may go on
}

// law reads the lines of a law.
func (p *parser) law(lines []line) {
	r := &lawReader{parser: p, articles: articles(lines)}
	lines = r.front(lines)
	for i, l := range lines {
		r.line(i, l, lines)
	}
	r.numbers()
}

// front reads what stands before the first provision and returns the lines, those
// it took emptied.
func (r *lawReader) front(lines []line) []line {
	end := r.firstProvision(lines)
	out := make([]line, len(lines))
	copy(out, lines)
	for i := range end {
		out[i].text = ""
	}
	head := r.contents(lines[:end])
	i := r.title(head)
	for i < len(head) {
		l := head[i]
		i++
		for i < len(head) && len(l.text) < maxNote && (opens(l.text, head[i].text) || !terminal(l.text) && bracketed(l.text) && !strings.ContainsAny(l.text, "）)")) {
			l.text += tidy(head[i].text)
			i++
		}
		t := tidy(l.text)
		switch kind := noteKind(t); {
		case kind == "front" && strings.HasSuffix(t, "。"):
			r.paragraph(&r.root, t, l.no)
		default:
			r.note(kind, l)
		}
	}
	r.dates()
	return out
}

// Bounds of what is put together from broken lines, in bytes.
const (
	maxTitle = 300
	maxNote  = 4096
)

func bracketed(s string) bool { return strings.HasPrefix(s, "（") || strings.HasPrefix(s, "(") }

// firstProvision returns the index of the first line that is no front matter: the
// first heading or article behind the table of contents, if there is one.
func (r *lawReader) firstProvision(lines []line) int {
	article := len(lines)
	for i := range r.articles {
		article = min(article, i)
	}
	first, again, contents := -1, -1, false
	var top headingMark
	for i := range lines[:article] {
		t := tidy(lines[i].text)
		contents = contents || isContents(t)
		h, ok := readHeading(reLeader.ReplaceAllString(t, ""))
		switch {
		case !ok:
		case first < 0:
			first, top = i, h
		case h.kind == top.kind && h.sub == top.sub && h.ord == top.ord && squeeze(h.title) == squeeze(top.title):
			again = i
		}
	}
	switch {
	case again >= 0:
		return again
	case first >= 0 && !contents:
		return first
	}
	return r.above(lines, article)
}

func isContents(s string) bool {
	s = squeeze(s)
	return s == "目录" || s == "目次"
}

// above returns the index of the outermost heading right above the first article.
// A heading of no higher rank further above belongs to a table of contents.
func (r *lawReader) above(lines []line, start int) int {
	below := rank(headingMark{kind: Article})
	for i := start - 1; i >= 0; i-- {
		h, ok := readHeading(tidy(lines[i].text))
		if !ok && i > 0 && i+1 == start && shortTail(tidy(lines[i].text)) { // of a heading that a line break cut
			if h, ok = readHeading(tidy(lines[i-1].text)); ok {
				i--
			}
		}
		if !ok || rank(h) >= below {
			break
		}
		start, below = i, rank(h)
	}
	return start
}

// shortTail reports that a line may be the end of a title.
func shortTail(s string) bool {
	return utf8.RuneCountInString(s) <= 20 && !strings.ContainsAny(s, "，。；：,;:（）()")
}

func rank(h headingMark) int {
	switch {
	case h.kind == Part && h.sub:
		return 2
	case h.kind == Part:
		return 1
	case h.kind == Chapter:
		return 3
	case h.kind == Section:
		return 4
	}
	return 5
}

// contents notes the table of contents and returns the other lines.
func (r *lawReader) contents(lines []line) []line {
	var rest []line
	inside := false
	for _, l := range lines {
		t := tidy(l.text)
		_, heading := readHeading(reLeader.ReplaceAllString(t, ""))
		switch {
		case isContents(t):
			inside = true
			r.note("toc", l)
		case heading:
			inside = true
			r.note("toc", l)
		case inside && !terminal(t) && utf8.RuneCountInString(t) < 40 && noteKind(t) == "front":
			r.note("toc", l)
		default:
			rest = append(rest, l)
		}
	}
	return rest
}

// title takes the document's title from the first lines and returns how many.
func (r *lawReader) title(lines []line) int {
	t := ""
	for i, l := range lines {
		s := tidyTitle(l.text)
		if noteKind(s) != "front" || terminal(s) || i > 0 && (titleEnds(t) || utf8.RuneCountInString(t) > 60) {
			r.doc.Title = t
			return i
		}
		if needsSpace(t, s) {
			t += " "
		}
		t += s
	}
	r.doc.Title = t
	return len(lines)
}

func titleEnds(s string) bool {
	for _, x := range []string{"法", "条例", "办法", "规定", "细则", "决定", "规则", "通则", "准则", "规范", "通知", "解释", "意见", "法典", "制度"} {
		if strings.HasSuffix(s, x) {
			return true
		}
	}
	return false
}

// noteKind tells what a line below the title is; "front" when nothing special.
func noteKind(s string) string {
	dated := reDate.MatchString(s)
	switch {
	case reDecree.MatchString(s):
		return "publication"
	case (dated || bracketed(s)) && reAdopted.MatchString(s):
		return "adoption"
	case dated && rePublished.MatchString(s):
		return "publication"
	}
	return "front"
}

var (
	reDecree    = regexp.MustCompile(`主席令|国务院令|令.*号$`)
	reAdopted   = regexp.MustCompile(`通过|修订|修正`)
	rePublished = regexp.MustCompile(`公布|发布|施行`)
)

// line reads one line of the body.
func (r *lawReader) line(i int, l line, lines []line) {
	t := tidy(l.text)
	if t == "" {
		return
	}
	if c, ok := r.articles[i]; ok {
		r.startArticle(c, l)
		return
	}
	if number, title, ok := readAnnex(t); ok && r.annex == nil && r.article != nil && r.ended() {
		r.startAnnex(number, title, l)
		return
	}
	if _, ok := readArticle(t); ok && r.ended() {
		r.warn(l.no, "not_a_provision", "", "begins like an article that does not fit the sequence; read as text")
	}
	if h, ok := readHeading(t); ok && r.fitsHeading(h, i, lines) {
		r.startHeading(h, l)
		return
	}
	r.other(l, t)
}

// other reads a line that begins no article and no heading.
func (r *lawReader) other(l line, t string) {
	switch {
	case r.heading != nil && r.annex == nil && shortTail(t) && len(r.heading.title) < maxTitle:
		r.heading.title = tidyTitle(r.heading.title + " " + t)
		r.warn(l.no, "joined", "", "put to the heading before")
	case r.heading != nil && r.annex == nil:
		r.warn(l.no, "sequence", "", "text below %s that no article number stands before", r.heading.number)
		r.article, r.heading = r.heading, nil
		r.running(l, t)
	case r.article == nil:
		r.text = r.paragraph(&r.root, l.text, l.no)
	default:
		r.running(l, t)
	}
}

// ended reports that a new provision may begin.
func (r *lawReader) ended() bool { return r.text == nil || terminal(r.text.text) }

// innermost returns the first node that there is, else the root.
func (r *lawReader) innermost(nodes []*node) *node {
	for _, n := range nodes {
		if n != nil {
			return n
		}
	}
	return &r.root
}

func (r *lawReader) startArticle(c articleMark, l line) {
	parent := r.innermost([]*node{r.sect, r.chapter, r.subpart, r.part})
	if r.text != nil && !r.ended() {
		r.warn(l.no, "sequence", "", "the text before %s does not end with a full stop", c.number)
	}
	a := r.add(parent, Article, l.no)
	a.number, a.ord, a.sub, a.bullet = c.number, c.ord, c.sub, c.bullet
	switch {
	case c.missing:
		r.warn(l.no, "missing_mark", c.number, "taken for 第%s条", Chinese(c.ord))
	case c.odd:
		r.warn(l.no, "wrong_mark", c.number, "taken for 第%s条", Chinese(c.ord))
	}
	switch {
	case c.ord > r.lastOrd+2:
		r.warn(l.no, "sequence", "", "第%s条 to 第%s条 are missing or stand in the text before", Chinese(r.lastOrd+1), Chinese(c.ord-1))
	case c.ord == r.lastOrd+2:
		r.warn(l.no, "sequence", "", "第%s条 is missing or stands in the text before", Chinese(c.ord-1))
	}
	r.lastOrd = c.ord
	r.article, r.heading, r.annex, r.lists = a, nil, nil, nil
	rest := c.rest
	if title, after, ok := strings.Cut(strings.TrimPrefix(rest, "【"), "】"); ok && strings.HasPrefix(rest, "【") && utf8.RuneCountInString(title) <= 40 {
		a.title, a.stop, rest = tidyTitle(title), "【】", strings.TrimSpace(after)
	}
	r.text = r.add(a, Paragraph, l.no)
	if rest != "" {
		r.extend(r.text, rest, l.no)
	}
}

func (r *lawReader) startAnnex(number, title string, l line) {
	r.annex = r.add(&r.root, Heading, l.no)
	r.annex.number, r.annex.title, r.annex.role = number, title, RoleAnnex
	r.article, r.lists, r.text, r.heading = r.annex, nil, nil, nil
}

// fitsHeading reports that the heading stands where one can: after a finished
// paragraph, not far out of order, and without 第 only where it is expected.
func (r *lawReader) fitsHeading(h headingMark, i int, lines []line) bool {
	if r.annex != nil || r.text != nil && r.text.text != "" && !r.ended() {
		return false
	}
	if r.lists != nil && r.text != nil && semicolon(r.text.text) {
		return false
	}
	last := 0
	if n := r.current(h); n != nil {
		last = n.ord
	}
	if h.missing {
		return h.ord == last+1 && followedByArticle(i, lines, r.articles)
	}
	return true
}

// current returns the heading of the same rank that is open.
func (r *lawReader) current(h headingMark) *node {
	switch {
	case h.kind == Part && h.sub:
		return r.subpart
	case h.kind == Part:
		return r.part
	case h.kind == Chapter:
		return r.chapter
	}
	return r.sect
}

// followedByArticle reports that an article or heading begins within two lines.
func followedByArticle(i int, lines []line, marks map[int]articleMark) bool {
	for j := i + 1; j < len(lines) && j <= i+2; j++ {
		if _, ok := marks[j]; ok {
			return true
		}
		if _, ok := readHeading(tidy(lines[j].text)); ok {
			return true
		}
	}
	return false
}

func (r *lawReader) startHeading(h headingMark, l line) {
	above := []*node{r.chapter, r.subpart, r.part}
	switch {
	case h.kind == Chapter:
		above = above[1:]
	case h.sub:
		above = above[2:]
	case h.kind == Part:
		above = nil
	}
	parent := r.innermost(above)
	n := r.add(parent, h.kind, l.no)
	n.number, n.ord, n.title = h.number, h.ord, tidyTitle(h.title)
	switch {
	case h.missing:
		r.warn(l.no, "missing_mark", h.number, "taken for 第%s", h.number)
	case h.odd:
		r.warn(l.no, "wrong_mark", h.number, "taken for number %d", h.ord)
	}
	if last := r.current(h); last != nil && last.parent == parent && h.ord != last.ord+1 {
		r.warn(l.no, "sequence", "", "%s follows %s", h.number, last.number)
	}
	switch {
	case h.kind == Part && h.sub:
		r.subpart, r.chapter, r.sect = n, nil, nil
	case h.kind == Part:
		r.part, r.subpart, r.chapter, r.sect = n, nil, nil, nil
	case h.kind == Chapter:
		r.chapter, r.sect = n, nil
	default:
		r.sect = n
	}
	r.heading, r.text, r.lists = n, nil, nil
}

// running reads a line inside an article: an item, the rest of a cut line, or the
// next paragraph.
func (r *lawReader) running(l line, t string) {
	if m, ok := readMark(t); ok && r.item(m, l) {
		return
	}
	switch {
	case r.text == nil:
		r.text = r.paragraph(r.article, l.text, l.no)
	case r.text.text == "":
		if r.text.kind != Paragraph { // behind 第一条 a line may end, behind （一） it is cut
			r.warn(l.no, "joined", "", "put to the number before")
		}
		r.extend(r.text, l.text, l.no)
	case unfinished(r.text, t), semicolon(r.text.text) && len(r.text.text) < maxParagraph:
		r.proceed(r.text, l)
	default:
		r.lists = nil
		r.text = r.paragraph(r.article, l.text, l.no)
		r.loose = append(r.loose, r.text)
	}
}

// item starts an item or subitem where the mark fits.
func (r *lawReader) item(m mark, l line) bool {
	if r.text == nil && r.annex == nil {
		return false
	}
	if r.text == nil {
		r.text = r.add(r.article, Paragraph, l.no)
	}
	base := r.text
	for base.kind != Paragraph {
		base = base.parent
	}
	n := r.lists.start(r.parser, base, m, place{no: l.no, ended: r.ended()})
	if n == nil {
		return false
	}
	r.text = n
	return true
}

// numbers warns where the first article is not the first.
func (r *lawReader) numbers() {
	if len(r.articles) == 0 {
		r.warn(1, "sequence", "", "no article was found")
	}
}
