package normalise

import (
	"strings"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/format/stamp"
)

// eveNames are the fields of Suricata's EVE.
var eveNames = map[string]target{
	"src_ip": {sourceIP, asIs}, "src_port": {sourcePort, asIs}, "dest_ip": {destinationIP, asIs}, "dest_port": {destinationPort, asIs},
	"proto": {networkTransport, inLower}, "app_proto": {networkProtocol, asIs}, "host": {hostName, asIs},
	"alert.signature_id": {ruleID, asIs}, "alert.signature": {ruleName, asIs}, "alert.severity": {eventSeverity, asIs}, "alert.action": {eventAction, asIs},
	"dns.rrname": {dnsName, asIs}, "dns.query.rrname": {dnsName, asIs}, "dns.queries.rrname": {dnsName, asIs},
	"dns.rrtype": {dnsType, asIs}, "dns.query.rrtype": {dnsType, asIs}, "dns.queries.rrtype": {dnsType, asIs},
	"http.hostname": {urlDomain, asIs}, "http.url": {urlOriginal, asURL}, "http.http_method": {httpMethod, asIs}, "http.status": {httpStatus, asIs},
	"http.http_user_agent": {userAgent, asIs}, "tls.sni": {tlsServerName, asIs},
	"fileinfo.filename": {filePath, asPath}, "fileinfo.md5": {fileMD5, asIs}, "fileinfo.sha1": {fileSHA1, asIs}, "fileinfo.sha256": {fileSHA256, asIs},
	"smb.filename": {filePath, asPath}, "krb5.cname": {userName, asIs}, "ntlmssp.user": {userName, asIs}, "ntlmssp.domain": {userDomain, asIs},
	"smb.ntlmssp.user": {userName, asIs}, "smb.ntlmssp.domain": {userDomain, asIs}, "ftp.user": {userName, asIs},
}

var dnsCategory = []string{"dns"}

// eve reads an event of Suricata.
func (r *Reader) eve(b *builder, m *message) {
	b.class("suricata")
	b.source = event.Logsource{Product: "suricata"}
	b.when(m, "timestamp", "@timestamp")
	b.putAll(0, eveNames)
	kind := b.get("event_type")
	switch kind {
	case "alert", "drop":
		b.core(eventKind, "alert")
		b.core(eventCategory, "intrusion_detection")
	case "stats":
		b.core(eventKind, "metric")
	case "dns":
		b.source.Categories = dnsCategory
		fallthrough
	default:
		b.core(eventKind, "event")
		b.core(eventCategory, "network")
	}
	b.source.Service = kind
	switch kind {
	case "dns", "http", "tls", "ssh", "smb", "ftp", "smtp", "krb5", "rdp", "snmp", "sip", "dhcp", "tftp", "nfs", "mqtt", "quic", "ldap", "pgsql":
		b.core(networkProtocol, kind)
	}
}

// zeekNames are the fields of Zeek's logs; dots may have become underscores on
// the way.
var zeekNames = map[string]target{
	"id.orig_h": {sourceIP, asIs}, "id.orig_p": {sourcePort, asIs}, "id.resp_h": {destinationIP, asIs}, "id.resp_p": {destinationPort, asIs},
	"id_orig_h": {sourceIP, asIs}, "id_orig_p": {sourcePort, asIs}, "id_resp_h": {destinationIP, asIs}, "id_resp_p": {destinationPort, asIs},
	"src": {sourceIP, asIs}, "dst": {destinationIP, asIs}, "proto": {networkTransport, inLower}, "service": {networkProtocol, asIs},
	"@system": {hostName, asIs}, "query": {dnsName, asIs}, "qtype_name": {dnsType, asIs},
	"method": {httpMethod, asIs}, "uri": {urlOriginal, asURL}, "status_code": {httpStatus, asIs}, "user_agent": {userAgent, asIs},
	"username": {userName, asIs}, "user": {userName, asIs}, "domainname": {userDomain, asIs}, "server_name": {tlsServerName, asIs},
	"md5": {fileMD5, asIs}, "sha1": {fileSHA1, asIs}, "sha256": {fileSHA256, asIs}, "filename": {fileName, asIs}, "path": {filePath, asIs},
	"msg": {coreMessage, asIs}, "message": {coreMessage, asIs}, "note": {ruleName, asIs},
	"tx_hosts": {sourceIP, asIs}, "rx_hosts": {destinationIP, asIs},
}

