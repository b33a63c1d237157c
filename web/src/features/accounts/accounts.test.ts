import { expect, it } from "vitest";
import { accountsSearch, filtered, newPassword, tokenState } from "./search";

it("leaves out of an address what makes no sense", () => {
  expect(accountsSearch({ role: "emperor", q: "", id: 5 })).toEqual({ role: undefined, q: undefined, id: "5" });
});

const rows = [
  { name: "Lina", role: "analyst" },
  { name: "admin", role: "administrator" },
];

it.each([
  ["no condition", {}, ["Lina", "admin"]],
  ["part of a name, in any case", { q: "LI" }, ["Lina"]],
  ["a role", { role: "administrator" as const }, ["admin"]],
  ["both", { q: "li", role: "administrator" as const }, []],
])("lists by %s", (_, search, want) => expect(filtered(rows, search).map((r) => r.name)).toEqual(want));

it("makes a password of twenty figures and letters in groups", () => {
  expect(newPassword((n) => new Uint32Array(n))).toBe("aaaaa-aaaaa-aaaaa-aaaaa");
  expect(newPassword()).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
  expect(newPassword()).not.toBe(newPassword());
});

const now = Date.parse("2026-11-24T00:00:00Z");
it.each([
  ["without an end", undefined, "valid"],
  ["that ends in a month", "2026-12-24T00:00:00Z", "valid"],
  ["that ends next week", "2026-12-01T00:00:00Z", "soon"],
  ["that ends this moment", "2026-11-24T00:00:00Z", "expired"],
])("a token %s", (_, expires_at, want) => expect(tokenState({ expires_at }, now)).toBe(want));
