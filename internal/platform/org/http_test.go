package org

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

type trail struct{ list []httpapi.Audit }

func (n *trail) Record(_ context.Context, a httpapi.Audit) error {
	n.list = append(n.list, a)
	return nil
}

// caller calls the API as somebody.
type caller struct {
	*fixture

	t     *testing.T
	h     http.Handler
	trail *trail
	role  authz.Role
}

func serve(t *testing.T) *caller {
	t.Helper()
	c := &caller{fixture: open(t), t: t, trail: &trail{}, role: authz.Administrator}
	server, err := httpapi.New(httpapi.Options{
		Now: c.clock.Now, Recorder: c.trail,
		Authenticators: []httpapi.Authenticator{httpapi.AuthenticatorFunc(func(*http.Request) (authz.Actor, error) {
			return authz.Actor{ID: "a1", Name: "Wang", Role: c.role, Kind: authz.Person}, nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Routes(server.API())
	c.h = server.Handler()
	return c
}

func (c *caller) do(method, path, match, media string, body []byte) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), method, "/api/v1"+path, bytes.NewReader(body))
	if body != nil {
		r.Header.Set("Content-Type", media)
	}
	if match != "" {
		r.Header.Set("If-Match", match)
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	return w
}

// want calls with JSON and compares the status and, for problems, the code.
func (c *caller) want(status int, code, call, match string, body any) (map[string]any, http.Header) {
	c.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			c.t.Fatal(err)
		}
	}
	method, path, _ := strings.Cut(call, " ")
	return c.wantRaw(status, code, c.do(method, path, match, "application/json", text))
}

func (c *caller) wantRaw(status int, code string, w *httptest.ResponseRecorder) (map[string]any, http.Header) {
	c.t.Helper()
	answer := map[string]any{}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		c.t.Fatalf("%v: %s", err, w.Body)
	}
	found := answer["code"]
	if status < 400 {
		found = ""
	}
	if w.Code != status || found != code {
		c.t.Fatalf("%d %s, want %d %s", w.Code, w.Body, status, code)
	}
	return answer, w.Header()
}

func unitOf(name, parent string) map[string]any {
	return map[string]any{"name": map[string]any{"zh": name}, "kind": "department", "parent": parent}
}

