package syslog

import "strings"

// Mnemonic is the head that network devices put before their messages.
type Mnemonic struct {
	Vendor   string // "huawei", "h3c" or "cisco", whose form Ruijie and others use too
	Module   string // such as "SHELL"
	Severity int    // 0 to 7
	Name     string // such as "CMDRECORD"
	Text     string // what follows the head
}

// Device reads the head of a network device's message: "%%01SHELL/5/CMDRECORD(l)[12]:"
// of Huawei, "%%10SHELL/5/SHELL_LOGIN:" of H3C, "%SYS-5-CONFIG_I:" of Cisco and
// Ruijie.
func Device(s string) (Mnemonic, bool) {
	if strings.HasPrefix(s, "%%") {
		return vrp(s)
	}
	if !strings.HasPrefix(s, "%") {
		return Mnemonic{}, false
	}
	head, text, ok := strings.Cut(s[1:], ":")
	if !ok || len(head) > 80 || strings.IndexByte(head, ' ') >= 0 {
		return Mnemonic{}, false
	}
	// MODULE-SUB-5-NAME: the severity is the last single digit between dashes.
	for i := len(head) - 2; i > 1; i-- {
		if head[i-1] == '-' && head[i] >= '0' && head[i] <= '7' && head[i+1] == '-' {
			return Mnemonic{"cisco", head[:i-1], int(head[i] - '0'), head[i+2:], strings.TrimLeft(text, " ")}, i+2 < len(head)
		}
	}
	return Mnemonic{}, false
}

func vrp(s string) (Mnemonic, bool) {
	if len(s) < 8 || !isDigit(s[2]) || !isDigit(s[3]) {
		return Mnemonic{}, false
	}
	m := Mnemonic{Vendor: "huawei"}
	if s[2:4] == "10" {
		m.Vendor = "h3c"
	}
	module, rest, ok := strings.Cut(s[4:], "/")
	if !ok || module == "" || len(module) > 40 || strings.IndexByte(module, ' ') >= 0 {
		return Mnemonic{}, false
	}
	if len(rest) < 3 || !isDigit(rest[0]) || rest[0] > '7' || rest[1] != '/' {
		return Mnemonic{}, false
	}
	m.Module, m.Severity = module, int(rest[0]-'0')
	rest = rest[2:]
	end := strings.IndexAny(rest, "(:[ ;")
	if end <= 0 {
		return Mnemonic{}, false
	}
	m.Name = rest[:end]
	if colon := strings.IndexByte(rest, ':'); colon >= 0 {
		m.Text = strings.TrimLeft(rest[colon+1:], " ")
	}
	return m, true
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
