package index

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/index/sidecar"
)

// errSettings is wrapped when the settings of a source changed while a part was
// being built, so that it holds events that were read in two ways.
var errSettings = errors.New("settings of a source changed")

// digest returns how the events of a source are read now.
func (x *Index) digest(id string) sidecar.Digest {
	return sidecar.DigestOf(x.o.Sources.Source(id), x.o.Zone)
}

// note keeps how the events of the sources were read. It fails with [errSettings]
// where events of the part were read in another way.
func (b *builder) note(used map[string]event.Source) error {
	for id, src := range used {
		d := sidecar.DigestOf(src, b.zone)
		if have, ok := b.reads[id]; ok && have != d {
			return fmt.Errorf("source %q: %w", id, errSettings)
		}
		b.reads[id] = d
	}
	return nil
}

// stale reports whether events of one of the sources would be read in another way now.
func (x *Index) stale(r sidecar.Readings) bool {
	stale := false
	r.All(func(id string, d sidecar.Digest) bool {
		stale = x.digest(id) != d
		return !stale
	})
	return stale
}

// review finds the sidecars that were made under other settings of their sources
// than there are now. They turn scan only, and are built again.
func (x *Index) review(ctx context.Context) {
	of := map[sidecar.Readings][]*entry{} // few: most segments hold the same sources
	x.mu.Lock()
	for _, e := range x.entries {
		if e.state == stateGood {
			of[e.part.sum.Readings] = append(of[e.part.sum.Readings], e)
		}
	}
	x.mu.Unlock()
	for r, entries := range of {
		if !x.stale(r) {
			continue
		}
		for _, e := range entries {
			x.bad(e, 0)
		}
		x.metrics.outdated.Add(float64(len(entries)))
		x.o.Slog.InfoContext(ctx, "sidecars are built again: settings of their sources changed", slog.Int("parts", len(entries)))
	}
}

// review gives up the part of the open segment when it was built under other
// settings than there are now. It is scan only until its segment is closed, and then
// built.
func (f *follower) review(ctx context.Context) {
	if f.b == nil {
		return
	}
	for id, d := range f.b.reads {
		if f.x.digest(id) != d {
			f.giveUp(ctx, fmt.Errorf("source %q: %w", id, errSettings))
			f.x.publish(f.entry, nil, f.next)
			return
		}
	}
}

// giveUp drops the builder of the open segment.
func (f *follower) giveUp(ctx context.Context, err error) {
	if errors.Is(err, errSettings) {
		f.x.metrics.outdated.Inc()
		f.x.o.Slog.InfoContext(ctx, "the open segment is scanned until it is closed", slog.Uint64("first", f.entry.first), slog.Any("error", err))
	} else {
		f.x.failed(ctx, "build a part", f.entry.first, err)
	}
	f.b.drop()
	f.b = nil
}
