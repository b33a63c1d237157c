package backup

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/fengsui/fengsui/ledger"
)

// Format is the number of the format that this version writes and reads.
const Format = 1

// Why a backup is refused.
var (
	ErrFormat    = errors.New("this is no backup that this version can read")
	ErrDamaged   = errors.New("the backup is damaged")
	ErrSignature = errors.New("the backup was not signed by that key")
	ErrIdentity  = errors.New("no identity opens this backup: it was made for other recipients")
)

// Names of the table (docs/format/backup.md, section 2).
const (
	manifestName   = "manifest.json"
	signatureName  = "manifest.sig"
	formatName     = "format"
	signerName     = "keys/ledger.key"
	recordsName    = "records.db"
	keyName        = "ledger/key.pub"
	checkpointName = "ledger/checkpoint"
	ledgerFolder   = "ledger/"
)

// Limits of the table, in bytes and parts.
const (
	maxManifest = 32 << 20
	maxSmall    = 64 << 10
	maxLarge    = 1 << 40
	maxParts    = 100_000
)

var segmentName = regexp.MustCompile(`^ledger/seg-[0-9]{20}\.fsl$`)

// limit returns the most bytes that a part of this name may have. A name that is
// not in the table has none.
func limit(name string) (int64, bool) {
	switch name {
	case formatName:
		return 64, true
	case signerName, keyName, checkpointName:
		return maxSmall, true
	case recordsName:
		return maxLarge, true
	}
	return maxLarge, segmentName.MatchString(name)
}

// Manifest says what is in a backup.
type Manifest struct {
	Format  int       `json:"format"`
	Station string    `json:"station"` // version of the program that made it
	Created time.Time `json:"created"` // UTC, whole seconds
	Ledger  Point     `json:"ledger"`
	Parts   []Part    `json:"parts"` // ascending by name
}

// Point is where the ledger of a backup ends.
type Point struct {
	Size       uint64 `json:"size"`       // events
	Root       string `json:"root"`       // base64, as in a checkpoint; "" for no events
	Head       string `json:"head"`       // the same
	Checkpoint string `json:"checkpoint"` // the signed note that states it; "" for no events
}

// Part is one file of a backup.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // lower-case hexadecimal
}

// bytes returns the total size of the parts.
func (m *Manifest) bytes() int64 {
	var n int64
	for _, p := range m.Parts {
		n += p.Size
	}
	return n
}

// has reports whether there is a part of this name.
func (m *Manifest) has(name string) bool {
	_, ok := slices.BinarySearchFunc(m.Parts, name, func(p Part, name string) int { return cmp.Compare(p.Name, name) })
	return ok
}

// encode returns the one form of a manifest.
func (m *Manifest) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	return b.Bytes(), nil
}

// parseManifest reads the one form of a manifest. It fails with [ErrFormat] on a
// format it does not know and with [ErrDamaged] on everything that breaks a rule.
func parseManifest(b []byte) (*Manifest, error) {
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return nil, fmt.Errorf("manifest: %w: %w", ErrDamaged, err)
	}
	if version.Format != Format {
		return nil, fmt.Errorf("manifest: format %d: %w", version.Format, ErrFormat)
	}
	m := &Manifest{}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("manifest: %w: %w", ErrDamaged, err)
	}
	// Unknown, doubled and misspelt keys do not survive this.
	again, err := m.encode()
	if err != nil || !bytes.Equal(b, again) {
		return nil, fmt.Errorf("manifest: not in its one form: %w", ErrDamaged)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("manifest: %w: %w", ErrDamaged, err)
	}
	return m, nil
}

// check holds a manifest to the rules of the format.
func (m *Manifest) check() error {
	if len(m.Parts) > maxParts {
		return fmt.Errorf("%d parts", len(m.Parts))
	}
	for i, p := range m.Parts {
		if err := p.check(); err != nil {
			return err
		}
		if i > 0 && m.Parts[i-1].Name >= p.Name {
			return fmt.Errorf("part %s is there twice or out of order", p.Name)
		}
	}
	for _, name := range []string{formatName, recordsName, keyName} {
		if !m.has(name) {
			return fmt.Errorf("part %s is missing", name)
		}
	}
	return m.checkLedger()
}

func (p Part) check() error {
	most, known := limit(p.Name)
	sum, err := hex.DecodeString(p.SHA256)
	switch {
	case !known:
		return fmt.Errorf("a part is named %q", p.Name)
	case p.Size < 0 || p.Size > most:
		return fmt.Errorf("part %s has %d bytes", p.Name, p.Size)
	case err != nil || len(sum) != sha256.Size || strings.ToLower(p.SHA256) != p.SHA256:
		return fmt.Errorf("part %s has no hash", p.Name)
	}
	return nil
}

func (m *Manifest) checkLedger() error {
	segments := slices.ContainsFunc(m.Parts, func(p Part) bool { return segmentName.MatchString(p.Name) })
	if m.Ledger.Size == 0 {
		if m.Ledger != (Point{}) || segments || m.has(checkpointName) {
			return errors.New("there are no events and yet a ledger")
		}
		return nil
	}
	if !segments || !m.has(checkpointName) {
		return errors.New("there are events and no ledger")
	}
	c, err := ledger.ParseCheckpoint([]byte(m.Ledger.Checkpoint), nil)
	if err != nil {
		return err
	}
	if pointOf(c) != m.Ledger {
		return errors.New("the checkpoint speaks of another ledger")
	}
	return nil
}

func pointOf(c ledger.Checkpoint) Point {
	return Point{
		Size: c.Size, Root: base64.StdEncoding.EncodeToString(c.Root[:]), Head: base64.StdEncoding.EncodeToString(c.Head[:]),
		Checkpoint: string(c.Note),
	}
}

// statement is the text that is signed for a manifest.
func statement(manifest []byte) string {
	sum := sha256.Sum256(manifest)
	return "fengsui.backup.v1\n" + base64.StdEncoding.EncodeToString(sum[:]) + "\n"
}

// sign returns the signed note for a manifest.
func sign(manifest []byte, s note.Signer) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: statement(manifest)}, s)
	if err != nil {
		return nil, fmt.Errorf("sign manifest: %w", err)
	}
	return signed, nil
}

// checkSignature fails with [ErrSignature] unless key signed this manifest.
func checkSignature(manifest, signed []byte, key note.Verifier) error {
	n, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if n.Text != statement(manifest) {
		return fmt.Errorf("%w: the signature is of another manifest", ErrSignature)
	}
	return nil
}
