package scenario

import (
	"fmt"
	"strings"
)

// People, machines and names of the campus; all invented.
var (
	staff  = []string{"liwei", "wangfang", "zhaolei", "chenjie", "sunli", "zhoumin"}
	admins = []string{"liwei", "chenjie"}
	agents = []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.54",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
	}
	pages = []string{
		"/", "/index.html", "/news/list.html", "/news/2026/1107.html", "/about/campus.html", "/css/site.css", "/js/app.js",
		"/images/logo.png", "/library/opening.html", "/search?q=%E5%9B%BE%E4%B9%A6%E9%A6%86", "/favicon.ico",
	}
	affairsPages = []string{
		"/教务/课表.html", "/教务/成绩查询?学期=2026秋", "/login", "/course/select?term=2026-2", "/static/app.js", "/static/site.css",
		"/通知/选课通知.html", "/api/v1/timetable?week=12", "/教室/空闲教室?楼=三教",
	}
	names = []string{
		"www.example.edu.cn", "jw.example.edu.cn", "lib.example.edu.cn", "mail.example.edu.cn", "time.example.net", "update.example.com",
		"cdn.example.net", "img.example.com", "api.example.net", "news.example.org", "mirror.example.edu.cn", "ntp.example.org",
	}
	outside = []string{"198.51.100.7", "198.51.100.34", "198.51.100.81", "192.0.2.16", "192.0.2.77", "192.0.2.140"}
)

func (g *generator) officeIP() string { return fmt.Sprintf("10.10.2.%d", g.between(10, 90)) }
func (g *generator) studentIP() string {
	return fmt.Sprintf("10.20.%d.%d", g.between(1, 8), g.between(2, 250))
}

func (g *generator) anyIP() string {
	if g.chance(2) {
		return g.studentIP()
	}
	return g.officeIP()
}

func firewall(g *generator) {
	switch n := g.r.IntN(100); {
	case n < 62:
		g.netfilter(packet{"ACCEPT", "lan0", "wan0", g.anyIP(), g.pick(outside), "TCP", 443, 60})
	case n < 72:
		g.netfilter(packet{"ACCEPT", "wan0", "dmz0", g.pick(outside), "10.10.1.20", "TCP", 443, 60})
	case n < 84:
		g.netfilter(packet{"ACCEPT", "lan0", "wan0", g.anyIP(), g.pick(outside), "UDP", []int{53, 123, 443}[g.r.IntN(3)], 76})
	default:
		g.netfilter(packet{"DROP", "wan0", "", g.pick(outside), "10.10.0.1", "TCP", g.between(10000, 30000), 44})
	}
	if g.chance(1200) {
		g.netfilter(packet{"DROP", "wan0", "", g.pick(outside[:2]), "10.10.0.1", "TCP", 23, 44})
	}
}

func coreSwitch(g *generator) {
	port := fmt.Sprintf("GigabitEthernet1/0/%d", g.between(1, 48))
	text := g.pick([]string{
		"%%10IFNET/3/PHY_UPDOWN: Physical state on the interface " + port + " changed to up.",
		"%%10IFNET/3/PHY_UPDOWN: Physical state on the interface " + port + " changed to down.",
		"%%10SHELL/5/SHELL_LOGIN: netadmin logged in from 10.10.2.12.",
		"%%10LLDP/6/LLDP_CREATE_NEIGHBOR: Nearest bridge agent neighbor created on port " + port + ".",
	})
	g.put("sw-core", SyslogUDP, fmt.Appendf(nil, "<189>%s SW-CORE %s", g.at.In(local).Format("Jan _2 15:04:05 2006"), text))
}

func portal(g *generator) {
	client, status := g.pick(outside), 200
	if g.chance(2) {
		client = g.anyIP()
	}
	switch {
	case g.chance(25):
		status = 304
	case g.chance(60):
		status = 404
	}
	g.nginx(accessLine{client, "GET", g.pick(pages), status, g.between(200, 48000), "https://www.example.edu.cn/", g.pick(agents)})
}

