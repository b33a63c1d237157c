package sidecar

import (
	"strings"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/event"
)

var day = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// FuzzBlocks states: no bytes that pass a checksum make the readers of directories,
// columns and sources break or take memory beyond their size.
func FuzzBlocks(f *testing.F) {
	c := newGather("n")
	for i := range uint32(300) {
		c.put(i, strings.Repeat("v", int(i)), event.String)
	}
	raw, head := encodeGather(nil, c, 300)
	f.Add(raw, byte(head.enc), 300, head.values, head.distinct)
	raw, head = encodeNumbers(nil, "n", []int64{5, 7, -9}, nil, 3)
	f.Add(raw, byte(head.enc), 3, head.values, 0)
	g := groupHead{class: "c", rows: 1, filterAt: headerBytes, facts: 1, columns: []columnHead{{name: "n", enc: Number}}}
	f.Add(appendGroup([]byte{1}, &g), byte(0), 1, 1, 1)
	f.Add([]byte(NewReadings(map[string]Digest{"": {1}, "s1": {2}}).encoded()), byte(0), 1, 1, 1)
	f.Fuzz(func(t *testing.T, raw []byte, enc byte, rows, values, distinct int) {
		if rows < 0 || rows > MaxRows {
			return // a directory cannot say that
		}
		head := columnHead{enc: Encoding(enc), values: values, distinct: distinct}
		if c, err := decodeColumn(raw, &head, rows); err == nil {
			for row := range rows {
				for k, to := c.Span(row); k < to; k++ {
					_, _ = c.Text(k), c.Kind(k)
				}
			}
		}
		if r, err := decodeReadings(raw); err == nil {
			if again, err := decodeReadings([]byte(r.encoded())); err != nil || again != r {
				t.Errorf("sources that were read cannot be read again: %v", err)
			}
		}
		if groups, err := decodeDirectory(raw, 1<<40); err == nil {
			again := []byte{byte(len(groups))}
			for i := range groups {
				again = appendGroup(again, &groups[i])
			}
			if len(groups) < 128 && string(again) != string(raw) {
				if _, err := decodeDirectory(again, 1<<40); err != nil {
					t.Errorf("what was read cannot be read again: %v", err)
				}
			}
		}
	})
}
