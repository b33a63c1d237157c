package sigma

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// Bounds of one regular expression.
const (
	maxRegexBytes = 8 << 10
	maxRegexSize  = 20_000 // instructions, counted before repetitions are unrolled
)

// regexFlags are the sub-modifiers of re.
type regexFlags struct{ insensitive, multiLine, dotAll bool }

// compileRegex compiles a PCRE pattern for RE2. Where the two read the same text
// differently the pattern is rewritten: `$` also matches before a last line
// break, `\s` holds the vertical tab, `\h`, `\e`, `\Z` and `\R` exist. The error
// wraps [ErrUnsupported] when the pattern uses what only PCRE can do.
func compileRegex(text string, flags regexFlags) (*regexp.Regexp, error) {
	if len(text) > maxRegexBytes {
		return nil, fmt.Errorf("%w: regular expression is longer than %d bytes", ErrUnsupported, maxRegexBytes)
	}
	prefix := ""
	if flags.insensitive {
		prefix += "i"
	}
	if flags.multiLine {
		prefix += "m"
	}
	if flags.dotAll {
		prefix += "s"
	}
	if prefix != "" {
		prefix = "(?" + prefix + ")"
	}
	expr, err := translate(text, flags.multiLine)
	if err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(prefix+expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("regular expression: %w", regexError(err))
	}
	if size(tree) > maxRegexSize {
		return nil, fmt.Errorf("%w: regular expression is too large", ErrUnsupported)
	}
	re, err := regexp.Compile(prefix + expr)
	if err != nil {
		return nil, fmt.Errorf("regular expression: %w", err)
	}
	return re, nil
}

// regexError tells a limit of RE2 from a broken pattern.
func regexError(err error) error {
	se, ok := err.(*syntax.Error) //nolint:errorlint // syntax.Parse returns exactly this type
	if !ok {
		return err
	}
	switch se.Code {
	case syntax.ErrLarge, syntax.ErrNestingDepth, syntax.ErrInvalidRepeatSize:
		return fmt.Errorf("%w: %s", ErrUnsupported, se.Error())
	default:
		return err
	}
}

// size estimates the instructions of a pattern with repetitions unrolled.
func size(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)/2
	for _, sub := range re.Sub {
		n += size(sub)
	}
	if re.Op == syntax.OpRepeat {
		times := max(re.Max, re.Min, 1)
		n *= times
	}
	return min(n, 1<<30)
}

// translator rewrites PCRE to RE2, character by character.
type translator struct {
	in        string
	pos       int
	multiLine bool
	out       strings.Builder
}

func translate(text string, multiLine bool) (string, error) {
	t := &translator{in: text, multiLine: multiLine || inlineMultiLine(text)}
	for t.pos < len(t.in) {
		if err := t.step(); err != nil {
			return "", err
		}
	}
	return t.out.String(), nil
}

// inlineMultiLine reports whether a flag group such as (?im) asks for multi-line.
func inlineMultiLine(text string) bool {
	for rest := text; ; {
		i := strings.Index(rest, "(?")
		if i < 0 {
			return false
		}
		rest = rest[i+2:]
		flags := rest[:len(rest)-len(strings.TrimLeft(rest, "imsU"))]
		if strings.Contains(flags, "m") {
			return true
		}
	}
}

func (t *translator) keep(n int) {
	n = min(n, len(t.in)-t.pos)
	t.out.WriteString(t.in[t.pos : t.pos+n])
	t.pos += n
}

func (t *translator) step() error {
	rest := t.in[t.pos:]
	switch rest[0] {
	case '\\':
		return t.escape(false)
	case '[':
		return t.class()
	case '$':
		t.pos++
		if t.multiLine {
			t.out.WriteByte('$')
		} else {
			t.out.WriteString(`(?:\n?\z)`)
		}
		return nil
	case '(':
		return t.group(rest)
	case '+', '*', '?', '}':
		if len(rest) > 1 && rest[1] == '+' && t.pos > 0 {
			return fmt.Errorf("%w: regular expression: possessive quantifier %q", ErrUnsupported, rest[:2])
		}
	}
	t.keep(1)
	return nil
}

