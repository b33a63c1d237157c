package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/mod/sumdb/note"
)

var at = time.Date(2026, 2, 28, 8, 0, 0, 0, time.UTC)

// forger makes archives that a station would not make. Its key is inside.
type forger struct {
	tb       testing.TB
	id       *age.X25519Identity
	signer   note.Signer
	key      string
	contents map[string]string
}

func newForger(tb testing.TB) *forger {
	tb.Helper()
	// Fixed, so that a fuzzer sees the same bytes in every run.
	secret, public, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "log.example.edu")
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		tb.Fatal(err)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		tb.Fatal(err)
	}
	return &forger{tb, id, signer, public, map[string]string{formatName: "1\n", keyName: public + "\n", recordsName: "the records\n"}}
}

// manifest describes the contents in order of their names.
func (f *forger) manifest() *Manifest {
	m := &Manifest{Format: Format, Station: "test", Created: at}
	for name, content := range f.contents {
		sum := sha256.Sum256([]byte(content))
		m.Parts = append(m.Parts, Part{name, int64(len(content)), hex.EncodeToString(sum[:])})
	}
	slices.SortFunc(m.Parts, func(a, b Part) int { return strings.Compare(a.Name, b.Name) })
	return m
}

// entry is one entry of an archive.
type entry struct {
	tar.Header

	content string
}

func file(name, content string) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, ModTime: at, Size: int64(len(content))}, content}
}

// entries returns those of a good archive of a manifest.
func (f *forger) entries(m *Manifest) []entry {
	f.tb.Helper()
	text, err := m.encode()
	if err != nil {
		f.tb.Fatal(err)
	}
	signed, err := sign(text, f.signer)
	if err != nil {
		f.tb.Fatal(err)
	}
	list := []entry{file(manifestName, string(text)), file(signatureName, string(signed))}
	for _, p := range m.Parts {
		list = append(list, file(p.Name, f.contents[p.Name]))
	}
	return list
}

func (f *forger) tar(list []entry) []byte {
	f.tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range list {
		if err := w.WriteHeader(&e.Header); err != nil {
			f.tb.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			f.tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.tb.Fatal(err)
	}
	return b.Bytes()
}

// squeeze is costly to make, and safe for concurrent use of EncodeAll.
var squeeze = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(64<<10))
})

func (f *forger) zip(plain []byte) []byte {
	f.tb.Helper()
	w, err := squeeze()
	if err != nil {
		f.tb.Fatal(err)
	}
	return w.EncodeAll(plain, nil)
}

func (f *forger) seal(zipped []byte) []byte {
	f.tb.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, f.id.Recipient())
	if err != nil {
		f.tb.Fatal(err)
	}
	if _, err := w.Write(zipped); err != nil {
		f.tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.tb.Fatal(err)
	}
	return b.Bytes()
}

// restore restores b and returns the error. After one, nothing may be there.
func (f *forger) restore(b []byte) error {
	f.tb.Helper()
	parent, err := os.MkdirTemp(f.tb.TempDir(), "")
	if err != nil {
		f.tb.Fatal(err)
	}
	_, err = Restore(f.tb.Context(), bytes.NewReader(b), RestoreOptions{
		Data: filepath.Join(parent, "new"), Identities: []age.Identity{f.id},
		Records: func(context.Context, string) error { return nil },
	})
	list, rerr := os.ReadDir(parent)
	if rerr != nil {
		f.tb.Fatal(rerr)
	}
	if err != nil && len(list) > 0 {
		f.tb.Errorf("left behind: %v", list)
	}
	if err == nil && len(list) != 1 {
		f.tb.Errorf("made %v", list)
	}
	return err
}

func TestAForgedArchiveThatKeepsTheRules(t *testing.T) {
	f := newForger(t)
	if err := f.restore(f.seal(f.zip(f.tar(f.entries(f.manifest()))))); err != nil {
		t.Errorf("the archive that all others are made of: %v", err)
	}
}

