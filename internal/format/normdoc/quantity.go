package normdoc

import (
	"cmp"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

const (
	figures = `[0-9０-９]{1,3}(?:[,，][0-9]{3})+(?:\.[0-9]+)?|[0-9０-９]+(?:[.．][0-9０-９]+)?`
	amount  = `(?:(?:` + figures + `)[十百千]?[万亿]*|[` + hanNumber + `]+[万亿]*[` + hanNumber + `]*万?)`
	unitsOf = `个百分点|百分点|个工作日|工作日|个月|个学时|个课时|学时|课时|万元|亿元|元|美元|平方米|平方公里|公里|小时|分钟|人次|人天|人|个|门|堂|所|名|家|项|台|套|节|件|部|册|场|校|省|市|区|县|亩|份|篇|支|条|类|种|座|间|处|起|例|户|笔|批|次|倍|年|日|天|周|季度|%|％|‰|(?i:[kmgt]bps|[kmgt]b?|kwh?|km|m)`
)

var (
	reAmount   = regexp.MustCompile(`百分之(` + amount + `)|(` + amount + `)(` + unitsOf + `)`)
	reRange    = regexp.MustCompile(`^以上(?:至|到|、)?(?:百分之)?(` + amount + `)(` + unitsOf + `)?(?:以下|以内|之内)`)
	reTo       = regexp.MustCompile(`^(?:至|到|—|－|-|~|～)(?:百分之)?(` + amount + `)(` + unitsOf + `)?`)
	reFromTo   = regexp.MustCompile(`(` + amount + `)(?:至|到|—|－|-|~|～)$`)
	reAfter    = regexp.MustCompile(`^(以上|以下|以内|之内|左右|上下|内|余|多)`)
	reBefore   = regexp.MustCompile(`(不得?少于|不得?低于|至少|不得?超过|不得?高于|不得?多于|不得?大于|最多|不足|不满|少于|低于|小于|超过|多于|高于|大于|达到|达|提高到|提高至|提升到|提升至|增加到|增加至|降低到|降低至|下降到|下降至|减少到|减少至|控制在|新增|增加|增长|提高|提升|减少|下降|降低|约|近)$`)
	reFar      = regexp.MustCompile(`(至少|新增)([^，。；、：,;《》]{1,12})$`)
	reShare    = regexp.MustCompile(`占([^，。；占,;]{1,20}?)的?(?:比例|比重|比率|百分比)?(?:应当|应)?$`)
	reMultiple = regexp.MustCompile(`(违法所得|货值金额|采购金额|合同金额|交易金额|经营额|营业额|销售额|销售收入|销售金额|[\p{Han}]{2}金额|[\p{Han}]{2}价款)的?$`)
	reCompare  = regexp.MustCompile(`比([^，。；,;]{1,12}?)$`)
	reFrom     = regexp.MustCompile(`[由从](` + amount + `(?:` + unitsOf + `)?)$`)
	reRise     = regexp.MustCompile(`^(?:提高|提升|增加|增长|上升|降低|下降|减少|降)(?:到|至)`)
	rePer      = regexp.MustCompile(`每(?:一|个)?(年|季度|月|周|日|天|半年|小时)[^，。；]{0,6}$`)
	reDeadline = regexp.MustCompile(`(?:(到|至|截至|于)\s*)?([0-9]{4})年(?:([0-9]{1,2})月)?(?:([0-9]{1,2})日)?(底|末)?\s*(前|之前|以前)?`)
	reWordless = regexp.MustCompile(`立即|定期|终身`)
)

// operators are the words and what they mean.
var operators = map[string]Operator{
	"以上": AtLeast, "以下": AtMost, "以内": AtMost, "之内": AtMost, "内": AtMost, "左右": About, "上下": About, "余": Above, "多": Above,
	"不少于": AtLeast, "不得少于": AtLeast, "不低于": AtLeast, "不得低于": AtLeast, "至少": AtLeast, "达到": AtLeast, "达": AtLeast,
	"提高到": AtLeast, "提高至": AtLeast, "提升到": AtLeast, "提升至": AtLeast, "增加到": AtLeast, "增加至": AtLeast,
	"不超过": AtMost, "不得超过": AtMost, "不高于": AtMost, "不得高于": AtMost, "不多于": AtMost, "不得多于": AtMost, "不大于": AtMost, "不得大于": AtMost,
	"最多": AtMost, "控制在": AtMost, "降低到": AtMost, "降低至": AtMost, "下降到": AtMost, "下降至": AtMost, "减少到": AtMost, "减少至": AtMost,
	"超过": Above, "多于": Above, "高于": Above, "大于": Above, "不足": Below, "不满": Below, "少于": Below, "低于": Below, "小于": Below,
	"约": About, "近": About, "新增": Increase, "增加": Increase, "增长": Increase, "提高": Increase, "提升": Increase,
	"减少": Decrease, "下降": Decrease, "降低": Decrease,
}

// located is a quantity and where it stands in its text, in bytes.
type located struct {
	Quantity

	start, end int
}

// quantities reads the quantities of every node.
func (p *parser) quantities(flat []*node) {
	for _, n := range flat {
		text := n.text
		if text == "" {
			continue
		}
		p.doc.Quantities = append(p.doc.Quantities, p.quantitiesOf(n.id, text)...)
	}
}

func (p *parser) quantitiesOf(id, text string) []Quantity {
	hidden := titles(text)
	var found []located
	dates := p.deadlines(text)
	at, from := 0, 0 // where to look on; where the words of the next quantity may begin
	for at < len(text) {
		m := reAmount.FindStringSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		for i := range m {
			if m[i] >= 0 {
				m[i] += at
			}
		}
		q, ok := p.read1(text, m, max(from, m[0]-len(tail(text[:m[0]], nearWords))))
		if !ok || inside(hidden, q.start) || covered(dates, q.start) {
			at = skipAmount(text, m)
			continue
		}
		found = append(found, q)
		at, from = q.end, q.end
	}
	found = dated(text, found, dates)
	if p.doc.Kind == Law {
		found = append(found, wordless(text)...)
	}
	slices.SortStableFunc(found, func(a, b located) int { return cmp.Compare(a.start, b.start) })
	out := make([]Quantity, 0, len(found))
	for _, f := range found {
		f.At = id
		f.Target = p.doc.Kind == Plan && f.Value != nil && !describes(text[f.end:], f.Operator)
		out = append(out, f.Quantity)
	}
	return out
}

// skipAmount returns where to look on after an amount that was none.
func skipAmount(text string, m []int) int {
	_, n := utf8.DecodeRuneInString(text[m[0]:])
	if r, _ := utf8.DecodeRuneInString(text[m[0]:]); r >= '0' && r <= '9' {
		for m[0]+n < len(text) && strings.IndexByte("0123456789.", text[m[0]+n]) >= 0 {
			n++
		}
	}
	return m[0] + n
}

// nearWords is how far beside an amount its words are looked for, in bytes.
const nearWords = 120

// head returns the first n bytes of s, or less, so that it ends with a character.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// inside reports that at lies in one of the spans, which are in order.
func inside(spans [][2]int, at int) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i][1] > at })
	return i < len(spans) && at >= spans[i][0]
}

