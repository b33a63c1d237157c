import { expect, it } from "vitest";
import { belongs, marked, putInto, reportOf, stillSelected } from "./live";
import type { Alert } from "./queries";
import { alertsSearch, askedOf, narrowed, noConditions, rangeOf } from "./search";

const alert = (id: string, over: Partial<Alert> = {}) => ({ id, status: "new", level: "high", rule_id: "r1", entity: "10.0.0.8", assignee: "", sources: [{ id: "s1", name: "web" }], updated_at: "2026-01-01T00:00:00Z", ...over }) as Alert;

it("reads an address and leaves out what makes no sense", () => {
  expect(alertsSearch({ status: "new,open,closed", level: "highest", entity: "10.0.0.8, a", from: "yesterday", to: "now", tab: "x", view: "suppressions", rule: "r1" })).toEqual({
    status: ["new", "closed"], level: undefined, rule_id: "r1", entity: "10.0.0.8, a", source: undefined, assignee: undefined, q: undefined, from: undefined, to: "now", id: undefined, tab: undefined, view: "suppressions",
  });
});
it("asks the server for the conditions only", () => expect(askedOf(alertsSearch({ status: "new,acknowledged", id: "A-1", tab: "rule", q: "ssh" }))).toEqual({ from: "-30d", to: "now", status: "new,acknowledged", q: "ssh" }));
it("keeps a relative range relative", () => expect(rangeOf({ from: "-6h" })).toEqual({ from: "-6h", to: "now" }));
it.each([
  { name: "a range alone does not narrow", search: { from: "-1h" }, want: false },
  { name: "nor does an open record", search: { id: "a" }, want: false },
  { name: "an entity does", search: { entity: "a" }, want: true },
  { name: "nothing does once it is cleared", search: { ...alertsSearch({ entity: "a", level: "high" }), ...noConditions }, want: false },
])("$name", ({ search, want }) => expect(narrowed(search)).toBe(want));

const pages = { pages: [{ items: [alert("a"), alert("b")], next: "c" }, { items: [alert("c")], next: "" }], pageParams: ["", "c"] };
it("puts news in place", () => expect(putInto(pages, alert("c", { status: "closed", updated_at: "2026-01-02T00:00:00Z" }))?.pages[1]!.items[0]!.status).toBe("closed"));
it("does not take an older state for news", () => expect(putInto(pages, alert("a", { status: "closed", updated_at: "2025-12-31T00:00:00Z" }))?.pages[0]!.items[0]!.status).toBe("new"));
it("tells that an alert is not in the list", () => expect(putInto(pages, alert("z"))).toBeUndefined());

const report = reportOf([{ id: "a", status: "done", code: "" }, { id: "b", status: "skipped", code: "alert.unchanged" }, { id: "c", status: "failed", code: "alert.not_found" }]);
it("keeps what was not done selected", () => expect([...stillSelected(new Set(["a", "b", "c", "d"]), report)]).toEqual(["b", "c", "d"]));
it("reports each row that was not done", () => expect(report.left.map((r) => r.code)).toEqual(["alert.unchanged", "alert.not_found"]));

const range = { from: "-1h", to: "now" };
it.each([
  { name: "no condition", asked: range, want: true },
  { name: "its level", asked: { ...range, level: "critical,high" }, want: true },
  { name: "another level", asked: { ...range, level: "low" }, want: false },
  { name: "its source", asked: { ...range, source: "s1" }, want: true },
  { name: "another source", asked: { ...range, source: "s2" }, want: false },
  { name: "a range that is over", asked: { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }, want: false },
])("a new alert and $name", ({ asked, want }) => expect(belongs(alert("n"), asked)).toBe(want));

const marks = (text: string, values: string[]) => marked(text, values).map((p) => (p.mark ? `[${p.text}]` : p.text)).join("");
it.each([
  { name: "a value", text: "user=root from 10.0.0.8", values: ["root"], want: "user=[root] from 10.0.0.8" },
  { name: "in any case", text: "User ROOT", values: ["root"], want: "User [ROOT]" },
  { name: "a number only where it stands alone", text: "1102 at 21102", values: ["1102"], want: "[1102] at 21102" },
  { name: "the longest first", text: "cmd.exe /c", values: ["cmd", "cmd.exe"], want: "[cmd.exe] /c" },
  { name: "signs as themselves", text: "a+b (c)", values: ["a+b", "(c)"], want: "[a+b] [(c)]" },
  { name: "a name with dashes and dots", text: "query x1.cdn-sync.example.net. IN", values: ["x1.cdn-sync.example.net"], want: "query [x1.cdn-sync.example.net]. IN" },
  { name: "a path", text: "C:\\a\\b.exe /x", values: ["C:\\a\\b.exe"], want: "[C:\\a\\b.exe] /x" },
  { name: "Chinese inside a sentence", text: "用户登录失败了", values: ["登录失败"], want: "用户[登录失败]了" },
  { name: "nothing for empty values", text: "abc", values: ["", " "], want: "abc" },
  { name: "nothing of an empty text", text: "", values: ["a"], want: "" },
])("marks $name", ({ text, values, want }) => expect(marks(text, values)).toBe(want));
