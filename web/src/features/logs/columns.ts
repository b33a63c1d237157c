import type { LogEvent } from "@/api/contract";
import type { GridColumn } from "@/shared/grid";
import { hover, stamp } from "@/shared/time";
import { cell, valueText } from "@/shared/visible";

/** The field that is a column always. */
export const fixed = "source";

/** The field names under which the facts of receipt can be queried and shown. */
const facts: Record<string, (e: LogEvent) => string> = {
  source: (e) => e.source.name,
  class: (e) => e.class,
  transport: (e) => e.transport,
  peer: (e) => e.peer,
  seq: (e) => String(e.seq),
};

/** The value of a field or fact of an event, as one text. */
export function fieldText(event: LogEvent, field: string): string {
  const fact = facts[field];
  return field in event.fields || !fact ? valueText(event.fields[field]) : fact(event);
}

/** What a row says of its event: its message where a parser found one, else the raw text. */
export function lineText(event: LogEvent): string {
  return valueText(event.fields.message) || event.raw;
}

interface Words {
  time: string;
  source: string;
  text: string;
  station: string; // the source of the station's own records
}

/** Time, source, the chosen fields and the text of the event. */
export function logColumns(fields: readonly string[], widths: Record<string, number>, zone: string, words: Words, wrap: boolean): GridColumn<LogEvent>[] {
  return [
    { id: "@time", title: words.time, width: widths["@time"] ?? 168, mono: true, cell: (e) => stamp(e.time, zone, "row"), hover: (e) => hover(e.time, zone) },
    { id: "source", title: words.source, width: widths.source ?? 130, value: true, cell: (e) => e.source.name || words.station },
    ...fields.map(
      (field): GridColumn<LogEvent> => ({ id: field, title: field, width: widths[field] ?? 150, value: true, cell: (e) => cell(fieldText(e, field), 300).text }),
    ),
    // One line never shows more than a few hundred characters; wrapped, it does.
    { id: "@raw", title: words.text, width: 320, grow: true, mono: true, cell: (e) => cell(lineText(e), wrap ? undefined : 600).text, hover: () => "" },
  ];
}
