package logsource

import (
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fengsui/fengsui/internal/capability"
	"github.com/fengsui/fengsui/internal/evidence"
	"github.com/fengsui/fengsui/internal/platform/authz"
	"github.com/fengsui/fengsui/internal/platform/problem"
	"github.com/fengsui/fengsui/internal/platform/sqldb"
)

// ID is the identifier of a source, a UUIDv7. It stands in the ledger.
type ID string

// Kind is how a source sends.
type Kind string

// The kinds of sources.
const (
	HTTP   Kind = "http"   // NDJSON and Elasticsearch bulk, with a token
	Syslog Kind = "syslog" // RFC 5424 and 3164, by address or client certificate
	OTLP   Kind = "otlp"   // OpenTelemetry logs over HTTP, with a token
)

// hasToken reports whether sources of the kind are known by a token.
func (k Kind) hasToken() bool { return k == HTTP || k == OTLP }

// State is how a source is doing.
type State string

// The states of a source.
const (
	Waiting    State = "waiting"    // nothing was ever received
	Delivering State = "delivering" // something was received within the limit
	Silent     State = "silent"
)

// Source is a known sender of logs.
type Source struct {
	ID          ID
	Name        string
	Kind        Kind
	Allow       []netip.Prefix // syslog: who it is; else where it may send from, empty: anywhere
	Certificate string         // syslog over TLS: SHA-256 of the client certificate, lower-case hex
	Format      string         // parser to use; "" lets the station find out
	Charset     string         // "" is UTF-8, else GB18030
	Zone        string         // IANA name for stamps without a zone; "" is the station's
	SilentAfter time.Duration  // limit of silence, whole seconds
	RateLimit   int64          // events per second; 0: none
	CreatedAt   time.Time
	UpdatedAt   time.Time
	RetiredAt   time.Time // zero while it is in use
	Reason      string    // why it was retired

	tokenHash string // lower-case hex of the SHA-256; "" when it has none
}

// Figures are what a source has sent so far.
type Figures struct {
	State     State
	First     time.Time // first receipt; zero: none
	Last      time.Time
	Received  int64 // events in the ledger
	Bytes     int64
	Unparsed  int64 // of these, lines that no parser knew
	Dropped   int64
	PerMinute int64 // events in the last 60 s
}

// The reasons of a gap.
const (
	ReasonSilent  = "silent_beyond_limit"
	ReasonNever   = "never_delivered"
	ReasonStation = "station_down"
)

// How a gap ended.
const (
	endReturned = "returned"
	endRetired  = "retired"
	endLimit    = "limit_changed"
	endStarted  = "station_started"
)

// Gap is a span without logs of a source.
type Gap struct {
	ID         string
	Source     ID
	Reason     string
	From       time.Time // last receipt before it
	Due        time.Time // from when on it counts: the limit was exceeded
	To         time.Time // zero while it lasts
	Ended      string
	RecordedAt time.Time
	ClosedAt   time.Time // when its end was recorded
}

// Stranger is a sender that no source is known for.
type Stranger struct {
	ID        string
	Transport string
	Peer      netip.Addr
	Count     int64
	First     time.Time
	Last      time.Time
	Sample    string // the newest line, shortened
}

// The permissions.
var (
	PermRead  = authz.Permission{ID: "logsource.read", Roles: []authz.Role{authz.Administrator, authz.Analyst, authz.Reader}}
	PermWrite = authz.Permission{ID: "logsource.write", Roles: []authz.Role{authz.Administrator}}
)

// The problems.
var (
	ErrNotFound  = problem.New(problem.NotFound, "logsource.not_found", "no such source")
	ErrInvalid   = problem.New(problem.Invalid, "logsource.invalid", "the source is not described correctly")
	ErrNameTaken = problem.New(problem.Conflict, "logsource.name_taken", "another source has this name")
	ErrSenderSet = problem.New(problem.Conflict, "logsource.sender_taken", "another source has this address or certificate")
	ErrRetired   = problem.New(problem.Conflict, "logsource.retired", "the source is retired")
	ErrNoToken   = problem.New(problem.Conflict, "logsource.no_token", "sources of this kind have no token")
	ErrTooMany   = problem.New(problem.Conflict, "logsource.too_many", "there are too many of them")
	ErrStranger  = problem.New(problem.NotFound, "logsource.stranger_not_found", "no such stranger")
	ErrCursor    = problem.New(problem.BadRequest, "logsource.bad_cursor", "the cursor is not one of this list")
)

// Ledger answers what sources need to know of the ledger.
type Ledger interface {
	// Size returns the number of durable events.
	Size() uint64
	// Oldest returns the receipt time of the oldest event kept; zero: none.
	Oldest(ctx context.Context) (time.Time, error)
}

