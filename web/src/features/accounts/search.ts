import { oneOf, text } from "@/shared/search";

export const roles = ["administrator", "analyst", "reader"] as const;
export type Role = (typeof roles)[number];
export const spans = ["30d", "90d", "365d"] as const;
export type Span = (typeof spans)[number];

/** The state of the pages of accounts and tokens, as it stands in the address. */
export interface AccountsSearch {
  id?: string; // the account or token that is open
  q?: string; // part of a name
  role?: Role;
}

/** Reads an address; what makes no sense is left out. */
export function accountsSearch(raw: Record<string, unknown>): AccountsSearch {
  return { id: text(raw.id, 64), q: text(raw.q, 100), role: oneOf(raw.role, roles) };
}

/** The rows that the conditions let through. */
export function filtered<Row extends { name: string; role: string }>(rows: readonly Row[], { q, role }: AccountsSearch): Row[] {
  const part = q?.toLowerCase();
  return rows.filter((r) => (part === undefined || r.name.toLowerCase().includes(part)) && (role === undefined || r.role === role));
}

const letters = "abcdefghjkmnpqrstuvwxyz23456789"; // none that is taken for another

/** A password that can be read out: four groups of five letters and figures, some 99 bits. */
export function newPassword(random: (n: number) => Uint32Array = (n) => crypto.getRandomValues(new Uint32Array(n))): string {
  const text = [...random(20)].map((n) => letters[n % letters.length]).join("");
  return text.replace(/(.{5})(?=.)/g, "$1-");
}

/** Whether a token can be used at an instant. */
export function tokenState(token: { expires_at?: string }, now: number): "valid" | "soon" | "expired" {
  const left = token.expires_at ? Date.parse(token.expires_at) - now : Infinity;
  if (left <= 0) return "expired";
  return left < 14 * 86_400_000 ? "soon" : "valid";
}
