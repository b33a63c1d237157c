package normalise

import (
	"strings"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/format/stamp"
)

// flatten reads message.text as one JSON object into fields. When it is none,
// nothing stays.
func (r *Reader) flatten(b *builder, m *message) bool {
	start := b.mark()
	if !b.json.Read(m.text) {
		b.back(&start)
		return false
	}
	b.whole = true
	return true
}

// object reads a JSON object and finds out by its names whose it is.
func (r *Reader) object(b *builder, m *message, family string) bool {
	if !r.flatten(b, m) {
		return false
	}
	if v := windowsShape(b); v != nil {
		r.windows(b, m, v)
		return true
	}
	switch {
	case family == "eve" || isEVE(b):
		r.eve(b, m)
	case isZeek(b):
		r.zeek(b, m)
	case b.has("eventSource") && b.has("eventName") && b.has("eventVersion"):
		r.cloudTrail(b, m)
	case b.has("ID") && isAuditID(b.get("ID")), family == "auditd" && !b.has("message"):
		r.laurel(b, m)
	default:
		b.class("json")
		r.commonCore(b, m)
		r.inside(b, m, family)
	}
	return true
}

func isEVE(b *builder) bool {
	return b.has("event_type") && (b.has("flow_id") || b.has("src_ip") || b.has("timestamp"))
}

func isZeek(b *builder) bool {
	return b.has("ts") && (b.has("_path") || b.has("@stream")) || b.has("uid") && (b.has("id.orig_h") || b.has("id_orig_h"))
}

// when sets the event time from the first of the named fields that is a stamp.
func (b *builder) when(m *message, names ...string) {
	for _, name := range names {
		if v := b.get(name); v != "" {
			if t, ok := stamp.Whole(v, stamp.Place{Zone: m.zone, Near: m.received}); ok {
				b.at(t)
				return
			}
		}
	}
}

// way says how a sender's value becomes one of the core.
type way uint8

const (
	asIs      way = iota
	inLower       // a word whose case senders differ in
	asAddress     // an address, also with a port, or a name: the fields of source or destination
	asLevel       // the level of a log line
	asPath        // a path of a file or program, which gives the name besides
	asURL         // a URL or path, which gives its parts besides
	asAccount     // DOMAIN\user
	asHashes      // SHA256=…,MD5=…
)

// target is the core field that a sender's field gives.
type target struct {
	core core
	way  way
}

// put adds a sender's value to the core.
func (b *builder) put(to target, value string) {
	switch to.way {
	case asIs:
		b.core(to.core, value)
	case inLower:
		b.core(to.core, lower(value))
	case asAddress:
		b.peer(to.core, value)
	case asLevel:
		if !isDecimal(value) {
			b.core(to.core, lower(value))
		}
	case asPath:
		b.path(to.core, value)
	case asURL:
		b.url(value)
	case asAccount:
		b.account(value)
	case asHashes:
		b.hashes(value)
	}
}

// putAll adds the core of the fields that were added since from, by the table.
func (b *builder) putAll(from int, table map[string]target) {
	for i, n := from, len(b.fields); i < n; i++ {
		f := &b.fields[i]
		if f.Kind == event.Null {
			continue
		}
		if to, ok := table[f.Name]; ok {
			b.put(to, f.Value)
		}
	}
}

// path adds a path to process.executable, process.parent.executable or file.path
// and its last part to the field of the name.
func (b *builder) path(c core, value string) {
	b.core(c, value)
	name := value
	if i := strings.LastIndexAny(value, `/\`); i >= 0 {
		name = value[i+1:]
	}
	switch c { //nolint:exhaustive // the three that have a name besides
	case processExecutable:
		b.core(processName, name)
	case parentExecutable:
		b.core(parentName, name)
	case filePath:
		b.core(fileName, name)
	}
}

// url adds a URL, absolute or from its path on, and its parts.
func (b *builder) url(value string) {
	b.core(urlOriginal, value)
	rest := value
	if scheme, after, ok := strings.Cut(value, "://"); ok && len(scheme) <= 8 && !strings.ContainsAny(scheme, "/?") {
		end := strings.IndexAny(after, "/?#")
		if end < 0 {
			end = len(after)
		}
		authority := after[:end]
		if i := strings.LastIndexByte(authority, '@'); i >= 0 {
			authority = authority[i+1:]
		}
		b.core(urlDomain, bareAddress(authority))
		rest = after[end:]
	}
	if !strings.HasPrefix(rest, "/") && rest != "" && rest[0] != '?' {
		return
	}
	path, query, _ := strings.Cut(rest, "?")
	path, _, _ = strings.Cut(path, "#")
	b.core(urlPath, path)
	b.core(urlQuery, query)
}

// account adds DOMAIN\user or user.
func (b *builder) account(value string) {
	if domain, user, ok := strings.Cut(value, `\`); ok {
		b.core(userDomain, domain)
		value = user
	}
	b.core(userName, value)
}

// hashes adds SHA256=…,MD5=… as Sysmon writes them.
func (b *builder) hashes(value string) {
	for part := range strings.SplitSeq(value, ",") {
		kind, sum, _ := strings.Cut(part, "=")
		switch kind {
		case "MD5":
			b.core(fileMD5, strings.ToLower(sum))
		case "SHA1":
			b.core(fileSHA1, strings.ToLower(sum))
		case "SHA256":
			b.core(fileSHA256, strings.ToLower(sum))
		}
	}
}

// peer adds "192.0.2.1", "192.0.2.1:443" or a name to the fields of the source or
// the destination, whose address ip names.
func (b *builder) peer(ip core, value string) {
	bare := bareAddress(value)
	if !isAddress(bare) {
		b.core(ip+2, bare)
		return
	}
	b.core(ip, bare)
	if len(value) > len(bare)+1 {
		b.core(ip+1, value[strings.LastIndexByte(value, ':')+1:])
	}
}

// bareAddress strips the port and brackets of "192.0.2.1:443", "[2001:db8::1]:443"
// and "host:443".
func bareAddress(s string) string {
	if strings.HasPrefix(s, "[") {
		if end := strings.IndexByte(s, ']'); end > 0 {
			return s[1:end]
		}
		return s
	}
	if i := strings.IndexByte(s, ':'); i > 0 && i == strings.LastIndexByte(s, ':') && isPortNumber(s[i+1:]) {
		return s[:i]
	}
	return s
}

// lower is strings.ToLower without an allocation for the words that occur most.
func lower(s string) string {
	switch s {
	case "TCP":
		return "tcp"
	case "UDP":
		return "udp"
	case "ICMP":
		return "icmp"
	case "INFO":
		return "info"
	case "ERROR":
		return "error"
	case "WARN":
		return "warn"
	case "WARNING":
		return "warning"
	}
	return strings.ToLower(s)
}
