package index

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
	"github.com/fengsui/fengsui/internal/flow/index/token"
	"github.com/fengsui/fengsui/ledger"
)

// small makes an index with one sealed segment of a few events of every sort.
func small(tb testing.TB) (*memoryLog, Options) {
	tb.Helper()
	log := newLog()
	log.add(
		"class=sshd at=1 user=root copy=root n_port=22 n_port=2222 src=192.0.2.7 登录失败",
		"class=sshd at=2 user=admin copy=admin n_port=23 ok=true",
		"plain text 中文",
		"class=web url=/a agent=null",
	)
	log.seal()
	return log, options(tb, log)
}

// TestCorruptionAtEveryByte holds that no changed byte of a sidecar gives a wrong
// answer: it is found, the part is scan only, and the file is built again.
func TestCorruptionAtEveryByte(t *testing.T) {
	log, o := small(t)
	x, stop := start(t, o)
	settle(t, x, 4)
	settleGood(t, x)
	stop()
	path := filepath.Join(o.Dir, sidecar.Name(0))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := scan(t, o, 0, 4)
	for at := range len(good) {
		for _, flip := range []byte{0x01, 0x80} {
			bad := append([]byte(nil), good...)
			bad[at] ^= flip
			readChanged(t, o, path, bad, want)
		}
	}
	for size := range len(good) {
		readChanged(t, o, path, good[:size], want)
	}
	readChanged(t, o, path, append(append([]byte(nil), good...), 0), want)
	_ = log
}

// readChanged reads all there is in a changed sidecar: what it gives is right, or it fails.
func readChanged(t *testing.T, o Options, path string, b []byte, want map[uint64]event.Record) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	x, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	e := x.entries[0]
	if !x.check(t.Context(), e) {
		if e.state != stateBad {
			t.Fatalf("state %d", e.state)
		}
		return
	}
	p := e.part
	got, err := readPart(t.Context(), p)
	switch {
	case errors.Is(err, sidecar.ErrDamaged):
		if !p.ScanOnly() || x.entries[0].state != stateBad {
			t.Fatal("a damaged part is not scan only")
		}
		return
	case err != nil:
		t.Fatalf("undocumented error: %v", err)
	case !reflect.DeepEqual(got, want):
		t.Fatal("a changed sidecar gives wrong records")
	}
	for _, g := range must(p.Groups(t.Context())) { // then the change is in a filter
		if _, err := g.May(0); errors.Is(err, sidecar.ErrDamaged) { // there is one page
			return
		}
		if may, err := g.May(token.Value("root")); err == nil && !may && g.Class() == "sshd" {
			t.Fatal("a changed filter denies a value")
		}
	}
	if len(x.entries) > 0 && x.entries[0].state == stateGood {
		t.Fatal("a changed sidecar was not found out")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestDamagedSidecarIsBuiltAgain(t *testing.T) {
	_, o := small(t)
	x, _ := start(t, o)
	settle(t, x, 4)
	settleGood(t, x)
	path := filepath.Join(o.Dir, sidecar.Name(0))
	good := must(os.ReadFile(path))
	bad := append([]byte(nil), good...)
	for i := 32; i < len(bad)-144; i++ {
		bad[i] = 0 // all but header and summary
	}
	if err := os.WriteFile(path, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readPart(t.Context(), x.View().Parts()[0]); !errors.Is(err, sidecar.ErrDamaged) {
		t.Fatalf("got %v", err)
	}
	until(t, func() bool { return string(must(os.ReadFile(path))) == string(good) })
	settleGood(t, x)
	equalsScan(t, o, x.View())
}

// crashFS fails one operation and all after it, as if the machine had stopped.
type crashFS struct {
	ledger.FS
	left int
	err  error
}

func (c *crashFS) step() error {
	if c.left--; c.left < 0 {
		return c.err
	}
	return nil
}

func (c *crashFS) Create(name string) (ledger.File, error) {
	if err := c.step(); err != nil {
		return nil, err
	}
	f, err := c.FS.Create(name)
	return crashFile{f, c}, err
}

func (c *crashFS) Rename(from, to string) error {
	if err := c.step(); err != nil {
		return err
	}
	return c.FS.Rename(from, to)
}

func (c *crashFS) Remove(name string) error {
	if c.left < 0 {
		return c.err
	}
	return c.FS.Remove(name)
}

func (c *crashFS) SyncDir(dir string) error {
	if err := c.step(); err != nil {
		return err
	}
	return c.FS.SyncDir(dir)
}

type crashFile struct {
	ledger.File
	c *crashFS
}

func (f crashFile) WriteAt(b []byte, at int64) (int, error) {
	if err := f.c.step(); err != nil {
		n, _ := f.File.WriteAt(b[:len(b)/2], at)
		return n, err
	}
	return f.File.WriteAt(b, at)
}

func (f crashFile) Sync() error {
	if err := f.c.step(); err != nil {
		return err
	}
	return f.File.Sync()
}

// TestCrashWhileBuilding stops a build at every operation: the part is scan only,
// and the next start builds it whole.
func TestCrashWhileBuilding(t *testing.T) {
	for steps := 0; ; steps++ {
		_, o := small(t)
		disk := &crashFS{FS: ledger.OS(), left: steps, err: errors.New("the machine stopped")}
		o.FS = disk
		x, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		x.pass(t.Context())
		done := disk.left >= 0
		if part := x.View().Parts()[0]; part.ScanOnly() == done {
			t.Fatalf("after %d steps: scan only %v", steps, part.ScanOnly())
		}
		o.FS = nil
		again, stop := start(t, o)
		settle(t, again, 4)
		settleGood(t, again)
		equalsScan(t, o, again.View())
		if n := len(files(t, o.Dir)); n != 1 {
			t.Errorf("after %d steps: %d files are left", steps, n)
		}
		stop()
		if done {
			if steps < 6 {
				t.Errorf("only %d steps", steps)
			}
			return
		}
	}
}

func TestFullDiskNeverStopsTheIndex(t *testing.T) {
	log := newLog()
	o := options(t, log)
	disk := &crashFS{FS: ledger.OS(), left: 0, err: syscall.ENOSPC}
	o.FS = disk
	ctx, cancel := context.WithCancel(context.Background())
	x, err := Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- x.Run(ctx) }()
	log.add(lines(100, 1)...)
	log.seal()
	log.add(lines(100, 2)...)
	if _, err := x.Wait(t.Context(), 199); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return x.Stats().ScanOnly == 1 })
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// FuzzSidecar states: whatever a file holds, opening and reading it ends with
// records or with a documented error.
func FuzzSidecar(f *testing.F) {
	_, o := small(f)
	x, stop := start(f, o)
	settle(f, x, 4)
	settleGood(f, x)
	stop()
	good := must(os.ReadFile(filepath.Join(o.Dir, sidecar.Name(0))))
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(strings.Repeat("FSINDEX\x00", 40)))
	f.Fuzz(func(t *testing.T, b []byte) {
		o := o
		o.Dir = t.TempDir()
		if err := os.WriteFile(filepath.Join(o.Dir, sidecar.Name(0)), b, 0o600); err != nil {
			t.Fatal(err)
		}
		x := must(Open(t.Context(), o))
		if !x.check(t.Context(), x.entries[0]) {
			return
		}
		if _, err := readPart(t.Context(), x.entries[0].part); err != nil && !errors.Is(err, sidecar.ErrDamaged) && !errors.Is(err, errBounds) {
			t.Fatalf("undocumented error: %v", err)
		}
	})
}
