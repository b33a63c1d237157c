import { flag, list, moment, number, oneOf, text } from "@/shared/search";

export const tabs = ["fields", "json", "raw", "context", "proof"] as const;
export type Tab = (typeof tabs)[number];

/** The state of the Logs page, as it stands in the address. */
export interface LogsSearch {
  query?: string;
  from?: string;
  to?: string;
  by?: string; // field the histogram is stacked by
  columns?: string[]; // fields shown between source and text
  order?: "asc"; // oldest first
  row?: number; // sequence of the open record
  tab?: Tab;
  live?: true;
  wrap?: true;
  dense?: true;
}

/** Reads an address; what makes no sense is left out. */
export function logsSearch(raw: Record<string, unknown>): LogsSearch {
  return {
    query: text(raw.query),
    from: moment(raw.from),
    to: moment(raw.to),
    by: text(raw.by, 200),
    columns: list(raw.columns, 20),
    order: oneOf(raw.order, ["asc"]),
    row: number(raw.row),
    tab: oneOf(raw.tab, tabs),
    live: flag(raw.live),
    wrap: flag(raw.wrap),
    dense: flag(raw.dense),
  };
}

/** The range of an address; without one it is the last 24 hours. */
export function rangeOf(search: LogsSearch): { from: string; to: string } {
  return { from: search.from ?? "-24h", to: search.to ?? "now" };
}
