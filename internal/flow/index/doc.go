// Package index makes the ledger searchable: one columnar sidecar file per
// segment, and the same in memory for the segment that is still open.
//
// A sidecar is a pure function of its segment, the version of the reader that turned
// raw bytes into fields, and the settings of the sources that tell the reader how. It
// is thrown away and rebuilt at will, and when one of these changes; the plain scan
// over the ledger is the truth, and the sidecar answers the same, faster. A part
// without a good sidecar is said to be scan only until it has been rebuilt; nothing
// in here ever holds up the ledger. Changed settings are noticed within a tick
// ([Options]); until then a part answers with the fields it was built with.
//
// Rows are grouped by the class of their record and stored by column
// (internal/flow/index/sidecar). Each group has a filter of the tokens in it
// (internal/flow/index/token). A filter has no false negatives; about one look-up in
// a hundred for a token that is not there says it may be.
//
// What is kept of a record: sequence, receipt time, source, transport, peer, event
// time, class, text, and every value of every field. Batch id and log source are
// not; they are read from the ledger.
package index
