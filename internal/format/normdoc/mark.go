package normdoc

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// form is how an item or heading is numbered.
type form int

const (
	formNone    form = iota
	formHan          // 一、
	formParen        // （一）
	formDot          // 1.
	formParen1       // （1）
	formCircle       // ①
	formWord         // 一是
	formDash         // ——
	formBullet       // • without a number
	formPlainNo      // 一） or （一 : a bracket is missing
)

// mark is the number a line begins with.
type mark struct {
	form   form
	ord    int    // 0: none, as of a dash
	number string // as printed, without white space
	bullet string
	rest   string
	code   string // warning: missing_mark or wrong_mark
}

const spaced = `(?:[` + hanNumber + `]\s*){1,6}`

var (
	reBullet = regexp.MustCompile(`^([-*•·●○◆◇■□▪►➢※]|﹣|－)\s*`)
	reParen  = regexp.MustCompile(`^([（(〔\[【﹙{｛])\s*(` + spaced + `|[0-9０-９]{1,3})\s*([）)〕\]】﹚}｝])`)
	reHalf   = regexp.MustCompile(`^(?:[（(]\s*(` + spaced + `)|(` + spaced + `)[）)])`)
	reHan    = regexp.MustCompile(`^(` + spaced + `)\s*([、，,.．])`)
	reDot    = regexp.MustCompile(`^([0-9０-９]{1,3})\s*([.．、)）])`)
	reWord   = regexp.MustCompile(`^([` + hanNumber + `]{1,3})(?:是|要|则)`)
	reDash   = regexp.MustCompile(`^(?:——|—|--|－－|──|━━|―+)`)
)

// readMark reads the number of an item or heading at the start of a line, with
// the bullet before it. It does not judge whether the number fits.
func readMark(s string) (mark, bool) {
	s = tidy(s)
	if m, ok := readNumber(s); ok {
		return m, true
	}
	if g := reDash.FindString(s); g != "" {
		m := mark{form: formDash, number: g, rest: strings.TrimSpace(s[len(g):])}
		if g != "——" {
			m.code = "wrong_mark"
		}
		return m, m.rest != ""
	}
	g := reBullet.FindStringSubmatch(s)
	if g == nil {
		return mark{}, false
	}
	rest := s[len(g[0]):]
	if m, ok := readNumber(rest); ok {
		m.bullet = g[1]
		return m, true
	}
	return mark{form: formBullet, number: g[1], rest: rest}, rest != ""
}

func readNumber(s string) (mark, bool) {
	r, size := utf8.DecodeRuneInString(s)
	if r >= '①' && r <= '⑳' {
		return mark{form: formCircle, ord: int(r-'①') + 1, number: string(r), rest: strings.TrimSpace(s[size:])}, true
	}
	if g := reParen.FindStringSubmatch(s); g != nil {
		return bracketedMark(s, g)
	}
	if g := reDot.FindStringSubmatch(s); g != nil {
		next, _ := utf8.DecodeRuneInString(s[len(g[0]):])
		if strings.ContainsRune("0123456789０１２３４５６７８９", next) || next == '%' {
			return mark{}, false // 2.0
		}
		return mark{form: formDot}.with(s, g[0], g[1])
	}
	if g := reHan.FindStringSubmatch(s); g != nil {
		m := mark{form: formHan}
		if g[2] != "、" || squeeze(g[0]) != g[0] {
			m.code = "wrong_mark"
		}
		return m.with(s, g[0], g[1])
	}
	if g := reWord.FindStringSubmatch(s); g != nil {
		return mark{form: formWord}.with(s, g[0], g[1])
	}
	if g := reHalf.FindStringSubmatch(s); g != nil {
		return mark{form: formPlainNo, code: "missing_mark"}.with(s, g[0], g[1]+g[2])
	}
	return mark{}, false
}

// bracketedMark reads （一） and （1） from what reParen found.
func bracketedMark(s string, g []string) (mark, bool) {
	m := mark{form: formParen}
	if strings.ContainsAny(g[2], "0123456789０１２３４５６７８９") {
		m.form = formParen1
	}
	plain := g[1] == "（" && g[3] == "）" || m.form == formParen1 && g[1] == "(" && g[3] == ")"
	if !plain || squeeze(g[0]) != g[0] {
		m.code = "wrong_mark"
	}
	return m.with(s, g[0], g[2])
}

func (m mark) with(s, printed, ord string) (mark, bool) {
	n, ok := ordinal(ord)
	m.ord, m.number, m.rest = n, squeeze(printed), strings.TrimSpace(s[len(printed):])
	return m, ok
}

// refers reports that the mark is the number inside a reference that a line break
// cut: （三）项.
func (m mark) refers() bool {
	return (m.form == formParen || m.form == formPlainNo || m.form == formParen1) && startsWithAny(m.rest, "项", "款", "目")
}

