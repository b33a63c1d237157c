package command

import (
	"fmt"
)

// CLI is the whole command line.
type CLI struct {
	Serve   Serve   `cmd:"" help:"Run the station"`
	Demo    Demo    `cmd:"" help:"Run a station and play a week of a small campus network into it"`
	Source  Source  `cmd:"" help:"Log sources"`
	Token   Token   `cmd:"" help:"API tokens"`
	User    User    `cmd:"" help:"Accounts of people"`
	Hunt    Hunt    `cmd:"" help:"Look for matches of rules in files"`
	Rules   Rules   `cmd:"" help:"Detection rules"`
	Ledger  Ledger  `cmd:"" help:"Read, verify and prove the sealed log"`
	Backup  Backup  `cmd:"" help:"Make an encrypted backup of a station, or a key for one"`
	Restore Restore `cmd:"" help:"Make a data directory of a backup"`
	Norms   Norms   `cmd:"" help:"Read and compare laws, work plans and notices"`
	Config  Config  `cmd:"" help:"Settings"`
	OpenAPI OpenAPI `cmd:"" name:"openapi" help:"Print the description of the API"`
	Version Version `cmd:"" help:"Print the version"`
}

// Version is `fengsui version`.
type Version struct{}

// Run prints the version.
func (*Version) Run(out Output) error {
	_, err := fmt.Fprintln(out.Out, out.Version)
	return err
}
