package sigma

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxAlternatives bounds what one value may expand to (windash before an
// encoding, placeholders).
const maxAlternatives = 4096

// comparison is an ordering modifier.
type comparison uint8

const (
	cmpNone comparison = iota
	cmpLT
	cmpLTE
	cmpGT
	cmpGTE
)

// wrap says which ends of a value are open: contains opens both.
type wrap struct{ front, back bool }

// modifiers is what the chain of one item asks for.
type modifiers struct {
	text     []string // transformations of text, in the order given
	all      bool
	neq      bool
	cased    bool
	exists   bool
	expand   bool
	cidr     bool
	fieldref bool
	re       bool
	regex    regexFlags
	wrap     wrap // for re and fieldref, which have no wildcards
	cmp      comparison
	part     timePart
}

// readModifiers reads a chain and refuses unknown and contradicting modifiers.
func readModifiers(names []string) (modifiers, error) {
	var m modifiers
	for i, name := range names {
		if err := m.read(name, names[:i]); err != nil {
			return m, err
		}
	}
	return m, m.check(names)
}

func (m *modifiers) read(name string, before []string) error { //nolint:cyclop // a list of cases reads best in one place
	switch name {
	case "contains", "startswith", "endswith":
		m.wrap.front = m.wrap.front || name != "startswith"
		m.wrap.back = m.wrap.back || name != "endswith"
		m.text = append(m.text, name)
	case "windash", "base64", "base64offset", "wide", "utf16le", "utf16be", "utf16":
		m.text = append(m.text, name)
	case "all":
		m.all = true
	case "neq":
		m.neq = true
	case "cased":
		m.cased = true
	case "exists":
		m.exists = true
	case "expand":
		m.expand = true
	case "cidr":
		m.cidr = true
	case "fieldref":
		m.fieldref = true
	case "re":
		if len(m.text) > 0 {
			return fmt.Errorf("re follows %s; a regular expression takes the value as it is", m.text[len(m.text)-1])
		}
		m.re = true
	case "i", "m", "s":
		if !contains(before, "re") {
			return fmt.Errorf("%s is a sub-modifier of re and must follow it", name)
		}
		m.regex.insensitive = m.regex.insensitive || name == "i"
		m.regex.multiLine = m.regex.multiLine || name == "m"
		m.regex.dotAll = m.regex.dotAll || name == "s"
	case "lt", "lte", "gt", "gte":
		if m.cmp != cmpNone {
			return errors.New("two comparisons exclude each other")
		}
		m.cmp = map[string]comparison{"lt": cmpLT, "lte": cmpLTE, "gt": cmpGT, "gte": cmpGTE}[name]
	case "minute", "hour", "day", "week", "month", "year":
		if m.part != "" {
			return errors.New("two time modifiers exclude each other")
		}
		m.part = timePart(name)
	case "":
		return errors.New("modifier is empty")
	default:
		return fmt.Errorf("modifier %q is not known", name)
	}
	return nil
}

// check refuses chains whose modifiers change a value into two different types.
func (m *modifiers) check(names []string) error { //nolint:cyclop // a list of cases reads best in one place
	types := 0
	for _, is := range []bool{m.exists, m.cidr, m.fieldref, m.re, m.cmp != cmpNone || m.part != ""} {
		if is {
			types++
		}
	}
	if types > 1 {
		return fmt.Errorf("modifiers %s exclude each other", strings.Join(names, "|"))
	}
	if types == 0 {
		return nil
	}
	if m.cased && !m.fieldref && !m.re {
		return errors.New("cased applies to text only")
	}
	for _, t := range m.text {
		if open := t == "contains" || t == "startswith" || t == "endswith"; !open || (!m.re && !m.fieldref) {
			return fmt.Errorf("modifiers %s exclude each other", strings.Join(names, "|"))
		}
	}
	if m.exists && len(names) > 1 {
		return errors.New("exists stands alone")
	}
	return nil
}

// compileValue turns one value of an item into the tests of which one must hold.
func (c *compiler) compileValue(it rawItem, m modifiers, v *node) ([]test, error) { //nolint:cyclop // a list of cases reads best in one place
	switch {
	case v.kind == nodeNull:
		if len(m.text) > 0 || m.exists || m.cidr || m.fieldref || m.re || m.cmp != cmpNone || m.part != "" || m.expand {
			return nil, errors.New("null takes no such modifier")
		}
		if it.field == "" {
			return nil, errors.New("a keyword cannot be null")
		}
		return []test{nullTest{}}, nil
	case m.exists:
		if v.kind != nodeBool {
			return nil, errors.New("exists needs true or false")
		}
		return []test{existsTest{want: v.text == "true"}}, nil
	case m.cmp != cmpNone || m.part != "":
		return numericTest(m, v)
	}
	texts := []string{v.text}
	if m.expand {
		var err error
		if texts, err = c.expand(v.text); err != nil {
			return nil, err
		}
	}
	var tests []test
	for _, text := range texts {
		t, err := c.compileText(it, m, v, text)
		if err != nil {
			return nil, err
		}
		if tests = append(tests, t...); len(tests) > maxAlternatives {
			return nil, fmt.Errorf("%w: value expands to more than %d alternatives", ErrUnsupported, maxAlternatives)
		}
	}
	return tests, nil
}

func (c *compiler) compileText(it rawItem, m modifiers, v *node, text string) ([]test, error) {
	switch {
	case m.re:
		re, err := compileRegex(anchor(text, m.wrap), m.regex)
		return []test{regexTest{re: re}}, err
	case m.cidr:
		p, err := parsePrefix(text)
		return []test{cidrTest{prefix: p}}, err
	case m.fieldref:
		if text == "" || v.kind != nodeString {
			return nil, errors.New("fieldref needs the name of a field")
		}
		return []test{fieldTest{slot: c.slot(text), wrap: m.wrap, cased: m.cased}}, nil
	case v.kind == nodeNumber && len(m.text) == 0 && !m.cased && it.field != "":
		d, ok := parseDecimal(text)
		if !ok {
			return nil, fmt.Errorf("number %q is out of range", text)
		}
		return []test{numberTest{text: fold(text), num: d}}, nil
	}
	alts := [][]token{parseString(text)}
	for _, name := range m.text {
		var err error
		if alts, err = transform(alts, name); err != nil {
			return nil, err
		}
	}
	tests := make([]test, 0, len(alts))
	for _, toks := range alts {
		if it.field == "" {
			toks = open(toks, true, true)
		}
		tests = append(tests, textTest{p: compilePattern(toks, m.cased)})
	}
	return tests, nil
}

// anchor ties a regular expression to an end of the text where startswith or
// endswith ask for it. By itself it is found anywhere.
func anchor(text string, w wrap) string {
	if w.front == w.back {
		return text
	}
	if w.back {
		return `\A(?:` + text + `)`
	}
	return `(?:` + text + `)\z`
}

// open puts * before and behind a pattern.
func open(toks []token, front, back bool) []token {
	out := make([]token, 0, len(toks)+2)
	if front {
		out = append(out, token{kind: tokMany})
	}
	out = append(out, toks...)
	if back {
		out = append(out, token{kind: tokMany})
	}
	return out
}

// transform applies one text modifier to every alternative.
func transform(alts [][]token, name string) ([][]token, error) {
	var out [][]token
	for _, toks := range alts {
		next, err := transformOne(toks, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if out = append(out, next...); len(out) > maxAlternatives {
			return nil, fmt.Errorf("%w: value expands to more than %d alternatives", ErrUnsupported, maxAlternatives)
		}
	}
	return out, nil
}

func transformOne(toks []token, name string) ([][]token, error) {
	switch name {
	case "contains":
		return [][]token{open(toks, true, true)}, nil
	case "startswith":
		return [][]token{open(toks, false, true)}, nil
	case "endswith":
		return [][]token{open(toks, true, false)}, nil
	case "windash":
		return [][]token{freeDashes(toks)}, nil
	}
	variants, err := dashVariants(toks)
	if err != nil {
		return nil, err
	}
	var out [][]token
	for _, text := range variants {
		for _, coded := range encode(text, name) {
			out = append(out, []token{{text: coded}})
		}
	}
	return out, nil
}

// encode applies an encoding modifier to plain text.
func encode(text, name string) []string {
	switch name {
	case "base64":
		return []string{base64.StdEncoding.EncodeToString([]byte(text))}
	case "base64offset":
		return base64Offsets(text)
	case "utf16be":
		return []string{utf16Bytes(text, true)}
	case "utf16":
		return []string{"\xff\xfe" + utf16Bytes(text, false)}
	default: // wide, utf16le
		return []string{utf16Bytes(text, false)}
	}
}

// base64Offsets returns what text looks like inside Base64 text when 0, 1 or 2
// bytes precede it, without the characters that its neighbours decide.
func base64Offsets(text string) []string {
	out := make([]string, 0, 3)
	for offset := range 3 {
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", offset) + text))
		begin := []int{0, 2, 3}[offset]
		end := len(coded) - []int{0, 3, 2}[(len(text)+offset)%3]
		if begin < end {
			out = append(out, coded[begin:end])
		}
	}
	return out
}

func utf16Bytes(text string, big bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		hi, lo := byte(u>>8), byte(u) //nolint:gosec // the two halves of a UTF-16 unit
		if big {
			b.WriteByte(hi)
			b.WriteByte(lo)
		} else {
			b.WriteByte(lo)
			b.WriteByte(hi)
		}
	}
	return b.String()
}

// freeDashes lets each dash or slash that begins a parameter stand for any of
// them: no word character before it and one behind it.
func freeDashes(toks []token) []token {
	var out []token
	for _, t := range toks {
		if t.kind != tokLiteral {
			out = append(out, t)
			continue
		}
		start, before := 0, rune(0)
		for i, r := range t.text {
			n := utf8.RuneLen(r)
			if n > 0 && strings.ContainsRune(dashes, r) && !isWord(before) {
				after, _ := utf8.DecodeRuneInString(t.text[i+n:])
				if isWord(after) {
					if i > start {
						out = append(out, token{text: t.text[start:i]})
					}
					out = append(out, token{kind: tokDash})
					start = i + n
				}
			}
			before = r
		}
		if start < len(t.text) {
			out = append(out, token{text: t.text[start:]})
		}
	}
	return out
}

func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || (unicode.IsDigit(r) && r != utf8.RuneError)
}

