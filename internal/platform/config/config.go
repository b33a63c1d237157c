// Package config holds the settings of the station: what they are called, what
// they mean, their defaults, and where they come from.
//
// A setting comes from the first of these that names it: a flag, an environment
// variable, the configuration file, its default. The file is YAML; a key that is
// not known is an error that names its line. docs/operate/configuration.md is
// generated from the same structs.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Config is every setting of the station.
type Config struct {
	Data   string `yaml:"data" default:"./data" doc:"Folder of the station's data, made when it is missing"`
	Zone   string `yaml:"zone" default:"Asia/Shanghai" doc:"Time zone of the organisation: for stamps without a zone, and for display"`
	HTTP   HTTP   `yaml:"http"`
	Syslog Syslog `yaml:"syslog"`
	Local  Local  `yaml:"local"`
	Ledger Ledger `yaml:"ledger"`
	Rules  Rules  `yaml:"rules"`
	Ingest Ingest `yaml:"ingest"`
	Search Search `yaml:"search"`
	Log    Log    `yaml:"log"`
}

// HTTP is about the console, the API and ingest over HTTP.
type HTTP struct {
	Listen  string `yaml:"listen" default:"127.0.0.1:8420" doc:"Address of console, API and ingest; beyond loopback TLS files are required"`
	Public  string `yaml:"public" doc:"URL as browsers and senders reach it, such as https://log.example.edu; default: from listen"`
	TLSCert string `yaml:"tls_cert" doc:"Certificate chain, PEM"`
	TLSKey  string `yaml:"tls_key" doc:"Private key of the certificate, PEM"`
}

// Syslog is about receiving syslog. An empty address opens nothing.
type Syslog struct {
	Listen  string `yaml:"listen" default:"127.0.0.1:5514" doc:"UDP and TCP address for RFC 5424 and RFC 3164"`
	TLS     string `yaml:"tls" doc:"TLS address (RFC 5425); needs a certificate"`
	TLSCert string `yaml:"tls_cert" doc:"Certificate chain, PEM; default: that of http"`
	TLSKey  string `yaml:"tls_key" doc:"Private key, PEM; default: that of http"`
	MaxSize int    `yaml:"max_size" default:"65536" doc:"Longest message, in bytes"`
}

// Local is about the listener for health and metrics.
type Local struct {
	Listen string `yaml:"listen" default:"127.0.0.1:8421" doc:"Loopback address of /healthz, /readyz and /metrics; empty: none"`
}

// Ledger is about the sealed log.
type Ledger struct {
	Origin          string        `yaml:"origin" default:"fengsui" doc:"Name of this log in its checkpoints"`
	CopyTo          []string      `yaml:"copy_to" doc:"Folders that checkpoints are copied to; best on another machine"`
	SegmentBytes    int64         `yaml:"segment_bytes" default:"268435456" doc:"Raw bytes after which a segment closes"`
	SegmentAge      time.Duration `yaml:"segment_age" default:"10m" doc:"Age at which a segment closes"`
	CheckpointEvery time.Duration `yaml:"checkpoint_every" default:"10s" doc:"How often checkpoints are signed while there is news"`
	Reserve         int64         `yaml:"reserve_bytes" default:"67108864" doc:"Room kept for closing and alarms on a full disk"`
}

// Rules is about detection rules.
type Rules struct {
	Folders []string `yaml:"folders" doc:"Folders of Sigma rules besides those that the station ships"`
}

// Ingest is about what senders may use.
type Ingest struct {
	MaxBody    int64 `yaml:"max_body_bytes" default:"33554432" doc:"Largest request body as it comes over the wire"`
	MaxDecoded int64 `yaml:"max_decoded_bytes" default:"67108864" doc:"Largest request body after decompression"`
	MaxHeld    int64 `yaml:"max_held_bytes" default:"268435456" doc:"Request bodies held at one time"`
	MaxLine    int   `yaml:"max_line_bytes" default:"1048576" doc:"Longest record over HTTP"`
	MaxWaiting int64 `yaml:"max_waiting_bytes" default:"134217728" doc:"Bytes that may wait for the disk; beyond it senders are told to wait"`
}

