import { equals, quote } from "@/shared/query";
import { moment, number, oneOf, text } from "@/shared/search";

export const outcomes = ["success", "denied", "failure"] as const;
export type Outcome = (typeof outcomes)[number];

/** The state of the page, as it stands in the address. */
export interface AuditSearch {
  from?: string;
  to?: string;
  who?: string; // name of a person or token
  action?: string; // id of an operation
  outcome?: Outcome;
  q?: string; // words of the record
  row?: number; // the record that is open
}

/** Reads an address; what makes no sense is left out. */
export function auditSearch(raw: Record<string, unknown>): AuditSearch {
  return {
    from: moment(raw.from),
    to: moment(raw.to),
    who: text(raw.who, 100),
    action: text(raw.action, 100),
    outcome: oneOf(raw.outcome, outcomes),
    q: text(raw.q, 200),
    row: number(raw.row),
  };
}

/** The range of an address; without one it is the last seven days. */
export function rangeOf(search: AuditSearch): { from: string; to: string } {
  return { from: search.from ?? "-7d", to: search.to ?? "now" };
}

// How a record came in cannot be claimed by a sender; a field of it could be.
const trail = "transport:=audit";
const byOutcome: Record<Outcome, string> = {
  success: "event.outcome:=success",
  denied: "event.type:=denied",
  failure: "event.outcome:=failure -event.type:=denied",
};

/** The query of the log search that finds the records. */
export function queryOf({ who, action, outcome, q }: AuditSearch): string {
  const words = q?.trim().split(/\s+/).filter((w) => w !== "") ?? [];
  return [trail, who && equals("user.name", who), action && equals("event.action", action), outcome && byOutcome[outcome], ...words.map(quote)].filter(Boolean).join(" ");
}

/** A change that takes off every condition; the time range stays. */
export const noConditions = { who: undefined, action: undefined, outcome: undefined, q: undefined } satisfies Partial<AuditSearch>;

/** Whether anything narrows the list besides the time. */
export function narrowed(search: AuditSearch): boolean {
  return Object.keys(noConditions).some((name) => search[name as keyof typeof noConditions] !== undefined);
}
