import { expect, it } from "vitest";
import type { LogEvent } from "@/api/contract";
import { emptyTail, mostTail, reduceTail, type TailNews } from "./tail";

const events = (from: number, n: number) => Array.from({ length: n }, (_, i) => ({ seq: from + i }) as LogEvent);
const run = (...news: TailNews[]) => news.reduce(reduceTail, emptyTail);
const seqs = (list: LogEvent[]) => list.map((e) => e.seq);

it("puts the newest on top", () => expect(seqs(run({ events: events(0, 2) }, { events: events(2, 2) }).rows)).toEqual([3, 2, 1, 0]));
it("holds what comes while paused", () => {
  const tail = run({ events: events(0, 1) }, { pause: true }, { events: events(1, 2) });
  expect([seqs(tail.rows), seqs(tail.held)]).toEqual([[0], [1, 2]]);
});
it("shows what was held when it goes on, in order", () => {
  const tail = run({ events: events(0, 1) }, { pause: true }, { events: events(1, 2) }, { pause: false }, { events: events(3, 1) });
  expect([seqs(tail.rows), tail.held]).toEqual([[3, 2, 1, 0], []]);
});
it("keeps no more than it says", () => {
  const tail = run({ events: events(0, mostTail + 5) });
  expect([tail.rows.length, tail.rows[0]!.seq]).toEqual([mostTail, mostTail + 4]);
});
it("counts what it lets go while paused", () => {
  const tail = run({ pause: true }, { events: events(0, mostTail) }, { events: events(mostTail, 7) });
  expect([tail.held.length, tail.held[0]!.seq, tail.overflow]).toEqual([mostTail, 7, 7]);
});
it("takes rate and drops from the server", () => expect(run({ rate: { per_second: 12.5, dropped: 3 } })).toMatchObject({ perSecond: 12.5, dropped: 3 }));
it("an empty batch draws nothing", () => expect(reduceTail(emptyTail, { events: [] })).toBe(emptyTail));
it("begins anew with another query, and stays paused", () => expect(run({ events: events(0, 3) }, { pause: true }, { clear: true })).toEqual({ ...emptyTail, paused: true }));
