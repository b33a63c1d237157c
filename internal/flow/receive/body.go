package receive

import (
	"bufio"
	"cmp"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/fengsui/fengsui/internal/platform/problem"
)

// What can be wrong with the body of a request. Nothing of such a request is kept.
var (
	ErrEncoding = problem.New(problem.Unsupported, "ingest.encoding", "the Content-Encoding is none of gzip, deflate, zstd, identity")
	ErrTooLarge = problem.New(problem.TooLarge, "ingest.body_too_large", "the body is larger than the limit")
	ErrBomb     = problem.New(problem.TooLarge, "ingest.body_ratio", "the body grows too much when it is decompressed")
	ErrCut      = problem.New(problem.BadRequest, "ingest.body_cut", "the body ended before its end")
	ErrCorrupt  = problem.New(problem.BadRequest, "ingest.body_corrupt", "the compressed body cannot be read")
	ErrNoRoom   = problem.New(problem.TooMany, "ingest.busy", "the station holds as many bodies as it can at this moment")
)

// BodyLimits bound what one request may bring. A zero field means its default.
type BodyLimits struct {
	MaxEncoded int64 // bytes on the wire; default 32 MiB
	MaxDecoded int64 // bytes after decompression; default 64 MiB
	MaxRatio   int64 // decoded bytes for each encoded byte, looked at from 4 MiB decoded on; default 250
}

// ratioFrom is how much a body may grow to before its ratio is looked at: short
// bodies of equal lines compress to next to nothing, and do no harm.
const ratioFrom = 4 << 20

func (l BodyLimits) filled() BodyLimits {
	l.MaxEncoded = cmp.Or(l.MaxEncoded, 32<<20)
	l.MaxDecoded = cmp.Or(l.MaxDecoded, 64<<20)
	l.MaxRatio = cmp.Or(l.MaxRatio, 250)
	return l
}

// Body is the decoded body of a request, read within limits.
//
// Read ends with io.EOF only when the whole body has come, as its Content-Length
// or its chunks promise, and nothing follows the compressed stream. Every other
// end is one of this package's problems.
type Body struct {
	limits  BodyLimits
	wire    wireReader
	decoded io.Reader
	rest    io.Reader // what the decoder has not taken
	free    func()    // gives the decoder back; nil when there is none
	n       int64     // decoded bytes so far
	err     error
}

// Open returns the body of r. It fails with [ErrEncoding] or [ErrTooLarge]
// before a byte is read, or with what the first bytes show. The caller closes it.
func (bg *Budget) Open(r *http.Request, limits BodyLimits) (*Body, error) {
	b := &Body{limits: limits.filled()}
	if r.ContentLength > b.limits.MaxEncoded {
		return nil, ErrTooLarge.Detailf("the limit is %d bytes", b.limits.MaxEncoded)
	}
	b.wire = wireReader{r: r.Body, left: b.limits.MaxEncoded}
	b.rest = &b.wire
	if err := b.open(&bg.decoders, strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))); err != nil {
		return nil, err
	}
	return b, nil
}

// open puts the decoder of the encoding before the wire.
func (b *Body) open(pools *decoders, encoding string) error { //nolint:cyclop // a list of cases reads best in one place
	switch encoding {
	case "", "identity":
		b.decoded = &b.wire
	case "gzip", "x-gzip":
		z, _ := pools.gzip.Get().(*gzip.Reader)
		if z == nil {
			z = new(gzip.Reader)
		}
		b.free = func() { pools.gzip.Put(z) }
		if err := z.Reset(&b.wire); err != nil {
			return b.opened(err)
		}
		b.decoded = z
	case "deflate":
		br := bufio.NewReader(&b.wire)
		b.rest = br
		// RFC 9110 means zlib (8.4.1.2); some senders send the bare stream.
		head, err := br.Peek(2)
		switch {
		case err == nil && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0:
			z, err := zlib.NewReader(br)
			if err != nil {
				return b.opened(err)
			}
			b.decoded = z
		default:
			b.decoded = flate.NewReader(br)
		}
	case "zstd":
		z, _ := pools.zstd.Get().(*zstd.Decoder)
		if z == nil {
			var err error
			z, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderMaxMemory(zstdMemory))
			if err != nil {
				return b.opened(err)
			}
		}
		b.free = func() {
			if z.Reset(nil) == nil { // lets go of the request
				pools.zstd.Put(z)
			}
		}
		if err := z.Reset(&b.wire); err != nil {
			return b.opened(err)
		}
		b.decoded = z
	default:
		return ErrEncoding
	}
	return nil
}

const (
	zstdWindow = 8 << 20  // largest window a sender may ask for, RFC 9659
	zstdMemory = 64 << 20 // largest single block of memory of a decoder
)

// decoders wait for their next request.
type decoders struct{ gzip, zstd sync.Pool }

// opened turns the error of a decoder's start into a problem. An empty body is
// an empty stream to no decoder, so that it counts as cut.
func (b *Body) opened(err error) error {
	if errors.Is(err, io.EOF) && b.wire.err == nil {
		err = io.ErrUnexpectedEOF
	}
	err = b.seen(err)
	b.Close()
	return err
}

// Read reads decoded bytes.
func (b *Body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.decoded.Read(p)
	b.n += int64(n)
	switch {
	case b.n > b.limits.MaxDecoded:
		err = ErrTooLarge.Detailf("the limit is %d bytes after decompression", b.limits.MaxDecoded)
	case b.n > ratioFrom && b.n > b.limits.MaxRatio*b.wire.n:
		err = ErrBomb.Detailf("the limit is %d to 1", b.limits.MaxRatio)
	case errors.Is(err, io.EOF):
		err = b.end()
	case err != nil:
		err = b.seen(err)
	}
	b.err = err
	return n, err
}

// end sees to it that nothing is left on the wire when the decoder has finished.
func (b *Body) end() error {
	var one [1]byte
	switch n, err := io.ReadFull(b.rest, one[:]); {
	case n > 0:
		return ErrCorrupt
	case errors.Is(err, io.EOF):
		return io.EOF
	default:
		return b.seen(err)
	}
}

// seen returns the problem behind an error of the decoder or the wire.
func (b *Body) seen(err error) error {
	switch {
	case b.wire.over:
		return ErrTooLarge.Detailf("the limit is %d bytes", b.limits.MaxEncoded)
	case b.wire.err != nil && !errors.Is(b.wire.err, io.EOF):
		return ErrCut
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ErrCut
	default:
		return ErrCorrupt
	}
}

// Encoded returns how many bytes came over the wire so far.
func (b *Body) Encoded() int64 { return b.wire.n }

// Close gives the decoder back. The request's own body stays for net/http.
func (b *Body) Close() {
	if b.free != nil {
		b.free()
		b.free = nil
	}
	b.err = cmp.Or(b.err, io.ErrClosedPipe)
}

// wireReader counts what comes and stops at the limit.
type wireReader struct {
	r    io.Reader
	n    int64 // bytes read
	left int64 // bytes still allowed
	over bool  // there was more than allowed
	err  error // what ended the stream, io.EOF included
}

func (w *wireReader) Read(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if int64(len(p)) > w.left+1 {
		p = p[:w.left+1] // one more byte shows whether there is more
	}
	n, err := w.r.Read(p)
	if int64(n) > w.left {
		n, w.over = int(w.left), true
		err = ErrTooLarge
	}
	w.n += int64(n)
	w.left -= int64(n)
	w.err = err
	return n, err
}
