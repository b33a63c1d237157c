package org

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// Act is what was done to a unit.
type Act string

// The acts.
const (
	Created     Act = "create"
	Changed     Act = "change"
	Moved       Act = "move"
	Merged      Act = "merge"  // of the unit that is no more, and of the children that moved with it
	Absorbed    Act = "absorb" // of the unit that another was merged into
	DissolvedBy Act = "dissolve"
	Imported    Act = "import"
)

// Any matches whatever revision a unit has.
const Any int64 = -1

// matches fails with [ErrChanged] when the unit is not at the revision.
func (r *unitRow) matches(revision int64) error {
	if revision != Any && revision != r.Revision {
		return ErrChanged
	}
	return nil
}

// Create adds a unit below parent, or a root. A zero Position puts it behind its
// siblings. It fails with [ErrInvalid], [ErrCode], [ErrDeep], and with
// [ErrNoUnit] or [ErrDissolved] about the parent.
func (s *Service) Create(ctx context.Context, parent ID, in Settings) (Unit, error) {
	in, err := in.check()
	if err != nil {
		return Unit{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Unit{}, fmt.Errorf("new unit: %w", err)
	}
	row := &unitRow{ID: id.String(), ParentID: string(parent), Revision: 1}
	if err := row.set(in); err != nil {
		return Unit{}, err
	}
	err = s.do(ctx, Created, "", func(ctx context.Context, a *act) error { return a.create(ctx, row) })
	if err != nil {
		return Unit{}, fmt.Errorf("create unit: %w", err)
	}
	return row.unit()
}

func (a *act) create(ctx context.Context, row *unitRow) error {
	parent := ID(row.ParentID)
	if err := codeFree(ctx, a.tx, row); err != nil {
		return err
	}
	if parent != "" {
		if _, err := activeBy(ctx, a.tx, parent); err != nil {
			return err
		}
		above, err := reach(ctx, a.tx, parent, true)
		if err != nil {
			return err
		}
		if above+2 > deepest {
			return ErrDeep.Detailf("at most %d levels", deepest)
		}
	}
	if err := a.place(ctx, row); err != nil {
		return err
	}
	row.CreatedAt, row.UpdatedAt = a.at, a.at
	if _, err := a.tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	self := closureRow{Ancestor: row.ID, Descendant: row.ID}
	if _, err := a.tx.NewInsert().Model(&self).Exec(ctx); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := hang(ctx, a.tx, ID(row.ID), parent); err != nil {
		return err
	}
	return a.version(ctx, row, "")
}

// place puts a unit without a position behind its siblings.
func (a *act) place(ctx context.Context, row *unitRow) error {
	if row.Position != 0 {
		return nil
	}
	q := a.tx.NewSelect().Model((*unitRow)(nil)).ColumnExpr("coalesce(max(u.position), 0)")
	if row.ParentID == "" {
		q = q.Where("u.parent_id IS NULL")
	} else {
		q = q.Where("u.parent_id = ?", row.ParentID)
	}
	var last int64
	if err := q.Scan(ctx, &last); err != nil {
		return fmt.Errorf("look for the last sibling: %w", err)
	}
	row.Position = min(last+10, 1e9)
	return nil
}

// Change is what is to change of a unit; nil stays.
type Change struct {
	Code, NameZh, NameEn *string
	Kind                 *Kind
	Industry             *Industry
	Operator             *Operator
	CreditCode           *string
	Contacts             *[]Contact
	Position             *int64
}

func (c Change) on(s Settings) Settings {
	take(&s.Code, c.Code)
	take(&s.NameZh, c.NameZh)
	take(&s.NameEn, c.NameEn)
	take(&s.Kind, c.Kind)
	take(&s.Industry, c.Industry)
	take(&s.Operator, c.Operator)
	take(&s.CreditCode, c.CreditCode)
	take(&s.Contacts, c.Contacts)
	take(&s.Position, c.Position)
	return s
}

func take[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// versioned reports whether history keeps the difference of two states:
// contacts and order are not part of it.
func versioned(a, b Settings) bool {
	return a.Code != b.Code || a.NameZh != b.NameZh || a.NameEn != b.NameEn || a.Kind != b.Kind ||
		a.Industry != b.Industry || a.Operator != b.Operator || a.CreditCode != b.CreditCode
}

// Change changes what is said of a unit that is at the revision, or at any. It
// fails with [ErrNoUnit], [ErrDissolved], [ErrChanged], [ErrInvalid] or [ErrCode].
func (s *Service) Change(ctx context.Context, id ID, revision int64, c Change) (Unit, error) {
	var out Unit
	err := s.do(ctx, Changed, "", func(ctx context.Context, a *act) error {
		row, err := activeBy(ctx, a.tx, id)
		if err != nil {
			return err
		}
		if err := row.matches(revision); err != nil {
			return err
		}
		was, err := row.unit()
		if err != nil {
			return err
		}
		in, err := c.on(was.Settings).check()
		if err != nil {
			return err
		}
		if err := row.set(in); err != nil {
			return err
		}
		if err := codeFree(ctx, a.tx, row); err != nil {
			return err
		}
		if err := a.store(ctx, row, "", versioned(was.Settings, in)); err != nil {
			return err
		}
		out, err = row.unit()
		return err
	})
	if err != nil {
		return Unit{}, fmt.Errorf("change unit %s: %w", id, err)
	}
	return out, nil
}

// Move puts a unit with everything below it under another parent, or makes it a
// root; position 0 puts it behind its new siblings. To move it to where it is
// changes its position only. It fails with [ErrNoUnit], [ErrDissolved],
// [ErrChanged], [ErrCycle] or [ErrDeep].
func (s *Service) Move(ctx context.Context, id ID, revision int64, to Place) (Unit, error) {
	var out Unit
	err := s.do(ctx, Moved, to.Reason, func(ctx context.Context, a *act) error {
		row, err := activeBy(ctx, a.tx, id)
		if err != nil {
			return err
		}
		if err := row.matches(revision); err != nil {
			return err
		}
		if to.Parent != "" {
			if _, err := activeBy(ctx, a.tx, to.Parent); err != nil {
				return err
			}
		}
		from := ID(row.ParentID)
		if to.Parent != from {
			if err := replant(ctx, a.tx, row, to.Parent); err != nil {
				return err
			}
		}
		row.Position = to.Position
		if err := a.place(ctx, row); err != nil {
			return err
		}
		if err := a.store(ctx, row, from, to.Parent != from); err != nil {
			return err
		}
		out, err = row.unit()
		return err
	})
	if err != nil {
		return Unit{}, fmt.Errorf("move unit %s: %w", id, err)
	}
	return out, nil
}

// Place is where a unit is to be.
type Place struct {
	Parent   ID // "" makes it a root
	Position int64
	Reason   string // may be empty
}
