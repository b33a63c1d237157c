package authn

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/text/unicode/norm"

	"github.com/fengsui/fengsui/internal/platform/authz"
)

// Account is a person who may sign in. Accounts are disabled, never removed,
// because the audit trail names them.
type Account struct {
	ID         string // UUIDv7
	Name       string
	Role       authz.Role
	Disabled   bool
	CreatedAt  time.Time
	LastSignIn time.Time // zero: never
}

type accountRow struct {
	bun.BaseModel `bun:"table:authn_account,alias:a"`

	ID         string       `bun:"id,pk"`
	Name       string       `bun:"name"`
	NameKey    string       `bun:"name_key"`
	Role       string       `bun:"role"`
	IsDisabled bool         `bun:"is_disabled"`
	Password   string       `bun:"password"`
	CreatedAt  time.Time    `bun:"created_at"`
	LastSignIn bun.NullTime `bun:"last_sign_in"`
}

func (r *accountRow) account() Account {
	return Account{
		ID: r.ID, Name: r.Name, Role: authz.Role(r.Role), Disabled: r.IsDisabled,
		CreatedAt: r.CreatedAt.UTC(), LastSignIn: r.LastSignIn.UTC(),
	}
}

// checkName returns the name as it is shown and the key that makes it unique:
// compatible forms and cases are the same name. It fails with [ErrName].
func checkName(name string) (shown, key string, err error) {
	shown = norm.NFC.String(strings.TrimSpace(name))
	odd := func(r rune) bool { return !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) }
	if n := utf8.RuneCountInString(shown); n == 0 || n > 64 || !utf8.ValidString(name) || strings.ContainsFunc(shown, odd) {
		return "", "", ErrName.Detail("use 1 to 64 printable characters")
	}
	return shown, nameKey(shown), nil
}

// nameKey is defined for every text; that of a text that is no name is no
// account's.
func nameKey(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\ufffd"), "\x00", "\ufffd") // SQLite reads up to a NUL
	return strings.ToLower(norm.NFKC.String(strings.ToUpper(norm.NFKC.String(strings.TrimSpace(name)))))
}

// NewAccount is what an account begins with.
type NewAccount struct {
	Name, Password string
	Role           authz.Role
}

// CreateAccount adds an account. It fails with [ErrName], [ErrNameTaken],
// [ErrRole] or [ErrPassword].
func (s *Service) CreateAccount(ctx context.Context, n NewAccount) (Account, error) {
	row, err := s.newAccount(ctx, n)
	if err != nil {
		return Account{}, err
	}
	err = s.o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return insertAccount(ctx, tx, row) })
	if err != nil {
		return Account{}, fmt.Errorf("create account: %w", err)
	}
	s.set.Store(true)
	return row.account(), nil
}

// newAccount checks and hashes; nothing is stored yet.
func (s *Service) newAccount(ctx context.Context, n NewAccount) (*accountRow, error) {
	name, key, err := checkName(n.Name)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(authz.People(), n.Role) {
		return nil, ErrRole
	}
	hash, err := s.hash(ctx, n.Password, name)
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("new account: %w", err)
	}
	return &accountRow{ID: id.String(), Name: name, NameKey: key, Role: string(n.Role), Password: hash, CreatedAt: s.now()}, nil
}

