import { useCallback, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { FilterBar, FilterChoice } from "@/shared/FilterBar";
import { Glyph } from "@/shared/Glyph";
import type { GridColumn } from "@/shared/grid";
import { LogGrid, type GridHandle } from "@/shared/LogGrid";
import { useCommands } from "@/shared/Shortcuts";
import { Skeleton } from "@/shared/Skeleton";
import { useNarrow } from "@/shared/useNarrow";
import { filtered, roles, type AccountsSearch } from "./search";
import "@/shared/page.css";

interface Named {
  id: string;
  name: string;
  role: string;
}

interface Query<Row> {
  data?: { pages: { items: Row[] }[] };
  error: unknown;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  refetch: () => unknown;
  fetchNextPage: () => unknown;
}

interface ListPageProps<Row extends Named> {
  kind: "accounts" | "tokens"; // whose words it uses
  query: Query<Row>;
  columns: GridColumn<Row>[];
  search: AccountsSearch;
  go: (change: Partial<AccountsSearch>, replace?: boolean) => void;
  add?: () => void; // absent: not allowed
  side: (row: Row, step: { at: number; of: number; go: (by: number) => void }, close: () => void) => ReactNode;
}

const idOf = (row: Named) => row.id;

/** A list of named things with roles, with the open one beside it: the frame that accounts and tokens share. */
export function ListPage<Row extends Named>({ kind, query, columns, search, go, add, side }: ListPageProps<Row>) {
  const { t } = useTranslation("accounts");
  const grid = useRef<GridHandle>(null);
  const find = useRef<HTMLInputElement>(null);
  const narrow = useNarrow();
  const loaded = query.data?.pages.flatMap((p) => p.items) ?? [];
  const rows = filtered(loaded, search);
  const at = rows.findIndex((r) => r.id === search.id);
  const open = useCallback((row: Row | undefined) => go({ id: row?.id }, true), [go]);
  const close = () => {
    open(undefined);
    grid.current?.focus();
  };
  const step = (by: number) => {
    const next = rows[at + by];
    if (next) open(next);
  };
  useCommands([
    { keys: "/", label: t("keys.search"), run: () => find.current?.focus() },
    { keys: "j", label: t("keys.down") },
    { keys: "k", label: t("keys.up") },
    { keys: "Enter", label: t("keys.open") },
    { keys: "[", label: t("keys.before"), run: () => at >= 0 && step(-1) },
    { keys: "]", label: t("keys.after"), run: () => at >= 0 && step(1) },
    { keys: "Esc", label: t("keys.close") },
  ]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const chosen = rows[at];
  const addButton = (
    <button type="button" className="fs-btn fs-btn-small fs-btn-main" disabled={!add} title={add ? undefined : t("denied")} onClick={add}>
      <Glyph name="plus" size={14} />
      {t(`${kind}.add`)}
    </button>
  );
  return (
    <div className="fs-page">
      {!(narrow && chosen) && (
        <div className="fs-page-filters">
          <FilterBar>
            <input ref={find} type="search" className="fs-input" placeholder={t("find")} aria-label={t("find")} value={search.q ?? ""} onChange={(e) => go({ q: e.target.value || undefined, id: undefined }, true)} />
            <FilterChoice label={t("column.role")} value={search.role && [search.role]} options={roles.map((value) => ({ value, label: t(`role.${value}`) }))} onChange={(r) => go({ role: r?.at(-1) })} />
          </FilterBar>
          <div className="fs-page-acts">{addButton}</div>
        </div>
      )}
      <div className="fs-page-body" data-open={chosen !== undefined || undefined}>
        <section className="fs-page-list" aria-label={t(`${kind}.list`)}>
          {rows.length > 0 && <LogGrid label={t(`${kind}.list`)} rows={rows} columns={columns} rowKey={idOf} open={search.id} onOpen={open} onEnd={more} wrap={narrow} handle={grid} />}
          {query.error !== null && loaded.length === 0 && <ErrorBox error={query.error} retry={() => void query.refetch()} />}
          {query.isPending && <Skeleton lines={10} />}
          {query.data && loaded.length > 0 && rows.length === 0 && (
            <Empty
              kind="unmatched"
              action={
                <button type="button" className="fs-btn fs-btn-line" onClick={() => go({ q: undefined, role: undefined })}>
                  {t("clear")}
                </button>
              }
            >
              {t(hasNextPage ? "unmatchedYet" : "unmatched")}
            </Empty>
          )}
          {query.data && loaded.length === 0 && (
            <Empty kind="nothing" title={t(`${kind}.none`)} action={add && addButton}>
              {t(`${kind}.noneText`)}
            </Empty>
          )}
        </section>
        {chosen && <Opened row={chosen} at={at} of={rows.length} go={step} close={close} draw={side} />}
      </div>
      <p className="fs-page-foot" role="status">
        {rows.length > 0 && t(hasNextPage ? "shownMore" : "shown", { n: rows.length })}
      </p>
    </div>
  );
}

interface OpenedProps<Row> {
  row: Row;
  at: number;
  of: number;
  go: (by: number) => void;
  close: () => void;
  draw: (row: Row, step: { at: number; of: number; go: (by: number) => void }, close: () => void) => ReactNode;
}

function Opened<Row>({ row, at, of, go, close, draw }: OpenedProps<Row>) {
  return draw(row, { at, of, go }, close);
}
