import { describe, expect, it } from "vitest";
import type { Version } from "./queries";
import { unitsSearch } from "./search";
import { lines, subtree } from "./tree";

const unit = (id: string, parent: string, zh: string, more: Partial<Version> = {}): Version => ({
  unit: id, parent, name: { zh }, code: id.toUpperCase(), kind: "other", industry: "", operator: "other", credit_code: "", dissolved: false, successor: "",
  from: "", act: "create", reason: "", other: "", actor: { id: "", name: "" }, ...more,
});
const units = [unit("a", "", "省厅"), unit("b", "a", "市局"), unit("c", "b", "网信科"), unit("d", "a", "旧局", { dissolved: true }), unit("e", "", "大学", { name: { zh: "大学", en: "University" } })];
const shown = (options: Partial<Parameters<typeof lines>[1]>) => lines(units, { closed: new Set(), ...options }).map((n) => `${"-".repeat(n.level)}${n.unit.unit}`);

describe("the lines of a tree", () => {
  it.each([
    ["whole, without what is dissolved", {}, ["a", "-b", "--c", "e"]],
    ["with what is dissolved", { dissolved: true }, ["a", "-b", "--c", "-d", "e"]],
    ["with a folded unit", { closed: new Set(["a"]) }, ["a", "e"]],
    ["searched: with the way to what is found, folded or not", { q: "网信", closed: new Set(["a"]) }, ["a", "-b", "--c"]],
    ["searched by a code", { q: "b" }, ["a", "-b"]],
    ["searched by an English name in any case", { q: "univ" }, ["e"]],
    ["searched in vain", { q: "nowhere" }, []],
  ])("%s", (_, options, want) => expect(shown(options)).toEqual(want));

  it("begin with a unit whose parent is not there", () => {
    expect(lines([unit("c", "gone", "科")], { closed: new Set() }).map((n) => n.level)).toEqual([0]);
  });
  it("tell what was found from what only leads there", () => {
    expect(lines(units, { q: "网信", closed: new Set() }).map((n) => n.hit)).toEqual([false, false, true]);
  });
});

it("knows what is below a unit", () => expect([...subtree(units, "a")].sort()).toEqual(["a", "b", "c", "d"]));

it("reads an address", () => {
  expect(unitsSearch({ at: "2026-02-31x", tab: "all", dissolved: "1" })).toEqual({ dissolved: true });
  expect(unitsSearch({ at: "2026-01-31" }).at).toBe("2026-01-31");
});