// zeek reads a line of one of Zeek's logs.
func (r *Reader) zeek(b *builder, m *message) {
	b.class("zeek")
	path := firstOf(b, "_path", "@stream")
	b.source = event.Logsource{Product: "zeek", Service: path}
	b.when(m, "ts", "@timestamp", "_write_ts")
	b.putAll(0, zeekNames)
	switch path {
	case "dns":
		b.source.Categories = dnsCategory
		b.core(networkProtocol, "dns")
	case "http":
		b.core(urlDomain, b.get("host"))
		b.core(networkProtocol, "http")
	case "known_hosts", "known_services", "software", "known_certs":
		b.core(hostIP, b.get("host"))
	case "ssl":
		b.core(networkProtocol, "tls")
	case "notice", "weird", "signatures":
		b.core(ruleName, b.get("name"))
		b.core(eventKind, "alert")
	}
	b.core(eventKind, "event")
	b.core(eventCategory, "network")
}

var cloudTrailNames = map[string]target{
	"sourceIPAddress": {sourceIP, asAddress}, "userAgent": {userAgent, asIs}, "eventName": {eventAction, asIs},
	"userIdentity.userName": {userName, asIs}, "userIdentity.principalId": {userID, asIs},
	"userIdentity.sessionContext.sessionIssuer.userName": {userName, asIs}, "errorCode": {eventCode, asIs}, "errorMessage": {coreMessage, asIs},
	"tlsDetails.clientProvidedHostHeader": {destinationDomain, asIs},
}

// cloudTrail reads a record of AWS CloudTrail.
func (r *Reader) cloudTrail(b *builder, m *message) {
	b.class("cloudtrail")
	b.source = event.Logsource{Product: "aws", Service: "cloudtrail"}
	b.when(m, "eventTime", "@timestamp")
	b.putAll(0, cloudTrailNames)
	b.core(eventKind, "event")
	answer := b.get("responseElements.ConsoleLogin")
	switch {
	case answer != "":
		b.core(eventCategory, "authentication")
		b.core(eventOutcome, lower(answer))
	case b.get("errorCode") != "":
		b.core(eventOutcome, "failure")
	default:
		b.core(eventOutcome, "success")
	}
}

var laurelNames = map[string]target{
	"SYSCALL.exe": {processExecutable, asPath}, "SYSCALL.comm": {processName, asIs}, "SYSCALL.pid": {processPID, asIs},
	"SYSCALL.UID": {userName, asIs}, "SYSCALL.uid": {userID, asIs}, "SYSCALL.SYSCALL": {eventAction, asIs},
	"SYSCALL.PPID.exe": {parentExecutable, asPath}, "SYSCALL.PPID.comm": {parentName, asIs}, "PROCTITLE.PROCTITLE": {processCommandLine, asIs}, "NODE": {hostName, asIs},
	"ANOM_ABEND.exe": {processExecutable, asPath}, "ANOM_ABEND.comm": {processName, asIs}, "ANOM_ABEND.pid": {processPID, asIs}, "ANOM_ABEND.UID": {userName, asIs},
}

// laurel reads an event of Linux auditd as the LAUREL plugin writes it.
func (r *Reader) laurel(b *builder, m *message) {
	b.class("auditd")
	b.source = event.Logsource{Product: "linux", Service: "auditd"}
	b.when(m, "@timestamp", "time")
	b.auditTime(b.get("ID"))
	b.putAll(0, laurelNames)
	b.core(eventKind, "event")
	b.core(eventCategory, "process")
	switch b.get("SYSCALL.success") {
	case "yes":
		b.core(eventOutcome, "success")
	case "no":
		b.core(eventOutcome, "failure")
	}
}

// isAuditID reports whether s looks like the id of an audit event.
func isAuditID(s string) bool {
	at, serial, ok := strings.Cut(s, ":")
	if _, stamped := stamp.Epoch(at); !ok || !stamped {
		return false
	}
	rest, some := digits(serial)
	return some && rest == ""
}

// auditTime sets the event time from an audit event's id, "1688048710.843:30826".
func (b *builder) auditTime(id string) {
	at, _, _ := strings.Cut(id, ":")
	if t, ok := stamp.Epoch(at); ok {
		b.at(t)
	}
}
