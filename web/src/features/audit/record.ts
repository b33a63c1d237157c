import type { LogEvent } from "@/api/contract";
import { valueText } from "@/shared/visible";
import type { Outcome } from "./search";

/** What an audit record says, in the columns of the trail. */
export interface AuditRecord {
  seq: number;
  time: string;
  kind: string; // of the actor: person, token, source, local, system; empty for nobody
  name: string;
  roles: string;
  actions: string[];
  outcome: Outcome;
  code: string; // of the refusal
  count: number; // of denials that were folded into it; 1 otherwise
  objects: [string, string][];
  details: [string, string][];
  peer: string;
  request: string;
}

function named(fields: LogEvent["fields"], prefix: string): [string, string][] {
  return Object.entries(fields)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]): [string, string] => [name.slice(prefix.length), valueText(value)])
    .sort(([a], [b]) => a.localeCompare(b));
}

/** Reads a record of the trail. */
export function recordOf(event: LogEvent): AuditRecord {
  const { fields } = event;
  const text = (name: string) => valueText(fields[name]);
  const action = fields["event.action"];
  return {
    seq: event.seq,
    time: event.time,
    kind: text("fengsui.actor.kind"),
    name: text("user.name"),
    roles: text("user.roles"),
    actions: Array.isArray(action) ? action.map(valueText) : action === undefined ? [] : [valueText(action)],
    outcome: text("event.type") === "denied" ? "denied" : text("event.outcome") === "success" ? "success" : "failure",
    code: text("error.code"),
    count: Number(text("event.count")) || 1,
    objects: named(fields, "fengsui.object."),
    details: named(fields, "fengsui.detail."),
    peer: text("source.ip"),
    request: text("http.request.id"),
  };
}
