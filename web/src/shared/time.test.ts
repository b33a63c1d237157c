import { describe, expect, it } from "vitest";
import { fromWall, hover, instant, offsetLabel, span, stamp } from "./time";

describe("a stamp", () => {
  it.each([
    { at: "2026-11-22T01:30:05.123Z", zone: "Asia/Shanghai", style: "full" as const, want: "2026-11-22 09:30:05.123" },
    { at: "2026-11-22T01:30:05.123Z", zone: "Asia/Shanghai", style: "row" as const, want: "11-22 09:30:05.123" },
    { at: "2026-12-31T16:00:00Z", zone: "Asia/Shanghai", style: "minutes" as const, want: "2027-01-01 00:00" },
    { at: "2026-03-29T00:59:59Z", zone: "Europe/Berlin", style: "seconds" as const, want: "2026-03-29 01:59:59" },
    { at: "2026-03-29T01:00:00Z", zone: "Europe/Berlin", style: "seconds" as const, want: "2026-03-29 03:00:00" },
    { at: "2026-11-22T01:30:00Z", zone: "Asia/Kathmandu", style: "seconds" as const, want: "2026-11-22 07:15:00" },
    { at: "", zone: "Asia/Shanghai", style: "seconds" as const, want: "" },
    { at: "soon", zone: "Asia/Shanghai", style: "seconds" as const, want: "" },
  ])("$at in $zone", ({ at, zone, style, want }) => expect(stamp(at, zone, style)).toBe(want));
  it("tells offset and UTC on hover", () => expect(hover("2026-11-22T01:30:05Z", "Asia/Shanghai")).toBe("2026-11-22 09:30:05.000 +08:00\n2026-11-22T01:30:05.000Z"));
  it("west of Greenwich", () => expect(offsetLabel("America/St_Johns", Date.parse("2026-01-01T00:00:00Z"))).toBe("-03:30"));
});

describe("a wall time", () => {
  it.each([
    { text: "2026-11-22 09:30:05", zone: "Asia/Shanghai", want: "2026-11-22T01:30:05.000Z" },
    { text: "2026-11-22T09:30", zone: "Asia/Shanghai", want: "2026-11-22T01:30:00.000Z" },
    { text: "2026-10-25 02:30:00", zone: "Europe/Berlin", want: "2026-10-25T00:30:00.000Z" }, // there twice: the first
    { text: "2026-03-29 02:30:00", zone: "Europe/Berlin", want: "2026-03-29T01:30:00.000Z" }, // not there: as if the clocks had stayed
  ])("$text in $zone", ({ text, zone, want }) => expect(new Date(fromWall(text, zone)).toISOString()).toBe(want));
  it.each(["", "2026-11-22", "09:30", "2026-11-22 09:30:05 +08:00"])("%s is none", (text) => expect(fromWall(text, "Asia/Shanghai")).toBeNaN());
});

it.each([["now", 1e12], ["-6h", 1e12 - 216e5], ["-7d", 1e12 - 6048e5], ["2001-09-09T01:46:40Z", 1e12]])("instant %s", (text, want) => expect(instant(text, 1e12)).toBe(want));
it.each(["", "6h", "-6", "later"])("%s is no instant", (text) => expect(instant(text, 0)).toBeNaN());

it.each([
  { ms: 400, want: { unit: "s", n: 0 } },
  { ms: 59_999, want: { unit: "s", n: 60 } },
  { ms: 90_000, want: { unit: "m", n: 2 } },
  { ms: 47 * 3_600_000, want: { unit: "h", n: 47 } },
  { ms: 72 * 3_600_000, want: { unit: "d", n: 3 } },
])("a span of $ms ms", ({ ms, want }) => expect(span(ms)).toEqual(want));
