// Command fengsui is the station and its tools.
package main

import (
	"fmt"
	"os"
	"time"
	_ "time/tzdata" // zones of sources, on machines without their own data

	"github.com/alecthomas/kong"

	"github.com/fengsui/fengsui/internal/app/command"
)

// version is set when the binary is built.
var version = "dev"

func main() {
	var cli command.CLI
	out := command.Output{Out: os.Stdout, Err: os.Stderr, Now: time.Now, Version: version}
	parser := kong.Must(&cli, kong.Name("fengsui"), kong.Description("Fengsui 烽燧, a network-security station."),
		kong.Bind(out), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Exit(func(code int) {
			if code != 0 {
				code = command.ExitError
			}
			os.Exit(code)
		}))
	call, err := parser.Parse(os.Args[1:])
	if err != nil {
		out.Fail("arguments", fmt.Errorf("%w; fengsui --help names commands and flags", err))
		os.Exit(command.ExitError)
	}
	if err := call.Run(); err != nil {
		out.Fail(call.Command(), err)
		os.Exit(command.ExitCode(err))
	}
}
