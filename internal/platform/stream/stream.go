// Package stream tells open consoles what is new, by server-sent events (WHATWG
// HTML section 9.2).
//
// An event bears its topic as name, JSON as data, and a count as id. Every client
// has a queue of its own; when it is full its events are dropped and counted, and
// an event "dropped" with {"count":n} says so as soon as there is room. A client
// that comes back with the id of the last event it saw gets the same event when
// others were published since: it asks the API for what it shows, nothing is
// played again.
//
// A stream ends when its session or token does: the station looks every second.
package stream

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// The problems.
var (
	ErrTopic = problem.New(problem.Invalid, "stream.unknown_topic", "there is no such topic")
	ErrFull  = problem.New(problem.TooMany, "stream.too_many", "too many streams are open")
)

// Alive answers whether an actor could still send a request.
type Alive interface {
	// Alive must not prolong what it looks at.
	Alive(ctx context.Context, a authz.Actor) (bool, error)
}

// Options configure a hub. A zero field means its default.
type Options struct {
	Topics    map[string]authz.Permission // what may be published, and who may listen; required
	Alive     Alive                       // required
	Now       func() time.Time            // clock; required
	Queue     int                         // events that wait for one client; default 256, further ones are dropped
	MaxAll    int                         // streams open at once; default 500
	MaxActor  int                         // streams of one actor; default 20
	Log       *slog.Logger                // default: nothing is logged
	Metrics   prometheus.Registerer       // default: metrics go nowhere
	Heartbeat time.Duration               // between comments that keep proxies from closing; default 15 s
	Recheck   time.Duration               // between looks at the session; default 1 s
}

var topicName = regexp.MustCompile(`^[a-z][a-z_]{0,30}$`)

func (o Options) check() (Options, error) {
	o.Queue = cmp.Or(o.Queue, 256)
	o.MaxAll = cmp.Or(o.MaxAll, 500)
	o.MaxActor = cmp.Or(o.MaxActor, 20)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	o.Heartbeat = cmp.Or(o.Heartbeat, 15*time.Second)
	o.Recheck = cmp.Or(o.Recheck, time.Second)
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.Alive == nil || o.Now == nil || len(o.Topics) == 0 {
		return o, errors.New("stream: topics, clock or sessions are missing")
	}
	for topic, p := range o.Topics {
		if !topicName.MatchString(topic) || topic == dropped || p.ID == "" {
			return o, fmt.Errorf("stream: topic %q has a bad name or no permission", topic)
		}
	}
	return o, nil
}

// dropped is the name of the event that says what a client missed.
const dropped = "dropped"

// Hub takes what is published to who listens. It is safe for concurrent use.
type Hub struct {
	o     Options
	count atomic.Uint64 // of events published
	done  chan struct{}
	stop  sync.Once
	lost  prometheus.Counter

	mu      sync.Mutex // guards clients
	clients map[*client]bool
}

// client is one open stream.
type client struct {
	actor  authz.Actor
	topics []string
	queue  chan message // full: the event is dropped and counted in lost
	lost   atomic.Uint64
}

type message struct {
	id    uint64
	topic string
	data  []byte
}

// New returns a hub without clients.
func New(o Options) (*Hub, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	h := &Hub{o: o, done: make(chan struct{}), clients: map[*client]bool{}}
	h.lost = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "fengsui_stream_dropped_events_total", Help: "Events that a slow client did not get.",
	})
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "fengsui_stream_clients", Help: "Open streams."}, func() float64 {
		h.mu.Lock()
		defer h.mu.Unlock()
		return float64(len(h.clients))
	})
	for _, c := range []prometheus.Collector{h.lost, open} {
		if err := o.Metrics.Register(c); err != nil {
			return nil, fmt.Errorf("stream: %w", err)
		}
	}
	return h, nil
}

