package rules_test

import (
	"slices"
	"testing"

	"github.com/fengsui/fengsui/rules"
	"github.com/fengsui/fengsui/sigma"
)

func TestMapping(t *testing.T) {
	m, err := sigma.ParseMapping(rules.Mapping()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		logsource   sigma.Logsource
		field, want string
	}{
		{sigma.Logsource{Product: "windows", Category: "process_creation"}, "Image", "winlog.event_data.Image"},
		{sigma.Logsource{Product: "windows", Category: "process_creation"}, "Image", "Event.EventData.Image"},
		{sigma.Logsource{Product: "windows", Category: "process_creation"}, "Image", "process.executable"},
		{sigma.Logsource{Product: "windows", Category: "process_creation"}, "CommandLine", "process.command_line"},
		{sigma.Logsource{Product: "windows", Service: "security"}, "EventID", "winlog.event_id"},
		{sigma.Logsource{Product: "windows", Service: "security"}, "EventID", "Event.System.EventID"},
		{sigma.Logsource{Product: "windows", Service: "security"}, "SubjectUserName", "Event.UserData.*.SubjectUserName"},
		{sigma.Logsource{Category: "webserver"}, "cs-uri-query", "url.original"},
		{sigma.Logsource{Category: "webserver"}, "sc-status", "http.response.status_code"},
		{sigma.Logsource{Category: "proxy"}, "c-useragent", "user_agent.original"},
		{sigma.Logsource{Category: "firewall"}, "dst_port", "destination.port"},
		{sigma.Logsource{Category: "dns"}, "query", "dns.question.name"},
		{sigma.Logsource{Product: "linux", Category: "process_creation"}, "Image", "process.executable"},
		{sigma.Logsource{Product: "zeek", Service: "conn"}, "id.orig_h", "id_orig_h"},
	} {
		if names := m.Names(tt.logsource, tt.field); !slices.Contains(names, tt.want) || names[0] != tt.field {
			t.Errorf("%+v %s is looked for in %v, not in %s", tt.logsource, tt.field, names, tt.want)
		}
	}
	if names := m.Names(sigma.Logsource{Product: "linux", Service: "sshd"}, "Image"); len(names) != 1 {
		t.Errorf("a table for other log sources was used: %v", names)
	}
}
