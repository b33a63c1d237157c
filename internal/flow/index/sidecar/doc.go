// Package sidecar keeps the records of one segment of the ledger by column: in
// memory while they come ([Memory]), and in a file that does not change any more
// ([Writer], [File]). Both are read as [Group]s. The file format is
// docs/format/index.md; a file is a pure function of the records and what
// [Writer.Finish] is told.
//
// It knows nothing of the ledger's life: which segments there are, and which
// sidecars are missing or out of date, is for internal/flow/index.
package sidecar
