package match_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/match"
	"github.com/fengsui/fengsui/sigma"
)

func engine(t *testing.T, texts ...string) *match.Engine {
	t.Helper()
	var set []*sigma.Rule
	for _, text := range texts {
		r, err := sigma.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		set = append(set, r...)
	}
	e := match.New(set, nil)
	if len(e.Refused()) > 0 {
		t.Fatal(e.Refused())
	}
	return e
}

func rule(logsource, detection, more string) string {
	return "title: T\nid: r1\n" + more + "logsource: {" + logsource + "}\ndetection:\n  sel:\n" + detection + "\n  condition: sel\n"
}

func findings(e *match.Engine, rec event.Record) []event.Finding {
	var out []event.Finding
	e.Match(&rec, func(f event.Finding) { out = append(out, f) })
	return out
}

var at = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func TestEntity(t *testing.T) {
	all := event.Fields{
		{Name: "x", Value: "1"}, {Name: "source.ip", Value: "203.0.113.9"}, {Name: "user.name", Value: "li"}, {Name: "host.name", Value: "web01"},
	}
	for _, tt := range []struct {
		name, logsource, more string
		fields                event.Fields
		want                  string
	}{
		{"a web server: who sent it", "category: webserver", "", all, "203.0.113.9"},
		{"sign-in: where it came from", "product: linux, service: sshd", "", all, "203.0.113.9"},
		{"sudo: who", "product: linux, service: sudo", "", all, "li"},
		{"cloud: who", "product: aws", "", all, "li"},
		{"a host: which", "product: windows", "", all, "web01"},
		{"what the rule names", "product: windows", "entity: x\n", all, "1"},
		{"a dash says nothing", "product: windows", "", event.Fields{{Name: "x", Value: "1"}, {Name: "host.name", Value: "-"}}, "192.0.2.1"},
		{"nothing but the peer", "product: windows", "", event.Fields{{Name: "x", Value: "1"}}, "192.0.2.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := engine(t, rule(tt.logsource, "    x: 1", tt.more))
			got := findings(e, event.Record{Event: event.Event{Peer: "192.0.2.1", Received: at}, Fields: tt.fields})
			if len(got) != 1 || got[0].Entity != tt.want {
				t.Errorf("findings %+v, want the entity %q", got, tt.want)
			}
		})
	}
}

func TestFindingSaysWhatMadeItTrue(t *testing.T) {
	e := engine(t, rule("product: linux", "    user.name: root\n    n|gt: 5", "level: high\ntags: [attack.t1110, other.tag]\n"))
	long := strings.Repeat("烽", 600)
	got := findings(e, event.Record{
		Event: event.Event{Seq: 7, Received: at, Source: "s1"}, Logsource: event.Logsource{Product: "linux"},
		Fields: event.Fields{{Name: "user.name", Value: "root"}, {Name: "n", Value: "6", Kind: event.Number}, {Name: "long", Value: long}},
	})
	want := []event.Finding{{
		RuleID: "r1", Title: "T", Level: "high", Seq: 7, Received: at, Time: at, Source: "s1", Entity: "root",
		Matched: []event.Field{{Name: "user.name", Value: "root"}, {Name: "n", Value: "6", Kind: event.Number}}, Tags: []string{"attack.t1110"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestLogsourceSelectsRules(t *testing.T) {
	e := engine(t, rule("product: windows", "    x: 1", ""))
	fields := event.Fields{{Name: "x", Value: "1"}}
	for _, tt := range []struct {
		name   string
		source event.Logsource
		want   int
	}{
		{"another product", event.Logsource{Product: "linux"}, 0},
		{"the same", event.Logsource{Product: "windows", Service: "security"}, 1},
		{"unknown: every rule is tried", event.Logsource{}, 1},
	} {
		if got := findings(e, event.Record{Fields: fields, Logsource: tt.source}); len(got) != tt.want {
			t.Errorf("%s: %d findings, want %d", tt.name, len(got), tt.want)
		}
	}
}

func TestKeywords(t *testing.T) {
	e := engine(t, "title: T\nid: r1\nlogsource: {product: linux}\ndetection:\n  words: [alarm]\n  condition: words\n")
	for _, tt := range []struct {
		name string
		rec  event.Record
		want int
	}{
		{"in a text line", event.Record{Text: "fire ALARM rings"}, 1},
		{"in a value of json", event.Record{Text: `{"a":"alarm"}`, Fields: event.Fields{{Name: "a", Value: "an alarm"}}}, 1},
		{"in a name of json", event.Record{Text: `{"alarm":"x"}`, Fields: event.Fields{{Name: "alarm", Value: "x"}}}, 0},
		{"in a word of ours", event.Record{Text: `{"a":"x"}`, Fields: event.Fields{{Name: "event.action", Value: "alarm"}}}, 0},
	} {
		if got := findings(e, tt.rec); len(got) != tt.want {
			t.Errorf("%s: %d findings, want %d", tt.name, len(got), tt.want)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	r, err := sigma.Parse([]byte(rule("product: linux", "    message|contains: 'Failed password'", "")))
	if err != nil {
		b.Fatal(err)
	}
	e := match.New(r, nil)
	rec := event.Record{
		Text: "Failed password for root from 203.0.113.9 port 22 ssh2", Logsource: event.Logsource{Product: "linux"},
		Fields: event.Fields{{Name: "message", Value: "Failed password for root from 203.0.113.9 port 22 ssh2"}, {Name: "source.ip", Value: "203.0.113.9"}},
	}
	b.ReportAllocs()
	for b.Loop() {
		e.Match(&rec, func(event.Finding) {})
	}
}