// dashVariants spells out freed dashes, because an encoding hides them.
func dashVariants(toks []token) ([]string, error) {
	out := []string{""}
	for _, t := range toks {
		switch t.kind {
		case tokLiteral:
			for i := range out {
				out[i] += t.text
			}
		case tokDash:
			var next []string
			for _, prefix := range out {
				for _, d := range dashes {
					next = append(next, prefix+string(d))
				}
			}
			if out = next; len(out) > maxAlternatives {
				return nil, fmt.Errorf("%w: value expands to more than %d alternatives", ErrUnsupported, maxAlternatives)
			}
		case tokOne, tokMany:
			return nil, errors.New("a value with wildcards cannot be encoded")
		}
	}
	return out, nil
}

// numericTest compiles comparisons and time modifiers.
func numericTest(m modifiers, v *node) ([]test, error) {
	if v.kind != nodeNumber {
		return nil, fmt.Errorf("%q is not a number", v.text)
	}
	d, ok := parseDecimal(v.text)
	if !ok {
		return nil, fmt.Errorf("number %q is out of range", v.text)
	}
	if m.part != "" {
		if n, err := strconv.Atoi(v.text); err != nil || !m.part.holds(n) {
			return nil, fmt.Errorf("%s is not a %s", v.text, m.part)
		}
	}
	return []test{orderTest{cmp: m.cmp, part: m.part, num: d}}, nil
}

