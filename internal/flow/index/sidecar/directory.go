package sidecar

import (
	"encoding/binary"

	"github.com/fengsui/fengsui/internal/flow/index/token"
)

// columnHead is what the directory says of a column.
type columnHead struct {
	name             string
	enc              Encoding
	values, distinct int
	min, max         int64
	at               int64 // in the file
	block            block
	like             int // 1 + the column of the group that has the same block; 0: it has its own
}

// groupHead is what the directory says of a group.
type groupHead struct {
	class          string
	rows           int
	first, last    uint64
	received, time Span
	filterAt       int64
	filter         token.Shape
	columns        []columnHead // those of the record's facts first
	facts          int          // how many those are
}

// appendGroup appends a group to a directory.
func appendGroup(dst []byte, g *groupHead) []byte {
	dst = appendText(dst, g.class)
	dst = appendInt(dst, g.rows)
	dst = binary.AppendUvarint(dst, g.first)
	dst = binary.AppendUvarint(dst, g.last-g.first)
	for _, s := range []Span{g.received, g.time} {
		dst = binary.AppendVarint(dst, s.Min)
		dst = binary.AppendVarint(dst, s.Max)
	}
	dst = appendInt(dst, int(g.filterAt))
	dst = appendInt(dst, g.filter.Pages)
	dst = appendInt(dst, g.filter.Blocks)
	dst = appendInt(dst, g.facts)
	dst = appendInt(dst, len(g.columns))
	for i := range g.columns {
		c := &g.columns[i]
		dst = appendText(dst, c.name)
		dst = appendInt(dst, c.like)
		if c.like > 0 {
			continue
		}
		dst = append(dst, byte(c.enc))
		dst = appendInt(dst, c.values)
		switch c.enc {
		case Dictionary:
			dst = appendInt(dst, c.distinct)
		case Number:
			dst = binary.AppendVarint(dst, c.min)
			dst = binary.AppendVarint(dst, c.max)
		case Plain:
		}
		dst = appendInt(dst, c.block.stored)
		dst = appendInt(dst, c.block.raw)
		dst = binary.LittleEndian.AppendUint32(dst, c.block.sum)
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// appendInt appends a number that is not negative.
func appendInt(dst []byte, n int) []byte {
	return binary.AppendUvarint(dst, uint64(max(0, n)))
}

// decodeDirectory reads the groups of a sidecar whose blocks end at end.
func decodeDirectory(raw []byte, end int64) ([]groupHead, error) {
	d := decoder{b: raw}
	var out []groupHead
	for range d.count(len(raw)) {
		if d.err != nil {
			break
		}
		out = append(out, d.group(end))
	}
	if d.err == nil && len(d.b) > 0 {
		d.fail("end")
	}
	if d.err != nil {
		return nil, damaged("directory: %s", d.err)
	}
	return out, nil
}

func (d *decoder) group(end int64) groupHead {
	g := groupHead{class: d.text(), rows: d.count(MaxRows), first: d.uvarint()}
	g.last = g.first + uint64(d.count(1<<62)) //nolint:gosec // not negative
	for _, s := range []*Span{&g.received, &g.time} {
		s.Min, s.Max = d.varint(), d.varint()
	}
	at := d.offset(end)
	g.filterAt = at
	g.filter = token.Shape{Pages: d.count(1 << 24), Blocks: d.count(token.MaxBlocks)}
	if g.filter.Pages > 0 && g.filter.Blocks == 0 {
		d.fail("filter")
	}
	at += int64(g.filter.Bytes())
	g.facts = d.count(16)
	n := d.count(len(d.b))
	if g.rows == 0 || g.facts > n {
		d.fail("group")
	}
	for range n {
		if d.err != nil {
			return g
		}
		name, like := d.text(), d.count(len(g.columns))
		if like > 0 {
			c := g.columns[like-1]
			c.name, c.like = name, like
			g.columns = append(g.columns, c)
			continue
		}
		c := d.columnHead()
		c.name, c.at = name, at
		at += int64(c.block.stored)
		g.columns = append(g.columns, c)
	}
	if at > end {
		d.fail("place of a block")
	}
	return g
}

func (d *decoder) columnHead() columnHead {
	c := columnHead{enc: Encoding(d.byte()), values: d.count(maxBlock)}
	switch c.enc {
	case Dictionary:
		c.distinct = d.count(maxBlock)
	case Number:
		c.min, c.max = d.varint(), d.varint()
	case Plain:
	default:
		d.fail("encoding")
	}
	c.block = block{stored: d.count(maxBlock), raw: d.count(maxBlock)}
	if b := d.take(4); b != nil {
		c.block.sum = binary.LittleEndian.Uint32(b)
	}
	return c
}

func (d *decoder) offset(end int64) int64 {
	v := d.uvarint()
	if v < headerBytes || v > uint64(max(0, end)) {
		d.fail("place of a block")
		return 0
	}
	return int64(v) //nolint:gosec // checked
}
