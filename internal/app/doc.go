// Package app joins everything: it opens the data directory, the ledger and the
// records, hands each part what it needs, and runs them in order. It is the only
// package that knows all the others.
//
// A [Station] is opened, run and closed. Opening makes everything that is needed
// to answer a request; running adds receivers, listeners and what works in the
// background. The command line acts on a stopped station by opening it without
// running it.
package app
