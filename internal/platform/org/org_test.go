package org

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/internal/platform/sqldb/sqldbtest"
)

func TestCreditCode(t *testing.T) {
	for _, tc := range []struct {
		name, code string
		want       bool
	}{
		{"a company", "91350100M000100Y43", true},
		{"another company", "91110000802100433B", true},
		{"one figure changed", "91350100M000100Y44", false},
		{"two neighbours swapped", "91350100M001000Y43", false},
		{"a letter that the standard leaves out", "91350100M000100I43", false},
		{"a letter in the region", "9135A100M000100Y43", false},
		{"one short", "91350100M000100Y4", false},
		{"one long", "91350100M000100Y433", false},
		{"small letters", "91350100m000100y43", false},
		{"figures of full width", "９1350100M000100Y43", false},
		{"nothing", "", false},
	} {
		if got := validCreditCode(tc.code); got != tc.want {
			t.Errorf("%s: validCreditCode(%q) = %t", tc.name, tc.code, got)
		}
	}
}

// TestCreditCodeFindsEveryWrongFigure changes each figure of a right code.
func TestCreditCodeFindsEveryWrongFigure(t *testing.T) {
	const right = "91350100M000100Y43"
	for i := range right {
		for _, c := range digits {
			if wrong := right[:i] + string(c) + right[i+1:]; wrong != right && validCreditCode(wrong) {
				t.Errorf("%s is taken for right", wrong)
			}
		}
	}
}

func TestSettings(t *testing.T) {
	good := Settings{NameZh: "网络中心", Kind: "department"}
	with := func(change func(*Settings)) Settings {
		s := good
		change(&s)
		return s
	}
	many := make([]Contact, 21)
	for i := range many {
		many[i].Name = "王"
	}
	for _, tc := range []struct {
		name string
		in   Settings
		want string // location of the first thing that is wrong
	}{
		{"the least", good, ""},
		{"an English name only", Settings{NameEn: "IT centre", Kind: "office"}, ""},
		{"no name", with(func(s *Settings) { s.NameZh = "  " }), "body.name.zh"},
		{"a name that turns the line around", with(func(s *Settings) { s.NameZh = "a\u202eb" }), "body.name.zh"},
		{"a name of two lines", with(func(s *Settings) { s.NameEn = "a\nb" }), "body.name.en"},
		{"a name that is no UTF-8", with(func(s *Settings) { s.NameEn = "a\xff" }), "body.name.en"},
		{"a long name", with(func(s *Settings) { s.NameZh = strings.Repeat("长", 101) }), "body.name.zh"},
		{"an unknown kind", with(func(s *Settings) { s.Kind = "club" }), "body.kind"},
		{"no kind", with(func(s *Settings) { s.Kind = "" }), "body.kind"},
		{"an unknown industry", with(func(s *Settings) { s.Industry = "magic" }), "body.industry"},
		{"an unknown operator type", with(func(s *Settings) { s.Operator = "x" }), "body.operator"},
		{"a code with a space", with(func(s *Settings) { s.Code = "a b" }), "body.code"},
		{"a formula as a code", with(func(s *Settings) { s.Code = "=1" }), "body.code"},
		{"a credit code with spaces around", with(func(s *Settings) { s.CreditCode = " 91350100m000100y43 " }), ""},
		{"a wrong credit code", with(func(s *Settings) { s.CreditCode = "91350100M000100Y42" }), "body.credit_code"},
		{"a position below zero", with(func(s *Settings) { s.Position = -1 }), "body.position"},
		{"twenty-one contacts", with(func(s *Settings) { s.Contacts = many }), "body.contacts"},
		{"a contact without a name", with(func(s *Settings) { s.Contacts = []Contact{{Phone: "123"}} }), "body.contacts"},
		{"a phone with letters", with(func(s *Settings) { s.Contacts = []Contact{{Name: "王", Phone: "call me"}} }), "body.contacts"},
		{"an address with a name", with(func(s *Settings) { s.Contacts = []Contact{{Name: "王", Email: "W <w@x.cn>"}} }), "body.contacts"},
		{"a whole contact", with(func(s *Settings) {
			s.Contacts = []Contact{{"王", "主任", "+86 (10) 6275-0000 x12", "wang@example.edu.cn"}}
		}), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tc.in.check()
			got := ""
			if p, ok := problem.From(err); ok {
				got = p.Body("").Errors[0].Location
			}
			if got != tc.want || (err != nil && !errors.Is(err, ErrInvalid)) {
				t.Errorf("check = %v, want %q", err, tc.want)
			}
		})
	}
}

