package command

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/internal/hunt"
	"github.com/fengsui/fengsui/internal/match"
	"github.com/fengsui/fengsui/internal/normalise"
	"github.com/fengsui/fengsui/internal/ruleset"
	"github.com/fengsui/fengsui/sigma"
)

// Hunt is `fengsui hunt`.
type Hunt struct {
	Rules     []string          `required:"" help:"Rule files or folders; may be given several times" type:"path" sep:"none"`
	Format    string            `enum:"json,table,csv" default:"json" help:"How matches are printed: json, table or csv"`
	Logsource map[string]string `help:"What the events are: product=windows,category=process_creation" mapsep:","`
	Parser    string            `help:"Parser of the events where it cannot be told: syslog, json, windows, cef, web …"`
	Charset   string            `help:"Character set of text that is not UTF-8" default:"gb18030"`
	Zone      string            `help:"Time zone of stamps without one" default:"Asia/Shanghai"`
	FailOn    string            `help:"Exit with 1 when a rule of this level or above matched" enum:"informational,low,medium,high,critical,never" default:"never"`
	Files     []string          `arg:"" name:"file" help:"Files to read: JSON, JSON lines, syslog, EVE; .gz and .zst; - for standard input"`
}

// matched is one line of `hunt --format json`.
type matched struct {
	RuleID    string            `json:"rule_id"`
	Title     string            `json:"title"`
	Level     string            `json:"level"`
	File      string            `json:"file"`
	Record    int               `json:"record"`
	Timestamp string            `json:"timestamp"`
	Fields    map[string]string `json:"fields"`
}

// Run prints every match, and says on the error output which rules were left out.
func (c *Hunt) Run(out Output) error {
	o, err := c.options(out)
	if err != nil {
		return err
	}
	p := newPrinter(c.Format, out.Out)
	failed, limit := false, levelRank(c.FailOn)
	for _, name := range c.Files {
		_, err := c.file(name, o, func(m hunt.Match) error {
			failed = failed || levelRank(m.Finding.Level) >= limit
			return p.print(m)
		})
		if err != nil {
			return errors.Join(err, p.end())
		}
	}
	if err := p.end(); err != nil {
		return err
	}
	if failed {
		return Found{"rules of level " + c.FailOn + " or above matched"}
	}
	return nil
}

func (c *Hunt) options(out Output) (hunt.Options, error) {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return hunt.Options{}, fmt.Errorf("zone %s: %w", c.Zone, err)
	}
	mapping, err := shippedMapping()
	if err != nil {
		return hunt.Options{}, err
	}
	var set []*sigma.Rule
	for _, path := range c.Rules {
		err := eachRule(path, mapping, func(file string, e ruleset.Entry) error {
			if e.Status == ruleset.OK {
				set = append(set, e.Rule)
				return nil
			}
			out.note("rule left out %s: %s", file, e.Reason)
			return nil
		})
		if err != nil {
			return hunt.Options{}, fmt.Errorf("read rules %s: %w", path, err)
		}
	}
	if len(set) == 0 {
		return hunt.Options{}, fmt.Errorf("read rules %s: there is none that can be used", strings.Join(c.Rules, ", "))
	}
	o := hunt.Options{
		Reader: normalise.New(normalise.Options{Zone: zone}), Engine: match.New(set, mapping),
		Format: c.Parser, Charset: c.Charset, Zone: zone,
	}
	if len(c.Logsource) > 0 {
		if o.Logsource, err = logsourceOf(c.Logsource); err != nil {
			return o, err
		}
	}
	return o, nil
}

func logsourceOf(parts map[string]string) (*event.Logsource, error) {
	l := &event.Logsource{}
	for k, v := range parts {
		switch k {
		case "product":
			l.Product = v
		case "service":
			l.Service = v
		case "category":
			l.Categories = []string{v}
		default:
			return nil, fmt.Errorf("log source part %q: product, service or category", k)
		}
	}
	return l, nil
}

func (c *Hunt) file(name string, o hunt.Options, fn func(hunt.Match) error) (hunt.Summary, error) {
	if name == "-" {
		return hunt.File(context.Background(), name, os.Stdin, o, fn)
	}
	f, err := os.Open(name)
	if err != nil {
		return hunt.Summary{}, err
	}
	defer func() { _ = f.Close() }() // read only
	if info, err := f.Stat(); err == nil {
		o.Modified = info.ModTime()
	}
	return hunt.File(context.Background(), name, f, o, fn)
}

// levelRank orders levels; "never" is above all.
func levelRank(level string) int {
	for i, l := range []string{"informational", "low", "medium", "high", "critical"} {
		if l == level {
			return i
		}
	}
	if level == "never" {
		return 99
	}
	return 2
}

// printer writes matches in one of the forms.
type printer struct {
	json  *json.Encoder
	csv   *csv.Writer
	table *tabwriter.Writer
}

func newPrinter(format string, w io.Writer) *printer {
	p := &printer{}
	switch format {
	case "csv":
		p.csv = csv.NewWriter(w)
		_ = p.csv.Write([]string{"rule_id", "title", "level", "file", "record", "timestamp", "fields"}) // end reports it
	case "table":
		p.table = tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		_, _ = fmt.Fprintln(p.table, "LEVEL\tRULE\tFILE\tRECORD\tTIME\tFIELDS") // end reports it
	default:
		p.json = encoder(w)
	}
	return p
}

func (p *printer) print(m hunt.Match) error {
	f := &m.Finding
	row := matched{
		RuleID: f.RuleID, Title: f.Title, Level: f.Level, File: m.File, Record: m.Record, Fields: make(map[string]string, len(f.Matched)),
	}
	if !f.Time.IsZero() {
		row.Timestamp = f.Time.UTC().Format(time.RFC3339Nano)
	}
	var text strings.Builder
	for _, x := range f.Matched {
		if _, twice := row.Fields[x.Name]; !twice {
			row.Fields[x.Name] = x.Value
			fmt.Fprintf(&text, "%s=%s ", visible(x.Name), visible(x.Value))
		}
	}
	fields := strings.TrimSpace(text.String())
	switch {
	case p.csv != nil:
		return p.csv.Write([]string{
			row.RuleID, inert(visible(row.Title)), row.Level, inert(visible(row.File)), strconv.Itoa(row.Record), row.Timestamp, inert(fields),
		})
	case p.table != nil:
		_, err := fmt.Fprintf(p.table, "%s\t%s\t%s\t%d\t%s\t%s\n", row.Level, visible(row.Title), visible(row.File), row.Record, row.Timestamp, fields)
		return err
	default:
		return p.json.Encode(row)
	}
}

func (p *printer) end() error {
	switch {
	case p.csv != nil:
		p.csv.Flush()
		return p.csv.Error()
	case p.table != nil:
		return p.table.Flush()
	}
	return nil
}

// inert keeps a spreadsheet from taking a cell for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}
