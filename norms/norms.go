// Package norms holds the law as data: norms with their versions, provisions
// with a number per version, obligations, sanctions, and the controls that
// serve them. Every fact carries its status: found (the text was seen), derived
// (follows from a renumbering, text not seen) or recalled (not verified).
//
// Summaries are our own words and not the legal text. The shape of the files is
// described in docs/format/norm.md; internal/comply reads and checks them.
package norms

import "embed"

// Files are csl.yaml and its siblings, one norm a file, and controls.yaml.
//
//go:embed *.yaml
var Files embed.FS
