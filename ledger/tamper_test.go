package ledger_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/ledger/ledgertest"
	"github.com/fengsui/fengsui/ledger/verify"
)

// small is a ledger of a few kilobytes and what happened to it before.
type small struct {
	files  fstest.MapFS
	before []fstest.MapFS // the directory after every batch
	sizes  []uint64       // and how many events it had
	older  []byte         // checkpoint that somebody else holds
	size   uint64         // what it speaks of
	public string
}

// newSmall writes a ledger of several closed segments and an open one. Everything
// is stated by its newest checkpoint. Two salts make two histories.
func newSmall(t testing.TB, signer note.Signer, public, salt string) *small {
	t.Helper()
	disk := ledgertest.NewDisk()
	now := day
	l, err := ledger.Open("/ledger", ledger.Options{
		FS: disk, Now: func() time.Time { return now }, Signer: signer, Verifier: public,
		FrameBytes: 250, SegmentBytes: 900, Preallocate: 1, Reserve: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &small{public: public}
	for i := range 36 {
		b := ledger.Batch{Entries: entries(3*i, 3*i+1+i%3)}
		if i%2 == 0 {
			b.Key = fmt.Sprint("k", i)
		}
		if i == 3 {
			b.Entries[0].Raw = append(b.Entries[0].Raw, salt...)
		}
		if _, err := l.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
		if err := l.Sign(t.Context()); err != nil {
			t.Fatal(err)
		}
		state, ok := disk.View("/ledger").(fstest.MapFS)
		if !ok {
			t.Fatal("a view is a MapFS")
		}
		s.files = state
		s.before, s.sizes = append(s.before, state), append(s.sizes, l.Size())
		if i == 14 {
			s.older, s.size = state["checkpoint"].Data, l.Size()
		}
	}
	return s
}

// tampering is one change of a directory.
type tampering struct {
	what  string
	files fstest.MapFS
	file  string // where it must be found; "": anywhere
}

func (s *small) with(name string, content []byte) fstest.MapFS {
	files := maps.Clone(s.files)
	files[name] = &fstest.MapFile{Data: content, Mode: 0o600}
	return files
}

func (s *small) segments() []string {
	names := slices.Sorted(maps.Keys(s.files))
	return slices.DeleteFunc(names, func(n string) bool { return !strings.HasSuffix(n, ".fsl") })
}

// bits yields every flipped bit and every cut of every file.
func (s *small) bits(step int, yield func(tampering)) {
	for _, name := range append(s.segments(), "checkpoint", "key.pub") {
		data := s.files[name].Data
		for i := 0; i < 8*len(data); i += step {
			b := bytes.Clone(data)
			b[i/8] ^= 1 << (i % 8)
			yield(tampering{fmt.Sprintf("bit %d of byte %d of %s", i%8, i/8, name), s.with(name, b), name})
		}
		for n := 0; n < len(data); n += step {
			yield(tampering{fmt.Sprintf("%s cut to %d bytes", name, n), s.with(name, data[:n:n]), name})
		}
	}
}

// blocksOf cuts a segment into header, blocks and footer.
func blocksOf(data []byte) [][]byte {
	n := 70 + int(binary.BigEndian.Uint16(data[64:]))
	list := [][]byte{data[:n:n]}
	for data = data[n:]; bytes.HasPrefix(data, []byte("FSBK")); data = data[n:] {
		n = int(binary.BigEndian.Uint32(data[8:]) + binary.BigEndian.Uint32(data[12:]))
		list = append(list, data[:n:n])
	}
	return append(list, data)
}

// pieces yields removed, doubled, swapped and foreign blocks.
func (s *small) pieces(other *small, yield func(tampering)) {
	foreign := blocksOf(other.files[other.segments()[1]].Data)[1]
	for k, name := range s.segments() {
		list := blocksOf(s.files[name].Data)
		give := func(what string, i int, changed ...[]byte) {
			yield(tampering{fmt.Sprintf("%s block %d of %s", what, i, name), s.with(name, bytes.Join(changed, nil)), name})
		}
		home := blocksOf(s.files[s.segments()[(k+1)%len(s.segments())]].Data)
		for i := 1; i < len(list)-1; i++ {
			give("removed", i, slices.Concat(list[:i], list[i+1:])...)
			give("doubled", i, slices.Concat(list[:i+1], list[i:])...)
			if i+1 < len(list)-1 {
				give("swapped", i, slices.Concat(list[:i], [][]byte{list[i+1], list[i]}, list[i+2:])...)
			}
			for _, b := range home[1 : len(home)-1] {
				give("inserted at", i, slices.Concat(list[:i], [][]byte{b}, list[i:])...)
				give("replaced", i, slices.Concat(list[:i], [][]byte{b}, list[i+1:])...)
			}
			give("foreign at", i, slices.Concat(list[:i], [][]byte{foreign}, list[i:])...)
		}
	}
}

// wholes yields changes of whole segments and of the whole directory.
func (s *small) wholes(t testing.TB, others []*small, yield func(tampering)) {
	names := s.segments()
	for i, a := range names {
		without := maps.Clone(s.files)
		delete(without, a)
		yield(tampering{what: "removed " + a, files: without})
		for _, b := range names[i+1:] {
			swapped := maps.Clone(s.files)
			swapped[a], swapped[b] = s.files[b], s.files[a]
			yield(tampering{what: "swapped " + a + " and " + b, files: swapped})
			yield(tampering{what: "replaced " + b + " by " + a, files: s.with(b, s.files[a].Data)})
			yield(tampering{what: "replaced " + a + " by " + b, files: s.with(a, s.files[b].Data)})
		}
		for _, at := range []uint64{1, 1000, 1 << 40} {
			name := fmt.Sprintf("seg-%020d.fsl", at)
			yield(tampering{what: "doubled " + a + " as " + name, files: s.with(name, s.files[a].Data)})
		}
		for _, o := range others {
			for _, b := range o.segments() {
				yield(tampering{what: "another log's " + b + " as " + a, files: s.with(a, o.files[b].Data)})
			}
		}
	}
	for i, state := range s.before {
		if s.sizes[i] < s.size {
			yield(tampering{what: fmt.Sprintf("rolled back to %d events", s.sizes[i]), files: state})
		}
	}
	for _, o := range others {
		for i, state := range o.before {
			if o.sizes[i] >= s.size {
				yield(tampering{what: fmt.Sprintf("another history of %d events", o.sizes[i]), files: state})
			}
		}
	}
	if len(names) < 4 {
		t.Fatalf("only %d segments", len(names))
	}
}

// TestTamper changes a small ledger in every way and expects verification with an
// older checkpoint to find each change and to name where.
func TestTamper(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1000)) // every reading takes a window of zstd anew
	signer, public := keys(t)
	s := newSmall(t, signer, public, "")
	others := []*small{newSmall(t, signer, public, " changed"), newSmall(t, signer, public, "!")}
	o := verify.Options{Keys: []string{public}, Checkpoints: [][]byte{s.older}}
	if r, err := verify.Verify(t.Context(), s.files, o); err != nil || r.Status != verify.OK || r.Checkpoints != 2 {
		t.Fatalf("before any change: %+v, %v, %v", r, r.Where, err)
	}
	queue := make(chan tampering, 256)
	var mu sync.Mutex
	var wg sync.WaitGroup
	found, missed := map[verify.Status]int{}, 0
	for range 2 {
		wg.Go(func() {
			for c := range queue {
				r, err := verify.Verify(t.Context(), c.files, o)
				mu.Lock()
				found[r.Status]++
				if bad := judge(c, r, err); bad != "" {
					if missed++; missed < 20 {
						t.Errorf("%s: %s", c.what, bad)
					}
				}
				mu.Unlock()
			}
		})
	}
	changes := 0
	yield := func(c tampering) {
		changes++
		queue <- c
	}
	s.bits(sample(1), yield)
	s.pieces(others[0], yield)
	s.wholes(t, others, yield)
	close(queue)
	wg.Wait()
	size := 0
	_ = fs.WalkDir(s.files, ".", func(path string, _ fs.DirEntry, _ error) error {
		if f := s.files[path]; f != nil {
			size += len(f.Data)
		}
		return nil
	})
	t.Logf("%d changes of %d bytes in %d files, %d missed: %v", changes, size, len(s.files), missed, found)
	if changes < 100_000 && sample(1) == 1 {
		t.Errorf("%d changes are too few", changes)
	}
}

func judge(c tampering, r verify.Report, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case r.Status == verify.OK:
		return "not found"
	case r.Where == nil || r.Where.File == "" || r.Where.Reason == "":
		return "found, and not said where"
	case c.file != "" && r.Where.File != c.file:
		return "found elsewhere: " + r.Where.String()
	}
	return ""
}
