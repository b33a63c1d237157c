package normalise

import (
	"strings"

	"github.com/fengsui/fengsui/internal/format/auth"
)

// authPrograms are the programs whose messages say who signed in and what
// changed about accounts.
var authPrograms = []string{
	"sshd", "sshd-session", "sshd-auth", "sudo", "su", "su-l", "runuser",
	"cron", "crond", "anacron", "crontab", "login", "systemd-logind",
	"useradd", "adduser", "usermod", "userdel", "groupadd", "groupmod", "groupdel",
	"gpasswd", "passwd", "chpasswd", "chage", "chsh", "chfn", "vipw", "newusers",
	"polkitd", "pkexec", "lightdm", "vsftpd", "systemd-user",
}

func authParsers() []textParser {
	return []textParser{{
		family:   "auth",
		programs: authPrograms,
		shape:    func(m *message) bool { return strings.HasPrefix(m.text, "pam_") },
		read:     readAuth,
	}}
}

func readAuth(b *builder, m *message) bool {
	e, ok := auth.Parse(programKey(m.program), m.text)
	if !ok {
		return false
	}
	b.class(e.Service)
	b.logsource("linux", authService(e.Service))
	for _, p := range e.Extra {
		b.num(p.Name, p.Value)
	}
	b.core(eventCategory, string(e.Category))
	b.core(eventAction, e.Action)
	b.core(eventOutcome, string(e.Outcome))
	b.core(userName, e.User)
	b.core(sourceIP, e.Address)
	b.core(sourceDomain, e.Domain)
	b.core(sourcePort, e.Port)
	b.core(processCommandLine, e.Command)
	return true
}

// authService is Sigma's service of a family; what has none of its own is in the
// file that is called auth.
func authService(family string) string {
	switch family {
	case "sshd", "sudo", "su", "cron", "vsftpd":
		return family
	}
	return "auth"
}