// covered reports that at lies in one of the quantities, which are in order.
func covered(found []located, at int) bool {
	i := sort.Search(len(found), func(i int) bool { return found[i].end > at })
	return i < len(found) && at >= found[i].start
}

// describes reports that a quantity tells of something what it is like: "10M以上的".
func describes(after string, op Operator) bool {
	return op != Equal && strings.HasPrefix(after, "的")
}

// read1 reads the quantity whose amount reAmount found. from is where text not yet
// taken begins.
func (p *parser) read1(text string, m []int, from int) (located, bool) {
	var q located
	num, unit := "", "%"
	share := m[2] >= 0 // 百分之五
	if share {
		num = text[m[2]:m[3]]
	} else {
		num, unit = text[m[4]:m[5]], text[m[6]:m[7]]
	}
	v, ok := number(num)
	if !ok || notAmount(tail(text[:m[0]], nearWords), num, unit, head(text[m[1]:], nearWords)) {
		return q, false
	}
	q.Operator, q.start, q.end = Equal, m[0], m[1]
	q.measure(v, unit)
	stated := q.words(text[from:m[0]], head(text[m[1]:], nearWords))
	q.Text = text[q.start:q.end]
	q.context(text[from:q.start])
	if g := rePer.FindStringSubmatch(text[from:m[0]]); g != nil {
		q.Per, stated = g[1], true
	}
	switch {
	case stated:
		return q, true
	case p.doc.Kind == Law:
		return q, share || countsAlone(unit) || isFigure(num) && unit != "年" && unit != "日"
	}
	return q, isFigure(num) && unit != "年" && unit != "日"
}