func affairs(g *generator) {
	method, target, status := "GET", g.pick(affairsPages), 200
	if g.chance(8) {
		method, target, status = "POST", "/login", 302
	}
	g.apache(accessLine{g.anyIP(), method, target, status, g.between(300, 20000), "https://jw.example.edu.cn/", g.pick(agents)})
}

func affairsHost(g *generator) {
	serial := g.between(1000, 99000)
	switch g.r.IntN(4) {
	case 0:
		g.ietf("web02", priCron, "CRON", "(root) CMD (/usr/lib/php/sessionclean)")
	case 1:
		g.audit(serial, "EXECVE", `argc=2 a0="/usr/bin/find" a1="/var/lib/php/sessions"`)
	default:
		comm := g.pick([]string{"apache2", "logrotate", "find", "systemctl"})
		g.audit(serial, "SYSCALL", fmt.Sprintf(
			`arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=%d pid=%d auid=4294967295 uid=0 gid=0 euid=0 tty=(none) ses=4294967295 comm="%s" exe="/usr/sbin/%s" key="exec"`,
			g.between(300, 900), g.between(1000, 30000), comm, comm))
	}
}

// sshSession adds a sign-in by key and what belongs to it.
func (g *generator) sshSession(host, user, from string) {
	port := g.between(32768, 60999)
	g.ietf(host, priAuth, "sshd", fmt.Sprintf("Accepted publickey for %s from %s port %d ssh2: ED25519 SHA256:%s", user, from, port, g.token(43)))
	g.ietf(host, priAuth, "sshd", fmt.Sprintf("pam_unix(sshd:session): session opened for user %s(uid=1001) by (uid=0)", user))
}

// token is a text of letters and digits, as keys and tunnels have.
func (g *generator) token(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	var b strings.Builder
	for range n {
		b.WriteByte(letters[g.r.IntN(len(letters))])
	}
	return b.String()
}

func jumpHost(g *generator) {
	user, from := g.pick(staff), g.officeIP()
	switch g.r.IntN(6) {
	case 0:
		g.ietf("gate01", priAuth, "sshd", fmt.Sprintf("Failed password for %s from %s port %d ssh2", user, from, g.between(32768, 60999)))
	case 1:
		g.ietf("gate01", priAuth, "sshd", fmt.Sprintf("Disconnected from user %s %s port %d", user, from, g.between(32768, 60999)))
	case 2:
		g.ietf("gate01", priAuth, "systemd-logind", fmt.Sprintf("Removed session %d.", g.between(100, 9000)))
	default:
		g.sshSession("gate01", user, from)
	}
}

func appHost(g *generator) {
	user := g.pick(admins)
	switch g.r.IntN(6) {
	case 0:
		g.sshSession("app02", user, "10.10.1.10")
	case 1:
		g.ietf("app02", priAuthFail, "sudo", fmt.Sprintf("%s : TTY=pts/0 ; PWD=/home/%s ; USER=root ; COMMAND=%s", user, user, g.pick([]string{
			"/usr/bin/systemctl restart jwapp", "/usr/bin/journalctl -u jwapp", "/usr/bin/apt-get update", "/usr/bin/tail /var/log/jwapp/app.log",
		})))
	default:
		g.ietf("app02", priCron, "CRON", "("+g.pick([]string{"root", "jwapp", "backup"})+") CMD ("+g.pick([]string{
			"run-parts /etc/cron.hourly", "/opt/jwapp/bin/sync-timetable", "/opt/backup/run.sh",
		})+")")
	}
}

func nameServer(g *generator) {
	g.query(g.anyIP(), g.pick(names), g.pick([]string{"A", "A", "A", "AAAA", "HTTPS"}))
}

