package normdoc

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// planReader builds the tree of a plan or notice.
type planReader struct {
	*parser
	indented bool    // paragraphs of this text are indented
	open     []*node // open headings, outermost first
	last     map[form]int
	former   map[form]int // last number before the count began anew
	lists    lists
	para     *node // open paragraph or item; nil: none
	heading  *node // a heading that has nothing below it yet
	inLine   bool  // that heading was indented
	annex    bool
}

// longTitle bounds titles of headings, in characters.
const longTitle = 50

// plan reads the lines of a plan or notice.
func (p *parser) plan(lines []line) {
	r := &planReader{parser: p, last: map[form]int{}, former: map[form]int{}}
	start := 0
	for start < len(lines) && !firstHeading(lines, start) {
		start++
	}
	if start == len(lines) { // nothing is numbered: the title is what stands above the first sentence
		start = 0
		for start < len(lines) && !terminal(tidy(lines[start].text)) {
			start++
		}
	}
	r.front(lines[:start])
	end := r.signature(lines, start)
	n := 0
	for _, l := range lines[start:end] {
		if l.indent {
			n++
		}
	}
	r.indented = n*10 >= (end-start)*6
	for i := start; i < end; i++ {
		r.line(lines[i], i+1 == end)
	}
}

// firstHeading reports that line i begins with the first number of a heading.
func firstHeading(lines []line, i int) bool {
	m, ok := readMark(lines[i].text)
	if !ok || m.ord != 1 || m.bullet != "" {
		return false
	}
	if m.form == formHan {
		return true
	}
	return (m.form == formParen || m.form == formDot) && (i == 0 || terminal(tidy(lines[i-1].text)))
}

var (
	reDateLine = regexp.MustCompile(`^[（(]?` + datePattern + `[）)]?$`)
	reNumber   = regexp.MustCompile(`^[\p{Han}]{1,12}[〔\[（(【]\s*[0-9]{4}\s*[〕\]）)】]\s*[0-9]{1,5}\s*号$`)
)

// front reads title, addressee, letter and preamble.
func (r *planReader) front(lines []line) {
	lines = r.fold(lines)
	dated := -1 // the date that ends a letter: a title follows it
	for i, l := range lines {
		if reDateLine.MatchString(squeeze(l.text)) && i+1 < len(lines) {
			dated = i
		}
	}
	if dated >= 0 {
		r.letter(lines[:dated+1])
		lines = lines[dated+1:]
	}
	title := ""
	for _, l := range lines {
		t := tidy(l.text)
		switch {
		case title == "" && !terminal(t) && !reNumber.MatchString(squeeze(t)):
			title = tidyTitle(t)
		case reNumber.MatchString(squeeze(t)):
			r.note("front", l)
		case addressee(t):
			r.note("addressee", l)
		case reDateLine.MatchString(squeeze(t)):
			r.doc.Issued = dateOf(squeeze(t))
			r.note("date", l)
		case strings.HasSuffix(t, "。") || utf8.RuneCountInString(t) > 40:
			r.paragraph(&r.root, l.text, l.no)
		default:
			r.note("front", l)
		}
	}
	r.doc.Title = title
}

// letter notes the letter a plan comes with.
func (r *planReader) letter(lines []line) {
	for i, l := range lines {
		t := tidy(l.text)
		switch {
		case reDateLine.MatchString(squeeze(t)):
			r.doc.Issued = dateOf(squeeze(t))
			r.note("date", l)
		case i+2 == len(lines) && !terminal(t):
			r.note("issuer", l)
		case addressee(t):
			r.note("addressee", l)
		default:
			r.note("cover", l)
		}
	}
}

func addressee(s string) bool {
	return (strings.HasSuffix(s, "：") || strings.HasSuffix(s, ":")) && !strings.Contains(s, "。")
}

// fold puts the lines of one title or paragraph together.
func (r *planReader) fold(lines []line) []line {
	var out []line
	for i, l := range lines {
		t := tidy(l.text)
		if i > 0 && goesOn(out[len(out)-1], l, lines[i:]) {
			last := &out[len(out)-1]
			if needsSpace(last.text, t) {
				last.text += " "
			}
			last.text += t
			last.joined = true
			continue
		}
		l.text = t
		out = append(out, l)
	}
	return out
}

