package verify_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/ledger/ledgertest"
	"github.com/fengsui/fengsui/ledger/verify"
)

var day = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// written makes a ledger of n batches on a disk in memory.
func written(t testing.TB, n int, body string) (*ledger.Log, fstest.MapFS, string) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, "station.example")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	disk := ledgertest.NewDisk()
	l, err := ledger.Open("/ledger", ledger.Options{
		FS: disk, Now: func() time.Time { return day }, Signer: signer, Verifier: public,
		FrameBytes: 300, SegmentBytes: 900, Preallocate: 64, Reserve: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		b := ledger.Batch{Key: fmt.Sprint("k", i)}
		for k := range 1 + i%4 {
			b.Entries = append(b.Entries, ledger.Entry{Received: day.Add(time.Duration(i%7) * time.Hour), Source: "s", Raw: fmt.Append(nil, body, i, k)})
		}
		if _, err := l.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Sign(t.Context()); err != nil {
		t.Fatal(err)
	}
	view, ok := disk.View("/ledger").(fstest.MapFS)
	if !ok {
		t.Fatal("a view is a MapFS")
	}
	return l, view, public
}

func TestAgreesWithTheWriter(t *testing.T) {
	for n := 1; n < 60; n += 3 {
		l, files, public := written(t, n, "line ")
		r, err := verify.Verify(t.Context(), files, verify.Options{Keys: []string{public}})
		if err != nil || r.Status != verify.OK || r.Size != l.Size() || r.Root != l.Status().Root || r.Checkpoints != 1 {
			t.Errorf("%d batches: %+v, %v, %v", n, r, r.Where, err)
		}
	}
}

func TestLongEvents(t *testing.T) {
	_, files, public := written(t, 4, strings.Repeat("a line that is long ", 50_000))
	r, err := verify.Verify(t.Context(), files, verify.Options{Keys: []string{public}})
	if err == nil && r.Status == verify.OK {
		return
	}
	t.Errorf("%+v, %v, %v", r, r.Where, err)
}

func TestKeys(t *testing.T) {
	_, files, public := written(t, 5, "line ")
	_, other, foreign := written(t, 5, "other ")
	tests := []struct {
		name   string
		change func(fstest.MapFS)
		o      verify.Options
		want   verify.Status
		err    bool
		beside bool
	}{
		{name: "the key beside", want: verify.OK, beside: true},
		{name: "the right key", o: verify.Options{Keys: []string{public + "\n"}}, want: verify.OK},
		{name: "another key", o: verify.Options{Keys: []string{foreign}}, want: verify.Tampered},
		{name: "a key that is none", o: verify.Options{Keys: []string{"x"}}, err: true},
		{name: "a checkpoint of another ledger", o: verify.Options{Keys: []string{public, foreign}, Checkpoints: [][]byte{other["checkpoint"].Data}}, want: verify.Forked},
		{name: "a checkpoint and no key", change: func(f fstest.MapFS) { delete(f, "key.pub") }, o: verify.Options{Checkpoints: [][]byte{other["checkpoint"].Data}}, err: true},
		{name: "a file that ends in .fsl", change: func(f fstest.MapFS) { f["x.fsl"] = &fstest.MapFile{} }, want: verify.Tampered, beside: true},
		{name: "an interrupted opening", change: func(f fstest.MapFS) {
			f["seg-00000000000000000011.fsl"] = &fstest.MapFile{Data: make([]byte, 100)}
		}, want: verify.Tampered, beside: true}, // the segment before is open
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := maps.Clone(files)
			if tt.change != nil {
				tt.change(f)
			}
			r, err := verify.Verify(t.Context(), f, tt.o)
			if err != nil != tt.err || r.Status != tt.want || r.KeyBeside != tt.beside {
				t.Errorf("%+v, %v, %v", r, r.Where, err)
			}
		})
	}
}

func TestProof(t *testing.T) {
	l, _, public := written(t, 40, "line ")
	refused := 0
	for seq := range l.Size() {
		p, err := l.Prove(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := verify.Proof(b, public)
		if err != nil || got.Seq != seq || string(got.Raw) != string(p.Entry.Raw) || got.Root != p.Root {
			t.Fatalf("%+v, %v", got, err)
		}
		for i := 0; i < len(b); i += 7 {
			forged := slices.Clone(b)
			forged[i] ^= 1
			bad, err := verify.Proof(forged, public)
			if err == nil && (bad.Seq != got.Seq || string(bad.Raw) != string(got.Raw) || !bad.Received.Equal(got.Received)) {
				t.Fatalf("byte %d changed and proven: %s", i, forged)
			}
			if err != nil {
				refused++
			}
			if err != nil && !errors.Is(err, verify.ErrProof) {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d forged proofs refused", refused)
}

// FuzzVerify: any bytes as a segment give a report or an unknown format.
func FuzzVerify(f *testing.F) {
	_, files, public := written(f, 12, "line ")
	for name, file := range files {
		if strings.HasSuffix(name, ".fsl") {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := fstest.MapFS{"seg-00000000000000000000.fsl": &fstest.MapFile{Data: b}}
		_, err := verify.Verify(t.Context(), dir, verify.Options{Keys: []string{public}})
		if err != nil && !errors.Is(err, verify.ErrFormat) {
			t.Fatalf("undocumented error %v", err)
		}
	})
}

// FuzzProof: no proof holds for anything but what was stored.
func FuzzProof(f *testing.F) {
	l, _, public := written(f, 12, "line ")
	stored := map[uint64]string{}
	for seq := range l.Size() {
		p, err := l.Prove(f.Context(), seq)
		if err != nil {
			f.Fatal(err)
		}
		b, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		stored[seq] = string(p.Entry.Raw)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := verify.Proof(b, public)
		if err != nil && !errors.Is(err, verify.ErrProof) {
			t.Fatalf("undocumented error %v", err)
		}
		if err == nil && string(p.Raw) != stored[p.Seq] {
			t.Fatalf("proven: %+v", p)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	dir := b.TempDir() + "/ledger"
	l, err := ledger.Open(dir, ledger.Options{Now: func() time.Time { return day }, Reserve: -1})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 100 {
		var batch ledger.Batch
		for k := range 1000 {
			batch.Entries = append(batch.Entries, ledger.Entry{
				Received: day, Source: "s1", Transport: "udp", Peer: "192.0.2.7:514",
				Raw: fmt.Appendf(nil, "<38>Mar  2 08:00:%02d fw-01 sshd[%d]: Failed password for root from 198.51.100.%d port %d ssh2", k%60, i*1000+k, k%251, 1024+(i*k)%60000),
			})
		}
		if _, err := l.Append(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(l.Status().RawBytes)
	b.ReportAllocs()
	for b.Loop() {
		r, err := verify.Verify(b.Context(), os.DirFS(dir), verify.Options{})
		if err != nil || r.Status != verify.OK {
			b.Fatal(r, r.Where, err)
		}
	}
	b.ReportMetric(float64(100_000*b.N)/b.Elapsed().Seconds(), "events/s")
}
