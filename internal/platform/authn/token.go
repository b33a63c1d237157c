package authn

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// Token is the right of a program to use the API. Its secret is shown once.
type Token struct {
	ID        string // UUIDv7
	Name      string
	Role      authz.Role
	CreatedAt time.Time
	ExpiresAt time.Time
	LastUsed  time.Time // to the minute; zero: never
}

type tokenRow struct {
	bun.BaseModel `bun:"table:authn_token,alias:t"`

	ID         string       `bun:"id,pk"`
	Name       string       `bun:"name"`
	Role       string       `bun:"role"`
	SecretHash string       `bun:"secret_hash"`
	CreatedAt  time.Time    `bun:"created_at"`
	ExpiresAt  time.Time    `bun:"expires_at"`
	LastUsed   bun.NullTime `bun:"last_used"`
}

func (r *tokenRow) token() Token {
	return Token{
		ID: r.ID, Name: r.Name, Role: authz.Role(r.Role), CreatedAt: r.CreatedAt.UTC(),
		ExpiresAt: r.ExpiresAt.UTC(), LastUsed: r.LastUsed.UTC(),
	}
}

// tokenPrefix begins every token of this package. Tokens of sources begin
// otherwise, so that one request asks one table.
const tokenPrefix = "fs_api_"

// The life of a token.
const (
	defaultLife = 365 * 24 * time.Hour
	longestLife = 2 * 365 * 24 * time.Hour
)

// NewToken is what a token begins with.
type NewToken struct {
	Name string
	Role authz.Role    // one of [authz.People]
	Life time.Duration // 0: a year; at most two
}

// CreateToken adds a token and returns it with its secret, which is not kept. It
// fails with [ErrName], [ErrRole] or [ErrExpiry].
func (s *Service) CreateToken(ctx context.Context, n NewToken) (Token, string, error) {
	name, _, err := checkName(n.Name)
	if err != nil {
		return Token{}, "", err
	}
	if !slices.Contains(authz.People(), n.Role) {
		return Token{}, "", ErrRole
	}
	if n.Life == 0 {
		n.Life = defaultLife
	}
	if n.Life < time.Minute || n.Life > longestLife {
		return Token{}, "", ErrExpiry
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Token{}, "", fmt.Errorf("new token: %w", err)
	}
	secret, hash := newSecret(tokenPrefix)
	row := &tokenRow{
		ID: id.String(), Name: name, Role: string(n.Role), SecretHash: hash, CreatedAt: s.now(), ExpiresAt: s.now().Add(n.Life),
	}
	if _, err := s.o.DB.Write.NewInsert().Model(row).Exec(ctx); err != nil {
		return Token{}, "", fmt.Errorf("store token: %w", err)
	}
	return row.token(), secret, nil
}

// Tokens returns up to limit tokens after the one with the id after, the oldest
// first. Expired ones are listed too until they are revoked.
func (s *Service) Tokens(ctx context.Context, after string, limit int) ([]Token, error) {
	var rows []tokenRow
	err := s.o.DB.Read.NewSelect().Model(&rows).Column("id", "name", "role", "created_at", "expires_at", "last_used").
		Where("id > ?", after).Order("id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	out := make([]Token, 0, len(rows))
	for i := range rows {
		out = append(out, rows[i].token())
	}
	return out, nil
}

// RevokeToken removes a token; the next request with it is refused. It fails with
// [ErrNoToken].
func (s *Service) RevokeToken(ctx context.Context, id string) error {
	res, err := s.o.DB.Write.NewDelete().Model((*tokenRow)(nil)).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrNoToken
	}
	return nil
}

// byToken returns the actor of a token, or nobody.
func (s *Service) byToken(ctx context.Context, secret string) (authz.Actor, error) {
	if !strings.HasPrefix(secret, tokenPrefix) || len(secret) != len(tokenPrefix)+43 {
		return authz.Actor{}, nil
	}
	row, ok, err := s.findToken(ctx, "secret_hash", digest(secret))
	if err != nil || !ok {
		return authz.Actor{}, err
	}
	if now := s.now(); now.Sub(row.LastUsed.Time) >= touchEvery {
		_, err := s.o.DB.Write.NewUpdate().Model((*tokenRow)(nil)).Set("last_used = ?", now).Where("id = ?", row.ID).Exec(ctx)
		if err != nil {
			s.o.Log.WarnContext(ctx, "use of a token not noted", slog.String("token_id", row.ID), slog.Any("error", err))
		}
	}
	return authz.Actor{ID: row.ID, Name: row.Name, Role: authz.Role(row.Role), Kind: authz.Token}, nil
}

func (s *Service) tokenAlive(ctx context.Context, a authz.Actor) (bool, error) {
	row, ok, err := s.findToken(ctx, "id", a.ID)
	return ok && row.Role == string(a.Role), err
}

// findToken returns the token whose column has the value, or false when there is
// none that still lasts.
func (s *Service) findToken(ctx context.Context, column, value string) (*tokenRow, bool, error) {
	row := &tokenRow{}
	err := s.o.DB.Read.NewSelect().Model(row).Where("? = ?", bun.Ident(column), value).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("read token: %w", err)
	}
	return row, s.now().Before(row.ExpiresAt), nil
}
