// Package rulebook holds the detection rules of the station: those it ships and
// those in the user's folders, which rules are switched on, and which were
// refused and why.
//
// A rule of a user's folder takes the place of a shipped rule with the same id.
// A rule is on unless somebody switched it off, or its own status says that it is
// deprecated or unsupported; then it is off until somebody switches it on.
// Switching needs a reason and holds across reloads and restarts.
//
// The engine that live detection asks is made anew, and exchanged whole, whenever
// rules or switches change.
package rulebook
