// Package org keeps the tree of units: who belongs where, today and on any
// earlier day.
//
// A unit is a ministry, a province, an institution, a department: whatever rights
// and figures roll up along. Trees have any number of roots and up to 64
// levels. A unit is renamed, moved, merged into another or dissolved, never
// removed: its id stays resolvable, and records that carry it stay readable.
//
// Every act closes the version of the unit that was valid until then and opens
// another, in one transaction and at one instant. No two acts have the same
// instant and none is before an earlier one, whatever the clock does, so that
// [Service.At] and [Service.Tree] are exact for any time.
//
// Where a unit is in the tree is kept as a closure, one row for each unit and
// unit above it, so that a subtree and a path are one indexed query each.
// [Scope] stands on it. A merged unit hangs below its successor: who may see the
// successor sees what the merged unit left behind. Only units that are not
// dissolved count as units of today.
package org
