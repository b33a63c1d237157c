package syslog

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/testshared"
)

// cutAll feeds the pieces of a stream to a framer as a connection does. It returns
// the messages, the verdicts that are not messages, and whether the end was torn.
func cutAll(limit int, pieces ...string) (msgs []string, bad []verdict, torn bool) {
	f := framer{max: limit}
	var buf []byte
	for _, p := range pieces {
		buf = append(buf, p...)
		for {
			msg, n, v := f.next(buf)
			if v == whole {
				msgs = append(msgs, string(msg))
			}
			buf = buf[n:]
			if v == more {
				break
			}
			if v != whole {
				bad = append(bad, v)
			}
			if v == broken {
				return msgs, bad, false
			}
		}
	}
	return msgs, bad, f.torn(buf)
}

var frames = []struct {
	name string
	in   string
	msgs []string
	bad  []verdict
	torn bool
}{
	{name: "nothing"},
	{name: "lines", in: "<13>a\n<13>b\n", msgs: []string{"<13>a", "<13>b"}},
	{name: "lines with carriage return", in: "<13>a\r\n<13>b\r\n\r\n<13>c\n", msgs: []string{"<13>a", "<13>b", "<13>c"}},
	{name: "lines that end with NUL", in: "{\"a\":1}\x00{\"a\":2}\x00", msgs: []string{`{"a":1}`, `{"a":2}`}},
	{name: "empty lines", in: "\n\n\x00\n<13>a\n\n", msgs: []string{"<13>a"}},
	{name: "counted", in: "5 <13>a6 <13>bc", msgs: []string{"<13>a", "<13>bc"}},
	{name: "counted with line ends inside and after", in: "8 <13>a\nb\n\n6 <13>b\n", msgs: []string{"<13>a\nb\n", "<13>b\n"}},
	{name: "counted, then a line, then counted", in: "5 <13>a<13>b\n5 <13>c", msgs: []string{"<13>a", "<13>b", "<13>c"}},
	{name: "a line, then counted", in: "<13>b\n5 <13>c", msgs: []string{"<13>b", "<13>c"}},
	{name: "counted without priority after a counted one", in: "5 <13>a3 {1}", msgs: []string{"<13>a", "{1}"}},
	{name: "a line that begins with a number", in: "12 monkeys\n2026-03-01 12:00:00 x\n7\n", msgs: []string{"12 monkeys", "2026-03-01 12:00:00 x", "7"}},
	{name: "a number with a leading zero", in: "05 <13>a\n", msgs: []string{"05 <13>a"}},
	{name: "a number of ten digits", in: "1234567890 <13>a\n", msgs: []string{"1234567890 <13>a"}},
	{name: "leading spaces stay", in: "  x\n", msgs: []string{"  x"}},
	{name: "a line at the limit", in: strings.Repeat("x", 32) + "\r\n" + strings.Repeat("y", 32) + "\n", msgs: []string{strings.Repeat("x", 32), strings.Repeat("y", 32)}},
	{name: "a line beyond the limit", in: strings.Repeat("x", 33) + "\n<13>a\n" + strings.Repeat("x", 99) + "\n<13>b\n", msgs: []string{"<13>a", "<13>b"}, bad: []verdict{tooLong, tooLong}},
	{name: "counted at the limit", in: "32 <" + strings.Repeat("x", 31) + "5 <13>a", msgs: []string{"<" + strings.Repeat("x", 31), "<13>a"}},
	{name: "counted beyond the limit", in: "40 <" + strings.Repeat("\n", 39) + "5 <13>a", msgs: []string{"<13>a"}, bad: []verdict{tooLong}},
	{name: "a count that nobody means", in: "5 <13>a999999999 <13>b\n<13>c\n", msgs: []string{"<13>a"}, bad: []verdict{broken}},
	{name: "torn line", in: "<13>a\n<13>b", msgs: []string{"<13>a"}, torn: true},
	{name: "torn counted message", in: "5 <13>a5 <13>", msgs: []string{"<13>a"}, torn: true},
	{name: "torn count", in: "5 <13>a5", msgs: []string{"<13>a"}, torn: true},
	{name: "torn in what is passed over", in: "40 <xxx", bad: []verdict{tooLong}},
	{name: "bytes that are no text", in: "<13>\xff\xfe\x80\n", msgs: []string{"<13>\xff\xfe\x80"}},
}

