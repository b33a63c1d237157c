//go:build !unix

package datadir

import (
	"errors"
	"os"
)

// lock refuses: without a lock two processes could write one ledger.
func lock(*os.File) error { return errors.New("this system has no file locks that are known here") }
