// Package auth reads what Linux programs write about signing in, sessions,
// privileges and accounts: sshd, sudo, su, login, PAM modules, cron,
// systemd-logind and the shadow suite (useradd, usermod, gpasswd, …).
//
// It takes the program's name and its message, both without the syslog header,
// and says who tried what from where, and whether it worked. What a program
// names itself (sudo's TTY, PAM's rhost, useradd's UID) stays in Extra under the
// program's own name.
package auth
