package comply

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/norms"
)

func TestShippedLaw(t *testing.T) {
	law, err := Load(norms.Files)
	if err != nil {
		t.Fatal(err)
	}
	months, err := law.Quantity("csl/log-retention", "log-retention-months")
	if err != nil || months != 6 {
		t.Errorf("log-retention-months = %d, %v; want 6", months, err)
	}
	n, _, ok := law.Provision("csl/log-retention")
	if !ok {
		t.Fatal("csl/log-retention is missing")
	}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"the day before the law", time.Date(2017, 5, 31, 12, 0, 0, 0, shanghai), ""},
		{"the first day", time.Date(2017, 6, 1, 0, 0, 0, 0, shanghai), "csl-2016"},
		{"the last second of the old text", time.Date(2025, 12, 31, 23, 59, 59, 0, shanghai), "csl-2016"},
		{"midnight in China, still the old year in UTC", time.Date(2026, 1, 1, 0, 0, 0, 0, shanghai), "csl-2026"},
	} {
		if v, _ := n.At(c.at); v.ID != c.want {
			t.Errorf("%s: version %q, want %q", c.name, v.ID, c.want)
		}
	}
}

func TestExposureFollowsTheVersion(t *testing.T) {
	law, err := Load(norms.Files)
	if err != nil {
		t.Fatal(err)
	}
	n, p, _ := law.Provision("csl/log-retention")
	type tier struct {
		Sanction, When string
		Unit           Range
	}
	applying := func(at time.Time) []tier {
		var out []tier
		for _, e := range exposure(n, p, at) {
			if e.Applies {
				out = append(out, tier{e.Sanction, e.When, *e.UnitFine})
			}
		}
		return out
	}
	old := []tier{{"csl-2016/s59.1", "refuses_or_harm", Range{10000, 100000}}}
	if diff := cmp.Diff(old, applying(time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC))); diff != "" {
		t.Errorf("2025 (-want +got):\n%s", diff)
	}
	now := []tier{
		{"csl-2026/s61.1", "base", Range{10000, 50000}},
		{"csl-2026/s61.1", "refuses_or_harm", Range{50000, 500000}},
		{"csl-2026/s61.3", "serious_consequence", Range{500000, 2000000}},
		{"csl-2026/s61.3", "especially_serious_consequence", Range{2000000, 10000000}},
	}
	if diff := cmp.Diff(now, applying(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))); diff != "" {
		t.Errorf("2026 (-want +got):\n%s", diff)
	}
	if all := exposure(n, p, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); len(all) != 5 {
		t.Errorf("%d tiers of both versions, want 5", len(all))
	}
}

func TestLoadRefuses(t *testing.T) {
	const head = "schema: fengsui.norm/v1\nid: x\nzone: Asia/Shanghai\ntitle: {zh: 甲, en: X}\n"
	for _, c := range []struct{ name, file, text string }{
		{"an unknown key", "x.yaml", head + "color: red\n"},
		{"an unknown schema", "x.yaml", "schema: other\n"},
		{"an unknown zone", "x.yaml", "schema: fengsui.norm/v1\nzone: Mars/Base\n"},
		{"overlapping versions", "x.yaml", head + "versions:\n- {id: a, in_force: 2020-01-01, last_day: 2021-01-01, status: found}\n- {id: b, in_force: 2020-06-01, status: found}\n"},
		{"a status outside the scale", "x.yaml", head + "versions:\n- {id: a, in_force: 2020-01-01, status: sure}\n"},
		{"a provision outside its norm", "x.yaml", head + "provisions:\n- {id: y/a}\n"},
		{"a control without its provision", "controls.yaml", "schema: fengsui.controls/v1\ncontrols:\n- {id: a, title: {zh: 甲, en: A}, serves: [x/none], evidence: e}\n"},
	} {
		if _, err := Load(fstest.MapFS{c.file: {Data: []byte(c.text)}}); err == nil {
			t.Errorf("%s was accepted", c.name)
		}
	}
}
