package verify

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// maxFile is the longest checkpoint, key file or proof that is looked at.
const (
	maxFile  = 1 << 16
	maxProof = 1 << 28
)

// statement is the text of a checkpoint (section 7 of the format).
type statement struct {
	origin     string
	size       uint64
	root, head digest
}

// readClaims reads the keys and every checkpoint at hand.
func (v *verifier) readClaims(o Options) error {
	beside, err := readSmall(v.dir, "key.pub")
	if err != nil {
		return err
	}
	if err := v.readKeys(o, beside); err != nil {
		return err
	}
	for i, b := range o.Checkpoints {
		from := fmt.Sprintf("checkpoint %d of those given", i+1)
		if err := v.claim(from, b); err != nil {
			return &finding{Tampered, Place{File: from, Reason: err.Error()}}
		}
	}
	own, err := readSmall(v.dir, "checkpoint")
	if err != nil {
		return err
	}
	if own != nil {
		if err := v.claim("the checkpoint of the directory", own); err != nil {
			return &finding{Tampered, Place{File: "checkpoint", Reason: err.Error()}}
		}
	}
	if beside != nil && len(o.Keys) > 0 && !isOneOf(string(beside), o.Keys) {
		return &finding{Tampered, Place{File: "key.pub", Reason: "not the key that was given"}}
	}
	return nil
}

// readKeys takes the keys that were given, else the one beside the checkpoint.
func (v *verifier) readKeys(o Options, beside []byte) error {
	texts := o.Keys
	if len(texts) == 0 && beside != nil {
		texts, v.keyBeside = []string{strings.TrimSuffix(string(beside), "\n")}, true
	}
	if len(texts) == 0 && len(o.Checkpoints) > 0 {
		return errors.New("no key to check a checkpoint with")
	}
	var list []note.Verifier
	for _, text := range texts {
		k, err := note.NewVerifier(strings.TrimSpace(text))
		if err != nil && v.keyBeside {
			return &finding{Tampered, Place{File: "key.pub", Reason: "not a verifier key"}}
		}
		if err != nil {
			return fmt.Errorf("key %q: %w", text, err)
		}
		list = append(list, k)
	}
	v.keys = note.VerifierList(list...)
	return nil
}

func isOneOf(line string, keys []string) bool {
	for _, k := range keys {
		if line == strings.TrimSpace(k)+"\n" {
			return true
		}
	}
	return false
}

// claim takes up a checkpoint after checking its signature.
func (v *verifier) claim(from string, b []byte) error {
	s, err := openNote(b, v.keys)
	if err != nil {
		return err
	}
	v.claims = append(v.claims, claim{s, from})
	if v.marks[s.size] == nil {
		v.marks[s.size] = &mark{}
	}
	return nil
}

// openNote checks the signature of a checkpoint and reads it.
func openNote(b []byte, keys note.Verifiers) (statement, error) {
	if len(b) > maxFile {
		return statement{}, errors.New("not a checkpoint")
	}
	n, err := note.Open(b, keys)
	if err != nil {
		return statement{}, fmt.Errorf("not a checkpoint signed by a known key: %w", err)
	}
	for _, sig := range slices.Concat(n.Sigs, n.UnverifiedSigs) {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return statement{}, errors.New("not a checkpoint: signature is not in its one form")
		}
	}
	return readStatement(n.Text)
}

func readStatement(text string) (statement, error) {
	var s statement
	rest, lines := text, [4]string{}
	for i := range lines {
		line, after, ok := strings.Cut(rest, "\n")
		if !ok {
			return s, errors.New("not a checkpoint: lines are missing")
		}
		lines[i], rest = line, after
	}
	if rest != "" || lines[0] == "" {
		return s, errors.New("not a checkpoint: too many lines")
	}
	size, err := strconv.ParseUint(lines[1], 10, 64)
	if err != nil || lines[1] != strconv.FormatUint(size, 10) {
		return s, errors.New("not a checkpoint: size")
	}
	head, ok := strings.CutPrefix(lines[3], "head ")
	if !ok {
		return s, errors.New("not a checkpoint: no head")
	}
	s.origin, s.size = lines[0], size
	for _, h := range []struct {
		to   *digest
		text string
	}{{&s.root, lines[2]}, {&s.head, head}} {
		b, err := base64.StdEncoding.Strict().DecodeString(h.text)
		if err != nil || len(b) != len(h.to) || base64.StdEncoding.EncodeToString(b) != h.text {
			return s, errors.New("not a checkpoint: hash")
		}
		*h.to = digest(b)
	}
	return s, nil
}

// readSmall reads a small file; nil: there is none.
func readSmall(dir fs.FS, name string) ([]byte, error) {
	f, err := dir.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	return b, nil
}
