// Package auditd reads single records of the Linux audit system as auditd writes
// them into its log, audisp sends them by syslog and the kernel prints them when
// no daemon runs:
//
//	node=app02 type=EXECVE msg=audit(1795486800.404:815): argc=2 a0="ls" a1="-l"
//
// Fields keep the record's own names, those inside USER_* records' msg='…' and
// the enriched upper-case ones (after a byte 0x1d) too. Values the kernel wrote in
// hexadecimal because they hold spaces or bytes that are not printable are decoded.
// Records of one event share a serial number; they are not joined here.
package auditd

import (
	"strconv"
	"strings"
	"time"
)

// Pair is a field in the record's own words.
type Pair struct{ Name, Value string }

// Record is one record.
type Record struct {
	Node    string // who wrote it; "" when the record does not say
	Type    string // such as "SYSCALL"; a number the table does not know stays one
	Time    time.Time
	Serial  string // number of the event, shared by its records
	Fields  []Pair // in order, without node, type and msg
	Command string // the arguments of EXECVE, or the title of PROCTITLE, joined by spaces
}

// Get returns the first value of a field, or "".
func (r *Record) Get(name string) string {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return r.Fields[i].Value
		}
	}
	return ""
}

// Parse reads one record. It reports false when the line has no
// "audit(SECONDS.MILLIS:SERIAL)" after a type. It never fails on damaged fields:
// what has no equals sign is skipped.
func Parse(line string) (Record, bool) {
	line = strings.TrimRight(line, "\r\n \x00")
	rest := strings.TrimPrefix(line, "audit: ")
	r := Record{Fields: make([]Pair, 0, 24)}
	if node, ok := strings.CutPrefix(rest, "node="); ok {
		r.Node, rest, _ = strings.Cut(node, " ")
	}
	name, ok := strings.CutPrefix(rest, "type=")
	if !ok {
		return Record{}, false
	}
	r.Type, rest, ok = strings.Cut(name, " ")
	if !ok || r.Type == "" {
		return Record{}, false
	}
	if known := types[r.Type]; known != "" {
		r.Type = known
	} else if n, found := strings.CutPrefix(r.Type, "UNKNOWN["); found && types[strings.TrimSuffix(n, "]")] != "" {
		r.Type = types[strings.TrimSuffix(n, "]")]
	}
	rest = strings.TrimPrefix(rest, "msg=")
	stamp, ok := strings.CutPrefix(rest, "audit(")
	if !ok {
		return Record{}, false
	}
	stamp, rest, ok = strings.Cut(stamp, ")")
	if !ok || !r.stamp(stamp) {
		return Record{}, false
	}
	rest = strings.TrimPrefix(rest, ":")
	if r.Type == "AVC" {
		rest = r.avc(rest)
	}
	r.pairs(rest)
	r.command()
	return r, true
}

// stamp reads "1795486800.404:815".
func (r *Record) stamp(s string) bool {
	s, serial, ok := strings.Cut(s, ":")
	if !ok {
		return false
	}
	seconds, millis, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || sec < 0 || sec > 1<<36 {
		return false
	}
	ms, err := strconv.ParseInt(millis, 10, 64)
	if millis != "" && (err != nil || ms < 0 || ms > 999) {
		return false
	}
	r.Serial, r.Time = serial, time.Unix(sec, ms*int64(time.Millisecond)).UTC()
	return true
}

// avc reads what stands before the fields: "avc:  denied  { read } for".
func (r *Record) avc(s string) string {
	head, rest, ok := strings.Cut(s, " for ")
	if !ok || !strings.Contains(head, "avc:") {
		return s
	}
	if strings.Contains(head, "denied") {
		r.Fields = append(r.Fields, Pair{"avc", "denied"})
	} else if strings.Contains(head, "granted") {
		r.Fields = append(r.Fields, Pair{"avc", "granted"})
	}
	if _, perms, ok := strings.Cut(head, "{ "); ok {
		perms, _, _ = strings.Cut(perms, " }")
		r.Fields = append(r.Fields, Pair{"perms", perms})
	}
	return rest
}

