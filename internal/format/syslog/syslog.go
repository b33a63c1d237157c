// Package syslog reads syslog messages without their transport framing: RFC 5424,
// RFC 3164 and what devices and files make of the latter.
package syslog

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fengsui/fengsui/internal/format/stamp"
)

// The errors of [Parse].
var (
	ErrEmpty    = errors.New("empty message")
	ErrPriority = errors.New("bad priority")
	ErrHeader   = errors.New("no syslog header")
)

// Param is one parameter of structured data.
type Param struct{ ID, Name, Value string }

// Message is a syslog message. Its strings are parts of the text that was parsed,
// except for values of structured data that had escapes.
type Message struct {
	Facility int       // 0 to 23; -1 without a priority
	Severity int       // 0 to 7; -1 without a priority
	Time     time.Time // UTC; zero when there is none or it cannot be read
	Host     string    // empty when the sender names none
	App      string    // program or tag
	ProcID   string
	MsgID    string
	Data     []Param // structured data in its order
	Text     string  // the message without white space around it, NUL and byte order mark
	RFC5424  bool    // the header is RFC 5424's
}

// Parse reads one message.
//
// It never fails on a damaged body: an unreadable time stamp leaves Time zero, and
// structured data that breaks the grammar goes into Text with all that follows. It
// fails with [ErrEmpty], with [ErrPriority] where a "<" is not followed by a
// priority (RFC 5424 section 6.2.1), and with [ErrHeader] for a line without a
// priority that has no time stamp and tag to speak of either. p gives stamps
// without zone or year theirs.
func Parse(msg []byte, p stamp.Place) (Message, error) { return ParseText(string(msg), p) }

// ParseText is [Parse] for text; the message refers to it.
func ParseText(text string, p stamp.Place) (Message, error) {
	m := Message{Facility: -1, Severity: -1}
	text = trim(text)
	if text == "" {
		return m, ErrEmpty
	}
	rest := text
	if text[0] == '<' {
		var ok bool
		if rest, ok = m.priority(text); !ok {
			return m, fmt.Errorf("%w: %.10q", ErrPriority, text)
		}
	}
	if body, ok := version(rest); ok && (m.Facility >= 0 || startsWithDate(body)) {
		m.RFC5424 = true
		m.header(body, p)
		return m, nil
	}
	if m.Facility >= 0 {
		m.bsd(rest, p)
		return m, nil
	}
	return m.file(rest, p)
}

func trim(s string) string {
	s = strings.TrimRight(s, " \t\r\n\x00")
	return strings.TrimLeft(s, " \t\r\n\ufeff")
}

// priority reads "<34>".
func (m *Message) priority(s string) (rest string, ok bool) {
	n, i := 0, 1
	for i < len(s) && i <= 3 && s[i] >= '0' && s[i] <= '9' {
		n = n*10 + int(s[i]-'0')
		i++
	}
	if i == 1 || n > 191 || i >= len(s) || s[i] != '>' {
		return s, false
	}
	m.Facility, m.Severity = n/8, n%8
	return strings.TrimLeft(s[i+1:], " "), true
}

// version reads the "1 " of RFC 5424.
func version(s string) (rest string, ok bool) {
	if len(s) >= 2 && s[0] >= '1' && s[0] <= '9' {
		if s[1] == ' ' {
			return s[2:], true
		}
		if len(s) >= 3 && s[1] >= '0' && s[1] <= '9' && s[2] == ' ' {
			return s[3:], true
		}
	}
	return s, false
}

func startsWithDate(s string) bool {
	return len(s) > 10 && s[4] == '-' && s[7] == '-' && s[10] == 'T' && s[0] >= '1' && s[0] <= '2'
}

// header reads what follows the version of RFC 5424.
func (m *Message) header(s string, p stamp.Place) {
	var at string
	at, s = word(s)
	if t, ok := stamp.Whole(at, p); ok {
		m.Time = t
	}
	m.Host, s = nilWord(s)
	m.App, s = nilWord(s)
	m.ProcID, s = nilWord(s)
	m.MsgID, s = nilWord(s)
	switch {
	case s == "-" || strings.HasPrefix(s, "- "):
		s = s[1:]
	case strings.HasPrefix(s, "["):
		s = m.data(s)
	}
	m.Text = strings.TrimLeft(strings.TrimPrefix(s, " "), " \ufeff")
}

func word(s string) (w, rest string) {
	w, rest, _ = strings.Cut(s, " ")
	return w, rest
}

func nilWord(s string) (w, rest string) {
	w, rest = word(s)
	if w == "-" {
		w = ""
	}
	return w, rest
}

// maxParams bounds the parameters of structured data; more than that is text.
const maxParams = 256

// data reads structured data. When it breaks the grammar all of it is text.
func (m *Message) data(s string) (rest string) {
	rest = s
	for strings.HasPrefix(rest, "[") {
		next, ok := m.element(rest[1:])
		if !ok {
			m.Data = nil
			return s
		}
		rest = next
	}
	return rest
}

// element reads `id name="value" …]`.
func (m *Message) element(s string) (rest string, ok bool) {
	end := strings.IndexAny(s, " ]")
	if end <= 0 || strings.ContainsAny(s[:end], `="`) {
		return s, false
	}
	id := s[:end]
	s = s[end:]
	for {
		s = strings.TrimLeft(s, " ")
		if strings.HasPrefix(s, "]") {
			return s[1:], true
		}
		name, after, found := strings.Cut(s, `="`)
		if !found || name == "" || strings.ContainsAny(name, ` ]"=`) || len(m.Data) >= maxParams {
			return s, false
		}
		value, next, closed := quoted(after)
		if !closed {
			return s, false
		}
		m.Data = append(m.Data, Param{id, name, value})
		s = next
	}
}

// quoted reads up to the closing quotation mark and resolves \" \\ and \].
func quoted(s string) (value, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return unescape(s[:i]), s[i+1:], true
		}
	}
	return "", s, false
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`"\]`, s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
