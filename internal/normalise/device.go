package normalise

import (
	"strings"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/format/cef"
	"github.com/fengsui/fengsui/internal/format/kv"
	"github.com/fengsui/fengsui/internal/format/stamp"
	"github.com/fengsui/fengsui/internal/format/syslog"
)

// cefNames are the keys of CEF's dictionary.
var cefNames = map[string]target{
	"src": {sourceIP, asAddress}, "spt": {sourcePort, asIs}, "shost": {sourceDomain, asIs}, "sourceTranslatedAddress": {sourceIP, asAddress},
	"dst": {destinationIP, asAddress}, "dpt": {destinationPort, asIs}, "dhost": {destinationDomain, asIs},
	"c6a2": {sourceIP, asAddress}, "c6a3": {destinationIP, asAddress},
	"proto": {networkTransport, inLower}, "app": {networkProtocol, inLower}, "act": {eventAction, asIs}, "outcome": {eventOutcome, inLower}, "msg": {coreMessage, asIs},
	"suser": {userName, asAccount}, "duser": {userName, asAccount}, "suid": {userID, asIs}, "duid": {userID, asIs}, "sntdom": {userDomain, asIs}, "dntdom": {userDomain, asIs},
	"request": {urlOriginal, asURL}, "requestMethod": {httpMethod, asIs}, "requestClientApplication": {userAgent, asIs},
	"filePath": {filePath, asPath}, "fname": {fileName, asIs}, "sproc": {processName, asIs}, "dvchost": {hostName, asIs}, "dvc": {hostIP, asIs},
	"spid": {processPID, asIs}, "UNIFIhost": {hostName, asIs}, "UNIFIdeviceName": {hostName, asIs}, "UNIFIadmin": {userName, asIs},
}

// deviceCategory is Sigma's category of what security devices report.
var deviceCategory = []string{"firewall"}

// cef reads a CEF message.
func (r *Reader) cef(b *builder, m *message) bool {
	text := m.text
	switch at := cef.Start(text); {
	case at >= 0:
		text = text[at:]
	case bareCEF(text): // a relay took the "CEF:" for a syslog tag
		text = "CEF:" + text
	default:
		return false
	}
	msg, ok := cef.Parse(text)
	if !ok {
		return false
	}
	b.class("cef")
	b.source = event.Logsource{Categories: deviceCategory}
	for _, f := range [...]cef.Pair{
		{Key: "cefVersion", Value: msg.Version},
		{Key: "deviceVendor", Value: msg.DeviceVendor},
		{Key: "deviceProduct", Value: msg.DeviceProduct},
		{Key: "deviceVersion", Value: msg.DeviceVersion},
		{Key: "deviceEventClassId", Value: msg.DeviceEventClassID},
		{Key: "name", Value: msg.Name},
	} {
		b.add(f.Key, f.Value)
	}
	b.num("severity", msg.Severity)
	from := len(b.fields)
	for _, p := range msg.Extension {
		b.num(p.Key, p.Value)
	}
	b.when(m, "rt", "end", "start", "UNIFIutcTime")
	b.core(eventCode, msg.DeviceEventClassID)
	b.core(ruleName, msg.Name)
	b.core(eventSeverity, msg.Severity)
	if !isDecimal(msg.Severity) {
		b.core(logLevel, lower(msg.Severity))
	}
	b.putAll(from, cefNames)
	b.core(coreMessage, msg.Name)
	return true
}

// bareCEF reports whether s is a CEF message without its first word: "0|Vendor|…".
func bareCEF(s string) bool {
	return len(s) > 2 && (s[0] == '0' || s[0] == '1') && s[1] == '|' && strings.Count(s[:min(len(s), 512)], "|") >= 6
}

// kv reads a list of key=value pairs.
func (r *Reader) kv(b *builder, m *message) bool {
	pairs, ok := kv.Parse(m.text, b.pairs[:0])
	b.pairs = pairs
	if !ok {
		return false
	}
	from := len(b.fields)
	for _, p := range pairs {
		b.num(p.Key, p.Value)
	}
	b.class("kv")
	if b.has("logid") && b.has("type") && b.has("subtype") {
		b.class("fortigate")
		b.source = event.Logsource{Product: "fortigate", Service: b.get("type"), Categories: deviceCategory}
		r.fortigateTime(b, m)
		b.core(eventAction, b.get("action"))
		b.core(eventCode, b.get("logid"))
		b.core(ruleName, b.get("attack"))
		b.core(networkProtocol, lower(b.get("service")))
		b.core(networkTransport, transports[b.get("proto")])
		b.core(urlDomain, b.get("hostname"))
	} else {
		r.kvTime(b, m)
	}
	b.putAll(from, commonNames)
	return true
}

// transports are the protocol numbers that occur.
var transports = map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "ipv6-icmp", "47": "gre", "50": "esp"}

// fortigateTime reads date, time and tz, or eventtime.
func (r *Reader) fortigateTime(b *builder, m *message) {
	if t, ok := stamp.Epoch(b.get("eventtime")); ok {
		b.at(t)
		return
	}
	b.when(m, "eventtime")
	s := b.get("date") + " " + b.get("time") + b.get("tz")
	if t, ok := stamp.Whole(s, stamp.Place{Zone: m.zone, Near: m.received}); ok {
		b.at(t)
	}
}

func (r *Reader) kvTime(b *builder, m *message) {
	if date := b.get("date"); len(date) == 10 && strings.Contains(b.get("time"), ":") {
		if t, ok := stamp.Whole(date+" "+b.get("time"), stamp.Place{Zone: m.zone, Near: m.received}); ok {
			b.at(t)
			return
		}
	}
	b.when(m, timeNames...)
}

// device reads the head that network devices put before their messages.
func (r *Reader) device(b *builder, m *message) {
	d, ok := syslog.Device(m.text)
	if !ok {
		return
	}
	b.class("netdevice")
	b.logsource(d.Vendor, "")
	b.core(eventCode, d.Name)
	b.core(processName, d.Module)
	m.severity = d.Severity
	for f := range strings.SplitSeq(d.Text, ";") {
		if key, value, ok := strings.Cut(strings.TrimSpace(f), "="); ok && strings.HasPrefix(key, "-") && len(key) > 1 && len(key) < 32 {
			b.add(key[1:], value)
		}
	}
}