// pairs reads name=value up to the end, opening msg='…'.
func (r *Record) pairs(s string) {
	for {
		s = strings.TrimLeft(s, " ,\x1d")
		eq := strings.IndexByte(s, '=')
		if eq < 0 {
			return
		}
		// Words before the name ("op=x audit: …") are no part of it.
		name := s[:eq]
		if i := strings.LastIndexAny(name, " \x1d"); i >= 0 {
			name = name[i+1:]
		}
		s = s[eq+1:]
		if name == "msg" && strings.HasPrefix(s, "'") {
			inner, rest := s[1:], ""
			if end := strings.LastIndexByte(inner, '\''); end >= 0 {
				inner, rest = inner[:end], inner[end+1:]
			}
			r.pairs(inner)
			s = rest
			continue
		}
		var value string
		value, s = r.value(name, s)
		if name != "" {
			r.Fields = append(r.Fields, Pair{name, value})
		}
	}
}

// value takes one value: in quotes, or up to a space.
func (r *Record) value(name, s string) (value, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			return s[1 : 1+end], s[end+2:]
		}
	}
	if strings.HasPrefix(s, "{") {
		if end := strings.IndexByte(s, '}'); end >= 0 {
			return strings.TrimSpace(s[1:end]), s[end+1:]
		}
	}
	end := strings.IndexAny(s, " \x1d")
	if end < 0 {
		end = len(s)
	}
	value = strings.TrimSuffix(s[:end], ",")
	if r.encoded(name) {
		value = decode(value)
	}
	return value, s[end:]
}

// encoded reports whether the kernel or the daemon may have written the field in
// hexadecimal.
func (r *Record) encoded(name string) bool {
	switch name {
	case "comm", "exe", "name", "cwd", "proctitle", "data", "cmd", "path", "acct", "file", "key", "vm", "dir", "old-name", "new-name":
		return true
	}
	return r.Type == "EXECVE" && isArgument(name)
}

// isArgument reports whether name is "a0", "a12" or "a1[2]".
func isArgument(name string) bool {
	if len(name) < 2 || name[0] != 'a' {
		return false
	}
	for i := 1; i < len(name); i++ {
		if c := name[i]; (c < '0' || c > '9') && c != '[' && c != ']' {
			return false
		}
	}
	return true
}

// decode undoes hexadecimal; a value that is none stays. Bytes that are not text
// stay encoded; a zero byte, which parts arguments, becomes a space.
func decode(s string) string {
	if len(s) < 2 || len(s)%2 != 0 {
		return s
	}
	out := make([]byte, 0, len(s)/2)
	for i := 0; i < len(s); i += 2 {
		hi, ok1 := nibble(s[i])
		lo, ok2 := nibble(s[i+1])
		if !ok1 || !ok2 {
			return s
		}
		c := hi<<4 | lo
		if c == 0 {
			c = ' '
		}
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != 0x1b {
			return s
		}
		out = append(out, c)
	}
	return text(out, s)
}

// nibble takes the kernel's upper-case digits only, so that a plain word such as
// "added" is not mistaken.
func nibble(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// command joins the arguments of a started program.
func (r *Record) command() {
	switch r.Type {
	case "PROCTITLE":
		r.Command = strings.TrimSpace(r.Get("proctitle"))
	case "EXECVE":
		var b strings.Builder
		for _, f := range r.Fields {
			if !isArgument(f.Name) {
				continue
			}
			// A long argument comes in pieces, a1[0] a1[1] …, without spaces between.
			if b.Len() > 0 && (!strings.Contains(f.Name, "[") || strings.HasSuffix(f.Name, "[0]")) {
				b.WriteByte(' ')
			}
			b.WriteString(f.Value)
		}
		r.Command = b.String()
	case "USER_CMD":
		r.Command = r.Get("cmd")
	}
}
