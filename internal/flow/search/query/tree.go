package query

// Op says what a node does with the nodes below it.
type Op uint8

// The operations.
const (
	OpFilter Op = iota // it has none: Node.Filter decides
	OpAnd
	OpOr
	OpNot // of one
)

// Node is a place in the tree of a query.
type Node struct {
	Op     Op
	Kids   []*Node // at least one, unless Op is OpFilter
	Filter *Filter // of OpFilter, else nil
}

// Kind says what a filter asks of a value.
type Kind uint8

// The kinds.
const (
	IsAll         Kind = iota // every event
	IsPhrase                  // Text stands in the value as whole words
	IsPrefix                  // as IsPhrase, the last word may go on
	IsPiece                   // Text stands anywhere
	IsExact                   // the value is Text
	IsExactPrefix             // the value begins with Text
	IsIn                      // the value is one of List
	IsRegexp                  // Text matches somewhere in the value; it compiles
	IsPresent                 // there is a value that is not empty
	IsEmpty                   // there is none
	IsBetween                 // a number between Low and High; see [Filter.Numbers]
	IsIPv4                    // an address in List; see [Filter.Network]
	IsIPv6                    // the same
	IsTime                    // the time is in Text, or between Low and High; see [Filter.Period]
)

// Filter asks one thing of one field. What it says was checked when it was parsed.
type Filter struct {
	Field     string // "": the text and every field; see [TargetOf]
	Kind      Kind
	Text      string
	List      []string
	Low, High Bound
}

// Bound is one end of a range.
type Bound struct {
	Text string // "": no end
	Open bool   // the end itself is outside
}

// join makes a node of several; one of the same operation is taken apart.
func join(op Op, kids ...*Node) *Node {
	if len(kids) == 1 {
		return kids[0]
	}
	out := &Node{Op: op}
	for _, k := range kids {
		if k.Op == op {
			out.Kids = append(out.Kids, k.Kids...)
			continue
		}
		out.Kids = append(out.Kids, k)
	}
	return out
}
