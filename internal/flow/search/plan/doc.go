// Package plan asks a parsed query of events: of records that were read from the
// ledger, and of the columns of a group in a sidecar. Both give the same answer;
// the records are the truth.
package plan
