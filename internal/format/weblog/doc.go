// Package weblog reads the access and error logs of nginx and Apache httpd:
// common, combined and vhost_combined lines (and what other servers write in the
// same form), nginx's error log, Apache's error log of 2.2 and 2.4, and the
// findings ModSecurity writes into either.
//
// A request line is kept as the server wrote it. What cannot be split into
// method, target and version, such as a TLS handshake sent to a plain port, is in
// Request only.
package weblog
