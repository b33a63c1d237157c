package auth

import "strings"

// sudo reads "liwei : [reason ; ]TTY=pts/0 ; PWD=/home/liwei ; USER=root ; COMMAND=/bin/ls".
// The command stands last and runs to the end.
func sudo(e *Entry, message string) {
	user, rest, ok := strings.Cut(message, " : ")
	if !ok || strings.ContainsAny(user, " \t") {
		return
	}
	e.User = user
	e.set(Authentication, "sudo", Success)
	if strings.HasPrefix(rest, "(command continued) ") {
		e.set(Process, "sudo_continued", "")
		e.Command = rest[len("(command continued) "):]
		return
	}
	for rest != "" {
		if command, ok := strings.CutPrefix(rest, "COMMAND="); ok {
			e.Command = command
			e.add("COMMAND", command)
			return
		}
		part, next, _ := strings.Cut(rest, " ; ")
		name, value, pair := strings.Cut(part, "=")
		if pair && upper(name) {
			e.add(name, value)
		} else if strings.TrimSpace(part) != "" {
			e.Outcome = Failure
			e.add("reason", strings.TrimSpace(part))
		}
		rest = next
	}
}

func upper(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return s != ""
}

// su reads util-linux's, shadow's and coreutils' ways to say who became whom.
func su(e *Entry, message string) {
	switch {
	case strings.HasPrefix(message, "FAILED SU (to "):
		target, rest, _ := strings.Cut(message[len("FAILED SU (to "):], ") ")
		suEntry(e, Failure, target, rest)
	case strings.HasPrefix(message, "FAILED su for "):
		target, by, _ := strings.Cut(message[len("FAILED su for "):], " by ")
		suEntry(e, Failure, target, by)
	case strings.HasPrefix(message, "Successful su for "):
		target, by, _ := strings.Cut(message[len("Successful su for "):], " by ")
		suEntry(e, Success, target, by)
	case strings.HasPrefix(message, "(to "):
		target, rest, _ := strings.Cut(message[len("(to "):], ") ")
		suEntry(e, Success, target, rest)
	case strings.HasPrefix(message, "+ ") || strings.HasPrefix(message, "- "):
		tty, rest, _ := strings.Cut(message[2:], " ")
		by, target, ok := strings.Cut(rest, ":")
		if !ok {
			return
		}
		outcome := Success
		if message[0] == '-' {
			outcome = Failure
		}
		suEntry(e, outcome, target, by)
		e.add("tty", tty)
	}
}

func suEntry(e *Entry, o Outcome, target, by string) {
	e.set(Authentication, "su", o)
	by, tty, _ := strings.Cut(by, " on ")
	e.User = word(by)
	e.add("target_user", word(target))
	e.add("tty", tty)
}

// cron reads "(root) CMD (run-parts /etc/cron.hourly)".
func cron(e *Entry, message string) {
	rest, ok := strings.CutPrefix(message, "(")
	if !ok {
		return
	}
	user, rest, ok := strings.Cut(rest, ") ")
	if !ok {
		return
	}
	act, text, ok := strings.Cut(rest, " (")
	if !ok || !upper(strings.ReplaceAll(act, " ", "")) {
		return
	}
	e.User = user
	text = strings.TrimSuffix(text, ")")
	if act == "CMD" {
		e.set(Process, "cron_command", "")
		e.Command = strings.TrimSpace(text)
		return
	}
	e.set(Process, "cron_"+strings.ToLower(strings.ReplaceAll(act, " ", "_")), "")
	e.add("detail", text)
}

// login reads the console's sign-in.
func login(e *Entry, message string) {
	switch {
	case strings.HasPrefix(message, "FAILED LOGIN"):
		e.set(Authentication, "login", Failure)
		if _, rest, ok := strings.Cut(message, " FOR "); ok {
			e.User = word(rest)
		}
		if _, rest, ok := strings.Cut(message, " FROM "); ok {
			e.peer(word(rest))
		}
	case strings.HasPrefix(message, "ROOT LOGIN"):
		e.set(Authentication, "login", Success)
		e.User = "root"
	case strings.HasPrefix(message, "LOGIN ON "):
		e.set(Authentication, "login", Success)
		tty, rest, _ := strings.Cut(message[len("LOGIN ON "):], " BY ")
		e.add("tty", tty)
		e.User = word(rest)
	case strings.HasPrefix(message, "TOO MANY LOGIN TRIES"):
		e.set(Authentication, "login", Failure)
		return
	default:
		return
	}
	if _, rest, ok := strings.Cut(message, " FROM "); ok {
		e.peer(word(rest))
	}
}

// logind reads systemd-logind's sessions.
func logind(e *Entry, message string) {
	switch {
	case strings.HasPrefix(message, "New session "):
		e.set(Session, "session_opened", Success)
		id, rest, ok := strings.Cut(message[len("New session "):], " of user ")
		id = word(id)
		if !ok {
			return
		}
		e.add("session", strings.Trim(id, "'"))
		e.User = strings.TrimSuffix(word(rest), ".")
	case strings.HasPrefix(message, "Removed session "):
		e.set(Session, "session_closed", Success)
		e.add("session", strings.TrimSuffix(word(message[len("Removed session "):]), "."))
	case strings.HasPrefix(message, "Session ") && strings.Contains(message, "logged out"):
		e.set(Session, "session_closed", Success)
		e.add("session", word(message[len("Session "):]))
	}
}
