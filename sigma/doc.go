// Package sigma parses, checks, compiles and matches Sigma detection rules
// (Sigma specification 2.1.0).
//
// A rule file is read with [Parse], one [Rule] per YAML document. [Compile]
// turns a rule into a [Matcher], and [NewSet] turns many rules into a [Set] that
// is asked once per event. An event is anything that implements [Record];
// [MapRecord] is one for decoded JSON.
//
// What the specification leaves open is decided as follows:
//   - Text is compared without regard to case by simple Unicode folding, and `?`
//     stands for one character, not one byte.
//   - A missing field matches nothing but null, `exists: false` and `neq`.
//     Null matches a missing field and a null value, never an empty string.
//   - A field with several values (a JSON array) matches when one of them does.
//   - A keyword is looked for in the event's text and in every value, never in
//     the names of fields.
//   - `windash` exchanges a dash or slash that begins a parameter, as pySigma does.
//   - `neq` is the negation of the same item without it.
//   - A filter narrows the rules it names: rule and (filter condition).
//
// Regular expressions run on RE2, in time linear in the text. Constructs that
// RE2 lacks (look-around, back references, possessive quantifiers) make a rule
// unsupported; nothing is approximated. The engine reads no clock, no disk and no
// network.
package sigma
