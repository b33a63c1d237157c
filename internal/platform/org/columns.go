package org

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fengsui/fengsui/internal/platform/org/sheet"
)

// column is a column of a file of units.
type column struct {
	id      string
	zh, en  string   // its header in an export
	accepts []string // other headers that are understood, folded
}

// columns lists the columns in the order of an export.
func columns() []column {
	return []column{
		{"code", "单位编码", "Code", []string{"编码", "代码", "单位代码", "编号", "单位编号", "unit code"}},
		{"name_zh", "单位名称", "Name (Chinese)", []string{"名称", "中文名称", "name", "chinese name", "name zh"}},
		{"name_en", "英文名称", "Name (English)", []string{"english name", "name en"}},
		{"parent", "上级单位编码", "Parent code", []string{"上级编码", "上级代码", "上级单位代码", "父级编码", "parent"}},
		{"kind", "单位类型", "Kind", []string{"类型", "类别", "单位类别", "type"}},
		{"industry", "行业", "Industry", []string{"所属行业", "行业领域", "sector"}},
		{"operator", "运营者类型", "Operator type", []string{"运营者类别", "operator"}},
		{"credit_code", "统一社会信用代码", "Unified social credit code", []string{"社会信用代码", "信用代码", "credit code", "uscc"}},
		{"position", "排序", "Position", []string{"序号", "顺序", "order"}},
		{"contact_name", "联系人", "Contact", []string{"联系人姓名", "contact name"}},
		{"contact_role", "联系人职务", "Contact role", []string{"职务", "role"}},
		{"contact_phone", "联系电话", "Contact phone", []string{"电话", "手机", "联系人电话", "phone"}},
		{"contact_email", "电子邮箱", "Contact e-mail", []string{"邮箱", "联系人邮箱", "email", "e-mail", "contact email"}},
	}
}

// headerKey is the form in which headers are compared.
func headerKey(text string) string {
	text = strings.NewReplacer("_", " ", "\n", " ", "*", "", ":", "").Replace(fold(text))
	return strings.Join(strings.Fields(text), " ")
}

// mapping says which column of a file holds what: the index of the cell by the
// id of the column.
type mapping struct {
	headers []string
	at      map[string]int
}

// mapHeaders finds the columns by what the caller says (column id to header) and
// else by their headers. It fails with [ErrFile].
func mapHeaders(headers []string, said map[string]string) (mapping, error) {
	m := mapping{headers: headers, at: map[string]int{}}
	for id, header := range said {
		i := -1
		for k, h := range headers {
			if headerKey(h) == headerKey(header) {
				i = k
				break
			}
		}
		if i < 0 || !isColumn(id) {
			return m, ErrFile.Detailf("no column %q, or no such field as %q", header, id)
		}
		m.at[id] = i
	}
	for i, h := range headers {
		id, ok := columnOf(h)
		if !ok || m.taken(i) {
			continue
		}
		if _, ok := said[id]; ok {
			continue
		}
		if other, ok := m.at[id]; ok {
			return m, ErrFile.Detailf("the columns %q and %q mean the same", headers[other], h)
		}
		m.at[id] = i
	}
	if _, ok := m.at["code"]; !ok {
		return m, ErrFile.Detail("there is no column for the code, by which units are known")
	}
	return m, nil
}

func (m mapping) taken(i int) bool {
	for _, k := range m.at {
		if k == i {
			return true
		}
	}
	return false
}

func isColumn(id string) bool {
	for _, c := range columns() {
		if c.id == id {
			return true
		}
	}
	return false
}

func columnOf(header string) (string, bool) {
	key := headerKey(header)
	for _, c := range columns() {
		if key == headerKey(c.id) || key == headerKey(c.zh) || key == headerKey(c.en) || slices.Contains(c.accepts, key) {
			return c.id, true
		}
	}
	return "", false
}

// header returns what the file calls a column, or the column's id.
func (m mapping) header(id string) string {
	if i, ok := m.at[id]; ok {
		return m.headers[i]
	}
	return id
}

// cell returns the cell of a column, or "" where the file has none.
func (m mapping) cell(r sheet.Row, id string) string {
	if i, ok := m.at[id]; ok {
		return r.Cells[i]
	}
	return ""
}

// overlay puts what a row says over settings; empty cells change nothing. It
// returns the columns that cannot be read, with what is wrong.
func (m mapping) overlay(r sheet.Row, s Settings) (Settings, []field) {
	var wrong []field
	text := func(id string, to *string) {
		if v := m.cell(r, id); v != "" {
			*to = v
		}
	}
	word := func(id string, words []Word, to func(string)) {
		v := m.cell(r, id)
		if v == "" {
			return
		}
		found, ok := find(words, v)
		if !ok {
			wrong = append(wrong, field{id, "not one of: " + strings.Join(ids(words), ", ")})
			return
		}
		to(found)
	}
	text("code", &s.Code)
	text("name_zh", &s.NameZh)
	text("name_en", &s.NameEn)
	text("credit_code", &s.CreditCode)
	word("kind", Kinds(), func(id string) { s.Kind = Kind(id) })
	word("industry", Industries(), func(id string) { s.Industry = Industry(id) })
	word("operator", Operators(), func(id string) { s.Operator = Operator(id) })
	if v := m.cell(r, "position"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			wrong = append(wrong, field{"position", "not a whole number"})
		}
		s.Position = n
	}
	s.Contacts = m.contact(r, s.Contacts)
	return s, wrong
}

// contact puts the contact of a row in the place of the one with its name, or
// behind the others.
func (m mapping) contact(r sheet.Row, list []Contact) []Contact {
	p := Contact{
		Name: m.cell(r, "contact_name"), Role: m.cell(r, "contact_role"), Phone: m.cell(r, "contact_phone"),
		Email: m.cell(r, "contact_email"),
	}
	if p == (Contact{}) {
		return list
	}
	out := append([]Contact(nil), list...)
	for i, old := range out {
		if old.Name != p.Name {
			continue
		}
		for _, f := range []struct{ to, from *string }{{&old.Role, &p.Role}, {&old.Phone, &p.Phone}, {&old.Email, &p.Email}} {
			if *f.from != "" {
				*f.to = *f.from
			}
		}
		out[i] = old
		return out
	}
	return append(out, p)
}

func ids(words []Word) []string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		out = append(out, w.ID)
	}
	return out
}

// columnID turns the name of a field of [Settings] into that of a column.
func columnID(name string) string {
	switch name {
	case "name.zh":
		return "name_zh"
	case "name.en":
		return "name_en"
	case "contacts":
		return "contact_name"
	default:
		return name
	}
}

// cells is a unit as a row of an export. Of its contacts only the first one has
// a place there.
func (u Unit) cells(parentCode string, zh bool) []string {
	name := func(words []Word, id string) string {
		for _, w := range words {
			if w.ID == id && zh {
				return w.Zh
			}
			if w.ID == id {
				return w.En
			}
		}
		return id
	}
	p := Contact{}
	if len(u.Contacts) > 0 {
		p = u.Contacts[0]
	}
	return []string{
		u.Code, u.NameZh, u.NameEn, parentCode, name(Kinds(), string(u.Kind)), name(Industries(), string(u.Industry)),
		name(Operators(), string(u.Operator)), u.CreditCode, strconv.FormatInt(u.Position, 10), p.Name, p.Role, p.Phone, p.Email,
	}
}
