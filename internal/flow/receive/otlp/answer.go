package otlp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/fengsui/fengsui/internal/flow/receive"
	"github.com/fengsui/fengsui/internal/platform/problem"
)

// done answers with an ExportLogsServiceResponse.
func (h *Handler) done(w http.ResponseWriter, e encoding, rejected int) {
	message := ""
	if rejected > 0 {
		message = fmt.Sprintf("a record is at most %d bytes, its values nested at most %d deep", h.o.MaxRecord, maxDepth)
	}
	var body []byte
	switch {
	case e == protobuf && rejected > 0:
		partial := protowire.AppendTag(nil, 1, protowire.VarintType)
		partial = protowire.AppendVarint(partial, uint64(rejected))
		partial = protowire.AppendTag(partial, 2, protowire.BytesType)
		partial = protowire.AppendString(partial, message)
		body = protowire.AppendTag(nil, 1, protowire.BytesType)
		body = protowire.AppendBytes(body, partial)
	case e == protobuf: // the empty message has no bytes
	case rejected > 0:
		body = append(body, `{"partialSuccess":{"rejectedLogRecords":"`...)
		body = strconv.AppendInt(body, int64(rejected), 10)
		body = append(body, `","errorMessage":`...)
		body = appendString(body, []byte(message))
		body = append(body, `}}`...)
	default:
		body = []byte(`{}`)
	}
	write(w, e, http.StatusOK, body)
}

func write(w http.ResponseWriter, e encoding, status int, body []byte) {
	w.Header().Set("Content-Type", string(e))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the sender may be gone
}

// fail answers with a google.rpc.Status. An error without a problem is logged
// and becomes a plain 500.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, e encoding, err error) {
	p := receive.Problem(r, h.o.Log, err)
	if p.RetryAfter() > 0 {
		w.Header().Set("Retry-After", p.RetrySeconds())
	}
	if p.Kind() == problem.Unauthorised {
		w.Header().Set("WWW-Authenticate", `Bearer realm="fengsui"`)
	}
	var body []byte
	if e == protobuf {
		body = protowire.AppendTag(body, 1, protowire.VarintType)
		body = protowire.AppendVarint(body, uint64(codeOf(p.Kind()))) //nolint:gosec // G115: a small number
		body = protowire.AppendTag(body, 2, protowire.BytesType)
		body = protowire.AppendString(body, p.Error())
	} else {
		body, err = json.Marshal(status{Code: codeOf(p.Kind()), Message: p.Error()})
		if err != nil {
			panic("BUG: a status cannot be written as JSON")
		}
	}
	write(w, e, p.Status(), body)
}

// status is google.rpc.Status without details.
type status struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// codeOf returns the code of google.rpc that stands for a kind of problem.
func codeOf(k problem.Kind) int {
	switch k {
	case problem.BadRequest, problem.Unsupported, problem.Invalid, problem.TooLarge:
		return 3 // INVALID_ARGUMENT
	case problem.Forbidden:
		return 7 // PERMISSION_DENIED
	case problem.TooMany, problem.Full:
		return 8 // RESOURCE_EXHAUSTED
	case problem.Conflict:
		return 10 // ABORTED
	case problem.Unavailable:
		return 14 // UNAVAILABLE
	case problem.Unauthorised:
		return 16 // UNAUTHENTICATED
	default:
		return 13 // INTERNAL
	}
}
