package token

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"
)

func tokensOf(text string) map[Token]bool {
	out := map[Token]bool{}
	Of(text, func(t Token) { out[t] = true })
	return out
}

func TestNeededTokensAreThere(t *testing.T) {
	for _, c := range []struct {
		name, text, query string
		left, right       bool
		found             bool // all needed tokens are in the text
		none              bool // nothing is needed
	}{
		{name: "a word", text: "Failed password for root", query: "PASSWORD", left: true, right: true, found: true},
		{name: "half a word", text: "Failed passwords for root", query: "password", left: true, right: true},
		{name: "a prefix needs nothing of its last word", text: "Failed passwords", query: "failed passw", left: true, found: true},
		{name: "a prefix of one word needs nothing", text: "anything", query: "passw", left: true, found: true, none: true},
		{name: "a piece of text needs its inner words", text: "xfailed password forx", query: "failed password for", found: true},
		{name: "a phrase that is elsewhere", text: "Failed password", query: "accepted password", left: true, right: true},
		{name: "Chinese inside a sentence", text: "由于用户登录失败次数过多", query: "登录失败", left: true, right: true, found: true},
		{name: "Chinese inside a sentence, ends open", text: "由于用户登录失败次数过多", query: "录失", found: true},
		{name: "one Chinese character", text: "拒绝访问", query: "绝", left: true, right: true, found: true},
		{name: "Chinese in another order", text: "失败登录", query: "登录失败", left: true, right: true},
		{name: "Chinese beside Latin letters", text: "用户admin登录失败", query: "admin", left: true, right: true, found: true},
		{name: "an address beside Chinese", text: "来自10.1.2.3的访问", query: "10.1.2.3", left: true, right: true, found: true},
		{name: "an address with a port", text: "from 10.1.2.3:443 to", query: "10.1.2.3", left: true, right: true, found: true},
		{name: "an address inside a longer run", text: "1.10.1.2.3.4", query: "10.1.2.3", left: true, right: true, found: true},
		{name: "numbers of an address apart", text: "10 1 2 3", query: "10.1.2.3", left: true, right: true},
		{name: "an address in another order", text: "3.2.1.10", query: "10.1.2.3", left: true, right: true},
		{name: "an open end is no address", text: "10.1.2.35", query: "10.1.2.3", left: true, found: true},
		{name: "Kelvin sign and long s", text: "\u212Aey pa\u017Fs", query: "KEY PASS", left: true, right: true, found: true},
		{name: "Greek final sigma", text: "ΟΔΟΣ", query: "οδος", left: true, right: true, found: true},
		{name: "no word at all", text: "x", query: " --> ", left: true, right: true, found: true, none: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			have := tokensOf(c.text)
			found, n := true, 0
			Needed(c.query, c.left, c.right, func(tok Token) {
				n++
				found = found && have[tok]
			})
			if found != c.found || (n == 0) != c.none {
				t.Errorf("found %v with %d tokens needed", found, n)
			}
		})
	}
}

func TestAddressesInText(t *testing.T) {
	for _, c := range []struct {
		text, addr string
		found      bool
	}{
		{"login from 192.0.2.7 failed", "192.0.2.7", true},
		{"src=192.0.2.7,dst=198.51.100.9", "198.51.100.9", true},
		{"[2001:DB8:0::1]:443", "2001:db8::1", true},
		{"来自2001:db8::1。", "2001:db8::1", true},
		{"at fe80::1%eth0 now", "fe80::1", true},
		{"end fe80::1. Next", "fe80::1", true},
		{"mapped ::ffff:192.0.2.7 x", "192.0.2.7", true},
		{"mapped ::ffff:192.0.2.7 x", "::ffff:192.0.2.7", true},
		{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", true},
		{"at 12:30:45 sharp", "12:30:45::", false},
		{"std::cafe", "d::cafe", false},
		{"version 192.0.2.700", "192.0.2.70", false},
		{"192.0.2.007", "192.0.2.7", false},
		{"x192.0.2.7", "192.0.2.7", false},
	} {
		addr, err := netip.ParseAddr(c.addr)
		if err != nil {
			if !c.found {
				continue
			}
			t.Fatal(err)
		}
		if got := tokensOf(c.text)[Address(addr)]; got != c.found {
			t.Errorf("%q in %q: %v, want %v", c.addr, c.text, got, c.found)
		}
		if Address(addr) != Value(addr.String()) {
			t.Errorf("address %s differs from its value", addr)
		}
	}
}

func TestFoldIsThatOfEqualFold(t *testing.T) {
	for _, pair := range [][2]string{{"STRASSE", "strasse"}, {"\u212A", "k"}, {"ΣΑΣ", "σας"}, {"İ", "i"}, {"登录", "登录"}, {"Ǆ", "ǅ"}} {
		if got, want := Fold(pair[0]) == Fold(pair[1]), strings.EqualFold(pair[0], pair[1]); got != want {
			t.Errorf("%q and %q: %v, want %v", pair[0], pair[1], got, want)
		}
		if got, want := Value(pair[0]) == Value(pair[1]), strings.EqualFold(pair[0], pair[1]); got != want {
			t.Errorf("values %q and %q: %v, want %v", pair[0], pair[1], got, want)
		}
	}
}

// FuzzTokens states: a text that holds a query has every token that the query
// needs, whatever stands around it.
func FuzzTokens(f *testing.F) {
	f.Add("来自", "10.1.2.3", "的访问")
	f.Add("1.", "2.3.4.5", ".6")
	f.Add("a", "登录失败", "b")
	f.Add("std", "::ffff:1.2.3.4", ":80")
	f.Fuzz(func(t *testing.T, before, query, after string) {
		text := before + query + after
		if !utf8.ValidString(before) || !utf8.ValidString(query) || !utf8.ValidString(after) {
			return // joined halves make other runes
		}
		have := tokensOf(text)
		left, _ := utf8.DecodeLastRuneInString(before)
		right, _ := utf8.DecodeRuneInString(after)
		l, r := before == "" || !WordRune(left), after == "" || !WordRune(right)
		for _, ends := range [][2]bool{{false, false}, {l, false}, {false, r}, {l, r}} {
			Needed(query, ends[0], ends[1], func(tok Token) {
				if !have[tok] {
					t.Errorf("a token of %q is not in %q (ends %v)", query, text, ends)
				}
			})
		}
		if folded := Fold(text); utf8.RuneCountInString(folded) != utf8.RuneCountInString(text) {
			t.Errorf("fold of %q changed its length", text)
		}
	})
}

func BenchmarkTokens(b *testing.B) {
	text := "Nov 24 08:00:01 web-07 sshd[31337]: Failed password for invalid user 管理员 from 203.0.113.77 port 50222 ssh2"
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	var set Set
	for b.Loop() {
		Of(text, set.Add)
	}
}