func startsWithAny(s string, prefixes ...string) bool {
	for _, x := range prefixes {
		if strings.HasPrefix(s, x) {
			return true
		}
	}
	return false
}

// articleMark is 第X条 at the start of a line.
type articleMark struct {
	ord, sub int
	number   string
	bullet   string
	rest     string
	missing  bool // 第 or 条 is not there
	odd      bool // digits, spaces, slips
	refers   bool // reads on like a reference
	spaced   bool // white space follows
}

const slips = `0-9０-９—－─+＋OＯ○-`

var (
	reArticle = regexp.MustCompile(`^(第\s*)?((?:[` + hanNumber + slips + `]\s*){1,8})条(?:\s*之\s*([一二三四五六七八九十]{1,3}))?`)
	reNoTiao  = regexp.MustCompile(`^第\s*((?:[` + hanNumber + `]\s*){1,6})(\s)`)
	reBroken  = regexp.MustCompile(`^(?:规定|的|第|、|至|和|或|以及|及|所|中|之|以外|外|，|。|；|）|,|;)`)
)

func readArticle(s string) (articleMark, bool) {
	bullet := ""
	if g := reBullet.FindStringSubmatch(s); g != nil && strings.HasPrefix(s[len(g[0]):], "第") {
		bullet, s = g[1], s[len(g[0]):]
	}
	g := reArticle.FindStringSubmatch(s)
	if g == nil {
		g = reNoTiao.FindStringSubmatch(s)
		if g == nil {
			return articleMark{}, false
		}
		n, ok := ordinal(g[1])
		rest := strings.TrimSpace(s[len(g[0]):])
		return articleMark{
			bullet: bullet, ord: n, number: squeeze(g[0]), rest: rest, missing: true, spaced: true,
			refers: startsWithAny(rest, "编", "章", "节", "款", "项", "届", "次", "号", "页"),
		}, ok && plainNumeral(squeeze(g[1]))
	}
	c := articleMark{bullet: bullet, number: squeeze(g[0]), missing: g[1] == ""}
	var ok bool
	if c.ord, ok = ordinal(g[2]); !ok {
		return c, false
	}
	if g[3] != "" {
		c.sub, _ = ordinal(g[3])
	}
	after := s[len(g[0]):]
	c.rest = strings.TrimSpace(after)
	c.spaced = after != c.rest
	c.refers = reBroken.MatchString(c.rest)
	c.odd = !plainNumeral(squeeze(g[2])) || squeeze(g[0]) != g[0]
	return c, true
}

// headingMark is 第X编, 章 or 节 at the start of a line.
type headingMark struct {
	kind    NodeKind
	sub     bool // 分编
	ord     int
	number  string
	title   string
	missing bool
	odd     bool
}

var (
	reHeading = regexp.MustCompile(`^(第\s*)?((?:[` + hanNumber + slips + `]\s*){1,6})(编|分\s*编|章|节)`)
	reLeader  = regexp.MustCompile(`[\s.．…·_—-]*[0-9０-９]{1,4}$|[.．…·_]{2,}$`)
)

func readHeading(s string) (headingMark, bool) {
	g := reHeading.FindStringSubmatch(s)
	if g == nil {
		return headingMark{}, false
	}
	h := headingMark{number: squeeze(g[0]), missing: g[1] == "", title: strings.TrimSpace(s[len(g[0]):])}
	var ok bool
	if h.ord, ok = ordinal(g[2]); !ok || utf8.RuneCountInString(h.title) > 40 || strings.ContainsAny(h.title, "。；;") ||
		startsWithAny(h.title, "的", "规定", "、", "至", "和", "或", "，", "第") {
		return h, false
	}
	if h.missing && (h.title == "" || strings.ContainsAny(h.title, "，,：:（(")) {
		return h, false
	}
	switch squeeze(g[3]) {
	case "编":
		h.kind = Part
	case "分编":
		h.kind, h.sub = Part, true
	case "章":
		h.kind = Chapter
	default:
		h.kind = Section
	}
	h.odd = !plainNumeral(squeeze(g[2]))
	return h, true
}

var reAnnex = regexp.MustCompile(`^(附件|附录|附表)\s*([0-9０-９一二三四五六七八九十]{0,3})\s*([：:.．、]?)\s*`)

// readAnnex reads the line that begins an annex.
func readAnnex(s string) (number, title string, ok bool) {
	g := reAnnex.FindString(s)
	if g == "" || utf8.RuneCountInString(s) > 60 || strings.HasSuffix(s, "。") || strings.HasSuffix(s, "；") {
		return "", "", false
	}
	rest := s[len(g):]
	last, _ := utf8.DecodeLastRuneInString(strings.TrimSpace(g))
	if rest != "" && !strings.HasSuffix(g, " ") && (isHan(last) && !strings.ContainsRune("一二三四五六七八九十", last)) {
		return "", "", false // 附件材料…
	}
	return squeeze(g), tidyTitle(rest), true
}
