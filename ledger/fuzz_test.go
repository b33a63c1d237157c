package ledger_test

import (
	"errors"
	"math"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/ledger/ledgertest"
)

// FuzzParseCheckpoint: no panic, only the documented errors, and what was read is
// what was written.
func FuzzParseCheckpoint(f *testing.F) {
	signer, public := keys(f)
	s := newSmall(f, signer, public, "")
	f.Add(s.older)
	f.Add([]byte("x\n1\n\nhead \n\n— a b\n"))
	v, err := note.NewVerifier(public)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ledger.ParseCheckpoint(b, nil)
		if err != nil && !errors.Is(err, ledger.ErrDamaged) {
			t.Fatalf("undocumented error %v", err)
		}
		if err == nil && (c.Origin == "" || string(c.Note) != string(b)) {
			t.Fatalf("read as %+v", c)
		}
		var unverified *note.UnverifiedNoteError
		var invalid *note.InvalidSignatureError
		_, err = ledger.ParseCheckpoint(b, note.VerifierList(v))
		if err != nil && !errors.Is(err, ledger.ErrDamaged) && !errors.As(err, &unverified) && !errors.As(err, &invalid) {
			t.Fatalf("undocumented error %v", err)
		}
	})
}

// FuzzSegment: a ledger whose last file holds any bytes opens or is refused, never
// panics, and what it then reads it reads again.
func FuzzSegment(f *testing.F) {
	signer, public := keys(f)
	s := newSmall(f, signer, public, "")
	for _, name := range s.segments() {
		f.Add(s.files[name].Data)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		disk := ledgertest.NewDisk()
		if err := disk.Mkdir("/ledger"); err != nil {
			t.Fatal(err)
		}
		file, err := disk.Create("/ledger/seg-00000000000000000000.fsl")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt(b, 0); err != nil {
			t.Fatal(err)
		}
		r, err := ledger.OpenReader("/ledger", ledger.ReaderOptions{FS: disk})
		if err != nil {
			if !errors.Is(err, ledger.ErrFormat) {
				t.Fatalf("undocumented error %v", err)
			}
			return
		}
		count := func() (n int) {
			err := r.Read(t.Context(), 0, math.MaxUint64, func(ledger.Entry) error {
				n++
				return nil
			})
			if err != nil && !errors.Is(err, ledger.ErrDamaged) {
				t.Fatalf("undocumented error %v", err)
			}
			return n
		}
		if first, second := count(), count(); first != second {
			t.Fatalf("read %d events, then %d", first, second)
		}
	})
}
