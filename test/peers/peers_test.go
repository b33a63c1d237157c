//go:build peers

package peers

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// count is how many lines each sender delivers.
const count = 10_000

// patience is how long a sender may take.
const patience = 60 * time.Second

// peer is one sender in one way of sending.
type peer struct {
	name      string
	transport string
	run       func(*testing.T, *target, job) *sender
	lossy     bool // UDP: what is missing has to be counted
	limit     int  // events per second that its source may send meanwhile; 0: any
}

// job is what a sender is to deliver.
type job struct {
	mark string // begins the text of each line
	dir  string // for its settings and state
	file string // the lines, where the sender reads a file
}

var peers = []peer{
	{name: "rsyslog-tcp", transport: "tcp", run: rsyslog(`protocol="tcp" TCP_Framing="octet-counted"`, "")},
	{name: "rsyslog-tcp-lines", transport: "tcp", run: rsyslog(`protocol="tcp" template="RSYSLOG_TraditionalForwardFormat"`, "")},
	{name: "rsyslog-tls", transport: "tls", run: rsyslog(`protocol="tcp" TCP_Framing="octet-counted" StreamDriver="gtls" StreamDriverMode="1"
	       StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="station.test"`, "tls")},
	{name: "rsyslog-udp", transport: "udp", run: rsyslog(`protocol="udp"`, ""), lossy: true},
	{name: "syslog-ng-tcp", transport: "tcp", run: syslogNG(`syslog("127.0.0.1" port(%s) transport("tcp"))`)},
	{name: "syslog-ng-tcp-lines", transport: "tcp", run: syslogNG(`network("127.0.0.1" port(%s) transport("tcp"))`)},
	{name: "syslog-ng-udp", transport: "udp", run: syslogNG(`network("127.0.0.1" port(%s) transport("udp"))`), lossy: true},
	{name: "logger-tcp", transport: "tcp", run: logger("--tcp", "--size", "8KiB")},
	{name: "logger-tcp-counted", transport: "tcp", run: logger("--tcp", "--octet-count", "--rfc5424")},
	{name: "logger-udp", transport: "udp", run: logger("--udp"), lossy: true},
	{name: "rsyslog-tcp-limited", transport: "tcp", run: rsyslog(`protocol="tcp" TCP_Framing="octet-counted"`, ""), limit: 4000},
	{name: "logger-udp-limited", transport: "udp", run: logger("--udp"), lossy: true, limit: 1000},
	{name: "rsyslog-bulk", transport: "bulk", run: rsyslogBulk},
	{name: "elasticsearch-js", transport: "bulk", run: node("elasticsearch.js", func(t *target) (string, string) { return t.http + "/ingest/elasticsearch", t.bulkToken })},
	{name: "otlp-js-proto", transport: "otlp", run: node("otlp.js", func(t *target) (string, string) { return t.http, t.otlpToken }, "proto")},
	{name: "otlp-js-json", transport: "otlp", run: node("otlp.js", func(t *target) (string, string) { return t.http, t.otlpToken }, "http")},
}

func TestPeers(t *testing.T) {
	to := newTarget(t)
	for _, p := range peers {
		t.Run(p.name, func(t *testing.T) { deliver(t, to, p) })
	}
	to.afterwards(t)
}

var lineNumber = regexp.MustCompile(` line (\d{5}) `)

