package normalise

import (
	"strings"

	"github.com/fengsui/fengsui/internal/format/auditd"
)

func auditdParsers() []textParser {
	return []textParser{{
		family:   "auditd",
		programs: []string{"audispd", "audisp-syslog", "auditd", "audit"},
		shape:    auditShape,
		read:     readAuditd,
	}}
}

func auditShape(m *message) bool {
	head := m.text[:min(len(m.text), 128)]
	return strings.Contains(head, "type=") && strings.Contains(head, "audit(")
}

// auditCategory tells the category of the records that have one.
var auditCategory = map[string]string{
	"SYSCALL": "process", "EXECVE": "process", "PROCTITLE": "process", "ANOM_ABEND": "process", "USER_CMD": "process",
	"USER_AUTH": "authentication", "USER_LOGIN": "authentication", "USER_ACCT": "authentication", "LOGIN": "authentication",
	"CRED_ACQ": "authentication", "CRED_REFR": "authentication", "CRED_DISP": "authentication", "USER_ERR": "authentication",
	"USER_START": "session", "USER_END": "session", "USER_LOGOUT": "session",
	"ADD_USER": "iam", "DEL_USER": "iam", "ADD_GROUP": "iam", "DEL_GROUP": "iam", "USER_MGMT": "iam", "USER_CHAUTHTOK": "iam",
	"CONFIG_CHANGE": "configuration", "DAEMON_CONFIG": "configuration",
	"PATH": "file", "SOCKADDR": "network",
}

func readAuditd(b *builder, m *message) bool {
	text := m.text
	// The kernel prints its uptime before the record when no daemon runs.
	if i := strings.Index(text, "audit: type="); i > 0 && i < 40 {
		text = text[i:]
	}
	r, ok := auditd.Parse(text)
	if !ok {
		return false
	}
	b.class("auditd")
	b.logsource("linux", "auditd")
	b.at(r.Time)
	if r.Node != "" {
		b.add("node", r.Node)
	}
	b.add("type", r.Type)
	b.num("serial", r.Serial)
	for _, f := range r.Fields {
		b.add(f.Name, f.Value)
	}
	b.core(hostName, r.Node)
	b.core(eventCategory, auditCategory[r.Type])
	b.core(eventAction, auditAction(b, r.Type))
	b.core(eventOutcome, auditdOutcome(b))
	auditWho(b)
	b.core(processExecutable, b.get("exe"))
	b.core(processName, b.get("comm"))
	b.core(processPID, b.get("pid"))
	b.core(processCommandLine, r.Command)
	switch r.Type {
	case "PATH":
		path := b.get("name")
		b.core(filePath, path)
		b.core(fileName, path[strings.LastIndexByte(path, '/')+1:])
	case "SOCKADDR":
		addr, port := auditd.Peer(b.get("saddr"))
		b.core(destinationIP, addr)
		b.core(destinationPort, port)
	}
	return true
}

// auditAction is the name of the system call where the record is enriched, what a
// program says it did, or the type.
func auditAction(b *builder, kind string) string {
	if s := b.get("SYSCALL"); s != "" {
		return s
	}
	if s := b.get("op"); s != "" && kind != "CONFIG_CHANGE" {
		return s
	}
	return strings.ToLower(kind)
}

func auditdOutcome(b *builder) string {
	for _, name := range [...]string{"success", "res", "result"} {
		switch b.get(name) {
		case "yes", "success", "1":
			return "success"
		case "no", "failed", "0":
			return "failure"
		}
	}
	return ""
}

func auditWho(b *builder) {
	b.core(userID, b.get("uid"))
	for _, name := range [...]string{"acct", "UID", "AUID"} {
		if s := b.get(name); s != "" && s != "unset" && s != "?" && s != "(unknown)" {
			b.core(userName, s)
		}
	}
	b.core(sourceIP, b.get("addr"))
}
