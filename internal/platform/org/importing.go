package org

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/platform/org/sheet"
)

// Preview returns what [Service.Import] would do with the file now. It fails
// with [ErrFile], and with [ErrNoUnit] or [ErrDissolved] about in.Under.
func (s *Service) Preview(ctx context.Context, file []byte, in Import) (ImportResult, error) {
	table, err := readFile(file)
	if err != nil {
		return ImportResult{}, err
	}
	p, err := s.planner(ctx, s.o.DB.Read, in)
	if err != nil {
		return ImportResult{}, err
	}
	return p.plan(table)
}

// Import takes the units of a file into the tree, all in one transaction. Units
// are known by their codes; empty cells change nothing. It fails as
// [Service.Preview] does, with [ErrPlan] when in.Plan is not what would be done,
// and with [ErrRows] when the mode is [Stop] and a row has an error.
func (s *Service) Import(ctx context.Context, file []byte, in Import) (ImportResult, error) {
	table, err := readFile(file)
	if err != nil {
		return ImportResult{}, err
	}
	var out ImportResult
	err = s.do(ctx, Imported, "", func(ctx context.Context, a *act) error {
		p, err := s.planner(ctx, a.tx, in)
		if err != nil {
			return err
		}
		if out, err = p.plan(table); err != nil {
			return err
		}
		switch {
		case in.Plan != "" && in.Plan != out.Plan:
			return ErrPlan
		case in.Mode == Stop && out.Counts[DoNone] > 0:
			return refusal(out)
		}
		return a.apply(ctx, p)
	})
	if err != nil {
		return ImportResult{}, fmt.Errorf("import units: %w", err)
	}
	out.Applied = true
	return out, nil
}

// refusal names the first rows with errors.
func refusal(r ImportResult) error {
	p := ErrRows.Detailf("%d rows have errors", r.Counts[DoNone])
	n := 0
	for _, row := range r.Rows {
		for _, e := range row.Errors {
			if n++; n > 20 {
				return p
			}
			p = p.At(fmt.Sprintf("row %d, %s", row.Row, e.Column), e.Message)
		}
	}
	return p
}

func readFile(file []byte) (sheet.Table, error) {
	table, err := sheet.Read(file, sheet.Limits{})
	if err != nil {
		return table, ErrFile.Detail(err.Error())
	}
	return table, nil
}

// planner reads the tree as the actor may see it.
func (s *Service) planner(ctx context.Context, db bun.IDB, in Import) (*planner, error) {
	p := &planner{in: in}
	if in.Under != "" {
		if _, err := activeBy(ctx, db, in.Under); err != nil {
			return nil, err
		}
	}
	if err := db.NewSelect().Model(&p.all).Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the tree: %w", err)
	}
	scope, err := s.o.ScopeOf(ctx, PermWrite)
	if err != nil || scope.Unlimited() {
		return p, err
	}
	var inside []string
	q := db.NewSelect().Model((*unitRow)(nil)).Column("u.id")
	if err := scope.Where(q, "u.id").Scan(ctx, &inside); err != nil {
		return nil, fmt.Errorf("read the scope: %w", err)
	}
	p.inside = map[string]bool{}
	for _, id := range inside {
		p.inside[id] = true
	}
	return p, nil
}

// apply does what the plan says: new units, parents first, then changes.
func (a *act) apply(ctx context.Context, p *planner) error {
	ids, last := map[string]string{}, map[string]int64{}
	for i := range p.all {
		r := &p.all[i]
		last[r.ParentID] = max(last[r.ParentID], r.Position)
	}
	fresh, err := a.fresh(p, ids, last)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(fresh, chunk) {
		if _, err := a.tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("store new units: %w", err)
		}
		versions := make([]versionRow, 0, len(part))
		for i := range part {
			versions = append(versions, a.versionOf(ctx, &part[i], ""))
		}
		if _, err := a.tx.NewInsert().Model(&versions).Exec(ctx); err != nil {
			return fmt.Errorf("store versions of new units: %w", err)
		}
	}
	moved := len(fresh) > 0
	for _, d := range p.drafts {
		if d.result.Action != DoUpdate {
			continue
		}
		hangsElsewhere, err := a.update(ctx, d, ids)
		if err != nil {
			return err
		}
		moved = moved || hangsElsewhere
	}
	if !moved {
		return nil
	}
	return rebuild(ctx, a.tx)
}

