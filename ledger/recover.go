package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	quarantineDir = "quarantine"
	tempSuffix    = ".tmp"
)

// found is the state of a directory as its files tell it.
type found struct {
	parts   []*part
	last    *scanned // the last segment, when it is open
	lastSeg *part    // what is known of it
	size    uint64
	tree    []hash
	head    hash
	stated  [2]hash // heads a checkpoint of this size may state
	stop    string  // why nothing may be added; "" when all is well
	strays  []FileInfo
	temps   []string

	checkpoint *Checkpoint // newest one of the directory, signature not checked; nil: none
}

// lookAround reads the directory without changing anything.
//
// The checkpoint is read first: what it speaks of was durable before it was
// written, so that a reader beside a running writer never finds it ahead.
func (s *store) lookAround() (*found, error) {
	checkpoint, err := s.loadCheckpoint()
	if err != nil {
		return nil, err
	}
	list, err := s.disk.List(s.dir)
	if err != nil {
		return nil, fmt.Errorf("read ledger %s: %w", s.dir, err)
	}
	var segs []FileInfo
	d := &found{checkpoint: checkpoint}
	for _, info := range list {
		if _, ok := parseSegmentName(info.Name); ok && !info.Dir {
			segs = append(segs, info)
		} else if strings.HasSuffix(info.Name, tempSuffix) && !info.Dir {
			d.temps = append(d.temps, info.Name)
		}
	}
	for len(segs) > 0 {
		info := segs[len(segs)-1]
		stray, err := s.readLast(d, info)
		if err != nil {
			return nil, err
		}
		if !stray {
			segs = segs[:len(segs)-1]
			break
		}
		d.strays = append(d.strays, info)
		segs = segs[:len(segs)-1]
	}
	sealed := make([]*part, 0, len(segs)+1)
	for _, info := range segs {
		p, err := s.readSealed(info)
		if err != nil {
			return nil, err
		}
		sealed = append(sealed, p)
	}
	d.parts = append(sealed, d.parts...)
	s.checkGaps(d)
	return d, nil
}

// checkGaps names segments that are missing or overlap.
func (s *store) checkGaps(d *found) {
	all := d.parts
	if d.lastSeg != nil {
		all = append(slices.Clip(all), d.lastSeg)
	}
	var next uint64
	for _, p := range all {
		if p.First != next {
			s.note(Damage{File: p.Name, First: min(next, p.First), Next: max(next, p.First), Reason: "segments do not follow each other"})
		}
		next = p.Next
	}
}

// readSealed reads the footer of a segment that is not the last. A damaged one is
// read block by block.
func (s *store) readSealed(info FileInfo) (*part, error) {
	first, _ := parseSegmentName(info.Name)
	f, err := s.disk.OpenRead(s.path(info.Name))
	if err != nil {
		return nil, fmt.Errorf("read segment %s: %w", info.Name, err)
	}
	defer func() { _ = f.Close() }() // read only
	p, _, _, err := sealedPart(info, first, f)
	if err == nil {
		return p, nil
	}
	if newerFormat(err) {
		return nil, fmt.Errorf("read segment %s: %w", info.Name, err)
	}
	s.note(Damage{File: info.Name, Offset: max(0, info.Size-trailerSize), First: first, Next: first, Reason: err.Error()})
	p, sc, _, err := s.scanPart(info, first, f)
	if err != nil {
		return nil, err
	}
	s.noteAll(sc.Damage)
	p.Sealed, p.frames = true, sc.Frames
	return p, nil
}

// unread reports whether err is one of the disk. It says nothing about what is
// stored: nothing may be concluded from it, and nothing cut.
func unread(err error) bool {
	return err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrFormat) && !errors.Is(err, errNotHere) && !errors.Is(err, io.ErrUnexpectedEOF)
}

func newerFormat(err error) bool { return errors.Is(err, ErrFormat) }

