// Package rules holds the detection rules and the field mappings that Fengsui
// ships, as data.
//
// A rule is a Sigma file below sigma/<area>/. A mapping file below mapping/ lists
// tables of field names per log source; files are read in the order of their
// names.
package rules

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed all:mapping all:sigma
var files embed.FS

// Sigma returns the folder of the shipped rules.
func Sigma() fs.FS { return sub("sigma") }

// Mapping returns the shipped mapping files in the order in which they apply.
func Mapping() [][]byte {
	folder := sub("mapping")
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		panic("BUG: embedded mapping folder: " + err.Error())
	}
	var out [][]byte
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".yaml") {
			continue
		}
		data, err := fs.ReadFile(folder, e.Name())
		if err != nil {
			panic("BUG: embedded mapping file: " + err.Error())
		}
		out = append(out, data)
	}
	return out
}

func sub(name string) fs.FS {
	f, err := fs.Sub(files, name)
	if err != nil {
		panic("BUG: embedded folder: " + err.Error())
	}
	return f
}
