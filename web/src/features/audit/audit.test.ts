import { expect, it } from "vitest";
import type { LogEvent } from "@/api/contract";
import { recordOf } from "./record";
import { auditSearch, narrowed, queryOf } from "./search";

it("leaves out of an address what makes no sense", () => {
  expect(auditSearch({ from: "yesterday", outcome: "maybe", row: "-1", who: "lina" })).toEqual({ who: "lina" });
});

it.each([
  ["nothing", {}, "transport:=audit"],
  ["a person", { who: 'a"b' }, 'transport:=audit user.name:="a\\"b"'],
  ["an action and what was denied", { action: "create-token", outcome: "denied" as const }, 'transport:=audit event.action:="create-token" event.type:=denied'],
  ["failures that were no denials", { outcome: "failure" as const }, "transport:=audit event.outcome:=failure -event.type:=denied"],
  ["words, which stay words", { q: " -or  x:y " }, 'transport:=audit "-or" "x:y"'],
])("asks the log search for %s", (_, search, want) => expect(queryOf(search)).toBe(want));

it("knows that the time range does not narrow", () => {
  expect(narrowed({ from: "-1h" })).toBe(false);
  expect(narrowed({ who: "lina" })).toBe(true);
});

const event = (fields: LogEvent["fields"]): LogEvent => ({ seq: 7, time: "2026-11-24T00:00:00Z", received: "", clock_off: false, source: { id: "", name: "" }, transport: "audit", peer: "", class: "audit", raw: "", fields });

it("reads who did what to which object", () => {
  expect(recordOf(event({ "user.name": "lina", "fengsui.actor.kind": "person", "event.action": "update-account", "event.outcome": "success", "event.type": "allowed", "fengsui.object.account": "a1", "fengsui.detail.role": "reader", "source.ip": "10.0.0.8" }))).toMatchObject({
    name: "lina",
    actions: ["update-account"],
    outcome: "success",
    objects: [["account", "a1"]],
    details: [["role", "reader"]],
    peer: "10.0.0.8",
    count: 1,
  });
});

it("reads folded denials of several operations", () => {
  expect(recordOf(event({ "event.action": ["sign-in", "list-accounts"], "event.count": "40", "event.outcome": "failure", "event.type": "denied", "error.code": "auth.slow_down" }))).toMatchObject({
    actions: ["sign-in", "list-accounts"],
    outcome: "denied",
    count: 40,
    code: "auth.slow_down",
    name: "",
  });
});
