package sidecar

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
)

func TestReadings(t *testing.T) {
	want := map[string]Digest{"": {1}, "s2": {2}, "s10": {3}, strings.Repeat("x", 300): {4}}
	r := NewReadings(want)
	got, order := map[string]Digest{}, []string{}
	r.All(func(id string, d Digest) bool {
		got[id] = d
		order = append(order, id)
		return true
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"", "s10", "s2", strings.Repeat("x", 300)}, order); diff != "" {
		t.Error(diff)
	}
	again, err := decodeReadings([]byte(r.encoded()))
	if err != nil || again != r {
		t.Errorf("read back: %v, the same %v", err, again == r)
	}
	n := 0
	r.All(func(string, Digest) bool { n++; return false })
	Readings{}.All(func(string, Digest) bool { n++; return true })
	if n != 1 || NewReadings(nil) != (Readings{}) {
		t.Errorf("%d calls", n)
	}
	for name, raw := range map[string]string{
		"cut": r.encoded()[:12], "wrong order": r.encoded()[9:] + r.encoded()[:9], "twice": r.encoded()[:9] + r.encoded()[:9], "length": "\xff\xff\xff\xff\x0f",
	} {
		if _, err := decodeReadings([]byte(raw)); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDigestOf(t *testing.T) {
	shanghai := time.FixedZone("Asia/Shanghai", 8*3600)
	plain := DigestOf(event.Source{}, nil)
	for _, c := range []struct {
		name    string
		src     event.Source
		station *time.Location
		same    bool
	}{
		{"what does not matter", event.Source{ID: "a", Name: "b", Kind: "http"}, nil, true},
		{"UTC is the default", event.Source{Zone: time.UTC}, nil, true},
		{"its own zone counts before the station's", event.Source{Zone: time.UTC}, shanghai, true},
		{"the station's zone", event.Source{}, shanghai, false},
		{"its own zone", event.Source{Zone: shanghai}, nil, false},
		{"a zone that only has the same name", event.Source{Zone: time.FixedZone("UTC", 60)}, nil, false},
		{"format", event.Source{Format: "cef"}, nil, false},
		{"character set", event.Source{Charset: "cef"}, nil, false},
	} {
		if same := DigestOf(c.src, c.station) == plain; same != c.same {
			t.Errorf("%s: the same %v", c.name, same)
		}
	}
	if DigestOf(event.Source{Format: "cef"}, nil) == DigestOf(event.Source{Charset: "cef"}, nil) {
		t.Error("format and character set are mixed up")
	}
}