// Search is about queries.
type Search struct {
	Timeout time.Duration `yaml:"timeout" default:"10s" doc:"How long a query may take; what was found by then is shown as partial"`
}

// Log is about the station's own log.
type Log struct {
	Level string `yaml:"level" default:"info" doc:"debug, info, warn or error"`
}

// Prefix is what the names of environment variables begin with: FENGSUI_HTTP_LISTEN
// is http.listen. Lists are separated by commas.
const Prefix = "FENGSUI_"

// Sources is where settings come from besides their defaults.
type Sources struct {
	File   string              // path of the YAML file; "" for none
	Getenv func(string) string // environment; nil: none
	Flags  map[string]string   // by key, such as http.listen; empty values count
}

// Load reads the settings and checks them. Errors name the file and line, the
// variable or the flag.
func Load(from Sources) (Config, error) {
	var c Config
	for _, f := range fields(&c) {
		if f.def != "" {
			if err := f.set(f.def); err != nil {
				panic("BUG: default of " + f.Key + ": " + err.Error())
			}
		}
	}
	if from.File != "" {
		data, err := os.ReadFile(filepath.Clean(from.File))
		if err != nil {
			return c, fmt.Errorf("read configuration %s: %w", from.File, err)
		}
		if err := decode(data, &c); err != nil {
			return c, fmt.Errorf("read configuration %s: %s", from.File, yaml.FormatError(err, false, false))
		}
	}
	for _, f := range fields(&c) {
		if from.Getenv != nil {
			if v := from.Getenv(f.Variable); v != "" {
				if err := f.set(v); err != nil {
					return c, fmt.Errorf("environment %s: %w", f.Variable, err)
				}
			}
		}
		if v, ok := from.Flags[f.Key]; ok {
			if err := f.set(v); err != nil {
				return c, fmt.Errorf("flag for %s: %w", f.Key, err)
			}
		}
	}
	return c, c.check()
}

// decode reads the one document of a file over the defaults in c.
func decode(data []byte, c *Config) error {
	d := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	read := *c
	switch err := d.Decode(&read); {
	case errors.Is(err, io.EOF): // only comments, or nothing at all
		return nil
	case err != nil:
		return err
	}
	var more any
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one document in it")
	}
	*c = read
	return nil
}

// faults collects what is wrong, by setting.
type faults []error

func (f *faults) add(wrong bool, key, format string, args ...any) {
	if wrong {
		*f = append(*f, fmt.Errorf("setting %s: %s", key, fmt.Sprintf(format, args...)))
	}
}

// check refuses what cannot work.
func (c Config) check() error {
	var f faults
	_, err := time.LoadLocation(c.Zone)
	f.add(c.Data == "", "data", "is empty")
	f.add(err != nil || c.Zone == "" || c.Zone == "Local", "zone", "%q is not the name of a time zone", c.Zone)
	for _, a := range []struct{ key, address string }{
		{"http.listen", c.HTTP.Listen}, {"syslog.listen", c.Syslog.Listen}, {"syslog.tls", c.Syslog.TLS}, {"local.listen", c.Local.Listen},
	} {
		_, _, err := net.SplitHostPort(a.address)
		f.add(err != nil && (a.address != "" || a.key == "http.listen"), a.key, "%q is not host:port", a.address)
	}
	f.add(!Loopback(c.HTTP.Listen) && c.HTTP.TLSCert == "", "http.listen",
		"%s can be reached from other machines: give http.tls_cert and http.tls_key, or listen on 127.0.0.1", c.HTTP.Listen)
	f.add((c.HTTP.TLSCert == "") != (c.HTTP.TLSKey == ""), "http.tls_cert", "certificate and key belong together")
	f.add((c.Syslog.TLSCert == "") != (c.Syslog.TLSKey == ""), "syslog.tls_cert", "certificate and key belong together")
	f.add(c.Syslog.TLS != "" && c.Syslog.TLSCert == "" && c.HTTP.TLSCert == "", "syslog.tls",
		"needs syslog.tls_cert and syslog.tls_key, or those of http")
	f.add(c.Local.Listen != "" && !Loopback(c.Local.Listen), "local.listen",
		"%s can be reached from other machines; only loopback is allowed", c.Local.Listen)
	f.add(c.HTTP.Public != "" && !origin(c.HTTP.Public), "http.public", "%q is not a URL of scheme and host only", c.HTTP.Public)
	for _, folder := range c.Ledger.CopyTo {
		f.add(within(c.Data, folder), "ledger.copy_to", "%s lies in the data folder, where whoever changes the ledger changes it too", folder)
	}
	c.checkLimits(&f)
	return errors.Join(f...)
}

