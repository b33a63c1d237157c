package authn

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// SetupCode returns the code with which the first account is made, such as
// "K7QF-2MZP-RA5T", and "" when there is an account. It is drawn once per start,
// kept in memory only, and is good for one account. The caller shows it on the
// terminal and nowhere else.
func (s *Service) SetupCode(ctx context.Context) (string, error) {
	found, err := s.anyAccount(ctx)
	if err != nil || found {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.setUp == "" {
		text := rand.Text()[:12] // 60 bits in base32
		s.setUp = text[:4] + "-" + text[4:8] + "-" + text[8:]
	}
	return s.setUp, nil
}

// SetUp makes the first account, an administrator, and signs it in. It fails with
// [ErrSetUpDone] when there is an account, with [ErrSetUpCode], and as
// CreateAccount does; the code stays good until it succeeds.
func (s *Service) SetUp(ctx context.Context, code string, n NewAccount, peer string) (session Session, secret string, err error) {
	want, err := s.SetupCode(ctx)
	switch {
	case err != nil:
		return Session{}, "", err
	case want == "":
		return Session{}, "", ErrSetUpDone
	}
	if err := s.attempt(ctx, "\x00set-up", peer); err != nil {
		return Session{}, "", err
	}
	if subtle.ConstantTimeCompare([]byte(typed(code)), []byte(typed(want))) != 1 {
		return Session{}, "", ErrSetUpCode
	}
	n.Role = authz.Administrator
	row, err := s.newAccount(ctx, n)
	if err != nil {
		return Session{}, "", err
	}
	err = s.o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		found, err := tx.NewSelect().Model((*accountRow)(nil)).Exists(ctx)
		if err != nil {
			return fmt.Errorf("look for accounts: %w", err)
		}
		if found {
			return ErrSetUpDone
		}
		if err := succeeded(ctx, tx, "\x00set-up", peer); err != nil {
			return err
		}
		if err := insertAccount(ctx, tx, row); err != nil {
			return err
		}
		session, secret, err = s.begin(ctx, tx, row)
		return err
	})
	if err != nil {
		return Session{}, "", fmt.Errorf("set up: %w", err)
	}
	s.set.Store(true)
	s.mu.Lock()
	s.setUp = ""
	s.mu.Unlock()
	return session, secret, nil
}

// typed returns a code without what people add or change when they type it.
func typed(code string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "", "0", "O", "1", "I").Replace(code))
}
