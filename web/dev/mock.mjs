// A stand-in for the station while the console is written: generated data behind
// the planned API, and the built console under the real content security policy.
// It proves nothing and is used by no test.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const port = Number(process.env.PORT ?? 8643);
let signedIn = process.env.SIGNED_IN !== "0";
let setup = process.env.SETUP === "1";
let seed = 7;
const rand = () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff), seed / 0x7fffffff);
const pick = (a) => a[Math.floor(rand() * a.length)];
const sources = [["s1", "web-01"], ["s2", "jump-01"], ["s3", "边界防火墙"], ["s4", "dns-01"], ["s5", "dc01"], ["s6", "ids-01"]].map(([id, name]) => ({ id, name }));
const users = ["root", "zhangwei", "lina", "oracle", "admin", "backup"];
const ip = () => `${pick(["10.20.1", "10.20.8", "203.0.113", "198.51.100"])}.${1 + Math.floor(rand() * 250)}`;
function event(seq, ms) {
  const source = pick(sources);
  const a = ip(), u = pick(users);
  const kinds = {
    s1: () => ["nginx_access", `${a} - - "GET /${pick(["index.html", "api/login", "api/orders?id=42", "wp-login.php", "静态/首页.html"])} HTTP/1.1" ${pick([200, 200, 200, 304, 404, 500])} ${Math.floor(rand() * 9000)} "-" "Mozilla/5.0"`, { "source.ip": a, "http.request.method": "GET", "http.response.status_code": 200, "event.category": "web" }],
    s2: () => ["sshd", `<38>sshd[${Math.floor(rand() * 9000)}]: ${pick(["Failed", "Failed", "Accepted"])} password for ${u} from ${a} port ${Math.floor(rand() * 60000)} ssh2`, { "source.ip": a, "user.name": u, "process.name": "sshd", "event.category": "authentication", "event.outcome": pick(["failure", "success"]) }],
    s3: () => ["kv", `<134>fw-01 动作=${pick(["拒绝", "允许"])} 源地址=${a} 目的地址=10.20.1.8 目的端口=${pick([22, 80, 443, 3389])} 协议=TCP 策略=外网到服务器区`, { "source.ip": a, "destination.ip": "10.20.1.8", "event.action": pick(["deny", "allow"]), "event.category": "network" }],
    s4: () => ["dnsmasq", `dnsmasq[812]: query[A] ${pick(["www.example.cn", "update.example.com", "x9f3k2.bad-domain.test"])} from ${a}`, { "source.ip": a, "dns.question.name": "www.example.cn", "event.category": "network" }],
    s5: () => ["winevent", `{"winlog":{"event_id":4625,"channel":"Security"},"message":"帐户登录失败。","user":"${u}"}`, { "event.code": "4625", "winlog.channel": "Security", "user.name": u, "host.name": "dc01", message: "帐户登录失败。" }],
    s6: () => ["eve", `{"event_type":"alert","src_ip":"${a}","alert":{"signature":"ET SCAN Nmap","severity":2}}\u0007\u202e`, { "source.ip": a, "rule.name": "ET SCAN Nmap", "event.kind": "alert", "event.category": "intrusion_detection" }],
  };
  const [cls, raw, fields] = kinds[source.id]();
  return { seq, time: new Date(ms).toISOString(), received: new Date(ms + 400).toISOString(), clock_off: seq % 97 === 0, source, transport: "syslog/udp", peer: `${a}:514`, class: cls, raw, fields: { ...fields, "log.level": pick(["info", "warning", "error"]) } };
}
const all = [];
const start = Date.now() - 7 * 86400000;
for (let i = 0; i < 20000; i++) all.push(event(i, start + (i / 20000) * 7 * 86400000 * (0.99 + rand() * 0.01)));
const when = (v, d) => (!v ? d : v === "now" ? Date.now() : v[0] === "-" ? Date.now() - parseInt(v.slice(1)) * { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 }[v.at(-1)] : Date.parse(v));
const value = (e, f) => (f === "source" ? e.source.name : f === "class" ? e.class : e.fields[f] === undefined ? "" : String(e.fields[f]));
function matching(p) {
  const from = when(p.get("from"), 0), to = when(p.get("to"), Date.now());
  let list = all.filter((e) => { const t = Date.parse(e.time); return t >= from && t < to; });
  for (const term of (p.get("query") ?? "").match(/-?[\w.@]+:="[^"]*"|\S+/g) ?? []) {
    const not = term[0] === "-";
    const m = /^-?([\w.@]+):="([^"]*)"$/.exec(term);
    list = list.filter((e) => (m ? value(e, m[1]) === m[2] : e.raw.includes(term.replace(/^-/, ""))) !== not);
  }
  return { list, from, to };
}
const problem = (status, code, detail, errors) => ({ status, body: { type: "about:blank", status, code, title: code, detail, request_id: "req_" + randomBytes(6).toString("hex"), errors }, problem: true });
const session = () => ({ signed_in: signedIn, setup_needed: setup, account: signedIn ? { id: "a1", name: "admin", role: "administrator" } : undefined, permissions: signedIn ? ["alert.read", "alert.write", "log.read", "log.export", "rule.read", "rule.write", "logsource.read", "logsource.write", "compliance.read", "station.read", "account.read"] : [], server_time: new Date().toISOString(), zone: "Asia/Shanghai", version: "dev-mock", demo: true, secure: false });
const hash = (b) => createHash("sha256").update(b).digest();
const text = (zh, en) => ({ zh, en });
const emptyStation = process.env.EMPTY === "1";
const routes = {
  "GET /session": () => session(),
  "POST /session": (_, b) => (b.password === "wrong" ? problem(401, "session.bad_credentials", "") : ((signedIn = true), session())),
  "POST /setup": (_, b) => (b.code !== "1234" ? problem(403, "setup.bad_code", "The code is not the one that was printed.") : ((setup = false), (signedIn = true), session())),
  "DELETE /session": () => ((signedIn = false), { status: 204 }),
  "GET /logs": (p) => {
    if (/\($/.test(p.get("query") ?? "")) return problem(400, "log.bad_query", `column ${p.get("query").length}: unclosed parenthesis`, [{ location: "query", message: `column ${p.get("query").length}: unclosed parenthesis` }]);
    const { list } = matching(p);
    if (p.get("order") !== "asc") list.reverse();
    const at = Number(p.get("cursor") ?? 0), limit = Number(p.get("limit") ?? 100);
    return { events: list.slice(at, at + limit), next: at + limit < list.length ? String(at + limit) : "", took_ms: 12, scanned: 20000, partial: false, reason: "" };
  },
  "GET /logs/stats": (p) => {
    const { list, from, to } = matching(p), n = Number(p.get("buckets") ?? 60), by = p.get("by");
    const histogram = Array.from({ length: n }, (_, i) => ({ from: new Date(from + ((to - from) * i) / n).toISOString(), to: new Date(from + ((to - from) * (i + 1)) / n).toISOString(), count: 0, counts: {} }));
    for (const e of list) { const b = histogram[Math.floor(((Date.parse(e.time) - from) / (to - from)) * n)]; if (b) { b.count++; if (by) { const v = value(e, by); b.counts[v] = (b.counts[v] ?? 0) + 1; } } }
    return { total: list.length, histogram, top: [], took_ms: 7, scanned: 20000, partial: false, reason: "" };
  },
  "GET /logs/fields": (p) => {
    const list = matching(p).list.slice(-5000), m = {};
    for (const e of list) for (const f of ["source", "class", ...Object.keys(e.fields)]) { const v = value(e, f); m[f] ??= { count: 0, v: {} }; m[f].count++; m[f].v[v] = (m[f].v[v] ?? 0) + 1; }
    return { items: Object.entries(m).map(([name, { count, v }]) => ({ name, count, values: Object.entries(v).sort((a, b) => b[1] - a[1]).slice(0, 10).map(([value, count]) => ({ value, count })) })).sort((a, b) => b.count - a.count), sampled: list.length };
  },
  "GET /alerts/stats": (p) => {
    if (emptyStation) return { open: 0, by_level: [], by_status: [], top_rules: [], buckets: [] };
    const from = when(p.get("from"), Date.now() - 864e5), to = when(p.get("to"), Date.now());
    return { open: 17, by_level: [{ level: "critical", count: 2 }, { level: "high", count: 6 }, { level: "medium", count: 11 }, { level: "low", count: 4 }, { level: "informational", count: 9 }], by_status: [{ status: "new", count: 12 }, { status: "acknowledged", count: 5 }, { status: "closed", count: 15 }],
      top_rules: [["r1", "SSH 口令爆破", "SSH password guessing", "high", 6, 412], ["r2", "Web 后台扫描", "Web admin scan", "medium", 9, 230], ["r3", "Windows 日志被清除", "Windows event log cleared", "critical", 1, 1], ["r4", "DNS 隧道特征", "DNS tunnelling", "high", 2, 88]].map(([rule_id, zh, en, level, count, events]) => ({ rule_id, title: text(zh, en), level, count, events })),
      buckets: Array.from({ length: 24 }, (_, i) => ({ from: new Date(from + ((to - from) * i) / 24).toISOString(), to: new Date(from + ((to - from) * (i + 1)) / 24).toISOString(), counts: { high: Math.floor(rand() * 3), medium: Math.floor(rand() * 4), critical: i === 17 ? 2 : 0, low: Math.floor(rand() * 2) } })) };
  },
  "GET /sources": () => ({ items: emptyStation ? [] : sources.map((s, i) => ({ ...s, kind: "syslog", state: i === 3 ? "silent" : i === 5 ? "waiting" : "delivering", silent_after_seconds: 3600, created_at: new Date(start).toISOString(), last_received: i === 5 ? undefined : new Date(Date.now() - (i === 3 ? 9e6 : 4e3)).toISOString(), received: 1000 * i, per_minute: 12.5 * i })), next: "" }),
  "GET /sources/activity": (p) => {
    const from = when(p.get("from"), Date.now() - 864e5), to = when(p.get("to"), Date.now());
    return { buckets: emptyStation ? [] : Array.from({ length: 48 }, (_, i) => ({ from: new Date(from + ((to - from) * i) / 48).toISOString(), to: new Date(from + ((to - from) * (i + 1)) / 48).toISOString(), counts: Object.fromEntries(sources.map((s, k) => [s.id, k === 3 && i > 40 ? 0 : Math.floor(40 + 60 * rand() * (k + 1))])) })), sources };
  },
  "GET /station": () => ({ version: "dev-mock", started_at: new Date(start).toISOString(), demo: true, ledger: { state: "open", reason: "", size: all.length, root: hash("x").toString("hex"), segments: 12, stored_bytes: 3.4e6, raw_bytes: 22e6, oldest: new Date(start).toISOString(), checkpoint: { size: all.length - 20, time: new Date(Date.now() - 8000).toISOString(), error: "" }, copies: [], damage: [] }, index: { indexed: all.length, lag: 0 }, detect: { cursor: all.length, lag: 0 }, listeners: [{ name: "http", address: "127.0.0.1:8643" }, { name: "syslog/udp", address: "127.0.0.1:5514" }] }),
};
const range = (min, max) => ({ min, max });
const tier = (sanction, number, version, in_force, last_day, applies, conditions, unit_fine, person_fine) => ({ sanction, number, version, in_force, last_day, applies, when: "x", conditions, optional: false, unit_fine, person_fine, currency: "CNY", persons: person_fine ? [text("直接负责的主管人员", "the supervisor directly responsible")] : [], measures: [text("责令改正", "order to correct"), text("警告", "warning")], authority: text("有关主管部门", "the competent department"), status: "found" });
const now = () => new Date().toISOString();
const answer = (id, control, state, population, failing, rows) => ({ id, provider: "logsource." + control, control, fact: { state, summary: "logsource.delivering", values: [], population, failing, rows, more: false, query: "/sources" }, population, failing, period: {}, links: ["/sources"], valid_at: now(), known_at: now(), confirmed_until: now(), fresh: true, seq: 19021 });
routes["GET /compliance/obligations/csl/log-retention"] = () => ({
  id: "csl/log-retention", provision: "csl/log-retention", number: "23.1(3)", kind: "operator_duty", title: text("监测记录与日志留存", "Monitoring records and log retention"), summary: text("采取技术措施监测并记录网络运行状态和安全事件，相关日志至少保存六个月。", "Monitor and record how the network runs and its security incidents by technical means, and keep the relevant logs for at least six months."),
  norm: { id: "csl", title: text("中华人民共和国网络安全法", "Cybersecurity Law of the People's Republic of China"), version: "csl-2026", in_force: "2026-01-01" }, numbers: [{ version: "csl-2016", number: "21.1(3)", status: "found", in_force: "2017-06-01", last_day: "2025-12-31" }, { version: "csl-2026", number: "23.1(3)", status: "found", in_force: "2026-01-01" }], source_status: "found", status: "gap", since: new Date(Date.now() - 9e6).toISOString(), valid_at: now(), known_at: now(),
  controls: [{ id: "log-delivery", title: text("日志源按时送达", "Log sources deliver"), status: "gap", evidence: ["e1"] }, { id: "log-retention", title: text("日志自首次接收起留存，至少六个自然月", "Logs are kept since first receipt, up to six calendar months"), status: "met", evidence: ["e2"] }],
  evidence: [answer("e1", "log-delivery", "gap", 6, 1, [{ id: "s4", name: "dns-01", state: "gap", reason: "silent_beyond_limit", from: new Date(Date.now() - 9e6).toISOString() }]), answer("e2", "log-retention", "met", 6, 0, [])],
  exposure: [tier("csl-2016/s59.1", "59.1", "csl-2016", "2017-06-01", "2025-12-31", false, text("拒不改正，或者已造成危害网络安全等后果", "correction is refused, or network security was harmed"), range(10000, 100000), range(5000, 50000)), tier("csl-2026/s61.1", "61.1", "csl-2026", "2026-01-01", undefined, true, text("无加重情形", "no aggravating circumstance"), range(10000, 50000)), tier("csl-2026/s61.1", "61.1", "csl-2026", "2026-01-01", undefined, true, text("拒不改正，或者已造成危害网络安全等后果", "correction is refused, or network security was harmed"), range(50000, 500000), range(10000, 100000))],
  not_legal_advice: text("所列为法条规定的幅度，并非预测，也不构成法律意见。", "These are the ranges the law states; they are no forecast and no legal advice."),
});
const csp = (n) => `default-src 'none'; script-src 'self' 'nonce-${n}'; style-src 'self' 'nonce-${n}'; style-src-attr 'none'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'`;
const types = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8" };
createServer(async (req, res) => {
  const url = new URL(req.url, "http://x");
  if (url.pathname.startsWith("/api/v1")) {
    const path = url.pathname.slice(7);
    let body = "";
    for await (const c of req) body += c;
    if (path === "/logs/tail") {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      const timer = setInterval(() => { for (let i = 0; i < 5; i++) { const e = event(all.length, Date.now()); all.push(e); res.write(`event: log\ndata: ${JSON.stringify(e)}\n\n`); } res.write(`event: rate\ndata: {"per_second":20,"dropped":0}\n\n`); }, 250);
      return req.on("close", () => clearInterval(timer));
    }
    if (path === "/stream") { res.writeHead(200, { "Content-Type": "text/event-stream" }); return res.write(": hi\n\n"); }
    let out;
    const one = /^\/logs\/(\d+)(\/\w+)?$/.exec(path);
    if (one) {
      const e = all[one[1]], same = all.filter((x) => x.source.id === e?.source.id), at = same.indexOf(e);
      out = !e ? problem(404, "log.not_found", "") : one[2] === "/context" ? { events: same.slice(Math.max(0, at - 10), at + 11) } : one[2] === "/proof" ? (() => { const entry = Buffer.from(e.raw), leaf = hash(Buffer.concat([Buffer.of(0), entry])); const sib = hash("s"); const even = e.seq % 2 === 0; const root = hash(Buffer.concat([Buffer.of(1), leaf, sib])); return { seq: 0, leaf: leaf.toString("base64"), size: 2, root: root.toString("base64"), path: [sib.toString("base64")], entry_base64: entry.toString("base64"), checkpoint: even ? "fengsui.example/station\n2\n" + root.toString("base64") + "\n\n— fengsui.example/station Az3grlgt\n" : "", verified: true }; })() : e;
    } else out = routes[`${req.method} ${path}`]?.(url.searchParams, body ? JSON.parse(body) : {}) ?? problem(404, "not_found", path);
    if (!signedIn && path !== "/session" && path !== "/setup") out = problem(401, "session.missing", "");
    const status = out.problem ? out.status : (out.status === 204 ? 204 : 200);
    res.writeHead(status, { "Content-Type": out.problem ? "application/problem+json" : "application/json" });
    return res.end(status === 204 ? undefined : JSON.stringify(out.problem ? out.body : out));
  }
  const file = join(dist, url.pathname);
  if (url.pathname.startsWith("/assets/") || url.pathname === "/too-old.js") {
    if (!existsSync(file + ".gz")) return res.writeHead(404).end();
    res.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream", "Content-Encoding": "gzip", "Cache-Control": "public, max-age=31536000, immutable" });
    return res.end(readFileSync(file + ".gz"));
  }
  const nonce = randomBytes(16).toString("base64");
  res.writeHead(200, { "Content-Type": types[".html"], "Content-Security-Policy": csp(nonce), "Cache-Control": "no-store" });
  res.end(readFileSync(join(dist, "index.html"), "utf8").replaceAll("__CSP_NONCE__", nonce));
}).listen(port, "127.0.0.1", function () { console.log(`http://127.0.0.1:${this.address().port}`); });