// sealedPart reads what a valid footer says, and the head after it.
func sealedPart(info FileInfo, first uint64, f File) (*part, summary, hash, error) {
	sum, encoded, err := readSummary(f, info.Size)
	if err != nil {
		return nil, summary{}, hash{}, err
	}
	if sum.First != first {
		return nil, summary{}, hash{}, fmt.Errorf("segment summary: begins with event %d: %w", sum.First, ErrDamaged)
	}
	p := &part{
		Segment: Segment{
			Name: info.Name, First: first, Next: sum.Next, OpenedAt: sum.OpenedAt, ClosedAt: sum.ClosedAt,
			FirstReceived: sum.FirstAt, LastReceived: sum.LastAt, Sealed: true, StoredBytes: info.Size, RawBytes: sum.Raw,
		},
		end: sum.IndexOffset, openHead: sum.OpenHead, indexSize: sum.IndexSize,
	}
	return p, sum, closeHead(encoded), nil
}

// scanPart reads a segment block by block. A header that cannot be read is
// damage; without it no block can be checked, and none is found. Noting what is
// damaged is up to the caller: in the last file it may be an interrupted write.
func (s *store) scanPart(info FileInfo, first uint64, f File) (*part, scanned, hash, error) {
	p := &part{Segment: Segment{Name: info.Name, First: first, Next: first, StoredBytes: info.Size}}
	b := make([]byte, min(info.Size, headerFixed+1<<16+4))
	err := readFull(f, b, 0)
	if unread(err) {
		return nil, scanned{}, hash{}, fmt.Errorf("read segment %s: %w", info.Name, err)
	}
	h, n, herr := header{}, 0, err
	if err == nil {
		h, n, herr = decodeHeader(b)
		if herr == nil && h.First != first {
			herr = fmt.Errorf("segment header: begins with event %d: %w", h.First, ErrDamaged)
		}
	}
	if newerFormat(herr) {
		return nil, scanned{}, hash{}, fmt.Errorf("read segment %s: %w", info.Name, herr)
	}
	if herr != nil {
		p.frames = []frame{}
		return p, scanned{Next: first, Damage: []Damage{{File: info.Name, First: first, Next: first, Reason: herr.Error()}}}, hash{}, nil
	}
	p.OpenedAt, p.openHead = h.OpenedAt, openHead(b[:n])
	r := s.reader()
	defer s.release(r)
	sc := scanBlocks(f, r, scanFrom{First: first, OpenHead: p.openHead, Start: int64(n), End: info.Size})
	if sc.Err != nil {
		return nil, scanned{}, hash{}, fmt.Errorf("read segment %s: %w", info.Name, sc.Err)
	}
	for i := range sc.Damage {
		sc.Damage[i].File = info.Name
	}
	p.Next, p.end, p.RawBytes, p.StoredBytes = sc.Next, sc.End, sc.Raw, sc.End
	p.FirstReceived, p.LastReceived = sc.FirstAt, sc.LastAt
	return p, sc, h.Previous, nil
}

func (s *store) noteAll(list []Damage) {
	for _, d := range list {
		s.note(d)
	}
}

// readLast reads the last segment: sealed, open, or never acknowledged (stray).
func (s *store) readLast(d *found, info FileInfo) (stray bool, err error) {
	first, _ := parseSegmentName(info.Name)
	f, err := s.disk.OpenRead(s.path(info.Name))
	if err != nil {
		return false, fmt.Errorf("read segment %s: %w", info.Name, err)
	}
	defer func() { _ = f.Close() }() // read only
	p, sum, head, err := sealedPart(info, first, f)
	closed := err == nil
	if closed {
		closed, err = s.closedWhole(d, p, f, head)
	}
	if unread(err) {
		return false, fmt.Errorf("read segment %s: %w", info.Name, err)
	}
	if closed {
		d.parts = []*part{p}
		d.size, d.tree, d.head = sum.Next, sum.Tree, head
		d.stated = [2]hash{head, sum.Previous}
		return false, nil
	}
	p, sc, previous, err := s.scanPart(info, first, f)
	if err != nil {
		return false, err
	}
	if p.end == 0 { // no header
		blocks, err := anyMagic(f, info.Size)
		if err != nil {
			return false, fmt.Errorf("read segment %s: %w", info.Name, err)
		}
		if blocks {
			d.stop = fmt.Sprintf("the header of %s is damaged and blocks stand behind it", info.Name)
			s.noteAll(sc.Damage)
			p.Sealed = true
			d.parts, d.size = []*part{p}, first
			return false, nil
		}
		return true, nil
	}
	s.noteAll(sc.Damage)
	p.frames = sc.Frames
	d.last, d.lastSeg = &sc, p
	d.size, d.tree, d.head = sc.Next, sc.Tree, sc.Head
	d.stated = [2]hash{sc.Head, sc.Head}
	switch {
	case sc.Blocks == 0 && len(sc.Damage) == 0:
		// Opened, and nothing in it yet: the tree is that of the segment before.
		d.stated = [2]hash{previous, previous}
	case !sc.Known:
		d.stop = info.Name + " is damaged and the tree after it is not known"
	}
	return false, nil
}

