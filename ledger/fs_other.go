//go:build !linux

package ledger

import "os"

func allocate(f *os.File, size int64) error { return extend(f, size) }

// Datasync is Sync where the system has no weaker one.
func (f osFile) Datasync() error { return f.Sync() }
