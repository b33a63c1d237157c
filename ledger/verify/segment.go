package verify

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

const (
	recordHead  = 118
	maxRecord   = recordHead + 28*0xffff + 32*64
	maxStored   = 1 << 28 // no block is believed to be longer
	maxImpostor = 64      // marks of blocks in a tail that are none
)

// segment is one file being read.
type segment struct {
	v        *verifier
	name     string
	file     io.ReaderAt
	size     int64
	last     bool
	first    uint64
	opened   []byte // time of opening, as it stands
	openHead digest
	foot     footing
	at       int64
}

// read checks the whole file. It returns a *badError for what does not fit.
func (s *segment) read() error {
	first, _ := firstOf(s.name)
	s.first = first
	if first != s.v.size {
		return bad(0, "segments do not follow each other: the next event is %d", s.v.size)
	}
	err := s.header()
	var b *badError
	if errors.As(err, &b) && s.last {
		blocks, merr := s.holds([]byte("FSBK"))
		if merr != nil {
			return merr
		}
		if !blocks {
			s.v.file, s.v.end = s.name, 0
			return nil // never acknowledged
		}
	}
	if err != nil {
		return err
	}
	v := s.v
	v.segments++
	v.file, v.end, v.open = s.name, s.at, true
	v.head = s.openHead
	s.foot.begin(s)
	for {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		more, err := s.block()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		v.end = s.at
	}
	return s.finish()
}

// finish reads what stands behind the last block.
func (s *segment) finish() error {
	v := s.v
	err := s.foot.check(s)
	var b *badError
	switch {
	case err == nil && v.size == s.first:
		return bad(s.at, "a closed segment without events")
	case err == nil:
		v.open, v.head, v.end = false, s.foot.closeHead, s.size
		v.mark(v.head)
		return nil
	case !errors.As(err, &b), !s.last:
		return err
	}
	return s.tail()
}

// header reads the header (section 3 of the format).
func (s *segment) header() error {
	fixed := make([]byte, 66)
	if s.size < 70 {
		return bad(0, "no header")
	}
	if err := fill(s.file, fixed, 0); err != nil {
		return err
	}
	if string(fixed[:8]) != "FSLEDGER" {
		return bad(0, "no header")
	}
	length := 70 + int64(u16(fixed[64:])) //nolint:gosec // G115: at most 65,605
	if u32(fixed[12:]) != uint64(length) || s.size < length {
		return bad(12, "length of the header")
	}
	b := make([]byte, length)
	if err := fill(s.file, b, 0); err != nil {
		return err
	}
	body := b[:length-4]
	if crc(body) != u32(b[length-4:]) {
		return bad(length-4, "checksum of the header")
	}
	if u16(b[8:]) != 1 || b[10] != 0 || b[11] != 1 {
		return fmt.Errorf("format %d, class %d, suite %d: %w", u16(b[8:]), b[10], b[11], ErrFormat)
	}
	if u64(b[16:]) != s.first {
		return bad(16, "header of another segment")
	}
	if digest(b[32:64]) != s.v.head {
		return bad(32, "header does not follow the segment before")
	}
	s.openHead, s.opened, s.at = chainSum("open", body), b[24:32], length
	return nil
}

// block reads one block. It returns false where there is none, and a *badError
// for one that was written on purpose and does not fit.
func (s *segment) block() (bool, error) {
	rec, piece, ok, err := s.whole(s.at)
	if !ok || err != nil {
		return false, err
	}
	if err := s.fits(rec); err != nil {
		return false, err
	}
	v, starts := s.v, rec[5] == 1
	k := int64(u16(rec[116:])) //nolint:gosec // G115: 16 bits
	if starts {
		s.foot.frame(s.at, v.size)
	}
	if err := s.events(rec, piece, starts); err != nil {
		return false, err
	}
	if v.tree.root() != digest(rec[52:84]) {
		return false, bad(s.at+52, "root of the block")
	}
	v.head = chainSum("commit", rec[24:recordHead+28*k])
	v.blocks++
	s.foot.block(rec, k)
	s.at += int64(len(rec)) + piece
	v.mark(v.head)
	return true, nil
}

// fits compares a record with what came before it.
func (s *segment) fits(rec []byte) error {
	v, starts := s.v, rec[5] == 1
	t, k := int64(u16(rec[6:])), int64(u16(rec[116:])) //nolint:gosec // G115: 16 bits
	first, count := u64(rec[24:]), u32(rec[32:])
	switch {
	case first != v.size || u64(rec[36:]) != first+count || count == 0 || first+count < first:
		return bad(s.at+24, "block of events %d to %d, expected %d", first, first+count, v.size)
	case rec[4] != 1 || rec[5] > 1 || int64(len(rec)) != recordHead+28*k+32*t:
		return bad(s.at+4, "fields of the block")
	case digest(rec[84:116]) != v.head:
		return bad(s.at+84, "block does not follow the one before")
	case !starts && first == s.first:
		return bad(s.at+5, "a segment without the start of a frame")
	}
	tree := []byte(nil)
	if starts {
		tree = v.tree.encode(nil)
	}
	if !bytes.Equal(rec[recordHead+28*k:], tree) {
		return bad(s.at+recordHead+28*k, "tree hashes of the block")
	}
	return s.keysFit(rec, k)
}

