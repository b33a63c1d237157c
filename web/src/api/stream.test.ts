import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { News, type Listening } from "./stream";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function fake() {
  const opened: { url: string; want: Listening; open: boolean }[] = [];
  const news = new News((url, want) => {
    const stream = { url, want, open: true };
    opened.push(stream);
    return () => {
      stream.open = false;
    };
  });
  return { news, opened };
}

it("opens one stream for all topics", () => {
  const { news, opened } = fake();
  news.subscribe("sources", () => {});
  news.subscribe("alerts", () => {});
  news.subscribe("alerts", () => {});
  vi.advanceTimersByTime(100);
  expect(opened.map((s) => s.url)).toEqual(["/api/v1/stream?topics=alerts%2Csources"]);
});

it("delivers to those who asked for the topic", () => {
  const { news, opened } = fake();
  const got: unknown[] = [];
  news.subscribe("alerts", (data) => got.push(data));
  news.subscribe("sources", () => got.push("wrong"));
  vi.advanceTimersByTime(100);
  opened[0]!.want.on.alerts!({ id: 1 });
  expect(got).toEqual([{ id: 1 }]);
});

it("keeps the stream when pages change but topics do not", () => {
  const { news, opened } = fake();
  const stop = news.subscribe("alerts", () => {});
  vi.advanceTimersByTime(100);
  stop();
  news.subscribe("alerts", () => {});
  vi.advanceTimersByTime(100);
  expect(opened.map((s) => s.open)).toEqual([true]);
});

it("closes the stream when nobody listens", () => {
  const { news, opened } = fake();
  news.subscribe("alerts", () => {})();
  const stop = news.subscribe("ledger", () => {});
  vi.advanceTimersByTime(100);
  stop();
  vi.advanceTimersByTime(100);
  expect(opened.map((s) => [s.url, s.open])).toEqual([["/api/v1/stream?topics=ledger", false]]);
});
