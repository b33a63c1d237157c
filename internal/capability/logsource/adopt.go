package logsource

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Strangers returns the senders that no source is known for, the latest first.
func (s *Service) Strangers() []Stranger { return s.registry.strangers.list() }

// Adopt makes a source of a stranger that sends syslog: known from now on by the
// address it sends from. Fields of src that are empty get what fits the stranger.
func (s *Service) Adopt(ctx context.Context, id string, src Source) (Source, error) {
	x, ok := s.registry.strangers.get(id)
	if !ok {
		return Source{}, ErrStranger
	}
	src.Kind = Syslog
	if len(src.Allow) == 0 && src.Certificate == "" {
		src.Allow = []netip.Prefix{netip.PrefixFrom(x.Peer, x.Peer.BitLen())}
	}
	if strings.TrimSpace(src.Name) == "" {
		src.Name = x.Peer.String()
	}
	out, _, err := s.Create(ctx, src)
	if err != nil {
		return Source{}, err
	}
	for _, other := range s.registry.strangers.list() {
		if slices.ContainsFunc(out.Allow, func(p netip.Prefix) bool { return p.Contains(other.Peer) }) {
			if err := s.forget(ctx, other.ID, false); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// Ignore stops listing and counting a stranger. It fails with [ErrTooMany] when
// too many are ignored already.
func (s *Service) Ignore(ctx context.Context, id string) error {
	if _, ok := s.registry.strangers.get(id); !ok {
		return ErrStranger
	}
	if s.registry.strangers.ignoring() >= maxIgnored {
		return ErrTooMany.Detailf("the limit is %d ignored senders", maxIgnored)
	}
	return s.forget(ctx, id, true)
}

func (s *Service) forget(ctx context.Context, id string, ignore bool) error {
	x, ok := s.registry.strangers.get(id)
	if !ok {
		return nil
	}
	err := s.d.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if !ignore {
			return deleteStrangers(ctx, tx, []string{id})
		}
		return putStranger(ctx, tx, x, true)
	})
	if err != nil {
		return err
	}
	s.registry.strangers.forget(id, ignore)
	return nil
}

// loadStrangers reads what earlier runs stored.
func (s *Service) loadStrangers(ctx context.Context) error {
	var rows []strangerRow
	err := s.d.DB.Read.NewSelect().Model(&rows).Order("last_at", "id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("read strangers: %w", err)
	}
	x := s.registry.strangers
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, r := range rows {
		if r.Ignored {
			x.ignored[r.ID] = true
			continue
		}
		peer, err := netip.ParseAddr(r.Peer)
		if err != nil {
			return fmt.Errorf("read stranger %s: %w", r.ID, err)
		}
		x.put(Stranger{
			ID: r.ID, Transport: r.Transport, Peer: peer, Count: r.Events, First: r.FirstAt.UTC(), Last: r.LastAt.UTC(), Sample: r.Sample,
		})
	}
	return nil
}

type strangerRow struct {
	bun.BaseModel `bun:"table:logsource_stranger,alias:x"`

	ID        string    `bun:"id,pk"`
	Transport string    `bun:"transport"`
	Peer      string    `bun:"peer"`
	Events    int64     `bun:"events"`
	FirstAt   time.Time `bun:"first_at"`
	LastAt    time.Time `bun:"last_at"`
	Sample    string    `bun:"sample"`
	Ignored   bool      `bun:"ignored"`
}

func putStranger(ctx context.Context, db bun.IDB, x Stranger, ignored bool) error {
	row := strangerRow{
		ID: x.ID, Transport: x.Transport, Peer: x.Peer.String(), Events: x.Count, FirstAt: x.First.UTC(), LastAt: x.Last.UTC(),
		Sample: x.Sample, Ignored: ignored,
	}
	q := db.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE")
	for _, c := range []string{"events", "last_at", "sample", "ignored"} {
		q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("store stranger %s: %w", x.ID, err)
	}
	return nil
}

func putStrangers(ctx context.Context, db bun.IDB, list []Stranger) error {
	for _, x := range list {
		if err := putStranger(ctx, db, x, false); err != nil {
			return err
		}
	}
	return nil
}

func deleteStrangers(ctx context.Context, db bun.IDB, ids []string) error {
	for part := range slices.Chunk(ids, chunk) {
		_, err := db.NewDelete().Model((*strangerRow)(nil)).Where("id IN (?)", bun.List(part)).Where("NOT ignored").Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete strangers: %w", err)
		}
	}
	return nil
}
