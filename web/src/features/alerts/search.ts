import { list, moment, oneOf, text } from "@/shared/search";
import { levels } from "@/shared/Sev";
import type { Level } from "@/api/contract";

export const statuses = ["new", "acknowledged", "closed"] as const;
export type Status = (typeof statuses)[number];
export const views = ["list", "suppressions"] as const;
export type View = (typeof views)[number];
export const tabs = ["why", "rule", "history"] as const;
export type Tab = (typeof tabs)[number];

/** The state of the Alerts page, as it stands in the address. */
export interface AlertsSearch {
  status?: Status[];
  level?: Level[];
  rule_id?: string;
  entity?: string;
  source?: string; // id
  assignee?: string; // account id
  q?: string;
  from?: string;
  to?: string;
  id?: string; // the alert that is open: id or number
  tab?: Tab;
  view?: View;
}

/** Reads an address; what makes no sense is left out. */
export function alertsSearch(raw: Record<string, unknown>): AlertsSearch {
  return {
    status: words(raw.status, statuses),
    level: words(raw.level, levels),
    rule_id: text(raw.rule_id ?? raw.rule, 200),
    entity: text(raw.entity, 600),
    source: text(raw.source, 100),
    assignee: text(raw.assignee, 100),
    q: text(raw.q, 200),
    from: moment(raw.from),
    to: moment(raw.to),
    id: text(raw.id, 64),
    tab: oneOf(raw.tab, tabs),
    view: oneOf(raw.view, views),
  };
}

function words<W extends string>(value: unknown, known: readonly W[]): W[] | undefined {
  const kept = list(value)?.flatMap((v) => oneOf(v, known) ?? []);
  return kept && kept.length > 0 ? [...new Set(kept)] : undefined;
}

/** The range of an address; without one it is the last 30 days. */
export function rangeOf(search: AlertsSearch): { from: string; to: string } {
  return { from: search.from ?? "-30d", to: search.to ?? "now" };
}

/** What the server is asked for. */
export interface Asked {
  status?: string;
  level?: string;
  rule_id?: string;
  entity?: string;
  source?: string;
  assignee?: string;
  q?: string;
  from: string;
  to: string;
}

export function askedOf(search: AlertsSearch): Asked {
  const { rule_id, entity, source, assignee, q } = search;
  const asked: Asked = { ...rangeOf(search), status: search.status?.join(","), level: search.level?.join(","), rule_id, entity, source, assignee, q };
  return Object.fromEntries(Object.entries(asked).filter(([, v]) => v !== undefined)) as unknown as Asked;
}

/** A change that takes off every condition; the time range stays. */
export const noConditions = { status: undefined, level: undefined, rule_id: undefined, entity: undefined, source: undefined, assignee: undefined, q: undefined } satisfies Partial<AlertsSearch>;

/** Whether anything narrows the list besides the time. */
export function narrowed(search: AlertsSearch): boolean {
  return Object.keys(noConditions).some((name) => search[name as keyof typeof noConditions] !== undefined);
}
