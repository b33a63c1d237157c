package sidecar

import (
	"container/list"
	"sync"
)

// cacheKey names what is kept: a directory (group -1) or a column of a group.
type cacheKey struct {
	file *File
	at   int64
	kind uint8
}

const (
	cachedDirectory uint8 = iota
	cachedColumn
	cachedRows
	cachedFolded
)

// cache keeps what was decoded last, up to a number of bytes.
type cache struct {
	limit int64

	mu    sync.Mutex
	bytes int64
	items map[cacheKey]*list.Element
	order list.List // of *cached, newest first
}

type cached struct {
	key   cacheKey
	value any
	cost  int64
}

func newCache(limit int64) *cache {
	return &cache{limit: limit, items: map[cacheKey]*list.Element{}}
}

func (c *cache) get(key cacheKey) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[key]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	item, ok := e.Value.(*cached)
	return item.value, ok
}

// put keeps a value; one that would take more than a quarter of the cache is not
// kept, so that a single question does not push out everything.
func (c *cache) put(key cacheKey, value any, cost int64) {
	if cost > c.limit/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.items[key]; ok {
		return
	}
	c.items[key] = c.order.PushFront(&cached{key: key, value: value, cost: cost})
	c.bytes += cost
	for c.bytes > c.limit {
		last := c.order.Back()
		if item, ok := last.Value.(*cached); ok {
			delete(c.items, item.key)
			c.bytes -= item.cost
		}
		c.order.Remove(last)
	}
}
