// Package bulk receives records by the bulk interface of Elasticsearch, so that
// senders made for it deliver to the station without a change: Filebeat and
// Winlogbeat 7 and 8, Fluent Bit, Vector, Logstash, rsyslog's omelasticsearch,
// syslog-ng and the language clients.
//
// Only what these need in order to send is there. Documents of `create` and
// `index` are kept under their exact bytes, one item is answered for each in
// order, and `_seq_no` is the ledger's sequence number. `update` and `delete` are
// answered as not supported, one by one: what was sealed does not change. What
// senders ask before they begin (version, licence, health, templates, policies,
// pipelines, data streams) is answered so that they go on; set-up they send is
// acknowledged and not kept, since there is nothing to set up.
//
// As with the other receivers a request is kept whole or not at all, but for the
// documents that its answer names as wrong.
package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/ledger"
)

// Options configure the handler. A zero field means its default.
type Options struct {
	Sink        receive.Sink                                          // required
	Sources     receive.Sources                                       // required
	SourceOf    func(*http.Request) (event.Source, bool)              // default [receive.SourceByToken] of Sources
	Now         func() time.Time                                      // clock; required
	Budget      *receive.Budget                                       // memory shared with other receivers; default one of its own
	Limits      receive.BodyLimits                                    // of one body
	MaxDoc      int                                                   // longest document, in bytes; default 1 MiB
	MaxItems    int                                                   // items of one body; default 100,000
	BodyTimeout time.Duration                                         // for the whole body to come; default 60 s
	Fail        func(w http.ResponseWriter, r *http.Request, _ error) // answers a problem; default in the shape Elasticsearch's clients read
	Log         *slog.Logger                                          // default: nothing is logged
}

func (o Options) check() (Options, error) {
	o.MaxDoc = cmp.Or(o.MaxDoc, 1<<20)
	o.MaxItems = cmp.Or(o.MaxItems, 100_000)
	o.BodyTimeout = cmp.Or(o.BodyTimeout, time.Minute)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Sink == nil || o.Sources == nil || o.Now == nil {
		return o, errors.New("bulk receiver: sink, sources or clock is missing")
	}
	if o.SourceOf == nil {
		o.SourceOf = receive.SourceByToken(o.Sources)
	}
	if o.Budget == nil {
		o.Budget = receive.NewBudget(receive.BudgetOptions{})
	}
	if o.Fail == nil {
		o.Fail = fail(o.Log)
	}
	return o, nil
}

// Handler answers the routes of [Handler.Routes].
type Handler struct{ o Options }

// New returns the handler.
func New(o Options) (*Handler, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	return &Handler{o: o}, nil
}

// Route is one operation to be mounted.
type Route struct {
	ID      string // operation id
	Method  string
	Path    string // as net/http's mux takes it
	Summary string
	Handler http.Handler
	Public  bool // needs no token
}

// Prefix is where the whole interface is mounted. The roots of senders that
// cannot be given a path have `/_bulk` and the probes besides.
const Prefix = "/ingest/elasticsearch"

// Routes returns all operations. A pattern of method GET serves HEAD too.
func (h *Handler) Routes() []Route {
	take, probe, setup := h.known(h.bulk), h.known(h.probe), h.known(h.setup)
	return []Route{
		{ID: "ingest-bulk", Method: http.MethodPost, Path: Prefix + "/_bulk", Summary: "Deliver documents, Elasticsearch's bulk interface", Handler: take},
		{ID: "ingest-bulk-index", Method: http.MethodPost, Path: Prefix + "/{index}/_bulk", Summary: "Deliver documents with a default index name", Handler: take},
		{ID: "ingest-bulk-type", Method: http.MethodPost, Path: Prefix + "/{index}/{type}/_bulk", Summary: "Deliver documents with a default index and type name", Handler: take},
		{ID: "ingest-bulk-root", Method: http.MethodPost, Path: "/_bulk", Summary: "Deliver documents, for senders that cannot be given a path", Handler: take},
		{ID: "ingest-bulk-root-put", Method: http.MethodPut, Path: "/_bulk", Summary: "Deliver documents, for senders that cannot be given a path", Handler: take},
		{ID: "elasticsearch-info-bare", Method: http.MethodGet, Path: Prefix, Summary: "Version, as Elasticsearch states it", Handler: probe},
		{ID: "elasticsearch-info", Method: http.MethodGet, Path: Prefix + "/{$}", Summary: "Version, as Elasticsearch states it", Handler: probe},
		{ID: "elasticsearch-probe", Method: http.MethodGet, Path: Prefix + "/{path...}", Summary: "What senders ask before they begin: licence, health, templates, policies, pipelines", Handler: probe},
		{ID: "elasticsearch-setup", Method: http.MethodPut, Path: Prefix + "/{path...}", Summary: "Set-up of senders: acknowledged, not kept; and delivery by PUT", Handler: setup},
		{ID: "elasticsearch-other", Method: http.MethodPost, Path: Prefix + "/{path...}", Summary: "Set-up of senders: acknowledged, not kept", Handler: setup},
		{ID: "elasticsearch-root-license", Method: http.MethodGet, Path: "/_license", Summary: "Licence, for senders that cannot be given a path", Handler: probe},
		{ID: "elasticsearch-root-xpack", Method: http.MethodGet, Path: "/_xpack", Summary: "Features, for senders that cannot be given a path", Handler: probe},
		{ID: "elasticsearch-root-cluster", Method: http.MethodGet, Path: "/_cluster/health", Summary: "Health, for senders that cannot be given a path", Handler: probe},
		{ID: "elasticsearch-root-cat", Method: http.MethodGet, Path: "/_cat/health", Summary: "Health, for senders that cannot be given a path", Handler: probe},
		{ID: "elasticsearch-root-nodes", Method: http.MethodGet, Path: "/_nodes/{path...}", Summary: "Nodes, for senders that cannot be given a path", Handler: probe},
	}
}

