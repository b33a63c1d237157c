package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"github.com/fengsui/fengsui/internal/backup"
	"github.com/fengsui/fengsui/internal/platform/datadir"
	"github.com/fengsui/fengsui/ledger"
)

var day = time.Date(2026, 2, 28, 8, 0, 0, 0, time.UTC)

// plainCopy stands in for the records' copier: package records has its own tests.
func plainCopy(_ context.Context, from, into string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(into, b, 0o600)
}

func believe(context.Context, string) error { return nil }

func identity(tb testing.TB) *age.X25519Identity {
	tb.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// station is a data directory with a ledger that stays open.
type station struct {
	tb   testing.TB
	data string
	dir  *datadir.Dir
	log  *ledger.Log
	key  string
}

// newStation makes one with a ledger whose segments close at segmentBytes.
func newStation(tb testing.TB, segmentBytes int64) *station {
	tb.Helper()
	s := &station{tb: tb, data: filepath.Join(tb.TempDir(), "data")}
	dir, err := datadir.Open(s.data)
	if err != nil {
		tb.Fatal(err)
	}
	signer, public, err := dir.Signer("log.example.edu")
	if err != nil {
		tb.Fatal(err)
	}
	s.dir, s.key = dir, public
	if err := os.WriteFile(dir.Path("records.db"), []byte("the records\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	s.log, err = ledger.Open(dir.Path("ledger"), ledger.Options{
		Now: func() time.Time { return day }, Signer: signer, Verifier: public, SegmentBytes: segmentBytes, Reserve: -1, Preallocate: 4096,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.stop)
	return s
}

func (s *station) stop() {
	if s.log != nil {
		if err := errors.Join(s.log.Close(), s.dir.Close()); err != nil {
			s.tb.Error(err)
		}
		s.log = nil
	}
}

// add seals n batches of one event and signs when told to.
func (s *station) add(n int, sign bool) {
	s.tb.Helper()
	for i := range n {
		e := ledger.Entry{Received: day, Source: "gate", Transport: "http", Raw: fmt.Appendf(nil, "line %d of a firewall", i)}
		if _, err := s.log.Append(s.tb.Context(), ledger.Batch{Entries: []ledger.Entry{e}}); err != nil {
			s.tb.Fatal(err)
		}
	}
	if sign {
		if err := s.log.Sign(s.tb.Context()); err != nil {
			s.tb.Fatal(err)
		}
	}
}

// backup makes a backup for two identities, of which it returns one.
func (s *station) backup(change func(*backup.Options)) (string, *age.X25519Identity, backup.Result) {
	s.tb.Helper()
	a, b := identity(s.tb), identity(s.tb)
	o := backup.Options{
		Data: s.data, Out: filepath.Join(s.tb.TempDir(), "station.fsb"), Recipients: []age.Recipient{a.Recipient(), b.Recipient()},
		Version: "test", Now: func() time.Time { return day.Add(time.Hour) }, Records: plainCopy, Wait: 10 * time.Second,
	}
	if change != nil {
		change(&o)
	}
	r, err := backup.Create(s.tb.Context(), o)
	if err != nil {
		s.tb.Fatal(err)
	}
	return o.Out, b, r
}

func restore(tb testing.TB, file, into string, o backup.RestoreOptions) (backup.Restored, error) {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	o.Data = into
	if o.Records == nil {
		o.Records = believe
	}
	return backup.Restore(tb.Context(), f, o)
}

// files returns what lies below a folder, by name.
func files(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(b)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func TestRoundTripWhileTheStationWrites(t *testing.T) {
	s := newStation(t, 2000)
	s.add(150, true) // several sealed segments and an open one
	size := s.log.Size()
	into := filepath.Join(t.TempDir(), "new")
	file, id, made := s.backup(func(o *backup.Options) {
		o.Records = func(ctx context.Context, from, into string) error {
			err := plainCopy(ctx, from, into)
			s.add(40, true) // the checkpoint that is taken covers these
			go func() {     // and what comes while the files are read is left out
				time.Sleep(5 * time.Millisecond)
				for range 40 {
					e := ledger.Entry{Received: day, Source: "gate", Raw: []byte("late")}
					if _, err := s.log.Append(context.WithoutCancel(ctx), ledger.Batch{Entries: []ledger.Entry{e}}); err != nil {
						return
					}
				}
			}()
			return err
		}
	})
	got, err := restore(t, file, into, backup.RestoreOptions{Identities: []age.Identity{id}, Key: s.key})
	if err != nil {
		t.Fatal(err)
	}
	if got.Manifest.Ledger.Size < size+40 || got.KeyBeside || got.Damage != "" {
		t.Errorf("restored %d events, want at least %d; key beside %v, damage %q", got.Manifest.Ledger.Size, size+40, got.KeyBeside, got.Damage)
	}
	if d := cmp.Diff(made.Manifest, got.Manifest); d != "" {
		t.Errorf("manifest (-made +restored):\n%s", d)
	}
	have, want := files(t, into), files(t, s.data)
	sealed := 0
	for name, content := range have {
		switch whole := want[name]; {
		case name == "ledger/checkpoint":
			if content != got.Manifest.Ledger.Checkpoint {
				t.Errorf("%s is not that of the manifest", name)
			}
		case content == whole:
			if strings.HasSuffix(content, "FSLEDEND") {
				sealed++
			}
		case !strings.HasSuffix(name, ".fsl") || !strings.HasPrefix(whole, content):
			t.Errorf("%s is not what the station has", name)
		}
	}
	if sealed < 3 {
		t.Errorf("%d sealed segments came through whole, want several", sealed)
	}
	if info, err := os.Stat(filepath.Join(into, "keys", "ledger.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key %v, %v", info, err)
	}
	if left := files(t, s.data); left[".backup/records.db"] != "" {
		t.Error("the copy of the records was left behind")
	}
	r, err := ledger.OpenReader(filepath.Join(into, "ledger"), ledger.ReaderOptions{})
	if err != nil || r.Size() != got.Manifest.Ledger.Size || r.Status().State != ledger.StateOK {
		t.Errorf("the restored ledger: %d events, %+v, %v", r.Size(), r.Status(), err)
	}
}

func TestEveryCutOfTheOpenSegment(t *testing.T) {
	for n := range 9 {
		t.Run(fmt.Sprintf("%d events", n), func(t *testing.T) {
			s := newStation(t, 150)
			s.add(n, n > 0)
			file, id, _ := s.backup(nil)
			got, err := restore(t, file, filepath.Join(t.TempDir(), "new"), backup.RestoreOptions{Identities: []age.Identity{id}})
			if err != nil || got.Manifest.Ledger.Size != uint64(n) || !got.KeyBeside {
				t.Errorf("restored %+v, %v; want %d events", got, err, n)
			}
		})
	}
}

func TestStoppedStationWithoutANewCheckpoint(t *testing.T) {
	s := newStation(t, 0)
	s.add(5, true)
	s.add(5, false)
	// What kill -9 leaves: the folder as it is, and no lock.
	killed := filepath.Join(t.TempDir(), "killed")
	if err := os.CopyFS(killed, os.DirFS(s.data)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(killed, "keys", "ledger.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.stop()
	s.data = killed
	_, _, made := s.backup(nil)
	if made.Manifest.Ledger.Size != 10 {
		t.Errorf("%d events in the backup, want 10", made.Manifest.Ledger.Size)
	}
}

func TestCreateRefuses(t *testing.T) {
	s := newStation(t, 0)
	s.add(3, true)
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	one := identity(t).Recipient()
	for _, tt := range []struct {
		name   string
		change func(*backup.Options)
		want   string
	}{
		{"one recipient", func(o *backup.Options) { o.Recipients = []age.Recipient{one} }, "two different recipients"},
		{"a file that is there", func(o *backup.Options) { o.Out = taken }, "exists"},
		{"a folder of something else", func(o *backup.Options) { o.Data = filepath.Dir(taken) }, "no data directory"},
		{"a station that signs nothing", func(o *backup.Options) {
			o.Wait = time.Second
			o.Records = func(ctx context.Context, from, into string) error {
				s.add(1, false)
				return plainCopy(ctx, from, into)
			}
		}, "signed no checkpoint"},
		{"records that cannot be copied", func(o *backup.Options) {
			o.Records = func(context.Context, string, string) error { return errors.New("disk on fire") }
		}, "disk on fire"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := backup.Options{
				Data: s.data, Out: filepath.Join(t.TempDir(), "out"), Recipients: []age.Recipient{one, identity(t).Recipient()},
				Now: func() time.Time { return day }, Records: plainCopy,
			}
			tt.change(&o)
			_, err := backup.Create(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			left, err := filepath.Glob(o.Out + "*")
			if err != nil || len(left) > 0 && o.Out != taken {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestParseRecipients(t *testing.T) {
	id := identity(t)
	public, secret := id.Recipient().String(), id.String()
	for _, tt := range []struct {
		name string
		keys []string
		n    int
		err  string
	}{
		{"two", []string{public, identity(t).Recipient().String()}, 2, ""},
		{"the same twice", []string{public, " " + public}, 1, ""},
		{"a secret", []string{secret}, 0, "secret key"},
		{"a word", []string{"alice"}, 0, `"alice"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := backup.ParseRecipients(tt.keys)
			if len(got) != tt.n || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%d, %v; want %d, %q", len(got), err, tt.n, tt.err)
			}
			if err != nil && strings.Contains(err.Error(), secret[20:]) {
				t.Error("the error tells the secret")
			}
		})
	}
}

func TestRestoreRefuses(t *testing.T) {
	s := newStation(t, 0)
	s.add(3, true)
	file, id, _ := s.backup(nil)
	other := newStation(t, 0)
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "thesis.docx"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	ids := []age.Identity{id}
	for _, tt := range []struct {
		name string
		into string
		o    backup.RestoreOptions
		want error
	}{
		{"another identity", "", backup.RestoreOptions{Identities: []age.Identity{identity(t)}}, backup.ErrIdentity},
		{"the key of another station", "", backup.RestoreOptions{Identities: ids, Key: other.key}, backup.ErrSignature},
		{"a folder that holds something", full, backup.RestoreOptions{Identities: ids}, backup.ErrOccupied},
		{"a file", file, backup.RestoreOptions{Identities: ids}, backup.ErrOccupied},
		{"records that do not fit together", "", backup.RestoreOptions{
			Identities: ids, Records: func(context.Context, string) error { return errors.New("page 7") },
		}, backup.ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parent := t.TempDir()
			into := filepath.Join(parent, "new")
			if tt.into != "" {
				into = tt.into
			}
			if _, err := restore(t, file, into, tt.o); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if left := files(t, parent); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	if _, err := restore(t, filepath.Join(full, "thesis.docx"), filepath.Join(t.TempDir(), "new"), backup.RestoreOptions{Identities: ids}); !errors.Is(err, backup.ErrFormat) {
		t.Errorf("a file of something else: %v", err)
	}
}

func TestRestoreAfterAnInterruption(t *testing.T) {
	s := newStation(t, 0)
	s.add(3, true)
	file, id, _ := s.backup(nil)
	o := backup.RestoreOptions{Identities: []age.Identity{id}}
	parent := t.TempDir()
	into := filepath.Join(parent, "new")

	ctx, cancel := context.WithCancel(t.Context())
	o.Data, o.Records = into, func(context.Context, string) error { cancel(); return ctx.Err() }
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(ctx, bytes.NewReader(b), o); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	if left := files(t, parent); len(left) > 0 {
		t.Fatalf("left behind: %v", left)
	}
	o.Records = nil

	// What kill -9 leaves is no data directory, and makes room for the next one.
	half := into + ".tmp"
	if err := os.MkdirAll(filepath.Join(half, "ledger"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"restore-unfinished", "records.db", "ledger/key.pub"} {
		if err := os.WriteFile(filepath.Join(half, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if d, err := datadir.Open(half); err == nil {
		_ = d.Close()
		t.Error("a half restored folder opens as a data directory")
	}
	if err := os.Mkdir(into, 0o700); err != nil { // empty: may be taken
		t.Fatal(err)
	}
	if _, err := restore(t, file, into, o); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", half, err)
	}
	if _, err := restore(t, file, into, o); !errors.Is(err, backup.ErrOccupied) {
		t.Errorf("restored over a station: %v", err)
	}

	// Somebody's folder of that name is not ours to remove.
	theirs := filepath.Join(t.TempDir(), "x")
	if err := os.MkdirAll(theirs+".tmp/photos", 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := restore(t, file, theirs, o); !errors.Is(err, backup.ErrOccupied) {
		t.Errorf("with a foreign folder beside: %v", err)
	}
	if _, err := os.Stat(theirs + ".tmp/photos"); err != nil {
		t.Error(err)
	}
}

func TestDamagedLedger(t *testing.T) {
	s := newStation(t, 2000)
	s.add(150, true)
	s.stop()
	segments, err := filepath.Glob(filepath.Join(s.data, "ledger", "seg-*.fsl"))
	if err != nil || len(segments) < 3 {
		t.Fatal(segments, err)
	}
	b, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/3] ^= 1
	if err := os.WriteFile(segments[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	file, id, _ := s.backup(nil)
	into := filepath.Join(t.TempDir(), "new")
	o := backup.RestoreOptions{Identities: []age.Identity{id}, Key: s.key}
	if _, err := restore(t, file, into, o); !errors.Is(err, backup.ErrDamaged) || !strings.Contains(err.Error(), "seg-") {
		t.Errorf("a damaged ledger: %v", err)
	}
	o.AllowDamaged = true
	if got, err := restore(t, file, into, o); err != nil || !strings.Contains(got.Damage, filepath.Base(segments[0])) {
		t.Errorf("a damaged ledger that is allowed: %+v, %v", got, err)
	}
}

func TestWithoutKey(t *testing.T) {
	s := newStation(t, 0)
	s.add(3, true)
	file, id, made := s.backup(func(o *backup.Options) { o.WithoutKey = true })
	into := filepath.Join(t.TempDir(), "new")
	if _, err := restore(t, file, into, backup.RestoreOptions{Identities: []age.Identity{id}}); err != nil {
		t.Fatal(err)
	}
	if got := files(t, into)["keys/ledger.key"]; got != "" || len(made.Manifest.Parts) != 5 {
		t.Errorf("the key is there, or parts are missing: %+v", made.Manifest.Parts)
	}
}

func BenchmarkCreate(b *testing.B) {
	s := newStation(b, 16<<20)
	s.large(64 << 20)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		_, _, r := s.backup(nil)
		b.SetBytes(r.Bytes)
	}
}

func BenchmarkRestore(b *testing.B) {
	s := newStation(b, 16<<20)
	s.large(64 << 20)
	file, id, r := s.backup(nil)
	b.SetBytes(r.Bytes)
	b.ReportAllocs()
	parent := b.TempDir()
	n := 0
	for b.Loop() {
		into := filepath.Join(parent, strconv.Itoa(n))
		n++
		if _, err := restore(b, file, into, backup.RestoreOptions{Identities: []age.Identity{id}, Key: s.key}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := os.RemoveAll(into); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// large seals raw bytes that hardly compress.
func (s *station) large(raw int) {
	s.tb.Helper()
	noise := make([]byte, 32<<10)
	x := uint64(1)
	for done := 0; done < raw; {
		var batch ledger.Batch
		for range 32 {
			for i := range noise {
				x = x*6364136223846793005 + 1442695040888963407
				noise[i] = byte(x >> 56)
			}
			batch.Entries = append(batch.Entries, ledger.Entry{Received: day, Source: "gate", Raw: bytes.Clone(noise)})
			done += len(noise)
		}
		if _, err := s.log.Append(s.tb.Context(), batch); err != nil {
			s.tb.Fatal(err)
		}
	}
	if err := s.log.Sign(s.tb.Context()); err != nil {
		s.tb.Fatal(err)
	}
}
