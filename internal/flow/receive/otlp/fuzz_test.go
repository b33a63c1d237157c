package otlp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/ledger"
)

// collected reads a request without a station.
func collected(tb testing.TB, e encoding, body []byte) ([]string, error) {
	tb.Helper()
	budget := receive.NewBudget(receive.BudgetOptions{})
	buf, err := budget.Buffer("x")
	if err != nil {
		tb.Fatal(err)
	}
	c := &collector{stored: buf, maxRecord: 1 << 20, maxRecords: 1000, maxStored: 8 << 20}
	if e == protobuf {
		err = c.readWire(body)
	} else {
		err = c.readJSON(body)
	}
	if err != nil {
		return nil, err
	}
	events, _ := c.events(event.Source{}, "", noon)
	raws := make([]string, 0, len(events))
	for _, ev := range events {
		raws = append(raws, string(ev.Raw))
	}
	return raws, nil
}

func checkRecords(t *testing.T, body []byte, raws []string, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrTooMany) && !errors.Is(err, receive.ErrTooLarge) {
		t.Fatalf("undocumented error %v", err)
	}
	if len(raws) > len(body) {
		t.Fatalf("%d records from %d bytes", len(raws), len(body))
	}
	for _, raw := range raws {
		if !json.Valid([]byte(raw)) || strings.ContainsAny(raw, "\n\x00") {
			t.Fatalf("no line of JSON: %q", raw)
		}
	}
}

func FuzzJSON(f *testing.F) {
	in, err := os.ReadFile(filepath.Join("testdata", "records.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(in)
	f.Add([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"kvlistValue":{"values":[{"value":{"arrayValue":{"values":[null]}},"key":null}]}}}]}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		raws, err := collected(t, jsonText, body)
		checkRecords(t, body, raws, err)
	})
}

func FuzzWire(f *testing.F) {
	f.Add([]byte(wireOf(f, sample())))
	f.Add([]byte(wireOf(f, logs("a", "b"))))
	f.Fuzz(func(t *testing.T, body []byte) {
		raws, err := collected(t, protobuf, body)
		checkRecords(t, body, raws, err)
		var m logspb.LogsData
		if proto.Unmarshal(body, &m) != nil {
			return
		}
		if err != nil && errors.Is(err, ErrMalformed) {
			t.Fatal("protobuf's own reader takes it")
		}
		// What protobuf's own code makes of it must come out the same in both
		// encodings. Text that only newer senders use is not compared.
		again := wireOf(t, &m)
		if bytes.Contains([]byte(protojson.Format(&m)), []byte("trindex")) {
			return
		}
		viaWire, errWire := collected(t, protobuf, []byte(again))
		viaJSON, errJSON := collected(t, jsonText, []byte(jsonOf(t, &m)))
		if (errWire == nil) != (errJSON == nil) || !cmp.Equal(viaWire, viaJSON) {
			t.Fatalf("%v %v (-protobuf +json):\n%s", errWire, errJSON, cmp.Diff(viaWire, viaJSON))
		}
	})
}

// discard is a sink that keeps nothing.
type discard struct{}

func (discard) Seal(_ context.Context, events []event.Event, _ string) (ledger.Receipt, error) {
	return ledger.Receipt{Count: len(events)}, nil
}

func BenchmarkPost(b *testing.B) {
	const count = 1000
	m := logs()
	for i := range count {
		m.ResourceLogs[0].ScopeLogs[0].LogRecords = append(m.ResourceLogs[0].ScopeLogs[0].LogRecords, &logspb.LogRecord{
			TimeUnixNano: 1772366400123456789, SeverityNumber: 9, SeverityText: "INFO", Body: text("order placed " + strings.Repeat("x", 100)),
			Attributes: []*commonpb.KeyValue{{Key: "http.request.method", Value: text("POST")}, {Key: "n", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: int64(i)}}}},
		})
	}
	m.ResourceLogs[0].ScopeLogs[0].Scope = &commonpb.InstrumentationScope{Name: "shop"}
	for e, body := range map[encoding]string{protobuf: wireOf(b, m), jsonText: jsonOf(b, m)} {
		b.Run(string(e)[len("application/"):], func(b *testing.B) {
			s := newStation(b, Options{})
			s.h.o.Sink = discard{}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if w := s.do(post(e, body)); w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(b.N)*count/b.Elapsed().Seconds(), "events/s")
		})
	}
}
