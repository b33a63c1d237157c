package app

import (
	"bytes"
	"net/http"
)

// OpenAPI returns the description of every operation.
func (s *Station) OpenAPI() ([]byte, error) { return s.api.OpenAPI() }

// Do performs one operation as the owner of the host, without a connection.
func (s *Station) Do(r *http.Request) (status int, body []byte) {
	r.RemoteAddr = ""
	a := &answer{header: http.Header{}, status: http.StatusOK}
	s.handler.ServeHTTP(a, r.WithContext(local(r.Context(), nil)))
	return a.status, a.body.Bytes()
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	status int
	begun  bool
	body   bytes.Buffer
}

// Header returns the header that is sent with the first byte.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader keeps the first status.
func (a *answer) WriteHeader(status int) {
	if !a.begun {
		a.status, a.begun = status, true
	}
}

// Write keeps bytes of the body.
func (a *answer) Write(p []byte) (int, error) {
	a.begun = true
	return a.body.Write(p)
}
