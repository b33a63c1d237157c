import { flag, oneOf, text } from "@/shared/search";

export const tabs = ["facts", "history"] as const;
export type Tab = (typeof tabs)[number];

/** The state of the page, as it stands in the address. */
export interface UnitsSearch {
  q?: string;
  id?: string; // the unit that is open
  tab?: Tab;
  at?: string; // the tree as of this day
  dissolved?: true; // with those that are dissolved
}

/** Reads an address; what makes no sense is left out. */
export function unitsSearch(raw: Record<string, unknown>): UnitsSearch {
  return { q: text(raw.q, 200), id: text(raw.id, 64), tab: oneOf(raw.tab, tabs), at: day(raw.at), dissolved: flag(raw.dissolved) };
}

function day(value: unknown): string | undefined {
  return typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && Number.isFinite(Date.parse(value)) ? value : undefined;
}
