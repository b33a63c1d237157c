package scenario

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Facilities times eight plus severities of the lines.
const (
	priKernel   = 4  // kern.warning
	priAuth     = 86 // authpriv.info
	priAuthFail = 85 // authpriv.notice
	priCron     = 78 // cron.info
	priDaemon   = 30 // daemon.info
	priLocal    = 190
)

// put adds a line.
func (g *generator) put(sender string, by Transport, raw []byte) {
	g.lines = append(g.lines, Line{At: g.at, Sender: sender, Transport: by, Raw: raw})
}

// bsd adds a line with the header of RFC 3164, whose stamp has neither year nor
// zone.
func (g *generator) bsd(sender string, pri int, tag, text string) {
	g.put(sender, SyslogUDP, fmt.Appendf(nil, "<%d>%s %s %s: %s", pri, g.at.In(local).Format(time.Stamp), sender, tag, text))
}

// ietf adds a line with the header of RFC 5424.
func (g *generator) ietf(host string, pri int, app, text string) {
	sender := host
	if host == "web02" {
		sender = "web02-host"
	}
	g.put(sender, SyslogTCP, fmt.Appendf(nil, "<%d>1 %s %s %s %d - - %s", pri, stampOf(g.at), host, app, g.between(800, 32000), text))
}

func stampOf(at time.Time) string { return at.In(local).Format("2006-01-02T15:04:05.000000-07:00") }

// object is a JSON object; its keys are written in order, so that bytes repeat.
type object = map[string]any

func (g *generator) json(sender string, by Transport, o object) {
	raw, err := json.Marshal(o)
	if err != nil {
		panic("BUG: an object of texts and numbers does not marshal: " + err.Error())
	}
	g.put(sender, by, raw)
}

// gb adds a line of a device that writes GB18030.
func (g *generator) gb(sender string, pri int, tag, text string) {
	raw, err := simplifiedchinese.GB18030.NewEncoder().String(
		fmt.Sprintf("<%d>%s %s %s: %s", pri, g.at.In(local).Format(time.Stamp), sender, tag, text))
	if err != nil {
		panic("BUG: GB18030 holds every character: " + err.Error())
	}
	g.put(sender, SyslogUDP, []byte(raw))
}

// accessLine is one request in the combined format.
type accessLine struct {
	client, method, target string
	status, bytes          int
	referrer, agent        string
}

func (a accessLine) at(t time.Time) string {
	ref, agent := a.referrer, a.agent
	if ref == "" {
		ref = "-"
	}
	if agent == "" {
		agent = "-"
	}
	return fmt.Sprintf(`%s - - [%s] "%s %s HTTP/1.1" %d %d "%s" "%s"`, a.client, t.In(local).Format("02/Jan/2006:15:04:05 -0700"),
		a.method, a.target, a.status, a.bytes, ref, agent)
}

// nginx adds a request to the portal, as nginx sends it by syslog.
func (g *generator) nginx(a accessLine) { g.bsd("web01", priLocal, "nginx", a.at(g.at)) }

// apache adds a request to the teaching affairs site, as a shipper reads it from
// Apache's file.
func (g *generator) apache(a accessLine) {
	g.json("web02", Bulk, object{
		"@timestamp": g.at.UTC().Format("2006-01-02T15:04:05.000Z"),
		"message":    a.at(g.at),
		"host":       object{"name": "web02"},
		"log":        object{"file": object{"path": "/var/log/apache2/access.log"}, "offset": g.between(1000, 9_000_000)},
		"input":      object{"type": "filestream"},
	})
}

// netfilter adds a packet that the gateway logged.
type packet struct {
	act, in, out, src, dst, proto string
	dport, size                   int
}

func (g *generator) netfilter(p packet) {
	flags := ""
	if p.proto == "TCP" {
		flags = " WINDOW=64240 RES=0x00 SYN URGP=0"
	}
	g.bsd("fw01", priKernel, "kernel", fmt.Sprintf(
		"[%d.%06d] FW-%s IN=%s OUT=%s MAC=00:16:3e:0a:01:01:00:16:3e:0a:02:02:08:00 SRC=%s DST=%s LEN=%d TOS=0x00 PREC=0x00 TTL=%d ID=%d DF PROTO=%s SPT=%d DPT=%d%s",
		g.at.Unix()-1_790_000_000, g.between(0, 999_999), p.act, p.in, p.out, p.src, p.dst, p.size, g.between(45, 63), g.between(1, 65000),
		p.proto, g.between(32768, 60999), p.dport, flags))
}

// query adds a question to the campus name server.
func (g *generator) query(client, name, kind string) {
	g.bsd("ns01", priDaemon, "named[801]", fmt.Sprintf("client @0x7f%08x %s#%d (%s): query: %s IN %s +E(0)K (10.10.0.53)",
		g.between(1<<20, 1<<28), client, g.between(20000, 60999), name, name, kind))
}

// windows adds an event as Winlogbeat ships it.
type windowsEvent struct {
	sender, host, channel, provider string
	id                              int
	message                         string
	data                            object
}

func (g *generator) windows(e windowsEvent) {
	g.json(e.sender, Bulk, object{
		"@timestamp": g.at.UTC().Format("2006-01-02T15:04:05.000Z"),
		"message":    e.message,
		"host":       object{"name": e.host},
		"event":      object{"code": strconv.Itoa(e.id), "provider": e.provider},
		"winlog": object{
			"event_id": strconv.Itoa(e.id), "channel": e.channel, "provider_name": e.provider, "computer_name": e.host,
			"record_id": g.between(10_000, 900_000), "event_data": e.data,
		},
	})
}

const (
	security = "Microsoft-Windows-Security-Auditing"
	sysmon   = "Microsoft-Windows-Sysmon"
)

// onDC adds an event of the domain controller's security log.
func (g *generator) onDC(id int, message string, data object) {
	g.windows(windowsEvent{"dc01", "DC01.example.edu.cn", "Security", security, id, message, data})
}

// process adds a start of a program that Sysmon saw.
func (g *generator) process(host, user, parent, image, command string) {
	g.windows(windowsEvent{"pc-0231", host, sysmon + "/Operational", sysmon, 1, "Process Create", object{
		"Image": image, "CommandLine": command, "ParentImage": parent, "User": `CAMPUS\` + user,
		"ProcessId": strconv.Itoa(g.between(1000, 20000)), "UtcTime": g.at.UTC().Format("2006-01-02 15:04:05.000"),
	}})
}

// eve adds an event of the intrusion detection.
func (g *generator) eve(kind, src, dst string, dport int, more object) {
	o := object{
		"timestamp": g.at.In(local).Format("2006-01-02T15:04:05.000000-0700"), "flow_id": g.r.Int64N(1 << 50), "in_iface": "mirror0",
		"event_type": kind, "src_ip": src, "src_port": g.between(32768, 60999), "dest_ip": dst, "dest_port": dport, "proto": "TCP",
	}
	maps.Copy(o, more)
	g.json("ids01", NDJSON, o)
}

// alert adds an alert of the intrusion detection.
func (g *generator) alert(src, dst string, dport int, a object) {
	a["gid"], a["rev"] = 1, 2
	g.eve("alert", src, dst, dport, object{"alert": a})
}

// audit adds a record of the Linux audit system of the teaching affairs host.
func (g *generator) audit(serial int, kind, fields string) {
	g.ietf("web02", 14, "audispd", fmt.Sprintf("node=web02 type=%s msg=audit(%d.%03d:%d): %s",
		kind, g.at.Unix(), g.at.Nanosecond()/1e6, serial, fields))
}
