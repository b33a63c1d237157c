package normdoc

import (
	"strconv"
	"strings"
)

// locator is a place in the document as words build it up: 第二十一条第一款第（三）项.
type locator struct {
	part, chapter, section string // ids; "" when not named or not known
	article                string
	para                   int // 0: not named
	item                   int
	subitem                int
	depth                  int // of the last word, an index into 编章节条款项目

	home *node // where the words stand
}

// here is the place of n: what 前款 and 本条 start from.
func (r *resolver) here(n *node) locator {
	l := locator{home: n, depth: -1}
	for a := n; a != nil; a = a.parent {
		switch a.kind {
		case Subitem:
			l.subitem = a.ord
		case Item:
			l.item = a.ord
		case Paragraph:
			l.para = a.ord
		case Article:
			l.article = a.id
		case Section:
			l.section = a.id
		case Chapter:
			l.chapter = a.id
		case Part:
			if l.part == "" {
				l.part = a.id
			}
		case Heading, TaskNode:
		}
	}
	return l
}

// step goes where the next word leads.
func (l locator) step(r *resolver, t token) locator {
	l.depth = depthOf(t.unit)
	switch {
	case t.back > 0:
		l = l.shift(r, t.unit, -1)
	case t.own:
	default:
		l = l.down(r, t)
	}
	// What is deeper than the word is no longer meant.
	switch l.depth {
	case 3:
		l.para, l.item, l.subitem = 0, 0, 0
	case 4:
		l.item, l.subitem = 0, 0
	case 5:
		l.subitem = 0
	}
	return l
}

// down takes 第X of a unit.
func (l locator) down(r *resolver, t token) locator {
	switch l.depth {
	case 0:
		l.part, l.chapter, l.section = "p"+strconv.Itoa(t.ord), "", ""
	case 1:
		id := under(l.part, "ch"+strconv.Itoa(t.ord))
		if _, ok := r.byID[id]; !ok {
			id = "ch" + strconv.Itoa(t.ord)
		}
		l.chapter, l.section = id, ""
	case 2:
		l.section = under(l.chapter, "s"+strconv.Itoa(t.ord))
	case 3:
		l.article, l.para, l.item = articleID(t.ord, t.sub), 0, 0
	case 4:
		l.para, l.item = t.ord, 0
	case 5:
		l.item = t.ord
	case 6:
		l.subitem = t.ord
	}
	return l
}

// shift goes by provisions of the unit from where the words stand; 0 and below
// leave the number to dangle.
func (l locator) shift(r *resolver, unit string, by int) locator {
	switch unit {
	case "条":
		a, ok := r.byID[l.article]
		i, at := r.at[a]
		if ok && at && i+by >= 0 {
			l.article = r.order[i+by].id
		} else {
			l.article = ""
		}
	case "款":
		l.para += by
	case "项":
		l.item += by
	}
	return l
}

// id spells the place; "" when there is none.
func (l locator) id(r *resolver) string {
	switch l.depth {
	case 0:
		return l.part
	case 1:
		return l.chapter
	case 2:
		return l.section
	}
	if l.article == "" {
		return l.outside(r)
	}
	if l.depth == 3 {
		return l.article
	}
	para := l.para
	if para == 0 && l.depth >= 5 {
		para = l.withItem(r)
	}
	id := l.article + "." + strconv.Itoa(max(para, 0))
	if l.depth >= 5 {
		id += "(" + strconv.Itoa(l.item) + ")"
	}
	if l.depth >= 6 {
		id += "." + strconv.Itoa(l.subitem)
	}
	return id
}

// outside spells a place that is in no article, such as an annex.
func (l locator) outside(*resolver) string {
	if l.home == nil || l.depth < 4 || l.para < 1 {
		return ""
	}
	n := l.home
	for n.kind != Paragraph && n.parent != nil {
		n = n.parent
	}
	base, _, ok := strings.Cut(n.id, ".")
	if !ok {
		return ""
	}
	id := base + "." + strconv.Itoa(l.para)
	if l.depth >= 5 {
		id += "(" + strconv.Itoa(l.item) + ")"
	}
	return id
}

// withItem returns the first paragraph of the article that has the item, else 1.
func (l locator) withItem(r *resolver) int {
	a := r.byID[l.article]
	if a == nil {
		return 1
	}
	for _, p := range a.children {
		for _, c := range p.children {
			if c.kind == Item && c.ord == l.item {
				return p.ord
			}
		}
	}
	return 1
}
