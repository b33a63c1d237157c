package normalise

import (
	"strings"
	"testing"
)

// ecs is the core as the architecture lists it.
const ecs = `@timestamp message event.kind event.category event.action event.outcome event.code event.dataset
event.severity log.level host.name host.ip source.ip source.port source.domain destination.ip destination.port
destination.domain network.protocol network.transport user.name user.domain user.id process.name process.pid
process.executable process.command_line process.parent.name process.parent.executable process.parent.command_line
file.path file.name file.hash.md5 file.hash.sha1 file.hash.sha256 url.original url.path url.domain url.query
http.request.method http.response.status_code user_agent.original dns.question.name dns.question.type rule.id
rule.name tls.server.name`

func TestCoreIsTheListOfTheArchitecture(t *testing.T) {
	listed := map[string]bool{}
	for name := range strings.FieldsSeq(ecs) {
		listed[name] = true
	}
	if len(listed) != int(coreCount) {
		t.Errorf("%d core fields, the list has %d", coreCount, len(listed))
	}
	for c, f := range coreFields {
		if !listed[f.name] {
			t.Errorf("core field %d %q is not in the list", c, f.name)
		}
	}
}

func TestCore(t *testing.T) {
	for _, tt := range []struct {
		name  string
		core  core
		value string
		added bool
	}{
		{"address", sourceIP, "2001:db8::1", true},
		{"no address", sourceIP, "gate01", false},
		{"port", destinationPort, "65535", true},
		{"no port", destinationPort, "65536", false},
		{"number", eventSeverity, "-1.5e3", true},
		{"no number", eventSeverity, "high", false},
		{"dash is nothing", userName, "-", false},
		{"empty is nothing", userName, "", false},
		{"text", userName, "某人", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBuilder(Options{})
			b.core(tt.core, tt.value)
			if got := len(b.fields) == 1; got != tt.added {
				t.Errorf("added: %t, want %t", got, tt.added)
			}
		})
	}
}

func TestTheSendersNameStays(t *testing.T) {
	b := newBuilder(Options{})
	b.add("user.name", "theirs")
	b.core(userName, "ours")
	b.core(userName, "again")
	b.core(eventCategory, "a")
	b.core(eventCategory, "b")
	if got := len(b.fields); got != 3 || b.get("user.name") != "theirs" {
		t.Errorf("fields %v", b.fields)
	}
}

func TestForgottenWhenNobodyKnewIt(t *testing.T) {
	b := newBuilder(Options{})
	table := newTextTable([]textParser{
		{programs: []string{"x"}, read: func(b *builder, _ *message) bool {
			b.class("wrong")
			b.core(userName, "wrong")
			return false
		}},
		{family: "web", shape: func(*message) bool { return true }, read: func(b *builder, _ *message) bool {
			b.class("right")
			b.core(userName, "right")
			return true
		}},
	})
	if !table.read(b, &message{program: "/usr/sbin/X(pam_unix)", text: "t"}, "") || b.classed != "right" || b.get("user.name") != "right" {
		t.Errorf("class %q, fields %v", b.classed, b.fields)
	}
	if table.read(b, &message{text: "t"}, "auditd") {
		t.Error("a parser of another family was asked")
	}
}
