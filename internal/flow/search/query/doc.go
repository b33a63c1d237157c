// Package query is the language logs are asked in: a documented subset of LogsQL
// (docs/query.md). It reads a text into a tree, says what is wrong with one and
// where, writes a tree in its plain form, and tells what its times, numbers,
// addresses and names mean. It knows nothing of events or where they are kept;
// internal/flow/search/plan asks the tree of them.
package query
