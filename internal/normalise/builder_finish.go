package normalise

import (
	"slices"
	"strconv"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/format/jsonflat"
	"github.com/fengsui/fengsui/internal/format/kv"
)

// maxScratch bounds the memory that a builder keeps for the next record.
const maxScratch = 1024

func newBuilder(o Options) *builder {
	b := &builder{fields: make([]event.Field, 0, 64), pairs: make([]kv.Pair, 0, 32)}
	b.json = jsonflat.Reader{Depth: o.MaxDepth, Fields: o.MaxFields, Emit: b.emit}
	return b
}

// emit takes a value from JSON.
func (b *builder) emit(name, value string, kind jsonflat.Kind) {
	b.field(name, value, kinds[kind])
}

var kinds = [...]event.Kind{jsonflat.String: event.String, jsonflat.Number: event.Number, jsonflat.Bool: event.Bool, jsonflat.Null: event.Null}

func (b *builder) reset() {
	if cap(b.fields) > maxScratch {
		b.fields = make([]event.Field, 0, 64)
	}
	clear(b.fields) // the last record's text need not be kept alive
	clear(b.pairs)
	b.fields, b.pairs = b.fields[:0], b.pairs[:0]
	b.names, b.said = nameSet{}, [coreCount]bool{}
	b.classed, b.source, b.time = "", event.Logsource{}, time.Time{}
	b.whole, b.nested = false, 0
}

// finish adds what only the envelope knows and hands the record over.
func (b *builder) finish(rec *event.Record, m *message) {
	if b.classed == "" {
		b.class(classText)
	}
	t := b.time
	if t.IsZero() {
		t = m.time
	}
	if !t.IsZero() && t.Year() > 0 && t.Year() < 10000 {
		rec.Time = t.UTC()
		b.core(coreTimestamp, rec.Time.Format(time.RFC3339Nano))
	}
	if b.classed != classText {
		b.core(eventDataset, b.classed)
	}
	b.core(hostName, m.host)
	if isAddress(m.host) {
		b.core(hostIP, m.host)
	}
	b.core(processName, m.program)
	b.core(processPID, m.pid)
	if m.severity >= 0 {
		b.core(eventSeverity, strconv.Itoa(m.severity))
		b.core(logLevel, levels[m.severity])
	}
	if m.facility >= 0 {
		b.add("facility", facilities[m.facility])
	}
	if !b.whole {
		b.core(coreMessage, m.text)
	}
	rec.Class, rec.Logsource = b.classed, b.source
	rec.Fields = slices.Clone(b.fields)
}

// levels are the names of syslog's severities.
var levels = [...]string{"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"}

// facilities are the names of syslog's facilities, as rsyslog writes them.
var facilities = [...]string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}
