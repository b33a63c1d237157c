import type { FactRow, Obligation } from "@/api/contract";

/** The rows behind the answers that are not as they should be; those that last first, then the newest. */
export function gapsOf(o: Obligation): FactRow[] {
  const rows = o.evidence.flatMap((e) => e.fact.rows).filter((r) => r.state === "gap" || r.state === "partly");
  const seen = new Set<string>();
  return rows
    .filter((r) => {
      const key = [r.id, r.reason, r.from, r.to].join("\n");
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => Number(a.to !== undefined) - Number(b.to !== undefined) || Date.parse(b.from ?? "") - Date.parse(a.from ?? "") || 0);
}

interface Version {
  version: string;
  inForce: string;
  lastDay?: string;
  applies: boolean;
  tiers: Obligation["exposure"];
}

/** The exposure by version of the law, the one that applies first. */
export function versionsOf(o: Obligation): Version[] {
  const out = new Map<string, Version>();
  for (const tier of o.exposure) {
    const v = out.get(tier.version) ?? { version: tier.version, inForce: tier.in_force, lastDay: tier.last_day, applies: tier.applies, tiers: [] };
    v.tiers.push(tier);
    out.set(tier.version, v);
  }
  return [...out.values()].sort((a, b) => Number(b.applies) - Number(a.applies) || (a.inForce < b.inForce ? 1 : -1));
}

/** A range of yuan as its language counts: Chinese in ten thousands where that comes out even. The text is duty.money_<unit>. */
export function amounts(range: { min: number; max: number }, language: string): { unit: "one" | "tenThousand"; range: string } {
  const even = language !== "en" && range.max >= 10_000 && range.min % 1000 === 0 && range.max % 1000 === 0;
  const by = even ? 10_000 : 1;
  const write = (n: number) => (n / by).toLocaleString("en-US");
  return { unit: even ? "tenThousand" : "one", range: `${write(range.min)}–${write(range.max)}` };
}

/** The parts of a number such as 23.1(3): article, paragraph, item. The text is duty.number_<depth>; another form is shown as it is. */
export function numberParts(number: string): { depth: "whole" | "article" | "paragraph" | "item"; article: string; paragraph: string; item: string } {
  const found = /^(\d+)(?:\.(\d+))?(?:\((\d+)\))?$/.exec(number);
  if (!found) return { depth: "whole", article: number, paragraph: "", item: "" };
  const [, article = "", paragraph = "", item = ""] = found;
  return { depth: item ? "item" : paragraph ? "paragraph" : "article", article, paragraph, item };
}