// TestHostileEntries changes the list of entries of a good archive.
func TestHostileEntries(t *testing.T) {
	f := newForger(t)
	good := f.entries(f.manifest())
	find := func(name string) int { return slices.IndexFunc(good, func(e entry) bool { return e.Name == name }) }
	records := find(recordsName)
	change := func(fn func(e *entry)) []entry {
		list := slices.Clone(good)
		fn(&list[records])
		return list
	}
	rename := func(name string) []entry { return change(func(e *entry) { e.Name = name }) }
	link := func(kind byte, to string) []entry {
		return change(func(e *entry) { e.Typeflag, e.Linkname, e.Size, e.content = kind, to, 0, "" })
	}
	cases := map[string][]entry{
		"a path above":             rename("../records.db"),
		"a path far above":         rename("../../../../etc/cron.d/x"),
		"a path above inside":      rename("ledger/../../records.db"),
		"an absolute path":         rename("/etc/passwd"),
		"a path of Windows":        rename(`..\records.db`),
		"a drive of Windows":       rename(`C:\records.db`),
		"a dot in front":           rename("./records.db"),
		"two slashes":              rename("ledger//key.pub"),
		"another case":             rename("Records.db"),
		"a name with NUL":          rename("records.db\x00.txt"),
		"a hidden name":            rename(".ssh/authorized_keys"),
		"the mark of a restore":    rename(unfinished),
		"a symbolic link":          link(tar.TypeSymlink, "/etc/passwd"),
		"a link to a file inside":  link(tar.TypeSymlink, "ledger/key.pub"),
		"a hard link":              link(tar.TypeLink, "ledger/key.pub"),
		"a character device":       link(tar.TypeChar, ""),
		"a block device":           link(tar.TypeBlock, ""),
		"a pipe":                   link(tar.TypeFifo, ""),
		"a folder":                 link(tar.TypeDir, ""),
		"a link name on a file":    change(func(e *entry) { e.Linkname = "/etc/passwd" }),
		"a link, then behind it":   slices.Insert(slices.Clone(good), records, entry{tar.Header{Typeflag: tar.TypeSymlink, Name: "ledger", Linkname: "/", ModTime: at}, ""}),
		"an attribute":             change(func(e *entry) { e.PAXRecords = map[string]string{"SCHILY.xattr.user.x": "y"} }),
		"a file of the settings":   slices.Insert(slices.Clone(good), records, file("fengsui.yaml", "x")),
		"an entry twice":           slices.Insert(slices.Clone(good), records, good[records]),
		"an entry twice at end":    append(slices.Clone(good), good[records]),
		"a second manifest":        slices.Insert(slices.Clone(good), 2, good[0]),
		"an entry missing":         slices.Delete(slices.Clone(good), records, records+1),
		"the last one missing":     slices.Clone(good)[:len(good)-1],
		"the manifest later":       append([]entry{good[1], good[0]}, good[2:]...),
		"no signature":             slices.Delete(slices.Clone(good), 1, 2),
		"entries swapped":          append(slices.Clone(good)[:2], good[3], good[2], good[4]),
		"another content":          change(func(e *entry) { e.content = "the RECORDS\n" }),
		"a longer content":         change(func(e *entry) { e.content += "x"; e.Size++ }),
		"a shorter content":        change(func(e *entry) { e.content = e.content[1:]; e.Size-- }),
		"nothing":                  nil,
		"a manifest without end":   {file(manifestName, strings.Repeat(" ", maxManifest+1))},
		"a signature without end":  {good[0], file(signatureName, strings.Repeat("x", maxSmall+1))},
		"the signature of another": append([]entry{good[0], file(signatureName, strings.Replace(good[1].content, "fengsui", "fengsul", 1))}, good[2:]...),
	}
	for name, list := range cases {
		t.Run(name, func(t *testing.T) {
			for i := range list { // a name that ustar cannot say
				if strings.ContainsRune(list[i].Name, 0) {
					list[i].Name = strings.ReplaceAll(list[i].Name, "\x00", "?")
				}
			}
			f := &forger{t, f.id, f.signer, f.key, f.contents}
			err := f.restore(f.seal(f.zip(f.tar(list))))
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrSignature) {
				t.Errorf("error %v, want one that wraps ErrDamaged or ErrSignature", err)
			}
		})
	}
}

