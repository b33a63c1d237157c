package ledger_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/ledger/ledgertest"
	"github.com/fengsui/fengsui/ledger/verify"
)

// Two lines are stored, signed for, proven one by one, and verified by the second
// reading of the format.
func Example() {
	secret, public, err := note.GenerateKey(rand.Reader, "station.example")
	if err != nil {
		panic(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		panic(err)
	}
	ctx, disk := context.Background(), ledgertest.NewDisk()
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	l, err := ledger.Open("/ledger", ledger.Options{FS: disk, Now: func() time.Time { return at }, Signer: signer, Verifier: public})
	if err != nil {
		panic(err)
	}
	batch := ledger.Batch{Key: "once", Entries: []ledger.Entry{
		{Received: at, Source: "fw-01", Raw: []byte("accept 192.0.2.7")},
		{Received: at, Source: "fw-01", Raw: []byte("drop 198.51.100.9")},
	}}
	for range 2 {
		r, err := l.Append(ctx, batch)
		fmt.Println(r.First, r.Count, r.Repeated, err)
	}
	if err := l.Close(); err != nil {
		panic(err)
	}
	proof, err := l.Prove(ctx, 1)
	if err != nil {
		panic(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		panic(err)
	}
	c, err := proof.Verify(key)
	fmt.Printf("%s is one of %d: %v\n", proof.Entry.Raw, c.Size, err)
	report, err := verify.Verify(ctx, disk.View("/ledger"), verify.Options{Keys: []string{public}})
	fmt.Println(report.Status, report.Events, err)
	// Output:
	// 0 2 false <nil>
	// 0 2 true <nil>
	// drop 198.51.100.9 is one of 2: <nil>
	// ok 2 <nil>
}
