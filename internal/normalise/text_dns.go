package normalise

import (
	"strings"

	"github.com/fengsui/fengsui/internal/format/dnslog"
)

func dnsParsers() []textParser {
	return []textParser{{
		family:   "dns",
		programs: []string{"named", "dnsmasq"},
		shape:    dnsShape,
		read:     readDNS,
	}}
}

// dnsShape knows a line of named's own file, and dnsmasq's questions.
func dnsShape(m *message) bool {
	head := m.text[:min(len(m.text), 96)]
	return strings.Contains(head, "client ") && strings.Contains(m.text, "#") ||
		!m.envelope && strings.Contains(head, "query[")
}

func readDNS(b *builder, m *message) bool {
	e, ok := dnslog.Parse(m.text, m.zone)
	if !ok {
		return false
	}
	b.class(string(e.Server))
	b.logsource("linux", string(e.Server), "dns")
	b.at(e.Time)
	b.add("kind", string(e.Kind))
	for _, f := range [...]struct{ name, value string }{
		{"category", e.Category},
		{"view", e.View},
		{"class", e.Class},
		{"flags", e.Flags},
		{"answer", e.Answer},
		{"upstream", e.Upstream},
		{"reason", e.Reason},
	} {
		if f.value != "" {
			b.add(f.name, f.value)
		}
	}
	b.core(eventCategory, "network")
	b.core(networkProtocol, "dns")
	b.core(eventAction, dnsAction(&e))
	switch e.Kind {
	case dnslog.Denied, dnslog.Limited:
		b.core(eventOutcome, "failure")
	case dnslog.Transfer:
		b.core(eventOutcome, "success")
	case dnslog.Query, dnslog.Forwarded, dnslog.Reply:
	}
	b.core(logLevel, e.Level)
	b.core(sourceIP, e.Client)
	b.core(sourcePort, e.Port)
	b.core(dnsName, e.Name)
	b.core(dnsType, e.Type)
	b.core(destinationIP, e.ServedBy)
	return true
}

func dnsAction(e *dnslog.Entry) string {
	switch e.Kind {
	case dnslog.Denied:
		switch e.Type {
		case "AXFR", "IXFR":
			return "dns_transfer_denied"
		}
		return "dns_query_denied"
	default:
		return "dns_" + string(e.Kind)
	}
}