func TestActs(t *testing.T) {
	sqldbtest.Each(t, Name, Migrations(), func(t *testing.T, db *sqldb.DB) {
		f := on(t, db)
		ctx := authz.WithActor(t.Context(), authz.Actor{ID: "a1", Name: "Wang", Role: authz.Administrator, Kind: authz.Person})
		ministry := f.add(t, "", "M")
		first, second := f.add(t, ministry, "U1"), f.add(t, ministry, "U2")
		lab := f.add(t, second, "LAB")
		f.clock.t = day.Add(24 * time.Hour)
		moved, err := f.Move(ctx, lab, 1, Place{Parent: first, Reason: "院系调整"})
		if err != nil || moved.Parent != first || moved.Revision != 2 {
			t.Fatalf("Move = %+v, %v", moved, err)
		}
		if _, err := f.Move(ctx, lab, 1, Place{Parent: second}); !errors.Is(err, ErrChanged) {
			t.Errorf("a move from an old state: %v", err)
		}
		for _, tc := range []struct {
			name string
			do   func() error
			want error
		}{
			{"below itself", func() error { _, err := f.Move(ctx, ministry, Any, Place{Parent: lab}); return err }, ErrCycle},
			{"under itself", func() error { _, err := f.Move(ctx, lab, Any, Place{Parent: lab}); return err }, ErrCycle},
			{"below nothing", func() error { _, err := f.Move(ctx, lab, Any, Place{Parent: "x"}); return err }, ErrNoUnit},
			{"of nothing", func() error { _, err := f.Move(ctx, "x", Any, Place{Parent: lab}); return err }, ErrNoUnit},
			{"into what is below", func() error { _, err := f.Merge(ctx, ministry, Any, lab, "x"); return err }, ErrCycle},
			{"into itself", func() error { _, err := f.Merge(ctx, lab, Any, lab, "x"); return err }, ErrCycle},
			{"merge without a reason", func() error { _, err := f.Merge(ctx, lab, Any, second, " "); return err }, ErrInvalid},
			{"dissolve without a reason", func() error { _, err := f.Dissolve(ctx, lab, Any, ""); return err }, ErrInvalid},
			{"dissolve with children", func() error { _, err := f.Dissolve(ctx, first, Any, "x"); return err }, ErrChildren},
			{"a code that is taken", func() error {
				_, err := f.Create(ctx, "", Settings{Code: "lab", NameZh: "x", Kind: "other"})
				return err
			}, ErrCode},
			{"a change to a code that is taken", func() error {
				code := "u1"
				_, err := f.Change(ctx, lab, Any, Change{Code: &code})
				return err
			}, ErrCode},
			{"a change of nothing", func() error { _, err := f.Change(ctx, "x", Any, Change{}); return err }, ErrNoUnit},
		} {
			if err := tc.do(); !errors.Is(err, tc.want) {
				t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
			}
		}
		f.clock.t = day.Add(48 * time.Hour)
		if _, err := f.Merge(ctx, first, 1, second, "合并办学"); err != nil {
			t.Fatal(err)
		}
		gone, err := f.Get(ctx, first)
		if err != nil || !gone.Dissolved() || gone.Successor != second || gone.Parent != second || gone.Reason != "合并办学" {
			t.Errorf("the merged unit is %+v, %v", gone, err)
		}
		if _, err := f.Create(ctx, "", Settings{Code: "U1", NameZh: "新单位", Kind: "other"}); err != nil {
			t.Errorf("the code of a dissolved unit is not free: %v", err)
		}
		list, err := f.History(ctx, lab, time.Time{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range list {
			got = append(got, strings.Join([]string{string(v.Act), v.Reason, v.ActorName, codeOf(t, f, v.Other), codeOf(t, f, v.Parent)}, "|"))
		}
		if diff := cmp.Diff([]string{"merge|合并办学|Wang|U1|U2", "move|院系调整|Wang|U2|U1", "create||||U2"}, got); diff != "" {
			t.Errorf("history of the lab (-want +got):\n%s", diff)
		}
		into, err := f.History(ctx, second, time.Time{}, 1)
		if err != nil || into[0].Act != Absorbed || into[0].Other != first {
			t.Errorf("history of the successor begins with %+v, %v", into, err)
		}
		p, err := f.At(ctx, lab, day.Add(36*time.Hour))
		if err != nil || p.Parent != first || len(p.Path) != 2 || p.Path[0].Unit != ministry {
			t.Errorf("At the day after the move = %+v, %v", p, err)
		}
		counts, err := f.Counts(ctx, ministry)
		want := Counts{Units: 3, Dissolved: 1, Levels: 2, ByKind: map[Kind]int64{"department": 3}}
		if diff := cmp.Diff(want, counts); diff != "" || err != nil {
			t.Errorf("counts (-want +got): %v\n%s", err, diff)
		}
	})
}

func codeOf(t *testing.T, f *fixture, id ID) string {
	t.Helper()
	if id == "" {
		return ""
	}
	u, err := f.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return u.Code
}

func TestLevels(t *testing.T) {
	f := open(t)
	at := ID("")
	var chain []ID
	for range deepest {
		u, err := f.Create(t.Context(), at, Settings{NameZh: "层", Kind: "other"})
		if err != nil {
			t.Fatal(err)
		}
		at = u.ID
		chain = append(chain, at)
	}
	if _, err := f.Create(t.Context(), at, Settings{NameZh: "层", Kind: "other"}); !errors.Is(err, ErrDeep) {
		t.Errorf("level %d: %v", deepest+1, err)
	}
	other := f.add(t, "", "R")
	if _, err := f.Move(t.Context(), chain[0], Any, Place{Parent: other}); !errors.Is(err, ErrDeep) {
		t.Errorf("a move that makes level %d: %v", deepest+1, err)
	}
	if _, err := f.Move(t.Context(), chain[1], Any, Place{Parent: other}); err != nil {
		t.Errorf("a move that makes level %d: %v", deepest, err)
	}
}