// known puts the look-up of the source before a handler. Clients take every
// answer without the product header for that of another product.
func (h *Handler) known(next func(http.ResponseWriter, *http.Request, event.Source)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		src, ok := h.o.SourceOf(r)
		if !ok {
			h.o.Fail(w, r, receive.ErrUnknown)
			return
		}
		next(w, r, src)
	})
}

// bulk takes one body. It answers 200 with an item for each action after the
// documents are durable, and a problem otherwise: 400, 413 and 415 for the body,
// 429 and 503 with Retry-After.
func (h *Handler) bulk(w http.ResponseWriter, r *http.Request, src event.Source) {
	begun := h.o.Now()
	items, receipt, err := h.take(w, r, src)
	if err != nil {
		h.o.Fail(w, r, err)
		return
	}
	h.answer(w, items, receipt.First, h.o.Now().Sub(begun))
}

func (h *Handler) take(w http.ResponseWriter, r *http.Request, src event.Source) ([]item, ledger.Receipt, error) {
	key, err := receive.Key(r)
	if err != nil {
		return nil, ledger.Receipt{}, err //nolint:wrapcheck // a problem of the request as it is
	}
	receive.Deadline(w, h.o.Now().Add(h.o.BodyTimeout))
	body, err := h.o.Budget.Open(r, h.o.Limits)
	if err != nil {
		return nil, ledger.Receipt{}, fmt.Errorf("open the body of source %s: %w", src.ID, err)
	}
	defer body.Close()
	buf, err := h.o.Budget.Buffer(src.ID)
	if err != nil {
		return nil, ledger.Receipt{}, fmt.Errorf("hold the body of source %s: %w", src.ID, err)
	}
	sealed := false
	defer func() { buf.Free(sealed) }()
	if err := buf.ReadAll(body); err != nil {
		return nil, ledger.Receipt{}, fmt.Errorf("read the body of source %s: %w", src.ID, err)
	}
	items, err := read(buf.B, limits{doc: h.o.MaxDoc, items: h.o.MaxItems, index: r.PathValue("index")})
	if err != nil {
		return nil, ledger.Receipt{}, fmt.Errorf("read the items of source %s: %w", src.ID, err)
	}
	receipt, err := h.seal(r, src, key, items)
	sealed = err == nil
	return items, receipt, err
}

func (h *Handler) seal(r *http.Request, src event.Source, key string, items []item) (ledger.Receipt, error) {
	now := h.o.Now()
	events, size := events(items, src, receive.Peer(r), now)
	tooLong := 0
	for i := range items {
		if items[i].fault == faultTooLong {
			tooLong++
		}
	}
	var receipt ledger.Receipt
	if len(events) > 0 {
		if err := receive.Admit(h.o.Sources, src.ID, len(events), size, now); err != nil {
			return receipt, fmt.Errorf("admit %d documents of source %s: %w", len(events), src.ID, err)
		}
		var err error
		// What was read is stored even if the sender leaves now.
		receipt, err = h.o.Sink.Seal(context.WithoutCancel(r.Context()), events, key)
		if err != nil {
			return receipt, fmt.Errorf("take %d documents of source %s: %w", len(events), src.ID, err)
		}
		if receipt.Repeated {
			return receipt, nil
		}
		h.o.Sources.Received(src.ID, receive.Bulk, len(events), size, now)
	}
	if tooLong > 0 {
		h.o.Sources.Dropped(src.ID, receive.Bulk, receive.ReasonTooLong, tooLong, now)
	}
	return receipt, nil
}

func events(items []item, src event.Source, peer string, now time.Time) (out []event.Event, size int) {
	out = make([]event.Event, 0, len(items))
	for i := range items {
		if items[i].fault != faultNone {
			continue
		}
		out = append(out, event.Event{Received: now.UTC(), Source: src.ID, Transport: receive.Bulk, Peer: peer, Raw: items[i].doc})
		size += len(items[i].doc)
	}
	id := receive.BatchID(out)
	for i := range out {
		out[i].Batch = id
	}
	return out, size
}
