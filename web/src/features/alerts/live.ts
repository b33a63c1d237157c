import type { Alert, AlertPage } from "./queries";
import type { Asked } from "./search";

/** The pages of the list as they are cached. */
export interface Pages {
  pages: AlertPage[];
  pageParams: unknown[];
}

/** Puts a newer state of an alert into the pages that show it; undefined when none does. An older state changes nothing. */
export function putInto(data: Pages, alert: Alert): Pages | undefined {
  let found = false;
  const pages = data.pages.map((page) => {
    const at = page.items.findIndex((a) => a.id === alert.id);
    if (at < 0) return page;
    found = true;
    if (Date.parse(page.items[at]!.updated_at) > Date.parse(alert.updated_at)) return page;
    return { ...page, items: page.items.map((a, i) => (i === at ? alert : a)) };
  });
  return found ? { ...data, pages } : undefined;
}

export interface Result {
  id: string;
  status: "done" | "skipped" | "failed";
  code: string;
}

/** What a bulk act came to: how many were done, and which were not and why. */
export interface Report {
  done: string[];
  left: Result[];
}

export function reportOf(results: readonly Result[]): Report {
  return { done: results.filter((r) => r.status === "done").map((r) => r.id), left: results.filter((r) => r.status !== "done") };
}

/** The rows that stay selected after an act: those it was not done to. */
export function stillSelected(selected: ReadonlySet<string>, report: Report): Set<string> {
  const done = new Set(report.done);
  return new Set([...selected].filter((id) => !done.has(id)));
}

/** Splits a text at the values that made a rule true, so that they can be marked. Short numbers would mark half the line and are left out unless they stand alone. */
export function marked(text: string, values: readonly string[]): { text: string; mark: boolean }[] {
  const wanted = [...new Set(values.filter((v) => v.trim() !== ""))].sort((a, b) => b.length - a.length).slice(0, 40);
  if (wanted.length === 0) return [{ text, mark: false }];
  const pattern = new RegExp(wanted.map((v) => bounded(v)).join("|"), "giu");
  const out: { text: string; mark: boolean }[] = [];
  let at = 0;
  for (const hit of text.matchAll(pattern)) {
    if (hit.index > at) out.push({ text: text.slice(at, hit.index), mark: false });
    out.push({ text: hit[0], mark: true });
    at = hit.index + hit[0].length;
  }
  if (at < text.length || out.length === 0) out.push({ text: text.slice(at), mark: false });
  return out;
}

function bounded(value: string): string {
  const escaped = value.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  if (!/^[\p{L}\p{N}]+$/u.test(value) || /\p{Script=Han}/u.test(value)) return escaped;
  // No look-behind: browsers of the oldest supported kind have none.
  return `\\b${escaped}\\b`;
}

/** Whether an alert belongs to what was asked for, as far as can be told here: the server also searches texts. */
export function belongs(alert: Alert, asked: Asked): boolean {
  const among = (words: string | undefined, value: string) => words === undefined || words.split(",").includes(value);
  return (
    among(asked.status, alert.status) &&
    among(asked.level, alert.level) &&
    (asked.rule_id === undefined || asked.rule_id === alert.rule_id) &&
    (asked.entity === undefined || asked.entity === alert.entity) &&
    (asked.source === undefined || alert.sources.some((s) => s.id === asked.source)) &&
    (asked.assignee === undefined || asked.assignee === alert.assignee) &&
    asked.to === "now"
  );
}
