// Package peers lets the senders of other makers deliver to the station: rsyslog,
// syslog-ng, logger, Elasticsearch's JavaScript client and OpenTelemetry's SDK.
//
// Its tests have the build tag peers, since they need these senders:
//
//	make test-peers
//
// They run against the real binary, bin/fengsui where it was built. With
// FENGSUI_PEERS=harness they run against the receivers alone, in the process of
// the test; that proves the senders' settings and the receivers, and nothing of
// the ledger.
package peers
