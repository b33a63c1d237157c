package app

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/internal/flow/receive/bulk"
	"github.com/fengsui/fengsui/internal/flow/receive/ndjson"
	"github.com/fengsui/fengsui/internal/flow/receive/otlp"
	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
)

// The permissions of operations that belong to no capability.
var (
	permIngest  = authz.Permission{ID: "ingest.write", Roles: []authz.Role{authz.Source}}
	permStation = authz.Permission{ID: "station.read", Roles: []authz.Role{authz.Administrator, authz.Analyst, authz.Reader}}
)

// openAPI declares every operation of the station.
func (s *Station) openAPI(context.Context) error {
	var err error
	s.api, err = httpapi.New(httpapi.Options{
		Version: s.o.Version, Console: s.o.Console, Secure: s.cfg.HTTP.TLSCert != "", Log: s.log, Metrics: s.metrics, Now: s.now,
		Alive: s.accounts, Recorder: s.audit, Authenticators: []httpapi.Authenticator{
			httpapi.AuthenticatorFunc(ownerOf), s.accounts, httpapi.AuthenticatorFunc(s.senderOf),
		},
	})
	if err != nil {
		return err
	}
	api := s.api.API()
	s.accounts.Routes(api)
	s.units.Routes(api)
	s.hub.Routes(api)
	s.search.Routes(api)
	for _, m := range s.modules() {
		m.Routes(api)
	}
	s.comply.Routes(api)
	httpapi.Register(api, httpapi.Op{
		ID: "get-station", Method: http.MethodGet, Path: "/station",
		Summary: "The state of the station: ledger, index, detection, listeners", Permission: permStation,
	}, s.getStation)
	if err := s.mountIngest(api); err != nil {
		return err
	}
	s.handler = s.api.Handler()
	return nil
}

// senderOf finds the source of a request by its token, and holds it to the
// networks it may send from.
func (s *Station) senderOf(r *http.Request) (authz.Actor, error) {
	token := receive.Token(r)
	if token == "" {
		return authz.Actor{}, nil
	}
	registry := s.sources.Registry()
	src, ok := registry.ByToken(token)
	if !ok {
		return authz.Actor{}, nil
	}
	if peer, err := netip.ParseAddr(receive.Peer(r)); err != nil || !registry.Allows(src.ID, peer) {
		return authz.Actor{}, fmt.Errorf("source %s from %s: %w", src.ID, receive.Peer(r), authz.ErrForbidden)
	}
	return authz.Actor{ID: src.ID, Name: src.Name, Role: authz.Source, Kind: authz.Sender}, nil
}

// sourceOf returns the source that the gate has found.
func (s *Station) sourceOf(r *http.Request) (event.Source, bool) {
	a := authz.ActorFrom(r.Context())
	if a.Kind != authz.Sender {
		return event.Source{}, false
	}
	return s.sources.Registry().Source(a.ID), true
}

// mountIngest puts the HTTP receivers behind the gate.
func (s *Station) mountIngest(api huma.API) error {
	budget := receive.NewBudget(receive.BudgetOptions{MaxBytes: s.cfg.Ingest.MaxHeld})
	limits := receive.BodyLimits{MaxEncoded: s.cfg.Ingest.MaxBody, MaxDecoded: s.cfg.Ingest.MaxDecoded}
	registry, fail := s.sources.Registry(), httpapi.Failer(api)
	lines, err := ndjson.New(ndjson.Options{
		Sink: s.seal, Sources: registry, SourceOf: s.sourceOf, Now: s.now, Budget: budget, Limits: limits, MaxLine: s.cfg.Ingest.MaxLine,
		Fail: fail, Log: s.log,
	})
	if err != nil {
		return err
	}
	httpapi.Handle(api, httpapi.PlainOp{
		ID: "ingest-ndjson", Method: http.MethodPost, Path: "/ingest/ndjson", Permission: permIngest, AnyQuery: true, Tags: []string{"ingest"},
		Summary:     "Deliver records, one a line; the answer comes after they are durable",
		Description: "With Idempotency-Key a batch that is sent again within a day adds nothing.",
		MediaTypes:  nil,
	}, lines)
	elastic, err := bulk.New(bulk.Options{
		Sink: s.seal, Sources: registry, SourceOf: s.sourceOf, Now: s.now, Budget: budget, Limits: limits, MaxDoc: s.cfg.Ingest.MaxLine,
		Log: s.log,
	})
	if err != nil {
		return err
	}
	for _, r := range elastic.Routes() {
		perm := permIngest
		if r.Public {
			perm = authz.Public
		}
		httpapi.Handle(api, httpapi.PlainOp{
			ID: r.ID, Method: r.Method, Path: r.Path, Permission: perm, AnyQuery: true, Tags: []string{"ingest"}, Summary: r.Summary,
		}, r.Handler)
	}
	logs, err := otlp.New(otlp.Options{
		Sink: s.seal, Sources: registry, SourceOf: s.sourceOf, Now: s.now, Budget: budget, Limits: limits, Log: s.log,
	})
	if err != nil {
		return err
	}
	httpapi.Handle(api, httpapi.PlainOp{
		ID: "ingest-otlp", Method: http.MethodPost, Path: "/v1/logs", Permission: permIngest, AnyQuery: true, Tags: []string{"ingest"},
		Summary: "Deliver OpenTelemetry logs, protobuf or JSON",
	}, logs)
	return nil
}

