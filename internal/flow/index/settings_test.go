package index

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/fengsui/fengsui/internal/event"
)

// changing are sources whose settings a test changes.
type changing struct {
	mu    sync.Mutex
	of    map[string]event.Source
	asked int
}

func (c *changing) Source(id string) event.Source {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	src := c.of[id]
	src.ID = id
	return src
}

func (c *changing) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

func (c *changing) set(id string, src event.Source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of[id] = src
}

// told reads as pairs does, and says with which settings.
type told struct{}

func (told) Read(ev event.Event, src event.Source) event.Record {
	rec := pairs{}.Read(ev, src)
	zone := ""
	if src.Zone != nil {
		zone = src.Zone.String()
	}
	rec.Fields = append(rec.Fields, event.Field{Name: "told", Value: src.Format + "/" + src.Charset + "/" + zone})
	return rec
}

// Settings of a source that change how its events are read make the sidecars
// outdated that hold it, while the index runs and when it starts, and no other.
func TestChangedSettingsBuildSidecarsAgain(t *testing.T) {
	shanghai := time.FixedZone("Asia/Shanghai", 8*3600)
	for _, c := range []struct {
		name  string
		src   event.Source
		again bool
	}{
		{"another name", event.Source{Name: "core switch", Kind: "syslog"}, false},
		{"a format", event.Source{Format: "cef"}, true},
		{"a character set", event.Source{Charset: "gb18030"}, true},
		{"a zone", event.Source{Zone: shanghai}, true},
		{"another zone of that name", event.Source{Zone: time.FixedZone("UTC", 3600)}, true},
		{"the station's own zone", event.Source{Zone: time.UTC}, false},
	} {
		for _, running := range []bool{true, false} {
			name := c.name + " while it runs"
			if !running {
				name = c.name + " while it is stopped"
			}
			t.Run(name, func(t *testing.T) {
				log := newLog()
				log.add(lines(300, 1)...) // of s0, s1 and s2
				log.seal()
				log.entries = append(log.entries, log.entries[0]) // of s0 alone
				log.entries[300].Seq = 300
				log.seal()
				sources := &changing{of: map[string]event.Source{}}
				o := options(t, log)
				o.Sources, o.Reader = sources, told{}
				x, stop := start(t, o)
				settle(t, x, 301)
				settleGood(t, x)
				before := files(t, o.Dir)
				if running {
					sources.set("s1", c.src)
				} else {
					stop()
					sources.set("s1", c.src)
					x, _ = start(t, o)
					settle(t, x, 301)
				}
				if c.again {
					until(t, func() bool {
						return !bytes.Equal(files(t, o.Dir)["seg-00000000000000000000.fsx"], before["seg-00000000000000000000.fsx"])
					})
				} else {
					asked := sources.count()
					until(t, func() bool { return sources.count() > asked+10 }) // it has been looked at
				}
				settleGood(t, x)
				for name, b := range files(t, o.Dir) {
					if again := !bytes.Equal(b, before[name]); again != (c.again && name == "seg-00000000000000000000.fsx") {
						t.Errorf("%s: built again %v", name, again)
					}
				}
				if c.again || c.src.Zone == nil {
					equalsScan(t, o, x.View())
				}
			})
		}
	}
}

// The open segment holds events that were read before and after: it is scanned until
// it is closed, and then built with the settings there are.
func TestChangedSettingsOfTheOpenSegment(t *testing.T) {
	log := newLog()
	sources := &changing{of: map[string]event.Source{}}
	o := options(t, log)
	o.Sources, o.Reader = sources, told{}
	x, _ := start(t, o)
	log.add(lines(100, 1)...)
	settle(t, x, 100)
	sources.set("s1", event.Source{Charset: "gb18030"})
	until(t, func() bool { return x.View().Parts()[0].ScanOnly() })
	log.add(lines(100, 2)...)
	if _, err := x.Wait(t.Context(), 199); err != nil {
		t.Fatal(err)
	}
	if !x.View().Parts()[0].ScanOnly() {
		t.Error("the part came back with events read in two ways")
	}
	log.seal()
	settle(t, x, 200)
	settleGood(t, x)
	equalsScan(t, o, x.View())
}

// Events that come right behind a change, before anybody looked, do not mix either.
func TestChangedSettingsAreNoticedByEvents(t *testing.T) {
	log := newLog()
	sources := &changing{of: map[string]event.Source{}}
	o := options(t, log)
	o.Sources, o.Reader, o.Tick = sources, told{}, time.Hour
	x, stop := start(t, o)
	log.add(lines(100, 1)...)
	settle(t, x, 100)
	sources.set("s1", event.Source{Format: "cef"})
	log.add(lines(100, 2)...)
	if _, err := x.Wait(t.Context(), 199); err != nil {
		t.Fatal(err)
	}
	if !x.View().Parts()[0].ScanOnly() {
		t.Error("the part holds events read in two ways")
	}
	stop()
}
