package search

import (
	"bufio"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/ledger"
)

// own makes an entry of the station itself.
func own(seconds int, transport, raw string) ledger.Entry {
	e := entry(seconds, "", raw)
	e.Transport = transport
	return e
}

// trail is a ledger whose audit entries all hold the word secret, and nothing else
// does.
func trail() *fakeLog {
	l := newFakeLog(6)
	for i := range 3 {
		l.add(
			own(6*i, "audit", `{"word":"secret","who":"root"}`), own(6*i+1, "evidence", `{"word":"shown"}`), entry(6*i+2, "s", "plain"),
			own(6*i+3, "audit", `{"word":"secret","who":"admin"}`), entry(6*i+4, "s", "plain"), own(6*i+5, "evidence", "shown"),
		)
	}
	return l
}

func read(t *testing.T, resp *http.Response) (int, string) {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// The audit trail exists only for who may read it: in every operation, from the
// index and from the ledger itself.
func TestAuditTrailIsHidden(t *testing.T) {
	l := trail()
	x := indexed(t, l)
	for name, o := range map[string]Options{"scanned": {Log: l}, "indexed": {Log: l, Index: x}} {
		srv := serve(t, service(t, o))
		for _, c := range []struct {
			operation, path string
			audit, evidence int // statuses of an event's own operations; 0: a search
		}{
			{operation: "search", path: "/logs?limit=1000"},
			{operation: "search for the transport", path: "/logs?query=transport:audit"},
			{operation: "search for a word", path: "/logs?query=secret"},
			{operation: "search for a field", path: "/logs?query=who:*"},
			{operation: "search for what is not there", path: "/logs?query=!plain"},
			{operation: "search for either", path: "/logs?query=secret+or+plain"},
			{operation: "search by sequence", path: "/logs?query=seq:0"},
			{operation: "oldest first", path: "/logs?order=asc"},
			{operation: "counts by transport", path: "/logs/stats?by=transport&top=transport"},
			{operation: "counts of a field", path: "/logs/stats?query=who:*&by=who&top=word"},
			{operation: "fields", path: "/logs/fields"},
			{operation: "export", path: "/logs/export"},
			{operation: "export as a table", path: "/logs/export?format=csv&query=word:*"},
			{operation: "neighbours", path: "/logs/7/context?before=100&after=100"},
			{operation: "event", path: "/logs/SEQ", audit: 404, evidence: 200},
			{operation: "neighbours of an event", path: "/logs/SEQ/context", audit: 404, evidence: 200},
		} {
			for _, role := range []string{"analyst", "reader", "administrator"} {
				if role == "reader" && strings.Contains(c.path, "export") {
					continue
				}
				status, body := read(t, ask(t, srv, role, strings.ReplaceAll(c.path, "SEQ", "6"))) //nolint:bodyclose // ask closes it
				told := strings.Contains(body, "secret") || strings.Contains(body, `"audit"`) || strings.Contains(body, `"who"`)
				switch may := role == "administrator"; {
				case may && (status != http.StatusOK || !told):
					t.Errorf("%s, %s: the %s does not see the audit trail: %d %s", name, c.operation, role, status, body)
				case !may && told:
					t.Errorf("%s, %s: the %s sees the audit trail: %s", name, c.operation, role, body)
				case !may && c.audit != 0 && (status != c.audit || !strings.Contains(body, `"log.not_found"`)):
					t.Errorf("%s, %s of the trail for the %s: %d %s", name, c.operation, role, status, body)
				}
				if c.evidence == 0 {
					continue
				}
				status, body = read(t, ask(t, srv, role, strings.ReplaceAll(c.path, "SEQ", "7"))) //nolint:bodyclose // ask closes it
				if status != c.evidence || !strings.Contains(body, "shown") {
					t.Errorf("%s, %s of evidence for the %s: %d %s", name, c.operation, role, status, body)
				}
			}
		}
	}
}

// What is hidden changes no count and no page of the rest.
func TestHiddenEventsLeaveNoGaps(t *testing.T) {
	l := trail()
	s := service(t, Options{Log: l, Index: indexed(t, l)})
	as := func(role authz.Role) (Page, Counts) {
		ctx := authz.WithActor(t.Context(), authz.Actor{ID: "a", Role: role, Kind: authz.Person})
		page, err := s.Search(ctx, Search{Limit: 12})
		if err != nil {
			t.Fatal(err)
		}
		counts, err := s.Count(ctx, Count{})
		if err != nil {
			t.Fatal(err)
		}
		return page, counts
	}
	page, counts := as(authz.Reader)
	if diff := cmp.Diff([]uint64{17, 16, 14, 13, 11, 10, 8, 7, 5, 4, 2, 1}, seqs(page)); diff != "" || page.Next != "" || counts.Total != 12 {
		t.Errorf("next %q, total %d: %s", page.Next, counts.Total, diff)
	}
	if page, counts = as(authz.Administrator); len(page.Events) != 12 || page.Next == "" || counts.Total != 18 {
		t.Errorf("%d events, next %q, total %d", len(page.Events), page.Next, counts.Total)
	}
}

func TestProofOfHiddenEvents(t *testing.T) {
	for transport, want := range map[string]int{"audit": 404, "evidence": 200} {
		l := newFakeLog(10)
		l.add(own(0, transport, "entry"))
		srv := serve(t, service(t, Options{Log: l}))
		for role, status := range map[string]int{"reader": want, "analyst": want, "administrator": 200} {
			got, body := read(t, ask(t, srv, role, "/logs/0/proof")) //nolint:bodyclose // ask closes it
			if got != status {
				t.Errorf("%s for the %s: %d %s", transport, role, got, body)
			}
		}
	}
}

func TestLiveViewHidesTheAuditTrail(t *testing.T) {
	for role, want := range map[string][]string{"reader": {"1", "2"}, "administrator": {"0", "1", "2"}} {
		l := newFakeLog(100)
		srv := serve(t, service(t, Options{Log: l, TailEvery: time.Millisecond}))
		resp := ask(t, srv, role, "/logs/tail") //nolint:bodyclose // ask closes it
		l.add(own(0, "audit", "secret"), own(0, "evidence", "shown"), entry(0, "s", "plain"))
		var got []string
		seq := regexp.MustCompile(`^data: \{"seq":(\d+)`)
		for lines := bufio.NewScanner(resp.Body); !slices.Contains(got, "2") && lines.Scan(); {
			if m := seq.FindStringSubmatch(lines.Text()); m != nil {
				got = append(got, m[1])
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", role, diff)
		}
	}
}

func TestPermissions(t *testing.T) {
	var got []string
	for _, p := range Permissions() {
		got = append(got, p.ID)
	}
	if diff := cmp.Diff([]string{"log.read", "log.export", "audit.read"}, got); diff != "" {
		t.Error(diff)
	}
	if PermAudit.Allows(authz.Actor{ID: "a", Role: authz.Analyst}) || !PermAudit.Allows(authz.Actor{ID: "a", Role: authz.Administrator}) {
		t.Error("audit.read belongs to the administrator alone")
	}
}