// measure takes the value in its unit.
func (q *located) measure(v float64, unit string) {
	switch unit {
	case "万元", "亿元":
		v *= map[string]float64{"万元": 1e4, "亿元": 1e8}[unit]
		unit = "元"
	case "个", "个月":
	default:
		unit = strings.TrimPrefix(unit, "个")
	}
	q.Value, q.Unit = &v, unit
}

// countsAlone reports that a law's amount in this unit needs no word beside it.
func countsAlone(unit string) bool {
	switch unit {
	case "元", "美元", "倍", "个月", "日", "天", "年", "小时", "分钟", "工作日", "个工作日", "%", "％", "周":
		return true
	}
	return false
}

// notAmount tells ordinals, years, names and parts of words from amounts.
func notAmount(before, num, unit, after string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	if (r == '由' || r == '从') && reRise.MatchString(after) {
		return true // the value before, which is the base of the next
	}
	if strings.ContainsRune("第〔[.．/-0123456789", r) || isWord(r) && unit != "%" && unit != "％" {
		return true
	}
	next, _ := utf8.DecodeRuneInString(after)
	if isLatin(unit) && (isWord(next) || next == '+') {
		return true
	}
	return startsWithAny(after, partOfWord[unit]...) || inDate(before, num, unit) || !isFigure(num) && indefinite(before, unit, after)
}

// partOfWord lists what follows a character that is no unit there: 五年级, 一日常.
var partOfWord = map[string][]string{
	"年": {"级", "度", "代", "底", "初"}, "日": {"常"}, "天": {"常"}, "人": {"民", "工", "员", "类", "大", "教"},
}

// inDate reports that the amount is the year or the day of a date.
func inDate(before, num, unit string) bool {
	switch unit {
	case "年":
		return len(num) == 4 && isFigure(num) || strings.HasSuffix(before, "月")
	case "日", "天":
		return strings.HasSuffix(before, "月")
	}
	return false
}

// indefinite reports that a Chinese numeral before such a unit is a word, as in
// 一批, 一次 and 一项: unless a word of the table stands beside it.
func indefinite(before, unit, after string) bool {
	switch unit {
	case "省", "市", "区", "县":
		return startsWithAny(after, "级", "域")
	case "次", "批", "项", "条", "类", "种", "起", "处", "部", "节":
		return !strings.HasPrefix(after, "以") && !reBefore.MatchString(before) && !reFar.MatchString(before) && !rePer.MatchString(before)
	}
	return false
}

// isFigure reports that a numeral is written in figures, of either width.
func isFigure(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r >= '0' && r <= '9' || r >= '０' && r <= '９'
}

func isLatin(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r < 0x80 && r != '%'
}

// words reads the words around an amount: ranges, 以上, 不少于. It reports whether
// there were any.
func (q *located) words(before, after string) bool {
	if q.ranges(before, after) {
		return true
	}
	stated := false
	if g := reBefore.FindString(before); g != "" {
		q.Operator, stated = operators[g], true
		q.start -= len(g)
	} else if g := reFar.FindStringSubmatch(before); g != nil && !strings.ContainsAny(g[2], "0123456789") {
		q.Operator, stated = operators[g[1]], true
		q.start -= len(g[0])
	}
	if g := reAfter.FindString(after); g != "" && (g != "内" || isTime(q.Unit)) {
		q.Operator, stated = operators[g], true
		q.end += len(g)
	}
	return stated
}

// ranges reads …以上…以下 and …至….
func (q *located) ranges(before, after string) bool {
	if g := reRange.FindStringSubmatchIndex(after); g != nil && q.bound(after, g) {
		return true
	}
	if g := reTo.FindStringSubmatchIndex(after); g != nil && g[4] >= 0 && strings.HasSuffix(after[g[4]:g[5]], q.Unit) && q.bound(after, g) {
		return true
	}
	g := reFromTo.FindStringSubmatchIndex(before)
	if g == nil || strings.HasSuffix(before[:g[2]], "第") {
		return false
	}
	low, ok := number(before[g[2]:g[3]])
	if !ok || low >= *q.Value {
		return false
	}
	high := *q.Value
	q.Value, q.To, q.Operator = &low, &high, Between
	q.start -= len(before) - g[2]
	return true
}

func isTime(unit string) bool {
	switch unit {
	case "个月", "日", "天", "年", "小时", "分钟", "工作日", "周":
		return true
	}
	return false
}

