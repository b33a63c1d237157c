package hunt

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// decompress looks at the first bytes and puts a decoder before r where one is
// needed.
func decompress(r io.Reader) (io.ReadCloser, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	head, err := br.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzip.NewReader(br)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	default:
		return io.NopCloser(br), nil
	}
}

// records calls fn for each record. raw is valid during fn.
func records(r io.Reader, limit int, fn func(raw []byte) error) error {
	br := bufio.NewReaderSize(r, 1<<16)
	if err := skipMark(br); err != nil {
		return err
	}
	first, err := firstByte(br)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	switch first {
	case '[':
		if looksLikeArray(br) {
			return array(br, limit, fn)
		}
	case '{':
		if !wholeObjectOnLine(br) {
			return objects(br, limit, fn)
		}
	}
	return lines(br, limit, fn)
}

// skipMark steps over a UTF-8 byte order mark.
func skipMark(br *bufio.Reader) error {
	if head, err := br.Peek(3); err == nil && bytes.Equal(head, []byte{0xef, 0xbb, 0xbf}) {
		_, err := br.Discard(3)
		return err
	}
	return nil
}

// firstByte returns the first byte that is no white space, without taking it.
func firstByte(br *bufio.Reader) (byte, error) {
	for {
		b, err := br.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return b, br.UnreadByte()
		}
	}
}

// looksLikeArray tells a JSON array of objects from a line that begins with a
// bracket, as many logs do.
func looksLikeArray(br *bufio.Reader) bool {
	head, _ := br.Peek(br.Size()) // fewer bytes than asked for are good
	head = bytes.TrimLeft(head[1:], " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == ']')
}

// wholeObjectOnLine reports whether the first line is a JSON object by itself,
// or too long to tell.
func wholeObjectOnLine(br *bufio.Reader) bool {
	head, _ := br.Peek(br.Size())
	line, _, found := bytes.Cut(head, []byte{'\n'})
	if !found && len(head) == br.Size() {
		return !bytes.HasPrefix(bytes.TrimLeft(line[1:], " \t\r"), []byte(`"Records"`))
	}
	return json.Valid(line) && !bytes.HasPrefix(bytes.TrimLeft(line[1:], " \t\r"), []byte(`"Records"`))
}

// array reads the elements of a JSON array.
func array(r io.Reader, limit int, fn func([]byte) error) error {
	dec := json.NewDecoder(r)
	if _, err := dec.Token(); err != nil {
		return err
	}
	return elements(dec, limit, fn)
}

func elements(dec *json.Decoder, limit int, fn func([]byte) error) error {
	for dec.More() {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		if len(raw) > limit {
			return fmt.Errorf("record of %d bytes, limit %d", len(raw), limit)
		}
		if err := fn(raw); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// objects reads JSON objects one after the other. One with an array "Records", as
// cloud services deliver them, stands for its elements.
func objects(r io.Reader, limit int, fn func([]byte) error) error {
	dec := json.NewDecoder(r)
	for {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var bundle struct{ Records []json.RawMessage }
		if json.Unmarshal(raw, &bundle) == nil && bundle.Records != nil {
			for _, one := range bundle.Records {
				if err := fn(one); err != nil {
					return err
				}
			}
			continue
		}
		if len(raw) > limit {
			return fmt.Errorf("record of %d bytes, limit %d", len(raw), limit)
		}
		if err := fn(raw); err != nil {
			return err
		}
	}
}

// lines reads lines; empty ones are no records.
func lines(br *bufio.Reader, limit int, fn func([]byte) error) error {
	var long []byte
	for {
		part, err := br.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if len(long)+len(part) > limit {
				return fmt.Errorf("line of more than %d bytes", limit)
			}
			long = append(long, part...)
			continue
		}
		line := part
		if len(long) > 0 {
			long = append(long, part...)
			line = long
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(bytes.TrimSpace(line)) > 0 {
			if err := fn(line); err != nil {
				return err
			}
		}
		long = long[:0]
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
