package logsource

import (
	"context"
	"net"
	"strings"
)

// Setting is what one sender needs to be told, ready to copy.
type Setting struct {
	Sender   string      `json:"sender" doc:"Stable word, such as rsyslog"`
	Title    settingText `json:"title"`
	File     string      `json:"file" doc:"Where it belongs; empty for a command line"`
	Language string      `json:"language" doc:"For highlighting: conf, yaml, shell, text"`
	Text     string      `json:"text"`
}

type settingText struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

type settingsResponse struct {
	Body struct {
		Items []Setting `json:"items" nullable:"false"`
		Next  string    `json:"next" doc:"Always empty: the list is bounded"`
	}
}

func (s *Service) getSettings(_ context.Context, in *IDRequest) (*settingsResponse, error) {
	k, err := s.Get(ID(in.ID))
	if err != nil {
		return nil, err
	}
	out := &settingsResponse{}
	out.Body.Items = Settings(k.Source, s.d.Listeners())
	return out, nil
}

// tokenMark stands where the token belongs: the station keeps only its hash.
const tokenMark = "FENGSUI_TOKEN" //nolint:gosec // a mark, no credential

// Settings returns what senders of the source's kind need to be told to reach
// the listeners. A listener that is not open leaves its settings out.
func Settings(src Source, l Listeners) []Setting {
	scheme, rest, _ := strings.Cut(l.HTTP, "://")
	urlHost, urlPort, err := net.SplitHostPort(rest)
	if err != nil {
		urlHost, urlPort = rest, map[string]string{"http": "80", "https": "443"}[scheme]
	}
	values := strings.NewReplacer("{url_host}", scheme+"://"+urlHost, "{url_port}", urlPort, "{host}", l.Host, "{udp}", l.SyslogUDP, "{tcp}", l.SyslogTCP, "{tls}", l.SyslogTLS,
		"{http}", l.HTTP, "{token}", tokenMark)
	out := []Setting{}
	for _, t := range templates() {
		if t.kind != src.Kind || t.needs(l) == "" {
			continue
		}
		t.Text = values.Replace(strings.TrimLeft(t.Text, "\n"))
		out = append(out, t.Setting)
	}
	return out
}

type template struct {
	Setting

	kind  Kind
	needs func(Listeners) string // the listener that has to be open
}

func udp(l Listeners) string  { return l.SyslogUDP }
func tcp(l Listeners) string  { return l.SyslogTCP }
func tls(l Listeners) string  { return l.SyslogTLS }
func post(l Listeners) string { return l.HTTP }

func templates() []template {
	return append(syslogTemplates(), httpTemplates()...)
}

func syslogTemplates() []template {
	return []template{
		{Setting{"rsyslog", settingText{"rsyslog（TCP，断线缓存）", "rsyslog (TCP, queued while offline)"}, "/etc/rsyslog.d/90-fengsui.conf", "conf", `
*.* action(type="omfwd" target="{host}" port="{tcp}" protocol="tcp"
           template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted"
           queue.type="LinkedList" queue.filename="fengsui" queue.maxDiskSpace="1g"
           queue.saveOnShutdown="on" action.resumeRetryCount="-1")
`}, Syslog, tcp},
		{Setting{"rsyslog-tls", settingText{"rsyslog（TLS，客户端证书）", "rsyslog (TLS, client certificate)"}, "/etc/rsyslog.d/90-fengsui.conf", "conf", `
global(DefaultNetstreamDriverCAFile="/etc/fengsui/ca.pem"
       DefaultNetstreamDriverCertFile="/etc/fengsui/client.pem"
       DefaultNetstreamDriverKeyFile="/etc/fengsui/client.key")
*.* action(type="omfwd" target="{host}" port="{tls}" protocol="tcp"
           StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name"
           template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted"
           queue.type="LinkedList" queue.filename="fengsui" action.resumeRetryCount="-1")
`}, Syslog, tls},
		{Setting{"syslog-ng", settingText{"syslog-ng（TCP）", "syslog-ng (TCP)"}, "/etc/syslog-ng/conf.d/fengsui.conf", "conf", `
destination d_fengsui {
  syslog("{host}" transport("tcp") port({tcp}) disk-buffer(reliable(yes) disk-buf-size(1073741824)));
};
log { source(s_src); destination(d_fengsui); };
`}, Syslog, tcp},
		{Setting{"nxlog-syslog", settingText{"NXLog（Windows 事件，JSON 放入 syslog）", "NXLog (Windows events, JSON in syslog)"}, "nxlog.conf", "conf", `
<Extension json>
  Module xm_json
</Extension>
<Extension syslog>
  Module xm_syslog
</Extension>
<Input eventlog>
  Module im_msvistalog
</Input>
<Output fengsui>
  Module om_tcp
  Host {host}
  Port {tcp}
  Exec $Message = to_json(); to_syslog_ietf();
</Output>
<Route r>
  Path eventlog => fengsui
</Route>
`}, Syslog, tcp},
		{Setting{"h3c", settingText{"新华三 H3C（Comware）", "H3C (Comware)"}, "", "shell", `
system-view
 info-center enable
 info-center source default loghost level informational
 info-center loghost {host} port {udp}
 info-center timestamp loghost iso with-timezone
 save force
`}, Syslog, udp},
		{Setting{"huawei", settingText{"华为 Huawei（VRP）", "Huawei (VRP)"}, "", "shell", `
system-view
 info-center enable
 info-center source default channel loghost log level informational
 info-center loghost {host} port {udp}
 info-center timestamp log date precision-time millisecond
 return
save
`}, Syslog, udp},
		{Setting{"ruijie", settingText{"锐捷 Ruijie（RGOS）", "Ruijie (RGOS)"}, "", "shell", `
configure terminal
 logging on
 logging server {host} udp-port {udp}
 logging trap informational
 service timestamps log datetime
 end
write
`}, Syslog, udp},
		{Setting{"device", settingText{"其他设备（防火墙、WAF、VPN 等的管理页面）", "Other devices (web console of a firewall, WAF, VPN …)"}, "", "text", `
日志服务器 / Syslog server: {host}
端口 / Port: UDP {udp}
格式 / Format: RFC 5424, RFC 3164, CEF, key=value
字符集 / Charset: UTF-8, GB18030
级别 / Level: informational
`}, Syslog, udp},
	}
}

