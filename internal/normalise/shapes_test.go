package normalise_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/internal/testshared"
)

// shapes write an event in Sigma's flat names as collectors would.
var shapes = map[string]func(map[string]any) any{
	"winlogbeat": func(flat map[string]any) any {
		data, win := map[string]any{}, map[string]any{}
		for k, v := range flat {
			switch k {
			case "EventID":
				win["event_id"] = v
			case "Channel":
				win["channel"] = v
			case "Provider_Name":
				win["provider_name"] = v
			case "Computer":
				win["computer_name"] = v
			case "Level", "Task", "Opcode", "Version", "Keywords":
				win[strings.ToLower(k)] = v
			default:
				data[k] = v
			}
		}
		win["event_data"] = data
		return map[string]any{"@timestamp": "2026-11-24T02:15:02.120Z", "winlog": win}
	},
	"evtx": func(flat map[string]any) any {
		data, sys := map[string]any{}, map[string]any{}
		for k, v := range flat {
			switch k {
			case "EventID", "Channel", "Computer", "Level", "Task", "Opcode", "Version", "Keywords":
				sys[k] = v
			case "Provider_Name":
				sys["Provider"] = map[string]any{"#attributes": map[string]any{"Name": v}}
			case "TimeCreated":
				sys["TimeCreated"] = map[string]any{"#attributes": map[string]any{"SystemTime": v}}
			default:
				data[k] = v
			}
		}
		return map[string]any{"Event": map[string]any{"System": sys, "EventData": data}}
	},
	"nxlog": func(flat map[string]any) any {
		out := map[string]any{}
		for k, v := range flat {
			switch k {
			case "Provider_Name":
				out["SourceName"] = v
			case "Computer":
				out["Hostname"] = v
			default:
				out[k] = v
			}
		}
		return out
	},
}

// TestShapesMatchAlike writes labelled events in the shapes of collectors: the
// rules must find the same in each.
func TestShapesMatchAlike(t *testing.T) {
	engine := labelEngine(t)
	reader := normalise.New(normalise.Options{})
	every := 20
	if raceOn || testing.Short() {
		every = 200
	}
	for _, name := range []string{"events-windows-otrf-dev.jsonl.gz", "events-windows-evtx2mitre-dev.jsonl.gz", "regression-dev.jsonl.gz"} {
		if strings.HasPrefix(name, "regression") {
			every = 1 + every/10
		}
		for shape, write := range shapes {
			events, alike, matches := 0, 0, 0
			eachLabelled(t, name, every, func(l *labelled) {
				var flat map[string]any
				dec := json.NewDecoder(bytes.NewReader(l.Event))
				dec.UseNumber()
				if err := dec.Decode(&flat); err != nil {
					t.Fatal(err)
				}
				raw, err := json.Marshal(write(flat))
				if err != nil {
					t.Fatal(err)
				}
				want := reader.Read(event.Event{Raw: l.Event, Source: "s"}, event.Source{})
				got := reader.Read(event.Event{Raw: raw, Source: "s"}, event.Source{})
				if diff := cmp.Diff(want.Logsource, got.Logsource); diff != "" {
					t.Errorf("%s as %s: log source (-flat +got):\n%s", l.ID, shape, diff)
				}
				a, b := matchesOf(engine, &want), matchesOf(engine, &got)
				events++
				matches += len(b)
				if diff := cmp.Diff(a, b); diff != "" {
					t.Errorf("%s as %s: matches (-flat +got):\n%s\n%.1500s", l.ID, shape, diff, raw)
					return
				}
				alike++
			})
			t.Logf("%s as %s: %d of %d events with the same matches, %d matches", name, shape, alike, events, matches)
		}
	}
}

// TestRegressionEVTX reads SigmaHQ's own regression events as evtx_dump wrote them
// and compares the matches with the labels of the same events in flat form.
func TestRegressionEVTX(t *testing.T) {
	engine := labelEngine(t)
	reader := normalise.New(normalise.Options{})
	labels := map[string][]string{}
	eachLabelled(t, "regression-dev.jsonl.gz", 1, func(l *labelled) {
		labels[l.ID] = l.Matches
	})
	f, err := os.Open(testshared.Dir(t, "sigma", "regression-dev.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	events, equal := 0, 0
	for tr := tar.NewReader(gz); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		id, isJSON := strings.CutSuffix(path.Base(h.Name), ".json")
		if !isJSON {
			continue
		}
		dec := json.NewDecoder(tr)
		for i := 0; ; i++ {
			var raw json.RawMessage
			if err := dec.Decode(&raw); err != nil {
				break
			}
			want, ok := labels[id+"#"+strconv.Itoa(i)]
			if !ok {
				continue
			}
			rec := reader.Read(event.Event{Raw: raw, Source: "s"}, event.Source{})
			events++
			if diff := cmp.Diff(want, matchesOf(engine, &rec)); diff != "" {
				t.Errorf("%s#%d (%+v): matches (-label +got):\n%s", id, i, rec.Logsource, diff)
				continue
			}
			equal++
		}
	}
	t.Logf("events as evtx_dump wrote them: %d of %d equal to their labels", equal, events)
	if events < 90 {
		t.Errorf("only %d events were read", events)
	}
}
