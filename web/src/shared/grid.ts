import type { ReactNode } from "react";

/** One column of a LogGrid. */
export interface GridColumn<Row> {
  id: string;
  title: string;
  width: number; // px
  grow?: boolean; // takes what is left; width is then the least
  align?: "right";
  mono?: boolean;
  value?: boolean; // a click on it opens the menu of the value
  cell: (row: Row) => ReactNode; // a plain string wherever possible
  hover?: (row: Row) => string;
}

/** The grid's columns for CSS. minmax(0, …) or the text runs under the edge. */
export function columnTemplate(columns: readonly { width: number; grow?: boolean }[], marks: boolean): string {
  const parts = columns.map((c) => (c.grow ? `minmax(${c.width}px, 1fr)` : `${c.width}px`));
  return [...(marks ? ["32px"] : []), ...parts].join(" ");
}

/** A width within what can be read and dragged back. */
export function clampWidth(px: number): number {
  return Math.max(48, Math.min(900, Math.round(px)));
}
