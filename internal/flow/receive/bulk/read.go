package bulk

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/valyala/fastjson"

	"github.com/fengsui/fengsui/internal/platform/problem"
)

// What can be wrong with a whole body. Nothing of it is kept.
var (
	ErrAction  = problem.New(problem.BadRequest, "ingest.bulk_action", "an action line cannot be understood")
	ErrNoDoc   = problem.New(problem.BadRequest, "ingest.bulk_no_document", "the body ends after an action line that needs a document")
	ErrEmpty   = problem.New(problem.BadRequest, "ingest.bulk_empty", "the body has no action")
	ErrTooMany = problem.New(problem.TooLarge, "ingest.too_many_lines", "the body has more items than one request may bring")
)

// fault says why an item is not kept.
type fault uint8

const (
	faultNone        fault = iota
	faultTooLong           // longer than the limit
	faultBroken            // no JSON object
	faultUnsupported       // update or delete
)

// item is one action of a body with its document.
type item struct {
	op    string // "create", "index", "update", "delete"
	index string // as the sender named it
	id    string // "": the station names it
	doc   []byte // exact bytes; aliases the body
	fault fault
}

type limits struct {
	doc   int    // longest document, in bytes
	items int    // most items
	index string // for actions that name none; may be empty
}

const (
	// maxAction is the longest action line that is read.
	maxAction = 8 << 10
	// defaultIndex is answered where the sender names no index.
	defaultIndex = "logs"
)

// read cuts a complete body into items. A wrong document is a fault of its item;
// a wrong action line makes the rest of the body unreadable and is an error. The
// last line needs no line feed. Empty lines between items are passed over, as
// Elasticsearch does.
func read(body []byte, lim limits) ([]item, error) {
	if lim.index == "" {
		lim.index = defaultIndex
	}
	var p fastjson.Parser
	items := make([]item, 0, min(lim.items, 16+bytes.Count(body, []byte{'\n'})/2))
	named := lim.index // of the last action: most bodies name one
	for number := 1; ; {
		line, rest, n := nextLine(body)
		number += n
		if line == nil {
			break
		}
		body = rest
		if len(items) == lim.items {
			return nil, ErrTooMany.Detailf("the limit is %d", lim.items)
		}
		it, err := action(&p, line, lim.index, named)
		if err != nil {
			return nil, err.Detailf("line %d", number)
		}
		named = it.index
		number++
		if it.op != "delete" {
			if len(body) == 0 {
				return nil, ErrNoDoc.Detailf("line %d", number-1)
			}
			doc, rest, _ := bytes.Cut(body, []byte{'\n'})
			body = rest
			number++
			it.doc = slices.Clip(doc)
		}
		it.fault = check(it, lim.doc)
		items = append(items, it)
	}
	if len(items) == 0 {
		return nil, ErrEmpty
	}
	return items, nil
}

// nextLine returns the first line that is not empty, nil when there is none, and
// how many lines were passed over.
func nextLine(body []byte) (line, rest []byte, passed int) {
	for len(body) > 0 {
		line, rest, _ = bytes.Cut(body, []byte{'\n'})
		if len(bytes.TrimSpace(line)) > 0 {
			return line, rest, passed
		}
		body = rest
		passed++
	}
	return nil, nil, passed
}

// action reads an action line: an object with one member, the action. index is
// for a line that names none; named is a name that needs no new string.
func action(p *fastjson.Parser, line []byte, index, named string) (item, *problem.Problem) {
	if len(line) > maxAction {
		return item{}, ErrAction
	}
	v, err := p.ParseBytes(line)
	if err != nil {
		return item{}, ErrAction
	}
	o, err := v.Object()
	if err != nil || o.Len() != 1 {
		return item{}, ErrAction
	}
	it := item{index: index}
	o.Visit(func(key []byte, v *fastjson.Value) {
		if v.Type() != fastjson.TypeObject {
			return
		}
		switch string(key) {
		case "create":
			it.op = "create"
		case "index":
			it.op = "index"
		case "update":
			it.op = "update"
		case "delete":
			it.op = "delete"
		}
		switch name := v.GetStringBytes("_index"); {
		case len(name) == 0:
		case string(name) == named:
			it.index = named
		default:
			it.index = string(name)
		}
		it.id = string(v.GetStringBytes("_id"))
	})
	if it.op == "" {
		return item{}, ErrAction
	}
	return it, nil
}

func check(it item, maxDoc int) fault {
	switch {
	case it.op == "update" || it.op == "delete":
		return faultUnsupported
	case len(it.doc) > maxDoc:
		return faultTooLong
	case !isObject(it.doc):
		return faultBroken
	}
	return faultNone
}

// isObject reports whether doc is one JSON object. encoding/json's scanner is
// not the fastest, but it keeps its own stack and bounds it.
func isObject(doc []byte) bool {
	head := bytes.TrimLeft(doc, " \t\r")
	return len(head) > 0 && head[0] == '{' && json.Valid(doc)
}
