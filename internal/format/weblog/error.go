package weblog

import (
	"net/netip"
	"strings"
	"time"
)

// Server names the program whose error log a line is of.
type Server string

// The servers told apart by the form of their error logs.
const (
	Nginx  Server = "nginx"
	Apache Server = "apache"
)

// Rule is what ModSecurity found, in the tags of its message.
type Rule struct{ ID, Message, Severity, URI, Host string }

// Error is one line of an error log. Empty fields are not told.
type Error struct {
	Server   Server
	Time     time.Time // UTC
	Level    string    // as the server writes it: "error", "warn", "crit", …
	Module   string    // Apache's module, such as "auth_basic"
	PID      string
	Message  string // without what is in the other fields
	Code     string // Apache's "AH01618"
	Client   string // address
	Port     string // decimal
	User     string // who failed to sign in
	VHost    string // nginx's server
	Request  string // the request line
	Host     string // nginx's host
	Upstream string
	Referrer string
	Rule     Rule
	Denied   bool // the server refused the request or the password
}

// ParseError reads one line of either server's error log. Its stamp has no zone;
// zone says which it is in, nil means UTC. It reports false when the line has
// neither form.
func ParseError(line string, zone *time.Location) (Error, bool) {
	if zone == nil {
		zone = time.UTC
	}
	line = strings.TrimRight(line, "\r\n")
	e, ok := nginxError(line, zone)
	if !ok {
		e, ok = apacheError(line, zone)
	}
	if !ok {
		return Error{}, false
	}
	e.signIn()
	if i := strings.Index(e.Message, "ModSecurity: "); i >= 0 {
		e.modSecurity(e.Message[i:])
	}
	return e, true
}

const nginxStamp = "2006/01/02 15:04:05"

// nginxError reads `2021/12/01 13:53:33 [error] 31#31: *46 …, client: …`.
func nginxError(line string, zone *time.Location) (Error, bool) {
	if len(line) < len(nginxStamp)+4 || line[4] != '/' || line[7] != '/' {
		return Error{}, false
	}
	at, err := time.ParseInLocation(nginxStamp, line[:len(nginxStamp)], zone)
	if err != nil {
		return Error{}, false
	}
	rest, ok := strings.CutPrefix(line[len(nginxStamp):], " [")
	if !ok {
		return Error{}, false
	}
	level, rest, ok := strings.Cut(rest, "] ")
	if !ok || level == "" || strings.ContainsAny(level, " []") {
		return Error{}, false
	}
	e := Error{Server: Nginx, Time: at.UTC(), Level: level}
	rest = e.nginxProcess(rest)
	e.Message = rest
	if i := strings.LastIndex(rest, ", client: "); i >= 0 {
		e.Message = rest[:i]
		e.nginxTail(rest[i+2:])
	}
	if e.Client == "" {
		e.clientTag(e.Message)
	}
	return e, true
}

// nginxProcess takes "31#31: *46 " off: process, thread and connection.
func (e *Error) nginxProcess(rest string) string {
	if process, text, found := strings.Cut(rest, ": "); found {
		if pid, _, isProcess := strings.Cut(process, "#"); isProcess && allDigits(pid) {
			e.PID, rest = pid, text
		}
	}
	if strings.HasPrefix(rest, "*") {
		if n, text, found := strings.Cut(rest[1:], " "); found && allDigits(n) {
			rest = text
		}
	}
	return rest
}

// nginxTail reads `client: 172.17.0.1, server: localhost, request: "GET / HTTP/1.1", host: "x"`.
func (e *Error) nginxTail(s string) {
	for s != "" {
		name, rest, ok := strings.Cut(s, ": ")
		if !ok {
			return
		}
		var value string
		if strings.HasPrefix(rest, `"`) {
			end := strings.Index(rest[1:], `", `)
			if end < 0 {
				value, s = strings.TrimSuffix(rest[1:], `"`), ""
			} else {
				value, s = rest[1:1+end], rest[1+end+3:]
			}
		} else {
			value, s, _ = strings.Cut(rest, ", ")
		}
		switch name {
		case "client":
			e.Client = addrOnly(value)
		case "server":
			e.VHost = value
		case "request":
			e.Request = unescape(value)
		case "host":
			e.Host, _ = splitPort(value)
		case "upstream":
			e.Upstream = value
		case "referrer":
			e.Referrer = unescape(value)
		}
	}
}

