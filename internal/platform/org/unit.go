package org

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ID identifies a unit: a UUIDv7. "" is no unit; as a parent it means that the
// unit is a root.
type ID string

// maxContacts bounds the contacts of a unit.
const maxContacts = 20

// Contact is a person to call. It is personal information: it is shown to those
// who may read units and written to no log.
type Contact struct {
	Name  string `json:"name" maxLength:"100"`
	Role  string `json:"role,omitempty" maxLength:"100"`
	Phone string `json:"phone,omitempty" maxLength:"40"`
	Email string `json:"email,omitempty" maxLength:"254"`
}

// Settings are what people say about a unit.
type Settings struct {
	Code       string // "" none; unique among units that are not dissolved, whatever its case
	NameZh     string // one of the two names is required
	NameEn     string
	Kind       Kind
	Industry   Industry
	Operator   Operator  // default [OtherType]
	CreditCode string    // unified social credit code (GB 32100-2015); "" none
	Contacts   []Contact // at most 20
	Position   int64     // order among siblings; equal ones are ordered by id
}

// Unit is a unit as it is now.
type Unit struct {
	Settings

	ID          ID
	Parent      ID // of a merged unit its successor
	Revision    int64
	Created     time.Time
	Updated     time.Time
	DissolvedAt time.Time // zero: it is not
	Reason      string    // why it was dissolved
	Successor   ID        // into which it was merged
	Children    int64     // directly below it and not dissolved
}

// Dissolved reports whether the unit is no more.
func (u Unit) Dissolved() bool { return !u.DissolvedAt.IsZero() }

var codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$`)

var phoneForm = regexp.MustCompile(`^[+0-9(][-0-9 ()+,;.x#*]{2,39}$`)

// check returns the settings as they are stored, or [ErrInvalid] with every
// value that is wrong.
func (s Settings) check() (Settings, error) {
	s, c := s.verify()
	return s, c.err()
}

func (s Settings) verify() (Settings, checker) {
	c := checker{}
	s.NameZh = c.line("name.zh", s.NameZh, 100)
	s.NameEn = c.line("name.en", s.NameEn, 200)
	if s.NameZh == "" && s.NameEn == "" && !c.failed("name.zh") && !c.failed("name.en") {
		c.wrong("name.zh", "a unit has a name in at least one language")
	}
	s.Code = strings.TrimSpace(s.Code)
	if s.Code != "" && !codeForm.MatchString(s.Code) {
		c.wrong("code", "use up to 64 letters, figures, dots, dashes, slashes and underscores")
	}
	if s.Operator == "" {
		s.Operator = OtherType
	}
	c.word("kind", Kinds(), string(s.Kind))
	c.word("operator", Operators(), string(s.Operator))
	if s.Industry != "" {
		c.word("industry", Industries(), string(s.Industry))
	}
	s.CreditCode = strings.ToUpper(strings.TrimSpace(s.CreditCode))
	if s.CreditCode != "" && !validCreditCode(s.CreditCode) {
		c.wrong("credit_code", "not a unified social credit code, or its check digit is wrong")
	}
	if s.Position < 0 || s.Position > 1e9 {
		c.wrong("position", "between 0 and 1,000,000,000")
	}
	s.Contacts = c.contacts(s.Contacts)
	return s, c
}

// checker gathers what is wrong.
type checker struct{ fields []field }

type field struct{ name, message string }

func (c *checker) wrong(name, message string) { c.fields = append(c.fields, field{name, message}) }

func (c *checker) failed(name string) bool {
	return slices.ContainsFunc(c.fields, func(f field) bool { return f.name == name })
}

func (c *checker) err() error {
	if len(c.fields) == 0 {
		return nil
	}
	p := ErrInvalid
	for _, f := range c.fields {
		p = p.At("body."+f.name, f.message)
	}
	return p
}

func (c *checker) word(name string, words []Word, id string) {
	if !known(words, id) {
		c.wrong(name, "not one of the words of this field")
	}
}

// line returns one line of text as it is stored.
func (c *checker) line(name, text string, longest int) string {
	text = norm.NFC.String(strings.TrimSpace(text))
	odd := func(r rune) bool { return !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) }
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, odd):
		c.wrong(name, "only printable characters")
	case utf8.RuneCountInString(text) > longest:
		c.wrong(name, "too long")
	}
	return text
}

// line is the check of a single text, such as a reason.
func line(location, text string, longest int) (string, error) {
	c := checker{}
	text = c.line(strings.TrimPrefix(location, "body."), text, longest)
	return text, c.err()
}

func (c *checker) contacts(list []Contact) []Contact {
	out := make([]Contact, 0, len(list))
	if len(list) > maxContacts {
		c.wrong("contacts", "at most 20")
		return out
	}
	for _, p := range list {
		p.Name, p.Role = c.line("contacts", p.Name, 100), c.line("contacts", p.Role, 100)
		p.Phone, p.Email = strings.TrimSpace(p.Phone), strings.TrimSpace(p.Email)
		switch {
		case p.Name == "":
			c.wrong("contacts", "a contact has a name")
		case p.Phone != "" && !phoneForm.MatchString(p.Phone):
			c.wrong("contacts", "not a phone number")
		case p.Email != "" && !address(p.Email):
			c.wrong("contacts", "not an e-mail address")
		}
		out = append(out, p)
	}
	return out
}

// address reports whether the text is a bare e-mail address.
func address(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text && a.Name == "" && len(text) <= 254
}

// fold returns the form in which texts are compared and searched.
func fold(text string) string { return strings.ToLower(norm.NFKC.String(text)) }