// TestStory goes through the life of some units.
func TestStory(t *testing.T) {
	c := serve(t)
	root, header := c.want(201, "", "POST /units", "", map[string]any{
		"name": map[string]any{"zh": "大学", "en": "University"}, "kind": "institution", "code": "UNI", "industry": "education",
		"operator": "cii", "credit_code": "91350100m000100y43",
		"contacts": []any{map[string]any{"name": "李", "phone": "010-1234567", "email": "li@example.edu.cn"}},
	})
	if header.Get("Etag") != `"1"` || root["credit_code"] != "91350100M000100Y43" {
		t.Errorf("ETag %q, %v", header.Get("Etag"), root)
	}
	id := root["id"].(string)
	a, _ := c.want(201, "", "POST /units", "", unitOf("甲", id))
	b, _ := c.want(201, "", "POST /units", "", unitOf("乙", id))
	lab, _ := c.want(201, "", "POST /units", "", unitOf("实验室", a["id"].(string)))
	aPath, bPath, labPath := "/units/"+a["id"].(string), "/units/"+b["id"].(string), "/units/"+lab["id"].(string)

	c.want(404, "unit.no_such_unit", "POST /units", "", unitOf("丙", "x"))
	c.want(422, "unit.invalid", "POST /units", "", unitOf(" ", ""))
	c.want(422, "request.invalid", "POST /units", "", map[string]any{"name": map[string]any{"zh": "x"}, "kind": "other", "dissolved_at": "2026-01-01"})
	c.want(409, "unit.code_taken", "POST /units", "", map[string]any{"name": map[string]any{"zh": "x"}, "kind": "other", "code": "uni"})

	c.want(422, "request.invalid", "PATCH "+labPath, "", map[string]any{"code": "LAB"}) // no If-Match
	c.want(409, "unit.changed", "PATCH "+labPath, "1", map[string]any{"code": "LAB"})
	c.want(409, "unit.changed", "PATCH "+labPath, `"7"`, map[string]any{"code": "LAB"})
	got, header := c.want(200, "", "PATCH "+labPath, `"1"`, map[string]any{"code": "LAB", "name": map[string]any{"en": "Lab"}})
	if diff := cmp.Diff(map[string]any{"zh": "实验室", "en": "Lab"}, got["name"]); diff != "" || header.Get("Etag") != `"2"` {
		t.Errorf("ETag %s, %s", header.Get("Etag"), diff)
	}
	c.want(409, "unit.cycle", "POST /units/"+id+"/move", "*", map[string]any{"parent": lab["id"]})
	c.want(200, "", "POST "+labPath+"/move", `"2"`, map[string]any{"parent": b["id"], "reason": "调整"})
	c.want(409, "unit.has_children", "POST "+bPath+"/dissolve", "*", map[string]any{"reason": "x"})
	c.want(422, "request.invalid", "POST "+bPath+"/merge", "*", map[string]any{"into": a["id"]})
	merged, _ := c.want(200, "", "POST "+bPath+"/merge", "*", map[string]any{"into": a["id"], "reason": "合并"})
	if merged["successor"] != a["id"] || merged["dissolved_at"] == nil {
		t.Errorf("the merged unit is %v", merged)
	}
	c.want(409, "unit.dissolved", "PATCH "+bPath, "*", map[string]any{"code": "B"})
	last := c.trail.list[len(c.trail.list)-2]
	if diff := cmp.Diff(map[string]string{"id": b["id"].(string), "into": a["id"].(string)}, last.Objects); diff != "" || last.Operation != "merge-unit" {
		t.Errorf("audit of the merge: %+v", last)
	}

	detail, _ := c.want(200, "", "GET "+labPath, "", nil)
	if fmt.Sprint(steps(detail)) != "[大学 甲]" {
		t.Errorf("the path is %v", steps(detail))
	}
	then, _ := c.want(200, "", "GET "+labPath+"/placement?at=2026-03-01T08:00:00.000003Z", "", nil)
	if fmt.Sprint(steps(then)) != "[大学 甲]" || then["act"] != "create" {
		t.Errorf("at first it was %v", then)
	}
	c.want(404, "unit.not_then", "GET "+labPath+"/placement?at=2020-01-01T00:00:00Z", "", nil)
	c.want(422, "unit.invalid", "GET "+labPath+"/placement?at=yesterday", "", nil)
	page, _ := c.want(200, "", "GET "+labPath+"/history?limit=2", "", nil)
	rest, _ := c.want(200, "", "GET "+labPath+"/history?limit=2&cursor="+page["next"].(string), "", nil)
	if diff := cmp.Diff([]any{"merge", "move", "change", "create"}, append(each(page, "act"), each(rest, "act")...)); diff != "" || rest["next"] != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	children, _ := c.want(200, "", "GET /units/"+id+"/children", "", nil)
	if diff := cmp.Diff([]any{a["id"]}, each(children, "id")); diff != "" {
		t.Errorf("children (-want +got):\n%s", diff)
	}
	if counts, _ := c.want(200, "", "GET /units/"+id+"/counts", "", nil); counts["units"] != 3.0 || counts["dissolved"] != 1.0 {
		t.Errorf("counts %v", counts)
	}
	roots, _ := c.want(200, "", "GET /units?parent=none&limit=1", "", nil)
	if diff := cmp.Diff([]any{id}, each(roots, "id")); diff != "" {
		t.Errorf("roots (-want +got):\n%s", diff)
	}
	tree, _ := c.want(200, "", "GET /units/tree?limit=2", "", nil)
	more, _ := c.want(200, "", "GET /units/tree?limit=2&cursor="+tree["next"].(string), "", nil)
	if diff := cmp.Diff([]any{id, a["id"], lab["id"]}, append(each(tree, "unit"), each(more, "unit")...)); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
	c.want(400, "unit.bad_cursor", "GET /units?cursor=x", "", nil)
	c.want(422, "unit.invalid", "GET /units?kind=x", "", nil)
	c.want(422, "unit.invalid", "GET /units?parent=none&updated_since=-1d", "", nil)
	c.want(404, "unit.no_such_unit", "GET /units/x", "", nil)
	c.want(404, "unit.no_such_unit", "GET /units/x/children", "", nil)
	c.want(200, "", "POST "+labPath+"/dissolve", "*", map[string]any{"reason": "撤销"})
	c.want(200, "", "POST "+aPath+"/dissolve", "*", map[string]any{"reason": "撤销"})
	_, _ = c.want(200, "", "GET /units/words", "", nil)

	c.role = authz.Reader
	c.want(200, "", "GET "+aPath, "", nil)
	for _, path := range []string{"/units", aPath + "/move", aPath + "/merge", aPath + "/dissolve", "/units/import", "/units/import/preview"} {
		c.want(403, "auth.forbidden", "POST "+path, "*", map[string]any{})
	}
}

func steps(answer map[string]any) []any {
	var out []any
	for _, s := range answer["path"].([]any) {
		out = append(out, s.(map[string]any)["name"].(map[string]any)["zh"])
	}
	return out
}

func each(answer map[string]any, key string) []any {
	var out []any
	for _, item := range answer["items"].([]any) {
		out = append(out, item.(map[string]any)[key])
	}
	return out
}

