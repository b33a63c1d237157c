// Package web holds the built console.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist returns the files of the built console: index.html with the placeholder
// __CSP_NONCE__, and text assets as .br and .gz only. Without a build it holds
// nothing but .keep.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("BUG: dist is no valid path: " + err.Error())
	}
	return sub
}
