package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/internal/capability"
	"github.com/fengsui/fengsui/internal/capability/alert"
	"github.com/fengsui/fengsui/internal/capability/logsource"
	"github.com/fengsui/fengsui/internal/capability/rulebook"
	"github.com/fengsui/fengsui/internal/comply"
	"github.com/fengsui/fengsui/internal/evidence"
	"github.com/fengsui/fengsui/internal/flow/detect"
	"github.com/fengsui/fengsui/internal/flow/index"
	"github.com/fengsui/fengsui/internal/flow/seal"
	"github.com/fengsui/fengsui/internal/flow/search"
	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/internal/platform/audit"
	"github.com/fengsui/fengsui/internal/platform/authn"
	"github.com/fengsui/fengsui/internal/platform/config"
	"github.com/fengsui/fengsui/internal/platform/datadir"
	"github.com/fengsui/fengsui/internal/platform/httpapi"
	"github.com/fengsui/fengsui/internal/platform/org"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/internal/platform/stream"
	"github.com/fengsui/fengsui/internal/platform/telemetry"
	"github.com/fengsui/fengsui/ledger"
	"github.com/fengsui/fengsui/norms"
	"github.com/fengsui/fengsui/rules"
	"github.com/fengsui/fengsui/sigma"
)

// Options are what a station is opened with besides its settings.
type Options struct {
	Version string
	Console fs.FS // built console; nil: none
	Demo    bool  // the console says that what it shows was played
	Log     *slog.Logger
	Now     func() time.Time // default time.Now
}

// Station is one opened station. The fields are set by Open in the order of the
// data's way and not changed afterwards.
type Station struct {
	cfg      config.Config
	o        Options
	log      *slog.Logger
	now      func() time.Time
	metrics  *prometheus.Registry
	dir      *datadir.Dir
	db       *sqldb.DB
	ledger   *ledger.Log
	verifier note.Verifier // of its checkpoints
	reader   *normalise.Reader
	hub      *stream.Hub
	sources  *logsource.Service
	rules    *rulebook.Service
	alerts   *alert.Service
	accounts *authn.Service
	units    *org.Service
	audit    *audit.Recorder
	comply   *comply.Service
	seal     *seal.Stage
	index    *index.Index
	search   *search.Service
	detect   *detect.Stage
	api      *httpapi.Server
	handler  http.Handler
	started  time.Time

	listeners listeners
	closers   []func() error // run in reverse
}

// Open opens the station in cfg.Data. The caller closes it.
func Open(ctx context.Context, cfg config.Config, o Options) (*Station, error) {
	s := &Station{cfg: cfg, o: o, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler)), now: o.Now, metrics: telemetry.Registry()}
	if s.now == nil {
		s.now = time.Now
	}
	s.started = s.now().UTC()
	for _, step := range []func(context.Context) error{
		s.openStores, s.openCapabilities, s.openFlow, s.openAPI,
	} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Close releases everything in reverse order.
func (s *Station) Close() error {
	var errs []error
	for _, fn := range slices.Backward(s.closers) {
		errs = append(errs, fn())
	}
	s.closers = nil
	return errors.Join(errs...)
}

func (s *Station) closing(fn func() error) { s.closers = append(s.closers, fn) }

// openStores opens data directory, records and ledger.
func (s *Station) openStores(ctx context.Context) error {
	var err error
	if s.dir, err = datadir.Open(s.cfg.Data); err != nil {
		return err
	}
	s.closing(s.dir.Close)
	if s.db, err = sqldb.Open(ctx, s.dir.Path("records.db")); err != nil {
		return err
	}
	s.closing(s.db.Close)
	if err := s.db.Reserve(ctx); err != nil {
		s.log.WarnContext(ctx, "no room is kept for the records", slog.Any("error", err))
	}
	signer, public, err := s.dir.Signer(s.cfg.Ledger.Origin)
	if err != nil {
		return err
	}
	if s.verifier, err = note.NewVerifier(public); err != nil {
		return fmt.Errorf("the ledger's key: %w", err)
	}
	s.ledger, err = ledger.Open(s.dir.Path("ledger"), ledger.Options{
		Now: s.now, Signer: signer, Verifier: public, CopyTo: s.cfg.Ledger.CopyTo, SegmentBytes: s.cfg.Ledger.SegmentBytes,
		SegmentAge: s.cfg.Ledger.SegmentAge, CheckpointEvery: s.cfg.Ledger.CheckpointEvery, Reserve: s.cfg.Ledger.Reserve,
	})
	if err != nil {
		return err
	}
	s.closing(s.ledger.Close)
	if st := s.ledger.Status(); st.State != ledger.StateOK {
		s.log.ErrorContext(ctx, "ledger takes no events", slog.String("state", string(st.State)), slog.String("reason", st.Reason))
	}
	return nil
}

