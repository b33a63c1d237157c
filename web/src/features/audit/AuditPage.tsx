import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useZone } from "@/app/session";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import type { GridColumn } from "@/shared/grid";
import { LogGrid, type GridHandle } from "@/shared/LogGrid";
import { whole } from "@/shared/number";
import { StateChip } from "@/shared/Sev";
import { useCommands } from "@/shared/Shortcuts";
import { Skeleton } from "@/shared/Skeleton";
import { hover, stamp } from "@/shared/time";
import { useNarrow } from "@/shared/useNarrow";
import { cell } from "@/shared/visible";
import { AuditSide } from "./AuditSide";
import { Filters } from "./Filters";
import { useTrail } from "./queries";
import { recordOf, type AuditRecord } from "./record";
import { narrowed, noConditions, queryOf, rangeOf, type AuditSearch } from "./search";
import { steps, useWords } from "./words";
import "@/shared/page.css";

const route = getRouteApi("/settings/audit");
const keyOf = (r: AuditRecord) => String(r.seq);

/** Who did what, when, from where, and whether it was let: the sealed records of the station itself. */
export default function AuditPage() {
  const { t } = useTranslation("audit");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = useNarrow();
  const grid = useRef<GridHandle>(null);
  const find = useRef<HTMLInputElement>(null);
  const go = useCallback((change: Partial<AuditSearch>, replace = false) => void navigate({ search: (before) => ({ ...before, ...change }), replace }), [navigate]);
  const range = rangeOf(search);
  const trail = useTrail({ query: queryOf(search), ...range });
  const rows = useMemo(() => trail.data?.pages.flatMap((p) => p.events.map(recordOf)) ?? [], [trail.data]);
  const columns = useColumns(narrow ? "narrow" : search.row !== undefined ? "beside" : "wide");
  const at = rows.findIndex((r) => r.seq === search.row);
  const open = useCallback((r: AuditRecord | undefined) => go({ row: r?.seq }, true), [go]);
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
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = trail;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const partial = trail.data?.pages.find((p) => p.partial);
  return (
    <div className="fs-page">
      {!(narrow && search.row !== undefined) && <Filters search={search} range={range} go={go} find={find} />}
      <div className="fs-page-body" data-open={search.row !== undefined || undefined}>
        <section className="fs-page-list" aria-label={t("list")}>
          {rows.length > 0 ? (
            <LogGrid label={t("list")} rows={rows} columns={columns} rowKey={keyOf} open={search.row === undefined ? undefined : String(search.row)} onOpen={open} onEnd={more} wrap={narrow} handle={grid} />
          ) : (
            <Nothing query={trail} search={search} go={go} />
          )}
        </section>
        {search.row !== undefined && (
          <AuditSide
            seq={search.row}
            step={{ at, of: rows.length, go: step }}
            close={() => {
              open(undefined);
              grid.current?.focus();
            }}
          />
        )}
      </div>
      <p className="fs-page-foot" role="status">
        {rows.length > 0 && t(hasNextPage ? "shownMore" : "shown", { n: whole(rows.length) })}
        {partial && ` ${t("partial", { reason: partial.reason })}`}
      </p>
    </div>
  );
}

function useColumns(room: "wide" | "beside" | "narrow"): GridColumn<AuditRecord>[] {
  const { t } = useTranslation("audit");
  const zone = useZone();
  const words = useWords();
  return useMemo(() => {
    const pairs = (list: [string, string][]) => cell(list.map(([name, value]) => `${words.name(name)} ${value}`).join(", "), 200).text;
    const outcome: GridColumn<AuditRecord> = { id: "outcome", title: t("column.outcome"), width: 96, hover: (r) => r.code, cell: (r) => <StateChip {...steps[r.outcome]}>{t(`outcome.${r.outcome}`)}</StateChip> };
    const what = (r: AuditRecord) => words.actions(r) + (r.count > 1 ? ` ×${whole(r.count)}` : "");
    if (room === "narrow") return [outcome, { id: "what", title: t("column.what"), width: 180, grow: true, hover: () => "", cell: (r) => `${what(r)}\n${words.who(r)}\n${stamp(r.time, zone, "seconds")}` }];
    const time: GridColumn<AuditRecord> = { id: "time", title: t("column.time"), width: 160, cell: (r) => stamp(r.time, zone, "seconds"), hover: (r) => hover(r.time, zone) };
    const who: GridColumn<AuditRecord> = { id: "who", title: t("column.who"), width: 140, cell: words.who, hover: (r) => r.roles };
    const act: GridColumn<AuditRecord> = { id: "what", title: t("column.what"), width: 170, grow: true, cell: what, hover: (r) => r.actions.join("\n") };
    if (room === "beside") return [time, who, act, outcome];
    return [
      time,
      who,
      act,
      outcome,
      { id: "object", title: t("column.object"), width: 250, cell: (r) => pairs(r.objects) || "—", hover: (r) => pairs(r.objects) },
      { id: "detail", title: t("column.detail"), width: 200, cell: (r) => pairs(r.details) || "—", hover: (r) => pairs(r.details) },
      { id: "peer", title: t("column.peer"), width: 130, mono: true, cell: (r) => r.peer || "—", hover: () => "" },
    ];
  }, [t, zone, room, words]);
}

function Nothing({ query, search, go }: { query: ReturnType<typeof useTrail>; search: AuditSearch; go: (change: Partial<AuditSearch>) => void }) {
  const { t } = useTranslation("audit");
  if (query.error) return <ErrorBox error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Skeleton lines={14} />;
  const act = narrowed(search) ? { label: t("empty.clear"), change: noConditions } : { label: t("empty.month"), change: { from: "-30d", to: undefined } };
  return (
    <Empty
      kind="unmatched"
      action={
        <button type="button" className="fs-btn fs-btn-line" onClick={() => go(act.change)}>
          {act.label}
        </button>
      }
    >
      {t(narrowed(search) ? "empty.unmatched" : "empty.range")}
    </Empty>
  );
}
