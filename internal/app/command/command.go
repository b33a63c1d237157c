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
	"time"
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
	e := json.NewEncoder(o.Out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// note tells a person something beside the results.
func (o Output) note(format string, args ...any) {
	_, _ = fmt.Fprintf(o.Err, "fengsui: "+format+"\n", args...) // nobody is left to tell
}