// closedWhole reports whether a footer whose end is valid was made durable. The
// index before it may be torn when closing was interrupted; then the blocks go on.
// A checkpoint is signed only after, so when it knows of the close the index is
// damaged and the segment is closed all the same.
func (s *store) closedWhole(d *found, p *part, f File, head hash) (bool, error) {
	_, err := loadIndex(p, f)
	if err == nil || unread(err) {
		return err == nil, err
	}
	if c := d.checkpoint; c == nil || c.Size != p.Next || c.Head != head {
		return false, nil
	}
	s.note(Damage{File: p.Name, Offset: p.end, First: p.First, Next: p.First, Reason: err.Error()})
	return true, nil
}

// anyMagic reports whether a file without a header holds anything that looks like
// a block. Such a file may hold acknowledged events and is left where it is.
func anyMagic(f File, size int64) (bool, error) {
	s := scanner{file: f, from: scanFrom{End: size}}
	return s.looksLikeBlock(), s.out.Err
}

// attach makes the store show what was found.
func (s *store) attach(d *found) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts = d.parts
	if d.lastSeg != nil && d.lastSeg.Next > d.lastSeg.First {
		s.open = d.lastSeg
	}
}

// treeBefore completes what is found when the last segment has no block: its tree
// is that of the segment before, or that of an empty ledger.
func (s *store) treeBefore(d *found) error {
	if d.last == nil || d.last.Blocks > 0 || d.stop != "" {
		return nil
	}
	if len(d.parts) == 0 {
		if d.size != 0 {
			d.stop = "the segments before " + d.lastSeg.Name + " are missing"
		}
		return nil
	}
	p := d.parts[len(d.parts)-1]
	f, err := s.disk.OpenRead(s.path(p.Name))
	if err != nil {
		return fmt.Errorf("read segment %s: %w", p.Name, err)
	}
	defer func() { _ = f.Close() }() // read only
	size, err := f.Size()
	if err != nil {
		return fmt.Errorf("read segment %s: %w", p.Name, err)
	}
	sum, _, err := readSummary(f, size)
	if err != nil || sum.Next != d.size {
		d.stop = "the segment before " + d.lastSeg.Name + " is damaged or missing"
		return nil
	}
	d.tree, d.stated[1] = sum.Tree, sum.Previous
	return nil
}

// makeDir makes the ledger's folder and its name durable.
func makeDir(o Options, dir string) error {
	if err := o.FS.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make ledger %s: %w", dir, err)
	}
	if o.break_.noParent || o.break_.noSyncDir {
		return nil
	}
	if err := o.FS.SyncDir(filepath.Dir(dir)); err != nil {
		return fmt.Errorf("make ledger %s: %w", dir, err)
	}
	return nil
}

// clear removes what an interrupted write left, and sets aside what nobody
// understood.
func (s *store) clear(d *found) error {
	for _, name := range d.temps {
		if err := s.disk.Remove(s.path(name)); err != nil {
			return fmt.Errorf("clear %s: %w", name, err)
		}
	}
	for _, info := range d.strays {
		if err := s.setAside(info); err != nil {
			return fmt.Errorf("clear %s: %w", info.Name, err)
		}
	}
	return nil
}

