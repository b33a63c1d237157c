package org

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/fengsui/fengsui/internal/platform/org/sheet"
)

// Mode says what an import does with a unit that is there already.
type Mode string

// The modes.
const (
	Stop   Mode = "stop"   // it is an error, and with any error nothing is imported
	Skip   Mode = "skip"   // it is left as it is; rows with errors are left out
	Update Mode = "update" // it is changed and moved; rows with errors are left out
)

// Action is what an import does with a row.
type Action string

// The actions.
const (
	DoCreate Action = "create"
	DoUpdate Action = "update"
	DoSkip   Action = "skip"
	DoKeep   Action = "same" // the unit is already as the row says
	DoNone   Action = "error"
)

// CellError is what is wrong with a cell.
type CellError struct {
	Column  string // as the file calls it
	Message string
}

// ImportRow is what becomes of a row.
type ImportRow struct {
	Row     int // in the file; the first is 1
	Code    string
	Action  Action
	Unit    ID       // that is there already
	Changes []string // ids of the columns that differ
	Errors  []CellError
}

// Import says how a file is to be taken.
type Import struct {
	Mode    Mode
	Under   ID                // where units without a parent go; "": they are roots
	Columns map[string]string // column id to header, where the header alone does not tell
	Plan    string            // of the preview; "" when there was none
}

// ImportResult is what an import does, or has done.
type ImportResult struct {
	Columns map[string]string // column id to header
	Ignored []string          // headers that mean nothing here
	Rows    []ImportRow
	Counts  map[Action]int
	Plan    string // identifies what would be done
	Applied bool
}

// draft is a row on its way to being a unit.
type draft struct {
	result   ImportRow
	settings Settings
	was      *unitRow // nil: it is to be created
	id       string   // of the unit; of a new one a name that nobody has
	parent   string   // id; "" a root
	moves    bool     // it says something about the parent
	above    *draft   // the parent, when it is a row that is to be created
}

func (d *draft) fail(header, message string) {
	d.result.Errors = append(d.result.Errors, CellError{header, message})
	d.result.Action = DoNone
}

func (d *draft) failed() bool { return d.result.Action == DoNone }

// planner works out what a file does to the tree. It changes nothing.
type planner struct {
	in     Import
	m      mapping
	all    []unitRow           // every unit, dissolved ones too
	byCode map[string]*unitRow // those of today, by folded code
	inside map[string]bool     // units the actor may change; nil: all
	drafts []*draft
}

// plan returns what becomes of each row. It fails with [ErrFile] when the
// columns cannot be told.
func (p *planner) plan(t sheet.Table) (ImportResult, error) {
	m, err := mapHeaders(t.Headers, p.in.Columns)
	if err != nil {
		return ImportResult{}, err
	}
	p.m, p.byCode = m, map[string]*unitRow{}
	for i := range p.all {
		if r := &p.all[i]; r.CodeKey != "" {
			p.byCode[r.CodeKey] = r
		}
	}
	rows := map[string]*draft{}
	for _, r := range t.Rows {
		d := p.read(r)
		p.drafts = append(p.drafts, d)
		key := strings.ToLower(d.result.Code)
		switch first := rows[key]; {
		case key == "":
			d.fail(m.header("code"), "a row needs a code")
		case first != nil:
			d.fail(m.header("code"), fmt.Sprintf("row %d has the same code", first.result.Row))
		default:
			rows[key] = d
		}
	}
	for i, r := range t.Rows {
		p.parent(p.drafts[i], p.m.cell(r, "parent"), rows)
	}
	p.settle()
	return p.result(), nil
}