// hash checks a new password and returns its hash.
func (s *Service) hash(ctx context.Context, password, name string) (string, error) {
	password, err := checkPassword(password, name)
	if err != nil {
		return "", err
	}
	var hash string
	if err := s.hashing(ctx, func() { hash = s.o.Cost.hash(password) }); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

func insertAccount(ctx context.Context, tx bun.Tx, row *accountRow) error {
	taken, err := tx.NewSelect().Model((*accountRow)(nil)).Where("name_key = ?", row.NameKey).Exists(ctx)
	if err != nil {
		return fmt.Errorf("look for the name: %w", err)
	}
	if taken {
		return ErrNameTaken
	}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// Change is what is to change of an account; nil stays.
type Change struct {
	Role     *authz.Role
	Disabled *bool
	Password *string
}

// UpdateAccount changes an account. Whatever changes ends its sessions, except a
// change to what it was. It fails with [ErrNoAccount], [ErrRole], [ErrPassword],
// [ErrOwnAccount] when the actor of ctx is the account and its role or state
// would change, and [ErrLastAdmin] when no enabled administrator would remain.
func (s *Service) UpdateAccount(ctx context.Context, id string, c Change) (Account, error) {
	row, err := accountBy(ctx, s.o.DB.Read, "id", id)
	if err != nil {
		return Account{}, err
	}
	var hash string
	if c.Password != nil {
		if hash, err = s.hash(ctx, *c.Password, row.Name); err != nil {
			return Account{}, err
		}
	}
	if c.Role != nil && !slices.Contains(authz.People(), *c.Role) {
		return Account{}, ErrRole
	}
	err = s.o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if row, err = accountBy(ctx, tx, "id", id); err != nil {
			return err
		}
		was := *row
		if c.Role != nil {
			row.Role = string(*c.Role)
		}
		if c.Disabled != nil {
			row.IsDisabled = *c.Disabled
		}
		if hash != "" {
			row.Password = hash
		}
		return change(ctx, tx, was, row)
	})
	if err != nil {
		return Account{}, fmt.Errorf("change account %s: %w", id, err)
	}
	return row.account(), nil
}

// change stores what differs from the account as it was.
func change(ctx context.Context, tx bun.Tx, was accountRow, row *accountRow) error {
	moved := row.Role != was.Role || row.IsDisabled != was.IsDisabled
	if !moved && row.Password == was.Password {
		return nil
	}
	if moved && authz.ActorFrom(ctx).ID == row.ID {
		return ErrOwnAccount
	}
	_, err := tx.NewUpdate().Model(row).Column("role", "is_disabled", "password").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if was.Role != string(authz.Administrator) || was.IsDisabled {
		return endSessions(ctx, tx, row.ID, "")
	}
	left, err := tx.NewSelect().Model((*accountRow)(nil)).
		Where("role = ?", string(authz.Administrator)).Where("is_disabled = ?", false).Exists(ctx)
	if err != nil {
		return fmt.Errorf("count administrators: %w", err)
	}
	if !left {
		return ErrLastAdmin
	}
	return endSessions(ctx, tx, row.ID, "")
}

// SetPassword gives the account with this name a new password and enables it, for
// the owner of the host when nobody can sign in. It ends the account's sessions.
func (s *Service) SetPassword(ctx context.Context, name, password string) (Account, error) {
	row, err := accountBy(ctx, s.o.DB.Read, "name_key", nameKey(name))
	if err != nil {
		return Account{}, err
	}
	enabled := false
	return s.UpdateAccount(ctx, row.ID, Change{Password: &password, Disabled: &enabled})
}

// Accounts returns up to limit accounts after the one with the id after, the
// oldest first.
func (s *Service) Accounts(ctx context.Context, after string, limit int) ([]Account, error) {
	var rows []accountRow
	err := s.o.DB.Read.NewSelect().Model(&rows).Column("id", "name", "role", "is_disabled", "created_at", "last_sign_in").
		Where("id > ?", after).Order("id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	out := make([]Account, 0, len(rows))
	for i := range rows {
		out = append(out, rows[i].account())
	}
	return out, nil
}

// HasAccount reports whether an account with this id may be given work: it is
// enabled and may write.
func (s *Service) HasAccount(ctx context.Context, id string) (bool, error) {
	row, err := accountBy(ctx, s.o.DB.Read, "id", id)
	if errors.Is(err, ErrNoAccount) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return !row.IsDisabled && row.Role != string(authz.Reader), nil
}

// accountBy returns the account whose column has the value, or [ErrNoAccount].
func accountBy(ctx context.Context, db bun.IDB, column, value string) (*accountRow, error) {
	row := &accountRow{}
	err := db.NewSelect().Model(row).Where("? = ?", bun.Ident(column), value).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ErrNoAccount
	case err != nil:
		return nil, fmt.Errorf("read account: %w", err)
	}
	return row, nil
}

// anyAccount reports whether there is an account.
func (s *Service) anyAccount(ctx context.Context) (bool, error) {
	if s.set.Load() {
		return true, nil
	}
	found, err := s.o.DB.Read.NewSelect().Model((*accountRow)(nil)).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look for accounts: %w", err)
	}
	if found {
		s.set.Store(true)
	}
	return found, nil
}
