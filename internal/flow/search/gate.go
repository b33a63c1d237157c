package search

import (
	"context"
	"sync"
	"time"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// gate limits how much one actor, and all together, do at once.
type gate struct {
	perActor, total int

	mu     sync.Mutex
	actors map[string]int
	all    int
}

func newGate(perActor, total int) *gate {
	return &gate{perActor: perActor, total: total, actors: map[string]int{}}
}

// enter takes a place of the actor in ctx. It fails with [ErrTooMany]; else leave
// gives the place back.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	a := authz.ActorFrom(ctx)
	id := a.Kind + "/" + a.ID
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= g.total || g.actors[id] >= g.perActor {
		return nil, ErrTooMany.After(time.Second)
	}
	g.all++
	g.actors[id]++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.all--
		if g.actors[id]--; g.actors[id] == 0 {
			delete(g.actors, id)
		}
	}, nil
}
