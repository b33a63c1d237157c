import type { components } from "@/api/schema";
import type { Kind } from "./search";

type Body = components["schemas"]["LogsourceSettingsBody"];
type Source = components["schemas"]["LogsourceItem"];

export const formats = ["syslog", "json", "eve", "windows", "auditd", "cef", "kv", "web", "text"] as const;
export const charsets = ["utf-8", "gb18030", "latin1"] as const;
export const spanUnits = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
export type SpanUnit = keyof typeof spanUnits;

/** What is typed into the form of a source. */
export interface SourceForm {
  name: string;
  kind: Kind;
  allow: string; // a network or address a line
  certificate: string;
  format: string;
  charset: string;
  zone: string;
  silent: string;
  silentUnit: SpanUnit;
  rate: string;
}

export const emptyForm: SourceForm = { name: "", kind: "syslog", allow: "", certificate: "", format: "", charset: "", zone: "", silent: "1", silentUnit: "h", rate: "" };

/** Which fields a kind of source has besides name, kind and limits. */
export function fieldsOf(kind: Kind): { certificate: boolean; reading: boolean } {
  return { certificate: kind === "syslog", reading: kind !== "otlp" };
}

/** A span in the largest unit that has no fraction. */
export function spanOf(seconds: number): { n: number; unit: SpanUnit } {
  for (const unit of ["d", "h", "m"] as const) if (seconds >= spanUnits[unit] && seconds % spanUnits[unit] === 0) return { n: seconds / spanUnits[unit], unit };
  return { n: seconds, unit: "s" };
}

/** The form of a source that is there. */
export function formOf(s: Source): SourceForm {
  const { n, unit } = spanOf(s.silent_after_seconds);
  return { name: s.name, kind: s.kind, allow: s.allow.join("\n"), certificate: s.certificate, format: s.format, charset: s.charset, zone: s.zone, silent: String(n), silentUnit: unit, rate: s.rate_limit > 0 ? String(s.rate_limit) : "" };
}

/** The networks of a text: one a line, or with commas or blanks between. */
export function networks(text: string): string[] {
  return [...new Set(text.split(/[\s,，;；]+/).filter((n) => n !== ""))];
}

export type Wrong = Partial<Record<"name" | "allow" | "certificate" | "silent" | "rate", true>>;

/** The fields that cannot be sent; what only the server can tell (a taken name, a wrong network) is not among them. */
export function wrongIn(f: SourceForm): Wrong {
  const wrong: Wrong = {};
  const digest = f.certificate.replaceAll(":", "").trim();
  const seconds = Number(f.silent) * spanUnits[f.silentUnit];
  if (f.name.trim() === "") wrong.name = true;
  if (f.kind === "syslog" && networks(f.allow).length === 0 && digest === "") wrong.allow = true;
  if (f.kind === "syslog" && digest !== "" && !/^[0-9a-f]{64}$/i.test(digest)) wrong.certificate = true;
  if (!/^\d{1,8}$/.test(f.silent.trim()) || seconds < 10 || seconds > 366 * 86_400) wrong.silent = true;
  if (f.rate.trim() !== "" && !/^\d{1,8}$/.test(f.rate.trim())) wrong.rate = true;
  return wrong;
}

/** The body of a request; fields that the kind does not have are left out. */
export function bodyOf(f: SourceForm): Body {
  const has = fieldsOf(f.kind);
  return {
    name: f.name.trim(),
    kind: f.kind,
    allow: networks(f.allow),
    silent_after_seconds: Number(f.silent) * spanUnits[f.silentUnit],
    rate_limit: Number(f.rate.trim() || 0),
    ...(has.certificate ? { certificate: f.certificate.replaceAll(":", "").trim().toLowerCase() } : {}),
    ...(has.reading ? { format: f.format, charset: f.charset, zone: f.zone.trim() } : {}),
  };
}

/** The body of a change: the kind of a source stays. */
export function changeOf(f: SourceForm): Omit<Body, "kind"> {
  const change: Partial<Body> & Omit<Body, "kind"> = bodyOf(f);
  delete change.kind;
  return change;
}

/** The settings' text with the token in the place the server marks. */
export function withToken(text: string, token: string): string {
  return token === "" ? text : text.replaceAll("FENGSUI_TOKEN", token);
}

export interface SourceNews {
  id: string;
  state: Source["state"];
  last_received?: string | null;
  received: number;
  per_minute: number;
}

/** Puts news into a list of sources; undefined when the list does not show it or nothing is different. */
export function putNews<P extends { items: Source[] }>(data: { pages: P[]; pageParams: unknown[] }, n: SourceNews): { pages: P[]; pageParams: unknown[] } | undefined {
  let found = false;
  const pages = data.pages.map((page) => {
    const at = page.items.findIndex((s) => s.id === n.id);
    if (at < 0) return page;
    found = true;
    return { ...page, items: page.items.map((s, i) => (i === at ? freshened(s, n) : s)) };
  });
  return found ? { ...data, pages } : undefined;
}

/** A source with the news of it. */
export function freshened<S extends Source>(s: S, n: SourceNews): S {
  return { ...s, state: n.state, received: n.received, per_minute: n.per_minute, ...(n.last_received ? { last_received: n.last_received, first_received: s.first_received ?? n.last_received } : {}) };
}

/** The share of lines that no parser knew, in per cent with one digit; undefined while there is none. */
export function unparsedShare(s: Pick<Source, "received" | "unparsed">): string | undefined {
  if (s.received === 0) return undefined;
  const share = (s.unparsed / s.received) * 100;
  return share > 0 && share < 0.1 ? "<0.1%" : `${share.toFixed(share === 0 || share === 100 ? 0 : 1)}%`;
}
