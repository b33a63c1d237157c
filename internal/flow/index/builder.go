package index

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/ledger"
)

// Names of the columns that hold the numbers of a row.
const (
	columnSeq      = "\xffseq"
	columnReceived = "\xffreceived"
	columnNamed    = "\xffnamed"
)

// builder makes the sidecar of one segment, from its first event on. Full groups
// go to the file at once, so that memory holds only what is being filled. One
// goroutine adds; any may take a snapshot meanwhile.
type builder struct {
	x     *Index
	first uint64
	pack  *packer
	out   ledger.File // nil until the first group is full
	at    int64

	mu     sync.Mutex
	file   *file
	next   uint64 // behind the last event that was added, or could not be read
	rows   uint64
	bytes  int                // of open, as they were at the last look
	open   map[string]*memory // being filled, by class
	stored []*Group
	heads  []*groupHead
	sum    summary
}

func (x *Index) newBuilder(first uint64) (*builder, error) {
	pack, err := newPacker()
	if err != nil {
		return nil, err
	}
	b := &builder{x: x, first: first, next: first, pack: pack, open: map[string]*memory{}}
	b.file = x.newFile(first, filepath.Join(x.o.Dir, fileName(first)+".tmp"))
	return b, nil
}

// add appends records in the order of the ledger. After an error the builder can
// only be dropped.
func (b *builder) add(recs []event.Record) error {
	for len(recs) > 0 {
		n, full := b.fill(recs)
		recs = recs[n:]
		if full == nil {
			continue
		}
		if err := b.store(full); err != nil {
			return err
		}
	}
	return nil
}

// fill adds records until a group has to be stored, which it returns.
func (b *builder) fill(recs []event.Record) (int, *memory) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range recs {
		rec := &recs[i]
		m := b.open[rec.Class]
		if m == nil {
			m = newMemory(rec.Class)
			b.open[m.class] = m
		}
		before := m.size()
		m.add(rec)
		b.bytes += m.size() - before
		b.note(rec)
		if m.full() {
			return i + 1, m
		}
		if b.bytes > maxOpenBytes {
			return i + 1, b.largest()
		}
	}
	return len(recs), nil
}

// note keeps what the summary says of all rows.
func (b *builder) note(rec *event.Record) {
	received := rec.Received.UnixNano()
	b.sum.received.add(received, b.rows == 0)
	b.sum.time.add(believed(received, nanos(rec.Time)), b.rows == 0)
	b.rows++
	b.next = rec.Seq + 1
}

// skip says that the events below next were seen, or cannot be read.
func (b *builder) skip(next uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next = max(b.next, next)
}

func (b *builder) largest() *memory {
	var out *memory
	for _, m := range b.open {
		if out == nil || m.size() > out.size() || m.size() == out.size() && m.class < out.class {
			out = m
		}
	}
	return out
}

// store writes a group to the file. Until it is there, snapshots have it in memory.
func (b *builder) store(m *memory) error {
	if err := b.begin(); err != nil {
		return err
	}
	head, data, err := b.pack.group(m, b.at)
	if err != nil {
		return err
	}
	if err := b.write(data); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, m.class)
	b.bytes -= m.size()
	b.heads = append(b.heads, head)
	b.stored = append(b.stored, &Group{x: b.x, head: head, file: b.file})
	return nil
}

func (b *builder) write(data []byte) error {
	if _, err := b.out.WriteAt(data, b.at); err != nil {
		return fmt.Errorf("write sidecar of %d: %w", b.first, err)
	}
	b.at += int64(len(data))
	return nil
}

// begin creates the file when it is not there yet.
func (b *builder) begin() error {
	if b.out != nil {
		return nil
	}
	path := *b.file.path.Load()
	out, err := b.x.o.FS.Create(path)
	if errors.Is(err, fs.ErrExist) { // of an earlier try
		if err = b.x.o.FS.Remove(path); err == nil {
			out, err = b.x.o.FS.Create(path)
		}
	}
	if err != nil {
		return fmt.Errorf("create sidecar of %d: %w", b.first, err)
	}
	b.out = out
	return b.write(header(b.x.o.Version, b.first))
}

// finish stores what is left, makes the file durable and gives it its name.
func (b *builder) finish(seg ledger.Segment) (summary, error) {
	if err := b.begin(); err != nil {
		return summary{}, err
	}
	b.mu.Lock()
	left := make([]*memory, 0, len(b.open))
	for _, m := range b.open {
		left = append(left, m)
	}
	b.mu.Unlock()
	slices.SortFunc(left, func(m, n *memory) int { return cmp.Compare(m.class, n.class) })
	for _, m := range left {
		if err := b.store(m); err != nil {
			return summary{}, err
		}
	}
	b.sum.version, b.sum.first, b.sum.next = b.x.o.Version, seg.First, seg.Next
	b.sum.rawBytes, b.sum.rows = uint64(max(0, seg.RawBytes)), b.rows
	dir := binary.AppendUvarint(nil, uint64(len(b.heads)))
	for _, h := range b.heads {
		dir = appendGroup(dir, h)
	}
	if tooLong(dir) {
		return summary{}, fmt.Errorf("directory of sidecar %d has %d bytes", b.first, len(dir))
	}
	packed := b.pack.pack(dir)
	b.sum.dirAt = b.at
	b.sum.dir = block{stored: len(packed), raw: len(dir), sum: crc32.Checksum(packed, castagnoli)}
	if err := errors.Join(b.write(packed), b.write(b.sum.encode())); err != nil {
		return summary{}, err
	}
	b.sum.size = b.at
	return b.sum, b.publish()
}

