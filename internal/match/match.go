// Package match joins the Sigma engine with the station's events: it shows a
// record to the rules and makes findings of what matched. Live detection and
// `fengsui hunt` use the same engine, so that they never disagree.
//
// What a finding is about, its entity, is the first of these fields that the
// record has, by the log source of the rule (see [entityFields]); a rule may name
// a field of its own in the attribute "entity". Where none is there, it is the
// peer address, the source or, for an event without a source, "station".
package match

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/sigma"
)

// maxValue bounds a matched value in a finding, in bytes; the event has it whole.
const maxValue = 1 << 10

// Engine matches records against rules. It is safe for concurrent use.
type Engine struct {
	set     *sigma.Set
	refused []error
}

// New compiles the rules. Filters among them narrow the others. Rules that cannot
// be compiled are left out; [Engine.Refused] names them.
func New(rules []*sigma.Rule, mapping *sigma.Mapping) *Engine {
	set, errs := sigma.NewSet(rules, sigma.Options{Mapping: mapping})
	return &Engine{set: set, refused: errs}
}

// Refused returns why rules were left out, one error a rule.
func (e *Engine) Refused() []error { return e.refused }

// Len returns the number of rules that are matched.
func (e *Engine) Len() int { return e.set.Len() }

// Match calls fn for each finding, in an order that stays the same. An event
// whose log source is unknown is tried with every rule. rec is only read.
func (e *Engine) Match(rec *event.Record, fn func(event.Finding)) {
	v := newView(rec)
	e.set.Match(v, func(r *sigma.Rule, m sigma.Match) {
		fn(finding(r, m, v))
	})
}

func finding(r *sigma.Rule, m sigma.Match, v *view) event.Finding {
	f := event.Finding{
		RuleID:   RuleID(r),
		Title:    r.Title,
		Level:    cmp.Or(r.Level, "medium"),
		Seq:      v.rec.Seq,
		Received: v.rec.Received,
		Time:     v.rec.Time,
		Source:   v.rec.Source,
		Entity:   entity(r, v),
		Matched:  make([]event.Field, 0, len(m.Fields)),
	}
	if f.Time.IsZero() {
		f.Time = v.rec.Received
	}
	for _, mf := range m.Fields {
		kind := event.String
		if i, ok := v.index[mf.Name]; ok {
			kind = v.rec.Fields[i].Kind
		}
		f.Matched = append(f.Matched, event.Field{Name: mf.Name, Value: clip(mf.Value), Kind: kind})
	}
	for _, t := range r.Tags {
		if strings.HasPrefix(t, "attack.") {
			f.Tags = append(f.Tags, t)
		}
	}
	return f
}

// RuleID identifies a rule: by its id, else its name, else its title.
func RuleID(r *sigma.Rule) string { return cmp.Or(r.ID, r.Name, r.Title) }

func clip(s string) string {
	if len(s) <= maxValue {
		return s
	}
	cut := maxValue
	for cut > maxValue-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// derived are core fields that carry a word of ours, not of the message; keywords
// do not look at them.
var derived = map[string]bool{
	"event.kind": true, "event.category": true, "event.action": true, "event.outcome": true,
	"event.dataset": true, "event.severity": true, "log.level": true,
}

// userData is where EVTX as JSON keeps the fields of some channels, below an
// element whose name differs per event; its fields are also reached with * in the
// place of that name.
const userData = "Event.UserData."

// view shows a record to the engine.
type view struct {
	rec   *event.Record
	index map[string]int32 // first field of a name
	next  []int32          // the next field of the same name, or 0
}

func newView(rec *event.Record) *view {
	v := &view{rec: rec, index: make(map[string]int32, len(rec.Fields)), next: make([]int32, len(rec.Fields))}
	last := make(map[string]int32)
	for i := range rec.Fields {
		at := int32(i)
		name := rec.Fields[i].Name
		if _, again := v.index[name]; !again {
			v.index[name] = at
			if rest, ok := strings.CutPrefix(name, userData); ok {
				v.alias(rest, at)
			}
			continue
		}
		prev, ok := last[name]
		if !ok {
			prev = v.index[name]
		}
		v.next[prev], last[name] = at, at
	}
	return v
}

func (v *view) alias(rest string, at int32) {
	_, field, ok := strings.Cut(rest, ".")
	if !ok {
		return
	}
	if _, taken := v.index[userData+"*."+field]; !taken {
		v.index[userData+"*."+field] = at
	}
}

// Origin implements [sigma.Record].
func (v *view) Origin() sigma.Origin {
	l := v.rec.Logsource
	return sigma.Origin{Product: l.Product, Service: l.Service, Categories: l.Categories}
}

// Values implements [sigma.Record].
func (v *view) Values(field string, dst []sigma.Value) []sigma.Value {
	at, ok := v.index[field]
	for ok {
		f := &v.rec.Fields[at]
		dst = append(dst, sigma.Value{Text: f.Value, Kind: kinds[f.Kind]})
		at = v.next[at]
		ok = at != 0
	}
	return dst
}

var kinds = [...]sigma.ValueKind{event.String: sigma.String, event.Number: sigma.Number, event.Bool: sigma.Bool, event.Null: sigma.Null}

// Texts implements [sigma.Record]. The message of a text event is its text; of a
// JSON event it is the values, because names and escapes are not part of it.
func (v *view) Texts(fn func(field, text string) bool) {
	if !strings.HasPrefix(strings.TrimLeft(v.rec.Text, " \t\r\n"), "{") && v.rec.Text != "" {
		fn("message", v.rec.Text)
		return
	}
	for i := range v.rec.Fields {
		f := &v.rec.Fields[i]
		if f.Kind != event.Null && !derived[f.Name] && !fn(f.Name, f.Value) {
			return
		}
	}
}
