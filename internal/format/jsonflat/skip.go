package jsonflat

// skip steps over a value without handing it over, however deep it is, and
// without recursion.
func (r *Reader) skip() bool {
	var open []byte // the closing bracket of each object and list around
	for {
		r.space()
		switch b := r.peek(); b {
		case '{', '[':
			r.i++
			open = append(open, b+2) // '{'+2 is '}', '['+2 is ']'
			r.space()
			if r.peek() == b+2 {
				break // it is empty: closed below
			}
			if b == '{' && !r.key() {
				return false
			}
			continue
		default:
			if !r.scalar() {
				return false
			}
		}
		again, ok := r.after(&open)
		if !ok || !again {
			return ok
		}
	}
}

// after steps over the brackets and the comma behind a value. again says that
// another value follows.
func (r *Reader) after(open *[]byte) (again, ok bool) {
	for {
		if len(*open) == 0 {
			return false, true
		}
		r.space()
		closing := (*open)[len(*open)-1]
		switch r.peek() {
		case closing:
			r.i++
			*open = (*open)[:len(*open)-1]
		case ',':
			r.i++
			if closing == '}' {
				r.space()
				return true, r.key()
			}
			return true, true
		default:
			return false, false
		}
	}
}

func (r *Reader) key() bool {
	if _, ok := r.str(); !ok {
		return false
	}
	r.space()
	if r.peek() != ':' {
		return false
	}
	r.i++
	return true
}

func (r *Reader) scalar() bool {
	switch b := r.peek(); {
	case b == '"':
		_, ok := r.str()
		return ok
	case b == '-' || b >= '0' && b <= '9':
		_, ok := r.number()
		return ok
	default:
		return r.word("true") || r.word("false") || r.word("null")
	}
}
