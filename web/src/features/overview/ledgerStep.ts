import type { Station } from "@/api/contract";

type Ledger = Station["ledger"];
type Step = { step: "ok" | "yellow" | "red"; sign: string; word: "ok" | "full" | "stopped" | "damaged" | "noCopy" };

/** What the state of the ledger comes down to: the worst that holds. Without a copy elsewhere a chain shows only accidents, so that is no "ok". */
export function ledgerStep(ledger: Ledger): Step {
  if (ledger.damage.length > 0) return { step: "red", sign: "✕", word: "damaged" };
  if (ledger.state !== "ok") return { step: "red", sign: "✕", word: ledger.state };
  if (ledger.copies.length === 0 || ledger.copies.every((c) => c.error !== "")) return { step: "yellow", sign: "◐", word: "noCopy" };
  return { step: "ok", sign: "✓", word: "ok" };
}
