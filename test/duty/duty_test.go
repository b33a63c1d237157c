// Package duty_test shows one duty on the real binary: a source that stops turns
// it to gap within its limit, and the gap stays listed after it returned.
package duty_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/fengsui/fengsui/test/stationtest"
)

type obligation struct {
	Status   string
	Number   string
	Controls []struct{ ID, Status string }
	Evidence []struct {
		Control string
		Fact    struct {
			Rows []struct{ Name, Reason, To string }
		}
	}
	Exposure []struct {
		Version string
		Applies bool
	}
}

func (o obligation) control(id string) string {
	for _, c := range o.Controls {
		if c.ID == id {
			return c.Status
		}
	}
	return ""
}

// await asks until the duty is as it should be, at most for the given time.
func await(t *testing.T, s *stationtest.Station, within time.Duration, ok func(obligation) bool) obligation {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		var o obligation
		s.Get("/api/v1/compliance/obligations/csl/log-retention", &o)
		if ok(o) {
			return o
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %s the duty is still %+v", within, o)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func TestSilenceTurnsTheDutyToGap(t *testing.T) {
	s := stationtest.Start(t, t.TempDir())
	s.Administer()
	_, token := s.AddSource("gate", "http", "--silent-after", "10s")
	send := func() {
		t.Helper()
		if status, reply, err := s.Post(t.Context(), "/ingest/ndjson", token, "", []byte("hello\n")); err != nil || status != http.StatusOK {
			t.Fatalf("send: %d %s %v", status, reply, err)
		}
	}
	o := await(t, s, 30*time.Second, func(o obligation) bool { send(); return o.Status == "met" })
	if o.Number != "23.1(3)" || len(o.Exposure) < 4 {
		t.Errorf("number %s, %d sanctions", o.Number, len(o.Exposure))
	}
	// The limit is 10 s; sources are looked at every second and providers asked every 5 s.
	await(t, s, 40*time.Second, func(o obligation) bool { return o.Status == "gap" && o.control("log-delivery") == "gap" })
	o = await(t, s, 40*time.Second, func(o obligation) bool { send(); return o.control("log-delivery") == "met" })
	o = await(t, s, 40*time.Second, func(o obligation) bool { return o.Status == "partly" })
	listed := 0
	for _, e := range o.Evidence {
		for _, r := range e.Fact.Rows {
			if e.Control == "log-retention" && r.Name == "gate" && r.Reason == "silent_beyond_limit" && r.To != "" {
				listed++
			}
		}
	}
	if listed != 1 {
		t.Errorf("the gap is listed %d times after the return: %+v", listed, o.Evidence)
	}
}
