package normalise

import (
	"strings"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/format/stamp"
	"github.com/fengsui/fengsui/internal/format/winevent"
)

// windowsNames says where a collector keeps what of a Windows event.
type windowsNames struct {
	id, channel, provider, computer string
	keywords, level                 string
	times                           []string // best first; Sysmon's UtcTime is tried before
	data                            string   // what stands before the names of EventData
}

// The shapes of Windows events as JSON.
var (
	// Winlogbeat 7 and later.
	winlogbeat = windowsNames{
		"winlog.event_id", "winlog.channel", "winlog.provider_name", "winlog.computer_name", "winlog.keywords", "", []string{"@timestamp", "winlog.time_created"}, "winlog.event_data.",
	}
	// Winlogbeat 6.
	winlogbeat6 = windowsNames{"event_id", "log_name", "source_name", "computer_name", "keywords", "", []string{"@timestamp"}, "event_data."}
	// evtx_dump and the XML of Windows, where attributes are "#attributes".
	evtx = windowsNames{
		"Event.System.EventID", "Event.System.Channel", "Event.System.Provider.#attributes.Name", "Event.System.Computer", "Event.System.Keywords", "Event.System.Level",
		[]string{"Event.System.TimeCreated.#attributes.SystemTime", "Event.System.TimeCreated.SystemTime", "Event.System.TimeCreated"},
		"Event.EventData.",
	}
	// The same where the number of the event has attributes of its own.
	evtxText = windowsNames{"Event.System.EventID.#text", evtx.channel, evtx.provider, evtx.computer, evtx.keywords, evtx.level, evtx.times, evtx.data}
	// NXLog and what is flattened like it.
	nxlog = windowsNames{"EventID", "Channel", "SourceName", "Hostname", "Keywords", "Level", []string{"TimeCreated", "EventTime", "@timestamp"}, ""}
	// Sigma's own names.
	sigmaFlat = windowsNames{"EventID", "Channel", "Provider_Name", "Computer", "Keywords", "Level", []string{"TimeCreated", "EventTime", "@timestamp"}, ""}
)

// windowsShape tells which shape the fields have; nil for none.
func windowsShape(b *builder) *windowsNames {
	switch {
	case b.has("winlog.event_id"), b.has("winlog.channel"):
		return &winlogbeat
	case b.has("Event.System.EventID"):
		return &evtx
	case b.has("Event.System.EventID.#text"):
		return &evtxText
	case b.has("EventID") && (b.has("Channel") || b.has("Provider_Name") || b.has("SourceName") || b.has("ProviderGuid")):
		if b.has("Hostname") {
			return &nxlog
		}
		return &sigmaFlat
	case b.has("event_id") && b.has("log_name") && b.has("source_name"):
		return &winlogbeat6
	}
	return nil
}

// windowsData are the fields of EventData.
var windowsData = map[string]target{
	"Image": {processExecutable, asPath}, "NewProcessName": {processExecutable, asPath}, "CommandLine": {processCommandLine, asIs},
	"ParentImage": {parentExecutable, asPath}, "ParentProcessName": {parentExecutable, asPath}, "ParentCommandLine": {parentCommandLine, asIs},
	"User": {userName, asAccount}, "IpAddress": {sourceIP, asAddress}, "IpPort": {sourcePort, asIs}, "WorkstationName": {sourceDomain, asIs}, "Workstation": {sourceDomain, asIs},
	"SourceIp": {sourceIP, asAddress}, "SourcePort": {sourcePort, asIs}, "SourceHostname": {sourceDomain, asIs}, "SourceAddress": {sourceIP, asAddress},
	"DestinationIp": {destinationIP, asAddress}, "DestinationPort": {destinationPort, asIs}, "DestinationHostname": {destinationDomain, asIs},
	"DestAddress": {destinationIP, asAddress}, "DestPort": {destinationPort, asIs},
	"TargetFilename": {filePath, asPath}, "ImageLoaded": {filePath, asPath}, "Hashes": {fileSHA256, asHashes},
	"QueryName": {dnsName, asIs}, "Application": {processExecutable, asPath}, "SourceImage": {processExecutable, asPath},
}

