import { flag, list, oneOf, text } from "@/shared/search";

export const states = ["silent", "waiting", "delivering"] as const;
export type State = (typeof states)[number];
export const kinds = ["syslog", "http", "otlp"] as const;
export type Kind = (typeof kinds)[number];
export const views = ["list", "strangers", "gaps"] as const;
export type View = (typeof views)[number];
export const tabs = ["facts", "settings", "gaps"] as const;
export type Tab = (typeof tabs)[number];

/** The state of the Sources page, as it stands in the address. */
export interface SourcesSearch {
  state?: State[];
  kind?: Kind;
  q?: string;
  retired?: true;
  id?: string; // the source that is open
  tab?: Tab;
  view?: View;
  open?: true; // of the gaps: only those that last
}

/** Reads an address; what makes no sense is left out. */
export function sourcesSearch(raw: Record<string, unknown>): SourcesSearch {
  const wanted = list(raw.state)?.flatMap((v) => oneOf(v, states) ?? []);
  return {
    state: wanted && wanted.length > 0 ? [...new Set(wanted)] : undefined,
    kind: oneOf(raw.kind, kinds),
    q: text(raw.q, 200),
    retired: flag(raw.retired),
    id: text(raw.id, 64),
    tab: oneOf(raw.tab, tabs),
    view: oneOf(raw.view, views),
    open: flag(raw.open),
  };
}

/** What the server is asked for. */
export interface Asked {
  state?: string;
  kind?: Kind;
  q?: string;
  retired?: boolean;
}

export function askedOf({ state, kind, q, retired }: SourcesSearch): Asked {
  return { ...(state ? { state: state.join(",") } : {}), ...(kind ? { kind } : {}), ...(q ? { q } : {}), ...(retired ? { retired } : {}) };
}

/** A change that takes off every condition. */
export const noConditions = { state: undefined, kind: undefined, q: undefined, retired: undefined } satisfies Partial<SourcesSearch>;
