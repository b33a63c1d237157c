package normdoc

import (
	"regexp"
	"unicode/utf8"
)

var (
	pageNumber = regexp.MustCompile(`^(?:[-—–─·•~]{1,3}\s*[0-9０-９]{1,4}\s*[-—–─·•~]{1,3}|` +
		`第\s*[0-9０-９]{1,4}\s*页(?:\s*[,，/]?\s*共\s*[0-9０-９]{1,4}\s*页)?|[0-9]{1,4}\s*/\s*[0-9]{1,4}|[0-9０-９]{1,3}|(?i:page)\s*[0-9]{1,4}(?:\s*of\s*[0-9]{1,4})?)$`)
	articleMarks = regexp.MustCompile(`^第?\s*[` + hanNumber + `0-9]{1,6}\s*条`)
	cutNumber    = regexp.MustCompile(`^(?:第[` + hanNumber + `0-9]*|[（(〔][` + hanNumber + `0-9]{0,3}|[` + hanNumber + `0-9]{1,3})$`)
	planTitle    = regexp.MustCompile(`(?:要点|计划|方案|分工|任务书|规划)(?:》?的通知)?$`)
	unitWord     = regexp.MustCompile(`(?:责任|牵头|配合|主责|主办|承办|协办|参与|参加|落实)(?:单位|部门|司局|处室|科室)\s*[：:]`)
)

// clean leaves out page numbers and running headers; both are named in warnings.
func (p *parser) clean(lines []line) []line {
	seen := map[string]int{}
	for _, l := range lines {
		if short(l.text) {
			seen[squeeze(l.text)]++
		}
	}
	first := map[string]bool{}
	out := lines[:0]
	for i, l := range lines {
		key := squeeze(l.text)
		switch {
		case i+1 < len(lines) && startsWithAny(lines[i+1].text, ".", "．", "、") && cutNumber.MatchString(key):
			out = append(out, l) // mend puts 19 and .开展 together
		case pageNumber.MatchString(tidy(l.text)):
			p.warn(l.no, "page_number", tidy(l.text), "page number left out")
		case seen[key] >= 3 && first[key]:
			p.warn(l.no, "page_header", tidy(l.text), "running header left out, it stands %d times", seen[key])
		default:
			first[key] = true
			out = append(out, l)
		}
	}
	return p.mend(out)
}

// mend puts the number of a provision together that a line break cut:
// 第二十 and 一条.
func (p *parser) mend(lines []line) []line {
	out := lines[:0]
	for _, l := range lines {
		if n := len(out); n > 0 && utf8.RuneCountInString(out[n-1].text) <= 8 && cutNumber.MatchString(squeeze(out[n-1].text)) {
			if both, ok := mended(out[n-1].text, l.text); ok {
				p.warn(l.no, "joined", "", "put to the number before")
				out[n-1].text = both
				continue
			}
		}
		out = append(out, l)
	}
	return out
}

// mended puts two pieces together where that makes a number; one that lost its 条
// too keeps a space behind it.
func mended(number, rest string) (string, bool) {
	for _, between := range []string{"", " "} {
		both := tidy(number + between + rest)
		_, article := readArticle(both)
		_, item := readNumber(both)
		_, heading := readHeading(both)
		if article || between == "" && (item || heading) {
			return both, true
		}
	}
	return "", false
}

// short reports that a line could be a running header: no sentence, no number of
// a provision.
func short(s string) bool {
	if utf8.RuneCountInString(s) > 40 || terminal(s) {
		return false
	}
	if _, ok := readMark(s); ok {
		return false
	}
	_, heading := readHeading(s)
	return !heading && !articleMarks.MatchString(s)
}

// guess tells the kind of a document.
func guess(lines []line) Kind {
	articles, units, titled := 0, 0, false
	for i, l := range lines {
		t := tidy(l.text)
		if c, ok := readArticle(t); ok && !c.missing && !c.refers {
			articles++
		}
		if unitWord.MatchString(t) {
			units++
		}
		titled = titled || i < 15 && utf8.RuneCountInString(t) < 60 && planTitle.MatchString(t)
	}
	switch {
	case articles >= 2 && articles > units/2:
		return Law
	case units > 0 || titled:
		return Plan
	}
	return Notice
}