func httpTemplates() []template { //nolint:funlen // a table of texts
	return []template{
		{Setting{"curl", settingText{"curl（每行一条）", "curl (one record a line)"}, "", "shell", `
curl -sS --data-binary @events.ndjson \
  -H 'Authorization: Bearer {token}' -H 'Content-Type: application/x-ndjson' \
  -H "Idempotency-Key: $(sha256sum events.ndjson | cut -c1-64)" \
  {http}/ingest/ndjson
`}, HTTP, post},
		{Setting{"winlogbeat", settingText{"Winlogbeat（Windows 事件日志）", "Winlogbeat (Windows event logs)"}, "winlogbeat.yml", "yaml", `
winlogbeat.event_logs:
  - name: Security
  - name: System
  - name: Application
  - name: Microsoft-Windows-Sysmon/Operational
  - name: Microsoft-Windows-PowerShell/Operational
output.elasticsearch:
  hosts: ["{http}/ingest/elasticsearch"]
  username: fengsui
  password: "{token}"
  ssl.certificate_authorities: ["C:/ProgramData/fengsui/ca.pem"]
setup.template.enabled: false
setup.ilm.enabled: false
`}, HTTP, post},
		{Setting{"filebeat", settingText{"Filebeat（文本日志文件）", "Filebeat (log files)"}, "/etc/filebeat/filebeat.yml", "yaml", `
filebeat.inputs:
  - type: filestream
    id: nginx
    paths: [/var/log/nginx/*.log]
output.elasticsearch:
  hosts: ["{http}/ingest/elasticsearch"]
  username: fengsui
  password: "{token}"
  ssl.certificate_authorities: [/etc/fengsui/ca.pem]
setup.template.enabled: false
setup.ilm.enabled: false
`}, HTTP, post},
		{Setting{"nxlog", settingText{"NXLog（HTTP）", "NXLog (HTTP)"}, "nxlog.conf", "conf", `
<Extension json>
  Module xm_json
</Extension>
<Input eventlog>
  Module im_msvistalog
</Input>
<Output fengsui>
  Module om_http
  URL {http}/ingest/ndjson
  AddHeader Authorization: Bearer {token}
  ContentType application/x-ndjson
  Exec to_json();
</Output>
<Route r>
  Path eventlog => fengsui
</Route>
`}, HTTP, post},
		{Setting{"rsyslog-bulk", settingText{"rsyslog（omelasticsearch）", "rsyslog (omelasticsearch)"}, "/etc/rsyslog.d/90-fengsui.conf", "conf", `
module(load="omelasticsearch")
template(name="json" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="program" name="programname" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
action(type="omelasticsearch" server="{url_host}" serverport="{url_port}" uid="fengsui" pwd="{token}"
       searchIndex="logs" searchType="" bulkmode="on" template="json" action.resumeRetryCount="-1")
`}, HTTP, post},
		{Setting{"otel-collector", settingText{"OpenTelemetry Collector", "OpenTelemetry Collector"}, "otelcol.yaml", "yaml", `
exporters:
  otlphttp/fengsui:
    logs_endpoint: {http}/v1/logs
    headers: {Authorization: "Bearer {token}"}
    tls: {ca_file: /etc/fengsui/ca.pem}
service:
  pipelines:
    logs: {receivers: [otlp], exporters: [otlphttp/fengsui]}
`}, OTLP, post},
		{Setting{"otel-sdk", settingText{"OpenTelemetry SDK（环境变量）", "OpenTelemetry SDK (environment)"}, "", "shell", `
export OTEL_LOGS_EXPORTER=otlp
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_LOGS_ENDPOINT={http}/v1/logs
export OTEL_EXPORTER_OTLP_LOGS_HEADERS="Authorization=Bearer {token}"
`}, OTLP, post},
	}
}
