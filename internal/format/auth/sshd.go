package auth

import "strings"

// sshLine is one kind of sshd message: how it begins, where the user stands and
// what it means.
type sshLine struct {
	prefix   string
	user     string // the user follows this text; "" when no user is named
	category Category
	action   string
	outcome  Outcome
}

// sshLines are tried in order; the first prefix that fits wins. OpenSSH 5 to 10.
var sshLines = []sshLine{
	{"Accepted ", " for ", Authentication, "ssh_login", Success},
	{"Failed ", " for ", Authentication, "ssh_login", Failure},
	{"Postponed ", " for ", Authentication, "ssh_login_step", ""},
	{"Partial ", " for ", Authentication, "ssh_login_step", ""},
	{"Invalid user ", "Invalid user ", Authentication, "ssh_invalid_user", Failure},
	{"Illegal user ", "Illegal user ", Authentication, "ssh_invalid_user", Failure},
	{"input_userauth_request: invalid user ", "invalid user ", Authentication, "ssh_invalid_user", Failure},
	{"User ", "User ", Authentication, "ssh_not_allowed", Failure},
	{"maximum authentication attempts exceeded for ", " for ", Authentication, "ssh_max_attempts", Failure},
	{"Disconnecting", " user ", Session, "ssh_disconnect", Failure},
	{"Too many authentication failures", " for ", Authentication, "ssh_max_attempts", Failure},
	{"Connection closed by ", " user ", Session, "ssh_connection_closed", ""},
	{"Connection reset by ", " user ", Session, "ssh_connection_closed", ""},
	{"Disconnected from ", "user ", Session, "ssh_disconnect", ""},
	{"Received disconnect from ", "", Session, "ssh_disconnect", ""},
	{"Connection from ", "", Session, "ssh_connect", ""},
	{"Starting session: ", " for ", Session, "ssh_session_start", Success},
	{"Close session: user ", "user ", Session, "ssh_session_end", ""},
	{"Did not receive identification string", "", Session, "ssh_probe", Failure},
	{"Bad protocol version identification", "", Session, "ssh_probe", Failure},
	{"banner exchange: ", "", Session, "ssh_probe", Failure},
	{"kex_exchange_identification: ", "", Session, "ssh_probe", Failure},
	{"kex_protocol_error: ", "", Session, "ssh_probe", Failure},
	{"Protocol major versions differ", "", Session, "ssh_probe", Failure},
	{"Magic value check failed", "", Session, "ssh_probe", Failure},
	{"Unable to negotiate with ", "", Session, "ssh_negotiation", Failure},
	{"Timeout before authentication for ", "", Session, "ssh_timeout", Failure},
	{"ssh_dispatch_run_fatal: ", " user ", Session, "ssh_protocol_error", Failure},
	{"Bad packet length ", "", Session, "ssh_protocol_error", Failure},
	{"reverse mapping checking getaddrinfo for ", "", Session, "ssh_reverse_mapping", ""},
	{"Address ", "", Session, "ssh_reverse_mapping", ""},
	{"subsystem request for ", " by user ", Session, "ssh_subsystem", ""},
	{"Certificate invalid: ", "", Authentication, "ssh_certificate", Failure},
	{"Authentication refused: ", "", Authentication, "ssh_login", Failure},
	{"PAM: ", " for ", Authentication, "ssh_login", Failure},
	{"Authentication key ", "", Authentication, "ssh_key_revoked", Failure},
	{"drop connection ", "", Session, "ssh_connection_dropped", Failure},
}

func sshd(e *Entry, message string) {
	for _, severity := range []string{"error: ", "fatal: ", "debug1: "} {
		message = strings.TrimPrefix(message, severity)
	}
	message = strings.TrimSuffix(message, " [preauth]")
	if pamMore(e, message) {
		return
	}
	for i := range sshLines {
		l := &sshLines[i]
		if !strings.HasPrefix(message, l.prefix) {
			continue
		}
		if l.prefix == "User " && !strings.Contains(message, " not allowed because ") {
			return
		}
		e.set(l.category, l.action, l.outcome)
		sshPeer(e, l, message)
		sshUser(e, l, message)
		sshDetail(e, l, message)
		return
	}
}