func (s *store) setAside(info FileInfo) error {
	f, err := s.disk.OpenRead(s.path(info.Name))
	if err != nil {
		return err
	}
	zero, err := allZero(f, info.Size)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if zero {
		return s.disk.Remove(s.path(info.Name))
	}
	aside := s.path(quarantineDir)
	if err := s.disk.Mkdir(aside); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := s.disk.Rename(s.path(info.Name), filepath.Join(aside, info.Name)); err != nil {
		return err
	}
	return s.disk.SyncDir(aside)
}

func allZero(f File, size int64) (bool, error) {
	buf := make([]byte, 1<<16)
	for at := int64(0); at < size; at += int64(len(buf)) {
		b := buf[:min(int64(len(buf)), size-at)]
		if err := readFull(f, b, at); err != nil {
			return false, err
		}
		if slices.ContainsFunc(b, func(c byte) bool { return c != 0 }) {
			return false, nil
		}
	}
	return true, nil
}

// resumeWriter makes the writer that goes on where the directory ends.
func (s *store) resumeWriter(o Options, d *found) (*writer, error) {
	w := &writer{o: o, dir: s.dir, size: d.size, tree: d.tree, head: d.head, h: newHasher(), fresh: true}
	w.keys = newKeyBook(o.KeepKeys, o.MaxKeys)
	if d.stop != "" {
		return w, nil
	}
	if err := s.loadKeys(w, d, o.Now()); err != nil {
		return nil, err
	}
	if d.lastSeg == nil {
		return w, s.settleFooter(d, o.break_)
	}
	p, sc := d.lastSeg, d.last
	f, err := s.disk.Open(s.path(p.Name))
	if err != nil {
		return nil, fmt.Errorf("open segment %s: %w", p.Name, err)
	}
	t := &tail{part: *p, file: f, blocks: sc.Blocks, keys: sc.Keys}
	if o.break_.keepTail {
		if err := t.keepTail(); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	if err := t.settle(sc.Last, o.break_); err != nil {
		return nil, errors.Join(fmt.Errorf("recover segment %s: %w", p.Name, err), f.Close())
	}
	w.tail = t
	return w, nil
}

// settleFooter writes the footer of a closed last segment over itself, as settle
// does with a block.
func (s *store) settleFooter(d *found, mut mutant) error {
	if len(d.parts) == 0 || mut.trustCache {
		return nil
	}
	p := d.parts[len(d.parts)-1]
	f, err := s.disk.Open(s.path(p.Name))
	if err != nil {
		return fmt.Errorf("open segment %s: %w", p.Name, err)
	}
	b := make([]byte, p.StoredBytes-p.end)
	if err = readFull(f, b, p.end); err == nil {
		_, err = f.WriteAt(b, p.end)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("recover segment %s: %w", p.Name, err)
	}
	return nil
}

// keepTail is what the mutant of that name does: trust the length of the file.
func (t *tail) keepTail() error {
	size, err := t.file.Size()
	if err == nil {
		t.end = size
	}
	return err
}

// loadKeys reads the idempotency keys of the last day.
func (s *store) loadKeys(w *writer, d *found, now time.Time) error {
	i := len(d.parts)
	for i > 0 && now.Sub(d.parts[i-1].ClosedAt) < w.o.KeepKeys {
		i--
	}
	for _, p := range d.parts[i:] {
		rows, err := s.keysOf(p)
		if err != nil {
			return fmt.Errorf("read keys of %s: %w", p.Name, err)
		}
		w.keys.add(rows, now)
	}
	if d.last != nil {
		w.keys.add(d.last.Keys, now)
	}
	return nil
}

// keysOf reads the keys of a segment from its index, or from its blocks where the
// index is damaged.
func (s *store) keysOf(p *part) ([]keyRow, error) {
	f, err := s.disk.OpenRead(s.path(p.Name))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	if p.indexSize > 0 {
		x, err := loadIndex(p, f)
		if err == nil || unread(err) {
			return x.Keys, err
		}
		s.note(Damage{File: p.Name, Offset: p.end, First: p.First, Next: p.First, Reason: err.Error()})
	}
	r := s.reader()
	defer s.release(r)
	sc := scanBlocks(f, r, scanFrom{First: p.First, OpenHead: p.openHead, End: p.end})
	return sc.Keys, sc.Err
}
