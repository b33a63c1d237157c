package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"github.com/fengsui/fengsui/internal/backup"
	"github.com/fengsui/fengsui/internal/backup/records"
)

// Backup is `fengsui backup`.
type Backup struct {
	Make   BackupMake   `cmd:"" default:"withargs" help:"Make an encrypted, signed file of a station, which may run"`
	Keygen BackupKeygen `cmd:"" help:"Make an age identity that can read backups"`
}

// BackupMake is `fengsui backup --data DIR --recipient AGEKEY… --out FILE`.
type BackupMake struct {
	Data       string        `required:"" help:"Folder of the station's data" type:"path"`
	Recipient  []string      `required:"" help:"Public age key that can read the backup, age1…; at least two" sep:"," placeholder:"AGEKEY"`
	Out        string        `required:"" help:"File to make" type:"path"`
	One        bool          `name:"allow-one-recipient" help:"One recipient will do; when its identity is lost the backup is too"`
	WithoutKey bool          `help:"Leave out the key that signs the ledger's checkpoints"`
	Wait       time.Duration `default:"1m" help:"How long the station may take to sign what the backup covers"`
}

// madeBackup is what `backup` prints.
type madeBackup struct {
	File       string `json:"file"`
	Bytes      int64  `json:"bytes"` // of the file
	Parts      int    `json:"parts"`
	Events     uint64 `json:"events"`
	Root       string `json:"root"`       // base64, as in a checkpoint
	Checkpoint string `json:"checkpoint"` // the signed note the ledger of the backup ends with
	Created    string `json:"created"`
}

// Run makes the file and prints one object.
func (c *BackupMake) Run(out Output) error {
	to, err := backup.ParseRecipients(c.Recipient)
	if err != nil {
		return err
	}
	ctx, stop := untilStopped()
	defer stop()
	r, err := backup.Create(ctx, backup.Options{
		Data: c.Data, Out: c.Out, Recipients: to, OneRecipient: c.One, WithoutKey: c.WithoutKey,
		Version: out.Version, Now: out.Now, Records: records.Copy, Wait: c.Wait,
	})
	if err != nil {
		return err
	}
	for _, n := range r.Notes {
		out.note("backup %s: %s", c.Data, n)
	}
	m := r.Manifest
	return out.line(madeBackup{
		c.Out, r.Bytes, len(m.Parts), m.Ledger.Size, m.Ledger.Root, m.Ledger.Checkpoint, m.Created.Format(time.RFC3339),
	})
}

// BackupKeygen is `fengsui backup keygen`.
type BackupKeygen struct {
	Out string `required:"" help:"File to make, which holds the secret; readable by its owner only" type:"path"`
}

// Run makes the file and prints the public key. The secret is never printed.
func (c *BackupKeygen) Run(out Output) error {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make an identity: %w", err)
	}
	f, err := os.OpenFile(filepath.Clean(c.Out), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make an identity: %w", err)
	}
	_, err = fmt.Fprintf(f, "# public key: %s\n%s\n", id.Recipient(), id)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("store the identity: %w", err)
	}
	return out.line(struct {
		Recipient string `json:"recipient"`
		File      string `json:"file"`
	}{id.Recipient().String(), c.Out})
}

// Restore is `fengsui restore --data NEWDIR --identity KEYFILE FILE`.
type Restore struct {
	Data         string   `required:"" help:"Folder to make; it must be empty or missing" type:"path"`
	Identity     []string `required:"" help:"File with an age identity; may be given several times" type:"existingfile" sep:"none" placeholder:"KEYFILE"`
	Key          string   `help:"File with the ledger's verifier key, kept elsewhere; without it the key inside the backup is believed" type:"existingfile"`
	AllowDamaged bool     `help:"Restore a ledger that was damaged when the backup was made"`
	File         string   `arg:"" help:"The backup; - reads standard input"`
}

// restored is what `restore` prints.
type restored struct {
	Events     uint64 `json:"events"`
	Root       string `json:"root"`
	Checkpoint string `json:"checkpoint"`
	Files      int    `json:"files"`
	Bytes      int64  `json:"bytes"` // of the files
}

// Run makes the folder and prints one object. It ends with Found when the ledger
// was damaged and that was allowed.
func (c *Restore) Run(out Output) error {
	o := backup.RestoreOptions{Data: c.Data, AllowDamaged: c.AllowDamaged, Records: records.Check}
	for _, name := range c.Identity {
		ids, err := identities(name)
		if err != nil {
			return err
		}
		o.Identities = append(o.Identities, ids...)
	}
	if c.Key != "" {
		key, err := os.ReadFile(c.Key)
		if err != nil {
			return fmt.Errorf("read key: %w", err)
		}
		o.Key = string(key)
	}
	var in io.Reader = os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("open backup: %w", err)
		}
		defer func() { _ = f.Close() }() // read only
		in = f
	}
	ctx, stop := untilStopped()
	defer stop()
	r, err := backup.Restore(ctx, in, o)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if r.KeyBeside {
		out.note("restore %s: the key was found inside the backup: whoever knows its recipients could have made it; give --key with one kept elsewhere", c.File)
	}
	m := r.Manifest
	if err := out.line(restored{m.Ledger.Size, m.Ledger.Root, m.Ledger.Checkpoint, r.Files, r.Bytes}); err != nil {
		return err
	}
	if r.Damage != "" {
		return Found{"the restored ledger is damaged: " + r.Damage}
	}
	return nil
}

func identities(name string) ([]age.Identity, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open identity: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	ids, err := backup.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("read identity %s: %w", name, err)
	}
	return ids, nil
}
