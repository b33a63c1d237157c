package weblog

import (
	"net/netip"
	"strings"
	"time"
)

// stampLayout is Apache's %t, which nginx's $time_local shares.
const stampLayout = "02/Jan/2006:15:04:05 -0700"

// Access is one line of an access log. A dash in the log is an empty text here.
type Access struct {
	VHost     string // server name of vhost_combined, without its port
	VHostPort string // decimal; "" when the line has none
	Client    string // address or name, as it stands
	Ident     string
	User      string
	Time      time.Time // UTC
	Request   string    // the request line as it stands, escapes undone
	Method    string
	Target    string // what the client asked for: a path, a URL, host:port or *
	Version   string // such as "HTTP/1.1"
	Status    string // three digits
	Bytes     string // decimal
	Referrer  string
	UserAgent string
	Combined  bool   // the line has referrer and user agent
	Rest      string // what follows them, as other formats have
}

// ParseAccess reads one line. It reports false when the line is none of an access
// log: no stamp in brackets followed by a quoted request and a status. It never
// fails on a damaged request or a missing tail.
//
// Escapes the servers write (\xE4, \", \\) are undone where the result is text;
// else the value stays as it is.
func ParseAccess(line string) (Access, bool) {
	open := stampAt(line)
	if open < 0 {
		return Access{}, false
	}
	end := strings.IndexByte(line[open:], ']') + open
	if open == 0 {
		return proxyAccess(line, end)
	}
	at, err := time.Parse(stampLayout, line[open+1:end])
	if err != nil {
		return Access{}, false
	}
	a := Access{Time: at.UTC()}
	if !a.head(strings.Fields(line[:open])) {
		return Access{}, false
	}
	rest := strings.TrimLeft(line[end+1:], " ")
	if rest == "" || rest[0] != '"' {
		return Access{}, false
	}
	request, rest, ok := requestLine(rest[1:])
	if !ok {
		return Access{}, false
	}
	a.Request = unescape(request)
	a.Method, a.Target, a.Version = SplitRequest(a.Request)
	a.Status, rest = token(rest)
	a.Bytes, rest = token(rest)
	a.tail(rest)
	return a, true
}

// stampAt finds the bracket before "08/Jun/2020:08:04:43 +0000]", or -1.
func stampAt(line string) int {
	from := 0
	for {
		i := strings.IndexByte(line[from:], '[')
		if i < 0 {
			return -1
		}
		i += from
		if rest := line[i+1:]; len(rest) > len(stampLayout) && rest[2] == '/' && rest[6] == '/' &&
			rest[11] == ':' && rest[len(stampLayout)] == ']' {
			return i
		}
		from = i + 1
	}
}

// head reads what stands before the stamp: [vhost] client ident user. nginx
// installations that drop ident have two words; a user name may hold spaces.
func (a *Access) head(w []string) bool {
	if len(w) == 0 || len(w) > 16 {
		return false
	}
	if len(w) >= 3 && !isAddr(w[0]) && (isAddr(w[1]) || len(w) == 4) {
		a.VHost, a.VHostPort = splitPort(w[0])
		w = w[1:]
	}
	a.Client = strings.Trim(strings.TrimSuffix(w[0], ","), "[]")
	switch len(w) {
	case 1:
	case 2:
		a.User = dash(w[1])
	default:
		a.Ident, a.User = dash(w[1]), dash(strings.Join(w[2:], " "))
	}
	return true
}

