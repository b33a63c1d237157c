package winevent_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/format/winevent"
)

func TestService(t *testing.T) {
	for channel, want := range map[string]string{
		"Security": "security", "security": "security", "Microsoft-Windows-Sysmon/Operational": "sysmon",
		"Windows PowerShell": "powershell-classic", "Somebody/Else": "", "": "",
	} {
		if got := winevent.Service(channel); got != want {
			t.Errorf("Service(%q) = %q, want %q", channel, got, want)
		}
	}
}

func TestCategories(t *testing.T) {
	for _, tt := range []struct {
		service, id, eventType string
		want                   []string
	}{
		{"sysmon", "1", "", []string{"process_creation"}},
		{"sysmon", "12", "CreateKey", []string{"registry_add", "registry_event"}},
		{"sysmon", "12", "DeleteValue", []string{"registry_delete", "registry_event"}},
		{"sysmon", "12", "INFO", []string{"registry_event"}},
		{"security", "4688", "", []string{"process_creation"}},
		{"security", "4624", "", nil},
		{"powershell", "4104", "", []string{"ps_script"}},
		{"powershell-classic", "400", "", []string{"ps_classic_start"}},
		{"system", "1", "", nil},
	} {
		if diff := cmp.Diff(tt.want, winevent.Categories(tt.service, tt.id, tt.eventType)); diff != "" {
			t.Errorf("%s %s %s (-want +got):\n%s", tt.service, tt.id, tt.eventType, diff)
		}
	}
}

const sample = `- <Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">
<System><Provider Name="P" Guid="{1}" /><EventID Qualifiers="0">4625</EventID><Security /></System>
<EventData><Data Name="Target User">a &amp; b</Data><Data>one</Data><Data>two</Data></EventData></Event>`

func TestParseXML(t *testing.T) {
	got, err := winevent.ParseXML(sample)
	if err != nil {
		t.Fatal(err)
	}
	want := []winevent.Field{
		{"Event.System.Provider.#attributes.Name", "P"},
		{"Event.System.Provider.#attributes.Guid", "{1}"},
		{"Event.System.EventID.#attributes.Qualifiers", "0"},
		{"Event.System.EventID", "4625"},
		{"Event.EventData.TargetUser", "a & b"},
		{"Event.EventData.Data", "one"},
		{"Event.EventData.Data", "two"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func FuzzParseXML(f *testing.F) {
	f.Add(sample)
	f.Add("<Event><a></Event>")
	f.Fuzz(func(t *testing.T, s string) {
		fields, err := winevent.ParseXML(s)
		if err != nil && !errors.Is(err, winevent.ErrXML) || err != nil && fields != nil {
			t.Fatalf("%d fields, error %v", len(fields), err)
		}
	})
}
