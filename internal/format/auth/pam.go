package auth

import "strings"

// pam reads what a PAM module writes, "pam_unix(sshd:auth): …". It reports false
// when the message is none of PAM's.
func pam(e *Entry, message string) bool {
	if !strings.HasPrefix(message, "pam_") {
		return false
	}
	module, rest, ok := strings.Cut(message, "(")
	if !ok {
		return false
	}
	service, text, ok := strings.Cut(rest, "): ")
	if !ok {
		return false
	}
	service, step, _ := strings.Cut(service, ":")
	e.add("pam_module", module)
	e.add("pam_service", service)
	e.add("pam_type", step)
	switch {
	case strings.HasPrefix(text, "session opened for user "):
		e.set(Session, "session_opened", Success)
		pamSession(e, text[len("session opened for user "):])
	case strings.HasPrefix(text, "session closed for user "):
		e.set(Session, "session_closed", Success)
		pamSession(e, text[len("session closed for user "):])
	case strings.HasPrefix(text, "authentication failure"):
		e.set(Authentication, "pam_authentication", Failure)
		pamPairs(e, text)
	case strings.HasPrefix(text, "authentication success"):
		e.set(Authentication, "pam_authentication", Success)
		pamPairs(e, text)
	case strings.HasPrefix(text, "check pass; user unknown"):
		e.set(Authentication, "pam_unknown_user", Failure)
	case strings.HasPrefix(text, "password changed for "):
		e.set(IAM, "password_change", Success)
		e.User = word(text[len("password changed for "):])
	case strings.HasPrefix(text, "user "):
		pamUser(e, text[len("user "):])
	case strings.HasPrefix(text, "account ") && strings.Contains(text, "expired"):
		e.set(Authentication, "pam_account", Failure)
		e.User = word(text[len("account "):])
	case strings.HasPrefix(text, "Consecutive login failures for user "):
		e.set(Authentication, "account_locked", Failure)
		e.User = word(text[len("Consecutive login failures for user "):])
	}
	return true
}

// pamSession reads "root(uid=0) by ubuntu(uid=1000)".
func pamSession(e *Entry, text string) {
	user, by, _ := strings.Cut(text, " by ")
	name, id, _ := strings.Cut(user, "(uid=")
	e.User = word(name)
	e.add("uid", leadingDigits(id))
	name, id, _ = strings.Cut(by, "(uid=")
	e.add("by", word(name))
	e.add("by_uid", leadingDigits(id))
}

// pamUser reads `user "x" does not exist in /etc/passwd`, `user x locked`.
func pamUser(e *Entry, text string) {
	e.User = word(text)
	switch {
	case strings.Contains(text, "does not exist"), strings.Contains(text, "unknown"):
		e.set(Authentication, "pam_unknown_user", Failure)
	case strings.Contains(text, "locked"), strings.Contains(text, "tally"):
		e.set(Authentication, "account_locked", Failure)
	}
}

// pamMore reads sshd's own "PAM 2 more authentication failures; logname= …".
func pamMore(e *Entry, message string) bool {
	rest, ok := strings.CutPrefix(message, "PAM ")
	if !ok {
		return false
	}
	n, rest, _ := strings.Cut(rest, " ")
	if !digits(n) {
		return strings.HasPrefix(message, "PAM service(")
	}
	e.add("failures", n)
	e.set(Authentication, "pam_authentication", Failure)
	pamPairs(e, rest)
	return true
}

// pamPairs reads "logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root".
// A user name is whatever was typed and stands last, so it runs to the end.
func pamPairs(e *Entry, text string) {
	_, text, ok := strings.Cut(text, "; ")
	if !ok {
		return
	}
	for text != "" {
		text = strings.TrimLeft(text, " ")
		name, rest, found := strings.Cut(text, "=")
		if !found || strings.ContainsRune(name, ' ') {
			return
		}
		value := rest
		if i := strings.IndexByte(rest, ' '); i >= 0 && name != "user" {
			value = rest[:i]
		}
		text = rest[len(value):]
		switch name {
		case "user":
			e.User = value
		case "rhost":
			e.peer(value)
			e.add(name, value)
		default:
			e.add(name, value)
		}
	}
}
