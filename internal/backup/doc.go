// Package backup makes one encrypted, signed file of a station, beside the running
// station, and makes a station of such a file.
//
// The file is an age file around a zstd frame around a tar archive with a fixed
// table of names (docs/format/backup.md). Memory stays bounded: parts are streamed.
package backup
