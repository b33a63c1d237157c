package bulk

import (
	"bufio"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// answer writes the answer of a body whose documents are durable from sequence
// number first on. It is written piece by piece: it can be larger than the body.
func (h *Handler) answer(w http.ResponseWriter, items []item, first uint64, took time.Duration) {
	header(w)
	bw := bufio.NewWriterSize(w, 32<<10)
	defer bw.Flush() //nolint:errcheck // the sender may be gone
	b := append(make([]byte, 0, 512), `{"took":`...)
	b = strconv.AppendInt(b, max(0, took.Milliseconds()), 10)
	b = append(b, `,"errors":`...)
	b = strconv.AppendBool(b, anyFault(items))
	b = append(b, `,"items":[`...)
	seq := first
	for i := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = h.item(b, &items[i], seq)
		if items[i].fault == faultNone {
			seq++
		}
		if _, err := bw.Write(b); err != nil {
			return
		}
		b = b[:0]
	}
	_, _ = bw.WriteString("]}\n")
}

func anyFault(items []item) bool {
	for i := range items {
		if items[i].fault != faultNone {
			return true
		}
	}
	return false
}

// item appends the answer to one action.
func (h *Handler) item(b []byte, it *item, seq uint64) []byte {
	b = append(b, `{"`...)
	b = append(b, it.op...)
	b = append(b, `":{"_index":`...)
	b = appendString(b, it.index)
	b = append(b, `,"_id":`...)
	switch {
	case it.id != "":
		b = appendString(b, it.id)
	case it.fault == faultNone:
		b = append(b, '"')
		b = strconv.AppendUint(b, seq, 10)
		b = append(b, '"')
	default:
		b = append(b, "null"...)
	}
	if it.fault != faultNone {
		kind, reason := h.fault(it)
		b = append(b, `,"status":400,"error":{"type":"`...)
		b = append(b, kind...)
		b = append(b, `","reason":`...)
		b = appendString(b, reason)
		return append(b, `}}}`...)
	}
	b = append(b, `,"_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":`...)
	b = strconv.AppendUint(b, seq, 10)
	return append(b, `,"_primary_term":1,"status":201}}`...)
}

// fault returns the type that Elasticsearch has for it, and our reason.
func (h *Handler) fault(it *item) (kind, reason string) {
	switch it.fault {
	case faultTooLong:
		return "illegal_argument_exception", "the document is longer than the limit of " + strconv.Itoa(h.o.MaxDoc) + " bytes"
	case faultBroken:
		return "document_parsing_exception", "the document is not one JSON object"
	default:
		return "action_request_validation_exception", "the action " + it.op + " is not supported: what was sealed does not change"
	}
}

// appendString appends text as a JSON string.
func appendString(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(text)
			if err != nil {
				panic("BUG: a string cannot be written as JSON")
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

func header(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
}

// failure is the shape of Elasticsearch's errors.
type failure struct {
	Error  cause `json:"error"`
	Status int   `json:"status"`
}

type cause struct {
	Type   string  `json:"type"`
	Reason string  `json:"reason"`
	Root   []cause `json:"root_cause,omitempty"`
}

// fail answers with the problem in err in the shape that Elasticsearch's clients
// read. An error without a problem is logged and becomes a plain 500.
func fail(log *slog.Logger) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		p := receive.Problem(r, log, err)
		header(w)
		if p.RetryAfter() > 0 {
			w.Header().Set("Retry-After", p.RetrySeconds())
		}
		if p.Kind() == problem.Unauthorised {
			w.Header().Set("WWW-Authenticate", `Basic realm="fengsui", charset="UTF-8", Bearer realm="fengsui", ApiKey`)
		}
		w.WriteHeader(p.Status())
		c := cause{Type: kindOf(p.Kind()), Reason: p.Error()}
		body := failure{Error: c, Status: p.Status()}
		body.Error.Root = []cause{c}
		_ = json.NewEncoder(w).Encode(body) // the sender may be gone
	}
}

// kindOf returns the type that Elasticsearch has for a kind of problem.
func kindOf(k problem.Kind) string {
	switch k {
	case problem.Unauthorised, problem.Forbidden:
		return "security_exception"
	case problem.TooMany, problem.Unavailable:
		return "es_rejected_execution_exception"
	case problem.NotFound:
		return "resource_not_found_exception"
	case problem.BadRequest, problem.TooLarge, problem.Unsupported, problem.Conflict:
		return "illegal_argument_exception"
	default:
		return "exception"
	}
}
