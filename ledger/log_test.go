package ledger_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/ledger"
)

var day = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// keys makes a signer and its verifier key.
func keys(t testing.TB) (note.Signer, string) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, "station.example/log")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	return s, public
}

func entry(i int) ledger.Entry {
	return ledger.Entry{
		Received: day.Add(time.Duration(i) * time.Second), Source: "s1", Transport: "udp", Peer: "192.0.2.7:514",
		Batch: fmt.Sprint("b", i/3), Raw: fmt.Appendf(nil, "<34>1 - fw-01 sshd - - - line %d of the test", i),
	}
}

func entries(from, to int) []ledger.Entry {
	var list []ledger.Entry
	for i := from; i < to; i++ {
		list = append(list, entry(i))
	}
	return list
}

func readAll(t testing.TB, l interface {
	Read(ctx context.Context, from, to uint64, fn func(ledger.Entry) error) error
},
) []ledger.Entry {
	t.Helper()
	var got []ledger.Entry
	err := l.Read(t.Context(), 0, 1<<62, func(e ledger.Entry) error {
		e.Raw = append([]byte(nil), e.Raw...)
		got = append(got, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRoundTrip(t *testing.T) {
	signer, key := keys(t)
	dir := filepath.Join(t.TempDir(), "ledger")
	now := day
	o := ledger.Options{
		Now: func() time.Time { return now }, Signer: signer, Verifier: key, CopyTo: []string{t.TempDir()},
		FrameBytes: 300, SegmentBytes: 1500, Preallocate: 4096, Reserve: 8192,
	}
	var want []ledger.Entry
	for life := range 3 {
		l, err := ledger.Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		for k := range 9 {
			from := life*90 + k*10
			r, err := l.Append(t.Context(), ledger.Batch{Entries: entries(from, from+10), Key: fmt.Sprint("k", from)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ledger.Receipt{First: uint64(from), Count: 10}, r); diff != "" {
				t.Fatal(diff)
			}
			for _, e := range entries(from, from+10) {
				e.Seq = uint64(len(want))
				want = append(want, e)
			}
			now = now.Add(time.Second)
			if k%4 == 3 {
				if err := l.Sign(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if diff := cmp.Diff(want, readAll(t, l)); diff != "" {
			t.Fatal(diff)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if st := l.Status(); st.CheckpointSize != uint64(len(want)) || st.Copies[0].Size != uint64(len(want)) || len(st.Damage) > 0 {
			t.Fatalf("%+v", st)
		}
	}
	r, err := ledger.OpenReader(dir, ledger.ReaderOptions{Verifier: key})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, readAll(t, r)); diff != "" {
		t.Fatal(diff)
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	for seq := range r.Size() {
		p, err := r.Prove(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Verify(v); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSegmentsFrom(t *testing.T) {
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger"), ledger.Options{
		Now: func() time.Time { return day }, FrameBytes: 300, SegmentBytes: 1500, Preallocate: 4096, Reserve: 8192,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.SegmentsFrom(0); len(got) != 0 {
		t.Errorf("an empty ledger has %v", got)
	}
	for from := 0; from < 95; from += 5 {
		if _, err := l.Append(t.Context(), ledger.Batch{Entries: entries(from, from+5)}); err != nil {
			t.Fatal(err)
		}
	}
	all := l.Segments()
	if len(all) < 3 || all[len(all)-1].Sealed {
		t.Fatalf("%d segments, the last one closed: %v", len(all), all[len(all)-1].Sealed)
	}
	for seq := range l.Size() + 2 {
		var want []ledger.Segment
		for _, s := range all {
			if s.Next > seq {
				want = append(want, s)
			}
		}
		if diff := cmp.Diff(want, l.SegmentsFrom(seq), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("from %d: %s", seq, diff)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
