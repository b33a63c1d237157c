package command

import (
	"fmt"
	"io"
	"os"

	"github.com/fengsui/fengsui/internal/format/normdoc"
)

// Norms is `fengsui norms`. Its commands read files only.
type Norms struct {
	Parse   NormsParse   `cmd:"" help:"Print a law, work plan or notice as one JSON object: provisions, references, quantities, tasks"`
	Compare NormsCompare `cmd:"" help:"Print the differences of two versions or copies by provision"`
}

// NormsParse is `fengsui norms parse FILE`.
type NormsParse struct {
	File string `arg:"" name:"file" help:"Text (UTF-8 or GB18030), HTML or DOCX; - for standard input"`
	Kind string `enum:",law,plan,notice" default:"" help:"What the document is: law, plan or notice; guessed when not given"`
}

// Run prints the document as docs/format/norm.md describes it. Warnings are part of
// it and no failure.
func (c *NormsParse) Run(out Output) error {
	doc, err := readNorm(c.File, c.Kind)
	if err != nil {
		return err
	}
	return out.line(doc)
}

// NormsCompare is `fengsui norms compare A B`.
type NormsCompare struct {
	A    string `arg:"" name:"a" help:"One version or copy"`
	B    string `arg:"" name:"b" help:"The other"`
	Kind string `enum:",law,plan,notice" default:"" help:"What both are: law, plan or notice; guessed when not given"`
}

// Run prints one object per difference and fails with [Found] when there is one.
func (c *NormsCompare) Run(out Output) error {
	a, err := readNorm(c.A, c.Kind)
	if err != nil {
		return err
	}
	kind := c.Kind
	if kind == "" {
		kind = string(a.Kind)
	}
	b, err := readNorm(c.B, kind)
	if err != nil {
		return err
	}
	differences := normdoc.Compare(a, b)
	for _, d := range differences {
		if err := out.line(d); err != nil {
			return err
		}
	}
	if n := len(differences); n > 0 {
		return Found{fmt.Sprintf("%d differences between %s and %s", n, c.A, c.B)}
	}
	return nil
}

// maxNormFile bounds a norm document, in bytes.
const maxNormFile = 16 << 20

func readNorm(name, kind string) (*normdoc.Document, error) {
	data, err := readAtMost(name, maxNormFile)
	if err != nil {
		return nil, fmt.Errorf("read norm %s: %w", name, err)
	}
	doc, err := normdoc.Parse(data, normdoc.Options{Kind: normdoc.Kind(kind), MaxBytes: maxNormFile})
	if err != nil {
		return nil, fmt.Errorf("parse norm %s: %w", name, err)
	}
	return doc, nil
}

// readAtMost reads a file or, for "-", standard input, and one byte beyond limit at
// most.
func readAtMost(name string, limit int64) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(os.Stdin, limit+1))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	return io.ReadAll(io.LimitReader(f, limit+1))
}
