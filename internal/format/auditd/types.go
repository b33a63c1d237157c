package auditd

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// types are the record types by number, as the kernel prints them
// (linux/audit.h and audit-records.h of the audit user space).
var types = map[string]string{
	"1006": "LOGIN", "1100": "USER_AUTH", "1101": "USER_ACCT", "1102": "USER_MGMT",
	"1103": "CRED_ACQ", "1104": "CRED_DISP", "1105": "USER_START", "1106": "USER_END",
	"1107": "USER_AVC", "1108": "USER_CHAUTHTOK", "1109": "USER_ERR", "1110": "CRED_REFR",
	"1111": "USYS_CONFIG", "1112": "USER_LOGIN", "1113": "USER_LOGOUT", "1114": "ADD_USER",
	"1115": "DEL_USER", "1116": "ADD_GROUP", "1117": "DEL_GROUP", "1123": "USER_CMD",
	"1124": "USER_TTY", "1130": "SERVICE_START", "1131": "SERVICE_STOP",
	"1200": "DAEMON_START", "1201": "DAEMON_END", "1203": "DAEMON_CONFIG",
	"1300": "SYSCALL", "1302": "PATH", "1303": "IPC", "1304": "SOCKETCALL", "1305": "CONFIG_CHANGE",
	"1306": "SOCKADDR", "1307": "CWD", "1309": "EXECVE", "1319": "TTY", "1320": "EOE",
	"1325": "NETFILTER_CFG", "1326": "SECCOMP", "1327": "PROCTITLE", "1334": "BPF",
	"1400": "AVC", "1701": "ANOM_ABEND",
}

// Peer returns the address and port a SOCKADDR record's saddr names: an IPv4 or
// IPv6 socket as the kernel dumps it. Both are empty for other families.
func Peer(saddr string) (addr, port string) {
	b, err := hex.DecodeString(saddr)
	if err != nil || len(b) < 8 {
		return "", ""
	}
	switch {
	case b[0] == 2 && b[1] == 0: // AF_INET, little endian
		return netip.AddrFrom4([4]byte(b[4:8])).String(), portText(b)
	case b[0] == 10 && b[1] == 0 && len(b) >= 24: // AF_INET6
		return netip.AddrFrom16([16]byte(b[8:24])).Unmap().String(), portText(b)
	}
	return "", ""
}

func portText(b []byte) string {
	return strconv.Itoa(int(b[2])<<8 | int(b[3]))
}

// text returns what decoded bytes say: UTF-8, else GB18030, as Chinese hosts
// write; else the encoded form.
func text(b []byte, encoded string) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	if err != nil || !utf8.Valid(out) {
		return encoded
	}
	for _, r := range string(out) {
		if r == utf8.RuneError {
			return encoded
		}
	}
	return string(out)
}
