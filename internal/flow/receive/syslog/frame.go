package syslog

import "bytes"

// verdict says what a framer found at the beginning of its bytes.
type verdict uint8

const (
	more    verdict = iota // no whole message yet
	whole                  // a message
	tooLong                // the beginning of a message beyond the limit; the rest is passed over
	broken                 // a count that nobody means; the stream is of no further use
)

const (
	// countDigits is how long a count may be. More digits are text.
	countDigits = 9
	// maxPassed is the largest counted message that is passed over. A count beyond
	// it would swallow the sender's next messages for a long time.
	maxPassed = 16 << 20
)

// framer cuts a stream into messages. The two framings of RFC 6587 are told
// apart per message:
//
//   - Octet counting (3.4.1): a number without leading zeros, a space, and the
//     message, which begins with `<`. Once one message came counted, the next may
//     begin with anything.
//   - Otherwise a line that ends with LF, CR LF or NUL (3.4.2). Empty lines are
//     passed over.
//
// The same bytes give the same messages however they are cut into pieces.
type framer struct {
	max      int
	counted  bool // the last message was counted
	skip     int  // bytes of a counted message still to be passed over
	skipLine bool // in the rest of a line that is too long
	seen     int  // bytes of an unfinished line that hold no end
}

// next looks at b, which continues what earlier calls did not consume. It
// returns how many bytes are done with and, for whole, the message, which
// aliases b. After more it waits for b to grow.
func (f *framer) next(b []byte) (msg []byte, n int, v verdict) {
	for {
		switch {
		case f.skip > 0:
			k := min(f.skip, len(b)-n)
			f.skip -= k
			n += k
			if f.skip > 0 {
				return nil, n, more
			}
		case f.skipLine:
			k := lineEnd(b[n:])
			if k < 0 {
				return nil, len(b), more
			}
			f.skipLine = false
			n += k + 1
		}
		if f.seen == 0 {
			for n < len(b) && isGap(b[n]) {
				n++
			}
		}
		if n == len(b) {
			return nil, n, more
		}
		size, head, ok := f.count(b[n:])
		if !ok {
			return nil, n, more
		}
		if head == 0 {
			msg, k, v := f.line(b[n:])
			if v == whole && len(msg) == 0 {
				n += k
				continue
			}
			return msg, n + k, v
		}
		msg, k, v := f.take(b[n:], size, head)
		return msg, n + k, v
	}
}

// isGap reports whether c may stand between messages: what is left of line ends.
func isGap(c byte) bool { return c == '\n' || c == '\r' || c == 0 }

// count reads the head of a counted message: head is the length of number and
// space, 0 when this is no counted message. ok is false when more bytes decide.
func (f *framer) count(b []byte) (size, head int, ok bool) {
	if f.seen > 0 || b[0] < '1' || b[0] > '9' {
		return 0, 0, true
	}
	i := 0
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		if i == countDigits {
			return 0, 0, true
		}
		size = size*10 + int(b[i]-'0')
		i++
	}
	switch {
	case i == len(b):
		return 0, 0, false
	case b[i] != ' ':
		return 0, 0, true
	case f.counted:
		return size, i + 1, true
	case i+1 == len(b):
		return 0, 0, false
	case b[i+1] == '<':
		return size, i + 1, true
	}
	return 0, 0, true
}

// take takes a counted message.
func (f *framer) take(b []byte, size, head int) (msg []byte, n int, v verdict) {
	switch {
	case size > max(f.max, maxPassed):
		return nil, 0, broken
	case size > f.max:
		f.counted, f.skip = true, size
		return nil, head, tooLong
	case len(b) < head+size:
		return nil, 0, more
	}
	f.counted = true
	return b[head : head+size], head + size, whole
}

// line takes a message that ends with a line end.
func (f *framer) line(b []byte) (msg []byte, n int, v verdict) {
	k := lineEnd(b[f.seen:])
	switch {
	case k < 0 && len(b) <= f.max+1: // one more may be the CR
		f.seen = len(b)
		return nil, 0, more
	case k < 0:
		f.counted, f.seen, f.skipLine = false, 0, true
		return nil, len(b), tooLong
	}
	k += f.seen
	f.counted, f.seen = false, 0
	msg = b[:k]
	if b[k] == '\n' && k > 0 && b[k-1] == '\r' {
		msg = b[:k-1]
	}
	if len(msg) > f.max {
		return nil, k + 1, tooLong
	}
	return msg, k + 1, whole
}

// lineEnd returns the index of the first LF or NUL, or -1.
func lineEnd(b []byte) int {
	lf := bytes.IndexByte(b, '\n')
	head := b
	if lf >= 0 {
		head = b[:lf]
	}
	if nul := bytes.IndexByte(head, 0); nul >= 0 {
		return nul
	}
	return lf
}

// torn reports whether the stream ended inside a message that was not counted
// as too long; rest is what next did not consume.
func (f *framer) torn(rest []byte) bool { return len(rest) > 0 && f.skip == 0 && !f.skipLine }