// parsePrefix reads a network in CIDR notation; an address alone is a network of
// one.
func parsePrefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not a network in CIDR notation", text)
	}
	return p.Masked(), nil
}

// placeholder finds %name% that no backslash protects.
var placeholder = regexp.MustCompile(`\\?%\w+%`)

// expand replaces every placeholder by each of its values.
func (c *compiler) expand(text string) ([]string, error) {
	out := []string{""}
	add := func(piece string) {
		for i := range out {
			out[i] += piece
		}
	}
	for text != "" {
		at := placeholder.FindStringIndex(text)
		if at == nil {
			break
		}
		if text[at[0]] == '\\' { // \% is a plain percent; the rest is read again
			add(text[:at[0]] + "%")
			text = text[at[0]+2:]
			continue
		}
		name := text[at[0]+1 : at[1]-1]
		values, ok := c.opts.Placeholders[name]
		if !ok || len(values) == 0 {
			return nil, fmt.Errorf("%w: placeholder %%%s%% has no values", ErrUnsupported, name)
		}
		add(text[:at[0]])
		var next []string
		for _, prefix := range out {
			for _, v := range values {
				next = append(next, prefix+v)
			}
		}
		if out = next; len(out) > maxAlternatives {
			return nil, fmt.Errorf("%w: value expands to more than %d alternatives", ErrUnsupported, maxAlternatives)
		}
		text = text[at[1]:]
	}
	add(strings.ReplaceAll(text, `\%`, "%"))
	return out, nil
}
