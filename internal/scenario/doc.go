// Package scenario invents what a small campus network logs, for `fengsui demo`
// and for tests: a firewall, a switch, web servers, Linux and Windows hosts, name
// servers, an intrusion detection system, an application and an old device that
// writes GB18030. A week holds a quiet background with the rhythm of day and
// night and, unless it is left out, one intrusion from first scan to data theft.
//
// Everything is invented: names are under example.edu.cn and example.net, outside
// addresses are those kept for documentation (RFC 5737), and no text is taken
// from real logs. The same seed, end and options give the same bytes.
package scenario
