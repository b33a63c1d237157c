package normdoc

import (
	"cmp"
	"errors"
	"fmt"
)

// The errors of [Parse].
var (
	ErrLimit = errors.New("beyond a limit")        // an option's limit; the text names it
	ErrDOCX  = errors.New("not a readable DOCX")   // damaged archive or XML
	ErrEmpty = errors.New("no text in the file")   // nothing but white space
	ErrKind  = errors.New("no such document kind") // Options.Kind
)

// Kind is what a document is.
type Kind string

// The kinds of documents. [Options] may leave it open.
const (
	Law    Kind = "law"
	Plan   Kind = "plan"
	Notice Kind = "notice"
)

// NodeKind is the rank of a node.
type NodeKind string

// The kinds of nodes, from 编 down to 目, and the headings and tasks of plans.
const (
	Part      NodeKind = "part"
	Chapter   NodeKind = "chapter"
	Section   NodeKind = "section"
	Article   NodeKind = "article"
	Paragraph NodeKind = "paragraph"
	Item      NodeKind = "item"
	Subitem   NodeKind = "subitem"
	Heading   NodeKind = "heading"
	TaskNode  NodeKind = "task"
)

// The roles of nodes.
const (
	RoleGoal  = "goal"
	RoleGroup = "group"
	RoleAnnex = "annex"
)

// Document is a parsed text. Its lists are never nil.
type Document struct {
	Kind       Kind        `json:"kind"`
	Title      string      `json:"title"`
	Adopted    string      `json:"adopted"`  // YYYY-MM-DD or ""
	InForce    string      `json:"in_force"` // YYYY-MM-DD or ""
	Issued     string      `json:"issued"`   // YYYY-MM-DD or ""
	Nodes      []Node      `json:"nodes"`    // reading order, parents first
	References []Reference `json:"references"`
	Quantities []Quantity  `json:"quantities"`
	Goals      []Goal      `json:"goals"`
	Tasks      []Task      `json:"tasks"`
	Notes      []Note      `json:"notes"`
	Warnings   []Warning   `json:"warnings"` // by line
}

// Node is one provision, heading, task or paragraph.
type Node struct {
	ID     string   `json:"id"` // unique in the document
	Kind   NodeKind `json:"kind"`
	Number string   `json:"number"` // as printed, without white space
	Title  string   `json:"title"`
	Parent string   `json:"parent"` // id, or ""
	Text   string   `json:"text"`   // without number, title and the children's text
	Line   int      `json:"line"`   // from 1
	Bullet string   `json:"bullet,omitempty"`
	Stop   string   `json:"stop,omitempty"`
	Role   string   `json:"role,omitempty"`
	Units  []string `json:"units,omitempty"`
}

// ReferenceKind says where a reference leads.
type ReferenceKind string

// The kinds of references.
const (
	ToProvision ReferenceKind = "provision"
	ToDocument  ReferenceKind = "document"
	Dangling    ReferenceKind = "dangling"
)

// Reference is a place in the text that names a provision or another document.
type Reference struct {
	From string        `json:"from"`
	To   string        `json:"to"`
	Kind ReferenceKind `json:"kind"`
	Text string        `json:"text"`
}

// Operator is how a quantity binds.
type Operator string

// The operators; docs/format/norm.md lists their words.
const (
	Equal     Operator = "="
	AtLeast   Operator = ">="
	Above     Operator = ">"
	AtMost    Operator = "<="
	Below     Operator = "<"
	About     Operator = "~"
	Increase  Operator = "+"
	Decrease  Operator = "-"
	Between   Operator = "between"
	OnDate    Operator = "date"
	ByDate    Operator = "by"
	Immediate Operator = "immediate"
	Periodic  Operator = "periodic"
	Lifelong  Operator = "lifelong"
)