// keysFit checks that the k keys of a record are of batches inside its block.
func (s *segment) keysFit(rec []byte, k int64) error {
	first, count := u64(rec[24:]), u32(rec[32:])
	for i := range k {
		key := rec[recordHead+28*i:]
		if kf, kn := u64(key[16:]), u32(key[24:]); kf < first || kf-first > count || kn > count-(kf-first) {
			return bad(s.at+recordHead+28*i, "key of a batch that is not in the block")
		}
	}
	return nil
}

// whole reads the record at an offset, if a block with a good checksum stands
// there. The record is valid until the next call.
func (s *segment) whole(at int64) (rec []byte, piece int64, ok bool, err error) {
	rec = s.v.room(recordHead)
	if s.size-at < recordHead {
		return nil, 0, false, nil
	}
	if err := fill(s.file, rec, at); err != nil {
		return nil, 0, false, err
	}
	length := int64(u32(rec[8:])) //nolint:gosec // G115: 32 bits
	piece = int64(u32(rec[12:]))  //nolint:gosec // G115: 32 bits
	if string(rec[:4]) != "FSBK" || length < recordHead || length > maxRecord || piece > maxStored || length+piece > s.size-at {
		return nil, 0, false, nil
	}
	rec = s.v.room(int(length))
	if err := fill(s.file, rec, at); err != nil {
		return nil, 0, false, err
	}
	sum := uint32(crc(s.openHead[:], rec[:20], noCRC, rec[24:])) //nolint:gosec // G115: 32 bits
	s.v.p.chunk(piece)
	for from, end := at+length, at+length+piece; from < end; {
		b := s.v.p.copy[:min(int64(len(s.v.p.copy)), end-from)]
		if err := fill(s.file, b, from); err != nil {
			return nil, 0, false, err
		}
		sum = crc32.Update(sum, crcTable, b)
		from += int64(len(b))
	}
	return rec, piece, uint64(sum) == u32(rec[20:]), nil
}

// events decompresses a block and adds its leaves.
func (s *segment) events(rec []byte, piece int64, starts bool) error {
	p, v := &s.v.p, s.v
	begin := s.at + int64(len(rec))
	if err := p.open(s.file, begin, piece, starts); err != nil {
		return err
	}
	p.left = u32(rec[16:])
	for range u32(rec[32:]) {
		leaf, at, err := p.entry(v.size)
		if err != nil {
			return within(err, begin)
		}
		v.tree.add(leaf)
		v.size++
		s.foot.event(leaf, at)
	}
	if p.left != 0 {
		return bad(s.at+16, "the block holds more than its events")
	}
	return within(p.done(), begin)
}

// within names the block for errors that are of its content.
func within(err error, offset int64) error {
	var b *badError
	if err == nil || errors.As(err, &b) {
		return err
	}
	if r, ok := errors.AsType[*readError](err); ok {
		return r.err
	}
	return bad(offset, "content of the block: %v", err)
}

// tail checks that no block stands behind the last one of an open segment.
func (s *segment) tail() error {
	impostors := 0
	return s.scan(s.at, []byte("FSBK"), func(at int64) (bool, error) {
		if at == s.at {
			return true, nil // the interrupted one
		}
		_, _, ok, err := s.whole(at)
		if err != nil {
			return false, err
		}
		if impostors++; ok || impostors > maxImpostor {
			return false, bad(s.at, "no block where one should be, and one behind at byte %d", at)
		}
		return true, nil
	})
}

// holds reports whether the file holds what anywhere.
func (s *segment) holds(what []byte) (bool, error) {
	found := false
	err := s.scan(0, what, func(int64) (bool, error) {
		found = true
		return false, nil
	})
	return found, err
}

// scan calls fn for every place of what from an offset on.
func (s *segment) scan(from int64, what []byte, fn func(at int64) (bool, error)) error {
	buf := make([]byte, min(1<<18, max(0, s.size-from)))
	for from < s.size {
		b := buf[:min(int64(len(buf)), s.size-from)]
		if err := fill(s.file, b, from); err != nil {
			return err
		}
		if err := s.v.ctx.Err(); err != nil {
			return err
		}
		for i := 0; ; i++ {
			j := bytes.Index(b[i:], what)
			if j < 0 {
				break
			}
			i += j
			more, err := fn(from + int64(i))
			if err != nil || !more {
				return err
			}
		}
		if from+int64(len(b)) == s.size {
			return nil
		}
		from += int64(len(b) - len(what) + 1)
	}
	return nil
}