// openCapabilities makes the capabilities, brings their tables up to date, and
// lets them read what earlier runs stored.
func (s *Station) openCapabilities(ctx context.Context) error {
	law, err := comply.Load(norms.Files)
	if err != nil {
		return err
	}
	months, err := law.Quantity("csl/log-retention", "log-retention-months")
	if err != nil {
		return err
	}
	mapping, err := sigma.ParseMapping(rules.Mapping()...)
	if err != nil {
		return fmt.Errorf("read the shipped mapping: %w", err)
	}
	if err := s.openPeople(ctx); err != nil {
		return err
	}
	s.sources, err = logsource.New(logsource.Deps{
		DB: s.db, Ledger: kept{s.ledger}, News: s.hub, Listeners: s.reached, Now: s.now, Rand: rand.Reader, Log: s.log, KeepMonths: months,
	})
	if err != nil {
		return err
	}
	var folders []rulebook.Folder
	for _, path := range s.cfg.Rules.Folders {
		folders = append(folders, rulebook.Folder{Name: path, FS: os.DirFS(path)})
	}
	s.alerts = alert.NewService(alert.Deps{
		DB: s.db, Titles: titles{&s.rules}, Sources: s.sources.Registry(), Accounts: s.accounts, News: s.hub, Now: s.now,
	})
	s.rules, err = rulebook.New(rulebook.Deps{
		DB: s.db, Shipped: rules.Sigma(), Mapping: mapping, Folders: folders, Counts: counts{s.alerts}, Now: s.now, Log: s.log,
	})
	if err != nil {
		return err
	}
	var providers []evidence.Provider
	for _, m := range s.modules() {
		if err := sqldb.Migrate(ctx, s.db, m.Name, m.Migrations); err != nil {
			return err
		}
		providers = append(providers, m.Evidence...)
	}
	s.comply, err = comply.New(comply.Deps{
		Read: s.db.Read, Write: s.db.Write, Law: law, Providers: providers, Sealer: sealer{s.ledger, s.now}, Now: s.now, Log: s.log,
	})
	if err != nil {
		return err
	}
	if err := sqldb.Migrate(ctx, s.db, "comply", comply.Migrations()); err != nil {
		return err
	}
	return errors.Join(s.sources.Recall(ctx), s.rules.Load(ctx))
}

// modules lists the capabilities in the order in which they start.
func (s *Station) modules() []capability.Module {
	return []capability.Module{s.sources.Module(), s.rules.Module(), s.alerts.Module()}
}

// titles asks the rulebook, which is made after the alerts.
type titles struct{ rules **rulebook.Service }

// RuleTitle returns the titles of a rule.
func (t titles) RuleTitle(id string) (zh, en string, ok bool) { return (*t.rules).RuleTitle(id) }

// openFlow makes the stages that a log line passes.
func (s *Station) openFlow(ctx context.Context) error {
	s.reader = normalise.New(normalise.Options{Zone: s.cfg.Location()})
	registry := s.sources.Registry()
	var err error
	if s.seal, err = seal.New(s.ledger, seal.Options{Now: s.now, MaxWaitingBytes: s.cfg.Ingest.MaxWaiting}); err != nil {
		return err
	}
	s.index, err = index.Open(ctx, index.Options{
		Log: s.ledger, Reader: s.reader, Version: normalise.Version, Sources: registry, Dir: s.dir.Path("index"), Zone: s.cfg.Location(),
		Now: s.now, Slog: s.log, Metrics: s.metrics,
	})
	if err != nil {
		return err
	}
	s.detect, err = detect.New(detect.Options{
		Log: s.ledger, Reader: s.reader, Sources: registry, Engines: engines{s.rules}, Alerts: s.alerts, Follower: s.sources.Follower(),
		Damage: damage(s.ledger), Now: s.now, Slog: s.log, Metrics: s.metrics,
	})
	if err != nil {
		return err
	}
	s.search, err = search.New(search.Options{
		Log: s.ledger, Index: s.index, Reader: s.reader, Sources: registry, Verifier: s.verifier, Zone: s.cfg.Location(),
		Time: s.cfg.Search.Timeout, Now: s.now, Slog: s.log,
	})
	return err
}
