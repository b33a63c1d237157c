import type { GridColumn } from "@/shared/grid";
import { whole } from "@/shared/number";
import { SevShape, stepOf } from "@/shared/Sev";
import { hover, stamp } from "@/shared/time";
import { cell } from "@/shared/visible";
import type { Alert } from "./queries";

/** What the columns need to say; plain texts, because a row has no hooks. */
export interface Words {
  column: Record<"level" | "rule" | "entity" | "count" | "first" | "last" | "status" | "assignee" | "sources", string>;
  level: (level: Alert["level"]) => string;
  status: (status: Alert["status"]) => string;
  title: (title: Alert["title"]) => string;
  person: (id: string) => string;
}

function Level({ level, word }: { level: Alert["level"]; word: string }) {
  return (
    <span className={`fs-chip fs-chip-${stepOf[level]}`}>
      <SevShape level={level} />
      {word}
    </span>
  );
}

/** The columns of the list; beside an open record fewer, on a telephone two. */
export function alertColumns(w: Words, zone: string, room: "wide" | "beside" | "narrow"): GridColumn<Alert>[] {
  const level: GridColumn<Alert> = { id: "level", title: w.column.level, width: 92, cell: (a) => <Level level={a.level} word={w.level(a.level)} />, hover: () => "" };
  if (room === "narrow") {
    const text = (a: Alert) => `${w.title(a.title)}\n${cell(a.entity, 80).text}\n${w.status(a.status)} · ${whole(a.count)} · ${stamp(a.last, zone, "row").slice(0, 11)}`;
    return [level, { id: "rule", title: w.column.rule, width: 180, grow: true, cell: text, hover: () => "" }];
  }
  const status: GridColumn<Alert> = { id: "status", title: w.column.status, width: 104, cell: (a) => <span className={`fs-alert-${a.status}`}>{w.status(a.status)}</span>, hover: () => "" };
  const count: GridColumn<Alert> = { id: "count", title: w.column.count, width: 72, align: "right", cell: (a) => whole(a.count), hover: () => "" };
  const time = (id: "first" | "last"): GridColumn<Alert> => ({ id, title: w.column[id], width: 132, cell: (a) => stamp(a[id], zone, "row").slice(0, 14), hover: (a) => hover(a[id], zone) });
  const rule: GridColumn<Alert> = { id: "rule", title: w.column.rule, width: 190, grow: true, value: true, cell: (a) => w.title(a.title), hover: (a) => w.title(a.title) };
  const entity: GridColumn<Alert> = { id: "entity", title: w.column.entity, width: room === "wide" ? 210 : 150, value: true, cell: (a) => cell(a.entity, 200).text };
  if (room === "beside") return [level, rule, entity, count, time("last"), status];
  return [
    level,
    rule,
    entity,
    count,
    time("first"),
    time("last"),
    status,
    { id: "assignee", title: w.column.assignee, width: 112, cell: (a) => w.person(a.assignee), hover: () => "" },
    { id: "sources", title: w.column.sources, width: 160, value: true, cell: (a) => a.sources.map((s) => s.name).join(", ") },
  ];
}