// group refuses the groups that RE2 lacks.
func (t *translator) group(rest string) error {
	for _, g := range []struct{ open, name string }{
		{"(?=", "look-ahead"},
		{"(?!", "look-ahead"},
		{"(?<=", "look-behind"},
		{"(?<!", "look-behind"},
		{"(?>", "atomic group"},
		{"(?|", "branch reset"},
		{"(?(", "conditional group"},
		{"(?R)", "recursion"},
		{"(?#", "comment"},
		{"(?&", "recursion"},
		{"(?P=", "back reference"},
		{"(?P>", "recursion"},
		{"(*", "backtracking verb"},
	} {
		if strings.HasPrefix(rest, g.open) {
			return fmt.Errorf("%w: regular expression: %s %s", ErrUnsupported, g.name, g.open)
		}
	}
	if strings.HasPrefix(rest, "(?") {
		flags, _, _ := strings.Cut(rest[2:], ")")
		flags, _, _ = strings.Cut(flags, ":")
		if strings.Contains(flags, "x") && strings.Trim(flags, "imsxnU-") == "" {
			return fmt.Errorf("%w: regular expression: extended syntax (?x)", ErrUnsupported)
		}
	}
	t.keep(1)
	return nil
}

// escape rewrites one backslash sequence.
func (t *translator) escape(inClass bool) error { //nolint:cyclop // a list of cases reads best in one place
	if t.pos+1 >= len(t.in) {
		t.keep(1)
		return nil
	}
	c := t.in[t.pos+1]
	put := func(s string) {
		t.out.WriteString(s)
		t.pos += 2
	}
	switch {
	case c == 's' && inClass:
		put(`\s\x0b`)
	case c == 's':
		put(`[\s\x0b]`)
	case c == 'S' && !inClass:
		put(`[^\s\x0b]`)
	case c == 'h' && inClass:
		put(`\t \x{a0}`)
	case c == 'h':
		put(`[\t \x{a0}]`)
	case c == 'e':
		put(`\x1b`)
	case c == 'Z' && !inClass:
		put(`(?:\n?\z)`)
	case c == 'R' && !inClass:
		put(`(?:\r\n|[\n\x0b\f\r\x{85}\x{2028}\x{2029}])`)
	case c == 'Q':
		end := strings.Index(t.in[t.pos:], `\E`)
		if end < 0 {
			t.keep(len(t.in))
		} else {
			t.keep(end + 2)
		}
	case c >= '1' && c <= '9' && !inClass:
		return fmt.Errorf(`%w: regular expression: back reference \%c`, ErrUnsupported, c)
	case strings.IndexByte("GKkgXcuNHVL", c) >= 0:
		return fmt.Errorf(`%w: regular expression: \%c`, ErrUnsupported, c)
	default:
		t.keep(2)
	}
	return nil
}

// class copies a character class. A closing bracket in first place is a member.
func (t *translator) class() error {
	t.keep(1)
	if t.pos < len(t.in) && t.in[t.pos] == '^' {
		t.keep(1)
	}
	if t.pos < len(t.in) && t.in[t.pos] == ']' {
		t.keep(1)
	}
	for t.pos < len(t.in) {
		switch c := t.in[t.pos]; {
		case c == ']':
			t.keep(1)
			return nil
		case c == '\\':
			if err := t.escape(true); err != nil {
				return err
			}
		case strings.HasPrefix(t.in[t.pos:], "[:"):
			if end := strings.Index(t.in[t.pos:], ":]"); end > 0 {
				t.keep(end + 2)
			} else {
				t.keep(1)
			}
		default:
			t.keep(1)
		}
	}
	return nil
}
