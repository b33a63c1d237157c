// Package ledgertest has a file system in memory that crashes and fails at will,
// to test what stands on [ledger.FS].
//
// It knows what was synced. [Disk.Cut] pulls the plug and leaves what would be
// found after it: in the strict model only what was synced, in the torn model
// any part of the rest as well, by sectors of 512 bytes and by single changes of
// names. Every call of a method is one operation; [Disk.FailAt] and
// [Disk.CrashAt] say which one goes wrong.
//
// The model is harsher than most file systems on one point and as they are on
// another: a new name may be lost until its folder is synced, and a failed sync
// forgets that there was something to write, so that the next one succeeds without
// having written it.
package ledgertest
