package normalise

import (
	"strings"

	"github.com/fengsui/fengsui/internal/format/netfilter"
)

func netfilterParsers() []textParser {
	return []textParser{{
		family:   "netfilter",
		programs: []string{"kernel", "ulogd"},
		shape: func(m *message) bool {
			return strings.Contains(m.text, "SRC=") && strings.Contains(m.text, "DST=") && strings.Contains(m.text, "PROTO=")
		},
		read: readNetfilter,
	}}
}

func readNetfilter(b *builder, m *message) bool {
	p, ok := netfilter.Parse(m.text)
	if !ok {
		return false
	}
	b.class("netfilter")
	b.logsource("linux", "", "firewall")
	if p.Prefix != "" {
		b.add("prefix", p.Prefix)
	}
	for _, f := range p.Fields {
		b.num(f.Name, f.Value)
	}
	if p.Flags != "" {
		b.add("flags", p.Flags)
	}
	b.core(eventCategory, "network")
	b.core(eventAction, string(p.Action))
	switch {
	case p.Action.Denied():
		b.core(eventOutcome, "failure")
	case p.Action == netfilter.Accept:
		b.core(eventOutcome, "success")
	}
	b.core(sourceIP, p.Source)
	b.core(sourcePort, p.SrcPort)
	b.core(destinationIP, p.Dest)
	b.core(destinationPort, p.DstPort)
	if t, known := transports[p.Protocol]; known {
		b.core(networkTransport, t)
	} else {
		b.core(networkTransport, strings.ToLower(p.Protocol))
	}
	return true
}
