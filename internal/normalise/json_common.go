package normalise

import (
	"cmp"

	"github.com/fengsui/fengsui/internal/format/stamp"
	"github.com/fengsui/fengsui/internal/format/syslog"
)

// timeNames are where JSON and key=value records keep the event time, best first.
var timeNames = []string{
	"@timestamp", "timestamp", "time", "ts", "eventTime", "event_time", "EventTime", "eventtime", "datetime", "date_time",
	"Timestamp", "TimeCreated", "_timestamp", "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "timeUnixNano",
	"time_unix_nano", "observedTimeUnixNano", "requestReceivedTimestamp", "start_time", "created_at", "t.$date", "t", "asctime", "StartUTC", "ISODATE",
}

// commonNames are the names under which records of any program say what the core
// says.
var commonNames = map[string]target{
	"message": {coreMessage, asIs}, "msg": {coreMessage, asIs}, "Message": {coreMessage, asIs}, "MESSAGE": {coreMessage, asIs},
	"short_message": {coreMessage, asIs}, "log": {coreMessage, asIs}, "body.stringValue": {coreMessage, asIs}, "body": {coreMessage, asIs}, "event": {coreMessage, asIs},

	"level": {logLevel, asLevel}, "Level": {logLevel, asLevel}, "severity": {logLevel, asLevel}, "loglevel": {logLevel, asLevel},
	"severityText": {logLevel, asLevel}, "severity_text": {logLevel, asLevel}, "lvl": {logLevel, asLevel}, "log_level": {logLevel, asLevel}, "levelname": {logLevel, asLevel}, "PRIORITY": {logLevel, asLevel}, "LEVEL": {logLevel, asLevel},

	"host": {hostName, asIs}, "hostname": {hostName, asIs}, "Hostname": {hostName, asIs}, "_HOSTNAME": {hostName, asIs},
	"host.hostname": {hostName, asIs}, "devname": {hostName, asIs}, "HOST": {hostName, asIs}, "resource.host.name": {hostName, asIs}, "resource.attributes.host.name": {hostName, asIs}, "computer": {hostName, asIs}, "Computer": {hostName, asIs},

	"program": {processName, asIs}, "SYSLOG_IDENTIFIER": {processName, asIs}, "ident": {processName, asIs}, "appname": {processName, asIs},
	"syslog.appname": {processName, asIs}, "process": {processName, asIs}, "PROGRAM": {processName, asIs}, "resource.service.name": {processName, asIs}, "resource.attributes.service.name": {processName, asIs},
	"pid": {processPID, asIs}, "_PID": {processPID, asIs}, "procid": {processPID, asIs}, "PID": {processPID, asIs}, "_pid": {processPID, asIs}, "syslog.procid": {processPID, asIs},
	"_EXE": {processExecutable, asIs}, "_CMDLINE": {processCommandLine, asIs}, "cmdline": {processCommandLine, asIs},

	"src_ip": {sourceIP, asAddress}, "srcip": {sourceIP, asAddress}, "source_ip": {sourceIP, asAddress}, "src": {sourceIP, asAddress},
	"sourceip": {sourceIP, asAddress}, "client_ip": {sourceIP, asAddress}, "clientip": {sourceIP, asAddress}, "clientIp": {sourceIP, asAddress},
	"ClientIP": {sourceIP, asAddress}, "client": {sourceIP, asAddress}, "remote_addr": {sourceIP, asAddress}, "remote_ip": {sourceIP, asAddress},
	"remoteAddr": {sourceIP, asAddress}, "remote_address": {sourceIP, asAddress}, "remoteip": {sourceIP, asAddress}, "remip": {sourceIP, asAddress},
	"ip": {sourceIP, asAddress}, "ipAddress": {sourceIP, asAddress}, "ip_address": {sourceIP, asAddress}, "sourceIPs": {sourceIP, asAddress},
	"addr": {sourceIP, asAddress}, "ClientHost": {sourceIP, asAddress}, "request.remote_ip": {sourceIP, asAddress}, "request.client_ip": {sourceIP, asAddress},
	"remote": {sourceIP, asAddress}, "attr.remote": {sourceIP, asAddress}, "visitor_ip": {sourceIP, asAddress}, "sourceIP": {sourceIP, asAddress},
	"eventData.sourceIP": {sourceIP, asAddress}, "eventData.sourcePort": {sourcePort, asIs}, "addr.remote": {sourceIP, asAddress}, "c-ip": {sourceIP, asAddress}, "client.ip": {sourceIP, asAddress}, "client.address": {sourceIP, asAddress},
	"src_port": {sourcePort, asIs}, "srcport": {sourcePort, asIs}, "source_port": {sourcePort, asIs}, "spt": {sourcePort, asIs}, "sport": {sourcePort, asIs}, "remote_port": {sourcePort, asIs},
	"dst_ip": {destinationIP, asAddress}, "dstip": {destinationIP, asAddress}, "dest_ip": {destinationIP, asAddress}, "dst": {destinationIP, asAddress},
	"destination_ip": {destinationIP, asAddress}, "destip": {destinationIP, asAddress},
	"dst_port": {destinationPort, asIs}, "dstport": {destinationPort, asIs}, "dest_port": {destinationPort, asIs}, "destination_port": {destinationPort, asIs}, "dpt": {destinationPort, asIs}, "dport": {destinationPort, asIs},
	"proto": {networkTransport, inLower}, "transport": {networkTransport, inLower}, "protocol": {networkProtocol, inLower},

	"user": {userName, asIs}, "username": {userName, asIs}, "user_name": {userName, asIs}, "userName": {userName, asIs}, "duser": {userName, asIs},
	"account": {userName, asIs}, "login": {userName, asIs}, "user.username": {userName, asIs}, "remote_user": {userName, asIs}, "attr.principalName": {userName, asIs}, "uid": {userID, asIs}, "user_id": {userID, asIs},

	"url": {urlOriginal, asURL}, "uri": {urlOriginal, asURL}, "request_uri": {urlOriginal, asURL}, "request.uri": {urlOriginal, asURL},
	"RequestPath": {urlOriginal, asURL}, "http_path": {urlOriginal, asURL}, "eventData.httpUriPath": {urlOriginal, asURL}, "eventData.httpHostName": {urlDomain, asIs}, "requestURI": {urlOriginal, asURL},
	"request.host": {urlDomain, asIs}, "RequestHost": {urlDomain, asIs}, "http_host": {urlDomain, asIs}, "query_string": {urlQuery, asIs},
	"method": {httpMethod, asIs}, "request_method": {httpMethod, asIs}, "verb": {httpMethod, asIs}, "http_method": {httpMethod, asIs}, "eventData.httpMethod": {httpMethod, asIs}, "request.method": {httpMethod, asIs}, "RequestMethod": {httpMethod, asIs},
	"status": {httpStatus, asIs}, "status_code": {httpStatus, asIs}, "http_status": {httpStatus, asIs}, "eventName": {eventAction, asIs}, "DownstreamStatus": {httpStatus, asIs}, "OriginStatus": {httpStatus, asIs}, "response.status": {httpStatus, asIs}, "responseStatus.code": {httpStatus, asIs},
	"user_agent": {userAgent, asIs}, "useragent": {userAgent, asIs}, "userAgent": {userAgent, asIs}, "http_user_agent": {userAgent, asIs}, "request_User-Agent": {userAgent, asIs}, "request.headers.User-Agent": {userAgent, asIs},

	"action": {eventAction, asIs}, "outcome": {eventOutcome, inLower},
	"md5": {fileMD5, asIs}, "sha1": {fileSHA1, asIs}, "sha256": {fileSHA256, asIs}, "filename": {fileName, asIs}, "file_path": {filePath, asPath},
	// OTLP's records, with the names of OpenTelemetry's conventions.
	"event_name": {eventAction, asIs}, "resource.process.pid": {processPID, asIs}, "resource.process.executable.path": {processExecutable, asPath},
	"attributes.client.address": {sourceIP, asAddress}, "attributes.client.port": {sourcePort, asIs}, "attributes.source.address": {sourceIP, asAddress}, "attributes.source.port": {sourcePort, asIs},
	"attributes.destination.address": {destinationIP, asAddress}, "attributes.destination.port": {destinationPort, asIs},
	"attributes.http.request.method": {httpMethod, asIs}, "attributes.http.response.status_code": {httpStatus, asIs}, "attributes.url.full": {urlOriginal, asURL}, "attributes.http.target": {urlOriginal, asURL},
	"attributes.url.path": {urlPath, asIs}, "attributes.url.query": {urlQuery, asIs}, "attributes.user_agent.original": {userAgent, asIs}, "attributes.user.name": {userName, asIs}, "attributes.enduser.id": {userName, asIs},

	"QH": {dnsName, asIs}, "QT": {dnsType, asIs}, "qname": {dnsName, asIs}, "qtype": {dnsType, asIs},
}