func TestImportOverHTTP(t *testing.T) {
	c := serve(t)
	const media = "application/octet-stream"
	c.wantRaw(415, "request.media_type", c.do("POST", "/units/import/preview", "", "text/html", []byte(tree)))
	c.wantRaw(422, "unit.bad_file", c.do("POST", "/units/import/preview", "", media, []byte("PK\x03\x04")))
	c.wantRaw(413, "request.too_large", c.do("POST", "/units/import/preview", "", media, make([]byte, largestFile+1)))
	c.wantRaw(422, "unit.invalid", c.do("POST", "/units/import/preview?column=x", "", media, []byte(tree)))
	c.wantRaw(404, "unit.no_such_unit", c.do("POST", "/units/import?under=x", "", media, []byte(tree)))
	c.wantRaw(422, "unit.bad_rows", c.do("POST", "/units/import", "", media, []byte("code,name\nA,x\n")))
	before := len(c.trail.list)
	preview, _ := c.wantRaw(200, "", c.do("POST", "/units/import/preview?column=name_zh=单位名称", "", media, []byte(tree)))
	if len(c.trail.list) != before {
		t.Error("a preview is audited")
	}
	if diff := cmp.Diff([]any{"备注"}, preview["ignored"]); diff != "" || preview["applied"] != false {
		t.Errorf("preview %v", preview)
	}
	plan := preview["plan"].(string)
	c.wantRaw(409, "unit.plan_changed", c.do("POST", "/units/import?plan="+plan+"0", "", media, []byte(tree)))
	done, _ := c.wantRaw(200, "", c.do("POST", "/units/import?plan="+plan, "", media, []byte(tree)))
	if diff := cmp.Diff(map[string]any{"create": 3.0}, done["counts"]); diff != "" || done["applied"] != true {
		t.Errorf("import %v", done)
	}
	last := c.trail.list[len(c.trail.list)-1]
	if last.Operation != "import-units" || last.Details["create"] != "3" || last.Details["plan"] != plan {
		t.Errorf("audit of the import: %+v", last)
	}
	w := c.do("GET", "/units/export?lang=en", "", "", nil)
	if !strings.HasPrefix(w.Body.String(), "\ufeffCode,Name (Chinese)") || w.Header().Get("Content-Disposition") == "" || w.Code != 200 {
		t.Errorf("export: %d %s", w.Code, w.Body)
	}
	if last := c.trail.list[len(c.trail.list)-1]; last.Operation != "export-units" {
		t.Errorf("audit of the export: %+v", last)
	}
	c.wantRaw(422, "unit.invalid", c.do("GET", "/units/export?lang=fr", "", "", nil))
}

// TestOutsideOfTheScope asks for everything as somebody whose part of the tree
// is one unit.
func TestOutsideOfTheScope(t *testing.T) {
	c := serve(t)
	root := c.add(t, "", "R")
	mine, other := c.add(t, root, "MINE"), c.add(t, root, "OTHER")
	below := c.add(t, mine, "BELOW")
	c.o.ScopeOf = func(context.Context, authz.Permission) (Scope, error) { return Under(mine), nil }
	list, _ := c.want(200, "", "GET /units", "", nil)
	if diff := cmp.Diff([]any{string(mine), string(below)}, each(list, "id")); diff != "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
	tree, _ := c.want(200, "", "GET /units/tree", "", nil)
	if diff := cmp.Diff([]any{string(mine), string(below)}, each(tree, "unit")); diff != "" {
		t.Errorf("the tree (-want +got):\n%s", diff)
	}
	for _, id := range []ID{root, other} {
		at := "/units/" + string(id)
		for _, path := range []string{at, at + "/children", at + "/counts", at + "/history", at + "/placement"} {
			c.want(404, "unit.no_such_unit", "GET "+path, "", nil)
		}
		c.want(404, "unit.no_such_unit", "PATCH "+at, "*", map[string]any{"code": "X"})
		c.want(404, "unit.no_such_unit", "POST "+at+"/move", "*", map[string]any{"parent": mine})
		c.want(404, "unit.no_such_unit", "POST "+at+"/merge", "*", map[string]any{"into": mine, "reason": "x"})
		c.want(404, "unit.no_such_unit", "POST "+at+"/dissolve", "*", map[string]any{"reason": "x"})
		c.want(404, "unit.no_such_unit", "POST /units", "", unitOf("x", string(id)))
		c.want(404, "unit.no_such_unit", "POST /units/"+string(below)+"/move", "*", map[string]any{"parent": id})
		c.want(404, "unit.no_such_unit", "POST /units/"+string(below)+"/merge", "*", map[string]any{"into": id, "reason": "x"})
		c.wantRaw(404, "unit.no_such_unit", c.do("POST", "/units/import?under="+string(id), "", "application/octet-stream", []byte("code\nA\n")))
	}
	c.want(404, "unit.no_such_unit", "POST /units", "", unitOf("x", ""))
	c.want(404, "unit.no_such_unit", "POST /units/"+string(below)+"/move", "*", map[string]any{"parent": ""})
	c.want(201, "", "POST /units", "", unitOf("x", string(below)))
}
