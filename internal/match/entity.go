package match

import (
	"cmp"

	"github.com/fengsui/fengsui/internal/event"
	"github.com/fengsui/fengsui/sigma"
)

// entityFields gives the order in which fields are tried for a rule's entity.
//
//   - network (web servers, proxies, firewalls, DNS, intrusion detection, zeek):
//     who sent it: source.ip, then host.name, user.name;
//   - sign-in (sshd, vsftpd, auth): source.ip, then user.name, host.name;
//   - cloud and identity services: user.name, then source.ip;
//   - sudo and su: user.name, then host.name;
//   - hosts and all else: host.name, then user.name, source.ip.
func entityFields(l sigma.Logsource) []string {
	switch l.Category {
	case "webserver", "proxy", "firewall", "dns", "netflow":
		return networkEntity
	}
	switch l.Product {
	case "suricata", "snort", "zeek", "apache", "nginx", "cisco", "fortigate", "fortios", "huawei", "juniper", "paloalto":
		return networkEntity
	case "aws", "azure", "gcp", "m365", "okta", "onelogin", "github", "bitbucket", "kubernetes":
		return cloudEntity
	}
	switch l.Service {
	case "sshd", "vsftpd", "auth", "guacamole":
		return signInEntity
	case "sudo", "su":
		return privilegeEntity
	case "apache", "nginx", "netflow":
		return networkEntity
	}
	return hostEntity
}

var (
	networkEntity   = []string{"source.ip", "host.name", "user.name"}
	signInEntity    = []string{"source.ip", "user.name", "host.name"}
	cloudEntity     = []string{"user.name", "userIdentity.arn", "source.ip", "host.name"}
	privilegeEntity = []string{"user.name", "host.name", "source.ip"}
	hostEntity      = []string{"host.name", "Computer", "Hostname", "user.name", "source.ip", "host.ip"}
)

// entity is never empty.
func entity(r *sigma.Rule, v *view) string {
	if own := r.Custom["entity"]; own != "" {
		if s := v.text(own); s != "" {
			return s
		}
	}
	for _, name := range entityFields(r.Logsource) {
		if s := v.text(name); s != "" {
			return s
		}
	}
	return cmp.Or(v.rec.Peer, v.rec.Source, "station")
}

// text returns the first value of a field that says something.
func (v *view) text(name string) string {
	at, ok := v.index[name]
	for ok {
		f := &v.rec.Fields[at]
		if f.Kind != event.Null && f.Value != "" && f.Value != "-" {
			return clip(f.Value)
		}
		at = v.next[at]
		ok = at != 0
	}
	return ""
}
