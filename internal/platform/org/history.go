package org

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

type versionRow struct {
	bun.BaseModel `bun:"table:org_version,alias:v"`

	UnitID      string       `bun:"unit_id,pk"`
	ValidFrom   time.Time    `bun:"valid_from,pk"`
	ValidTo     bun.NullTime `bun:"valid_to"`
	Act         string       `bun:"act"`
	Reason      string       `bun:"reason"`
	OtherID     string       `bun:"other_id,nullzero"`
	ActorID     string       `bun:"actor_id"`
	ActorName   string       `bun:"actor_name"`
	ParentID    string       `bun:"parent_id,nullzero"`
	Code        string       `bun:"code"`
	NameZh      string       `bun:"name_zh"`
	NameEn      string       `bun:"name_en"`
	Kind        string       `bun:"kind"`
	Industry    string       `bun:"industry"`
	Operator    string       `bun:"operator"`
	CreditCode  string       `bun:"credit_code"`
	Dissolved   bool         `bun:"dissolved"`
	SuccessorID string       `bun:"successor_id,nullzero"`

	Level int64 `bun:"level,scanonly"` // of placementSQL: how far above the unit
}

// Version is what a unit was in the half-open time [From, To).
type Version struct {
	Unit       ID
	From       time.Time
	To         time.Time // zero: it still is
	Act        Act       // what began it
	Reason     string
	Other      ID // the unit on the other side of the act: from where it moved, what it was merged with
	ActorID    string
	ActorName  string
	Parent     ID
	Code       string
	NameZh     string
	NameEn     string
	Kind       Kind
	Industry   Industry
	Operator   Operator
	CreditCode string
	Dissolved  bool
	Successor  ID
}

func (r *versionRow) version() Version {
	return Version{
		Unit: ID(r.UnitID), From: r.ValidFrom.UTC(), To: r.ValidTo.UTC(), Act: Act(r.Act), Reason: r.Reason, Other: ID(r.OtherID),
		ActorID: r.ActorID, ActorName: r.ActorName, Parent: ID(r.ParentID), Code: r.Code, NameZh: r.NameZh, NameEn: r.NameEn,
		Kind: Kind(r.Kind), Industry: Industry(r.Industry), Operator: Operator(r.Operator), CreditCode: r.CreditCode,
		Dissolved: r.Dissolved, Successor: ID(r.SuccessorID),
	}
}

func versions(rows []versionRow) []Version {
	out := make([]Version, 0, len(rows))
	for i := range rows {
		out = append(out, rows[i].version())
	}
	return out
}

// Placement is a unit as it was at a time, and the units above it then, the
// root first.
type Placement struct {
	Version

	Path []Version
}

// placementSQL finds the version of a unit at a time and climbs to the versions
// of the units above it at that time. CROSS JOIN keeps SQLite from turning the
// join around.
const placementSQL = `WITH RECURSIVE up AS (
		SELECT v.*, 0 AS level FROM org_version AS v
		WHERE v.unit_id = ? AND v.valid_from <= ? AND (v.valid_to IS NULL OR v.valid_to > ?)
		UNION ALL
		SELECT p.*, up.level + 1 FROM up CROSS JOIN org_version AS p
		WHERE up.level < 64 AND p.unit_id = up.parent_id AND p.valid_from <= ? AND (p.valid_to IS NULL OR p.valid_to > ?)
	)
	SELECT * FROM up ORDER BY level DESC`

// At returns what a unit was at a time and where it belonged. A unit that was
// dissolved then is returned as such, below its successor or its last parent.
// It fails with [ErrNoUnit], and with [ErrNotThen] before the unit was made.
func (s *Service) At(ctx context.Context, id ID, at time.Time) (Placement, error) {
	at = at.UTC()
	var rows []versionRow
	err := s.o.DB.Read.NewRaw(placementSQL, string(id), at, at, at, at).Scan(ctx, &rows)
	if err != nil {
		return Placement{}, fmt.Errorf("read unit %s at %s: %w", id, at.Format(time.RFC3339Nano), err)
	}
	if len(rows) == 0 {
		if _, err := unitBy(ctx, s.o.DB.Read, id); err != nil {
			return Placement{}, err
		}
		return Placement{}, ErrNotThen
	}
	all := versions(rows)
	last := len(all) - 1
	return Placement{Version: all[last], Path: all[:last]}, nil
}

// Tree returns every unit that was not dissolved at a time, by id. Each parent
// is in the list too.
func (s *Service) Tree(ctx context.Context, at time.Time) ([]Version, error) {
	return s.treePage(ctx, Everywhere(), at, "", 0)
}

// treePage is Tree inside a scope of today, behind the id after; limit 0 is all.
func (s *Service) treePage(ctx context.Context, scope Scope, at time.Time, after ID, limit int) ([]Version, error) {
	at = at.UTC()
	var rows []versionRow
	q := s.o.DB.Read.NewSelect().Model(&rows).Where("v.unit_id > ?", string(after)).
		Where("v.valid_from <= ?", at).Where("v.valid_to IS NULL OR v.valid_to > ?", at).
		Where("v.dissolved = ?", false).Order("unit_id")
	q = scope.Where(q, "v.unit_id")
	if limit > 0 {
		q = q.Limit(int64(limit))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the tree at %s: %w", at.Format(time.RFC3339Nano), err)
	}
	return versions(rows), nil
}

// History returns up to limit versions of a unit that began before a time, the
// newest first; the zero time is the end of all. It fails with [ErrNoUnit].
func (s *Service) History(ctx context.Context, id ID, before time.Time, limit int) ([]Version, error) {
	if _, err := unitBy(ctx, s.o.DB.Read, id); err != nil {
		return nil, err
	}
	var rows []versionRow
	q := s.o.DB.Read.NewSelect().Model(&rows).Where("v.unit_id = ?", string(id)).Order("valid_from DESC").Limit(int64(limit))
	if !before.IsZero() {
		q = q.Where("v.valid_from < ?", before.UTC())
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the history of unit %s: %w", id, err)
	}
	return versions(rows), nil
}
