package plan

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fengsui/fengsui/internal/flow/index/token"
)

// What is found in a text has its tokens in the filter of the text's group, else
// the group would be left out: phrases at every kind of end, and addresses.
func FuzzFoundIsInFilter(f *testing.F) {
	f.Add("用户Zhang密码错误 from 10.0.0.1:22", "密码")
	f.Add("Failed password for ROOT", "PASSWORD for")
	f.Add("ſtraße K 1.2.3.4.5 \xff", "s")
	f.Fuzz(func(t *testing.T, text, query string) {
		tokens := map[token.Token]bool{}
		token.Of(text, func(tok token.Token) { tokens[tok] = true })
		var fold folder
		for _, ends := range [][2]bool{{true, true}, {true, false}, {false, false}} {
			p := newPhrase(query, ends[0], ends[1])
			if len(p.text) == 0 || !p.in(fold.fold(text)) {
				continue
			}
			token.Needed(query, ends[0], ends[1], func(tok token.Token) {
				if !tokens[tok] {
					t.Fatalf("%q stands in %q (ends %v), but a token of it is missing", query, text, ends)
				}
			})
		}
		if p := newPhrase(query, false, false); utf8.ValidString(query) && query != "" && strings.Contains(text, query) && !p.in(fold.fold(text)) {
			t.Fatalf("%q is not found in %q", query, text)
		}
		addressesIn(text, func(a netip.Addr) bool {
			if !tokens[token.Address(a)] {
				t.Fatalf("address %s of %q has no token", a, text)
			}
			return false
		})
	})
}
