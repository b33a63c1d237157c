package normdoc

import (
	"cmp"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestPlanStructure compares groups, tasks, paragraphs and units with what the
// lines of the plan say to plain patterns.
func TestPlanStructure(t *testing.T) {
	text, d := shared(t, "moe-2018-plan.txt")
	if d.Kind != Plan || d.Title != "2018年教育信息化和网络安全工作要点" || d.Issued != "2018-02-11" || len(d.Warnings) != 0 {
		t.Errorf("kind %s title %s issued %s warnings %v", d.Kind, d.Title, d.Issued, d.Warnings)
	}
	accounted(t, text, d)
	group, task := regexp.MustCompile(`^（(.)）(.*)$`), regexp.MustCompile(`^(\d+)\.(.*)。$`)
	unitLine := regexp.MustCompile(`（责任单位：(.*)）$`)
	type entry struct {
		Number, Group, Title string
		Lines                [][]string // units of each paragraph
	}
	var want []entry
	now, groups, unitLines := "", 0, 0
	for line := range strings.Lines(text[strings.Index(text, "三、重点任务"):]) {
		line = strings.Trim(line, "　 \n")
		if g := group.FindStringSubmatch(line); g != nil {
			now = g[2]
			groups++
		} else if g := task.FindStringSubmatch(line); g != nil {
			want = append(want, entry{Number: g[1], Group: now, Title: g[2]})
		} else if g := unitLine.FindStringSubmatch(line); g != nil {
			unitLines++
			e := &want[len(want)-1]
			e.Lines = append(e.Lines, regexp.MustCompile(`[、，]`).Split(g[1], -1))
		}
	}
	if groups != 9 || len(want) != 29 || unitLines != 57 {
		t.Fatalf("the text has %d groups, %d tasks, %d lines of units", groups, len(want), unitLines)
	}
	var got []entry
	lines := map[string][][]string{}
	roles := map[string]int{}
	for _, n := range d.Nodes {
		roles[n.Role]++
		if n.Kind == Paragraph && len(n.Units) > 0 {
			lines[n.Parent] = append(lines[n.Parent], n.Units)
		}
	}
	for _, x := range d.Tasks {
		got = append(got, entry{Number: x.Number, Group: x.Group, Title: x.Title, Lines: lines[x.ID]})
		if x.ID != "t"+x.Number {
			t.Errorf("task %s has id %s", x.Number, x.ID)
		}
		var all []string
		for _, l := range lines[x.ID] {
			all = once(all, l)
		}
		if diff := gocmp.Diff(all, x.Units); diff != "" {
			t.Errorf("units of %s (-lines +task):\n%s", x.ID, diff)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if len(d.Goals) != 9 || roles[RoleGoal] != 9 || roles[RoleGroup] != 9 {
		t.Errorf("%d goals, roles %v", len(d.Goals), roles)
	}
	if diff := gocmp.Diff(map[NodeKind]int{Heading: 12, TaskNode: 29, Paragraph: 58, Item: 9}, countKinds(d)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// TestPlanReferencesAndTargets compares them with what a reader found.
func TestPlanReferencesAndTargets(t *testing.T) {
	_, d := shared(t, "moe-2018-plan.txt")
	got := []string{"-- references: node, document --"}
	for _, r := range d.References {
		got = append(got, cmp.Or(r.From, "-")+" "+r.To)
	}
	got = append(got, "-- targets: node, operator, value, unit, base --")
	var others []string
	for _, q := range d.Quantities {
		if q.Target {
			got = append(got, q.At+" "+spell(q))
		} else {
			others = append(others, q.At+" "+spell(q))
		}
	}
	got = append(append(got, "-- described, no target --"), others...)
	if diff := gocmp.Diff(golden(t, "plan-2018.txt"), got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	targets := 0
	for _, x := range d.Tasks {
		targets += len(x.Targets)
	}
	for _, g := range d.Goals {
		targets += len(g.Targets)
	}
	if targets != 43 {
		t.Errorf("goals and tasks have %d targets, want 43", targets)
	}
}

// TestNotice reads the notice: four headings with their text, preamble, closing
// words.
func TestNotice(t *testing.T) {
	text, d := shared(t, "moe-2018-campus-loan-notice.txt")
	accounted(t, text, d)
	var ids []string
	for _, n := range d.Nodes {
		ids = append(ids, n.ID)
	}
	want := []string{"0.1", "h1", "h1.1", "h2", "h2.1", "h3", "h3.1", "h4", "h4.1", "0.2"}
	if diff := gocmp.Diff(want, ids); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
	if d.Kind != Notice || len(d.Notes) != 2 || len(d.Tasks) != 0 || len(d.Warnings) != 0 ||
		d.Title != "教育部办公厅关于开展校园不良网贷风险警示教育及相关工作的通知" {
		t.Errorf("kind %s title %s notes %d tasks %d warnings %v", d.Kind, d.Title, len(d.Notes), len(d.Tasks), d.Warnings)
	}
}
