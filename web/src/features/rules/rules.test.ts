import { expect, it } from "vitest";
import { askedOf, logsourceText, rulesSearch } from "./search";

it("reads an address and leaves out what makes no sense", () => {
  expect(rulesSearch({ q: "ssh", level: "high,huge,high", origin: "stranger", enabled: "false", rule: "r1", view: "problems" })).toEqual({ q: "ssh", level: ["high"], origin: undefined, enabled: "false", id: "r1", view: "problems" });
});
it("asks the server for the conditions only", () => expect(askedOf(rulesSearch({ level: "high,low", id: "x", view: "problems" }))).toEqual({ level: "high,low" }));
it.each([
  { name: "all parts", logsource: { product: "windows", category: "process_creation", service: "sysmon" }, want: "windows / process_creation / sysmon" },
  { name: "what there is", logsource: { product: "linux", category: "", service: "sshd" }, want: "linux / sshd" },
  { name: "nothing", logsource: { product: "", category: "", service: "" }, want: "" },
])("a log source with $name", ({ logsource, want }) => expect(logsourceText(logsource)).toBe(want));
