package app

import (
	"context"
	"slices"

	"github.com/fengsui/fengsui/internal/capability/alert"
	"github.com/fengsui/fengsui/internal/capability/logsource"
	"github.com/fengsui/fengsui/internal/comply"
	"github.com/fengsui/fengsui/internal/flow/search"
	"github.com/fengsui/fengsui/internal/platform/audit"
	"github.com/fengsui/fengsui/internal/platform/authn"
	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/org"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
	"github.com/fengsui/fengsui/internal/platform/stream"
)

// openPeople makes what knows who somebody is and what they did.
func (s *Station) openPeople(ctx context.Context) error {
	if err := sqldb.Migrate(ctx, s.db, "authn", authn.Migrations()); err != nil {
		return err
	}
	if err := sqldb.Migrate(ctx, s.db, org.Name, org.Migrations()); err != nil {
		return err
	}
	var err error
	if s.units, err = org.New(org.Options{DB: s.db, Now: s.now}); err != nil {
		return err
	}
	s.accounts, err = authn.New(authn.Options{
		DB: s.db, Now: s.now, Log: s.log, Permissions: s.permissions, Secure: s.cfg.HTTP.TLSCert != "",
		Station: authn.Station{Version: s.o.Version, Zone: s.cfg.Zone, Demo: s.o.Demo},
	})
	if err != nil {
		return err
	}
	s.hub, err = stream.New(stream.Options{
		Topics: map[string]authz.Permission{"alerts": alert.PermRead, "sources": logsource.PermRead}, Alive: s.accounts, Now: s.now,
		Log: s.log, Metrics: s.metrics,
	})
	if err != nil {
		return err
	}
	s.audit, err = audit.New(audit.Options{
		Ledger: sealer{s.ledger, s.now}, Now: s.now, Log: s.log, Journal: s.dir.Path("audit.journal"),
	})
	return err
}

// permissions lists every permission of the station.
func (s *Station) permissions() []authz.Permission {
	all := slices.Concat([]authz.Permission{permStation}, authn.Permissions(), org.Permissions(), search.Permissions(), comply.Permissions())
	for _, m := range s.modules() {
		all = append(all, m.Permissions...)
	}
	return all
}