func deliver(t *testing.T, to *target, p peer) {
	j := job{mark: "peer-" + p.name, dir: t.TempDir()}
	j.file = filepath.Join(j.dir, "lines")
	var lines bytes.Buffer
	for i := range count {
		fmt.Fprintf(&lines, "%s line %05d 烽燧 \"x\" \\ end\n", j.mark, i)
	}
	if err := os.WriteFile(j.file, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if p.limit > 0 {
		to.limit(t, p.limit)
		defer to.limit(t, 0)
	}
	dropped := to.drops(t)
	begun := time.Now()
	s := p.run(t, to, j)
	defer s.stop()

	got, next, lost := make([]int, count), 0, 0
	for {
		next = to.each(t, next, func(source, transport string, raw []byte) {
			if !bytes.Contains(raw, []byte(j.mark+" line ")) {
				return
			}
			m := lineNumber.FindSubmatch(raw)
			n, err := strconv.Atoi(string(m[1]))
			if err != nil || n >= count || transport != p.transport || !bytes.Contains(raw, []byte("烽燧")) {
				t.Fatalf("sealed from %s over %s: %q", source, transport, raw)
			}
			if p.transport == "tls" && source != to.overTLS {
				t.Fatalf("over TLS the source is %s", source)
			}
			got[n]++
		})
		lost = 0
		if p.lossy {
			lost = to.drops(t) - dropped
		}
		if sum(got)+lost >= count {
			break
		}
		if time.Since(begun) > patience || s.failed() {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if s.ends {
		select {
		case <-s.gone:
		case <-time.After(patience):
		}
		if s.cmd.ProcessState == nil || !s.cmd.ProcessState.Success() {
			t.Errorf("the sender did not end well:\n%s", s.out())
		}
	}
	t.Logf("%d sealed, %d counted as dropped, in %.1f s", sum(got), lost, time.Since(begun).Seconds())
	if sum(got)+lost != count {
		t.Errorf("%d sealed + %d counted as dropped, want %d in all\n%s", sum(got), lost, count, s.out())
	}
	if p.lossy && p.limit > 0 && lost == 0 {
		t.Error("nothing was counted as dropped above the limit")
	}
	for n, times := range got {
		if times > 1 || times == 0 && !p.lossy {
			t.Errorf("line %d is there %d times", n, times)
			break
		}
	}
}

func sum(ns []int) (all int) {
	for _, n := range ns {
		all += n
	}
	return all
}

// sender is a running program.
type sender struct {
	cmd  *exec.Cmd
	log  string
	ends bool // ends by itself, with 0 when all was delivered
	gone chan struct{}
}

func start(t *testing.T, j job, env []string, name string, args ...string) *sender {
	t.Helper()
	s := &sender{cmd: exec.Command(name, args...), log: filepath.Join(j.dir, "log"), gone: make(chan struct{})}
	f, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s.cmd.Env = append(os.Environ(), env...)
	s.cmd.Stdout, s.cmd.Stderr = f, f
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("%s (test/peers/install.sh brings it): %v", name, err)
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.gone)
	}()
	return s
}

// failed reports whether the sender has ended with an error.
func (s *sender) failed() bool {
	select {
	case <-s.gone:
		return !s.cmd.ProcessState.Success()
	default:
		return false
	}
}

func (s *sender) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.gone:
	case <-time.After(5 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.gone
	}
}

func (s *sender) out() string {
	text, _ := os.ReadFile(s.log)
	return string(text[:min(len(text), 4096)])
}

// rsyslog reads the lines as a file and forwards them. kind "tls" sends to the
// TLS listener.
func rsyslog(action, kind string) func(*testing.T, *target, job) *sender {
	return func(t *testing.T, to *target, j job) *sender {
		address, global := to.syslog, ""
		if kind == "tls" {
			address = to.tls
			global = fmt.Sprintf("DefaultNetstreamDriverCAFile=%q DefaultNetstreamDriverCertFile=%q DefaultNetstreamDriverKeyFile=%q",
				to.files.ca, to.files.clientCert, to.files.clientKey)
		}
		if !strings.Contains(action, "template=") {
			action += ` template="RSYSLOG_SyslogProtocol23Format"`
		}
		return rsyslogd(t, j, global, fmt.Sprintf(`*.* action(type="omfwd" target="127.0.0.1" port="%s" %s
       queue.type="LinkedList" queue.size="20000" action.resumeRetryCount="-1")`, port(t, address), action))
	}
}

