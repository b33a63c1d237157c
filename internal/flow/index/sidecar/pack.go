package sidecar

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/fengsui/fengsui/internal/flow/index/token"
)

// Names of the columns that hold the numbers of a row.
const (
	columnSeq      = "\xffseq"
	columnReceived = "\xffreceived"
	columnNamed    = "\xffnamed"
)

// head returns what a directory would say of the group, without its columns.
func (m *Memory) head() *groupHead {
	n := len(m.seq)
	h := &groupHead{class: m.class, rows: n, first: m.seq[0], last: m.seq[n-1], received: m.got, time: m.when}
	return h
}

// group returns a group as it is stored at offset at.
func (p *packer) group(m *Memory, at int64) (*groupHead, []byte, error) {
	head := m.head()
	head.filterAt = at
	w := groupWriter{p: p, head: head, at: at, same: map[[sha256.Size]byte]int{}}
	head.filter, w.data = token.NewFilter(&m.tokens)
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
func (p *packer) facts(m *Memory, put func([]byte, columnHead) error) error {
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