// bound takes the upper bound that follows.
func (q *located) bound(after string, g []int) bool {
	high, ok := number(after[g[2]:g[3]])
	if g[4] >= 0 {
		switch after[g[4]:g[5]] {
		case "万元":
			high *= 1e4
		case "亿元":
			high *= 1e8
		}
	}
	if !ok || high < *q.Value {
		return false
	}
	q.To, q.Operator = &high, Between
	q.end += g[1]
	return true
}

// context reads what a multiple or share is taken of or compared with.
func (q *located) context(before string) {
	switch q.Unit {
	case "倍":
		if g := reMultiple.FindStringSubmatch(before); g != nil {
			q.Base = g[1]
			return
		}
	case "%", "％", "‰":
		if g := reShare.FindStringSubmatch(before); g != nil {
			q.Base = g[1]
			return
		}
		if g := reMultiple.FindStringSubmatch(before); g != nil {
			q.Base = g[1]
			return
		}
	}
	if g := reFrom.FindStringSubmatch(before); g != nil && q.Operator != Equal {
		q.Base = g[1]
		return
	}
	if g := reCompare.FindStringSubmatch(before); g != nil && (q.Operator == Increase || q.Operator == Decrease) {
		q.Base = g[1]
	}
}

// deadlines finds days and the words that set a last day.
func (p *parser) deadlines(text string) []located {
	whole := days(text)
	hidden := titles(text)
	var out []located
	for _, m := range reDeadline.FindAllStringSubmatchIndex(text, -1) {
		if inside(hidden, m[0]) || covered(whole, m[4]) || m[8] >= 0 {
			continue
		}
		from, end, before := group(text, m, 1), group(text, m, 5), group(text, m, 6)
		plain := end == "" && before == "" // 到2020年
		if plain && (from == "" || from == "于" || startsWithAny(text[m[1]:], "度", "级", "第", "代")) {
			continue
		}
		q := located{start: m[0], end: m[1]}
		q.Operator, q.Text = ByDate, text[m[0]:m[1]]
		q.Date = lastDay(group(text, m, 2), group(text, m, 3), end == "" && before != "")
		if q.Date != "" {
			out = append(out, q)
		}
	}
	out = append(out, whole...)
	slices.SortStableFunc(out, func(a, b located) int { return cmp.Compare(a.start, b.start) })
	return out
}

// group returns group i of a match, "" where it took no part.
func group(text string, m []int, i int) string {
	if m[2*i] < 0 {
		return ""
	}
	return text[m[2*i]:m[2*i+1]]
}

// days finds whole dates.
func days(text string) []located {
	var out []located
	hidden := titles(text)
	for _, m := range reDate.FindAllStringSubmatchIndex(text, -1) {
		if inside(hidden, m[0]) {
			continue
		}
		q := located{start: m[0], end: m[1]}
		q.Operator, q.Date = OnDate, day(text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]])
		for _, w := range []string{"以前", "之前", "前"} {
			if strings.HasPrefix(text[q.end:], w) {
				q.Operator = ByDate
				q.end += len(w)
				break
			}
		}
		q.Text = text[q.start:q.end]
		if q.Date != "" {
			out = append(out, q)
		}
	}
	return out
}

// longSentence bounds how far behind a last day its quantities stand, in bytes.
const longSentence = 1200

// dated gives every quantity the last day its sentence names, and keeps the days.
func dated(text string, found, dates []located) []located {
	for i := range found {
		at := found[i].start
		before := sort.Search(len(dates), func(k int) bool { return dates[k].start >= at })
		if before == 0 {
			continue
		}
		d := dates[before-1]
		if d.Operator == ByDate && at-d.end < longSentence && d.end <= at && !strings.ContainsAny(text[d.end:at], "。；") {
			found[i].Date = d.Date
		}
	}
	return append(found, dates...)
}

// wordless finds the words of laws that set a pace without a number.
func wordless(text string) []located {
	var out []located
	for _, m := range reWordless.FindAllStringIndex(text, -1) {
		if strings.HasSuffix(text[:m[0]], "未") || strings.HasSuffix(text[:m[0]], "不") {
			continue // tells of a breach
		}
		q := located{start: m[0], end: m[1]}
		q.Text = text[m[0]:m[1]]
		q.Operator = map[string]Operator{"立即": Immediate, "定期": Periodic, "终身": Lifelong}[q.Text]
		out = append(out, q)
	}
	return out
}
