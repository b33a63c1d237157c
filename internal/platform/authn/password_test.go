package authn

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheckPassword(t *testing.T) {
	tests := []struct {
		name, password string
		ok             bool
	}{
		{"eight characters", "kX9!pq2w", true},
		{"seven characters", "kX9!pq2", false},
		{"eight Han characters", "春风又绿江南岸明", true},
		{"seven Han characters", "春风又绿江南岸", false},
		{"no sort of character is asked for", "marbles under the sofa", true},
		{"sixty-four and more", strings.Repeat("marbles ", 20), true},
		{"longer than the limit", strings.Repeat("marbles ", 40), false},
		{"no text", "\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", false},
		{"one character", "zzzzzzzzzzzz", false},
		{"one word again and again", "ab12ab12ab12", false},
		{"a run", "12345678", false},
		{"a run down the keyboard", "1qaz2wsx", false},
		{"part of the alphabet", "cdefghijkl", false},
		{"what everybody tries", "P@ssw0rd2026!", false},
		{"admin with numbers", "Admin@123456", false},
		{"name of the account", "wanglei2026", false},
		{"name of the account and enough", "wanglei likes plums", true},
		{"name of the product", "Fengsui@1", false},
		{"name of the product in Chinese", "烽燧烽燧烽燧12", false},
		{"the product, full-width", "Ｆｅｎｇｓｕｉ1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := checkPassword(tt.password, "WangLei")
			if (err == nil) != tt.ok || (err != nil && !errors.Is(err, ErrPassword)) {
				t.Errorf("%v", err)
			}
		})
	}
	one, err := checkPassword("caf\u00e9 au lait")
	two, err2 := checkPassword("cafe\u0301 au lait")
	if err != nil || err2 != nil || one != two {
		t.Errorf("%q and %q are different passwords", one, two)
	}
}

func TestMatch(t *testing.T) {
	hash := cheap.hash(password)
	if hash == cheap.hash(password) {
		t.Error("no salt")
	}
	tests := []struct {
		name, stored string
		ok           bool
	}{
		{"right", hash, true},
		{"of another password", cheap.hash("x"), false},
		{"empty", "", false},
		{"plain text", password, false},
		{"another function", strings.Replace(hash, "argon2id", "argon2i", 1), false},
		{"another version", strings.Replace(hash, "v=19", "v=16", 1), false},
		{"no passes", strings.Replace(hash, "t=1", "t=0", 1), false},
		{"all the memory there is", strings.Replace(hash, "m=64", "m=4294967295", 1), false},
		{"cut", hash[:len(hash)-1], false},
		{"no sum", hash[:strings.LastIndex(hash, "$")+1], false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if ok, _ := cheap.match(tt.stored, password); ok != tt.ok {
				t.Errorf("match is %v", ok)
			}
		})
	}
	if _, stale := cheap.match(hash, password); stale {
		t.Error("a fresh hash is stale")
	}
	if ok, stale := DefaultCost().match(hash, password); !ok || !stale {
		t.Errorf("hash of another cost: match %v, stale %v", ok, stale)
	}
}

func TestHashingRefusesACrowd(t *testing.T) {
	f := open(t, nil)
	f.queue.Store(waiters)
	if err := f.hashing(t.Context(), func() {}); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	f.queue.Store(0)
	if err := f.hashing(t.Context(), func() {}); err != nil || f.queue.Load() != 0 || len(f.slots) != 0 {
		t.Errorf("%v, %d wait, %d slots are taken", err, f.queue.Load(), len(f.slots))
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"Wang", " wANG ", "Ｗａｎｇ", "İstanbul", "ß", "ſ", "a\u0301", "\x00", "\u202e", "李", "ﬁ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		shown, key, err := checkName(name)
		if err != nil {
			if !errors.Is(err, ErrName) {
				t.Fatalf("undocumented error %v", err)
			}
			return
		}
		if !utf8.ValidString(shown) || strings.ContainsAny(shown, "\x00\n\r\u202e\u2028") || shown != strings.TrimSpace(shown) {
			t.Fatalf("%q is shown as %q", name, shown)
		}
		if again, sameKey, err := checkName(shown); err != nil || again != shown || sameKey != key {
			t.Fatalf("%q becomes %q, key %q, then %q, key %q, %v", name, shown, key, again, sameKey, err)
		}
		if nameKey(name) != key {
			t.Fatalf("who signs in as %q is not found: %q, %q", name, nameKey(name), key)
		}
	})
}
