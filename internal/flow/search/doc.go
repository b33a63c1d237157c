// Package search finds events: it walks over the index and over the ledger itself,
// and has the operations of the API for logs.
//
// The language is that of internal/flow/search/query, a documented subset of LogsQL
// (docs/query.md); internal/flow/search/plan asks it of events. A query is
// answered from the sidecars of internal/flow/index where there are good ones and
// by reading the ledger where there are none; both give the same answer, and a
// test holds them equal. Every event that was acknowledged before a query began
// is found by it.
//
// Results are ordered by the time an event is searched by ([sidecar.When]: its own
// time where it is believed, else receipt) and then by sequence.
package search
