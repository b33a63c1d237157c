package scenario

import (
	"slices"
	"time"
)

// Transport says by which input of the station a sender delivers.
type Transport string

// The transports.
const (
	SyslogUDP Transport = "syslog-udp"
	SyslogTCP Transport = "syslog-tcp"
	NDJSON    Transport = "ndjson"
	Bulk      Transport = "bulk"
)

// Sender describes one of the network's sources of logs, as an administrator
// enters it.
type Sender struct {
	ID        string
	NameZH    string
	NameEN    string
	Kind      string // "syslog" or "http", as event.Source has it
	Format    string // declared format; "" lets the station find out
	Charset   string // "" or "gb18030"
	Transport Transport
	Address   string         // address it sends from within the campus
	Zone      *time.Location // of stamps without a zone
	Silence   time.Duration  // quiet for longer than this is worth a look
}

// local is the zone of the campus.
var local = time.FixedZone("CST", 8*3600)

// voice is a sender that can speak: speak adds one or a few lines of background.
type voice struct {
	Sender

	weight int // share of the background, in hundredths
	speak  func(*generator)
}

// totalWeight is the sum of all weights.
const totalWeight = 100

var voices = []voice{
	{Sender{"fw01", "出口防火墙", "Gateway firewall", "syslog", "", "", SyslogUDP, "10.10.0.1", local, time.Minute}, 21, firewall},
	{Sender{"sw-core", "核心交换机", "Core switch", "syslog", "", "", SyslogUDP, "10.10.0.2", local, time.Minute}, 2, coreSwitch},
	{Sender{"web01", "学校门户网站", "Portal web server", "syslog", "", "", SyslogUDP, "10.10.1.20", local, time.Minute}, 17, portal},
	{Sender{"web02", "教务系统网站", "Teaching affairs web server", "http", "", "", Bulk, "10.10.1.21", local, time.Minute}, 12, affairs},
	{Sender{"web02-host", "教务系统主机", "Teaching affairs host", "syslog", "", "", SyslogTCP, "10.10.1.21", local, time.Minute}, 4, affairsHost},
	{Sender{"gate01", "运维跳板机", "Jump host", "syslog", "", "", SyslogTCP, "10.10.1.10", local, time.Minute}, 4, jumpHost},
	{Sender{"app02", "业务应用服务器", "Application server", "syslog", "", "", SyslogTCP, "10.10.1.32", local, time.Minute}, 5, appHost},
	{Sender{"ns01", "校园域名服务器", "Campus name server", "syslog", "", "", SyslogUDP, "10.10.0.53", local, time.Minute}, 15, nameServer},
	{Sender{"dorm01", "宿舍区网关", "Dormitory gateway", "syslog", "", "", SyslogUDP, "10.20.0.1", local, time.Minute}, 4, dormitory},
	{Sender{"dc01", "域控制器", "Domain controller", "http", "", "", Bulk, "10.10.1.5", local, time.Minute}, 6, domainController},
	{Sender{"pc-0231", "办公终端", "Office workstations", "http", "", "", Bulk, "10.10.2.31", local, time.Minute}, 3, workstation},
	{Sender{"ids01", "入侵检测", "Intrusion detection", "http", "", "", NDJSON, "10.10.0.9", local, time.Minute}, 3, suricata},
	{Sender{"jwapp", "教务应用日志", "Teaching affairs application", "http", "", "", NDJSON, "10.10.1.21", local, time.Minute}, 2, application},
	{Sender{"ecard", "一卡通前置机", "Campus card controller", "syslog", "", "gb18030", SyslogUDP, "10.10.4.8", local, time.Minute}, 2, campusCard},
}

// Senders lists the sources of the scenario.
func Senders() []Sender {
	out := make([]Sender, 0, len(voices))
	for i := range voices {
		out = append(out, voices[i].Sender)
	}
	return slices.Clip(out)
}
