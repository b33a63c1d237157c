package event

import "time"

// Source is a known, authorised sender of logs, as receivers and normalise need it.
type Source struct {
	ID, Name string
	Kind     string         // "http", "syslog", "otlp"
	Format   string         // parser to use; "" lets normalise find out
	Charset  string         // "" (UTF-8, else GB18030), "gb18030", "utf-8", "latin1"
	Zone     *time.Location // for stamps without a zone; nil means the station's
}
