import type { Level } from "@/api/contract";
import { list, oneOf, text } from "@/shared/search";
import { levels } from "@/shared/Sev";

export const views = ["list", "problems"] as const;
export type View = (typeof views)[number];

/** The state of the Rules page, as it stands in the address. */
export interface RulesSearch {
  q?: string;
  level?: Level[];
  origin?: "shipped" | "user";
  enabled?: "true" | "false";
  id?: string; // the rule that is open
  view?: View;
}

/** Reads an address; what makes no sense is left out. */
export function rulesSearch(raw: Record<string, unknown>): RulesSearch {
  const wanted = list(raw.level)?.flatMap((v) => oneOf(v, levels) ?? []);
  return {
    q: text(raw.q, 200),
    level: wanted && wanted.length > 0 ? [...new Set(wanted)] : undefined,
    origin: oneOf(raw.origin, ["shipped", "user"]),
    enabled: oneOf(raw.enabled, ["true", "false"]),
    id: text(raw.id ?? raw.rule, 300),
    view: oneOf(raw.view, views),
  };
}

/** What the server is asked for. */
export interface Asked {
  q?: string;
  level?: string;
  origin?: "shipped" | "user";
  enabled?: "true" | "false";
}

export function askedOf({ q, level, origin, enabled }: RulesSearch): Asked {
  return { ...(q ? { q } : {}), ...(level ? { level: level.join(",") } : {}), ...(origin ? { origin } : {}), ...(enabled ? { enabled } : {}) };
}

/** A change that takes off every condition. */
export const noConditions = { q: undefined, level: undefined, origin: undefined, enabled: undefined } satisfies Partial<RulesSearch>;

/** The parts of a log source as one text: windows / security. */
export function logsourceText(l: { product: string; category: string; service: string }): string {
  return [l.product, l.category, l.service].filter((p) => p !== "").join(" / ");
}
