package normdoc

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
	unnumbered := m.form == formDash || m.form == formBullet
	if unnumbered {
		if !at.ended {
			return nil
		}
		m.ord = ord + 1
	}
	next := m.ord == ord+1
	switch {
	case next && (at.ended || level >= 0 || m.form == formParen):
	case !at.ended, m.form == formPlainNo, m.form == formHan, m.form == formWord, m.form == formDot, m.form == formCircle:
		return nil
	default:
		p.warn(at.no, "sequence", "", "%s follows number %d", m.number, ord)
	}
	if m.form == formPlainNo { // a bracket is missing: only within a list or at its start
		m.form = formParen
	}
	parent := base
	if level < 0 {
		if len(*s) > 0 {
			parent = (*s)[len(*s)-1].last
		}
		if len(*s) >= 4 {
			return nil
		}
		*s = append(*s, list{form: m.form})
		level = len(*s) - 1
	} else {
		*s = (*s)[:level+1]
		if level > 0 {
			parent = (*s)[level-1].last
		}
	}
	kind := Item
	if level > 0 {
		kind = Subitem
	}
	n := p.add(parent, kind, at.no)
	n.number, n.ord, n.bullet = m.number, m.ord, m.bullet
	(*s)[level].last, (*s)[level].ord = n, m.ord
	if m.code != "" {
		p.warn(at.no, m.code, m.number, "taken for item number %d", m.ord)
	}
	p.extend(n, m.rest, at.no)
	return n
}

// find returns the level of the open list that m goes on with, or -1.
func (s *lists) find(m mark) int {
	f := m.form
	if f == formPlainNo {
		f = formParen
	}
	for i := len(*s) - 1; i >= 0; i-- {
		if (*s)[i].form == f {
			return i
		}
	}
	return -1
}
