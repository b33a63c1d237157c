package telemetry

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Escape returns a writer of JSON with those characters as \u escapes that JSON leaves alone
// and terminals do not: DEL, the C1 controls, and the marks that turn the
// direction of writing. They stand in strings only, where the escape means the
// same. Each write must hold whole characters.
func Escape(w io.Writer) io.Writer { return escaper{w} }

type escaper struct{ w io.Writer }

// Write writes p, which holds whole characters.
func (e escaper) Write(p []byte) (int, error) {
	from := 0
	var out []byte
	for i := 0; i < len(p); {
		r, size := rune(p[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(p[i:])
		}
		if r >= 0x7f && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			out = append(out, p[from:i]...)
			for _, unit := range utf16.AppendRune(nil, r) {
				out = fmt.Appendf(out, "\\u%04x", unit)
			}
			from = i + size
		}
		i += size
	}
	if from == 0 {
		return e.w.Write(p)
	}
	if _, err := e.w.Write(append(out, p[from:]...)); err != nil {
		return 0, err
	}
	return len(p), nil
}
