import type { useLogs } from "./queries";
import { useCallback, useMemo, useState, type ReactNode, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { LogEvent } from "@/api/contract";
import { queryColumn } from "@/api/problem";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { Glyph } from "@/shared/Glyph";
import type { GridColumn } from "@/shared/grid";
import { LogGrid, type GridHandle } from "@/shared/LogGrid";
import { Skeleton } from "@/shared/Skeleton";
import { fieldText, logColumns } from "./columns";
import type { LogsSearch } from "./search";

interface LogTableProps {
  rows: LogEvent[];
  columns: string[];
  zone: string;
  live: boolean;
  search: LogsSearch;
  logs: ReturnType<typeof useLogs>;
  total: number | undefined;
  grid: RefObject<GridHandle | null>;
  go: (change: Partial<LogsSearch>, replace?: boolean) => void;
  open: (row: LogEvent) => void;
  onColumn: (field: string) => void;
  onValue: (field: string, value: string, at: Element) => void;
  onScroll: (top: number) => void;
}

const widthsPlace = "fengsui.logs.widths";

/** The rows, with the switches for columns, wrapping, density and order. */
export function LogTable(props: LogTableProps) {
  const { rows, columns, zone, live, search, logs, total, grid, go, open, onColumn, onValue, onScroll } = props;
  const { t } = useTranslation("logs");
  const [widths, setWidths] = useWidths();
  const wrap = search.wrap === true;
  const shape = useMemo(
    () => logColumns(columns, widths, zone, { time: t("column.time"), source: t("column.source"), text: t("column.text"), station: t("column.station") }, wrap),
    [columns, widths, zone, t, wrap],
  );
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = logs;
  const more = useCallback(() => {
    if (!live && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [live, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const value = useCallback(
    (row: LogEvent, column: GridColumn<LogEvent>, at: Element) => {
      const text = fieldText(row, column.id);
      if (text !== "") onValue(column.id, text, at); // the station itself is no source to ask for
    },
    [onValue],
  );
  const openRow = useCallback((row: LogEvent) => open(row), [open]);
  return (
    <section className="fs-logs-table" aria-label={t("table.label")}>
      <div className="fs-logs-tools">
        {columns.map((field) => (
          <button key={field} type="button" className="fs-btn fs-btn-small fs-logs-column" title={t("fields.columnOff", { field })} onClick={() => onColumn(field)}>
            {field}
            <Glyph name="close" size={11} />
          </button>
        ))}
        <span className="fs-logs-gap" />
        {!live && (
          <button type="button" className="fs-btn fs-btn-small" onClick={() => go({ order: search.order ? undefined : "asc" })}>
            {t(search.order ? "table.oldest" : "table.newest")}
          </button>
        )}
        <button type="button" className="fs-btn fs-btn-small" aria-pressed={wrap} title={t("table.wrap")} aria-label={t("table.wrap")} onClick={() => go({ wrap: wrap ? undefined : true }, true)}>
          <Glyph name="wrap" size={14} />
        </button>
        <button type="button" className="fs-btn fs-btn-small" aria-pressed={search.dense === true} title={t("table.dense")} aria-label={t("table.dense")} onClick={() => go({ dense: search.dense ? undefined : true }, true)}>
          <Glyph name="dense" size={14} />
        </button>
      </div>
      <div className="fs-logs-rows">
        <Body {...props}>
          <LogGrid
            label={t("table.label")}
            rows={rows}
            columns={shape}
            rowKey={seqOf}
            total={live ? undefined : total}
            open={search.row === undefined ? undefined : String(search.row)}
            onOpen={openRow}
            onValue={value}
            onEnd={more}
            onScroll={onScroll}
            onWidth={(id, px) => setWidths({ ...widths, [id]: px })}
            wrap={wrap}
            dense={search.dense}
            mark={clockMark}
            handle={grid}
          />
        </Body>
      </div>
    </section>
  );
}

const seqOf = (row: LogEvent) => String(row.seq);
const clockMark = (row: LogEvent) => (row.clock_off ? "fs-logs-clock" : undefined);

function Body({ rows, live, logs, search, go, children }: LogTableProps & { children: ReactNode }) {
  const { t } = useTranslation("logs");
  if (rows.length > 0) return children;
  if (live) return <Empty kind="nothing" title={t("empty.live")}>{t("empty.liveText")}</Empty>;
  if (logs.error) return queryColumn(logs.error) > 0 ? <Empty kind="unmatched" title={t("empty.bad")}>{t("empty.badText")}</Empty> : <ErrorBox error={logs.error} retry={() => void logs.refetch()} />;
  if (logs.isPending) return <Skeleton lines={14} />;
  if (search.query) {
    return (
      <Empty
        kind="unmatched"
        action={
          <button type="button" className="fs-btn fs-btn-line" onClick={() => go({ from: "-30d", to: undefined })}>
            {t("empty.wider")}
          </button>
        }
      >
        {t("empty.unmatchedText")}
      </Empty>
    );
  }
  return (
    <Empty
      kind="nothing"
      title={t("empty.none")}
      action={
        <button type="button" className="fs-btn fs-btn-line" onClick={() => go({ live: true })}>
          {t("empty.watch")}
        </button>
      }
    >
      {t("empty.noneText")}
    </Empty>
  );
}

function useWidths(): [Record<string, number>, (w: Record<string, number>) => void] {
  const [widths, set] = useState<Record<string, number>>(() => {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(widthsPlace) ?? "{}");
      return typeof kept === "object" && kept !== null ? (kept as Record<string, number>) : {};
    } catch {
      return {};
    }
  });
  return [
    widths,
    (next) => {
      set(next);
      try {
        localStorage.setItem(widthsPlace, JSON.stringify(next));
      } catch {
        // storage can be forbidden; then widths last for the visit
      }
    },
  ];
}
