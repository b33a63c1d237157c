import { expect, it } from "vitest";
import { logsSearch, rangeOf } from "./search";

const nothing = { query: undefined, from: undefined, to: undefined, by: undefined, columns: undefined, order: undefined, row: undefined, tab: undefined, live: undefined, wrap: undefined, dense: undefined };

it.each([
  { name: "an empty address", raw: {}, want: {} },
  { name: "everything", raw: { query: "a", from: "-6h", to: "now", by: "class", columns: "x,y", order: "asc", row: "7", tab: "proof", live: "1", wrap: "1", dense: "1" }, want: { query: "a", from: "-6h", to: "now", by: "class", columns: ["x", "y"], order: "asc", row: 7, tab: "proof", live: true, wrap: true, dense: true } },
  { name: "typed values of navigate", raw: { columns: ["x"], row: 7, live: true }, want: { columns: ["x"], row: 7, live: true } },
  { name: "row 0 is a row", raw: { row: "0" }, want: { row: 0 } },
  { name: "nonsense", raw: { from: "yesterday", to: "-6y", order: "desc", row: "-1", tab: "x", live: "no", columns: "" }, want: {} },
  { name: "times", raw: { from: "2026-11-22T00:00:00Z", to: "2026-11-22T08:00:00.5+08:00" }, want: { from: "2026-11-22T00:00:00Z", to: "2026-11-22T08:00:00.5+08:00" } },
  { name: "a number typed as query", raw: { query: 4625 }, want: { query: "4625" } },
])("reads $name", ({ raw, want }) => {
  expect(logsSearch(raw)).toEqual({ ...nothing, ...want });
});

it("searches the last 24 hours unless told otherwise", () => {
  expect(rangeOf({})).toEqual({ from: "-24h", to: "now" });
});