// apacheError reads `[Thu Oct 13 12:24:49.880562 2022] [auth_basic:error] [pid 10:tid 1]
// [client 203.0.113.9:50229] AH01618: …` and the shorter form of 2.2.
func apacheError(line string, zone *time.Location) (Error, bool) {
	stamp, rest, ok := bracket(line)
	if !ok {
		return Error{}, false
	}
	at, err := time.ParseInLocation("Mon Jan _2 15:04:05.999999999 2006", stamp, zone)
	if err != nil {
		return Error{}, false
	}
	level, rest, ok := bracket(rest)
	if !ok {
		return Error{}, false
	}
	e := Error{Server: Apache, Time: at.UTC(), Level: level}
	if module, l, found := strings.Cut(level, ":"); found {
		e.Module, e.Level = module, l
	}
	for {
		tag, next, found := bracket(rest)
		if !found {
			break
		}
		if pid, is := strings.CutPrefix(tag, "pid "); is {
			e.PID, _, _ = strings.Cut(pid, ":")
		} else if client, is := strings.CutPrefix(tag, "client "); is {
			if e.Client == "" {
				e.setClient(client)
			}
		} else {
			break
		}
		rest = next
	}
	e.Message = strings.TrimLeft(rest, " ")
	if e.Client == "" {
		e.clientTag(e.Message)
	}
	e.code()
	if i := strings.LastIndex(e.Message, ", referer: "); i >= 0 {
		e.Referrer = unescape(e.Message[i+len(", referer: "):])
		e.Message = e.Message[:i]
	}
	return e, true
}

// code finds Apache's message number, "AH" and five digits before a colon.
func (e *Error) code() {
	for from := 0; ; {
		i := strings.Index(e.Message[from:], "AH")
		if i < 0 {
			return
		}
		i += from
		if len(e.Message) > i+7 && e.Message[i+7] == ':' && allDigits(e.Message[i+2:i+7]) {
			e.Code = e.Message[i : i+7]
			return
		}
		from = i + 2
	}
}

// clientTag finds "[client 203.0.113.9:50229]" inside a message.
func (e *Error) clientTag(s string) {
	if _, rest, ok := strings.Cut(s, "[client "); ok {
		if client, _, ok := strings.Cut(rest, "]"); ok {
			e.setClient(client)
		}
	}
}

func (e *Error) setClient(s string) {
	if _, err := netip.ParseAddr(s); err == nil {
		e.Client = s
		return
	}
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		host, port = s[:i], s[i+1:]
	}
	if host = strings.Trim(host, "[]"); addrOnly(host) != "" && allDigits(port) {
		e.Client, e.Port = host, port
	}
}

// signIn reads who failed to sign in: Apache's and nginx's basic authentication.
func (e *Error) signIn() {
	m := e.Message
	if e.Code != "" {
		if _, rest, ok := strings.Cut(m, e.Code+": "); ok {
			m = rest
		}
	}
	user, found := strings.CutPrefix(m, "user ")
	if !found {
		e.Denied = strings.HasPrefix(m, "client denied by server configuration") ||
			strings.HasPrefix(m, "access forbidden by rule")
		return
	}
	for _, end := range []string{" not found", ": authentication failure", ": password mismatch", `" was not found`, " in realm "} {
		if name, _, ok := strings.Cut(user, end); ok && name != "" {
			e.User, e.Denied = strings.Trim(name, `":`), true
			return
		}
	}
}

// modSecurity reads the tags of a finding: [id "930110"] [msg "…"] [uri "/"].
func (e *Error) modSecurity(m string) {
	e.Rule = Rule{
		ID: tag(m, "id"), Message: tag(m, "msg"), Severity: tag(m, "severity"),
		URI: tag(m, "uri"), Host: tag(m, "hostname"),
	}
	e.Denied = strings.HasPrefix(m, "ModSecurity: Access denied")
}

func tag(s, name string) string {
	_, rest, ok := strings.Cut(s, "["+name+` "`)
	if !ok {
		return ""
	}
	value, _, ok := strings.Cut(rest, `"]`)
	if !ok {
		return ""
	}
	return value
}

// bracket takes "[…]" from the start of s.
func bracket(s string) (inner, rest string, ok bool) {
	s = strings.TrimLeft(s, " ")
	if s == "" || s[0] != '[' {
		return "", s, false
	}
	end := strings.IndexByte(s, ']')
	// An address of version 6 has brackets of its own: "[client [::1]:80]".
	if end > 0 && strings.HasPrefix(s, "[client [") {
		if next := strings.IndexByte(s[end+1:], ']'); next >= 0 {
			end += 1 + next
		}
	}
	if end < 0 {
		return "", s, false
	}
	return s[1:end], s[end+1:], true
}

func addrOnly(s string) string {
	if _, err := netip.ParseAddr(s); err != nil {
		return ""
	}
	return s
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
