import { describe, expect, it } from "vitest";
import { buckets, ceiling, chosen, fold, indexAt, pressed } from "./histogram";

const bucket = (i: number, counts: Record<string, number>) => ({ from: i * 10, to: i * 10 + 10, counts });

describe("buckets", () => {
  it("put what has no value under the rest", () => {
    const [b] = buckets([{ from: "1970-01-01T00:00:00Z", to: "1970-01-01T00:00:10Z", count: 5, counts: { a: 3 } }], "");
    expect(b).toEqual({ from: 0, to: 10_000, counts: { a: 3, "": 2 } });
  });
  it("without counts have one series", () => {
    expect(buckets([{ from: "1970-01-01T00:00:00Z", to: "1970-01-01T00:00:10Z", count: 5 }])[0]!.counts).toEqual({ "": 5 });
  });
  it("fold what is rare, and lose nothing", () => {
    const { ids, buckets: folded } = fold([bucket(0, { a: 5, b: 1, c: 2 }), bucket(1, { b: 3 })], 2, "");
    expect(ids).toEqual(["a", "b", ""]);
    expect(folded.map((b) => b.counts)).toEqual([{ a: 5, b: 1, "": 2 }, { b: 3 }]);
  });
});

it.each([[0, 4], [4, 4], [5, 5], [11, 15], [230, 250], [1000, 1000], [8100, 10000]])("the axis above %i ends at %i", (max, want) => expect(ceiling(max)).toBe(want));

it.each([[-5, 0], [0, 0], [99, 4], [20, 1], [1000, 4]])("x %i of 100 is bucket %i of 5", (x, want) => expect(indexAt(x, 100, 5)).toBe(want));

describe("keys", () => {
  it.each([
    { name: "the first arrow shows the last bucket", choice: undefined, key: "ArrowLeft", shift: false, want: { anchor: 9, head: 9 } },
    { name: "an arrow moves", choice: { anchor: 5, head: 5 }, key: "ArrowLeft", shift: false, want: { anchor: 4, head: 4 } },
    { name: "Shift extends", choice: { anchor: 5, head: 5 }, key: "ArrowRight", shift: true, want: { anchor: 5, head: 6 } },
    { name: "an end is an end", choice: { anchor: 9, head: 9 }, key: "ArrowRight", shift: false, want: { anchor: 9, head: 9 } },
    { name: "Home with Shift", choice: { anchor: 5, head: 5 }, key: "Home", shift: true, want: { anchor: 5, head: 0 } },
    { name: "Enter zooms", choice: { anchor: 5, head: 6 }, key: "Enter", shift: false, want: "zoom" },
    { name: "Enter without a choice is not ours", choice: undefined, key: "Enter", shift: false, want: undefined },
    { name: "Escape drops it", choice: { anchor: 5, head: 6 }, key: "Escape", shift: false, want: "clear" },
    { name: "Tab leaves", choice: { anchor: 5, head: 6 }, key: "Tab", shift: false, want: undefined },
  ])("$name", ({ choice, key, shift, want }) => expect(pressed(choice, key, shift, 10)).toEqual(want));
  it("a choice made backwards is the same range", () => {
    const all = Array.from({ length: 10 }, (_, i) => bucket(i, {}));
    expect(chosen(all, { anchor: 6, head: 4 })).toEqual({ from: 40, to: 70 });
  });
});
