//go:build unix

package backup

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

var errBusy = errors.New("another process is at it")

// lock takes the file for this process until it is closed. It fails with errBusy.
func lock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errBusy
	}
	return err
}
