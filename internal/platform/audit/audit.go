// Package audit seals what people and programs did into the ledger, next to the
// logs, before they get an answer.
//
// A record is one JSON object on one line with flat keys in ECS's names, sorted:
//
//	@timestamp                  when the request came, RFC 3339 in UTC
//	error.code                  code of the problem; absent on success
//	event.action                id of the operation, such as "create-token"
//	event.dataset               "fengsui.audit"
//	event.kind                  "event"
//	event.outcome               "success" or "failure"
//	event.type                  "allowed", or "denied" for 401, 403 and 429
//	fengsui.actor.kind          person, token, source, local or system
//	fengsui.actor.session       id of the session, which is not its secret
//	fengsui.detail.NAME         what changed, as the operation tells it
//	fengsui.object.NAME         ids the operation was about
//	http.request.id             finds the station's own log lines
//	http.response.status_code   of the answer
//	source.ip                   where the request came from
//	user.id, user.name, user.roles  who; absent for nobody
//
// Denials are folded: of one actor, or of one address when there is no actor,
// the first in a minute is sealed at once and the others of that minute are
// counted. When the minute is over a record of the same shape says how many
// (event.count), between when (event.start, event.end) and of which operations
// (event.action lists up to ten). So a flood of bad sign-ins is not a flood of
// writes to the disk. What was counted but not yet sealed is lost with the
// process, never what was let through.
//
// When the ledger takes nothing, signing in and out, the owner of the host and
// denials are recorded in a bounded side journal, so that the station can still be
// looked at and repaired; everything else is refused. The next start seals the
// journal ([Recorder.Recall]).
package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

// Kind is the kind of an audit record among the station's own records.
const Kind = "audit"

// Ledger seals records of the station itself.
type Ledger interface {
	// SealOwn makes the record durable and returns its sequence. It does not
	// wait for company: somebody waits for the answer.
	SealOwn(ctx context.Context, kind string, record []byte) (uint64, error)
}

// Options configure a recorder. A zero field means its default.
type Options struct {
	Ledger  Ledger           // required
	Now     func() time.Time // clock; required
	Log     *slog.Logger     // default: nothing is logged
	Journal string           // path of the side journal, for when the ledger takes nothing; "": none
	MaxKeys int              // actors and addresses folded apart in a minute; default 1000, further ones share one
}

// Recorder implements [httpapi.Recorder]. It is safe for concurrent use.
type Recorder struct {
	o    Options
	side journal

	mu     sync.Mutex // guards what follows
	minute time.Time
	folds  map[string]*fold
}

// fold is what one actor or address was denied in a minute.
type fold struct {
	first   httpapi.Audit // stands for all: actor, peer, code
	count   int           // without the one that was sealed at once
	start   time.Time
	end     time.Time
	actions map[string]bool
}

// New returns a recorder. [Recorder.Run] must run beside it.
func New(o Options) (*Recorder, error) {
	o.MaxKeys = cmp.Or(o.MaxKeys, 1000)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Ledger == nil || o.Now == nil {
		return nil, errors.New("audit: the ledger or the clock is missing")
	}
	return &Recorder{o: o, side: journal{path: o.Journal}, folds: map[string]*fold{}}, nil
}

// Record seals one record, or counts it when it is a denial like one before.
func (r *Recorder) Record(ctx context.Context, a httpapi.Audit) error {
	if a.Outcome != httpapi.Denied {
		return r.seal(ctx, record(a), repair(a))
	}
	key, first := r.count(ctx, a)
	if !first {
		return nil
	}
	if err := r.seal(ctx, record(a), true); err != nil {
		r.mu.Lock()
		delete(r.folds, key) // so that the next one is tried again
		r.mu.Unlock()
		return err
	}
	return nil
}

// Seal seals a record of something that was no request: the command line on the
// host, or the station itself. An empty At is now.
func (r *Recorder) Seal(ctx context.Context, a httpapi.Audit) error {
	if a.At.IsZero() {
		a.At = r.o.Now().UTC()
	}
	a.Outcome = cmp.Or(a.Outcome, httpapi.Success)
	return r.seal(ctx, record(a), repair(a))
}

// everyoneElse is the key of those beyond MaxKeys.
const everyoneElse = "\x00else"

