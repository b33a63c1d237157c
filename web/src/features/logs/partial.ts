import type { LogPage, LogStats } from "@/api/contract";

/** The server says why in English; these are the reasons it has, by the key of their text. */
export const reasons: Record<string, string> = {
  "there are more different values than are counted": "values",
  "the time for one query was up; narrow the span of time or the query": "time",
  "some events cannot be read back from the ledger": "unreadable",
};

/** Why the list or the counts are not all there is, each reason once. */
export function partialReasons(page: Pick<LogPage, "partial" | "reason"> | undefined, stats: Pick<LogStats, "partial" | "reason"> | undefined): string[] {
  return [...new Set([page, stats].flatMap((part) => (part?.partial ? [part.reason] : [])))];
}
