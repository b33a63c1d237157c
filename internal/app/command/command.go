// Package command holds what the subcommands of the fengsui binary do. Each is a
// struct whose tags say how it is called and whose Run does it; cmd/fengsui parses
// the arguments and turns errors into exit codes.
//
// Machine output is one JSON object per line on Output.Out; everything meant for a
// person goes to Output.Err.
package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/fengsui/fengsui/internal/platform/telemetry"
)

// The exit codes of the binary.
const (
	ExitOK    = 0 // done, and nothing wrong was found
	ExitFound = 1 // done, and something wrong was found
	ExitError = 2 // could not do it
)

// Output is where a command writes, and its clock.
type Output struct {
	Version string    // of the binary
	Out     io.Writer // results
	Err     io.Writer // notes for a person, each line begun with "fengsui: "
	Now     func() time.Time
}

// Found ends a command that did its work and found something wrong. What it found
// has been printed.
type Found struct{ What string } //nolint:errname // it is a finding, and reads as one where it is returned

// Error names what was found.
func (f Found) Error() string { return f.What }

// ExitCode returns the exit code for the error of a Run.
func ExitCode(err error) int {
	var found Found
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &found):
		return ExitFound
	}
	return ExitError
}

// line prints one result.
func (o Output) line(v any) error {
	if err := encoder(o.Out).Encode(v); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// encoder prints one JSON object a line; what a terminal would act on is escaped.
func encoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(telemetry.Escape(w))
	e.SetEscapeHTML(false)
	return e
}

// note tells a person something beside the results.
func (o Output) note(format string, args ...any) {
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		_, _ = fmt.Fprintf(o.Err, "fengsui: %s\n", visible(line)) // nobody is left to tell
	}
}

// Fail says why a command could not do it, or what it found. command is as kong
// names it: `rules check <path>`.
func (o Output) Fail(command string, err error) {
	what, _, _ := strings.Cut(command, " <")
	for line := range strings.SplitSeq(err.Error(), "\n") {
		o.note("%s: %s", what, line)
	}
}

// visible replaces what a terminal would act on: control characters, also those
// of C1, and marks that turn the direction of text.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return '\uFFFD'
		}
		return r
	}, s)
}
