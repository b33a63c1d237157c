package auth

import "strings"

// accountLine is one kind of message of the shadow suite; the name in quotes or
// the word after the prefix is the account.
type accountLine struct {
	prefix  string
	action  string
	outcome Outcome
}

var accountLines = []accountLine{
	{"new user: ", "user_add", Success},
	{"new group: ", "group_add", Success},
	{"group added to ", "group_add", Success},
	{"failed adding user ", "user_add", Failure},
	{"failed adding group ", "group_add", Failure},
	{"add ", "group_member_add", Success},
	{"delete user ", "user_delete", Success},
	{"remove group ", "group_delete", Success},
	{"removed group ", "group_delete", Success},
	{"group ", "group_change", Success},
	{"delete ", "group_member_delete", Success},
	{"removed ", "group_delete", Success},
	{"lock user ", "user_lock", Success},
	{"unlock user ", "user_unlock", Success},
	{"change user ", "user_change", Success},
	{"changed user ", "user_change", Success},
	{"password for ", "password_change", Success},
	{"password changed for ", "password_change", Success},
	{"user ", "group_member_add", Success},
	{"members of group ", "group_change", Success},
}

// account reads useradd, usermod, userdel, groupadd, gpasswd, passwd and chpasswd.
func account(e *Entry, message string) {
	for i := range accountLines {
		l := &accountLines[i]
		rest, ok := strings.CutPrefix(message, l.prefix)
		if !ok {
			continue
		}
		e.set(IAM, l.action, l.outcome)
		switch l.prefix {
		case "new user: ", "new group: ":
			accountPairs(e, rest)
		case "group added to ":
			_, pairs, _ := strings.Cut(rest, ": ")
			accountPairs(e, pairs)
		case "add ", "delete ":
			e.User = word(rest)
			accountGroup(e, rest)
		case "user ":
			gpasswd(e, rest)
		case "change user ", "changed user ":
			e.User = word(rest)
			if strings.HasSuffix(rest, " password") {
				e.Action = "password_change"
			}
		case "failed adding group ", "remove group ", "removed group ", "removed ", "group ", "members of group ":
			e.add("group", word(strings.TrimPrefix(rest, "group ")))
		default:
			e.User = strings.TrimSuffix(word(rest), ",")
		}
		return
	}
}

// accountPairs reads "name=x, UID=1001, GID=1001, home=/home/x, shell=/bin/sh".
func accountPairs(e *Entry, text string) {
	for part := range strings.SplitSeq(text, ", ") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || strings.ContainsRune(name, ' ') {
			continue
		}
		e.add(name, value)
		if name == "name" && e.Action == "user_add" {
			e.User = value
		}
	}
}

// accountGroup reads "'x' to [shadow ]group 'sudo'" and "'x' from group 'sudo'".
func accountGroup(e *Entry, text string) {
	if _, group, ok := strings.Cut(text, "group "); ok {
		e.add("group", word(group))
	}
}

// gpasswd reads "user x added by root to group sudo" and its counterpart.
func gpasswd(e *Entry, text string) {
	e.User = word(text)
	if strings.Contains(text, " removed by ") {
		e.Action = "group_member_delete"
	}
	if _, by, ok := strings.Cut(text, " by "); ok {
		e.add("by", word(by))
	}
	accountGroup(e, text)
}
