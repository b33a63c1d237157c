package query

import "strings"

// The words of the station. A sender's field of the same name is asked for with
// [SenderPrefix] before it.
const (
	WordText      = "_msg"
	WordTime      = "_time"
	WordSeq       = "seq"
	WordSource    = "source"
	WordClass     = "class"
	WordTransport = "transport"
	WordPeer      = "peer"
	SenderPrefix  = "sender."
)

// Target is what a filter looks at.
type Target uint8

// The targets.
const (
	InAny       Target = iota // the text and every field
	InText                    // the text
	InField                   // the fields of one name
	InSource                  // id and name of the source
	InTransport               // how the event came
	InPeer                    // the sender's address
	InClass                   // the parser's class
	InSeq                     // the sequence
	InTime                    // the time it is searched by
)

// TargetOf says what a name stands for, and of [InField] the field's own name.
func TargetOf(name string) (Target, string) {
	switch name {
	case "":
		return InAny, ""
	case WordText:
		return InText, ""
	case WordTime:
		return InTime, ""
	case WordSeq:
		return InSeq, ""
	case WordSource:
		return InSource, ""
	case WordClass:
		return InClass, ""
	case WordTransport:
		return InTransport, ""
	case WordPeer:
		return InPeer, ""
	}
	if own, ok := strings.CutPrefix(name, SenderPrefix); ok {
		if t, _ := TargetOf(own); t != InField && t != InAny {
			return InField, own
		}
	}
	return InField, name
}

// NameOf returns the name a sender's field is asked for by: TargetOf turns it back.
func NameOf(field string) string {
	if t, _ := TargetOf(field); t != InField {
		return SenderPrefix + field
	}
	return field
}
