package normalise

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/format/stamp"
	"github.com/fengsui/fengsui/internal/format/syslog"
)

// Version is the version of what this package makes of an event.
const Version = 1

// Options configure a reader. A zero field means its default.
type Options struct {
	Zone      *time.Location // the station's, for stamps without a zone from sources without one; default UTC
	MaxDepth  int            // nested JSON objects and lists; deeper ones stay one value of JSON text; default 32
	MaxFields int            // sender's fields of one record; what is beyond is only found by its words; default 4,096
	MaxBytes  int            // longest record that is parsed, in bytes; longer ones are class "text"; default 16 MiB
}

// Reader reads events. It is safe for concurrent use.
type Reader struct {
	o        Options
	text     textTable
	builders sync.Pool
}

// New returns a reader.
func New(o Options) *Reader {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	o.MaxDepth = cmp.Or(o.MaxDepth, 32)
	o.MaxFields = cmp.Or(o.MaxFields, 4096)
	o.MaxBytes = cmp.Or(o.MaxBytes, 16<<20)
	r := &Reader{o: o, text: newTextTable(textParsers())}
	r.builders.New = func() any { return newBuilder(o) }
	return r
}

// Read turns an event into a record. src is what is known about the event's
// source; the zero Source is good. It never fails: what no parser knows has class
// "text". ev.Raw is only read; nothing but Record.Event refers to it.
//
// src.Format "" finds the parser out. "text" asks none; "syslog" is a syslog
// header where there is one and whatever is inside; the others are a family, in a
// syslog header or without.
func (r *Reader) Read(ev event.Event, src event.Source) event.Record {
	rec := event.Record{Event: ev, Class: classText, Text: decode(ev.Raw, src.Charset)}
	if len(ev.Raw) > r.o.MaxBytes {
		return rec
	}
	b, ok := r.builders.Get().(*builder)
	if !ok {
		panic("BUG: the pool holds something else than builders")
	}
	b.reset()
	m := message{
		text: trim(rec.Text), severity: -1, facility: -1,
		zone: cmp.Or(src.Zone, r.o.Zone), received: ev.Received,
	}
	switch {
	case ev.Source == "" && (ev.Transport == "audit" || ev.Transport == "evidence"):
		r.own(b, &m, ev.Transport)
	case src.Format != classText:
		r.read(b, &m, src.Format)
	}
	b.finish(&rec, &m)
	r.builders.Put(b)
	return rec
}

const (
	classText   = "text"
	classSyslog = "syslog"
)

// own reads a record that the station sealed itself.
func (r *Reader) own(b *builder, m *message, transport string) {
	if r.flatten(b, m) {
		b.classed = transport
		b.logsource("fengsui", transport)
		r.commonCore(b, m)
	}
}

// read takes the envelope off and asks the parsers of the family for the rest.
func (r *Reader) read(b *builder, m *message, family string) {
	if m.text == "" || r.body(b, m, family, true) {
		return
	}
	h, err := syslog.ParseText(m.text, stamp.Place{Zone: m.zone, Near: m.received})
	if err != nil {
		r.shapes(b, m, family)
		return
	}
	m.take(&h)
	for i := range h.Data {
		p := &h.Data[i]
		b.add(p.ID+"."+p.Name, p.Value)
	}
	if h.MsgID != "" {
		b.add("msgid", h.MsgID)
	}
	if !r.body(b, m, family, false) && !r.shapes(b, m, family) {
		r.device(b, m)
	}
	if b.classed == "" {
		b.class(classSyslog)
	}
	if b.source.Product == "" && b.source.Service == "" && len(b.source.Categories) == 0 {
		b.logsource("linux", linuxService(m.program))
	}
}

// take moves the header into the message.
func (m *message) take(h *syslog.Message) {
	m.envelope = true
	m.host, m.program, m.pid, m.text = h.Host, h.App, h.ProcID, h.Text
	m.severity, m.facility, m.time = h.Severity, h.Facility, h.Time
}

// linuxService is Sigma's service of a line that only its header is known of.
func linuxService(program string) string {
	switch name := programKey(program); name {
	case "cron", "crond", "anacron":
		return "cron"
	case "clamd", "freshclam":
		return "clamav"
	case "vsftpd", "sshd", "sudo", "auditd":
		return name
	default:
		return "syslog"
	}
}

// body reads a message that says by its first bytes what it is: JSON, XML, CEF.
// whole says that no header was looked for yet.
func (r *Reader) body(b *builder, m *message, family string, whole bool) bool {
	text := m.text
	switch {
	case text == "":
		return false
	case text[0] == '{' && asks(family, "json", "eve", "windows", "auditd"):
		return r.object(b, m, family)
	case text[0] == '@' && strings.HasPrefix(text, "@cee:"):
		was := m.text
		m.text = strings.TrimLeft(text[len("@cee:"):], " ")
		if asks(family, "json", "eve", "windows") && r.object(b, m, family) {
			return true
		}
		m.text = was
	case (text[0] == '<' || text[0] == '-') && asks(family, "windows") && looksLikeXML(text):
		return r.windowsXML(b, m)
	case (!whole || text[0] == 'C') && asks(family, "cef"):
		return r.cef(b, m)
	}
	return false
}

// shapes reads a message by the program that wrote it or by its shape.
func (r *Reader) shapes(b *builder, m *message, family string) bool {
	if m.text == "" {
		return false
	}
	if r.text.read(b, m, family) {
		return true
	}
	if !m.envelope && asks(family, "cef") && r.cef(b, m) {
		return true
	}
	if asks(family, "kv") && r.kv(b, m) {
		return true
	}
	if !m.envelope {
		if t, _, ok := stamp.Leading(strings.TrimPrefix(m.text, "["), stamp.Place{Zone: m.zone, Near: m.received}); ok {
			b.at(t)
		}
	}
	return false
}

// asks reports whether a source that declares family wants parsers of one of the
// names asked.
func asks(family string, names ...string) bool {
	if family == "" || family == classSyslog {
		return true
	}
	return slices.Contains(names, family)
}

// trim cuts white space, NUL and a byte order mark around a line.
func trim(s string) string {
	return strings.TrimLeft(strings.TrimRight(s, " \t\r\n\x00"), " \t\r\n\x00\ufeff")
}
