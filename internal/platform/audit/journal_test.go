package audit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

func TestSideJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.journal")
	l := &ledger{err: errors.New("the ledger stopped")}
	with := func(o *Options) { o.Journal = path }
	r := recorder(t, l, with)
	tests := []struct {
		name  string
		a     httpapi.Audit
		taken bool
	}{
		{"sign-in", httpapi.Audit{Operation: "sign-in", RequestID: "1", Outcome: httpapi.Success}, true},
		{"owner of the host", httpapi.Audit{Operation: "create-token", RequestID: "2", Outcome: httpapi.Success, Actor: authz.Actor{ID: "local", Kind: authz.Local}}, true},
		{"denial", httpapi.Audit{Operation: "list-alerts", RequestID: "3", Outcome: httpapi.Denied, Peer: "192.0.2.1"}, true},
		{"write", httpapi.Audit{Operation: "create-account", RequestID: "4", Outcome: httpapi.Success, Actor: authz.Actor{ID: "u", Kind: authz.Person}}, false},
		{"failed write", httpapi.Audit{Operation: "create-account", RequestID: "5", Outcome: httpapi.Failure}, false},
	}
	for _, tt := range tests {
		tt.a.At = start
		if err := r.Record(t.Context(), tt.a); (err == nil) != tt.taken {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}

	r = recorder(t, l, with)
	if err := r.Recall(t.Context()); !errors.Is(err, l.err) {
		t.Errorf("recalled into a ledger that stopped: %v", err)
	}
	if f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0); err != nil {
		t.Fatal(err)
	} else if _, err := f.WriteString(`{"cut`); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	l.err = nil
	if err := r.Recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range l.lines {
		_, id, _ := strings.Cut(line, `"http.request.id":"`)
		got = append(got, id[:min(1, len(id))])
	}
	if diff := cmp.Diff([]string{"1", "2", "3", ""}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the journal stays: %v", err)
	}
	if err := r.Recall(t.Context()); err != nil || len(l.lines) != 4 {
		t.Errorf("recalled twice: %v, %d records", err, len(l.lines))
	}
}

func TestSideJournalIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.journal")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, longestJournal-10); err != nil {
		t.Fatal(err)
	}
	l := &ledger{err: errors.New("the ledger stopped")}
	err := recorder(t, l, func(o *Options) { o.Journal = path }).Record(t.Context(), httpapi.Audit{At: start, Operation: "sign-in"})
	if !errors.Is(err, errJournalFull) || !errors.Is(err, l.err) {
		t.Errorf("%v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != longestJournal-10 {
		t.Errorf("%v, %v", info, err)
	}
}
