package authn

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Cost is what one Argon2id hash costs (RFC 9106).
type Cost struct {
	Time   uint32 // passes
	Memory uint32 // KiB
}

// DefaultCost is 2 passes over 19 MiB, the least that OWASP's ASVS 5.0 names.
func DefaultCost() Cost { return Cost{Time: 2, Memory: 19 << 10} }

const (
	saltSize = 16
	hashSize = 32
)

// hash returns a new hash of the password in the PHC string format.
func (c Cost) hash(password string) string {
	var salt [saltSize]byte
	_, _ = rand.Read(salt[:]) // never fails (crypto/rand)
	sum := argon2.IDKey([]byte(password), salt[:], c.Time, c.Memory, 1, hashSize)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, c.Memory, c.Time,
		base64.RawStdEncoding.EncodeToString(salt[:]), base64.RawStdEncoding.EncodeToString(sum))
}

// match reports whether the password has the hash, and whether the hash was made
// at another cost than c. A text that is no hash matches nothing.
func (c Cost) match(stored, password string) (ok, stale bool) {
	var version int
	var was Cost
	rest, found := strings.CutPrefix(stored, "$argon2id$")
	parts := strings.Split(rest, "$")
	if !found || len(parts) != 4 {
		return false, false
	}
	if _, err := fmt.Sscanf(parts[0]+" "+parts[1], "v=%d m=%d,t=%d,p=1", &version, &was.Memory, &was.Time); err != nil {
		return false, false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[2])
	if err != nil || version != argon2.Version || was.Time == 0 || was.Time > 64 || was.Memory > 1<<20 {
		return false, false
	}
	sum, err := base64.RawStdEncoding.DecodeString(parts[3])
	if err != nil || len(sum) != hashSize {
		return false, false
	}
	got := argon2.IDKey([]byte(password), salt, was.Time, was.Memory, 1, hashSize)
	return subtle.ConstantTimeCompare(got, sum) == 1, was != c
}

// waiters is how many may wait for their password to be hashed.
const waiters = 32

// hashing runs fn when one of the few slots is free, so that sign-ins cannot take
// all the memory. It fails with [ErrBusy] when too many wait.
func (s *Service) hashing(ctx context.Context, fn func()) error {
	if s.queue.Add(1) > waiters {
		s.queue.Add(-1)
		return ErrBusy.After(shortWait)
	}
	defer s.queue.Add(-1)
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.slots }()
	fn()
	return nil
}

// The length of a password in characters. 15 and more are recommended.
const (
	shortest = 8
	longest  = 256
)

// checkPassword returns the password in the form that is hashed: NFC, so that
// the same keys give the same password on every machine. Nothing is cut and no
// sort of character is asked for. It fails with [ErrPassword].
//
// words are the name of the account and of the station: what remains without
// them, and without the product's name, must still be long enough.
func checkPassword(password string, words ...string) (string, error) {
	if !utf8.ValidString(password) {
		return "", ErrPassword.Detail("it is not text")
	}
	password = norm.NFC.String(password)
	n := utf8.RuneCountInString(password)
	switch {
	case n < shortest:
		return "", ErrPassword.Detailf("it is shorter than %d characters", shortest)
	case n > longest:
		return "", ErrPassword.Detailf("it is longer than %d characters", longest)
	}
	plain := strings.ToLower(norm.NFKC.String(password))
	if common(plain) {
		return "", ErrPassword.Detail("it is one that everybody tries first")
	}
	rest := plain
	for _, word := range append(words, "fengsui", "烽燧") {
		word = strings.ToLower(norm.NFKC.String(word))
		if utf8.RuneCountInString(word) > 2 || strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	if rest != plain && utf8.RuneCountInString(rest) < shortest {
		return "", ErrPassword.Detail("without the name in it, it is too short")
	}
	return password, nil
}

// common reports whether a lower-case password is one of those that guessing
// begins with: runs, repetitions, and words with a number behind.
func common(password string) bool {
	runes := []rune(password)
	if repeats(runes) {
		return true
	}
	for _, row := range []string{
		"01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba",
		"qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgb", "!@#$%^&*()",
	} {
		if strings.Contains(row, password) {
			return true
		}
	}
	stem := strings.TrimRight(password, "0123456789!@#$%^&*.?_-")
	switch strings.NewReplacer("@", "a", "0", "o", "1", "i", "3", "e", "$", "s", "5", "s").Replace(stem) {
	case "password", "passwort", "passw", "admin", "administrator", "root", "welcome", "qwerty", "iloveyou", "letmein", "changeme",
		"test", "guest", "user", "master", "monkey", "dragon", "football", "baseball", "sunshine", "princess", "woaini", "mima",
		"abc", "asdf", "asdfgh", "zaq", "qwe", "a", "aa", "huawei", "server", "oracle", "default", "secret", "system":
		return true
	}
	return false
}

// repeats reports whether the text is one piece of up to four characters again
// and again.
func repeats(runes []rune) bool {
	for size := 1; size <= 4; size++ {
		same := true
		for i := size; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-size]
		}
		if same {
			return true
		}
	}
	return false
}

// newSecret returns 256 random bits as text behind a prefix, and what is stored
// of them.
func newSecret(prefix string) (secret, stored string) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	secret = prefix + base64.RawURLEncoding.EncodeToString(raw[:])
	return secret, digest(secret)
}

// digest is what is stored of a secret. Secrets are random, so that a plain hash
// is enough, and finding one by its hash tells nothing by its time.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
