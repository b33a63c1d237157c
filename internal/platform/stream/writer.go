package stream

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

// writeLimit is how long a client may take to read one event. The stream as a
// whole has no limit.
const writeLimit = 30 * time.Second

// Writer writes server-sent events as an answer. It is for one goroutine.
type Writer struct {
	w       http.ResponseWriter
	control *http.ResponseController
	now     func() time.Time
	begun   bool
	buf     bytes.Buffer
}

// NewWriter sets the headers of the answer; the first write sends them.
func NewWriter(w http.ResponseWriter, now func() time.Time) *Writer {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	return &Writer{w: w, control: http.NewResponseController(w), now: now}
}

// Event writes one event and sends it at once. data may have several lines;
// name and id must have one. An empty id is left out, so that the client keeps
// the one before.
func (w *Writer) Event(name, id string, data []byte) error {
	w.buf.Reset()
	w.begin()
	w.buf.WriteString("event: " + name + "\n")
	if id != "" {
		w.buf.WriteString("id: " + id + "\n")
	}
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		w.buf.WriteString("data: ")
		w.buf.Write(line)
		w.buf.WriteByte('\n')
	}
	w.buf.WriteByte('\n')
	return w.send()
}

// Comment writes a line that clients ignore and proxies see.
func (w *Writer) Comment() error {
	w.buf.Reset()
	w.begin()
	w.buf.WriteString(":\n\n")
	return w.send()
}

// begin asks the client to wait 3 s before it connects again.
func (w *Writer) begin() {
	if !w.begun {
		w.begun = true
		w.buf.WriteString("retry: 3000\n\n")
	}
}

func (w *Writer) send() error {
	// Not supported only where a test's recorder stands in for the server.
	_ = w.control.SetWriteDeadline(w.now().Add(writeLimit))
	if _, err := w.w.Write(w.buf.Bytes()); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	if err := w.control.Flush(); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	return nil
}