// commonCore adds the core of a record in which every program may have had its own
// names.
func (r *Reader) commonCore(b *builder, m *message) {
	b.when(m, timeNames...)
	b.putAll(0, commonNames)
	severity := b.get("PRIORITY") // journald
	if severity == "" && b.has("short_message") {
		severity = b.get("level") // GELF
	}
	if len(severity) == 1 && severity[0] >= '0' && severity[0] <= '7' {
		m.severity = int(severity[0] - '0')
	}
}

// lineNames are where collectors put the line that they took from a file, the
// journal or a container.
var lineNames = []string{"message", "MESSAGE", "log", "event.original", "body.stringValue", "body", "short_message", "event"}

// maxNested bounds messages inside the JSON of messages.
const maxNested = 2

// inside reads the line that a collector wrapped in JSON, so that a line of sshd
// is one no matter who carried it. What the collector said stays; when the line had
// a syslog header, the message without it stands as another value of "message".
func (r *Reader) inside(b *builder, m *message, family string) {
	in := *m
	in.text, in.envelope = trim(firstOf(b, lineNames...)), false
	if in.text == "" || b.nested >= maxNested {
		return
	}
	b.nested++
	place := stamp.Place{Zone: m.zone, Near: m.received}
	if in.received.IsZero() {
		place.Near = b.time
	}
	if p := firstOf(b, "program", "SYSLOG_IDENTIFIER", "PROGRAM", "ident", "appname", "syslog.appname", "process.name"); p != "" {
		in.program, in.envelope = p, true
	}
	if h, err := syslog.ParseText(in.text, place); err == nil {
		in.take(&h)
		in.host = cmp.Or(in.host, m.host)
		b.at(in.time)
	}
	classed, source := b.classed, b.source
	known := r.body(b, &in, family, !in.envelope) || r.shapes(b, &in, family)
	switch {
	case !known:
		b.classed, b.source = classed, source
	case in.envelope && in.text != "" && b.get("message") != in.text:
		b.add("message", in.text)
	}
	m.program, m.pid, m.severity, m.facility = in.program, in.pid, in.severity, in.facility
	m.host = cmp.Or(m.host, in.host)
}

func firstOf(b *builder, names ...string) string {
	for _, n := range names {
		if v := b.get(n); v != "" {
			return v
		}
	}
	return ""
}