// goesOn reports that l is the rest of the line before: neither ends a sentence,
// none is a date, a number or an addressee, and l is not the one under which a
// date stands, as an issuer is.
func goesOn(last, l line, from []line) bool {
	t := squeeze(l.text)
	if len(last.text) > maxNote {
		return false
	}
	if terminal(last.text) || reDateLine.MatchString(squeeze(last.text)) || reDateLine.MatchString(t) || reNumber.MatchString(t) || reNumber.MatchString(squeeze(last.text)) {
		return false
	}
	if last.indent != l.indent && l.indent {
		return false
	}
	if addressee(t) && !strings.HasSuffix(squeeze(last.text), "、") && !strings.HasSuffix(squeeze(last.text), "，") {
		return false
	}
	return len(from) < 2 || !reDateLine.MatchString(squeeze(from[1].text))
}

// signature notes the issuer and date under the text and returns the end of the
// text.
func (r *planReader) signature(lines []line, start int) int {
	end := len(lines)
	for end > start+1 && end > len(lines)-4 {
		t := tidy(lines[end-1].text)
		_, marked := readMark(t)
		if reDateLine.MatchString(squeeze(t)) {
			marked = false
		} else if terminal(t) || utf8.RuneCountInString(t) > 30 || unitWord.MatchString(t) {
			break
		}
		if marked {
			break
		}
		end--
	}
	if !terminal(tidy(lines[max(end-1, 0)].text)) { // the rest of a broken line is no signature
		return len(lines)
	}
	for _, l := range lines[end:] {
		t := squeeze(l.text)
		if reDateLine.MatchString(t) {
			r.doc.Issued = dateOf(t)
			r.note("date", l)
			continue
		}
		r.note("issuer", l)
	}
	return end
}

// line reads one line of the body; final says that no other follows.
func (r *planReader) line(l line, final bool) {
	t := tidy(l.text)
	if number, title, ok := readAnnex(t); ok && r.ended() {
		n := r.add(&r.root, Heading, l.no)
		n.number, n.title, n.role = number, title, RoleAnnex
		r.open, r.annex = []*node{n}, true
		r.enter(n, l)
		r.last = map[form]int{}
		return
	}
	if m, ok := readMark(t); ok && r.numbered(m, l) {
		return
	}
	r.running(l, t, final)
}

// numbered starts a heading or an item where the mark fits.
func (r *planReader) numbered(m mark, l line) bool {
	if r.isHeading(m) {
		r.startHeading(m, l)
		return true
	}
	if r.item(m, l) {
		return true
	}
	if m.form == formDot && r.ended() {
		r.warn(l.no, "not_a_provision", "", "begins with a number that does not fit the sequence; read as text")
	}
	return false
}

// running reads a line without a number.
func (r *planReader) running(l line, t string, final bool) {
	switch {
	case r.heading != nil && r.tail(l, t):
		r.heading.title = tidyTitle(r.heading.title + " " + strings.TrimSuffix(t, "。"))
		if strings.HasSuffix(t, "。") {
			r.heading.stop = "。"
		}
		r.warn(l.no, "joined", "", "put to the heading before")
	case r.para != nil && unfinished(r.para, t):
		r.proceed(r.para, l)
	case final && r.indented && !l.indent && r.para != nil && !r.annex:
		r.lists = nil
		r.para = r.paragraph(&r.root, l.text, l.no) // the closing words, set apart from the last heading
	default:
		after := r.para != nil
		if len(r.lists) > 0 && r.lists[0].form != formWord { // 二是 goes on after the paragraphs of 一是
			r.lists = nil
		}
		r.heading = nil
		r.para = r.paragraph(r.parent(), l.text, l.no)
		if after {
			r.loose = append(r.loose, r.para)
		}
	}
}

func (r *planReader) ended() bool { return r.para == nil || terminal(r.para.text) }

func (r *planReader) parent() *node {
	if len(r.open) == 0 {
		return &r.root
	}
	return r.open[len(r.open)-1]
}

