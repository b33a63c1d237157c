import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useId, useImperativeHandle, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type Ref } from "react";
import { useTranslation } from "react-i18next";
import { columnTemplate, type GridColumn } from "./grid";
import { PrintFrame } from "./PrintFrame";
import { usePrinting } from "./printing";
import { Resizer } from "./Resizer";
import "./grid.css";

export interface GridHandle {
  focus: () => void;
  top: () => void;
}

interface LogGridProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly GridColumn<Row>[];
  rowKey: (row: Row) => string;
  total?: number; // rows there are in all, when that is known
  open?: string; // key of the row whose record is shown
  onOpen?: (row: Row, index: number) => void;
  onValue?: (row: Row, column: GridColumn<Row>, at: Element) => void; // a click or `f` on a value
  selected?: ReadonlySet<string>; // with onSelect: rows can be marked
  onSelect?: (selected: Set<string>) => void;
  onKey?: (key: string, row: Row) => boolean; // single letters of the page; true when it took one
  onEnd?: () => void; // the last rows are in sight
  onScroll?: (top: number) => void;
  onWidth?: (column: string, px: number) => void;
  wrap?: boolean; // three lines to a row
  dense?: boolean;
  mark?: (row: Row) => string | undefined; // a class for the row
  handle?: Ref<GridHandle>;
}

/** How high a row is; it never depends on what is in it. */
export function rowHeight(wrap?: boolean, dense?: boolean): number {
  if (wrap) return dense ? 58 : 66;
  return dense ? 24 : 30;
}

/**
 * A long list that draws only the rows in sight. Arrows or j and k move, Enter
 * opens, x marks and Shift+x marks up to here, f opens the menu of the value,
 * left and right choose the value.
 */