// requestLine takes the quoted request. Some writers leave quotes in it as they
// are, so it ends at the first quote that a status follows.
func requestLine(s string) (request, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			if status, _ := token(s[i+1:]); i+1 < len(s) && s[i+1] == ' ' && isStatus(status) {
				return s[:i], s[i+1:], true
			}
		}
	}
	// A client's own backslash before the closing quote, from a writer that does
	// not escape: the last resort is the last place that fits.
	for i := strings.LastIndex(s, `" `); i >= 0; i = strings.LastIndex(s[:i], `" `) {
		if status, _ := token(s[i+1:]); isStatus(status) {
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}

// tail reads the quoted referrer and user agent; what follows is Rest.
func (a *Access) tail(rest string) {
	a.Status, a.Bytes = dash(a.Status), dash(a.Bytes)
	rest = strings.TrimLeft(rest, " ")
	if rest == "" || rest[0] != '"' {
		a.Rest = strings.TrimRight(rest, " \r")
		return
	}
	referrer, rest := quoted(rest[1:])
	a.Referrer, a.Combined = unescape(dash(referrer)), true
	rest = strings.TrimLeft(rest, " ")
	if rest != "" && rest[0] == '"' {
		var agent string
		agent, rest = quoted(rest[1:])
		a.UserAgent = unescape(dash(agent))
	}
	a.Rest = strings.Trim(rest, " \r")
}

// quoted takes a text up to the quote that ends it: one followed by a space or
// the end of the line.
func quoted(s string) (text, rest string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			if i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\r' {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

// SplitRequest splits "GET /a?b HTTP/1.1". Target may hold spaces. All parts are
// empty when it is no request line.
func SplitRequest(request string) (method, target, version string) {
	method, target, ok := strings.Cut(request, " ")
	if !ok || !isMethod(method) {
		return "", "", ""
	}
	if i := strings.LastIndexByte(target, ' '); i >= 0 && strings.HasPrefix(target[i+1:], "HTTP/") {
		target, version = target[:i], target[i+1:]
	} else if strings.HasPrefix(target, "HTTP/") {
		target, version = "", target
	}
	return method, target, version
}

// SplitTarget splits what was asked for: a path and query, an absolute URL's host
// too, or the host of CONNECT.
func SplitTarget(method, target string) (host, path, query string) {
	if method == "CONNECT" {
		host, _ = splitPort(target)
		return host, "", ""
	}
	if i := strings.Index(target, "://"); i > 0 && i < 8 && !strings.HasPrefix(target, "/") {
		host, path = target[i+3:], ""
		if j := strings.IndexAny(host, "/?"); j >= 0 {
			host, path = host[:j], host[j:]
		}
		host, _ = splitPort(host)
		target = path
	}
	path, query, _ = strings.Cut(target, "?")
	if path == "*" {
		path = ""
	}
	return host, path, query
}

func isMethod(s string) bool {
	if len(s) < 3 || len(s) > 24 {
		return false
	}
	for i := range len(s) {
		if (s[i] < 'A' || s[i] > 'Z') && s[i] != '-' && s[i] != '_' {
			return false
		}
	}
	return true
}

func isStatus(s string) bool {
	if s == "-" {
		return true
	}
	return len(s) == 3 && s[0] >= '0' && s[0] <= '9' && s[1] >= '0' && s[1] <= '9' && s[2] >= '0' && s[2] <= '9'
}

func isAddr(s string) bool {
	_, err := netip.ParseAddr(strings.Trim(strings.TrimSuffix(s, ","), "[]"))
	return err == nil
}

// splitPort splits host:port; an IPv6 address loses its brackets.
func splitPort(s string) (host, port string) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.IndexByte(s[:i], ':') >= 0 && !strings.HasPrefix(s, "[") || strings.HasSuffix(s, "]") {
		return strings.Trim(s, "[]"), ""
	}
	for j := i + 1; j < len(s); j++ {
		if s[j] < '0' || s[j] > '9' {
			return s, ""
		}
	}
	return strings.Trim(s[:i], "[]"), s[i+1:]
}

func token(s string) (tok, rest string) {
	s = strings.TrimLeft(s, " ")
	if i := strings.IndexByte(s, ' '); i >= 0 {
		return s[:i], s[i:]
	}
	return strings.TrimRight(s, "\r\n"), ""
}

func dash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}