// Quantity is an amount, period, share or date of the text.
type Quantity struct {
	At       string   `json:"at"` // id of the node
	Operator Operator `json:"operator"`
	Value    *float64 `json:"value"`        // nil: there is none
	To       *float64 `json:"to,omitempty"` // upper bound of Between, inclusive
	Unit     string   `json:"unit"`         // as printed
	Per      string   `json:"per,omitempty"`
	Base     string   `json:"base"`
	Date     string   `json:"date"` // YYYY-MM-DD or ""
	Text     string   `json:"text"` // as printed
	Target   bool     `json:"target"`
}

// Goal is an item below a heading that names goals.
type Goal struct {
	ID      string     `json:"id"`
	Number  string     `json:"number"`
	Targets []Quantity `json:"targets"`
}

// Task is a task of a plan with everything its paragraphs say of units and aims.
type Task struct {
	ID      string     `json:"id"`
	Number  string     `json:"number"` // Arabic
	Group   string     `json:"group"`
	Title   string     `json:"title"`
	Units   []string   `json:"units"`  // each once, in order
	Lead    []string   `json:"lead"`   // of 牵头 lines
	Assist  []string   `json:"assist"` // of 配合 lines
	Targets []Quantity `json:"targets"`
}

// Note is text around the provisions.
type Note struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	Line int    `json:"line"`
}

// Warning is a place that was not read as plainly as it stands.
type Warning struct {
	Line    int    `json:"line"`
	Code    string `json:"code"`
	Text    string `json:"text"`
	Message string `json:"message"`
}

// Options bound a parse. A zero field means its default.
type Options struct {
	Kind       Kind // guessed when empty
	MaxBytes   int  // of the file; default 16 MiB
	MaxText    int  // unpacked bytes of the text or of one part of a DOCX; default 64 MiB
	MaxNodes   int  // also bounds lines and references; default 100,000
	MaxDepth   int  // nesting of XML; default 256
	MaxEntries int  // files in a DOCX; default 4,096
	MaxRatio   int  // times a part of a DOCX may grow; default 200
}

func (o Options) check() (Options, error) {
	o.MaxBytes = cmp.Or(o.MaxBytes, 16<<20)
	o.MaxText = cmp.Or(o.MaxText, 64<<20)
	o.MaxNodes = cmp.Or(o.MaxNodes, 100_000)
	o.MaxDepth = cmp.Or(o.MaxDepth, 256)
	o.MaxEntries = cmp.Or(o.MaxEntries, 4096)
	o.MaxRatio = cmp.Or(o.MaxRatio, 200)
	switch o.Kind {
	case "", Law, Plan, Notice:
		return o, nil
	}
	return o, fmt.Errorf("%q: %w", o.Kind, ErrKind)
}

// Parse reads one document. data is not kept.
//
// It fails with [ErrLimit], [ErrDOCX], [ErrEmpty] or [ErrKind] only; a text without
// any structure becomes a notice of paragraphs. Of the decoded input every
// character but white space stands in the number, title, text, bullet or stop of a
// node, in the document's title, in a note or in the text of a warning.
func Parse(data []byte, o Options) (*Document, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	if len(data) > o.MaxBytes {
		return nil, fmt.Errorf("%d bytes, at most %d: %w", len(data), o.MaxBytes, ErrLimit)
	}
	p := &parser{o: o}
	lines, err := p.read(data)
	if err != nil {
		return nil, err
	}
	lines = p.clean(lines)
	if len(lines) == 0 {
		return nil, ErrEmpty
	}
	if len(lines) > o.MaxNodes {
		return nil, fmt.Errorf("%d lines of text, at most %d nodes: %w", len(lines), o.MaxNodes, ErrLimit)
	}
	p.doc.Kind = o.Kind
	if p.doc.Kind == "" {
		p.doc.Kind = guess(lines)
	}
	if p.doc.Kind == Law {
		p.law(lines)
	} else {
		p.plan(lines)
	}
	if p.count > o.MaxNodes {
		return nil, fmt.Errorf("%d nodes, at most %d: %w", p.count, o.MaxNodes, ErrLimit)
	}
	d := p.finish()
	return d, p.err
}
