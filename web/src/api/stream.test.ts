import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { News, type Listening, type Message, type Tabs } from "./stream";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function fake(tabs?: Tabs) {
  const opened: { url: string; want: Listening; open: boolean }[] = [];
  const news = new News((url, want) => {
    const stream = { url, want, open: true };
    opened.push(stream);
    return () => {
      stream.open = false;
    };
  }, tabs);
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

// Tabs of one browser: what one posts all others hear, and the longest there leads.
function browser() {
  const there: { hear?: (message: Message) => void; begin?: () => void }[] = [];
  const tab = () => {
    const own: (typeof there)[number] = {};
    const { news, opened } = fake({
      post: (message) => there.filter((t) => t !== own).forEach((t) => t.hear?.(message)),
      hear: (handler) => void (own.hear = handler),
      lead: (begin) => {
        own.begin = begin;
        there.push(own);
        if (there.length === 1) begin();
      },
    });
    const close = () => {
      news.leave();
      const led = there[0] === own;
      there.splice(there.indexOf(own), 1);
      for (const s of opened) s.open = false;
      if (led) there[0]?.begin?.();
    };
    return { news, opened, close };
  };
  return { tab };
}

it("lets one tab lead, with the topics of all", () => {
  const { tab } = browser();
  const [first, second] = [tab(), tab()];
  const got: unknown[] = [];
  first.news.subscribe("alerts", () => {});
  second.news.subscribe("sources", (data) => got.push(data));
  vi.advanceTimersByTime(100);
  expect(second.opened).toEqual([]);
  expect(first.opened.filter((s) => s.open).map((s) => s.url)).toEqual(["/api/v1/stream?topics=alerts%2Csources"]);
  first.opened.at(-1)!.want.on.sources!({ id: 7 });
  expect(got).toEqual([{ id: 7 }]);
});

it("drops the topics of a tab that was closed", () => {
  const { tab } = browser();
  const [first, second] = [tab(), tab()];
  first.news.subscribe("alerts", () => {});
  second.news.subscribe("sources", () => {});
  vi.advanceTimersByTime(100);
  second.close();
  vi.advanceTimersByTime(100);
  expect(first.opened.filter((s) => s.open).map((s) => s.url)).toEqual(["/api/v1/stream?topics=alerts"]);
});

it("takes over when the tab that leads is closed", () => {
  const { tab } = browser();
  const [first, second, third] = [tab(), tab(), tab()];
  const got: unknown[] = [];
  first.news.subscribe("rules", () => {});
  second.news.subscribe("sources", () => {});
  third.news.subscribe("alerts", (data) => got.push(data));
  vi.advanceTimersByTime(100);
  first.close();
  vi.advanceTimersByTime(200);
  expect(second.opened.filter((s) => s.open).map((s) => s.url)).toEqual(["/api/v1/stream?topics=alerts%2Csources"]);
  second.opened.at(-1)!.want.on.alerts!({ id: 9 });
  expect(got).toEqual([{ id: 9 }]);
});
