// Package comply leads from the law to its proof: a provision of a norm binds
// the obligation, controls serve it, evidence providers answer the controls from
// the station's own data, and the status is computed from the answers.
//
// Every answer is sealed in the ledger before it is stored. Two times are kept:
// valid at (when it was so) and known at (when the station knew), so that both
// "as it was shown then" and "as it is known now" are exact. An answer counts
// from its valid time until it is replaced, and only as long as it was confirmed
// again within the freshness limit; beyond that the status is unknown.
//
// The status of an obligation is the worst of its controls: gap, then unknown,
// then partly, then met; a control that is not applicable does not count, and
// an obligation without any other control is not applicable.
//
// Sanctions are shown as the ranges of the law in force on the day of the fact,
// beside those of the other versions, never as one amount. They are no legal
// advice.
package comply
