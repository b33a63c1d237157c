// Package event holds the words of the pipeline: what a log event is, and the
// news that travels from stage to stage.
//
// An event is its raw bytes plus receipt facts; its ledger sequence is its
// identity. Fields are computed by internal/normalise and never stored as truth.
package event

import "time"

// Event is one log record as it was received.
type Event struct {
	Seq       uint64    // ledger sequence, contiguous from 0; valid once sealed
	Received  time.Time // receipt time, UTC, nanoseconds
	Source    string    // id of the known source, or "" for events of the station itself
	Transport string    // how it came: "udp", "tcp", "tls", "http", "bulk", "otlp", "audit"
	Peer      string    // address of the sender without port, as text; may be empty
	Batch     string    // id of the batch it came in; may be empty
	Raw       []byte    // the bytes of the record without its framing; never changed
}

// Kind says how a field's text is to be read.
type Kind uint8

// The kinds of a field's value.
const (
	String Kind = iota // text as it stands
	Number             // decimal number as JSON writes it
	Bool               // "true" or "false"
	Null               // JSON null; Value is empty
)

// Field is one named value of an event. A field with several values (a JSON
// array) stands several times, in order.
type Field struct {
	Name  string
	Value string
	Kind  Kind
}

// Fields are the fields of one event in the order they were found.
type Fields []Field

// Get returns the first value of the named field and whether it is there.
func (f Fields) Get(name string) (string, bool) {
	for i := range f {
		if f[i].Name == name {
			return f[i].Value, true
		}
	}
	return "", false
}

// Logsource says what kind of record an event is, in Sigma's words (Sigma
// specification 2.1.0, log sources). Empty parts are unknown.
type Logsource struct {
	Product    string
	Service    string
	Categories []string // an event can be in several categories
}

// Record is an event that has been read: its text and fields.
type Record struct {
	Event

	Time      time.Time // event time by the sender's clock, UTC; zero when the record names none
	Class     string    // which parser read it, such as "sshd"; "text" when none did
	Text      string    // the raw bytes decoded to UTF-8; what full-text search looks at
	Fields    Fields
	Logsource Logsource
}

// Finding is one match of a rule on one record.
type Finding struct {
	RuleID   string
	Title    string
	Level    string // "informational", "low", "medium", "high", "critical"
	Seq      uint64
	Received time.Time
	Time     time.Time // event time, or receipt time when there is none
	Source   string
	Entity   string   // what the alert is about: host, user or address; never empty
	Matched  []Field  // the fields and values that made it true
	Tags     []string // ATT&CK tags of the rule, such as "attack.t1110"
}
