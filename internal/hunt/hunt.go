// Package hunt looks for matches of rules in files, and checks rules.
//
// Events are read and matched by what live detection uses ([Options.Read] and
// package match), so that both find the same.
package hunt