// TestHostileManifests signs what the archive then keeps to.
func TestHostileManifests(t *testing.T) {
	base := newForger(t)
	sum := strings.Repeat("0", 64)
	for name, change := range map[string]func(m *Manifest){
		"a path above":        func(m *Manifest) { m.Parts = append(m.Parts, Part{"../x", 0, sum}) },
		"an absolute path":    func(m *Manifest) { m.Parts = append([]Part{{"/etc/passwd", 0, sum}}, m.Parts...) },
		"a segment elsewhere": func(m *Manifest) { m.Parts = append(m.Parts, Part{"x/ledger/seg-00000000000000000000.fsl", 0, sum}) },
		"a segment's name with more": func(m *Manifest) {
			m.Parts = append(m.Parts, Part{"ledger/seg-00000000000000000000.fsl/../../../x", 0, sum})
		},
		"a line feed in a name": func(m *Manifest) { m.Parts = append(m.Parts, Part{"ledger/seg-00000000000000000000.fsl\n", 0, sum}) },
		"a part twice":          func(m *Manifest) { m.Parts = append(m.Parts, m.Parts[len(m.Parts)-1]) },
		"parts out of order":    func(m *Manifest) { slices.Reverse(m.Parts) },
		"a negative size":       func(m *Manifest) { m.Parts[0].Size = -1 },
		"a size without end":    func(m *Manifest) { m.Parts[0].Size = 1 << 62 },
		"no hash":               func(m *Manifest) { m.Parts[0].SHA256 = "" },
		"an upper-case hash":    func(m *Manifest) { m.Parts[0].SHA256 = strings.Repeat("A", 64) },
		"no records":            func(m *Manifest) { m.Parts = m.Parts[:len(m.Parts)-1] },
		"events without ledger": func(m *Manifest) { m.Ledger.Size = 7 },
		"a checkpoint that is none": func(m *Manifest) {
			m.Ledger = Point{7, "x", "x", "x"}
			m.Parts = slices.Insert(m.Parts, 1, Part{checkpointName, 0, sum})
		},
		"a ledger without events": func(m *Manifest) {
			m.Parts = slices.Insert(m.Parts, 2, Part{"ledger/seg-00000000000000000000.fsl", 0, sum})
		},
		"a format to come": func(m *Manifest) { m.Format = 2 },
		"too many parts":   func(m *Manifest) { m.Parts = append(m.Parts, make([]Part, maxParts)...) },
	} {
		t.Run(name, func(t *testing.T) {
			f := &forger{t, base.id, base.signer, base.key, base.contents}
			m := f.manifest()
			change(m)
			err := f.restore(f.seal(f.zip(f.tar(f.entries(m)[:2]))))
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrFormat) {
				t.Errorf("error %v, want one that wraps ErrDamaged or ErrFormat", err)
			}
		})
	}
	t.Run("forms of one manifest", func(t *testing.T) {
		text, err := base.manifest().encode()
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range [][2]string{
			{`{"format":1`, `{ "format":1`},
			{`{"format":1`, `{"format":1,"format":1`},
			{`"station":"test"`, `"Station":"test"`},
			{`"station":"test"`, `"station":"test","more":1`},
			{"\n", ""},
			{"\n", "\n\n"},
			{`"station":"test"`, `"station":"\u0074est"`},
		} {
			if _, err := parseManifest(bytes.Replace(text, []byte(change[0]), []byte(change[1]), 1)); !errors.Is(err, ErrDamaged) {
				t.Errorf("%q in place of %q: %v", change[1], change[0], err)
			}
		}
	})
}

func TestFormatToCome(t *testing.T) {
	f := newForger(t)
	f.contents[formatName] = "2\n"
	if err := f.restore(f.seal(f.zip(f.tar(f.entries(f.manifest()))))); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("a data directory of a newer version: %v", err)
	}
}

// TestBombs: 1 GiB of zeros in some kilobytes, by each layer that could hold it.
func TestBombs(t *testing.T) {
	f := newForger(t)
	const huge = 1 << 30
	m := f.manifest()
	m.Parts[len(m.Parts)-1].Size = huge
	list := f.entries(m)
	head := f.tar(list[:len(list)-1])
	head = head[:len(head)-1024] // without its end
	last := bytes.NewBuffer(nil)
	w := tar.NewWriter(last)
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: recordsName, Mode: 0o600, ModTime: at, Size: huge}); err != nil {
		t.Fatal(err)
	}
	zeros := bytes.Repeat([]byte{0}, 1<<20)
	bomb := func(begin []byte, n int) []byte {
		var b bytes.Buffer
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = z.Write(begin)
		for range n >> 20 {
			_, _ = z.Write(zeros)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	good := f.tar(f.entries(f.manifest()))
	for name, zipped := range map[string][]byte{
		"a part of zeros":         bomb(slices.Concat(head, last.Bytes()), huge),
		"zeros behind the end":    bomb(good, huge),
		"zeros before the start":  bomb(nil, huge),
		"a second frame of zeros": slices.Concat(f.zip(good), bomb(nil, huge)),
	} {
		t.Run(name, func(t *testing.T) {
			if len(zipped) > 1<<20 {
				t.Fatalf("the bomb has %d bytes", len(zipped))
			}
			f := &forger{t, f.id, f.signer, f.key, f.contents}
			if err := f.restore(f.seal(zipped)); !errors.Is(err, ErrDamaged) {
				t.Errorf("error %v, want one that wraps ErrDamaged", err)
			}
		})
	}
	t.Run("a window of a gigabyte", func(t *testing.T) {
		// RFC 8878: magic, a descriptor without size, the window 2^30, an empty last raw block.
		frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x01, 0x00, 0x00}
		if err := f.restore(f.seal(frame)); !errors.Is(err, ErrDamaged) {
			t.Errorf("error %v, want one that wraps ErrDamaged", err)
		}
	})
}

