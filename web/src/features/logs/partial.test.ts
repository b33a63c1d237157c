// @vitest-environment node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { partialReasons, reasons } from "./partial";

const part = (partial: boolean, reason: string) => ({ partial, reason });

it.each([
  ["nothing is partial", part(false, ""), part(false, ""), []],
  ["only the counts are", part(false, ""), part(true, "b"), ["b"]],
  ["both are, for different reasons", part(true, "a"), part(true, "b"), ["a", "b"]],
  ["both are, for the same", part(true, "a"), part(true, "a"), ["a"]],
  ["nothing is known yet", undefined, undefined, []],
])("why, when %s", (_, page, stats, want) => expect(partialReasons(page, stats)).toEqual(want));

it.each(Object.keys(reasons))("the server still says %s", (reason) => {
  const code = ["search.go", "counts.go", "page.go", "walk.go", "fields.go", "view.go", "http.go", "stream.go"].map((f) => {
    try {
      return readFileSync(join(__dirname, "../../../../internal/flow/search", f), "utf8");
    } catch {
      return "";
    }
  });
  expect(code.some((text) => text.includes(reason))).toBe(true);
});