// tail reports that a line is the rest of a title that a line break cut.
func (r *planReader) tail(l line, t string) bool {
	if r.heading.stop != "" || r.heading.title == "" || len(r.heading.title) > maxTitle || r.heading.role == RoleAnnex {
		return false
	}
	return shortTail(strings.TrimSuffix(t, "。")) && (!l.indent || !r.inLine)
}

// level returns the rank of a heading's number, 0 for none.
func level(f form) int {
	return map[form]int{formHan: 1, formParen: 2, formDot: 3}[f]
}

// widestStep is how far a heading's number may be from the one before it: a few
// may be lost, more is another kind of number.
const widestStep = 5

// isHeading reports that the mark numbers a heading: it goes on with its rank or
// begins it anew.
func (r *planReader) isHeading(m mark) bool {
	if m.form == formPlainNo {
		m.form = formParen
	}
	if level(m.form) == 0 || m.bullet != "" || m.refers() && !r.ended() {
		return false
	}
	step := m.ord - r.last[m.form]
	switch {
	case m.code == "missing_mark":
		return step == 1 && r.ended()
	case !r.ended():
		return step == 1 && utf8.RuneCountInString(m.rest) <= longTitle && r.heading == nil && m.form != formHan
	}
	// The former count goes on where a damaged 11 was taken for 1.
	return m.ord == 1 || m.form == formParen || near(step) || near(m.ord-r.former[m.form])
}

func near(step int) bool { return step >= 1 && step <= widestStep }

func (r *planReader) startHeading(m mark, l line) {
	if m.form == formPlainNo {
		m.form = formParen
	}
	rank := level(m.form)
	for len(r.open) > 0 && r.open[len(r.open)-1].level >= rank {
		r.open = r.open[:len(r.open)-1]
	}
	n := r.add(r.parent(), Heading, l.no)
	n.number, n.ord, n.level, n.bullet = m.number, m.ord, rank, m.bullet
	if m.ord != 1 && m.ord != r.last[m.form]+1 {
		r.warn(l.no, "sequence", "", "%s follows number %d", m.number, r.last[m.form])
	}
	if m.code != "" {
		r.warn(l.no, m.code, m.number, "taken for heading number %d", m.ord)
	}
	if m.ord == 1 {
		r.former[m.form] = r.last[m.form]
	}
	r.last[m.form] = m.ord
	if rank == 1 {
		r.last[formParen] = 0
	}
	r.open = append(r.open, n)
	r.enter(n, l)
	r.split(n, m.rest, l)
}

// enter makes n the heading that lines belong to.
func (r *planReader) enter(n *node, l line) {
	r.lists, r.para, r.heading, r.inLine = nil, nil, n, l.indent
}

// split parts a heading's line into its title and the paragraph that goes on in
// the same line.
func (r *planReader) split(n *node, rest string, l line) {
	title, after := rest, ""
	if i := strings.IndexAny(rest, "。"); i >= 0 {
		title, after = rest[:i], strings.TrimSpace(rest[i+len("。"):])
		n.stop = "。"
	} else if i := unitWord.FindStringIndex(rest); i != nil {
		at := strings.LastIndexAny(rest[:i[0]], "（(〔[【")
		if at < 0 {
			at = i[0]
		}
		title, after = strings.TrimSpace(rest[:at]), rest[at:]
	}
	if utf8.RuneCountInString(title) > longTitle {
		title, after, n.stop = "", rest, ""
	}
	n.title = tidyTitle(title)
	r.punctuation(title, l.no)
	if after != "" {
		r.heading = nil
		r.para = r.paragraph(n, after, l.no)
	}
}

// item starts an item where the mark fits.
func (r *planReader) item(m mark, l line) bool {
	base := r.parent()
	switch {
	case r.lists != nil:
		base = r.lists[0].last.parent
	case r.para != nil && (m.form != formWord || strings.HasSuffix(r.para.text, "：")):
		base = r.para
		for base.kind != Paragraph {
			base = base.parent
		}
	}
	n := r.lists.start(r.parser, base, m, place{no: l.no, ended: r.ended()})
	if n == nil {
		return false
	}
	r.para, r.heading = n, nil
	return true
}