// TestEveryCutAndFlip: a backup that was cut at any byte, has a bit flipped in any
// byte, or grew, is refused and leaves nothing.
func TestEveryCutAndFlip(t *testing.T) {
	f := newForger(t)
	whole := f.seal(f.zip(f.tar(f.entries(f.manifest()))))
	refused := func(name string, b []byte) {
		t.Helper()
		err := f.restore(b)
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrIdentity) {
			t.Fatalf("%s: error %v", name, err)
		}
	}
	for i := range whole {
		refused(fmt.Sprintf("cut at byte %d of %d", i, len(whole)), whole[:i])
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		refused(fmt.Sprintf("bit %d of byte %d of %d flipped", i%8, i, len(whole)), b)
	}
	refused("a byte more", append(bytes.Clone(whole), 0))
	refused("itself behind it", append(bytes.Clone(whole), whole...))

	// Below the encryption nothing but our own checks stands.
	plain := f.tar(f.entries(f.manifest()))
	content := bytes.LastIndex(plain, []byte(f.contents[recordsName])) + len(f.contents[recordsName])
	for i := range content { // what follows is zeros
		in := &counted{r: bytes.NewReader(plain[:i])}
		u := newTarUnpacker(in, in)
		if _, _, err := readAll(t.Context(), u); !errors.Is(err, ErrDamaged) {
			t.Fatalf("archive cut at byte %d of %d: error %v", i, len(plain), err)
		}
	}
}

// FuzzUnpack: whatever the bytes, reading ends, with a documented error or with a
// manifest that holds and parts that are what it says.
func FuzzUnpack(f *testing.F) {
	forge := newForger(f)
	plain := forge.tar(forge.entries(forge.manifest()))
	f.Add(plain, false)
	f.Add(forge.zip(plain), true)
	f.Add(plain[:1500], false)
	f.Add([]byte{}, true)
	f.Fuzz(func(t *testing.T, b []byte, zipped bool) {
		in := &counted{r: bytes.NewReader(b)}
		u := newTarUnpacker(in, in)
		if zipped {
			var err error
			if u, err = newPlainUnpacker(in, in); err != nil {
				t.Fatal(err)
			}
		}
		defer u.close()
		m, parts, err := readAll(t.Context(), u)
		switch {
		case err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrFormat):
			t.Fatalf("undocumented error %v", err)
		case u.out.n > slack+ratio*int64(len(b))+chunkSize:
			t.Fatalf("%d bytes became %d", len(b), u.out.n)
		case err != nil:
			return
		}
		for _, p := range m.Parts {
			if !fs.ValidPath(p.Name) || strings.Contains(p.Name, "\\") {
				t.Fatalf("a part is named %q", p.Name)
			}
			if sum := sha256.Sum256(parts[p.Name]); hex.EncodeToString(sum[:]) != p.SHA256 {
				t.Fatalf("part %s is not what the manifest says", p.Name)
			}
		}
	})
}

func readAll(ctx context.Context, u *unpacker) (*Manifest, map[string][]byte, error) {
	m, _, _, err := u.manifest()
	if err != nil {
		return nil, nil, err
	}
	parts := map[string][]byte{}
	for _, p := range m.Parts {
		var b bytes.Buffer
		if err := u.part(ctx, p, &b); err != nil {
			return nil, nil, err
		}
		parts[p.Name] = b.Bytes()
	}
	return m, parts, u.end()
}