func TestFrames(t *testing.T) {
	for _, c := range frames {
		t.Run(c.name, func(t *testing.T) {
			check := func(how string, pieces ...string) {
				t.Helper()
				msgs, bad, torn := cutAll(32, pieces...)
				if diff := cmp.Diff(c.msgs, msgs); diff != "" {
					t.Errorf("%s: messages (-want +got):\n%s", how, diff)
				}
				if diff := cmp.Diff(c.bad, bad); diff != "" || torn != c.torn {
					t.Errorf("%s: torn %v, want %v; verdicts (-want +got):\n%s", how, torn, c.torn, diff)
				}
			}
			check("in one piece", c.in)
			check("byte by byte", strings.Split(c.in, "")...)
			for i := range c.in {
				check("cut in two", c.in[:i], c.in[i:])
			}
		})
	}
}

func TestWireOfRealSenders(t *testing.T) {
	dir := testshared.Dir(t, "interop", "wire")
	for file, want := range map[string]int{
		"rsyslog.010.tcp41601.bin":  3,
		"syslogng.013.tcp41601.bin": 1,
		"syslogng.014.tcp41601.bin": 1,
		"syslogng.017.tls41614.bin": 1,
		"graypy.040.tcp41601.bin":   1,
		"graypy.043.tcp41601.bin":   1,
	} {
		t.Run(file, func(t *testing.T) {
			in, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			msgs, bad, torn := cutAll(64<<10, string(in))
			if len(msgs) != want || len(bad) > 0 || torn {
				t.Fatalf("%d messages, %v, torn %v: %q", len(msgs), bad, torn, msgs)
			}
			for i := range in {
				again, _, _ := cutAll(64<<10, string(in[:i]), string(in[i:]))
				if diff := cmp.Diff(msgs, again); diff != "" {
					t.Fatalf("cut at %d (-want +got):\n%s", i, diff)
				}
				if cut, _, _ := cutAll(64<<10, string(in[:i])); len(cut) > len(msgs) || len(cut) > 0 && !cmp.Equal(cut, msgs[:len(cut)]) {
					t.Fatalf("the first %d bytes made %q", i, cut)
				}
			}
		})
	}
}

func FuzzFramer(f *testing.F) {
	for _, c := range frames {
		f.Add([]byte(c.in), 3)
	}
	f.Fuzz(func(t *testing.T, in []byte, step int) {
		const limit = 32
		one, bad, torn := cutAll(limit, string(in))
		total := 0
		for _, m := range one {
			if len(m) == 0 || len(m) > limit {
				t.Fatalf("a message of %d bytes", len(m))
			}
			total += len(m)
			if !bytes.Contains(in, []byte(m)) {
				t.Fatal("a message that was not sent")
			}
		}
		if total > len(in) {
			t.Fatal("more bytes than were sent")
		}
		step = max(1, step)
		var pieces []string
		for rest := string(in); rest != ""; {
			n := min(step, len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		again, badAgain, tornAgain := cutAll(limit, pieces...)
		if !cmp.Equal(one, again) || !cmp.Equal(bad, badAgain) || torn != tornAgain {
			t.Fatalf("pieces of %d bytes differ: %q %v %v, want %q %v %v", step, again, badAgain, tornAgain, one, bad, torn)
		}
	})
}

func BenchmarkFramer(b *testing.B) {
	msg := "<34>1 2026-03-01T12:00:00Z host app 77 - - " + strings.Repeat("x", 250)
	for name, in := range map[string]string{
		"counted": strings.Repeat("293 "+msg, 1000),
		"lines":   strings.Repeat(msg+"\n", 1000),
	} {
		b.Run(name, func(b *testing.B) {
			stream := []byte(in)
			b.SetBytes(int64(len(stream)))
			b.ReportAllocs()
			for b.Loop() {
				f := framer{max: 64 << 10}
				rest, n := stream, 0
				for {
					_, k, v := f.next(rest)
					rest = rest[k:]
					if v != whole {
						break
					}
					n++
				}
				if n != 1000 {
					b.Fatal(n)
				}
			}
		})
	}
}