// windows reads a Windows event whose fields have the shape v.
func (r *Reader) windows(b *builder, m *message, v *windowsNames) {
	id, channel := b.get(v.id), b.get(v.channel)
	service := winevent.Service(channel)
	b.class("windows")
	b.source = event.Logsource{
		Product: "windows", Service: service,
		Categories: winevent.Categories(service, id, b.get(dataName(v, "EventType"))),
	}
	r.windowsTime(b, m, v)
	b.core(eventCode, id)
	b.core(hostName, b.get(v.computer))
	b.core(coreMessage, firstOf(b, "message", "Message"))
	b.core(eventKind, "event")
	known := windowsActs[act{service, id}]
	r.windowsFields(b, v, service, id, known.about)
	for _, c := range known.categories {
		b.core(eventCategory, c)
	}
	b.core(eventAction, known.action)
	outcome := known.outcome
	if outcome == "" {
		outcome = auditOutcome(b.get(v.keywords))
	}
	b.core(eventOutcome, outcome)
	if v.level != "" {
		b.core(logLevel, windowsLevels[b.get(v.level)])
	}
}

// dataName is the name of a field of EventData. The names that are asked for most
// are joined once.
func dataName(v *windowsNames, field string) string {
	if v.data == "" {
		return field
	}
	switch v.data + field { // the compiler compares without allocating
	case "winlog.event_data.EventType":
		return "winlog.event_data.EventType"
	case "Event.EventData.EventType":
		return "Event.EventData.EventType"
	case "winlog.event_data.UtcTime":
		return "winlog.event_data.UtcTime"
	case "Event.EventData.UtcTime":
		return "Event.EventData.UtcTime"
	}
	return v.data + field
}

func (r *Reader) windowsTime(b *builder, m *message, v *windowsNames) {
	if at := b.get(dataName(v, "UtcTime")); at != "" {
		if t, ok := stamp.Whole(at, stamp.Place{Zone: time.UTC}); ok {
			b.at(t)
			return
		}
	}
	b.when(m, v.times...)
}

// windowsFields adds the core of EventData.
func (r *Reader) windowsFields(b *builder, v *windowsNames, service, id string, about side) {
	who := "Subject"
	if about == ofTarget {
		who = "Target"
	}
	for i, n := 0, len(b.fields); i < n; i++ {
		f := &b.fields[i]
		if f.Kind == event.Null {
			continue
		}
		field, ok := strings.CutPrefix(f.Name, v.data)
		if !ok {
			if field, ok = userDataName(f.Name); !ok {
				continue
			}
		}
		if to, ok := windowsData[field]; ok {
			b.put(to, f.Value)
			continue
		}
		if part, ok := strings.CutPrefix(field, who); ok {
			if to, ok := windowsUser[part]; ok {
				b.core(to, f.Value)
			}
			continue
		}
		b.windowsProcess(field, f.Value, service, id)
	}
}

// windowsUser are the parts of SubjectUserName, TargetUserName and so on.
var windowsUser = map[string]core{"UserName": userName, "DomainName": userDomain, "UserSid": userID}

// windowsProcess adds the fields whose meaning depends on the event.
func (b *builder) windowsProcess(field, value, service, id string) {
	switch {
	case field == "ProcessId" && service == "sysmon":
		b.core(processPID, value)
	case field == "ProcessName" && id != "4688":
		b.path(processExecutable, value)
	case field == "Protocol" && service == "sysmon":
		b.core(networkTransport, lower(value))
	}
}

// userDataName takes the names of UserData below its element, whose name differs:
// "Event.UserData.LogFileCleared.SubjectUserName".
func userDataName(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, "Event.UserData.")
	if !ok {
		if rest, ok = strings.CutPrefix(name, "winlog.user_data."); ok {
			return rest, true
		}
		return "", false
	}
	_, field, ok := strings.Cut(rest, ".")
	return field, ok
}

// windowsXML reads an event as XML.
func (r *Reader) windowsXML(b *builder, m *message) bool {
	fields, err := winevent.ParseXML(m.text)
	if err != nil {
		return false
	}
	for _, f := range fields {
		b.num(f.Name, f.Value)
	}
	v := windowsShape(b)
	if v == nil {
		v = &evtx
	}
	b.whole = true
	r.windows(b, m, v)
	return true
}

func looksLikeXML(s string) bool {
	return strings.HasPrefix(strings.TrimLeft(s, "- \t\r\n"), "<Event")
}