// Publisher tells open consoles what is new.
type Publisher interface {
	Publish(topic string, v any)
}

// Listeners are the station's addresses as senders reach them; empty ones are
// not open.
type Listeners struct {
	Host      string // name or address that senders use
	SyslogUDP string // port
	SyslogTCP string
	SyslogTLS string
	HTTP      string // https://host:port without a path
}

// Deps are what sources need of the station.
type Deps struct {
	DB         *sqldb.DB
	Ledger     Ledger
	News       Publisher        // nil: nobody is told
	Listeners  func() Listeners // asked when settings are shown
	Now        func() time.Time
	Rand       io.Reader // of cryptographic quality
	Log        *slog.Logger
	KeepMonths int // how long logs have to be kept, in calendar months; from the norm
}

func (d Deps) check() error {
	switch {
	case d.DB == nil, d.Ledger == nil, d.Now == nil, d.Rand == nil, d.Log == nil, d.Listeners == nil:
		return errors.New("logsource: a dependency is missing")
	case d.KeepMonths <= 0:
		return errors.New("logsource: how long logs have to be kept is missing")
	}
	return nil
}

//go:embed migrations/*.sql
var embedded embed.FS

func migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		panic("BUG: the migrations are not embedded: " + err.Error())
	}
	return files
}

// Module hands the capability over. [Service.Load] is called between its
// migrations and the first receiver.
func (s *Service) Module() capability.Module {
	return capability.Module{
		Name:        "logsource",
		Migrations:  migrations(),
		Permissions: []authz.Permission{PermRead, PermWrite},
		Routes:      func(api huma.API) { routes(api, s) },
		Evidence:    []evidence.Provider{delivering{s}, kept{s}},
		Run:         s.Run,
	}
}

// Limits of what a source may say.
const (
	maxName        = 100
	maxAllow       = 200
	minSilentAfter = 10 * time.Second
	maxSilentAfter = 366 * 24 * time.Hour
	defSilentAfter = time.Hour
	maxRateLimit   = 10_000_000
	maxSources     = 10_000
)

// Formats lists the parser families that a source may declare.
func Formats() []string {
	return []string{"", "syslog", "json", "eve", "windows", "auditd", "cef", "kv", "web", "text"}
}

// Charsets lists the character sets that a source may declare.
func Charsets() []string { return []string{"", "utf-8", "gb18030", "latin1"} }

// check fills defaults and refuses what cannot be.
func (src Source) check() (Source, error) { //nolint:cyclop // a list of cases reads best in one place
	src.Name = strings.TrimSpace(src.Name)
	src.Certificate = strings.ToLower(strings.ReplaceAll(src.Certificate, ":", ""))
	if src.SilentAfter == 0 {
		src.SilentAfter = defSilentAfter
	}
	refuse := func(field, why string) (Source, error) { return src, ErrInvalid.At("body."+field, why) }
	switch {
	case src.Name == "" || len(src.Name) > maxName:
		return refuse("name", "1 to 100 bytes")
	case src.Kind != HTTP && src.Kind != Syslog && src.Kind != OTLP:
		return refuse("kind", "http, syslog or otlp")
	case !slices.Contains(Formats(), src.Format):
		return refuse("format", "not a known format")
	case !slices.Contains(Charsets(), src.Charset):
		return refuse("charset", "not a known character set")
	case src.SilentAfter < minSilentAfter || src.SilentAfter > maxSilentAfter:
		return refuse("silent_after_seconds", "10 seconds to 366 days")
	case src.RateLimit < 0 || src.RateLimit > maxRateLimit:
		return refuse("rate_limit", "0 to 10,000,000 events per second")
	case len(src.Allow) > maxAllow:
		return refuse("allow", "at most 200 networks")
	case src.Kind == Syslog && len(src.Allow) == 0 && src.Certificate == "":
		return refuse("allow", "a syslog source is known by address or certificate: give one")
	case src.Kind != Syslog && src.Certificate != "":
		return refuse("certificate", "only syslog sources are known by certificate")
	}
	if src.Certificate != "" {
		if sum, err := hex.DecodeString(src.Certificate); err != nil || len(sum) != 32 {
			return refuse("certificate", "SHA-256 of the certificate as 64 hexadecimal digits")
		}
	}
	if _, err := zoneOf(src.Zone); err != nil {
		return refuse("zone", "not a known time zone")
	}
	return src, nil
}

// zoneOf loads a time zone; nil for "". The zone of the host's own settings is
// refused: it would mean something else on another host.
func zoneOf(name string) (*time.Location, error) {
	switch name {
	case "":
		return nil, nil
	case "Local":
		return nil, errors.New("not a name of a time zone")
	default:
		return time.LoadLocation(name)
	}
}
