package normalise

import (
	"sync"
	"time"

	"github.com/fengsui/fengsui/internal/event"
)

// Version is the version of what this package makes of an event.
const Version = 1

// Options configure a reader. A zero field means its default.
type Options struct {
	Zone      *time.Location // the station's, for stamps without a zone from sources without one; default UTC
	MaxDepth  int            // nested JSON objects and lists; deeper ones stay one value of JSON text; default 32
	MaxFields int            // fields of one record; what is beyond is only found by its words; default 4,096
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
	r := &Reader{o: o, text: newTextTable(textParsers())}
	r.builders.New = func() any { return &builder{} }
	return r
}

// Read turns an event into a record. src is what is known about the event's
// source; the zero Source is good. It never fails: what no parser knows has class
// "text". ev.Raw is only read and is not referred to by the record's text.
func (r *Reader) Read(ev event.Event, src event.Source) event.Record {
	_ = src
	return event.Record{Event: ev, Class: "text", Text: string(ev.Raw)}
}