type checkpointJSON struct {
	Size  uint64     `json:"size" doc:"Events that the newest checkpoint states"`
	Time  *time.Time `json:"time,omitempty"`
	Error string     `json:"error" doc:"Why the newest attempt failed"`
}

type copyJSON struct {
	Place string     `json:"place"`
	Time  *time.Time `json:"time,omitempty"`
	Size  uint64     `json:"size"`
	Error string     `json:"error"`
}

type damageJSON struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	First  uint64 `json:"first"`
	Next   uint64 `json:"next"`
	Reason string `json:"reason"`
}

type ledgerJSON struct {
	State       string         `json:"state" enum:"ok,full,stopped"`
	Reason      string         `json:"reason"`
	Size        uint64         `json:"size" doc:"Durable events"`
	Root        string         `json:"root" doc:"Root of the Merkle tree, hexadecimal"`
	Segments    int            `json:"segments"`
	StoredBytes int64          `json:"stored_bytes"`
	RawBytes    int64          `json:"raw_bytes"`
	Oldest      *time.Time     `json:"oldest,omitempty"`
	Checkpoint  checkpointJSON `json:"checkpoint"`
	Copies      []copyJSON     `json:"copies" nullable:"false"`
	Damage      []damageJSON   `json:"damage" nullable:"false"`
}

type indexJSON struct {
	Indexed  uint64 `json:"indexed" doc:"Events below are searched with the index"`
	Lag      uint64 `json:"lag"`
	Parts    int    `json:"parts"`
	ScanOnly int    `json:"scan_only"`
	Bytes    int64  `json:"bytes"`
}

type detectJSON struct {
	Cursor  uint64 `json:"cursor" doc:"Events below have been matched"`
	Lag     uint64 `json:"lag"`
	Rules   int    `json:"rules"`
	Enabled int    `json:"enabled"`
}

type listenerJSON struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

type stationResponse struct {
	Body struct {
		Version   string         `json:"version"`
		StartedAt time.Time      `json:"started_at"`
		Demo      bool           `json:"demo"`
		Ledger    ledgerJSON     `json:"ledger"`
		Index     indexJSON      `json:"index"`
		Detect    detectJSON     `json:"detect"`
		Listeners []listenerJSON `json:"listeners" nullable:"false"`
	}
}

func (s *Station) getStation(ctx context.Context, _ *struct{}) (*stationResponse, error) {
	out := &stationResponse{}
	b := &out.Body
	b.Version, b.StartedAt, b.Demo = s.o.Version, s.started, s.o.Demo
	b.Ledger = s.ledgerState()
	st := s.index.Stats()
	b.Index = indexJSON{Indexed: st.Indexed, Lag: st.Lag, Parts: st.Parts, ScanOnly: st.ScanOnly, Bytes: st.Bytes}
	cursor, err := s.alerts.Cursor(ctx)
	if err != nil {
		return nil, err
	}
	b.Detect.Cursor, b.Detect.Lag = cursor, b.Ledger.Size-min(cursor, b.Ledger.Size)
	b.Detect.Rules, b.Detect.Enabled = s.rules.Size()
	r := s.where()
	for _, l := range []listenerJSON{
		{"http", r.HTTP}, {"syslog_udp", r.SyslogUDP}, {"syslog_tcp", r.SyslogTCP}, {"syslog_tls", r.SyslogTLS}, {"local", r.Local},
	} {
		if l.Address != "" {
			b.Listeners = append(b.Listeners, l)
		}
	}
	return out, nil
}

func (s *Station) ledgerState() ledgerJSON {
	st := s.ledger.Status()
	out := ledgerJSON{
		State: string(st.State), Reason: st.Reason, Size: st.Size, Root: fmt.Sprintf("%x", st.Root), Segments: st.Segments,
		StoredBytes: st.StoredBytes, RawBytes: st.RawBytes, Oldest: moment(st.Oldest),
		Checkpoint: checkpointJSON{Size: st.CheckpointSize, Time: moment(st.CheckpointTime), Error: st.CheckpointError},
		Copies:     []copyJSON{}, Damage: []damageJSON{},
	}
	for _, c := range st.Copies {
		out.Copies = append(out.Copies, copyJSON{Place: c.Place, Time: moment(c.Time), Size: c.Size, Error: c.Error})
	}
	for _, d := range st.Damage[:min(len(st.Damage), 100)] {
		out.Damage = append(out.Damage, damageJSON{File: d.File, Offset: d.Offset, First: d.First, Next: d.Next, Reason: d.Reason})
	}
	return out
}

// moment returns nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
