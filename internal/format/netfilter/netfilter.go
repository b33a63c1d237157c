// Package netfilter reads the lines the Linux kernel's packet filter writes for
// the LOG target of iptables and the log statement of nftables, ufw's and
// Proxmox's among them:
//
//	[88120.551] FW-DROP IN=eth0 OUT= MAC=… SRC=203.0.113.9 DST=10.10.1.20 LEN=60 … PROTO=TCP SPT=40112 DPT=22 … SYN URGP=0
//
// The prefix is the administrator's own text; the action is read from it.
package netfilter

import "strings"

// Action is what the rule that logged did, as far as its prefix tells.
type Action string

// The actions.
const (
	Accept Action = "accept"
	Drop   Action = "drop"
	Reject Action = "reject"
	Block  Action = "block"
	Audit  Action = "audit"
)

// Denied reports whether the packet did not get through.
func (a Action) Denied() bool { return a == Drop || a == Reject || a == Block }

// Pair is a field in the kernel's own words.
type Pair struct{ Name, Value string }

// Packet is one logged packet. All texts alias the message.
type Packet struct {
	Prefix   string // text before the fields, without the kernel's uptime
	Action   Action // "" when the prefix does not tell
	In, Out  string // interfaces
	Source   string
	Dest     string
	SrcPort  string
	DstPort  string
	Protocol string // as the kernel writes it: "TCP", "UDP", "ICMP", "2"
	Fields   []Pair // all name=value fields in order, those with empty values left out
	Flags    string // words without a value: "DF", "SYN", … joined as they stand
}

// Parse reads the message of a kernel log line. It reports false when it has no
// IN= or OUT= with a source, a destination and a protocol behind it. The packet an
// ICMP error quotes in brackets is left out.
func Parse(message string) (Packet, bool) {
	start := fieldAt(message)
	if start < 0 {
		return Packet{}, false
	}
	p := Packet{Prefix: prefix(message[:start]), Fields: make([]Pair, 0, 20)}
	flags := make([]string, 0, 4)
	text := message[start:]
	if i := strings.IndexByte(text, '['); i >= 0 {
		text = text[:i]
	}
	for word := range strings.FieldsSeq(text) {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			flags = append(flags, word)
			continue
		}
		p.set(name, value)
	}
	if p.Source == "" || p.Dest == "" || p.Protocol == "" {
		return Packet{}, false
	}
	p.Flags = strings.Join(flags, " ")
	p.Action = action(p.Prefix)
	return p, true
}

func (p *Packet) set(name, value string) {
	if value == "" {
		return
	}
	switch name {
	case "IN":
		p.In = value
	case "OUT":
		p.Out = value
	case "SRC":
		p.Source = value
	case "DST":
		p.Dest = value
	case "SPT":
		p.SrcPort = value
	case "DPT":
		p.DstPort = value
	case "PROTO":
		p.Protocol = value
	case "LEN":
		// UDP repeats LEN for its own length; the packet's comes first.
		for i := range p.Fields {
			if p.Fields[i].Name == name {
				return
			}
		}
	}
	p.Fields = append(p.Fields, Pair{Name: name, Value: value})
}

// fieldAt finds where the fields begin: IN= or, for what leaves the host, OUT=.
func fieldAt(s string) int {
	in, out := wordAt(s, "IN="), wordAt(s, "OUT=")
	if in < 0 || out >= 0 && out < in {
		return out
	}
	return in
}

func wordAt(s, name string) int {
	from := 0
	for {
		i := strings.Index(s[from:], name)
		if i < 0 {
			return -1
		}
		i += from
		// Prefixes are often written without a space behind them: "[DROP]IN=eth0".
		if i == 0 || !letter(s[i-1]) {
			return i
		}
		from = i + len(name)
	}
}

// letter reports whether c can be part of a longer name, as in PHYSIN= and a
// prefix FORWARD_IN=.
func letter(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

// prefix strips the kernel's uptime, "[88120.551] ".
func prefix(s string) string {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "["); ok {
		if uptime, after, ok := strings.Cut(rest, "]"); ok && isUptime(uptime) {
			s = after
		}
	}
	return strings.TrimRight(strings.TrimSpace(s), ": ")
}

func isUptime(s string) bool {
	s = strings.TrimSpace(s)
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && s[i] != '.' {
			return false
		}
	}
	return s != ""
}

// words are looked for in a prefix, in this order, so that "default-drop after
// accept" is a drop.
var words = []struct {
	word   string
	action Action
}{
	{"drop", Drop},
	{"reject", Reject},
	{"block", Block},
	{"deny", Block},
	{"denied", Block},
	{"accept", Accept},
	{"allow", Accept},
	{"permit", Accept},
	{"pass", Accept},
	{"audit", Audit},
}

func action(prefix string) Action {
	lower := strings.ToLower(prefix)
	for i := range words {
		if strings.Contains(lower, words[i].word) {
			return words[i].action
		}
	}
	return ""
}
