package comply

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Text is one text in both languages of the station.
type Text struct {
	ZH string `yaml:"zh" json:"zh"`
	EN string `yaml:"en" json:"en"`
}

// Norm is a law or standard with its versions.
type Norm struct {
	Schema     string          `yaml:"schema"`
	ID         string          `yaml:"id"`
	Title      Text            `yaml:"title"`
	Zone       string          `yaml:"zone"` // where its dates begin
	Versions   []Version       `yaml:"versions"`
	Provisions []Provision     `yaml:"provisions"`
	Sanctions  []Sanction      `yaml:"sanctions"`
	Terms      map[string]Text `yaml:"terms"` // words of conditions, measures, persons

	zone *time.Location
}

// Version is one text of a norm and the days it is in force.
type Version struct {
	ID      string `yaml:"id"`
	Title   Text   `yaml:"title"`
	Adopted string `yaml:"adopted"`  // day, 2006-01-02
	InForce string `yaml:"in_force"` // first day
	LastDay string `yaml:"last_day"` // last day in force; empty while it lasts
	Status  string `yaml:"status"`
}

// Provision is a duty of a norm under a stable id, whatever its number.
type Provision struct {
	ID         string     `yaml:"id"`
	Kind       string     `yaml:"kind"`
	Actors     []string   `yaml:"actors"`
	Title      Text       `yaml:"title"`
	Summary    Text       `yaml:"summary"`
	Numbers    []Number   `yaml:"numbers"`
	Quantities []Quantity `yaml:"quantities"`
}

// Number is what a provision is called in one version, such as 21.1(3).
type Number struct {
	Version string `yaml:"version"`
	Number  string `yaml:"number"`
	Status  string `yaml:"status"`
}

// Quantity is a figure that a provision states.
type Quantity struct {
	ID     string `yaml:"id"`
	Op     string `yaml:"op"`
	Value  int    `yaml:"value"`
	Unit   string `yaml:"unit"`
	Status string `yaml:"status"`
}

// Sanction is what one version threatens for the breach of provisions.
type Sanction struct {
	ID           string   `yaml:"id"`
	Version      string   `yaml:"version"`
	Number       string   `yaml:"number"`
	Status       string   `yaml:"status"`
	Punishes     []string `yaml:"punishes"`
	Authority    Text     `yaml:"authority"`
	BaseMeasures []string `yaml:"base_measures"`
	Tiers        []Tier   `yaml:"tiers"`
}

// Tier is one step of a sanction: the condition and the ranges of its fines.
type Tier struct {
	When       string   `yaml:"when"`
	Optional   bool     `yaml:"optional"` // the authority may, but need not, fine
	UnitFine   *Range   `yaml:"unit_fine"`
	PersonFine *Range   `yaml:"person_fine"`
	Persons    []string `yaml:"persons"`
}

// Range is an amount of yuan with both bounds included.
type Range struct {
	Min int64 `yaml:"min" json:"min"`
	Max int64 `yaml:"max" json:"max"`
}

// Control is what an organisation does to meet provisions.
type Control struct {
	ID       string   `yaml:"id"`
	Title    Text     `yaml:"title"`
	Serves   []string `yaml:"serves"`
	Evidence string   `yaml:"evidence"`
}

// Law is all norms and controls the station knows. It is read once and never
// changed.
type Law struct {
	Norms    []Norm
	Controls []Control
}

const day = "2006-01-02"

// notAdvice is the term that says what shown sanctions are not.
const notAdvice = "not_legal_advice"

// Load reads every norm and the controls of files and checks that they fit
// together. An error names the file and the id.
func Load(files fs.FS) (*Law, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list norms: %w", err)
	}
	var law Law
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read norm: %w", err)
		}
		if err := law.add(name, data); err != nil {
			return nil, err
		}
	}
	return &law, law.check()
}

func (l *Law) add(name string, data []byte) error {
	if name == "controls.yaml" {
		var file struct {
			Schema   string    `yaml:"schema"`
			Controls []Control `yaml:"controls"`
		}
		if err := yaml.UnmarshalWithOptions(data, &file, yaml.Strict()); err != nil {
			return fmt.Errorf("norms/%s: %w", name, err)
		}
		if file.Schema != "fengsui.controls/v1" {
			return fmt.Errorf("norms/%s: schema %q is not known", name, file.Schema)
		}
		l.Controls = file.Controls
		return nil
	}
	var n Norm
	if err := yaml.UnmarshalWithOptions(data, &n, yaml.Strict()); err != nil {
		return fmt.Errorf("norms/%s: %w", name, err)
	}
	if n.Schema != "fengsui.norm/v1" {
		return fmt.Errorf("norms/%s: schema %q is not known", name, n.Schema)
	}
	zone, err := time.LoadLocation(n.Zone)
	if err != nil {
		return fmt.Errorf("norms/%s: zone: %w", name, err)
	}
	n.zone = zone
	l.Norms = append(l.Norms, n)
	return nil
}