// Publish sends v as JSON to all who listen to the topic. It never blocks. A
// topic that was not declared and a value that is no JSON are logged and go
// nowhere.
func (h *Hub) Publish(topic string, v any) {
	if _, ok := h.o.Topics[topic]; !ok {
		h.o.Log.Error("news of an unknown topic", slog.String("topic", topic))
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m := message{id: h.count.Add(1), topic: topic}
	for c := range h.clients {
		if !slices.Contains(c.topics, topic) {
			continue
		}
		if m.data == nil {
			var err error
			if m.data, err = json.Marshal(v); err != nil {
				h.o.Log.Error("news is no JSON", slog.String("topic", topic), slog.Any("error", err))
				return
			}
		}
		select {
		case c.queue <- m:
		default:
			c.lost.Add(1)
			h.lost.Inc()
		}
	}
}

// Close ends all streams and refuses new ones, so that the server can shut down:
// give it to [http.Server.RegisterOnShutdown].
func (h *Hub) Close() { h.stop.Do(func() { close(h.done) }) }

// Routes registers the operation.
func (h *Hub) Routes(api huma.API) {
	fail := httpapi.Failer(api)
	httpapi.Handle(api, httpapi.PlainOp{
		ID: "follow-news", Method: http.MethodGet, Path: httpapi.Prefix + "/stream", Permission: authz.Self,
		Summary:     "Follow what is new, as server-sent events",
		Description: "The name of an event is its topic, its data JSON. `dropped` with {\"count\":n} says that n events, or more, are missing.",
		Tags:        []string{"session"}, Answer: "text/event-stream", Stream: true,
		Query: []httpapi.Param{{Name: "topics", Doc: "Names with commas", Required: true}},
	}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := h.join(r)
		if err != nil {
			fail(w, r, err)
			return
		}
		defer h.leave(c)
		h.serve(w, r, c)
	}))
}

// join adds a client that may listen to all the topics it asks for.
func (h *Hub) join(r *http.Request) (*client, error) {
	c := &client{actor: authz.ActorFrom(r.Context()), queue: make(chan message, h.o.Queue)}
	for topic := range strings.SplitSeq(r.URL.Query().Get("topics"), ",") {
		p, ok := h.o.Topics[topic]
		if !ok {
			return nil, ErrTopic.At("query.topics", "not one of the topics")
		}
		if err := authz.Check(p, c.actor); err != nil {
			return nil, err
		}
		c.topics = append(c.topics, topic)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	own := 0
	for other := range h.clients {
		if other.actor.ID == c.actor.ID {
			own++
		}
	}
	select {
	case <-h.done:
		return nil, ErrFull.After(5 * time.Second)
	default:
	}
	if own >= h.o.MaxActor || len(h.clients) >= h.o.MaxAll {
		return nil, ErrFull.After(30 * time.Second)
	}
	h.clients[c] = true
	// What was published while the client was away, it has missed.
	if last, err := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 64); err == nil && last != h.count.Load() {
		c.lost.Store(1)
		if now := h.count.Load(); now > last {
			c.lost.Store(now - last)
		}
	}
	return c, nil
}

func (h *Hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
}

// serve writes until the client, its session or the hub ends.
func (h *Hub) serve(w http.ResponseWriter, r *http.Request, c *client) {
	ctx := r.Context()
	out := NewWriter(w, h.o.Now)
	beat, recheck := time.NewTicker(h.o.Heartbeat), time.NewTicker(h.o.Recheck)
	defer beat.Stop()
	defer recheck.Stop()
	err := out.Comment()
	for err == nil {
		if n := c.lost.Swap(0); n > 0 {
			err = out.Event(dropped, "", fmt.Appendf(nil, `{"count":%d}`, n))
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-h.done:
			return
		case m := <-c.queue:
			err = out.Event(m.topic, strconv.FormatUint(m.id, 10), m.data)
		case <-beat.C:
			err = out.Comment()
		case <-recheck.C:
			alive, cause := h.o.Alive.Alive(ctx, c.actor)
			if cause != nil && ctx.Err() == nil {
				h.o.Log.WarnContext(ctx, "stream ended, its session cannot be read", slog.Any("error", cause))
			}
			if cause != nil || !alive {
				return
			}
		}
	}
}
