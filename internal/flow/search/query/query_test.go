package query

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, query, want string }{
		{"nothing is everything", "", `*`},
		{"a star is everything", " * ", `*`},
		{"a word", "error", `"error"`},
		{"words side by side are all wanted", "error disk", `"error" and "disk"`},
		{"and binds closer than or", "a or b c", `"a" or "b" and "c"`},
		{"not binds closest", "not a or !b -c", `!"a" or !"b" and !"c"`},
		{"keywords in any case", "a OR b And NOT c", `"a" or "b" and !"c"`},
		{"parentheses", "(a or b) c", `("a" or "b") and "c"`},
		{"not of a group", "!(a b)", `!("a" and "b")`},
		{"quoted keyword", `"or"`, `"or"`},
		{"three kinds of quotes", "'it''s' `c:\\d` \"\\u4e2d\\x41\"", `"it" and "s" and "c:\\d" and "中A"`},
		{"prefix", "err*", `"err"*`},
		{"prefix of a phrase", `"disk fu"*`, `"disk fu"*`},
		{"piece", "*rro*", `*"rro"*`},
		{"field", "user.name:root", `user.name:"root"`},
		{"field with a space after the colon", "user.name: root", `user.name:"root"`},
		{"field in quotes", `"user name":root`, `"user name":"root"`},
		{"value with colons", "mac:00:11:22", `mac:"00:11:22"`},
		{"word with an equals sign", "uid=0", `"uid=0"`},
		{"exact", `level:="Warn"`, `level:="Warn"`},
		{"exact without quotes", `level:=Warn`, `level:="Warn"`},
		{"exact prefix", `path:=/etc/*`, `path:="/etc/"*`},
		{"exact as a function", `level:exact(Warn)`, `level:="Warn"`},
		{"any case as a function", `i(Warn*)`, `"Warn"*`},
		{"in", `level:in(warn, "error", x)`, `level:in("warn", "error", "x")`},
		{"in with nothing among it", `level:in("", warn)`, `level:in("warn") or level:""`},
		{"regular expression", `url:~"a.*b"`, `url:~"a.*b"`},
		{"regular expression as a function", "re(`a\\d`)", `~"a\\d"`},
		{"comparison", "status:>=500 status:<600 x:>-1.5e3", `status:>="500" and status:<"600" and x:>"-1.5e3"`},
		{"range", "status:range[500, 600)", `status:range["500", "600")`},
		{"network", `ip:ipv4_range("10.0.0.0/8")`, `ip:ipv4_range("10.0.0.0/8")`},
		{"addresses", `ip:ipv4_range(10.0.0.1, 10.0.0.9)`, `ip:ipv4_range("10.0.0.1", "10.0.0.9")`},
		{"newer network", `ip:ipv6_range(2001:db8::/32)`, `ip:ipv6_range("2001:db8::/32")`},
		{"missing", `user:""`, `user:""`},
		{"missing, exact", `user:=""`, `user:""`},
		{"present", `user:*`, `user:*`},
		{"not of a field", `user:!root`, `!user:"root"`},
		{"not equal", `user:!=root`, `!user:="root"`},
		{"group of a field", `level:(error or "fatal" or =Warn)`, `level:"error" or level:"fatal" or level:="Warn"`},
		{"length of time", "_time:5m", `_time:"5m"`},
		{"day", "_time:2026-11-24", `_time:"2026-11-24"`},
		{"times", "_time:[2026-11-24, 2026-11-25T08:30)", `_time:["2026-11-24", "2026-11-25T08:30")`},
		{"open start", "_time:(2026-11-24, now]", `_time:("2026-11-24", "now"]`},
		{"after a time", "_time:>=2026-11-24T08:00:00+08:00", `_time:>="2026-11-24T08:00:00+08:00"`},
		{"sequence", "seq:5 seq:range[1,9]", `seq:in("5") and seq:range["1", "9"]`},
		{"Han text", "密码 错误", `"密码" and "错误"`},
		{"pipes", "a | fields user.name, seq | limit 5 | head 3", `"a" | fields "user.name", "seq" | limit 3`},
		{"only a pipe", "| limit 5", `* | limit 5`},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, err := Parse(c.query)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, q.String()); diff != "" {
				t.Error(diff)
			}
			again, err := Parse(q.String())
			if err != nil {
				t.Fatalf("its plain form: %v", err)
			}
			if diff := cmp.Diff(q, again); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, query, want string }{
		{"quote not closed", `a "b`, `column 3: the quote is not closed`},
		{"column counts characters", `中文 "b`, `column 4: the quote is not closed`},
		{"bad escape", `"a\q"`, `column 3: not an escape: use \\, \", \n, \t, \x41 or \u4e2d`},
		{"parenthesis not closed", `(a`, `column 1: the parenthesis is not closed`},
		{"parenthesis too much", `a)`, `column 2: unexpected ")"`},
		{"empty group", `()`, `column 2: the group is empty`},
		{"or without an end", `a or`, `column 5: a filter is missing`},
		{"or without a start", `or a`, `column 1: a filter is missing`},
		{"field without a value", `user:`, `column 6: field "user" has no filter`},
		{"field in a group", `a:(b:c)`, `column 4: field "b" stands inside the group of field "a"`},
		{"stream filter", `{app="x"}`, `column 1: stream filters are not supported: ask for source or class`},
		{"end of a value", `*foo`, `column 1: there is no filter for how a value ends: use *foo* or a regular expression`},
		{"regular expression", `a:~"("`, "column 3: not a regular expression (RE2): missing closing ): `(`"},
		{"not a number", `a:>b`, `column 4: "b" is not a number`},
		{"comparison of nothing", `>5`, `column 1: a comparison needs a field before it, such as status:>499`},
		{"range not closed", `a:range[1, 2`, `column 13: the range is not closed with ] or )`},
		{"network", `a:ipv4_range(10.0.0.0/33)`, `column 3: "10.0.0.0/33" is not an IPv4 network`},
		{"wrong way round", `a:ipv4_range(10.0.0.2, 10.0.0.1)`, `column 3: the last address stands before the first`},
		{"time", `_time:yesterday`, `column 7: "yesterday" is not a time: use 2026-11-24, 2026-11-24T08:30:00+08:00, now or now-2h`},
		{"sequence", `seq:x`, `column 5: "x" is not a sequence number`},
		{"unknown function", `a:len_range(1, 2)`, `column 3: len_range() is not supported`},
		{"pipe", `a | stats count()`, `column 5: pipe "stats" is not supported: there are limit and fields; counts and top values come from the statistics`},
		{"limit", `a | limit x`, `column 11: limit needs a whole number above 0`},
		{"empty phrase", `""`, `column 1: the phrase is empty`},
		{"too deep", strings.Repeat("(", 200), `column 101: nested more than 100 deep`},
		{"too many", strings.Repeat("a ", 1001), `column 2001: more than 1000 filters`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.query)
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatalf("error %v is no *Error", err)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`a:in(b,"c") or !d* -"e f" | limit 3`, `_time:[2026-11-24, now-5m)`, `x:range(1,2] (y:~"z+" or seq:>=5)`,
		`"中文":"错误" | fields a`, `*b* ip:ipv4_range("10.0.0.0/8") user:!=x`, "`a`:'b\\'c'",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("undocumented error %v", err)
			}
			if e.Column < 1 || e.Column > utf8.RuneCountInString(text)+1 {
				t.Fatalf("column %d is outside the query", e.Column)
			}
			return
		}
		plain := q.String()
		if len(plain) > MaxBytes {
			return // quoting made it longer than a query may be
		}
		again, err := Parse(plain)
		if err != nil {
			t.Fatalf("the plain form %q is refused: %v", plain, err)
		}
		if diff := cmp.Diff(q, again); diff != "" {
			t.Fatalf("the plain form %q is another query: %s", plain, diff)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(`_time:1h class:sshd (user.name:in(root, admin) or "failed password") !source.ip:ipv4_range("10.0.0.0/8") status:>=500`); err != nil {
			b.Fatal(err)
		}
	}
}
