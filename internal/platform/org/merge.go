package org

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// Merge dissolves a unit into another. The children that are not dissolved move
// to into; the unit itself hangs below into from then on, with what it left
// behind. It fails with [ErrInvalid] without a reason, [ErrNoUnit],
// [ErrDissolved], [ErrChanged], [ErrDeep], and with [ErrCycle] when into is the
// unit or below it.
func (s *Service) Merge(ctx context.Context, id ID, revision int64, into ID, reason string) (Unit, error) {
	if strings.TrimSpace(reason) == "" {
		return Unit{}, ErrInvalid.At("body.reason", "say why")
	}
	var out Unit
	err := s.do(ctx, Merged, reason, func(ctx context.Context, a *act) error {
		row, err := activeBy(ctx, a.tx, id)
		if err != nil {
			return err
		}
		if err := row.matches(revision); err != nil {
			return err
		}
		target, err := activeBy(ctx, a.tx, into)
		if err != nil {
			return err
		}
		below, err := inSubtree(ctx, a.tx, id, into)
		if err != nil {
			return err
		}
		if below {
			return ErrCycle.Detail("move the unit that is to stay out of the one that ends")
		}
		if err := a.merge(ctx, row, target); err != nil {
			return err
		}
		out, err = row.unit()
		return err
	})
	if err != nil {
		return Unit{}, fmt.Errorf("merge unit %s into %s: %w", id, into, err)
	}
	return out, nil
}

func (a *act) merge(ctx context.Context, row, into *unitRow) error {
	var children []unitRow
	err := a.tx.NewSelect().Model(&children).Where("u.parent_id = ?", row.ID).Where("u.dissolved_at IS NULL").
		Order("position", "id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("read children: %w", err)
	}
	for i := range children {
		child := &children[i]
		if err := replant(ctx, a.tx, child, ID(into.ID)); err != nil {
			return err
		}
		child.Position = 0
		if err := a.place(ctx, child); err != nil {
			return err
		}
		if err := a.store(ctx, child, ID(row.ID), true); err != nil {
			return err
		}
	}
	if row.ParentID != into.ID {
		if err := replant(ctx, a.tx, row, ID(into.ID)); err != nil {
			return err
		}
	}
	row.SuccessorID, row.Children = into.ID, 0
	if err := a.end(ctx, row, ID(into.ID)); err != nil {
		return err
	}
	absorb := *a
	absorb.kind = Absorbed
	return absorb.store(ctx, into, ID(row.ID), true)
}

// end marks a unit as dissolved and frees its code.
func (a *act) end(ctx context.Context, row *unitRow, other ID) error {
	row.DissolvedAt, row.Reason, row.CodeKey = bun.NullTime{Time: a.at}, a.reason, ""
	return a.store(ctx, row, other, true)
}

// Dissolve ends a unit. It fails with [ErrInvalid] without a reason,
// [ErrNoUnit], [ErrDissolved], [ErrChanged], and with [ErrChildren] while there
// are units below it that are not dissolved.
func (s *Service) Dissolve(ctx context.Context, id ID, revision int64, reason string) (Unit, error) {
	if strings.TrimSpace(reason) == "" {
		return Unit{}, ErrInvalid.At("body.reason", "say why")
	}
	var out Unit
	err := s.do(ctx, DissolvedBy, reason, func(ctx context.Context, a *act) error {
		row, err := activeBy(ctx, a.tx, id)
		if err != nil {
			return err
		}
		if err := row.matches(revision); err != nil {
			return err
		}
		if row.Children > 0 {
			return ErrChildren.Detailf("%d of them", row.Children)
		}
		if err := a.end(ctx, row, ""); err != nil {
			return err
		}
		out, err = row.unit()
		return err
	})
	if err != nil {
		return Unit{}, fmt.Errorf("dissolve unit %s: %w", id, err)
	}
	return out, nil
}
