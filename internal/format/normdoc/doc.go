// Package normdoc reads Chinese laws, issued work plans and notices from plain
// text, HTML or DOCX into a tree of provisions with references, quantities and
// tasks, and compares two such trees.
//
// It takes what scanners and page layouts do to such texts: cut lines, page
// numbers, bullets, mixed punctuation, numbers that lost a character. Every such
// place is a warning with its line; no character but white space is lost. The
// values, ids and codes are described in docs/format/norm.md.
package normdoc
