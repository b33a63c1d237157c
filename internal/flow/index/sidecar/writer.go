package sidecar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path/filepath"

	"github.com/fengsui/fengsui/ledger"
)

// Writer writes the sidecar of one segment, a group at a time. It is used by one
// goroutine at a time. It ends with [Writer.Finish] or [Writer.Drop].
type Writer struct {
	folder  *Folder
	first   uint64
	version uint32
	pack    *packer
	out     ledger.File // nil until there is something to write
	at      int64
	file    *File
	heads   []*groupHead
}

// NewWriter begins the sidecar of the segment that begins at first, of records of
// that version of the reader. Nothing is written yet.
func (f *Folder) NewWriter(first uint64, version uint32) (*Writer, error) {
	pack, err := newPacker()
	if err != nil {
		return nil, err
	}
	return &Writer{folder: f, first: first, version: version, pack: pack, file: f.file(first, Name(first)+".tmp")}, nil
}

// File returns the file that is written; it keeps its identity when it is finished.
func (w *Writer) File() *File { return w.file }

// Store writes a group and returns it as it reads back from the file.
func (w *Writer) Store(m *Memory) (*Group, error) {
	if err := w.begin(); err != nil {
		return nil, err
	}
	head, data, err := w.pack.group(m, w.at)
	if err != nil {
		return nil, err
	}
	if err := w.write(data); err != nil {
		return nil, err
	}
	w.heads = append(w.heads, head)
	return &Group{head: head, file: w.file}, nil
}

func (w *Writer) write(data []byte) error {
	if _, err := w.out.WriteAt(data, w.at); err != nil {
		return fmt.Errorf("write sidecar of %d: %w", w.first, err)
	}
	w.at += int64(len(data))
	return nil
}

// begin creates the file when it is not there yet.
func (w *Writer) begin() error {
	if w.out != nil {
		return nil
	}
	path, disk := *w.file.path.Load(), w.folder.o.FS
	out, err := disk.Create(path)
	if errors.Is(err, fs.ErrExist) { // of an earlier try
		if err = disk.Remove(path); err == nil {
			out, err = disk.Create(path)
		}
	}
	if err != nil {
		return fmt.Errorf("create sidecar of %d: %w", w.first, err)
	}
	w.out = out
	return w.write(header(w.version, w.first))
}

// Finish writes the directory and the summary, makes the file durable and gives it
// its name. sum says what the sidecar is of and what its rows are; First, Version
// and Size are set here.
func (w *Writer) Finish(sum Summary) (Summary, error) {
	if err := w.begin(); err != nil {
		return Summary{}, err
	}
	sum.First, sum.Version = w.first, w.version
	dir := binary.AppendUvarint(nil, uint64(len(w.heads)))
	for _, h := range w.heads {
		dir = appendGroup(dir, h)
	}
	if tooLong(dir) {
		return Summary{}, fmt.Errorf("directory of sidecar %d has %d bytes", w.first, len(dir))
	}
	reads := []byte(sum.Readings.encoded())
	if tooLong(reads) {
		return Summary{}, fmt.Errorf("sources of sidecar %d have %d bytes", w.first, len(reads))
	}
	packed := w.pack.pack(reads)
	sum.reads = block{stored: len(packed), raw: len(reads), sum: crc32.Checksum(packed, castagnoli)}
	if err := w.write(packed); err != nil {
		return Summary{}, err
	}
	packed = w.pack.pack(dir)
	sum.dirAt = w.at
	sum.dir = block{stored: len(packed), raw: len(dir), sum: crc32.Checksum(packed, castagnoli)}
	if err := errors.Join(w.write(packed), w.write(sum.encode())); err != nil {
		return Summary{}, err
	}
	sum.Size = w.at
	return sum, w.publish()
}

// publish makes the file durable under its name.
func (w *Writer) publish() error {
	err := w.out.Sync()
	err = errors.Join(err, w.out.Close())
	w.out = nil
	if err != nil {
		return fmt.Errorf("sync sidecar of %d: %w", w.first, err)
	}
	o := &w.folder.o
	path := filepath.Join(o.Dir, Name(w.first))
	if err := o.FS.Rename(*w.file.path.Load(), path); err != nil {
		return fmt.Errorf("name sidecar of %d: %w", w.first, err)
	}
	w.file.path.Store(&path)
	if err := o.FS.SyncDir(o.Dir); err != nil {
		return fmt.Errorf("sync folder of sidecars: %w", err)
	}
	return nil
}

// Drop gives up: the file turns bad and what was written is removed.
func (w *Writer) Drop() {
	w.file.GiveUp()
	if w.out != nil {
		_ = w.out.Close() // it is removed
		w.out = nil
		_ = w.folder.o.FS.Remove(*w.file.path.Load()) // else it is removed at the next start
	}
}
