package normdoc

import "slices"

// list is one level of items below a paragraph.
type list struct {
	form form
	last *node
	ord  int // of the last item
}

// lists are the open levels, outermost first.
type lists []list

// place is where a mark stands.
type place struct {
	no    int
	ended bool // what stands before it ends a paragraph
}

// start adds the item of m below base when it fits there: it goes on with an open
// list, or begins one with its first number. It returns nil when m is no item.
func (s *lists) start(p *parser, base *node, m mark, at place) *node {
	if m.refers() && !at.ended {
		return nil
	}
	level := s.find(m)
	ord := 0
	if level >= 0 {
		ord = (*s)[level].ord
	}
	if m.form == formDash || m.form == formBullet {
		if !at.ended {
			return nil
		}
		m.ord = ord + 1
	}
	goesOn, fits := m.follows(ord, level >= 0, at.ended)
	if !fits || level < 0 && len(*s) >= maxLists {
		return nil
	}
	if !goesOn {
		p.warn(at.no, "sequence", "", "%s follows number %d", m.number, ord)
	}
	if m.form == formPlainNo { // a bracket is missing: only within a list or at its start
		m.form = formParen
	}
	if level < 0 {
		*s = append(*s, list{form: m.form})
		level = len(*s) - 1
	}
	*s = (*s)[:level+1]
	parent := base
	if level > 0 {
		parent = (*s)[level-1].last
	}
	kind := Item
	if level > 0 {
		kind = Subitem
	}
	n := p.add(parent, kind, at.no)
	(*s)[level].last, (*s)[level].ord = n, m.ord
	p.fill(n, m, at.no)
	return n
}

// fill gives an item its number and text.
func (p *parser) fill(n *node, m mark, no int) {
	n.number, n.ord, n.bullet = m.number, m.ord, m.bullet
	if m.code != "" {
		p.warn(no, m.code, m.number, "taken for item number %d", m.ord)
	}
	p.extend(n, m.rest, no)
}

// maxLists is how many levels of items are told apart below a paragraph.
const maxLists = 4

// follows reports whether the mark goes on with number ord of a list, open or
// about to open, and whether it can stand there at all.
func (m mark) follows(ord int, open, ended bool) (next, fits bool) {
	next = m.ord == ord+1
	switch {
	case next && (ended || open || m.form == formParen):
		return true, true
	case open && ended && m.ord > ord && m.ord <= ord+widestStep: // some are lost
		return next, true
	case !ended, m.form == formPlainNo, m.form == formHan, m.form == formWord, m.form == formDot, m.form == formCircle:
		return next, false
	}
	return next, true
}

// find returns the level of the open list that m goes on with, or -1.
func (s *lists) find(m mark) int {
	f := m.form
	if f == formPlainNo {
		f = formParen
	}
	for i, l := range slices.Backward(*s) {
		if l.form == f {
			return i
		}
	}
	return -1
}
