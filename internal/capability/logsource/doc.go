// Package logsource knows who may send logs, counts what they sent, and notices
// when they fall silent.
//
// A source is known by token (kinds http and otlp), by address or by client
// certificate (kind syslog). [Registry] answers receivers from memory;
// [Follower] counts each sealed event once, because its cursor in the ledger is
// stored with the counts; drops, which are in no ledger, are stored once a second.
//
// A source is waiting until its first event, then delivering, and silent when
// nothing came for longer than its limit. Silence beyond the limit is a gap, from
// the last receipt to the next one; so is the time the station was not running
// (reason station_down), and the time a new source never delivered. Gaps are kept
// for ever. Silence is not counted while the station was not there to listen: the
// limit runs from the last receipt or from the start of the station, whichever is
// later. Every gap says when it was recorded and when its end was, so that what
// was known at any time can be told exactly.
//
// Senders nobody knows are strangers: counted in bounded memory, listed, and
// adopted as a source or ignored.
//
// Norms: csl/log-retention.
package logsource