func dormitory(g *generator) {
	client, name := g.studentIP(), g.pick(names)
	g.bsd("dorm01", priDaemon, "dnsmasq[611]", fmt.Sprintf("query[A] %s from %s", name, client))
	if g.chance(2) {
		g.bsd("dorm01", priDaemon, "dnsmasq[611]", fmt.Sprintf("reply %s is 198.51.100.%d", name, g.between(1, 250)))
	}
}

func domainController(g *generator) {
	user, from := g.pick(staff), g.officeIP()
	switch g.r.IntN(8) {
	case 0:
		g.onDC(4625, "帐户登录失败。", object{"TargetUserName": user, "TargetDomainName": "CAMPUS", "LogonType": "3", "IpAddress": from, "Status": "0xc000006d", "SubStatus": "0xc000006a"})
	case 1, 2:
		g.onDC(4634, "已注销帐户。", object{"TargetUserName": user, "TargetDomainName": "CAMPUS", "LogonType": "3"})
	case 3:
		g.windows(windowsEvent{"dc01", "DC01.example.edu.cn", "System", "Service Control Manager", 7036, "服务状态已更改。", object{"param1": "Windows Update", "param2": "正在运行"}})
	default:
		g.onDC(4624, "已成功登录帐户。", object{"TargetUserName": user, "TargetDomainName": "CAMPUS", "LogonType": "3", "IpAddress": from, "AuthenticationPackageName": "Kerberos"})
	}
}

func workstation(g *generator) {
	host := fmt.Sprintf("PC-%04d.example.edu.cn", g.between(201, 240))
	programs := []string{
		`C:\Program Files\Kingsoft\WPS Office\office6\wps.exe`, `C:\Windows\System32\notepad.exe`,
		`C:\Program Files\Google\Chrome\Application\chrome.exe`, `C:\Windows\System32\svchost.exe`,
	}
	image := g.pick(programs)
	g.process(host, g.pick(staff), `C:\Windows\explorer.exe`, image, `"`+image+`"`)
}

func suricata(g *generator) {
	client, server := g.anyIP(), g.pick(outside)
	switch g.r.IntN(8) {
	case 0:
		g.eve("dns", client, "10.10.0.53", 53, object{"proto": "UDP", "dns": object{"type": "query", "id": g.between(1, 65000), "rrname": g.pick(names), "rrtype": "A"}})
	case 1, 2:
		g.eve("tls", client, server, 443, object{"tls": object{"sni": g.pick(names), "version": "TLS 1.3"}})
	case 3:
		g.eve("http", client, "10.10.1.20", 80, object{"http": object{"hostname": "www.example.edu.cn", "url": "/index.html", "http_method": "GET", "status": 301, "http_user_agent": g.pick(agents)}})
	default:
		g.eve("flow", client, server, 443, object{"app_proto": "tls", "flow": object{
			"pkts_toserver": g.between(5, 60), "pkts_toclient": g.between(5, 90), "bytes_toserver": g.between(600, 20_000), "bytes_toclient": g.between(2000, 900_000), "state": "closed",
		}})
	}
}

func application(g *generator) {
	user, from := fmt.Sprintf("2023%04d", g.between(1, 4200)), g.anyIP()
	msg := g.pick([]string{"用户登录成功", "查询课表", "提交选课申请", "导出成绩单", "密码错误，登录失败", "会话超时，已退出"})
	level := "INFO"
	if strings.Contains(msg, "失败") {
		level = "WARN"
	}
	g.json("jwapp", NDJSON, object{
		"time": stampOf(g.at), "level": level, "logger": "教务.认证", "msg": msg, "user": object{"name": user}, "client_ip": from, "耗时毫秒": g.between(3, 480),
	})
}

func campusCard(g *generator) {
	g.gb("ecard", 14, "pos", fmt.Sprintf("终端=%s 卡号=2023%04d 动作=%s 金额=%d.%d0 结果=成功",
		g.pick([]string{"一食堂3号", "二食堂1号", "图书馆闸机", "校医院窗口"}), g.between(1, 4200), g.pick([]string{"消费", "充值", "通行"}), g.between(0, 30), g.between(0, 9)))
}
