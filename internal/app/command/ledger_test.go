package command

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/ledger/verify"
)

var ledgerDay = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// station writes a ledger of five events below a data directory and returns it
// with its key file and an older checkpoint, both kept elsewhere.
func station(t *testing.T) (data, key, older string) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, "station.example")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	data, kept := t.TempDir(), t.TempDir()
	l, err := ledger.Open(filepath.Join(data, "ledger"), ledger.Options{
		Now: func() time.Time { return ledgerDay }, Signer: signer, Verifier: public, CopyTo: []string{kept}, Reserve: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		b := ledger.Batch{Entries: []ledger.Entry{{Received: ledgerDay, Source: "s1", Raw: []byte{'a' + byte(i), 0xff}}}}
		if _, err := l.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			if err := l.Sign(t.Context()); err != nil {
				t.Fatal(err)
			}
			older = filepath.Join(kept, "older")
			if err := os.Rename(filepath.Join(kept, "checkpoint"), older); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return data, filepath.Join(kept, "key.pub"), older
}

func runLedger(t *testing.T, run func(Output) error) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(Output{Out: &out, Err: &errs, Now: func() time.Time { return ledgerDay }})
	if code = ExitCode(err); code == ExitError {
		errs.WriteString(err.Error())
	}
	return out.String(), errs.String(), code
}

func TestLedgerVerify(t *testing.T) {
	data, key, older := station(t)
	dir := LedgerDir{data}
	out, errs, code := runLedger(t, (&LedgerVerify{LedgerDir: dir, Checkpoint: []string{older}, Key: []string{key}}).Run)
	if code != ExitOK || errs != "" || !strings.Contains(out, `"events":5,"first":0,"last":4,"status":"ok","where":""`) {
		t.Errorf("whole: %d %s %s", code, out, errs)
	}
	_, errs, code = runLedger(t, (&LedgerVerify{LedgerDir: LedgerDir{filepath.Join(data, "ledger")}}).Run)
	if code != ExitOK || !strings.Contains(errs, "proves nothing") {
		t.Errorf("without a key: %d %s", code, errs)
	}
	_, errs, code = runLedger(t, (&LedgerVerify{LedgerDir: dir, Checkpoint: []string{older}}).Run)
	if code != ExitOK || !strings.Contains(errs, "proves nothing") {
		t.Errorf("key beside the checkpoint: %d %s", code, errs)
	}
	segment := filepath.Join(data, "ledger", "seg-00000000000000000000.fsl")
	b, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	b[200] ^= 1
	if err := os.WriteFile(segment, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, code = runLedger(t, (&LedgerVerify{LedgerDir: dir, Checkpoint: []string{older}, Key: []string{key}}).Run)
	if code != ExitFound || !strings.Contains(out, `"status":"tampered","where":"seg-00000000000000000000.fsl at byte`) {
		t.Errorf("one bit: %d %s", code, out)
	}
}

func TestLedgerProveAndExport(t *testing.T) {
	data, key, _ := station(t)
	dir := LedgerDir{data}
	out, errs, code := runLedger(t, (&LedgerProve{dir, 3}).Run)
	if code != ExitOK {
		t.Fatal(errs)
	}
	public, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	p, err := verify.Proof([]byte(out), string(public))
	if err != nil || p.Seq != 3 || string(p.Raw) != "d\xff" || p.Size != 5 {
		t.Errorf("%+v, %v", p, err)
	}
	out, _, code = runLedger(t, (&LedgerExport{dir, 1, 2}).Run)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var e exported
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &e); err != nil || code != ExitOK || len(lines) != 2 || e.Seq != 2 || e.Raw != "Y/8=" {
		t.Errorf("%d %s %v", code, out, err)
	}
	if _, errs, code = runLedger(t, (&LedgerExport{dir, 1, 5}).Run); code != ExitError {
		t.Errorf("beyond the end: %d %s", code, errs)
	}
	if _, errs, code = runLedger(t, (&LedgerProve{dir, 9}).Run); code != ExitError || !strings.Contains(errs, "no such event") {
		t.Errorf("beyond the end: %d %s", code, errs)
	}
}

func TestLedgerStatusAndCheckpoint(t *testing.T) {
	data, key, _ := station(t)
	dir := LedgerDir{data}
	out, _, code := runLedger(t, (&LedgerStatus{dir}).Run)
	if code != ExitOK || !strings.HasPrefix(out, `{"state":"ok","size":5,`) || !strings.Contains(out, `"checkpoint_size":5,"damage":[]`) {
		t.Errorf("%d %s", code, out)
	}
	out, _, code = runLedger(t, (&LedgerCheckpoint{dir}).Run)
	public, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(public)))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := ledger.ParseCheckpoint([]byte(out), note.VerifierList(v)); err != nil || c.Size != 5 || code != ExitOK {
		t.Errorf("%+v, %v", c, err)
	}
	_, errs, code := runLedger(t, (&LedgerStatus{LedgerDir{t.TempDir()}}).Run)
	if code != ExitError || !strings.Contains(errs, "no ledger there") {
		t.Errorf("empty folder: %d %s", code, errs)
	}
	if _, ok := errors.AsType[Found](errors.New("x")); ok {
		t.Error("every error is a finding")
	}
}
