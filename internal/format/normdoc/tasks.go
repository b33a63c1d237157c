package normdoc

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// markTasks finds the units of paragraphs and makes tasks of the headings that
// hold them.
func (p *parser) markTasks() {
	if p.doc.Kind == Law {
		return
	}
	p.readUnits(&p.root)
	if p.doc.Kind != Plan {
		return
	}
	p.seekTasks(&p.root)
	p.goalRoles(&p.root)
}

func (p *parser) readUnits(n *node) {
	for _, c := range n.children {
		if c.text != "" {
			p.units(c)
		}
		p.readUnits(c)
	}
}

// units reads 责任单位：A、B from the text of n.
func (p *parser) units(n *node) {
	found := unitWord.FindAllStringIndex(n.text, -1)
	for i, m := range found {
		end := len(n.text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		rest := n.text[m[1]:end]
		stop := strings.IndexAny(rest, "）)〕】]｝}。")
		if stop < 0 && i+1 == len(found) && strings.ContainsAny(lastBracket(n.text[:m[0]]), "（(〔【[") {
			p.warn(n.line, "unbalanced", "", "the bracket of the responsible units does not close")
		}
		if stop >= 0 {
			rest = rest[:stop]
		}
		word := n.text[m[0]:m[1]]
		for u := range strings.FieldsFuncSeq(rest, func(r rune) bool { return strings.ContainsRune("、，；,;､﹑﹐﹔", r) }) {
			u = strings.TrimRight(squeeze(u), "（(〔【[")
			if u == "" {
				continue
			}
			n.units = append(n.units, u)
			switch {
			case strings.HasPrefix(word, "牵头"), strings.HasPrefix(word, "主"):
				n.lead = append(n.lead, u)
			case startsWithAny(word, "配合", "协办", "参与", "参加"):
				n.assist = append(n.assist, u)
			}
		}
	}
}

func lastBracket(s string) string {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(s, isSpace))
	return string(r)
}

// seekTasks makes tasks of the innermost headings below n that hold units, and of
// their like beside them. It reports whether there are units below n.
func (p *parser) seekTasks(n *node) bool {
	inner := false          // a heading below holds units
	ranks := map[int]bool{} // of those headings
	for _, c := range n.children {
		if c.kind == Heading && p.seekTasks(c) {
			ranks[c.level] = true
			inner = true
		}
	}
	own := holds(n)
	if !inner {
		return own
	}
	for _, c := range n.children {
		switch {
		case c.kind != Heading || c.role == RoleAnnex || hasTasks(c):
		case holds(c), n.kind == Heading && c.level > 1 && ranks[c.level] && !hasHeadings(c):
			c.kind = TaskNode
			if n.kind == Heading {
				n.role = RoleGroup
			}
		}
	}
	return true
}

// holds reports units in the paragraphs of n and their items.
func holds(n *node) bool {
	return slices.ContainsFunc(n.children, func(c *node) bool {
		return c.kind != Heading && c.kind != TaskNode && (len(c.units) > 0 || holds(c))
	})
}

func hasTasks(n *node) bool {
	return slices.ContainsFunc(n.children, func(c *node) bool { return c.kind == TaskNode || hasTasks(c) })
}

func hasHeadings(n *node) bool {
	return slices.ContainsFunc(n.children, func(c *node) bool { return c.kind == Heading })
}

// goalRoles marks the items below a heading that names goals.
func (p *parser) goalRoles(n *node) {
	for _, c := range n.children {
		if c.kind == Heading && strings.Contains(c.title, "目标") {
			for _, i := range below(c) {
				if i.kind == Item {
					i.role = RoleGoal
				}
			}
			continue
		}
		p.goalRoles(c)
	}
}

// below returns what is below n, in reading order.
func below(n *node) []*node {
	var out []*node
	for _, c := range n.children {
		out = append(append(out, c), below(c)...)
	}
	return out
}

// tasks fills the goals and tasks of the document.
func (p *parser) tasks(flat []*node) {
	byNode := map[string][]Quantity{}
	for _, q := range p.doc.Quantities {
		if q.Target {
			byNode[q.At] = append(byNode[q.At], q)
		}
	}
	for _, n := range flat {
		switch {
		case n.role == RoleGoal:
			g := Goal{ID: n.id, Number: n.number, Targets: full(byNode[n.id])}
			for _, c := range below(n) {
				g.Targets = append(g.Targets, byNode[c.id]...)
			}
			p.doc.Goals = append(p.doc.Goals, g)
		case n.kind == TaskNode:
			t := Task{ID: n.id, Number: strconv.Itoa(n.ord), Title: n.title, Group: n.parent.title}
			for _, c := range below(n) {
				t.Units, t.Lead, t.Assist = once(t.Units, c.units), once(t.Lead, c.lead), once(t.Assist, c.assist)
				t.Targets = append(t.Targets, byNode[c.id]...)
			}
			if len(t.Units) == 0 {
				p.warn(n.line, "no_units", "", "task %s names no responsible unit", n.id)
			}
			t.Units, t.Lead, t.Assist, t.Targets = full(t.Units), full(t.Lead), full(t.Assist), full(t.Targets)
			p.doc.Tasks = append(p.doc.Tasks, t)
		}
	}
}

// once appends what is not there yet.
func once(to, from []string) []string {
	for _, s := range from {
		if !slices.Contains(to, s) {
			to = append(to, s)
		}
	}
	return to
}
