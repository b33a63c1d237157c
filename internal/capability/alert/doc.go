// Package alert keeps the records that analysts work on: one alert per rule and
// entity for as long as it lasts.
//
// A finding joins the newest alert of its rule and entity when it was received
// at most the window (24 hours) after that alert's last finding and not after
// somebody closed it; otherwise it begins a new one. Only receipt times decide,
// never the wall clock and never how findings were batched, so that a station
// that was interrupted counts the same as one that was not. The transaction that
// writes findings stores detection's ledger cursor with them: none is lost or
// counted twice.
//
// An alert is new, acknowledged or closed; see [Lifecycle]. A suppression hides
// the findings of a rule, a source, an entity or any combination of them between
// its creation and its end; it counts what it hid.
//
// first and last are receipt times; event_first and event_last are what the
// senders' clocks said.
package alert
