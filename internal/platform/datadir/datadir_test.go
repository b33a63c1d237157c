package datadir_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fengsui/fengsui/internal/platform/datadir"
)

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "data")
	d, err := datadir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v; want 0700", info.Mode(), err)
	}
	if _, err := datadir.Open(path); !errors.Is(err, datadir.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d, err = datadir.Open(path)
	if err != nil {
		t.Fatalf("opened again: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, file, text string
		want             string
	}{
		{"a newer format", "format", "2\n", "newer version"},
		{"a format that cannot be read", "format", "x", "cannot be read"},
		{"a folder of something else", "thesis.docx", "x", "thesis.docx"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := t.TempDir()
			if err := os.Chmod(path, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(path, tt.file), []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := datadir.Open(path)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o755 {
				t.Errorf("the folder's mode became %v, %v", info.Mode(), err)
			}
			if entries, err := os.ReadDir(path); err != nil || len(entries) != 1 {
				t.Errorf("there is something new in the folder: %v, %v", entries, err)
			}
			if text, err := os.ReadFile(filepath.Join(path, tt.file)); err != nil || string(text) != tt.text {
				t.Errorf("the file was changed: %q, %v", text, err)
			}
		})
	}
}

func TestOpenAfterACrashDuringTheFirstStart(t *testing.T) {
	path := t.TempDir()
	for _, name := range []string{"lock", "format.tmp"} {
		if err := os.WriteFile(filepath.Join(path, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := datadir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(path, "format")); err != nil || string(text) != "1\n" {
		t.Errorf("format %q, %v", text, err)
	}
}

func TestSignerIsMadeOnce(t *testing.T) {
	path := t.TempDir()
	var keys []string
	for range 2 {
		d, err := datadir.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		signer, public, err := d.Signer("log.example.edu")
		if err != nil || signer.Name() != "log.example.edu" {
			t.Fatalf("signer %v, %v", signer, err)
		}
		keys = append(keys, public)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if keys[0] != keys[1] {
		t.Error("the key changed")
	}
	key := filepath.Join(path, "keys", "ledger.key")
	info, err := os.Stat(key)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key %v, %v; want 0600", info.Mode(), err)
	}
	if err := os.Chmod(key, 0o640); err != nil {
		t.Fatal(err)
	}
	d, err := datadir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Signer("log.example.edu"); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others can read: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}
