package dnslog

import "strings"

// dnsmasq reads dnsmasq's lines, also with log-queries=extra, which puts a serial
// number and the asker before each: "17 10.10.3.45/5353 query[A] …".
func dnsmasq(s string) (Entry, bool) {
	e := Entry{Server: Dnsmasq}
	s, ok := e.asker(s)
	if !ok {
		return Entry{}, false
	}
	if rest, is := strings.CutPrefix(s, "query["); is {
		e.Kind = Query
		e.Type, rest, ok = strings.Cut(rest, "] ")
		name, client, from := strings.Cut(rest, " from ")
		e.Name, e.Client = name, strings.TrimSpace(client)
		return e, ok && from && name != ""
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

// asker takes the serial number and who asks off, where they stand.
func (e *Entry) asker(s string) (rest string, ok bool) {
	n := digits(s)
	if n == 0 || n == len(s) || s[n] != ' ' {
		return s, true
	}
	asker, rest, found := strings.Cut(s[n+1:], " ")
	client, port, slash := strings.Cut(asker, "/")
	if !found || !slash || digits(port) != len(port) {
		return "", false
	}
	e.Client, e.Port = client, port
	return rest, true
}

// digits returns how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
