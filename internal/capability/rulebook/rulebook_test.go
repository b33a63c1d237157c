package rulebook

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/internal/platform/sqldb/sqldbtest"
	"github.com/fengsui/fengsui/sigma"
)

type noCounts struct{}

func (noCounts) CountByRule(context.Context, []string) (map[string]Count, error) { return nil, nil }

func ruleText(id, title, word, more string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("title: " + title + "\nid: " + id + "\nlevel: high\n" + more +
		"logsource: {product: linux}\ndetection:\n  sel:\n    message|contains: " + word + "\n  condition: sel\n")}
}

const (
	idA = "00000000-0000-4000-8000-00000000000a"
	idB = "00000000-0000-4000-8000-00000000000b"
	idC = "00000000-0000-4000-8000-00000000000c"
)

func shipped() fstest.MapFS {
	return fstest.MapFS{
		"ssh/a.yml": ruleText(idA, "Alpha", "alpha", "title_zh: 甲\n"),
		"ssh/b.yml": ruleText(idB, "Beta", "beta", ""),
	}
}

func open(t *testing.T, db *sqldb.DB, folders ...Folder) *Service {
	t.Helper()
	s, err := New(Deps{
		DB: db, Shipped: shipped(), Mapping: &sigma.Mapping{}, Folders: folders, Counts: noCounts{},
		Now: func() time.Time { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// matches returns the ids of the rules that the engine finds in a message.
func matches(s *Service, message string) []string {
	var ids []string
	rec := event.Record{Text: message, Fields: event.Fields{{Name: "message", Value: message}}, Logsource: event.Logsource{Product: "linux"}}
	s.Engine().Match(&rec, func(f event.Finding) { ids = append(ids, f.RuleID) })
	return ids
}

func TestSwitchHoldsAcrossReloadAndRestart(t *testing.T) {
	sqldbtest.Each(t, "rulebook", migrations(), func(t *testing.T, db *sqldb.DB) {
		s := open(t, db)
		if diff := cmp.Diff([]string{idA}, matches(s, "alpha")); diff != "" {
			t.Fatalf("before (-want +got):\n%s", diff)
		}
		ctx := authz.WithActor(t.Context(), authz.Actor{ID: "u1", Name: "Li"})
		if _, err := s.Switch(ctx, idA, false, " "); !errors.Is(err, ErrReason) {
			t.Errorf("switched without a reason: %v", err)
		}
		if _, err := s.Switch(ctx, "nobody", false, "x"); !errors.Is(err, ErrNotFound) {
			t.Errorf("switched an unknown rule: %v", err)
		}
		r, err := s.Switch(ctx, idA, false, "too loud")
		if err != nil || r.Enabled || r.Reason != "too loud" {
			t.Fatalf("switched: %+v, %v", r, err)
		}
		for _, again := range []*Service{s, open(t, db)} {
			if got := matches(again, "alpha beta"); !cmp.Equal(got, []string{idB}) {
				t.Errorf("switched off, matched %v", got)
			}
		}
		if zh, en, ok := s.RuleTitle(idA); zh != "甲" || en != "Alpha" || !ok {
			t.Errorf("titles %q %q %t", zh, en, ok)
		}
	})
}

func TestUserFolders(t *testing.T) {
	db := sqldbtest.Open(t, "rulebook", migrations())
	folder := fstest.MapFS{
		"mine/a.yml":       ruleText(idA, "Alpha of ours", "omega", ""),
		"mine/twice.yml":   ruleText(idA, "Alpha again", "omega", ""),
		"old.yml":          ruleText(idC, "Old", "old", "status: deprecated\n"),
		"broken.yml":       {Data: []byte("title: Broken\nlogsource: {product: linux}\ndetection:\n  condition: missing\n")},
		"lookahead.yml":    {Data: []byte("title: L\nlogsource: {product: linux}\ndetection:\n  s:\n    message|re: '(?=a)b'\n  condition: s\n")},
		"tests/other.yaml": {Data: []byte("a: 1\n")},
		".git/hidden.yml":  {Data: []byte("title: hidden\n")},
	}
	s := open(t, db, Folder{Name: "ours", FS: folder}, Folder{Name: "gone", FS: fstest.MapFS{}})
	if got := matches(s, "alpha omega old"); !cmp.Equal(got, []string{idA}) {
		t.Errorf("matched %v, want the user's rule in the place of the shipped one", got)
	}
	if r, err := s.Get(idA); err != nil || r.Origin != User || r.Path != "ours/mine/a.yml" {
		t.Errorf("rule %+v, %v", r, err)
	}
	if r, err := s.Get(idC); err != nil || r.Enabled {
		t.Errorf("a deprecated rule is on: %+v, %v", r, err)
	}
	got := map[string]string{}
	for _, r := range s.Refused() {
		got[r.Path] = r.Status
	}
	want := map[string]string{"ours/mine/twice.yml": "invalid", "ours/broken.yml": "invalid", "ours/lookahead.yml": "unsupported"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if r, err := s.Switch(t.Context(), idC, true, "we still need it"); err != nil || !r.Enabled {
		t.Errorf("switched on: %+v, %v", r, err)
	}
}

func TestListPages(t *testing.T) {
	s := open(t, sqldbtest.Open(t, "rulebook", migrations()))
	page, more := s.List(Filter{}, "", "", 1)
	if len(page) != 1 || !more || page[0].Title.EN != "Alpha" {
		t.Fatalf("first page %v, more %t", page, more)
	}
	page, more = s.List(Filter{}, page[0].Title.EN, page[0].ID, 1)
	if len(page) != 1 || more || page[0].Title.EN != "Beta" {
		t.Errorf("second page %v, more %t", page, more)
	}
	if page, _ := s.List(Filter{Text: "甲"}, "", "", 9); len(page) != 1 {
		t.Errorf("by chinese title: %d", len(page))
	}
	off := false
	if page, _ := s.List(Filter{Enabled: &off}, "", "", 9); len(page) != 0 {
		t.Errorf("switched off: %d", len(page))
	}
}
