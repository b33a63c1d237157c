package weblog

import (
	"slices"
	"strings"
	"time"
)

// proxyAccess reads what nginx proxy managers write, with the stamp in front:
//
//	[24/Nov/2026:10:15:02 +0800] - 404 404 - GET http www.example.edu.cn "/a" [Client 203.0.113.9] [Length 192] … "agent" "referrer"
//	[24/Nov/2026:10:15:02 +0800] www.example.edu.cn 203.0.113.9 0.227 "GET / HTTP/2.0" 207 125 440 - agent
func proxyAccess(line string, end int) (Access, bool) {
	at, err := time.Parse(stampLayout, line[1:end])
	if err != nil {
		return Access{}, false
	}
	a := Access{Time: at.UTC()}
	head, rest, ok := strings.Cut(line[end+1:], `"`)
	if !ok {
		return Access{}, false
	}
	w := strings.Fields(head)
	if n := len(w); n >= 5 && w[n-4] == "-" && isMethod(w[n-3]) && isStatus(w[n-5]) {
		a.Status, a.Method, a.VHost = dash(w[n-5]), w[n-3], w[n-1]
		return a, a.proxyTags(rest)
	}
	if len(w) != 3 || !isAddr(w[1]) {
		return Access{}, false
	}
	a.VHost, _ = splitPort(strings.Trim(w[0], "_"))
	a.Client = w[1]
	request, rest, ok := requestLine(rest)
	if !ok {
		return Access{}, false
	}
	a.Request = unescape(request)
	a.Method, a.Target, a.Version = SplitRequest(a.Request)
	a.Status, rest = token(rest)
	a.Bytes, rest = token(rest)
	_, rest = token(rest) // length of the request
	referrer, agent := token(rest)
	a.Status, a.Bytes = dash(a.Status), dash(a.Bytes)
	a.Referrer, a.UserAgent, a.Combined = dash(referrer), dash(strings.TrimSpace(agent)), true
	return a, true
}

// proxyTags reads the target, the tags in brackets, and agent and referrer.
func (a *Access) proxyTags(s string) bool {
	target, rest, ok := strings.Cut(s, `" [Client `)
	if !ok {
		return false
	}
	a.Target = unescape(target)
	a.Request = a.Method + " " + a.Target
	client, rest, ok := strings.Cut(rest, "]")
	if !ok || !isAddr(client) {
		return false
	}
	a.Client = client
	for {
		tag, next, found := bracket(rest)
		if !found {
			break
		}
		if size, is := strings.CutPrefix(tag, "Length "); is {
			a.Bytes = dash(size)
		}
		rest = next
	}
	var texts []string
	for rest = strings.TrimLeft(rest, " "); strings.HasPrefix(rest, `"`); rest = strings.TrimLeft(rest, " ") {
		var text string
		text, rest = quoted(rest[1:])
		texts = append(texts, unescape(dash(text)))
	}
	a.Combined = len(texts) > 0
	texts = slices.Concat(texts, []string{"", ""})
	a.UserAgent, a.Referrer, a.Rest = texts[0], texts[1], strings.TrimSpace(rest)
	return true
}
