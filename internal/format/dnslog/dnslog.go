// Package dnslog reads the query logs of BIND 9 (named) and dnsmasq:
//
//	client @0x7f1c2c0 10.10.3.45#53122 (www.example.edu.cn): query: www.example.edu.cn IN A + (10.10.0.53)
//	query[A] www.example.edu.cn from 10.10.3.45
//
// and what named refuses: queries, transfers and updates that are denied.
package dnslog

import (
	"strings"
	"time"
)

// Kind says what the line is about.
type Kind string

// The kinds of lines.
const (
	Query     Kind = "query"
	Denied    Kind = "denied"   // a query, transfer or update that was refused
	Transfer  Kind = "transfer" // a zone transfer that went on
	Forwarded Kind = "forwarded"
	Reply     Kind = "reply"
	Limited   Kind = "rate_limited"
)

// Server names the program that wrote the line.
type Server string

// The servers.
const (
	BIND    Server = "bind"
	Dnsmasq Server = "dnsmasq"
)

// Entry is one line. Empty fields are not told; all texts alias the line.
type Entry struct {
	Server   Server
	Kind     Kind
	Time     time.Time // of named's own stamp, UTC; zero when the line has none
	Level    string    // named's severity
	Category string    // named's category: "queries", "security"
	Client   string    // address of who asks
	Port     string
	View     string
	Name     string // what is asked for, without the final dot
	Type     string // "A", "TXT", "AXFR", …
	Class    string // "IN", …
	Flags    string // named's flags, such as "+E(0)K"
	ServedBy string // address that took the query
	Answer   string // what dnsmasq replied
	Upstream string // where dnsmasq forwarded to
	Reason   string // what else the line says
}

// Parse reads one message of named or dnsmasq, or a line of named's own log file,
// whose stamps have no zone: zone says which it is in, nil means UTC. It reports
// false for everything that is not about a query.
func Parse(line string, zone *time.Location) (Entry, bool) {
	line = strings.TrimSpace(line)
	if e, ok := dnsmasq(line); ok {
		return e, true
	}
	e := Entry{Server: BIND}
	at := strings.Index(line, "client ")
	if at < 0 || !e.head(line[:at], zone) {
		return Entry{}, false
	}
	rest, ok := e.client(line[at+len("client "):])
	if !ok || !e.what(rest) {
		return Entry{}, false
	}
	e.Name = strings.TrimSuffix(e.Name, ".")
	return e, true
}

const namedStamp = "02-Jan-2006 15:04:05.000"

// head reads what stands before "client": a stamp, a category and a severity,
// each of which may be missing.
func (e *Entry) head(s string, zone *time.Location) bool {
	if zone == nil {
		zone = time.UTC
	}
	if len(s) > len(namedStamp) {
		if at, err := time.ParseInLocation(namedStamp, s[:len(namedStamp)], zone); err == nil {
			e.Time = at.UTC()
			s = s[len(namedStamp):]
		}
	}
	for part := range strings.SplitSeq(s, ":") {
		part = strings.TrimSpace(part)
		switch part {
		case "":
		case "info", "notice", "warning", "error", "critical":
			e.Level = part
		default:
			if strings.ContainsRune(part, ' ') || e.Category != "" {
				return false
			}
			e.Category = part
		}
	}
	return true
}

// client reads "[@0x7f] 10.10.3.45#53122[/key x] [(name)]: ".
func (e *Entry) client(s string) (rest string, ok bool) {
	if strings.HasPrefix(s, "@0x") {
		if _, s, ok = strings.Cut(s, " "); !ok {
			return "", false
		}
	}
	e.Client, s, ok = strings.Cut(s, "#")
	if !ok || e.Client == "" || strings.ContainsAny(e.Client, " ()") {
		return "", false
	}
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 {
		return "", false
	}
	e.Port, s = s[:n], s[n:]
	// A name in brackets may hold ": " itself, so its end is looked for first.
	if i := strings.Index(s, "): "); i >= 0 && strings.Contains(s[:i], " (") {
		s = s[i+3:]
	} else if _, s, ok = strings.Cut(s, ": "); !ok {
		return "", false
	}
	if view, found := strings.CutPrefix(s, "view "); found {
		e.View, s, ok = strings.Cut(view, ": ")
	}
	return s, ok || e.View == ""
}

// what reads the act.
func (e *Entry) what(s string) bool {
	if query, ok := strings.CutPrefix(s, "query: "); ok {
		e.Kind = Query
		return e.query(query)
	}
	for _, prefix := range []string{"query (cache) '", "query '", "zone transfer '", "update '", "notify '", "request for '"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			e.Kind = Denied
			name, reason, found := strings.Cut(rest, "' ")
			e.Reason = reason
			if prefix == "update '" {
				e.Type = "UPDATE"
			}
			return found && e.slashed(name)
		}
	}
	if rest, ok := strings.CutPrefix(s, "bad zone transfer request: '"); ok {
		e.Kind, e.Type = Denied, "AXFR"
		name, reason, found := strings.Cut(rest, "': ")
		e.Reason = "bad zone transfer request: " + reason
		return found && e.slashed(name)
	}
	if rest, ok := strings.CutPrefix(s, "transfer of '"); ok {
		e.Kind = Transfer
		name, reason, found := strings.Cut(rest, "': ")
		e.Reason = reason
		e.Type, _, _ = strings.Cut(reason, " ")
		return found && e.slashed(name)
	}
	if strings.HasPrefix(s, "rate limit ") {
		e.Kind, e.Reason = Limited, s
		if _, rest, ok := strings.Cut(s, " for "); ok {
			return e.query(rest)
		}
		return true
	}
	return false
}

// query reads "NAME CLASS TYPE [FLAGS [(SERVER)]]". A name may hold escaped
// characters but no space.
func (e *Entry) query(s string) bool {
	w := strings.Fields(s)
	if len(w) < 3 {
		return false
	}
	e.Name, e.Class, e.Type = w[0], w[1], w[2]
	if len(w) > 3 && !strings.HasPrefix(w[3], "(") {
		e.Flags = w[3]
	}
	if last := w[len(w)-1]; len(w) > 3 && e.Kind == Query && strings.HasPrefix(last, "(") && strings.HasSuffix(last, ")") {
		e.ServedBy = last[1 : len(last)-1]
	}
	return true
}

// slashed reads "NAME/TYPE/CLASS" or "NAME/CLASS".
func (e *Entry) slashed(s string) bool {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return false
	}
	e.Class, s = s[i+1:], s[:i]
	if i = strings.LastIndexByte(s, '/'); i >= 0 {
		e.Type, s = s[i+1:], s[:i]
	}
	e.Name = s
	return true
}