// read decides what a row is to do, its parent aside.
func (p *planner) read(r sheet.Row) *draft {
	d := &draft{result: ImportRow{Row: r.Number, Code: p.m.cell(r, "code"), Action: DoCreate}, id: fmt.Sprintf("row %d", r.Number)}
	d.was = p.byCode[strings.ToLower(d.result.Code)]
	var before Settings
	if d.was != nil {
		d.id, d.parent = d.was.ID, d.was.ParentID
		u, err := d.was.unit()
		if err != nil {
			d.fail(p.m.header("code"), "the unit that is there cannot be read")
			return d
		}
		before = u.Settings
		if !p.may(d.id) {
			d.fail(p.m.header("code"), ErrCode.Error())
			return d
		}
		d.result.Unit, d.result.Action = u.ID, DoUpdate
	}
	switch {
	case d.was != nil && p.in.Mode == Stop:
		d.fail(p.m.header("code"), "a unit with this code is there already")
		return d
	case d.was != nil && p.in.Mode == Skip:
		d.result.Action = DoSkip
		return d
	}
	said := before
	var wrong []field
	said, wrong = p.m.overlay(r, said)
	if d.was != nil {
		said.Code = before.Code // it may differ in case only
	}
	settings, c := said.verify()
	for _, f := range append(wrong, c.fields...) {
		id := columnID(f.name)
		if d.was == nil || id != "code" {
			d.once(p.m.header(id), f.message)
		}
	}
	d.settings = settings
	if d.was != nil {
		d.result.Changes = differences(before, settings)
	}
	return d
}

// once notes the first thing that is wrong with a cell.
func (d *draft) once(header, message string) {
	if !slices.ContainsFunc(d.result.Errors, func(e CellError) bool { return e.Column == header }) {
		d.fail(header, message)
	}
}

func (p *planner) may(id string) bool { return p.inside == nil || p.inside[id] }

// parent finds the unit above a row, in the tree or in the file.
func (p *planner) parent(d *draft, code string, rows map[string]*draft) {
	if d.failed() || d.result.Action == DoSkip {
		return
	}
	if code == "" {
		if d.was == nil {
			d.parent, d.moves = string(p.in.Under), true
		}
		return
	}
	key := strings.ToLower(code)
	d.moves = true
	unit, row := p.byCode[key], rows[key]
	switch {
	case unit != nil && p.may(unit.ID):
		d.parent = unit.ID
	case unit == nil && row != nil:
		d.parent, d.above = row.id, row
	default:
		d.fail(p.m.header("parent"), "neither a unit nor another row has this code")
		return
	}
	if d.was != nil && d.parent != d.was.ParentID {
		d.result.Changes = append(d.result.Changes, "parent")
	}
}

// rounds bounds how often settle starts again: a row that is dropped leaves a unit
// where it was, which may make another row impossible.
const rounds = 50

// settle drops rows that cannot stand because of others, until none is left:
// new units below rows that fail, and rows that would close a circle or make the
// tree too deep.
func (p *planner) settle() {
	below := map[*draft][]*draft{} // new units and what hangs on them
	var failed []*draft
	for _, d := range p.drafts {
		if d.above != nil {
			below[d.above] = append(below[d.above], d)
		}
		if d.failed() {
			failed = append(failed, d)
		}
	}
	for round := 0; ; round++ {
		for len(failed) > 0 {
			d := failed[len(failed)-1]
			failed = failed[:len(failed)-1]
			for _, c := range below[d] {
				if !c.failed() {
					c.fail(p.m.header("parent"), fmt.Sprintf("row %d, which is to be above, has an error", d.result.Row))
					failed = append(failed, c)
				}
			}
		}
		bad := p.crooked(round >= rounds)
		if len(bad) == 0 {
			break
		}
		for _, d := range bad {
			if !d.failed() {
				d.fail(p.m.header("parent"), fmt.Sprintf("the unit would be below itself, or the tree have more than %d levels", deepest))
				failed = append(failed, d)
			}
		}
	}
	for _, d := range p.drafts {
		if d.result.Action == DoUpdate && len(d.result.Changes) == 0 {
			d.result.Action = DoKeep
		}
	}
}