// count notes a denial. It returns the key it is folded under, and whether it is
// the first of the key in this minute, which is to be sealed.
func (r *Recorder) count(ctx context.Context, a httpapi.Audit) (key string, first bool) {
	r.flush(ctx, a.At)
	r.mu.Lock()
	defer r.mu.Unlock()
	key = a.Actor.ID
	if key == "" {
		key = "\x00" + a.Peer
	}
	if r.folds[key] == nil && len(r.folds) >= r.o.MaxKeys {
		key = everyoneElse
		a.Actor, a.Peer = authz.Actor{}, ""
	}
	f := r.folds[key]
	if f == nil {
		r.folds[key] = &fold{first: a, actions: map[string]bool{}}
		return key, true
	}
	if f.count == 0 {
		f.start = a.At
	}
	f.count++
	f.end = a.At
	if len(f.actions) < 10 {
		f.actions[a.Operation] = true
	}
	return key, false
}

// seal makes a record durable: in the ledger, or in the side journal when the
// ledger fails and the record may go there.
func (r *Recorder) seal(ctx context.Context, fields map[string]any, side bool) error {
	line, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("encode audit record: %w", err)
	}
	_, err = r.o.Ledger.SealOwn(ctx, Kind, line)
	if err == nil {
		return nil
	}
	if side && r.side.path != "" {
		jerr := r.side.add(line)
		if jerr == nil {
			r.o.Log.WarnContext(ctx, "audit record went to the side journal", slog.Any("error", err))
			return nil
		}
		err = errors.Join(err, jerr)
	}
	return fmt.Errorf("seal audit record: %w", err)
}

// flush seals the counts of a minute that is over.
func (r *Recorder) flush(ctx context.Context, now time.Time) {
	r.mu.Lock()
	minute := now.UTC().Truncate(time.Minute)
	if minute.Equal(r.minute) {
		r.mu.Unlock()
		return
	}
	over := r.folds
	r.minute, r.folds = minute, map[string]*fold{}
	r.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(over)) {
		if f := over[key]; f.count > 0 {
			// Whoever waits now waits for another request's records; the counts
			// are worth a warning, not a refusal.
			if err := r.seal(context.WithoutCancel(ctx), f.record(), true); err != nil {
				r.o.Log.WarnContext(ctx, "counted denials not sealed", slog.Int("count", f.count), slog.Any("error", err))
			}
		}
	}
}

// Run seals the counts of each minute soon after it is over, until ctx ends, and
// then what is left.
func (r *Recorder) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			r.flush(last, r.o.Now().Add(time.Minute))
			return nil
		case <-tick.C:
			r.flush(ctx, r.o.Now())
		}
	}
}

// record returns the fields of a record.
func record(a httpapi.Audit) map[string]any {
	m := map[string]any{
		"@timestamp": a.At.UTC().Format(time.RFC3339Nano), "event.dataset": "fengsui.audit", "event.kind": "event",
		"event.action": a.Operation, "event.outcome": "success", "event.type": "allowed",
	}
	if a.Outcome != httpapi.Success {
		m["event.outcome"] = "failure"
	}
	if a.Outcome == httpapi.Denied {
		m["event.type"] = "denied"
	}
	if a.Status != 0 {
		m["http.response.status_code"] = a.Status
	}
	for name, value := range map[string]string{
		"error.code": a.Code, "http.request.id": a.RequestID, "source.ip": a.Peer,
		"user.id": a.Actor.ID, "user.name": a.Actor.Name,
		"fengsui.actor.kind": a.Actor.Kind, "fengsui.actor.session": a.Actor.Session,
	} {
		if value != "" {
			m[name] = value
		}
	}
	if a.Actor.Role != "" {
		m["user.roles"] = []string{string(a.Actor.Role)}
	}
	for name, value := range a.Objects {
		m["fengsui.object."+name] = value
	}
	for name, value := range a.Details {
		m["fengsui.detail."+name] = value
	}
	return m
}

// record returns the fields of the record that stands for several.
func (f *fold) record() map[string]any {
	a := f.first
	a.At, a.RequestID, a.Objects, a.Details = f.end, "", nil, nil
	m := record(a)
	m["event.action"] = slices.Sorted(maps.Keys(f.actions))
	m["event.count"] = f.count
	m["event.start"] = f.start.UTC().Format(time.RFC3339Nano)
	m["event.end"] = f.end.UTC().Format(time.RFC3339Nano)
	return m
}
