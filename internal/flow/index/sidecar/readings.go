package sidecar

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"
	"unique"

	"github.com/fengsui/fengsui/internal/event"
)

// Digest stands for the settings of a source that decide how its events are read:
// format, character set and zone.
type Digest [8]byte

// DigestOf returns the digest of a source. station is the zone of sources that have
// none; nil is UTC.
func DigestOf(src event.Source, station *time.Location) Digest {
	zone := src.Zone
	if zone == nil {
		zone = station
	}
	if zone == nil {
		zone = time.UTC
	}
	// Fixed zones may share a name, so one offset is in it too.
	_, offset := time.Date(2026, 1, 1, 0, 0, 0, 0, zone).Zone()
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d", src.Format, src.Charset, zone.String(), offset))
	return Digest(sum[:len(Digest{})])
}

// Readings say how the events of each source of a sidecar were read. They are
// comparable, and equal ones share their memory: most segments of a station hold the
// same sources. The zero Readings are those of no source.
type Readings struct{ packed unique.Handle[string] }

// NewReadings returns the readings of the sources, by id.
func NewReadings(of map[string]Digest) Readings {
	if len(of) == 0 {
		return Readings{}
	}
	var b []byte
	for _, id := range slices.Sorted(maps.Keys(of)) {
		d := of[id]
		b = append(appendText(b, id), d[:]...)
	}
	return Readings{unique.Make(string(b))}
}

// All calls fn for each source, sorted by id, until fn returns false.
func (r Readings) All(fn func(source string, d Digest) bool) {
	for b := r.encoded(); b != ""; {
		n, k := binary.Uvarint([]byte(b[:min(len(b), binary.MaxVarintLen64)]))
		id := b[k : k+int(n)] //nolint:gosec // checked by decodeReadings
		b = b[k+len(id):]
		if !fn(id, Digest([]byte(b[:len(Digest{})]))) {
			return
		}
		b = b[len(Digest{}):]
	}
}

func (r Readings) encoded() string {
	if r == (Readings{}) {
		return ""
	}
	return r.packed.Value()
}

// decodeReadings reads what a sidecar holds.
func decodeReadings(raw []byte) (Readings, error) {
	of := map[string]Digest{}
	d := decoder{b: raw}
	for last := ""; len(d.b) > 0; {
		id := d.text()
		sum := d.take(len(Digest{}))
		if len(of) > 0 && id <= last {
			d.fail("order")
		}
		if d.err != nil {
			return Readings{}, damaged("sources: %s", d.err)
		}
		of[id], last = Digest(sum), id
	}
	return NewReadings(of), nil
}
