package auth

import (
	"net/netip"
	"strings"
)

// Outcome says whether what was tried worked.
type Outcome string

// The outcomes. An empty outcome means the line does not tell.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
)

// Category is the kind of act, in the words of ECS.
type Category string

// The categories of what is read here.
const (
	Authentication Category = "authentication"
	Session        Category = "session"
	IAM            Category = "iam"
	Process        Category = "process"
)

// Pair is a named value in the program's own words.
type Pair struct{ Name, Value string }

// Entry is what one message says. Empty fields are not told. All texts alias the
// message.
type Entry struct {
	Service  string   // "sshd", "sudo", "su", "cron", "login", "useradd", "pam", …
	Category Category // empty for notes about the program itself
	Action   string   // what was done, such as "ssh_login", "sudo", "user_add"
	Outcome  Outcome
	User     string // who acts; for sessions and account changes: whose it is
	Address  string // address of the peer
	Domain   string // name of the peer, where the program resolved it
	Port     string // port of the peer, decimal
	Command  string // command line that was run
	Extra    []Pair
}

// services lists the programs whose messages are read, and which family each
// belongs to.
var services = map[string]string{
	"sshd": "sshd", "sshd-session": "sshd", "sshd-auth": "sshd",
	"sudo": "sudo", "su": "su", "su-l": "su", "runuser": "su",
	"CRON": "cron", "crond": "cron", "cron": "cron", "crontab": "cron", "anacron": "cron",
	"login": "login", "systemd-logind": "logind",
	"useradd": "account", "adduser": "account", "usermod": "account", "userdel": "account",
	"groupadd": "account", "groupmod": "account", "groupdel": "account", "gpasswd": "account",
	"passwd": "account", "chpasswd": "account", "chage": "account", "chsh": "account", "chfn": "account",
	"vipw": "account", "newusers": "account",
	"polkitd": "pam", "pkexec": "pam", "lightdm": "pam", "vsftpd": "pam", "systemd-user": "pam",
}

// Parse reads the message of one program. It reports false for a program it does
// not know, unless the message is one of PAM's, which any program may write. A
// known program's message that says nothing about signing in gives an entry with
// its Service alone.
func Parse(program, message string) (Entry, bool) {
	program = base(program)
	message, times := repeated(strings.TrimSpace(message))
	e := Entry{}
	family, known := services[program]
	switch {
	case pam(&e, message):
		if !known {
			e.Service = "pam"
			break
		}
		e.Service = serviceName(family, program)
	case !known:
		return Entry{}, false
	default:
		e.Service = serviceName(family, program)
		byFamily(&e, family, message)
	}
	if times != "" {
		e.add("repeated", times)
	}
	return e, true
}

func byFamily(e *Entry, family, message string) {
	switch family {
	case "sshd":
		sshd(e, message)
	case "sudo":
		sudo(e, message)
	case "su":
		su(e, message)
	case "cron":
		cron(e, message)
	case "login":
		login(e, message)
	case "logind":
		logind(e, message)
	case "account":
		account(e, message)
	}
}

func serviceName(family, program string) string {
	switch family {
	case "account", "pam":
		return program
	}
	return family
}

// base strips a folder, as in "/usr/sbin/cron", from a program's name.
func base(program string) string {
	return program[strings.LastIndexByte(program, '/')+1:]
}

// repeated opens "message repeated 5 times: [ … ]", which rsyslog writes for
// equal lines in a row.
func repeated(message string) (inner, times string) {
	rest, ok := strings.CutPrefix(message, "message repeated ")
	if !ok {
		return message, ""
	}
	times, rest, ok = strings.Cut(rest, " times: [")
	if !ok || !digits(times) {
		return message, ""
	}
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "]")), times
}

func (e *Entry) add(name, value string) {
	if value != "" {
		e.Extra = append(e.Extra, Pair{Name: name, Value: value})
	}
}

func (e *Entry) set(c Category, action string, o Outcome) {
	e.Category, e.Action, e.Outcome = c, action, o
}

// peer takes an address or, where the program resolved it, a host name.
func (e *Entry) peer(host string) {
	host = strings.Trim(host, "[]<>,;:'\"")
	if host == "" || host == "UNKNOWN" || host == "?" {
		return
	}
	if _, err := netip.ParseAddr(host); err == nil {
		e.Address = host
		return
	}
	if !strings.ContainsAny(host, " \t=()") {
		e.Domain = host
	}
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// leadingDigits returns the digits s begins with.
func leadingDigits(s string) string {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return s[:n]
}

// word returns the first word of s without quotes.
func word(s string) string {
	s = strings.TrimLeft(s, " ")
	if i := strings.IndexAny(s, " ,;"); i >= 0 {
		s = s[:i]
	}
	return strings.Trim(s, "'\"")
}
