package normdoc

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// maxLevels is how many levels Word's lists have.
const maxLevels = 9

// maxNumberText bounds the text around an automatic number, in bytes. A longer one
// is no number.
const maxNumberText = 64

// listLevel is how one level of a list prints its number.
type listLevel struct {
	format string // w:numFmt
	text   string // such as "（%1）"
	start  int
}

// numberings are the lists of a document and where each stands.
type numberings struct {
	abstract map[string]*[maxLevels]listLevel // by w:abstractNumId
	lists    map[string]string                // w:numId to w:abstractNumId
	counts   map[string]*[maxLevels]int       // by w:abstractNumId: lists of one kind count on
}

// read takes word/numbering.xml.
func (n *numberings) read(data []byte, depth int) error {
	n.abstract, n.lists, n.counts = map[string]*[maxLevels]listLevel{}, map[string]string{}, map[string]*[maxLevels]int{}
	var levels *[maxLevels]listLevel
	var num string
	at := -1
	open := func(e xml.StartElement) {
		val := attr(e, "val")
		switch e.Name.Local {
		case "abstractNum":
			levels, num = &[maxLevels]listLevel{}, ""
			n.abstract[attr(e, "abstractNumId")] = levels
		case "num":
			levels, num = nil, attr(e, "numId")
		case "abstractNumId":
			if num != "" {
				n.lists[num] = val
			}
		case "lvl":
			at = levelOf(attr(e, "ilvl"))
		}
		if levels == nil || at < 0 {
			return
		}
		switch e.Name.Local {
		case "start":
			levels[at].start, _ = strconv.Atoi(val)
		case "numFmt":
			levels[at].format = val
		case "lvlText":
			if len(val) <= maxNumberText {
				levels[at].text = val
			}
		}
	}
	shut := func(name string) {
		if name == "lvl" {
			at = -1
		}
	}
	return walkXML(data, depth, open, shut, func(string) {})
}

func levelOf(s string) int {
	l, err := strconv.Atoi(s)
	if err != nil || l < 0 || l >= maxLevels {
		return 0
	}
	return l
}

// next counts a paragraph of the list and returns its printed number, or "".
func (n *numberings) next(l listRef) string {
	id, ok := n.lists[l.id]
	levels := n.abstract[id]
	if !ok || levels == nil {
		return ""
	}
	counts := n.counts[id]
	if counts == nil {
		counts = &[maxLevels]int{}
		n.counts[id] = counts
	}
	if counts[l.level] == 0 {
		counts[l.level] = max(levels[l.level].start, 1)
	} else {
		counts[l.level]++
	}
	for i := l.level + 1; i < maxLevels; i++ {
		counts[i] = 0
	}
	text := levels[l.level].text
	for i := range l.level + 1 {
		mark := "%" + strconv.Itoa(i+1)
		if strings.Contains(text, mark) {
			text = strings.ReplaceAll(text, mark, printed(max(counts[i], 1), levels[i].format))
		}
	}
	return text
}

// printed writes a number in one of Word's formats.
func printed(n int, format string) string {
	switch format {
	case "chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting", "taiwaneseCountingThousand", "taiwaneseCounting":
		return Chinese(n)
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		if n <= 20 {
			return string(rune('①' + n - 1)) //nolint:gosec // 1 to 20
		}
	case "lowerLetter":
		return string(rune('a' + (n-1)%26))
	case "upperLetter":
		return string(rune('A' + (n-1)%26))
	case "none":
		return ""
	}
	return strconv.Itoa(n)
}
