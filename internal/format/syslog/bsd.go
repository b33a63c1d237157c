package syslog

import (
	"strings"

	"github.com/fengsui/fengsui/internal/format/stamp"
)

// maxTag is longer than RFC 3164 allows: real tags are.
const maxTag = 80

// bsd reads what follows the priority of RFC 3164: everything may be missing.
func (m *Message) bsd(s string, p stamp.Place) {
	s = sequence(s)
	if t, rest, ok := stamp.Leading(s, p); ok {
		m.Time = t
		m.host(rest)
		return
	}
	// Cisco with "logging origin-id": the host stands before the stamp.
	if host, rest, ok := strings.Cut(s, ": "); ok && isHost(host) {
		if t, after, ok := stamp.Leading(strings.TrimLeft(rest, " "), p); ok {
			m.Time, m.Host, m.Text = t, host, after
			m.tag(after)
			return
		}
	}
	// Without a stamp there is no host either; a tag may be there.
	m.Text = s
	m.tag(s)
}

// sequence steps over the counter that Cisco puts before the stamp ("123: ").
func sequence(s string) string {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i > 0 && i <= 10 && strings.HasPrefix(s[i:], ": ") {
		return strings.TrimLeft(s[i+2:], " ")
	}
	return s
}

// file reads a line without a priority, as syslog daemons write it to files: a
// stamp, then a host and a tag. RFC 3164's stamp is good for itself, an ISO stamp
// only with a tag behind it, because every program writes lines that begin so.
func (m Message) file(s string, p stamp.Place) (Message, error) {
	t, rest, ok := stamp.Leading(s, p)
	if !ok {
		if !bsdStamp(s) {
			return m, ErrHeader
		}
		// A stamp that lacks its year, with nothing to tell it from.
		rest = s[15:]
	}
	m.Time = t
	iso := s[0] >= '0' && s[0] <= '9'
	m.host(strings.TrimLeft(rest, " "))
	if iso && (m.Host == "" || m.App == "") && !strings.HasPrefix(m.Text, "%%") {
		return Message{Facility: -1, Severity: -1}, ErrHeader
	}
	return m, nil
}

// bsdStamp reports whether s has the shape of "Nov 24 10:15:02 ".
func bsdStamp(s string) bool {
	if len(s) < 16 || s[3] != ' ' || s[6] != ' ' || s[9] != ':' || s[12] != ':' || s[15] != ' ' {
		return false
	}
	_, _, ok := stamp.Leading(s[:15]+" 2000", stamp.Place{})
	return ok
}

// host reads the host and what follows it. The host is missing when the first word
// is a tag or belongs to the message.
func (m *Message) host(s string) {
	m.Text = s
	first, rest, ok := strings.Cut(s, " ")
	rest = strings.TrimLeft(rest, " ")
	if bare, colon := strings.CutSuffix(first, ":"); colon && ok {
		// A word with a colon is the tag, except before a Cisco mnemonic.
		if strings.HasPrefix(rest, "%") && isHost(bare) {
			m.Host, m.Text = bare, rest
			return
		}
		m.tag(s)
		return
	}
	switch {
	case !ok || !isHost(first) || hasPID(first):
		m.tag(s)
		return
	case strings.HasPrefix(rest, ": "): // Cisco ASA: "host : %ASA-6-302013"
		rest = strings.TrimLeft(rest[2:], " ")
	}
	m.Host, m.Text = first, rest
	m.tag(rest)
}

// hasPID reports whether a word looks like "sshd[77]".
func hasPID(w string) bool {
	open := strings.IndexByte(w, '[')
	return open > 0 && strings.IndexByte(w[open:], ']') > 1
}

// isHost reports whether a word can be the name or address of a host.
func isHost(w string) bool {
	if w == "" || len(w) > 255 || w[0] == '%' || w[0] == '-' {
		return false
	}
	for i := range len(w) {
		if !isWordByte(w[i]) && strings.IndexByte(".-_:/", w[i]) < 0 {
			return false
		}
	}
	return !strings.HasPrefix(w, "CEF:") && !strings.HasPrefix(w, "LEEF:")
}

// tag reads "program[pid]: " or "program: " from the start of s and leaves the
// rest in Text. Without one, Text is s.
func (m *Message) tag(s string) {
	m.Text = s
	end := 0
	for end < len(s) && end < maxTag && isTagByte(s[end]) {
		end++
	}
	if end == 0 || end == len(s) {
		return
	}
	switch s[end] {
	case ':':
		if end+1 < len(s) && s[end+1] != ' ' && s[end+1] != '\t' || s[:end] == "CEF" || s[:end] == "LEEF" {
			return
		}
		m.App, m.Text = s[:end], strings.TrimLeft(s[end+1:], " \t")
	case '[':
		m.pid(s, end)
	case ' ':
		// "date host program : message", as some devices write it
		if strings.HasPrefix(s[end:], " : ") {
			m.App, m.Text = s[:end], strings.TrimLeft(s[end+3:], " ")
		}
	}
}

// pid reads "[77]: " at end, behind the program.
func (m *Message) pid(s string, end int) {
	closing := strings.IndexByte(s[end:], ']')
	if closing < 2 || closing > 32 {
		return
	}
	after := s[end+closing+1:]
	if after != "" && after[0] != ':' && after[0] != ' ' {
		return
	}
	m.App, m.ProcID = s[:end], s[end+1:end+closing]
	m.Text = strings.TrimLeft(strings.TrimPrefix(after, ":"), " \t")
}

func isTagByte(b byte) bool {
	return isWordByte(b) || strings.IndexByte("._-/()@+,#$", b) >= 0
}

func isWordByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b >= 0x80
}
