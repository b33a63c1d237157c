package dnslog

import "strings"

// dnsmasq reads dnsmasq's lines, also with log-queries=extra, which puts a serial
// number and the asker before each: "17 10.10.3.45/5353 query[A] …".
func dnsmasq(s string) (Entry, bool) {
	e := Entry{Server: Dnsmasq}
	if n := digits(s); n > 0 && n < len(s) && s[n] == ' ' {
		asker, rest, ok := strings.Cut(s[n+1:], " ")
		client, port, slash := strings.Cut(asker, "/")
		if !ok || !slash || digits(port) != len(port) {
			return Entry{}, false
		}
		e.Client, e.Port, s = client, port, rest
	}
	if rest, ok := strings.CutPrefix(s, "query["); ok {
		e.Kind = Query
		e.Type, rest, ok = strings.Cut(rest, "] ")
		if !ok {
			return Entry{}, false
		}
		name, client, ok := strings.Cut(rest, " from ")
		e.Name, e.Client = name, strings.TrimSpace(client)
		return e, ok && name != ""
	}
	verb, rest, ok := strings.Cut(s, " ")
	if !ok {
		return Entry{}, false
	}
	switch verb {
	case "forwarded":
		e.Kind = Forwarded
		e.Name, e.Upstream, ok = strings.Cut(rest, " to ")
	case "reply", "cached", "cached-stale", "config", "dnssec-query", "validation":
		e.Kind, e.Reason = Reply, verb
		e.Name, e.Answer, ok = strings.Cut(rest, " is ")
	default:
		// Names out of a file: "/etc/hosts www.example.edu.cn is 10.10.1.20".
		if !strings.HasPrefix(verb, "/") {
			return Entry{}, false
		}
		e.Kind, e.Reason = Reply, verb
		e.Name, e.Answer, ok = strings.Cut(rest, " is ")
	}
	return e, ok && e.Name != "" && !strings.ContainsRune(e.Name, ' ')
}

// digits returns how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
