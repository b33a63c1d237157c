// Package httpapi is the only way an HTTP operation comes into the station.
//
// [Register] declares a JSON operation below /api/v1, [Handle] a plain handler
// (ingest, streams, downloads) at any path. Both pass the same gate, in this
// order: who is it (session cookie or bearer token), may they (permission and
// role), is the request well formed, then the handler, then the audit record,
// which is written before the first byte of the answer leaves. Both stand in the
// OpenAPI document with their permission (x-permission). An operation that was
// not declared here cannot be routed: the mux refuses it at start.
//
// Around everything stand the request id, the security headers, the refusal of
// cross-origin writes and the answer to a panic.
package httpapi
