import { expect, it } from "vitest";
import { remember } from "./history";

it.each([
  { name: "the newest is first", before: ["b"], query: "a", want: ["a", "b"] },
  { name: "nothing stands twice", before: ["b", "a"], query: "a", want: ["a", "b"] },
  { name: "an empty query is none", before: ["b"], query: "", want: ["b"] },
])("$name", ({ before, query, want }) => expect(remember(before, query)).toEqual(want));

it("keeps thirty", () => expect(remember(Array.from({ length: 40 }, (_, i) => String(i)), "new")).toHaveLength(30));
