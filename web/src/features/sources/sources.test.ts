import { expect, it } from "vitest";
import { bodyOf, emptyForm, formOf, freshened, networks, putNews, spanOf, unparsedShare, withToken, wrongIn } from "./form";
import type { Source } from "./queries";
import { askedOf, sourcesSearch } from "./search";

const source = (id: string, over: Partial<Source> = {}) =>
  ({ id, name: id, kind: "syslog", allow: ["10.0.0.0/8"], certificate: "", format: "", charset: "", zone: "", silent_after_seconds: 5400, rate_limit: 0, state: "waiting", received: 0, unparsed: 0, per_minute: 0, ...over }) as Source;

it("reads an address and leaves out what makes no sense", () => {
  expect(sourcesSearch({ state: "silent,loud", kind: "smtp", retired: "1", id: "a", tab: "gaps", view: "gaps", open: "1" })).toEqual({ state: ["silent"], kind: undefined, q: undefined, retired: true, id: "a", tab: "gaps", view: "gaps", open: true });
});
it("asks the server for the conditions only", () => expect(askedOf(sourcesSearch({ state: "silent,waiting", id: "a", view: "gaps" }))).toEqual({ state: "silent,waiting" }));

it.each([
  { text: "10.0.0.1\n10.0.0.2/32", want: ["10.0.0.1", "10.0.0.2/32"] },
  { text: " 10.0.0.1, fe80::1；10.0.0.1 ", want: ["10.0.0.1", "fe80::1"] },
  { text: "", want: [] },
])("the networks of $text", ({ text, want }) => expect(networks(text)).toEqual(want));

it.each([
  { seconds: 60, want: { n: 1, unit: "m" } },
  { seconds: 90, want: { n: 90, unit: "s" } },
  { seconds: 5400, want: { n: 90, unit: "m" } },
  { seconds: 86_400, want: { n: 1, unit: "d" } },
  { seconds: 0, want: { n: 0, unit: "s" } },
])("$seconds seconds in the largest whole unit", ({ seconds, want }) => expect(spanOf(seconds)).toEqual(want));

const good = { ...emptyForm, name: "sw-01", allow: "10.0.0.1" };
it.each([
  { name: "nothing", form: good, want: {} },
  { name: "a name of blanks", form: { ...good, name: "  " }, want: { name: true } },
  { name: "a syslog sender known by nothing", form: { ...good, allow: "" }, want: { allow: true } },
  { name: "no address where a certificate tells", form: { ...good, allow: "", certificate: "AB:".repeat(31) + "AB" }, want: {} },
  { name: "half a certificate", form: { ...good, certificate: "abcd" }, want: { certificate: true } },
  { name: "no address where a token tells", form: { ...good, kind: "http" as const, allow: "" }, want: {} },
  { name: "a limit under ten seconds", form: { ...good, silent: "9", silentUnit: "s" as const }, want: { silent: true } },
  { name: "a limit over 366 days", form: { ...good, silent: "367", silentUnit: "d" as const }, want: { silent: true } },
  { name: "a limit with a fraction", form: { ...good, silent: "1.5" }, want: { silent: true } },
  { name: "a rate in words", form: { ...good, rate: "many" }, want: { rate: true } },
])("$name is wrong in a form", ({ form, want }) => expect(wrongIn(form)).toEqual(want));

it("sends only what the kind has", () => {
  expect(bodyOf({ ...good, kind: "otlp", certificate: "ab", format: "json" })).toEqual({ name: "sw-01", kind: "otlp", allow: ["10.0.0.1"], silent_after_seconds: 3600, rate_limit: 0 });
  expect(bodyOf({ ...good, certificate: "AB:CD" })).toMatchObject({ certificate: "abcd", format: "" });
});
it("a form of a source says the same as the source", () => expect(bodyOf(formOf(source("a", { zone: "Asia/Shanghai" })))).toMatchObject({ silent_after_seconds: 5400, allow: ["10.0.0.0/8"], zone: "Asia/Shanghai" }));
it("puts the token where it belongs", () => {
  expect(withToken("Bearer FENGSUI_TOKEN", "t1")).toBe("Bearer t1");
  expect(withToken("Bearer FENGSUI_TOKEN", "")).toBe("Bearer FENGSUI_TOKEN");
});

const news = { id: "b", state: "delivering" as const, last_received: "2026-01-01T00:00:00Z", received: 7, per_minute: 3 };
it("puts news into the list that shows the source", () => {
  const pages = { pages: [{ items: [source("a"), source("b")] }], pageParams: [""] };
  expect(putNews(pages, news)?.pages[0]!.items[1]).toMatchObject({ state: "delivering", received: 7, first_received: "2026-01-01T00:00:00Z" });
  expect(putNews(pages, { ...news, id: "z" })).toBeUndefined();
});
it("keeps the first receipt", () => expect(freshened(source("b", { first_received: "2025-01-01T00:00:00Z" }), news).first_received).toBe("2025-01-01T00:00:00Z"));

it.each([
  { received: 0, unparsed: 0, want: undefined },
  { received: 10, unparsed: 0, want: "0%" },
  { received: 3, unparsed: 1, want: "33.3%" },
  { received: 100_000, unparsed: 1, want: "<0.1%" },
  { received: 5, unparsed: 5, want: "100%" },
])("$unparsed of $received are unparsed", ({ received, unparsed, want }) => expect(unparsedShare({ received, unparsed })).toBe(want));
