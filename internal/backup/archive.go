package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

const (
	window    = 8 << 20 // largest zstd window, in bytes
	slack     = 16 << 20
	ratio     = 200 // largest growth of an archive beyond slack
	chunkSize = 256 << 10
)

// packer writes the layers of a backup.
type packer struct {
	ctx  context.Context //nolint:containedctx // a packer lives for one call
	seal io.WriteCloser
	zip  *zstd.Encoder
	tar  *tar.Writer
	at   time.Time
	buf  []byte
}

func newPacker(ctx context.Context, w io.Writer, at time.Time, to []age.Recipient) (*packer, error) {
	seal, err := age.Encrypt(w, to...)
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	zip, err := zstd.NewWriter(seal, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window))
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return &packer{ctx: ctx, seal: seal, zip: zip, tar: tar.NewWriter(zip), at: at, buf: make([]byte, chunkSize)}, nil
}

// add writes an entry of exactly size bytes and returns their hash.
func (p *packer) add(name string, size int64, r io.Reader) (string, error) {
	err := p.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: p.at})
	if err != nil {
		return "", fmt.Errorf("pack %s: %w", name, err)
	}
	sum, err := digest(p.ctx, p.tar, io.LimitReader(r, size), p.buf)
	if err != nil {
		return "", fmt.Errorf("pack %s: %w", name, err)
	}
	return sum, nil
}

// close ends the layers from the inside.
func (p *packer) close() error {
	for _, c := range []io.Closer{p.tar, p.zip, p.seal} {
		if err := c.Close(); err != nil {
			return fmt.Errorf("end the backup: %w", err)
		}
	}
	return nil
}

// abandon releases what the layers hold after an error.
func (p *packer) abandon() { _ = p.zip.Close() } // what it wrote is thrown away

// digest copies r to w until its end and returns the hash of what it copied. It
// stops when ctx ends.
func digest(ctx context.Context, w io.Writer, r io.Reader, buf []byte) (string, error) {
	h := sha256.New()
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := r.Read(buf)
		if n > 0 {
			_, _ = h.Write(buf[:n]) // a hash takes everything
			if _, err := w.Write(buf[:n]); err != nil {
				return "", err
			}
		}
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}

// unpacker reads the layers of a backup and lets nothing pass that breaks a rule
// of the format.
type unpacker struct {
	zip *zstd.Decoder // nil: there is no such layer
	out *bounded
	tar *tar.Reader
	buf []byte
}

// newUnpacker begins to read. It fails with [ErrIdentity] when no identity opens
// the file and with [ErrFormat] when it is none of ours. The caller closes it.
func newUnpacker(r io.Reader, ids []age.Identity) (*unpacker, error) {
	in := &counted{r: r}
	plain, err := age.Decrypt(in, ids...)
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other):
		return nil, ErrIdentity
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return newPlainUnpacker(plain, in)
}

// newPlainUnpacker reads the layers below the encryption; in counts what was read
// of the file.
func newPlainUnpacker(plain io.Reader, in *counted) (*unpacker, error) {
	zip, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	u := newTarUnpacker(zip, in)
	u.zip = zip
	return u, nil
}

// newTarUnpacker reads the innermost layer.
func newTarUnpacker(r io.Reader, in *counted) *unpacker {
	out := &bounded{r: r, in: in}
	return &unpacker{out: out, tar: tar.NewReader(out), buf: make([]byte, chunkSize)}
}

func (u *unpacker) close() {
	if u.zip != nil {
		u.zip.Close()
	}
}

// next begins the next entry, which must be this one. size < 0: any up to most.
func (u *unpacker) next(name string, size, most int64) (int64, error) {
	h, err := u.tar.Next()
	switch {
	case errors.Is(err, io.EOF):
		return 0, fmt.Errorf("%w: it ends before %s", ErrDamaged, name)
	case err != nil:
		return 0, fmt.Errorf("%w: before %s: %w", ErrDamaged, name, err)
	case h.Name != name:
		return 0, fmt.Errorf("%w: entry %q stands where %s belongs", ErrDamaged, h.Name, name)
	case h.Typeflag != tar.TypeReg || h.Linkname != "":
		return 0, fmt.Errorf("%w: entry %s is no regular file", ErrDamaged, name)
	case h.Size > most || size >= 0 && h.Size != size:
		return 0, fmt.Errorf("%w: entry %s has %d bytes", ErrDamaged, name, h.Size)
	}
	for key := range h.PAXRecords {
		if key != "size" {
			return 0, fmt.Errorf("%w: entry %s bears %q", ErrDamaged, name, key)
		}
	}
	return h.Size, nil
}

// small reads a whole entry of at most most bytes.
func (u *unpacker) small(name string, most int64) ([]byte, error) {
	n, err := u.next(name, -1, most)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, min(n, chunkSize)) // what is claimed is not believed before it comes
	for {
		k, err := u.tar.Read(u.buf)
		b = append(b, u.buf[:k]...)
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
		}
	}
}

// manifest reads the first two entries. It fails with [ErrFormat] or [ErrDamaged];
// the signature is the caller's to check.
func (u *unpacker) manifest() (m *Manifest, text, signed []byte, err error) {
	if text, err = u.small(manifestName, maxManifest); err != nil {
		return nil, nil, nil, err
	}
	if signed, err = u.small(signatureName, maxSmall); err != nil {
		return nil, nil, nil, err
	}
	m, err = parseManifest(text)
	return m, text, signed, err
}

// part copies the next entry, which must be this part, to w.
func (u *unpacker) part(ctx context.Context, p Part, w io.Writer) error {
	if _, err := u.next(p.Name, p.Size, maxLarge); err != nil {
		return err
	}
	keep := &remembering{w: w}
	sum, err := digest(ctx, keep, u.tar, u.buf)
	switch {
	case keep.err != nil:
		return fmt.Errorf("write %s: %w", p.Name, keep.err)
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w: %s: %w", ErrDamaged, p.Name, err)
	case sum != p.SHA256:
		return fmt.Errorf("%w: %s has another hash than the manifest says", ErrDamaged, p.Name)
	}
	return nil
}

// end checks that nothing follows, down to the last byte of the file.
func (u *unpacker) end() error {
	h, err := u.tar.Next()
	if err == nil {
		return fmt.Errorf("%w: entry %q is not in the manifest", ErrDamaged, h.Name)
	}
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: at its end: %w", ErrDamaged, err)
	}
	n, err := io.Copy(io.Discard, u.out)
	if err != nil {
		return fmt.Errorf("%w: at its end: %w", ErrDamaged, err)
	}
	if n > 0 {
		return fmt.Errorf("%w: %d bytes follow its end", ErrDamaged, n)
	}
	return nil
}

// remembering keeps the error of its writer, to tell it from one of the backup.
type remembering struct {
	w   io.Writer
	err error
}

func (r *remembering) Write(p []byte) (int, error) {
	n, err := r.w.Write(p)
	if err != nil {
		r.err = err
	}
	return n, err
}

// counted counts what was read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded stops an archive that grows beyond the ratio.
type bounded struct {
	r  io.Reader
	in *counted
	n  int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	if b.n > slack+ratio*b.in.n {
		return n, fmt.Errorf("it grows to more than %d times its size", ratio)
	}
	return n, err
}
