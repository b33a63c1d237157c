import type { LogEvent } from "@/api/contract";

/** The live tail as it is drawn. */
export interface Tail {
  rows: LogEvent[]; // newest first
  held: LogEvent[]; // arrived while paused, oldest first
  paused: boolean;
  perSecond: number;
  dropped: number; // the server could not send them: too many
  overflow: number; // let go here while paused: too many to hold
}

export const emptyTail: Tail = { rows: [], held: [], paused: false, perSecond: 0, dropped: 0, overflow: 0 };

/** Rows kept on the screen, and rows held while paused. */
export const mostTail = 5000;

export type TailNews = { events: LogEvent[] } | { rate: { per_second: number; dropped: number } } | { pause: boolean } | { clear: true };

/** Applies news to the tail. Events come oldest first, in batches. */
export function reduceTail(tail: Tail, news: TailNews): Tail {
  if ("clear" in news) return { ...emptyTail, paused: tail.paused };
  if ("rate" in news) return { ...tail, perSecond: news.rate.per_second, dropped: news.rate.dropped };
  if ("pause" in news) {
    if (news.pause) return { ...tail, paused: true };
    return { ...tail, paused: false, rows: onTop(tail.rows, tail.held), held: [], overflow: 0 };
  }
  if (news.events.length === 0) return tail;
  if (!tail.paused) return { ...tail, rows: onTop(tail.rows, news.events) };
  const held = [...tail.held, ...news.events];
  const over = Math.max(0, held.length - mostTail);
  return { ...tail, held: held.slice(over), overflow: tail.overflow + over };
}

function onTop(rows: LogEvent[], events: LogEvent[]): LogEvent[] {
  return [...[...events].reverse(), ...rows].slice(0, mostTail);
}
