package ledger

import "io"

// FS is the file system a ledger works on. Names are paths as the operating
// system writes them. What a method changes may be lost until it is synced: the
// content of a file by its own Sync or Datasync, names by SyncDir of their folder.
//
// Errors satisfy errors.Is for fs.ErrNotExist and fs.ErrExist, and for
// syscall.ENOSPC when the disk is full.
type FS interface {
	// Mkdir makes one folder, readable by its owner only.
	Mkdir(dir string) error
	// Create makes a file that must not exist, readable by its owner only.
	Create(name string) (File, error)
	// Open opens a file for reading and writing.
	Open(name string) (File, error)
	// OpenRead opens a file for reading only.
	OpenRead(name string) (File, error)
	// Rename moves a file within one file system, replacing what is there.
	Rename(from, to string) error
	// Remove removes a file.
	Remove(name string) error
	// List returns what is in a folder, sorted by name.
	List(dir string) ([]FileInfo, error)
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
}

// FileInfo is one name in a folder.
type FileInfo struct {
	Name string // without the folder
	Size int64  // bytes
	Dir  bool
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Size returns the length in bytes.
	Size() (int64, error)
	// Truncate cuts or extends with zeros.
	Truncate(size int64) error
	// Preallocate takes room for [0, size) and extends the file to size with
	// zeros. It fails with syscall.ENOSPC when there is none.
	Preallocate(size int64) error
	// Datasync makes content and length durable.
	Datasync() error
	// Sync makes content and all attributes durable.
	Sync() error
}