// publish makes the file durable under its name.
func (b *builder) publish() error {
	err := b.out.Sync()
	err = errors.Join(err, b.out.Close())
	b.out = nil
	if err != nil {
		return fmt.Errorf("sync sidecar of %d: %w", b.first, err)
	}
	path := filepath.Join(b.x.o.Dir, fileName(b.first))
	if err := b.x.o.FS.Rename(*b.file.path.Load(), path); err != nil {
		return fmt.Errorf("name sidecar of %d: %w", b.first, err)
	}
	b.file.path.Store(&path)
	if err := b.x.o.FS.SyncDir(b.x.o.Dir); err != nil {
		return fmt.Errorf("sync folder of sidecars: %w", err)
	}
	return nil
}

// drop gives up: groups of snapshots turn damaged.
func (b *builder) drop() {
	b.file.bad.Store(true)
	if b.out != nil {
		_ = b.out.Close() // it is removed
		b.out = nil
		_ = b.x.o.FS.Remove(*b.file.path.Load()) // else it is removed at the next start
	}
}

// snapshot returns what is there now as a part.
func (b *builder) snapshot() *Part {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &Part{x: b.x, first: b.first, next: b.next, file: b.file, live: true, groups: slices.Clip(b.stored), rows: b.rows}
	p.received, p.time, p.known = b.sum.received, b.sum.time, b.rows > 0
	classes := make([]string, 0, len(b.open))
	for class := range b.open {
		classes = append(classes, class)
	}
	slices.Sort(classes)
	for _, class := range classes {
		p.groups = append(p.groups, &Group{x: b.x, head: b.open[class].head(), mem: b.open[class].snapshot()})
	}
	return p
}

// head returns what a directory would say of the group, without its columns.
func (m *memory) head() *groupHead {
	n := len(m.seq)
	h := &groupHead{class: m.class, rows: n, first: m.seq[0], last: m.seq[n-1], received: m.got, time: m.when}
	return h
}

// snapshot returns a copy that later adds do not change.
func (m *memory) snapshot() *memory {
	s := &memory{
		class: m.class, seq: m.seq, received: m.received, named: m.named, text: m.text,
		source: m.source.snapshot(), transp: m.transp.snapshot(), peer: m.peer.snapshot(),
		cols: make([]*gather, len(m.cols)),
	}
	for i, c := range m.cols {
		s.cols[i] = c.snapshot()
	}
	if m.rest != nil {
		s.rest = m.rest.snapshot()
	}
	return s
}

// group returns a group as it is stored at offset at.
func (p *packer) group(m *memory, at int64) (*groupHead, []byte, error) {
	head := m.head()
	head.filterAt = at
	w := groupWriter{p: p, head: head, at: at, same: map[[sha256.Size]byte]int{}}
	head.filter, w.data = newFilter(&m.tokens)
	if err := p.facts(m, w.put); err != nil {
		return nil, nil, err
	}
	head.facts = len(head.columns)
	for _, c := range m.cols {
		if err := w.put(encodeGather(p.raw[:0], c, head.rows)); err != nil {
			return nil, nil, err
		}
	}
	return head, w.data, nil
}

// groupWriter puts the columns of a group behind each other. Columns that are alike
// are stored once: senders and the core fields often say the same twice.
type groupWriter struct {
	p    *packer
	head *groupHead
	at   int64
	data []byte
	same map[[sha256.Size]byte]int // 1 + the column with that content
}

func (w *groupWriter) put(raw []byte, c columnHead) error {
	if tooLong(raw) {
		return fmt.Errorf("column %q of class %q has %d bytes", c.name, w.head.class, len(raw))
	}
	w.p.raw = raw
	sum := sha256.Sum256(append(raw, byte(c.enc)))
	if like := w.same[sum]; like > 0 {
		of := w.head.columns[like-1]
		of.name, of.like = c.name, like
		w.head.columns = append(w.head.columns, of)
		return nil
	}
	stored := w.p.pack(raw)
	c.at = w.at + int64(len(w.data))
	c.block = block{stored: len(stored), raw: len(raw), sum: crc32.Checksum(stored, castagnoli)}
	w.data = append(w.data, stored...)
	w.head.columns = append(w.head.columns, c)
	w.same[sum] = len(w.head.columns)
	return nil
}

// facts encodes the columns of receipt facts, text and the folded rest.
func (p *packer) facts(m *memory, put func([]byte, columnHead) error) error {
	rows := len(m.seq)
	seqs := make([]int64, rows)
	var named []int64
	var of []uint32
	for i, seq := range m.seq {
		seqs[i] = int64(seq) //nolint:gosec // as bits
		if m.named[i] != NoTime {
			named = append(named, m.named[i])
			of = append(of, uint32(i))
		}
	}
	raw, head := encodeNumbers(p.raw[:0], columnSeq, seqs, nil, rows)
	err := put(raw, head)
	raw, head = encodeNumbers(p.raw[:0], columnReceived, m.received, nil, rows)
	err = errors.Join(err, put(raw, head))
	raw, head = encodeNumbers(p.raw[:0], columnNamed, named, startsOf(of, rows), rows)
	err = errors.Join(err, put(raw, head))
	raw, head = encodeTexts(p.raw[:0], ColumnText, m.text)
	err = errors.Join(err, put(raw, head))
	for _, c := range []*gather{m.source, m.transp, m.peer, m.rest} {
		if c != nil {
			raw, head = encodeGather(p.raw[:0], c, rows)
			err = errors.Join(err, put(raw, head))
		}
	}
	return err
}