// crooked returns the rows that close circles, and those that put units beyond
// the deepest level; with all, every row that moves something when there is any.
func (p *planner) crooked(all bool) []*draft {
	c := climb{parents: make(map[string]string, len(p.all)+len(p.drafts)), movers: map[string]*draft{}, level: map[string]int{"": 0}}
	for i := range p.all {
		c.parents[p.all[i].ID] = p.all[i].ParentID
	}
	for _, d := range p.drafts {
		if !d.failed() && d.moves {
			c.parents[d.id] = d.parent
			c.movers[d.id] = d
		}
	}
	for id := range c.parents {
		c.from(id)
	}
	if all && len(c.bad) > 0 {
		return slices.Collect(maps.Values(c.movers))
	}
	return c.bad
}

// lost is the level of units on a circle and below one.
const lost = -1

// climb finds the level of every unit, each one once.
type climb struct {
	parents map[string]string // as they would be
	movers  map[string]*draft // rows that say where a unit goes, by unit
	level   map[string]int    // 1 for roots
	bad     []*draft
}

// from climbs from a unit to the first whose level is known, and back.
func (c *climb) from(at string) {
	chain, on := []string{}, map[string]int{}
	for {
		_, known := c.level[at]
		_, circle := on[at]
		if known || circle {
			break
		}
		on[at] = len(chain)
		chain = append(chain, at)
		at = c.parents[at]
	}
	if first, circle := on[at]; circle {
		for _, id := range chain[first:] {
			if d := c.movers[id]; d != nil {
				c.bad = append(c.bad, d)
			}
		}
		c.level[at] = lost
	}
	n := c.level[at]
	for _, id := range slices.Backward(chain) {
		if n != lost {
			n++
		}
		c.level[id] = n
		if n != deepest+1 {
			continue
		}
		if d := lowest(c.movers, c.parents, id); d != nil {
			c.bad = append(c.bad, d)
		}
	}
}

// lowest returns the first row on the way up that says where its unit goes, or
// nil: without rows the tree is not too deep.
func lowest(movers map[string]*draft, parents map[string]string, at string) *draft {
	for movers[at] == nil && at != "" {
		at = parents[at]
	}
	return movers[at]
}

func (p *planner) result() ImportResult {
	out := ImportResult{Columns: map[string]string{}, Counts: map[Action]int{}, Rows: make([]ImportRow, 0, len(p.drafts))}
	for id := range p.m.at {
		out.Columns[id] = p.m.header(id)
	}
	for i, h := range p.m.headers {
		if !p.m.taken(i) && h != "" {
			out.Ignored = append(out.Ignored, h)
		}
	}
	said := fmt.Appendf(nil, "%s %s\n", p.in.Mode, p.in.Under)
	for _, d := range p.drafts {
		if d.failed() {
			d.result.Changes = nil
		}
		out.Rows = append(out.Rows, d.result)
		out.Counts[d.result.Action]++
		revision := int64(0)
		if d.was != nil {
			revision = d.was.Revision
		}
		said = fmt.Appendf(said, "%+v %d %q %+v\n", d.result, revision, d.parent, d.settings)
	}
	sum := sha256.Sum256(said)
	out.Plan = hex.EncodeToString(sum[:16])
	return out
}

// differences returns the ids of the columns in which two settings differ.
func differences(a, b Settings) []string {
	var out []string
	for _, f := range []struct {
		id   string
		same bool
	}{
		{"name_zh", a.NameZh == b.NameZh},
		{"name_en", a.NameEn == b.NameEn},
		{"kind", a.Kind == b.Kind},
		{"industry", a.Industry == b.Industry},
		{"operator", a.Operator == b.Operator},
		{"credit_code", a.CreditCode == b.CreditCode},
		{"position", a.Position == b.Position},
		{"contact_name", reflect.DeepEqual(a.Contacts, b.Contacts)},
	} {
		if !f.same {
			out = append(out, f.id)
		}
	}
	return out
}
