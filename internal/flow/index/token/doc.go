// Package token says what a text can be found by, and keeps it in filters: words,
// whole values, addresses and Han bigrams, each as a hash. A filter answers whether a
// token may be among those it was made of; no is certain. docs/format/index.md
// describes both.
package token
