import { expect, it } from "vitest";
import type { FactRow, Obligation, Station } from "@/api/contract";
import { amounts, gapsOf, numberParts, versionsOf } from "./duty";
import { ledgerStep } from "./ledgerStep";

const row = (id: string, from: string, to?: string, state: FactRow["state"] = "gap"): FactRow => ({ id, name: id, state, reason: "r", from, to });
const duty = (...rows: FactRow[][]) => ({ evidence: rows.map((r) => ({ fact: { rows: r } })) }) as unknown as Obligation;

it("lists gaps that last first, then the newest, each once", () => {
  const old = row("old", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
  const lasting = row("lasting", "2025-01-01T00:00:00Z");
  const recent = row("recent", "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z");
  expect(gapsOf(duty([old, lasting, row("fine", "2026-01-01T00:00:00Z", undefined, "met")], [old, recent])).map((r) => r.id)).toEqual(["lasting", "recent", "old"]);
});

it("shows the version in force first", () => {
  const tier = (version: string, in_force: string, applies: boolean) => ({ version, in_force, applies });
  const o = { exposure: [tier("csl-2016", "2017-06-01", false), tier("csl-2026", "2026-01-01", true), tier("csl-2026", "2026-01-01", true)] } as unknown as Obligation;
  expect(versionsOf(o).map((v) => [v.version, v.tiers.length])).toEqual([["csl-2026", 2], ["csl-2016", 1]]);
});

it.each([
  { range: { min: 10_000, max: 50_000 }, language: "zh-CN", want: { unit: "tenThousand", range: "1–5" } },
  { range: { min: 5000, max: 50_000 }, language: "zh-CN", want: { unit: "tenThousand", range: "0.5–5" } },
  { range: { min: 2_000_000, max: 10_000_000 }, language: "zh-CN", want: { unit: "tenThousand", range: "200–1,000" } },
  { range: { min: 500, max: 5000 }, language: "zh-CN", want: { unit: "one", range: "500–5,000" } },
  { range: { min: 10_000, max: 50_000 }, language: "en", want: { unit: "one", range: "10,000–50,000" } },
])("$range.min to $range.max in $language", ({ range, language, want }) => expect(amounts(range, language)).toEqual(want));

it.each([
  { number: "23.1(3)", want: { depth: "item", article: "23", paragraph: "1", item: "3" } },
  { number: "61.1", want: { depth: "paragraph", article: "61", paragraph: "1", item: "" } },
  { number: "61", want: { depth: "article", article: "61", paragraph: "", item: "" } },
  { number: "8.1.4.3 c)", want: { depth: "whole", article: "8.1.4.3 c)", paragraph: "", item: "" } },
])("the parts of $number", ({ number, want }) => expect(numberParts(number)).toEqual(want));

const sound = { state: "ok", reason: "", damage: [], copies: [{ place: "a", size: 1, error: "" }] } as unknown as Station["ledger"];
it.each([
  { name: "sound with a copy", ledger: sound, want: "ok" },
  { name: "without a copy elsewhere it is not ok", ledger: { ...sound, copies: [] }, want: "noCopy" },
  { name: "nor with copies that fail", ledger: { ...sound, copies: [{ place: "a", size: 1, error: "refused" }] }, want: "noCopy" },
  { name: "stopped", ledger: { ...sound, state: "stopped" as const, reason: "fsync" }, want: "stopped" },
  { name: "full", ledger: { ...sound, state: "full" as const }, want: "full" },
  { name: "damage is worst", ledger: { ...sound, state: "stopped", damage: [{}] } as Station["ledger"], want: "damaged" },
])("a ledger $name", ({ ledger, want }) => expect(ledgerStep(ledger).word).toBe(want));
