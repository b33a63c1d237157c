// Package normalise turns the raw bytes of an event and what is known about its
// source into fields. It is the only reader of raw bytes, so that index,
// detection, hunt and display never disagree.
//
// It is pure: the same event and source give the same record, without clock, disk
// or network. [Version] is written into every sidecar and finding; it goes up
// with every change that gives an event other fields.
//
// # What a record holds
//
// The sender's fields stand under the sender's names: the keys of JSON, CEF and
// key=value as they are, nested objects flattened with dots, a list as the same
// name several times. To them the core is added: the ECS names in core.go and no
// others. A name that the sender used is the sender's; the core never says it
// again. Nothing is invented: what the record does not tell is left out.
//
// What a syslog header has and the core has no name for stands under RFC 5424's
// words: structured data as "id.param", "msgid", and "facility" as a word. The
// header fields of CEF stand under its dictionary's names.
//
// A line that a collector wrapped in JSON is read like the line itself; the class
// is then the line's. Where the line had a syslog header, "message" stands twice:
// as the collector sent it, and without the header.
//
// Limits are in [Options]. What is beyond them is never lost: the text has it.
//
// Class is the parser that read the record: "text" when none knew it. Other
// parsers may only have known the envelope: class "syslog" is a line with a
// syslog header whose message nobody knew.
//
// # How a record is read
//
//  1. The bytes are decoded to UTF-8 (charset.go).
//  2. The envelope is taken off: a JSON object, or a syslog header (RFC 5424,
//     RFC 3164 and what devices make of it). What is left is a [message].
//  3. A message that is JSON, CEF or a line of a known program is read by the
//     parser for it; else the message is plain text.
//  4. The envelope's facts are added to the core where the parser said nothing:
//     @timestamp, host.name, process.name, process.pid, log.level,
//     event.severity, message. event.dataset is the class.
//
// # How to add a parser for lines of text
//
// Bytes to values goes into a folder below internal/format, which knows nothing
// of events. Here, in a file text_<family>.go, a function returns the family's
// [textParser] entries, and [textParsers] lists that function. An entry names the
// programs whose messages it reads ("sshd"), or the shape of a line that comes
// without one, as from a file. Its [parser] looks at message.text and
//
//   - returns false, with whatever it added forgotten, when it does not know the
//     line, so that the next one is asked;
//   - else calls class and logsource once, add and num for the sender's own
//     fields under the sender's names, core for the ECS names, and at for the
//     event time when the line has one better than the envelope's, and returns
//     true.
//
// All strings it hands over should be parts of message.text: they cost nothing.
// Such lines stand in testdata as golden transcripts, and the fuzz target of this
// package sees every parser.
package normalise
