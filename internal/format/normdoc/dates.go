package normdoc

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

const datePattern = `([0-9０-９]{4}|[` + hanNumber + `○Ｏ]{4})\s*年\s*([0-9０-９]{1,2}|[` + hanNumber + `]{1,3})\s*月\s*([0-9０-９]{1,2}|[` + hanNumber + `]{1,3})\s*日`

var (
	reDate   = regexp.MustCompile(datePattern)
	reForce  = regexp.MustCompile(`自` + datePattern + `起(?:施行|实施|生效)`)
	reAtOnce = regexp.MustCompile(`自(?:公布|发布|印发)之日起(?:施行|实施|生效)`)
)

// dateOf returns the first date of s as YYYY-MM-DD, or "".
func dateOf(s string) string {
	g := reDate.FindStringSubmatch(s)
	if g == nil {
		return ""
	}
	return day(g[1], g[2], g[3])
}

// day spells a date; "" when there is no such day.
func day(y, m, d string) string {
	yy, ok1 := number(strings.NewReplacer("○", "〇", "Ｏ", "〇").Replace(y))
	mm, ok2 := number(m)
	dd, ok3 := number(d)
	if !ok1 || !ok2 || !ok3 {
		return ""
	}
	s := fmt.Sprintf("%04d-%02d-%02d", int(yy), int(mm), int(dd))
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}

// dates reads the dates of the notes under a title.
func (p *parser) dates() {
	published := ""
	for _, n := range p.doc.Notes {
		switch n.Kind {
		case "adoption":
			if p.doc.Adopted == "" {
				p.doc.Adopted = dateOf(n.Text)
			}
		case "publication":
			if published == "" {
				published = dateOf(n.Text)
			}
		}
		if g := reForce.FindStringSubmatch(n.Text); g != nil {
			p.doc.InForce = day(g[1], g[2], g[3])
		}
	}
	if p.doc.Adopted == "" {
		p.doc.Adopted = published
	}
}

// force reads the day in force from the provisions, the last that names one.
func (p *parser) force(flat []*node) {
	for i := len(flat) - 1; i >= 0 && p.doc.InForce == ""; i-- {
		n := flat[i]
		if g := reForce.FindStringSubmatch(n.text); g != nil {
			p.doc.InForce = day(g[1], g[2], g[3])
			return
		}
		if reAtOnce.MatchString(n.text) {
			p.doc.InForce = p.publishedOn()
			if p.doc.InForce == "" {
				p.warn(n.line, "in_force_unknown", "", "in force from the day of publication, which the text does not state")
			}
			return
		}
	}
}

func (p *parser) publishedOn() string {
	for _, n := range p.doc.Notes {
		if n.Kind == "publication" {
			if d := dateOf(n.Text); d != "" {
				return d
			}
		}
	}
	return p.doc.Issued
}

// lastDay returns the last day of a year or month; of the one before where the
// words are 2018年前 or 2018年6月前.
func lastDay(y, m string, earlier bool) string {
	yy, ok := number(y)
	mm := 12.0
	if m != "" {
		var ok2 bool
		mm, ok2 = number(m)
		ok = ok && ok2
	}
	if !ok || yy < 1900 || yy > 2200 || mm < 1 || mm > 12 {
		return ""
	}
	month := time.Date(int(yy), time.Month(int(mm))+1, 0, 0, 0, 0, 0, time.UTC)
	if earlier {
		if m == "" {
			month = time.Date(int(yy), 1, 0, 0, 0, 0, 0, time.UTC)
		} else {
			month = time.Date(int(yy), time.Month(int(mm)), 0, 0, 0, 0, 0, time.UTC)
		}
	}
	return month.Format(time.DateOnly)
}