export function LogGrid<Row>(props: LogGridProps<Row>) {
  const { label, rows, columns, rowKey, total, open, onOpen, onValue, selected, onSelect, onKey, onEnd, onScroll, onWidth, wrap, dense, mark, handle } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const [active, setActive] = useState(0);
  const [column, setColumn] = useState(0);
  const anchor = useRef(0);
  const height = rowHeight(wrap, dense);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 8 });
  useEffect(() => virtual.measure(), [virtual, height]);
  const current = Math.min(active, Math.max(0, rows.length - 1));
  const template = useMemo(() => columnTemplate(columns, onSelect !== undefined), [columns, onSelect]);

  useImperativeHandle(handle, () => ({ focus: () => scroller.current?.focus({ preventScroll: true }), top: () => scroller.current?.scrollTo({ top: 0 }) }), []);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= 0 && last >= rows.length - 30) onEnd?.();
  }, [last, rows.length, onEnd]);

  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    virtual.scrollToIndex(next);
    const row = rows[next];
    if (row !== undefined && open !== undefined) onOpen?.(row, next);
  };
  const select = (index: number, range: boolean) => {
    if (!onSelect) return;
    const next = new Set(selected);
    const row = rows[index];
    if (row === undefined) return;
    if (range) for (let i = Math.min(anchor.current, index); i <= Math.max(anchor.current, index); i++) next.add(rowKey(rows[i]!));
    else if (!next.delete(rowKey(row))) next.add(rowKey(row));
    anchor.current = index;
    onSelect(next);
  };
  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[current];
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 300) / height) - 2);
    const to = { ArrowDown: current + 1, j: current + 1, ArrowUp: current - 1, k: current - 1, PageDown: current + page, PageUp: current - page, Home: 0, End: rows.length - 1 }[event.key];
    const values = columns.filter((c) => c.value);
    let took = true;
    if (to !== undefined) move(to);
    else if (row === undefined) took = false;
    else if (event.key === "Enter") onOpen?.(row, current);
    else if (event.key.toLowerCase() === "x" && onSelect) select(current, event.shiftKey);
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") setColumn((c) => Math.max(0, Math.min(values.length - 1, c + (event.key === "ArrowRight" ? 1 : -1))));
    else if (event.key === "f" && onValue && values.length > 0) {
      const at = Math.min(column, values.length - 1);
      const cellOf = document.getElementById(`${id}-${current}`)?.querySelector(`[data-c="${values[at]!.id}"]`);
      if (cellOf) onValue(row, values[at]!, cellOf);
    } else took = onKey?.(event.key, row) ?? false;
    if (took) event.preventDefault();
  };
  const click = useCallback(
    (event: MouseEvent) => {
      const target = event.target as Element;
      const index = Number(target.closest<HTMLElement>("[data-i]")?.dataset.i);
      const row = rows[index];
      if (row === undefined) return;
      setActive(index);
      if (target.closest("[data-mark]")) {
        select(index, event.shiftKey);
        return;
      }
      const value = target.closest<HTMLElement>("[data-c]");
      const of = value && columns.find((c) => c.id === value.dataset.c);
      if (value && of?.value && onValue && target.closest(".fs-grid-value")) onValue(row, of, value);
      else if (String(getSelection() ?? "") === "") onOpen?.(row, index); // text that is being marked is not a click
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- select reads what is listed
    [rows, columns, onValue, onOpen, selected, onSelect],
  );
  const chosen = columns.filter((c) => c.value)[column]?.id;
  const printing = usePrinting();
  if (printing) return <PrintFrame {...{ label, rows, columns, rowKey, total }} />;
  return (
    <div className="fs-grid" data-wrap={wrap || undefined} data-dense={dense || undefined}>
      <div
        ref={scroller}
        className="fs-grid-scroll"
        role="grid"
        aria-label={label}
        aria-rowcount={(total ?? rows.length) + 1}
        aria-colcount={columns.length}
        aria-multiselectable={onSelect ? true : undefined}
        aria-activedescendant={rows.length > 0 ? `${id}-${current}` : undefined}
        tabIndex={0}
        onKeyDown={press}
        onClick={click}
        onScroll={(e) => onScroll?.(e.currentTarget.scrollTop)}
      >
        <div className="fs-grid-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
          {onSelect && <MarkAll rows={rows} rowKey={rowKey} selected={selected} onSelect={onSelect} />}
          {columns.map((c) => (
            <div key={c.id} role="columnheader" className={c.align === "right" ? "fs-num" : undefined} title={c.title}>
              <span className="fs-clip">{c.title}</span>
              {onWidth && !c.grow && <Resizer column={c} onWidth={onWidth} />}
            </div>
          ))}
        </div>
        <div role="rowgroup" className="fs-grid-rows" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index]!;
            const key = rowKey(row);
            return (
              <GridRow
                key={key}
                id={`${id}-${item.index}`}
                row={row as object}
                index={item.index}
                top={item.start}
                height={height}
                template={template}
                columns={columns as readonly GridColumn<object>[]}
                state={(item.index === current ? "a" : "") + (key === open ? "o" : "")}
                focus={item.index === current ? chosen : undefined}
                selected={onSelect ? (selected?.has(key) ?? false) : undefined}
                mark={mark?.(row)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function MarkAll<Row>({ rows, rowKey, selected, onSelect }: { rows: readonly Row[]; rowKey: (row: Row) => string; selected?: ReadonlySet<string>; onSelect: (s: Set<string>) => void }) {
  const { t } = useTranslation("shared");
  const all = rows.length > 0 && rows.every((r) => selected?.has(rowKey(r)));
  return (
    <div role="columnheader" className="fs-grid-mark">
      <input type="checkbox" aria-label={t("grid.markAll")} checked={all} onChange={() => onSelect(all ? new Set() : new Set(rows.map(rowKey)))} />
    </div>
  );
}

interface RowProps {
  id: string;
  row: object;
  index: number;
  top: number;
  height: number;
  template: string;
  columns: readonly GridColumn<object>[];
  state: string; // "a": the active one, "o": the one that is open
  focus?: string; // id of the chosen value
  selected?: boolean;
  mark?: string;
}

// No hook, context or tooltip in a row: a wheel step draws twenty of them.
const GridRow = memo(function GridRow({ id, row, index, top, height, template, columns, state, focus, selected, mark }: RowProps) {
  return (
    <div
      id={id}
      role="row"
      className={mark ? `fs-grid-row ${mark}` : "fs-grid-row"}
      aria-rowindex={index + 2}
      aria-selected={selected ?? state.includes("o")}
      data-i={index}
      data-s={state || undefined}
      style={{ height, gridTemplateColumns: template, transform: `translateY(${top}px)` }}
    >
      {selected !== undefined && (
        <div role="gridcell" className="fs-grid-mark" data-mark>
          <i data-on={selected || undefined} />
        </div>
      )}
      {columns.map((c) => {
        const shown = c.cell(row);
        const plain = typeof shown === "string";
        return (
          <div
            key={c.id}
            role="gridcell"
            data-c={c.id}
            data-f={focus === c.id || undefined}
            className={c.align === "right" ? "fs-grid-cell fs-num" : c.mono ? "fs-grid-cell fs-mono" : "fs-grid-cell"}
            title={c.hover ? c.hover(row) : plain && c.value ? shown : undefined}
          >
            {c.value && plain && shown !== "" ? <span className="fs-grid-value">{shown}</span> : shown}
          </div>
        );
      })}
    </div>
  );
});
