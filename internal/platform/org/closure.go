package org

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

type closureRow struct {
	bun.BaseModel `bun:"table:org_closure,alias:c"`

	Ancestor   string `bun:"ancestor"`
	Descendant string `bun:"descendant"`
	Depth      int64  `bun:"depth"`
}

// inSubtree reports whether id is root or below it.
func inSubtree(ctx context.Context, db bun.IDB, root, id ID) (bool, error) {
	found, err := db.NewSelect().Model((*closureRow)(nil)).
		Where("c.ancestor = ?", string(root)).Where("c.descendant = ?", string(id)).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look for a unit in a subtree: %w", err)
	}
	return found, nil
}

// reach returns how many levels are above the unit (up) or below it.
func reach(ctx context.Context, db bun.IDB, id ID, up bool) (int64, error) {
	column := "c.ancestor"
	if up {
		column = "c.descendant"
	}
	var n int64
	err := db.NewSelect().Model((*closureRow)(nil)).ColumnExpr("coalesce(max(c.depth), 0)").
		Where("? = ?", bun.Ident(column), string(id)).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count levels: %w", err)
	}
	return n, nil
}

// hang puts the subtree of id, which hangs nowhere, below parent.
func hang(ctx context.Context, tx bun.Tx, id, parent ID) error {
	if parent == "" {
		return nil
	}
	_, err := tx.NewRaw(`INSERT INTO org_closure (ancestor, descendant, depth)
		SELECT p.ancestor, d.descendant, p.depth + d.depth + 1
		FROM org_closure AS p CROSS JOIN org_closure AS d
		WHERE p.descendant = ? AND d.ancestor = ?`, string(parent), string(id)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("put unit %s below %s: %w", id, parent, err)
	}
	return nil
}

// unhang takes the subtree of id out of the tree; inside nothing changes.
func unhang(ctx context.Context, tx bun.Tx, id ID) error {
	_, err := tx.NewRaw(`DELETE FROM org_closure
		WHERE descendant IN (SELECT d.descendant FROM org_closure AS d WHERE d.ancestor = ?)
		AND ancestor IN (SELECT a.ancestor FROM org_closure AS a WHERE a.descendant = ? AND a.depth > 0)`,
		string(id), string(id)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("take unit %s from its place: %w", id, err)
	}
	return nil
}

// replant changes the parent of a unit and its place in the tree. It fails with
// [ErrCycle] or [ErrDeep]. The row is not stored.
func replant(ctx context.Context, tx bun.Tx, row *unitRow, parent ID) error {
	id := ID(row.ID)
	if parent != "" {
		below, err := inSubtree(ctx, tx, id, parent)
		if err != nil {
			return err
		}
		if below {
			return ErrCycle
		}
		above, err := reach(ctx, tx, parent, true)
		if err != nil {
			return err
		}
		under, err := reach(ctx, tx, id, false)
		if err != nil {
			return err
		}
		if above+under+2 > deepest {
			return ErrDeep.Detailf("at most %d levels", deepest)
		}
	}
	if err := unhang(ctx, tx, id); err != nil {
		return err
	}
	row.ParentID = string(parent)
	return hang(ctx, tx, id, parent)
}

// rebuild makes the closure anew from the parents of all units, which must form
// a tree of at most [deepest] levels.
func rebuild(ctx context.Context, tx bun.Tx) error {
	var all []unitRow
	if err := tx.NewSelect().Model(&all).Column("id", "parent_id").Order("id").Scan(ctx); err != nil {
		return fmt.Errorf("read the tree: %w", err)
	}
	parents := make(map[string]string, len(all))
	for _, r := range all {
		parents[r.ID] = r.ParentID
	}
	if _, err := tx.NewDelete().Model((*closureRow)(nil)).Where("1 = 1").Exec(ctx); err != nil {
		return fmt.Errorf("empty the closure: %w", err)
	}
	rows := make([]closureRow, 0, 6*len(all))
	for _, r := range all {
		depth := int64(0)
		for at := r.ID; at != ""; at = parents[at] {
			rows = append(rows, closureRow{Ancestor: at, Descendant: r.ID, Depth: depth})
			if depth++; depth > deepest {
				return ErrDeep.Detailf("at most %d levels", deepest)
			}
		}
	}
	for part := range slices.Chunk(rows, chunk) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("store the closure: %w", err)
		}
	}
	return nil
}
