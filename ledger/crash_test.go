package ledger_test

import (
	"testing"

	"github.com/fengsui/fengsui/ledger/ledgertest"
)

func TestLifeWithoutAccident(t *testing.T) {
	signer, public := keys(t)
	s := newStory(signer, public, "")
	s.run()
	ops := s.disk.Operations()
	s.disk.Cut(ledgertest.Strict())
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	for _, b := range s.sent {
		t.Log(*b)
	}
	t.Logf("%d operations", ops)
}
