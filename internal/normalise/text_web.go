package normalise

import (
	"strings"

	"github.com/fengsui/fengsui/internal/format/weblog"
)

func webParsers() []textParser {
	programs := []string{"nginx", "apache", "apache2", "httpd", "apache-access", "apache-error", "nginx-access", "nginx-error"}
	return []textParser{
		{family: "web", programs: programs, shape: accessShape, read: readAccess},
		{family: "web", programs: programs, shape: errorShape, read: readWebError},
	}
}

// accessShape is a stamp in brackets with a quoted request behind it.
func accessShape(m *message) bool {
	i := strings.IndexByte(m.text, '[')
	if i == 0 { // a proxy manager's stamp in front, a client or an address behind
		return len(m.text) > 30 && m.text[3] == '/' && strings.Contains(m.text, " \"")
	}
	return i > 0 && strings.Contains(m.text[i:], "] \"")
}

func errorShape(m *message) bool {
	t := m.text
	return len(t) > 24 && (t[0] == '[' || t[4] == '/' && t[7] == '/')
}

// webServer is Sigma's product of a line whose program, or the file that a
// shipper read it from, names its server.
func webServer(b *builder, m *message) string {
	program := programKey(m.program)
	file := b.get("log.file.path")
	switch {
	case strings.HasPrefix(program, "nginx"), strings.Contains(file, "/nginx/"):
		return "nginx"
	case strings.HasPrefix(program, "apache"), program == "httpd", strings.Contains(file, "/apache2/"), strings.Contains(file, "/httpd/"):
		return "apache"
	}
	return ""
}

func readAccess(b *builder, m *message) bool {
	a, ok := weblog.ParseAccess(m.text)
	if !ok {
		return false
	}
	server := webServer(b, m)
	if server == "" && a.VHostPort != "" {
		server = "apache" // vhost_combined is Apache's own
	}
	b.class("access")
	b.logsource(server, server, "webserver")
	b.at(a.Time)
	if a.Method == "" && a.Request != "" {
		b.add("request", a.Request)
	}
	for _, f := range [...]struct{ name, value string }{
		{"http_version", a.Version}, {"http_referer", a.Referrer}, {"ident", a.Ident}, {"extra", a.Rest},
	} {
		if f.value != "" {
			b.add(f.name, f.value)
		}
	}
	if a.Bytes != "" {
		b.num("body_bytes_sent", a.Bytes)
	}
	b.core(eventCategory, "web")
	if a.Status != "" {
		b.core(eventOutcome, statusOutcome(a.Status))
	}
	b.endpoint(sourceIP, sourceDomain, a.Client)
	b.core(userName, a.User)
	b.core(httpMethod, a.Method)
	b.core(httpStatus, a.Status)
	b.core(userAgent, a.UserAgent)
	webTarget(b, a.Method, a.Target)
	b.core(urlDomain, a.VHost)
	b.core(networkProtocol, "http")
	return true
}

func webTarget(b *builder, method, target string) {
	host, path, query := weblog.SplitTarget(method, target)
	b.core(urlOriginal, target)
	b.core(urlPath, path)
	b.core(urlQuery, query)
	b.core(urlDomain, host)
}

func statusOutcome(status string) string {
	if status[0] >= '4' {
		return "failure"
	}
	return "success"
}

func readWebError(b *builder, m *message) bool {
	e, ok := weblog.ParseError(m.text, m.zone)
	if !ok {
		return false
	}
	b.class(string(e.Server) + "_error")
	b.logsource(string(e.Server), string(e.Server), "webserver")
	b.at(e.Time)
	for _, f := range [...]struct{ name, value string }{
		{"module", e.Module},
		{"server", e.VHost},
		{"upstream", e.Upstream},
		{"http_referer", e.Referrer},
		{"severity", e.Rule.Severity},
	} {
		if f.value != "" {
			b.add(f.name, f.value)
		}
	}
	b.core(coreMessage, e.Message)
	b.core(eventCategory, "web")
	if e.Denied {
		b.core(eventOutcome, "failure")
	}
	if e.User != "" {
		b.core(eventCategory, "authentication")
		b.core(eventAction, "http_login")
	}
	b.core(eventCode, e.Code)
	b.core(logLevel, e.Level)
	b.core(processPID, e.PID)
	b.endpoint(sourceIP, sourceDomain, e.Client)
	b.core(sourcePort, e.Port)
	b.core(userName, e.User)
	b.core(ruleID, e.Rule.ID)
	b.core(ruleName, e.Rule.Message)
	if method, target, _ := weblog.SplitRequest(e.Request); method != "" {
		b.core(httpMethod, method)
		webTarget(b, method, target)
	} else if e.Rule.URI != "" {
		webTarget(b, "", e.Rule.URI)
	}
	b.core(urlDomain, e.Host)
	b.core(urlDomain, e.Rule.Host)
	return true
}
