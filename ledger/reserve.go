package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

const reserveName = "reserve"

// fillReserve takes the room of the reserve, as far as it is not taken.
func (w *writer) fillReserve() error {
	if w.o.Reserve <= 0 || w.reserve >= w.o.Reserve {
		return nil
	}
	err := w.withReserve(func(f File) error {
		if err := f.Preallocate(w.o.Reserve); err != nil {
			return err
		}
		w.reserve = w.o.Reserve
		return nil
	})
	if err != nil {
		return fmt.Errorf("take room for the reserve: %w", err)
	}
	return nil
}

func (w *writer) withReserve(fn func(f File) error) error {
	path := filepath.Join(w.dir, reserveName)
	f, err := w.o.FS.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = w.o.FS.Create(path)
	}
	if err != nil {
		return err
	}
	return errors.Join(fn(f), f.Close())
}

// fromReserve gives back room of the reserve until fn finds enough.
func (w *writer) fromReserve(fn func() error) error {
	err := fn()
	for full(err) && w.reserve > 0 {
		left := max(0, w.reserve-max(w.o.Reserve/16, 1<<16))
		if w.o.Reserve < 1<<16 {
			left = 0
		}
		rerr := w.withReserve(func(f File) error {
			if err := f.Truncate(left); err != nil {
				return err
			}
			return f.Sync() // some file systems give room back only then
		})
		if rerr != nil {
			return errors.Join(err, rerr)
		}
		w.reserve = left
		err = fn()
	}
	return err
}
