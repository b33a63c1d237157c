package search

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
)

type sourceJSON struct {
	ID   string `json:"id" doc:"Empty: the station itself"`
	Name string `json:"name"`
}

// Values are the values of one field: a text, or several texts.
type Values []string

// MarshalJSON writes one value as a text, several as a list.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Values) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*v = make(Values, 1)
		return json.Unmarshal(b, &(*v)[0])
	}
	return json.Unmarshal(b, (*[]string)(v))
}

// Schema tells the API description about it.
func (Values) Schema(huma.Registry) *huma.Schema {
	text := &huma.Schema{Type: huma.TypeString}
	return &huma.Schema{OneOf: []*huma.Schema{text, {Type: huma.TypeArray, Items: text}}}
}

// Event is an event as the API shows it.
type Event struct {
	Seq       uint64            `json:"seq" doc:"Ledger sequence"`
	Time      time.Time         `json:"time" doc:"Event time by the sender's clock where it is believed, else receipt"`
	Received  time.Time         `json:"received"`
	ClockOff  bool              `json:"clock_off" doc:"The sender's clock is not believed, or is ahead by more than 5 minutes"`
	Source    sourceJSON        `json:"source"`
	Transport string            `json:"transport"`
	Peer      string            `json:"peer" doc:"Address of the sender"`
	Class     string            `json:"class" doc:"Parser that read it; text: none did"`
	Raw       string            `json:"raw" doc:"The event as text"`
	RawBase64 string            `json:"raw_base64,omitempty" doc:"Its bytes, when they are not UTF-8"`
	Fields    map[string]Values `json:"fields" nullable:"false" doc:"By name: a text, or a list of texts where a field stands several times"`
}

// maxAhead is how far a sender's clock may be ahead before it is said to be off.
const maxAhead = 5 * time.Minute

// view returns the record as the API shows it, with the fields of those names; nil is all.
func (s *Service) view(rec *event.Record, fields []string) Event {
	when, own := sidecar.When(rec)
	out := Event{
		Seq: rec.Seq, Time: when.UTC(), Received: rec.Received.UTC(),
		ClockOff:  !rec.Time.IsZero() && (!own || rec.Time.Sub(rec.Received) > maxAhead),
		Source:    sourceJSON{rec.Source, s.o.Sources.SourceName(rec.Source)},
		Transport: rec.Transport, Peer: rec.Peer, Class: rec.Class,
		Fields: make(map[string]Values, len(rec.Fields)),
	}
	if utf8.Valid(rec.Raw) {
		out.Raw = string(rec.Raw)
	} else {
		out.Raw, out.RawBase64 = rec.Text, base64.StdEncoding.EncodeToString(rec.Raw)
	}
	for i := range rec.Fields {
		f := &rec.Fields[i]
		if fields == nil || slices.Contains(fields, f.Name) {
			out.Fields[f.Name] = append(out.Fields[f.Name], f.Value)
		}
	}
	return out
}

func (s *Service) views(recs []event.Record, fields []string) []Event {
	out := make([]Event, len(recs))
	for i := range recs {
		out[i] = s.view(&recs[i], fields)
	}
	return out
}