// within reports whether path is the folder or below it.
func within(folder, path string) bool {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return false
	}
	if path, err = filepath.Abs(path); err != nil {
		return false
	}
	rest, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rest)
}

func origin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && u.Scheme+"://"+u.Host == text
}

func (c Config) checkLimits(f *faults) {
	f.add(c.Ledger.SegmentAge < time.Second, "ledger.segment_age", "less than 1s")
	f.add(c.Ledger.CheckpointEvery < 100*time.Millisecond, "ledger.checkpoint_every", "less than 100ms")
	f.add(c.Ledger.SegmentBytes < 1<<16, "ledger.segment_bytes", "less than 65536")
	f.add(c.Syslog.MaxSize < 480 || c.Syslog.MaxSize > 1<<20, "syslog.max_size", "480 (RFC 5424) to 1048576")
	f.add(c.Ingest.MaxLine < 1024 || c.Ingest.MaxLine > 1<<20, "ingest.max_line_bytes", "1024 to 1048576")
	f.add(!slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level), "log.level",
		"%q is none of debug, info, warn, error", c.Log.Level)
}

// Loopback reports whether only this machine reaches the address. A name that is
// not localhost counts as reachable from elsewhere.
func Loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// Field is one setting.
type Field struct {
	Key      string // as in the file, with dots
	Variable string // environment
	Type     string // text, list, number, bytes or duration, for people
	Default  string
	Doc      string
	Value    string // as it is now

	def   string
	value reflect.Value
}

// Fields lists every setting in the order of the structs, with its present value.
// No setting is a secret: keys and certificates are named by their files.
func (c Config) Fields() []Field { return fields(&c) }

func fields(c *Config) []Field {
	return walk(reflect.ValueOf(c).Elem(), "")
}

func walk(v reflect.Value, prefix string) []Field {
	var out []Field
	for i := range v.NumField() {
		t := v.Type().Field(i)
		key := prefix + t.Tag.Get("yaml")
		if t.Type.Kind() == reflect.Struct {
			out = append(out, walk(v.Field(i), key+".")...)
			continue
		}
		f := Field{
			Key: key, Variable: Prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_")), Default: t.Tag.Get("default"),
			Doc: t.Tag.Get("doc"), def: t.Tag.Get("default"), value: v.Field(i),
		}
		f.Type, f.Value = f.describe()
		out = append(out, f)
	}
	return out
}

func (f Field) describe() (kind, value string) {
	switch x := f.value.Interface().(type) {
	case string:
		return "text", x
	case []string:
		return "list", strings.Join(x, ",")
	case time.Duration:
		return "duration", x.String()
	default:
		return "number", fmt.Sprint(x)
	}
}

func (f Field) set(text string) error {
	switch p := f.value.Addr().Interface().(type) {
	case *string:
		*p = text
	case *[]string:
		*p = nil
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				*p = append(*p, part)
			}
		}
	case *time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 10s or 5m", text)
		}
		*p = d
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		f.value.SetInt(n)
	}
	return nil
}

// Location returns the organisation's time zone; Load has checked it.
func (c Config) Location() *time.Location {
	l, err := time.LoadLocation(c.Zone)
	if err != nil {
		panic("BUG: the zone was not checked: " + err.Error())
	}
	return l
}