func (l *Law) check() error {
	known := map[string]bool{}
	for i := range l.Norms {
		n := &l.Norms[i]
		if err := n.check(known); err != nil {
			return fmt.Errorf("norm %s: %w", n.ID, err)
		}
	}
	for _, c := range l.Controls {
		if c.Title.ZH == "" || c.Title.EN == "" || c.Evidence == "" {
			return fmt.Errorf("control %s: title or evidence is missing", c.ID)
		}
		for _, id := range c.Serves {
			if !known[id] {
				return fmt.Errorf("control %s serves %s, which no norm has", c.ID, id)
			}
		}
	}
	return nil
}

func (n *Norm) check(known map[string]bool) error {
	if err := n.checkVersions(); err != nil {
		return err
	}
	for _, p := range n.Provisions {
		if known[p.ID] || !strings.HasPrefix(p.ID, n.ID+"/") {
			return fmt.Errorf("provision %q stands twice or outside its norm", p.ID)
		}
		known[p.ID] = true
		for _, num := range p.Numbers {
			if !n.has(num.Version) || !validStatus(num.Status) {
				return fmt.Errorf("provision %s: number %s: version or status is not known", p.ID, num.Number)
			}
		}
		for _, q := range p.Quantities {
			if !validStatus(q.Status) {
				return fmt.Errorf("provision %s: quantity %s: status %q is not known", p.ID, q.ID, q.Status)
			}
		}
	}
	if len(n.Sanctions) > 0 && (n.Terms[notAdvice].ZH == "" || n.Terms[notAdvice].EN == "") {
		return fmt.Errorf("the term %s is missing", notAdvice)
	}
	for _, s := range n.Sanctions {
		if err := n.checkSanction(s, known); err != nil {
			return fmt.Errorf("sanction %s: %w", s.ID, err)
		}
	}
	return nil
}

func (n *Norm) checkVersions() error {
	last := ""
	for _, v := range n.Versions {
		if _, err := time.Parse(day, v.InForce); err != nil {
			return fmt.Errorf("version %s: in_force: %w", v.ID, err)
		}
		if v.LastDay != "" {
			if _, err := time.Parse(day, v.LastDay); err != nil {
				return fmt.Errorf("version %s: last_day: %w", v.ID, err)
			}
		}
		if v.InForce <= last || !validStatus(v.Status) {
			return fmt.Errorf("version %s: out of order, overlapping, or of unknown status", v.ID)
		}
		last = v.LastDay
	}
	return nil
}

func (n *Norm) checkSanction(s Sanction, known map[string]bool) error {
	if !n.has(s.Version) || !validStatus(s.Status) {
		return fmt.Errorf("version %q or status %q is not known", s.Version, s.Status)
	}
	for _, id := range s.Punishes {
		if !known[id] {
			return fmt.Errorf("punishes %s, which the norm has not", id)
		}
	}
	words := slices.Clone(s.BaseMeasures)
	for _, t := range s.Tiers {
		words = append(append(words, t.When), t.Persons...)
		for _, r := range []*Range{t.UnitFine, t.PersonFine} {
			if r != nil && (r.Min < 0 || r.Max < r.Min) {
				return fmt.Errorf("tier %s: range %d to %d", t.When, r.Min, r.Max)
			}
		}
	}
	for _, w := range words {
		if n.Terms[w].ZH == "" || n.Terms[w].EN == "" {
			return fmt.Errorf("the word %q is missing among the terms", w)
		}
	}
	return nil
}

func (n *Norm) has(version string) bool {
	return slices.ContainsFunc(n.Versions, func(v Version) bool { return v.ID == version })
}

func validStatus(s string) bool {
	return s == "found" || s == "derived" || s == "recalled"
}

// At returns the version in force at t, and whether there is one.
func (n *Norm) At(t time.Time) (Version, bool) {
	d := t.In(n.zone).Format(day)
	for _, v := range n.Versions {
		if v.InForce <= d && (v.LastDay == "" || d <= v.LastDay) {
			return v, true
		}
	}
	return Version{}, false
}

// Provision finds a provision by its id.
func (l *Law) Provision(id string) (*Norm, *Provision, bool) {
	for i := range l.Norms {
		for j := range l.Norms[i].Provisions {
			if l.Norms[i].Provisions[j].ID == id {
				return &l.Norms[i], &l.Norms[i].Provisions[j], true
			}
		}
	}
	return nil, nil, false
}

// Quantity returns the value of a provision's figure, such as the months that
// logs are kept.
func (l *Law) Quantity(provision, id string) (int, error) {
	_, p, ok := l.Provision(provision)
	if ok {
		for _, q := range p.Quantities {
			if q.ID == id {
				return q.Value, nil
			}
		}
	}
	return 0, fmt.Errorf("norms: %s has no figure %q", provision, id)
}

// Serving returns the controls that serve a provision, in the order of the file.
func (l *Law) Serving(provision string) []Control {
	var out []Control
	for _, c := range l.Controls {
		if slices.Contains(c.Serves, provision) {
			out = append(out, c)
		}
	}
	return out
}
