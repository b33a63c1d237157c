package plan

import (
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/search/query"
)

var day = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

type noNames struct{}

func (noNames) SourceName(id string) string { return id }

// FuzzNew states: every query that is understood can be asked of an event, and
// what it matches lies within its limits.
func FuzzNew(f *testing.F) {
	for _, s := range []string{
		`a:in(b,"c") or !d* -"e f" | limit 3`, `_time:[2026-11-24, now-5m)`, `x:range(1,2] (y:~"z+" or seq:>=5)`,
		`"中文":"错误" | fields a`, `*b* ip:ipv4_range("10.0.0.0/8") user:!=x`, `seq:in(7, 9) _time:2026-11-24T08`,
	} {
		f.Add(s)
	}
	rec := event.Record{Text: "b 中文 10.0.0.1"}
	rec.Seq, rec.Fields = 7, event.Fields{{Name: "ip", Value: "10.0.0.1"}, {Name: "x", Value: "2"}}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := query.Parse(text)
		if err != nil {
			return
		}
		p := New(q, noNames{}, day, time.UTC)
		when := day.UnixNano()
		if p.Match(&rec, when) {
			return
		}
		// The limits may not be why: without them the answer is the same.
		p.limits = Everywhere()
		if p.Match(&rec, when) {
			t.Fatalf("%q matches outside its limits", text)
		}
	})
}
