package search

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

var day = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// fakeLog is a ledger in memory with segments of perSegment events, the last one open.
type fakeLog struct {
	mu         sync.Mutex
	entries    []ledger.Entry
	perSegment int
	news       chan struct{}
	broken     map[uint64]bool // cannot be read
	reads      int             // entries delivered
}

func newFakeLog(perSegment int) *fakeLog {
	return &fakeLog{perSegment: perSegment, news: make(chan struct{}), broken: map[uint64]bool{}}
}

func (l *fakeLog) add(entries ...ledger.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range entries {
		e.Seq = uint64(len(l.entries))
		l.entries = append(l.entries, e)
	}
	close(l.news)
	l.news = make(chan struct{})
}

func (l *fakeLog) Size() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(len(l.entries))
}

func (l *fakeLog) Wait(ctx context.Context, size uint64) (uint64, error) {
	for {
		l.mu.Lock()
		now, news := uint64(len(l.entries)), l.news
		l.mu.Unlock()
		if now > size {
			return now, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return now, ctx.Err()
		}
	}
}

func (l *fakeLog) Read(ctx context.Context, from, to uint64, fn func(ledger.Entry) error) error {
	l.mu.Lock()
	entries := l.entries
	l.mu.Unlock()
	var broken error
	for seq := from; seq < min(to, uint64(len(entries))); seq++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if l.broken[seq] {
			broken = fmt.Errorf("event %d: %w", seq, ledger.ErrDamaged)
			continue
		}
		l.mu.Lock()
		l.reads++
		l.mu.Unlock()
		e := entries[seq]
		e.Raw = bytes.Clone(e.Raw)
		err := fn(e)
		for i := range e.Raw {
			e.Raw[i] = '#' // raw is valid during fn only
		}
		if err != nil {
			return err
		}
	}
	return broken
}

func (l *fakeLog) Segments() []ledger.Segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []ledger.Segment
	for part := range slices.Chunk(l.entries, l.perSegment) {
		n := len(part)
		seg := ledger.Segment{
			Name: fmt.Sprintf("%020d.seg", part[0].Seq), First: part[0].Seq, Next: part[n-1].Seq + 1,
			OpenedAt: part[0].Received, FirstReceived: part[0].Received, LastReceived: part[0].Received, Sealed: n == l.perSegment,
		}
		for _, e := range part {
			if e.Received.Before(seg.FirstReceived) {
				seg.FirstReceived = e.Received
			}
			if e.Received.After(seg.LastReceived) {
				seg.LastReceived = e.Received
			}
			seg.RawBytes += int64(len(e.Raw))
		}
		if seg.Sealed {
			seg.ClosedAt = seg.LastReceived
		}
		out = append(out, seg)
	}
	return out
}

func (l *fakeLog) SegmentsFrom(seq uint64) []ledger.Segment {
	return slices.DeleteFunc(l.Segments(), func(s ledger.Segment) bool { return s.Next <= seq })
}

func (l *fakeLog) Prove(_ context.Context, seq uint64) (ledger.Proof, error) {
	switch {
	case seq >= l.Size():
		return ledger.Proof{}, ledger.ErrNotFound
	case seq > 0:
		return ledger.Proof{}, ledger.ErrNoCheckpoint
	}
	return ledger.Proof{Leaf: [32]byte{1}, Size: 1, Path: [][]byte{{2}}, Encoded: []byte{3}, Checkpoint: []byte("note")}, nil
}

// fakeReader reads {"_t":unix seconds,"_c":class, name: value or [values]}; of
// anything else only the text.
type fakeReader struct{}

func (fakeReader) Read(ev event.Event, _ event.Source) event.Record {
	rec := event.Record{Event: ev, Class: "text", Text: string(bytes.ToValidUTF8(ev.Raw, []byte("\uFFFD")))}
	dec := json.NewDecoder(bytes.NewReader(ev.Raw))
	dec.UseNumber()
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return rec
	}
	for dec.More() {
		name, _ := dec.Token()
		var v any
		if dec.Decode(&v) != nil {
			return rec
		}
		key, _ := name.(string)
		addField(&rec, key, v)
	}
	return rec
}

// memoReader reads each event of one log once.
type memoReader struct{ seen *sync.Map }

func (m memoReader) Read(ev event.Event, src event.Source) event.Record {
	if rec, ok := m.seen.Load(ev.Seq); ok {
		got, _ := rec.(event.Record)
		got.Event = ev
		return got
	}
	rec := fakeReader{}.Read(ev, src)
	m.seen.Store(ev.Seq, rec)
	return rec
}

func addField(rec *event.Record, key string, v any) {
	f := event.Field{Name: key}
	switch v := v.(type) {
	case []any:
		for _, each := range v {
			addField(rec, key, each)
		}
		return
	case json.Number:
		f.Value, f.Kind = v.String(), event.Number
		if n, err := v.Int64(); err == nil && key == "_t" {
			rec.Time = time.Unix(n, 0).UTC()
			return
		}
	case string:
		f.Value = v
		if key == "_c" {
			rec.Class = v
			return
		}
	case bool:
		f.Value, f.Kind = strconv.FormatBool(v), event.Bool
	case nil:
		f.Kind = event.Null
	default:
		return
	}
	rec.Fields = append(rec.Fields, f)
}

type fakeSources struct{}

func (fakeSources) Source(id string) event.Source { return event.Source{ID: id} }

func (fakeSources) SourceName(id string) string {
	if id == "" {
		return "station"
	}
	return "name of " + id
}

func service(t testing.TB, o Options) *Service {
	t.Helper()
	if o.Reader == nil {
		o.Reader = fakeReader{}
	}
	o.Sources, o.Slog = fakeSources{}, slog.New(slog.DiscardHandler)
	if o.Now == nil {
		o.Now = func() time.Time { return day }
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// entry makes an entry received so many seconds after day.
func entry(seconds int, source, raw string) ledger.Entry {
	return ledger.Entry{
		Received: day.Add(time.Duration(seconds) * time.Second), Source: source, Transport: "udp", Peer: "192.0.2.1", Raw: []byte(raw),
	}
}