// update stores what a row says of a unit that was there, and reports whether
// its parent is another one.
func (a *act) update(ctx context.Context, d *draft, ids map[string]string) (moved bool, err error) {
	was, err := d.was.unit()
	if err != nil {
		return false, err
	}
	if err := d.was.set(d.settings); err != nil {
		return false, err
	}
	parent, from := d.parent, ID("")
	if id, ok := ids[parent]; ok {
		parent = id
	}
	if moved = parent != d.was.ParentID; moved {
		from = was.Parent
	}
	d.was.ParentID = parent
	return moved, a.store(ctx, d.was, from, moved || versioned(was.Settings, d.settings))
}

// fresh makes the rows of new units, parents first, and notes their ids by the
// names the plan has for them.
func (a *act) fresh(p *planner, ids map[string]string, last map[string]int64) ([]unitRow, error) {
	var rows []unitRow
	var add func(d *draft) error
	add = func(d *draft) error {
		if d.result.Action != DoCreate || ids[d.id] != "" {
			return nil
		}
		parent := d.parent
		if d.above != nil {
			if err := add(d.above); err != nil { // at most as deep as the tree may be
				return err
			}
			parent = ids[d.above.id]
		}
		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("new unit: %w", err)
		}
		ids[d.id] = id.String()
		row := unitRow{ID: id.String(), ParentID: parent, Revision: 1, CreatedAt: a.at, UpdatedAt: a.at}
		if err := row.set(d.settings); err != nil {
			return err
		}
		if row.Position == 0 {
			row.Position = min(last[parent]+10, 1e9)
		}
		last[parent] = max(last[parent], row.Position)
		rows = append(rows, row)
		return nil
	}
	for _, d := range p.drafts {
		if err := add(d); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// Export writes the units of today inside the actor's scope as CSV, parents
// first and siblings in their order, with headers that [Service.Import]
// understands: in Chinese when zh, else in English. Of the contacts only the
// first of each unit is written.
func (s *Service) Export(ctx context.Context, w io.Writer, zh bool) error {
	scope, err := s.o.ScopeOf(ctx, PermRead)
	if err != nil {
		return err
	}
	var rows []unitRow
	q := s.o.DB.Read.NewSelect().Model(&rows).Where("u.dissolved_at IS NULL").OrderExpr("u.position, u.id")
	if err := scope.Where(q, "u.id").Scan(ctx); err != nil {
		return fmt.Errorf("read units: %w", err)
	}
	list, err := units(rows)
	if err != nil {
		return err
	}
	codes, children := map[ID]string{}, map[ID][]Unit{}
	for _, u := range list {
		codes[u.ID] = u.Code
	}
	for _, u := range list {
		above := u.Parent
		if _, ok := codes[above]; !ok {
			above = "" // outside of the scope
		}
		children[above] = append(children[above], u)
	}
	header := make([]string, 0, len(columns()))
	for _, c := range columns() {
		if zh {
			header = append(header, c.zh)
		} else {
			header = append(header, c.en)
		}
	}
	table := [][]string{header}
	var walk func(parent ID)
	walk = func(parent ID) { // at most as deep as the tree
		for _, u := range children[parent] {
			table = append(table, u.cells(codes[parent], zh))
			walk(u.ID)
		}
	}
	walk("")
	if err := sheet.Write(w, table); err != nil {
		return fmt.Errorf("export units: %w", err)
	}
	return nil
}