// rsyslogBulk sends with rsyslog's module for Elasticsearch.
func rsyslogBulk(t *testing.T, to *target, j job) *sender {
	at, err := url.Parse(to.http)
	if err != nil {
		t.Fatal(err)
	}
	return rsyslogd(t, j, "", fmt.Sprintf(`module(load="omelasticsearch")
template(name="json" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
*.* action(type="omelasticsearch" server="%s://%s" serverport="%s" uid="fengsui" pwd=%q searchIndex="logs" searchType=""
       bulkmode="on" template="json" action.resumeRetryCount="-1")`, at.Scheme, at.Hostname(), at.Port(), to.bulkToken))
}

// rsyslogd reads the lines as a file and does with them what action says.
func rsyslogd(t *testing.T, j job, global, action string) *sender {
	t.Helper()
	conf := filepath.Join(j.dir, "rsyslog.conf")
	text := fmt.Sprintf(`global(workDirectory=%q %s)
module(load="imfile")
input(type="imfile" File=%q Tag="peer")
%s
`, j.dir, global, j.file, action)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, j, nil, "/usr/sbin/rsyslogd", "-n", "-f", conf, "-i", filepath.Join(j.dir, "pid"))
}

// syslogNG reads the lines as a file and sends them to destination, which has
// the port as its only value.
func syslogNG(destination string) func(*testing.T, *target, job) *sender {
	return func(t *testing.T, to *target, j job) *sender {
		root := ""
		if _, err := exec.LookPath("syslog-ng"); err != nil {
			if root, err = filepath.Abs(".cache/syslog-ng"); err != nil {
				t.Fatal(err)
			}
		}
		conf := filepath.Join(j.dir, "syslog-ng.conf")
		text := fmt.Sprintf(`@version: 3.38
source s { file(%q follow-freq(1) flags(no-parse)); };
destination d { `+destination+`; };
log { source(s); destination(d); flags(flow-control); };
`, j.file, port(t, to.syslog))
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := func(name string) string { return filepath.Join(j.dir, name) }
		args := []string{"--foreground", "--stderr", "--no-caps", "--cfgfile", conf, "--persist-file", at("persist"), "--pidfile", at("pid"), "--control", at("control")}
		if root == "" {
			return start(t, j, nil, "syslog-ng", args...)
		}
		modules, err := filepath.Glob(filepath.Join(root, "usr/lib/syslog-ng/3.*"))
		if err != nil || len(modules) == 0 {
			t.Fatal("no syslog-ng; test/peers/install.sh brings it")
		}
		libs := []string{filepath.Join(root, "usr/lib/syslog-ng")}
		for _, pattern := range []string{"usr/lib/*-linux-gnu", "lib/*-linux-gnu"} {
			more, _ := filepath.Glob(filepath.Join(root, pattern))
			libs = append(libs, more...)
		}
		args = append(args, "--module-path", modules[0])
		return start(t, j, []string{"LD_LIBRARY_PATH=" + strings.Join(libs, ":")}, filepath.Join(root, "usr/sbin/syslog-ng"), args...)
	}
}

func logger(args ...string) func(*testing.T, *target, job) *sender {
	return func(t *testing.T, to *target, j job) *sender {
		args := append([]string{"--server", "127.0.0.1", "--port", port(t, to.syslog), "--tag", "peer", "--file", j.file}, args...)
		s := start(t, j, nil, "logger", args...)
		s.ends = true
		return s
	}
}

func node(script string, where func(*target) (base, token string), more ...string) func(*testing.T, *target, job) *sender {
	return func(t *testing.T, to *target, j job) *sender {
		base, token := where(to)
		args := append([]string{filepath.Join("js", script), j.mark, strconv.Itoa(count)}, more...)
		s := start(t, j, []string{"PEER_URL=" + base, "PEER_TOKEN=" + token}, "node", args...)
		s.ends = true
		return s
	}
}

func port(t *testing.T, address string) string {
	t.Helper()
	_, p, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
