package org

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// chunk bounds the rows of one statement.
const chunk = 200

type unitRow struct {
	bun.BaseModel `bun:"table:org_unit,alias:u"`

	ID          string       `bun:"id,pk"`
	ParentID    string       `bun:"parent_id,nullzero"`
	Code        string       `bun:"code"`
	CodeKey     string       `bun:"code_key,nullzero"` // NULL without a code and when dissolved
	NameZh      string       `bun:"name_zh"`
	NameEn      string       `bun:"name_en"`
	Kind        string       `bun:"kind"`
	Industry    string       `bun:"industry"`
	Operator    string       `bun:"operator"`
	CreditCode  string       `bun:"credit_code"`
	Contacts    string       `bun:"contacts"` // JSON
	Position    int64        `bun:"position"`
	Search      string       `bun:"search"` // folded names and codes
	Revision    int64        `bun:"revision"`
	CreatedAt   time.Time    `bun:"created_at"`
	UpdatedAt   time.Time    `bun:"updated_at"`
	DissolvedAt bun.NullTime `bun:"dissolved_at"`
	Reason      string       `bun:"reason"`
	SuccessorID string       `bun:"successor_id,nullzero"`

	Children int64 `bun:"children,scanonly"`
}

// set takes over checked settings.
func (r *unitRow) set(s Settings) error {
	contacts, err := json.Marshal(s.Contacts)
	if err != nil {
		return fmt.Errorf("encode contacts: %w", err)
	}
	r.Code, r.NameZh, r.NameEn, r.Kind = s.Code, s.NameZh, s.NameEn, string(s.Kind)
	r.Industry, r.Operator, r.CreditCode = string(s.Industry), string(s.Operator), s.CreditCode
	r.Contacts, r.Position = string(contacts), s.Position
	r.CodeKey = strings.ToLower(s.Code)
	r.Search = fold(strings.Join([]string{s.Code, s.NameZh, s.NameEn, s.CreditCode}, "\n"))
	return nil
}

func (r *unitRow) unit() (Unit, error) {
	u := Unit{
		Settings: Settings{
			Code: r.Code, NameZh: r.NameZh, NameEn: r.NameEn, Kind: Kind(r.Kind), Industry: Industry(r.Industry),
			Operator: Operator(r.Operator), CreditCode: r.CreditCode, Position: r.Position,
		},
		ID: ID(r.ID), Parent: ID(r.ParentID), Revision: r.Revision, Created: r.CreatedAt.UTC(), Updated: r.UpdatedAt.UTC(),
		DissolvedAt: r.DissolvedAt.UTC(), Reason: r.Reason, Successor: ID(r.SuccessorID), Children: r.Children,
	}
	if err := json.Unmarshal([]byte(r.Contacts), &u.Contacts); err != nil {
		return Unit{}, fmt.Errorf("decode contacts of unit %s: %w", r.ID, err)
	}
	return u, nil
}

func units(rows []unitRow) ([]Unit, error) {
	out := make([]Unit, 0, len(rows))
	for i := range rows {
		u, err := rows[i].unit()
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

// selectUnits begins a query for units with the number of their children.
func selectUnits(db bun.IDB, rows any) *bun.SelectQuery {
	return db.NewSelect().Model(rows).ColumnExpr("u.*").
		ColumnExpr("(SELECT count(*) FROM org_unit AS c WHERE c.parent_id = u.id AND c.dissolved_at IS NULL) AS children")
}

// unitBy returns a unit, or [ErrNoUnit].
func unitBy(ctx context.Context, db bun.IDB, id ID) (*unitRow, error) {
	row := &unitRow{}
	err := selectUnits(db, row).Where("u.id = ?", string(id)).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ErrNoUnit
	case err != nil:
		return nil, fmt.Errorf("read unit: %w", err)
	}
	return row, nil
}

// activeBy returns a unit that is not dissolved.
func activeBy(ctx context.Context, db bun.IDB, id ID) (*unitRow, error) {
	row, err := unitBy(ctx, db, id)
	if err != nil {
		return nil, err
	}
	if !row.DissolvedAt.IsZero() {
		return nil, ErrDissolved.Detailf("unit %s", id)
	}
	return row, nil
}

// codeFree fails with [ErrCode] when another unit of today has the code.
func codeFree(ctx context.Context, db bun.IDB, row *unitRow) error {
	if row.CodeKey == "" {
		return nil
	}
	taken, err := db.NewSelect().Model((*unitRow)(nil)).
		Where("u.code_key = ?", row.CodeKey).Where("u.id <> ?", row.ID).Exists(ctx)
	if err != nil {
		return fmt.Errorf("look for the code: %w", err)
	}
	if taken {
		return ErrCode.At("body.code", "another unit has it")
	}
	return nil
}

// store writes a changed unit and, where history keeps it, a new version.
func (a *act) store(ctx context.Context, row *unitRow, other ID, versioned bool) error {
	row.Revision++
	row.UpdatedAt = a.at
	_, err := a.tx.NewUpdate().Model(row).ExcludeColumn("id", "created_at").Where("u.id = ?", row.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store unit %s: %w", row.ID, err)
	}
	if !versioned {
		return nil
	}
	_, err = a.tx.NewUpdate().Model((*versionRow)(nil)).Set("valid_to = ?", a.at).
		Where("v.unit_id = ?", row.ID).Where("v.valid_to IS NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("close the version of unit %s: %w", row.ID, err)
	}
	return a.version(ctx, row, other)
}

// version opens a version of the unit as it is now.
func (a *act) version(ctx context.Context, row *unitRow, other ID) error {
	v := a.versionOf(ctx, row, other)
	if _, err := a.tx.NewInsert().Model(&v).Exec(ctx); err != nil {
		return fmt.Errorf("store a version of unit %s: %w", row.ID, err)
	}
	return nil
}

func (a *act) versionOf(ctx context.Context, row *unitRow, other ID) versionRow {
	actor := authz.ActorFrom(ctx)
	return versionRow{
		UnitID: row.ID, ValidFrom: a.at, Act: string(a.kind), Reason: a.reason, OtherID: string(other),
		ActorID: actor.ID, ActorName: actor.Name, ParentID: row.ParentID, Code: row.Code, NameZh: row.NameZh,
		NameEn: row.NameEn, Kind: row.Kind, Industry: row.Industry, Operator: row.Operator, CreditCode: row.CreditCode,
		Dissolved: !row.DissolvedAt.IsZero(), SuccessorID: row.SuccessorID,
	}
}
