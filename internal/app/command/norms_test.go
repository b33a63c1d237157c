package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/testshared"
)

// writeNorm puts text into a file of a new folder.
func writeNorm(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "norm.txt")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestNormsParsePrintsOneObject holds the names of the contract.
func TestNormsParsePrintsOneObject(t *testing.T) {
	const law = "某法\n（2020年1月2日通过）\n第一条 甲。\n第二条 处一万元以下罚款，依照第一条：\n（一）乙 <丙>。\n第三条 自2020年3月4日起施行。"
	var out bytes.Buffer
	c := NormsParse{File: writeNorm(t, law)}
	if err := c.Run(Output{Out: &out}); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "\n") != 1 || strings.Contains(out.String(), `\u003c`) {
		t.Errorf("not one plain line: %s", out.String())
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	quantity := func(at, op string, value any, unit, date, text string) any {
		return map[string]any{"at": at, "operator": op, "value": value, "unit": unit, "base": "", "date": date, "text": text, "target": false}
	}
	node := func(id, kind, number, parent, text string, line float64) any {
		return map[string]any{"id": id, "kind": kind, "number": number, "title": "", "parent": parent, "text": text, "line": line}
	}
	want := map[string]any{
		"kind": "law", "title": "某法", "adopted": "2020-01-02", "in_force": "2020-03-04", "issued": "",
		"nodes": []any{
			node("1", "article", "第一条", "", "", 3), node("1.1", "paragraph", "", "1", "甲。", 3),
			node("2", "article", "第二条", "", "", 4), node("2.1", "paragraph", "", "2", "处一万元以下罚款，依照第一条：", 4),
			node("2.1(1)", "item", "（一）", "2.1", "乙 <丙>。", 5),
			node("3", "article", "第三条", "", "", 6), node("3.1", "paragraph", "", "3", "自2020年3月4日起施行。", 6),
		},
		"references": []any{map[string]any{"from": "2.1", "to": "1", "kind": "provision", "text": "第一条"}},
		"quantities": []any{quantity("2.1", "<=", 10000.0, "元", "", "一万元以下"), quantity("3.1", "date", nil, "", "2020-03-04", "2020年3月4日")},
		"goals":      []any{}, "tasks": []any{}, "warnings": []any{},
		"notes": []any{map[string]any{"kind": "adoption", "text": "（2020年1月2日通过）", "line": 2.0}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
}

// TestNormsCompareExits says by its error whether there are differences.
func TestNormsCompareExits(t *testing.T) {
	const law = "某法\n第一条 甲乙。\n第二条 丙。"
	a, b := writeNorm(t, law), writeNorm(t, strings.Replace(law, "乙", "丁", 1))
	var out bytes.Buffer
	err := (&NormsCompare{A: a, B: b}).Run(Output{Out: &out})
	if ExitCode(err) != ExitFound {
		t.Errorf("error %v", err)
	}
	want := `{"id":"1.1","field":"text","kind":"changed","position":1,"left":"乙","right":"丁"}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	out.Reset()
	if err := (&NormsCompare{A: a, B: a}).Run(Output{Out: &out}); err != nil || out.Len() > 0 {
		t.Errorf("error %v output %s", err, out.String())
	}
}

// TestNormsSharedTexts runs both commands on the shared texts.
func TestNormsSharedTexts(t *testing.T) {
	dir := testshared.Dir(t, "norms")
	var out bytes.Buffer
	err := (&NormsCompare{A: filepath.Join(dir, "csl-2016-a.txt"), B: filepath.Join(dir, "csl-2016-b.txt")}).Run(Output{Out: &out})
	if n := strings.Count(out.String(), "\n"); ExitCode(err) != ExitFound || n != 11 {
		t.Errorf("%d differences, error %v", n, err)
	}
	out.Reset()
	if err := (&NormsParse{File: filepath.Join(dir, "moe-2018-plan.txt"), Kind: "plan"}).Run(Output{Out: &out}); err != nil {
		t.Error(err)
	}
}

// TestNormsFail names the file and the reason.
func TestNormsFail(t *testing.T) {
	for _, name := range []string{filepath.Join(t.TempDir(), "none.txt"), writeNorm(t, " \n"), writeNorm(t, "PK\x03\x04")} {
		err := (&NormsParse{File: name}).Run(Output{Out: &bytes.Buffer{}})
		if ExitCode(err) != ExitError || !strings.Contains(err.Error(), name) || errors.As(err, new(Found)) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
