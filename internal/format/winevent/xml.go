package winevent

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Field is one value of an event in XML, under the name that the JSON of EVTX
// tools gives it: "Event.System.EventID", "Event.EventData.Image".
type Field struct{ Name, Value string }

// The limits of ParseXML.
const (
	maxDepth  = 16
	maxFields = 512
)

// ErrXML says that a text is no event in XML.
var ErrXML = errors.New("no event in XML")

// ParseXML reads an event as the Windows event viewer and collectors render it;
// the dashes that the event viewer shows before elements are stepped over.
//
// An attribute is named like "Event.System.Provider.#attributes.Name"; data with a
// Name attribute stands under that name, and several without one under "Data".
// It fails with [ErrXML].
func ParseXML(s string) ([]Field, error) {
	at := strings.Index(s, "<Event")
	if at < 0 || strings.Trim(s[:at], "- \t\r\n\ufeff") != "" {
		return nil, ErrXML
	}
	dec := xml.NewDecoder(strings.NewReader(s[at:]))
	dec.Strict = true
	w := walker{}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) && w.done {
			return w.fields, nil
		}
		if err != nil {
			return nil, ErrXML
		}
		if !w.token(tok) {
			return nil, ErrXML
		}
	}
}

// walker follows the tokens of an event.
type walker struct {
	path   []string
	text   []string // of the open elements
	leaf   []bool   // no element stood inside so far
	fields []Field
	done   bool
}

func (w *walker) token(tok xml.Token) bool {
	switch t := tok.(type) {
	case xml.StartElement:
		return w.start(t)
	case xml.EndElement:
		w.end()
	case xml.CharData:
		if n := len(w.text); n > 0 {
			w.text[n-1] += string(t)
		}
	}
	return true
}

func (w *walker) start(t xml.StartElement) bool {
	if w.done || len(w.path) >= maxDepth || len(w.fields) >= maxFields {
		return false
	}
	if n := len(w.leaf); n > 0 {
		w.leaf[n-1] = false
	}
	name := t.Name.Local
	for _, a := range t.Attr {
		if name == "Data" && a.Name.Local == "Name" && a.Value != "" {
			name = strings.ReplaceAll(a.Value, " ", "")
		}
	}
	w.path, w.text, w.leaf = append(w.path, name), append(w.text, ""), append(w.leaf, true)
	for _, a := range t.Attr {
		if a.Name.Local == "xmlns" || a.Name.Space == "xmlns" || t.Name.Local == "Data" && a.Name.Local == "Name" {
			continue
		}
		w.fields = append(w.fields, Field{strings.Join(w.path, ".") + ".#attributes." + a.Name.Local, a.Value})
	}
	return true
}

func (w *walker) end() {
	n := len(w.path) - 1
	if w.leaf[n] {
		if text := strings.TrimSpace(w.text[n]); text != "" {
			w.fields = append(w.fields, Field{strings.Join(w.path, "."), text})
		}
	}
	w.path, w.text, w.leaf = w.path[:n], w.text[:n], w.leaf[:n]
	w.done = n == 0
}
