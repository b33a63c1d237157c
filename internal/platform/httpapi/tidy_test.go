package httpapi

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type base struct{ Made time.Time }

type node struct {
	base

	Name     string
	At       time.Time
	Seen     *time.Time
	Children []*node
	ByName   map[string]node
	Kept     []string `json:",omitzero"`
	Raw      []byte
}

func TestTidy(t *testing.T) {
	local := time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.FixedZone("CST", 8*3600))
	utc := time.Date(2026, 1, 1, 19, 4, 5, 678000000, time.UTC)
	shared := &node{Name: "child", At: local}
	tree := node{base: base{Made: local}, Name: "root", Seen: &local, Children: []*node{shared}, ByName: map[string]node{"x": {Name: "x", At: utc}}}
	tidier(reflect.TypeFor[node]())(reflect.ValueOf(&tree).Elem())
	none := []*node{}
	want := node{
		base: base{Made: utc}, Name: "root", Seen: &utc, Raw: []byte{},
		Children: []*node{{Name: "child", At: utc, Children: none, ByName: map[string]node{}, Raw: []byte{}}},
		ByName:   map[string]node{"x": {Name: "x", At: utc, Children: none, ByName: map[string]node{}, Raw: []byte{}}},
	}
	if diff := cmp.Diff(want, tree, cmp.AllowUnexported(node{})); diff != "" {
		t.Error(diff)
	}
	if shared.At != local || shared.Children != nil {
		t.Error("a value that the handler shares with others was changed")
	}
	if local.Nanosecond() != 678901234 {
		t.Error("a time behind a pointer was changed in place")
	}
}

func TestTidyHasNothingToDo(t *testing.T) {
	type plain struct {
		Name string
		N    int
		skip []string
	}
	_ = plain{}.skip
	if tidier(reflect.TypeFor[plain]()) != nil {
		t.Error("there is something to tidy")
	}
}
