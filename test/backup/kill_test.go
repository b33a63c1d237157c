package backup_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/fengsui/fengsui/test/stationtest"
)

// TestKill ends both commands with kill -9 in the middle of their work.
func TestKill(t *testing.T) {
	data := t.TempDir()
	s := stationtest.Start(t, data, settings...)
	_, token := s.AddSource("gate", "http")
	for i := range 16 { // enough, and random enough, that the file takes a while
		post(t, s, token, random(uint64(i), 256<<10))
	}
	id, a := keygen(t, "a")
	_, b := keygen(t, "b")
	dir := t.TempDir()
	file := filepath.Join(dir, "station.fsb")
	args := []string{"backup", "--data", data, "--recipient", a, "--recipient", b, "--out", file}

	cmd := exec.Command(stationtest.Binary(t), args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return exists(filepath.Join(data, ".backup")) || exists(file) })
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if exists(file) {
		t.Error("the backup was whole before it was killed: the test shows nothing")
	}
	var m made
	run(t, &m, args...)
	if exists(filepath.Join(data, ".backup")) || exists(file+".tmp") {
		t.Error("what the killed backup left is still there")
	}
	whole, err := os.ReadFile(file)
	if err != nil || len(whole) < 2<<20 {
		t.Fatalf("%d bytes, %v", len(whole), err)
	}

	into := filepath.Join(dir, "new")
	cmd = exec.Command(stationtest.Binary(t), "restore", "--data", into, "--identity", id, "-")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(whole[:len(whole)/2]); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool {
		found, err := filepath.Glob(filepath.Join(into+".tmp", "ledger", "*.fsl"))
		return err == nil && len(found) > 2
	})
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if exists(into) {
		t.Error("a half restored folder bears the name that was wanted")
	}
	if out, errs, code := stationtest.Run(t, "", "source", "add", "x", "--data", into+".tmp", "--kind", "http"); code != 2 {
		t.Errorf("a half restored folder opens: %d %s %s", code, out, errs)
	}
	var r restored
	run(t, &r, "restore", "--data", into, "--identity", id, file)
	if r.Root != m.Root || exists(into+".tmp") {
		t.Errorf("restored %+v, want root %s", r, m.Root)
	}
}

// random is about n bytes of lines that do not compress to nothing.
func random(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "%016x%016x%016x%016x\n", r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64())
	}
	return b.Bytes()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func await(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come so far")
		}
	}
}