// sshPeer finds "ADDRESS port N". A user name is the peer's own text and may hold
// the same words, so behind one the last such place counts; where no user stands
// before it, the first.
func sshPeer(e *Entry, l *sshLine, message string) {
	const port = " port "
	at := strings.Index(message, port)
	if l.user != "" && l.action != "ssh_login_step" && l.outcome != Success {
		at = strings.LastIndex(message, port)
	}
	if at >= 0 {
		e.peer(message[strings.LastIndexByte(message[:at], ' ')+1 : at])
		e.Port = leadingDigits(message[at+len(port):])
		return
	}
	for _, before := range []string{" from ", " by ", " with ", " for ", "Address "} {
		if i := strings.LastIndex(message, before); i >= 0 {
			rest := message[i+len(before):]
			if end := strings.IndexByte(rest, ' '); end >= 0 {
				rest = rest[:end]
			}
			// A port may follow a colon: "1.2.3.4:11: disconnected by user".
			if end := strings.Index(rest, ": "); end >= 0 {
				rest = rest[:end]
			}
			e.peer(rest)
			if e.Address != "" {
				e.Domain = ""
				return
			}
		}
	}
	if open := strings.IndexByte(message, '['); l.action == "ssh_reverse_mapping" && open >= 0 {
		if end := strings.IndexByte(message[open:], ']'); end > 0 {
			e.peer(message[open+1 : open+end])
		}
	}
	if l.action != "ssh_login" {
		e.Domain = ""
	}
}

// sshUser takes the text between what announces the user and the peer.
func sshUser(e *Entry, l *sshLine, message string) {
	if l.user == "" {
		return
	}
	i := strings.Index(message, l.user)
	if i < 0 {
		return
	}
	rest := message[i+len(l.user):]
	host := e.Address
	if host == "" {
		host = e.Domain
	}
	end := len(rest)
	if host != "" {
		at := strings.LastIndex(rest, host)
		if l.outcome == Success {
			at = strings.Index(rest, host)
		}
		if at >= 0 {
			end = at
		}
	}
	rest = strings.TrimSuffix(strings.TrimRight(rest[:end], " "), " from")
	if rest == "from" {
		rest = ""
	}
	rest = strings.TrimSuffix(rest, " by")
	if named, ok := strings.CutPrefix(rest, "invalid user"); ok {
		e.add("user_known", "no")
		rest = strings.TrimPrefix(named, " ")
	}
	if l.action == "ssh_not_allowed" || l.prefix == "Disconnecting" && host == "" {
		rest = word(rest)
	}
	if l.prefix == "Disconnecting" && strings.HasPrefix(message, "Disconnecting: ") {
		return
	}
	e.User = strings.TrimSuffix(rest, ":")
}

// sshDetail keeps the method, the key and the reason.
func sshDetail(e *Entry, l *sshLine, message string) {
	switch l.action {
	case "ssh_login", "ssh_login_step":
		rest := strings.TrimPrefix(message, l.prefix)
		if i := strings.IndexByte(rest, ' '); i > 0 && l.user == " for " && l.prefix != "PAM: " {
			e.add("method", rest[:i])
		}
		if _, key, ok := strings.Cut(message, " ssh2: "); ok {
			kind, print, _ := strings.Cut(key, " ")
			e.add("key_type", kind)
			e.add("key_fingerprint", word(print))
		}
	case "ssh_not_allowed":
		_, reason, _ := strings.Cut(message, " not allowed because ")
		e.add("reason", reason)
	case "ssh_disconnect":
		if strings.HasSuffix(message, "Too many authentication failures") || strings.Contains(message, "Too many authentication failures for ") {
			e.set(Authentication, "ssh_max_attempts", Failure)
		}
	}
}
