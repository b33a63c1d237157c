// Package hunt looks for matches of rules in files.
//
// Events are read and matched by what live detection uses ([Options.Reader] and
// package match), so that both find the same.
package hunt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fengsui/fengsui/internal/event"
)

// Reader turns raw bytes into fields.
type Reader interface {
	Read(ev event.Event, src event.Source) event.Record
}

// Engine matches one record against all rules.
type Engine interface {
	Match(rec *event.Record, fn func(event.Finding))
}

// Options configure a hunt. A zero field means its default.
type Options struct {
	Reader    Reader           // required
	Engine    Engine           // required
	Logsource *event.Logsource // what the events are; nil: what the reader tells
	Format    string           // parser that the events need; "" lets the reader find out
	Charset   string           // of text that is not UTF-8; "" is GB18030
	Zone      *time.Location   // for stamps without one; nil: the reader's
	MaxRecord int              // longest record, in bytes; default 16 MiB; longer ones are an error
	Modified  time.Time        // when the file was written: gives stamps without a year theirs
}

// Match is one rule that matched one record.
type Match struct {
	File    string
	Record  int // counts from 0 in the file
	Finding event.Finding
}

// Summary says what was looked at.
type Summary struct{ Records, Matches int }

// File reads one file to its end and calls fn for every match, in the order of
// the records. The file may be JSON (an array, an object with an array "Records",
// or objects one after the other) or lines; it may be compressed with gzip or
// zstd. Its name only stands in the matches.
//
// It fails with the place when the file cannot be read; what was found before has
// been delivered.
func File(ctx context.Context, name string, r io.Reader, o Options, fn func(Match) error) (Summary, error) {
	if o.Reader == nil || o.Engine == nil {
		return Summary{}, errors.New("hunt: the reader or the engine is missing")
	}
	if o.MaxRecord == 0 {
		o.MaxRecord = 16 << 20
	}
	plain, err := decompress(r)
	if err != nil {
		return Summary{}, fmt.Errorf("hunt in %s: %w", name, err)
	}
	defer func() { _ = plain.Close() }() // read only
	var sum Summary
	src := event.Source{Format: o.Format, Charset: o.Charset, Zone: o.Zone}
	err = records(plain, o.MaxRecord, func(raw []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec := o.Reader.Read(event.Event{Raw: raw, Transport: "file", Received: o.Modified}, src)
		if o.Logsource != nil {
			rec.Logsource = *o.Logsource
		}
		var failed error
		o.Engine.Match(&rec, func(f event.Finding) {
			if failed == nil {
				sum.Matches++
				failed = fn(Match{File: name, Record: sum.Records, Finding: f})
			}
		})
		sum.Records++
		return failed
	})
	if err != nil {
		return sum, fmt.Errorf("hunt in %s at record %d: %w", name, sum.Records, err)
	}
	return sum, nil
}
