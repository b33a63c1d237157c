import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import { useCan, useZone } from "@/app/session";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { FilterBar, FilterChoice } from "@/shared/FilterBar";
import type { GridColumn } from "@/shared/grid";
import { LogGrid, type GridHandle } from "@/shared/LogGrid";
import { whole } from "@/shared/number";
import { StateChip } from "@/shared/Sev";
import { useCommands } from "@/shared/Shortcuts";
import { Skeleton } from "@/shared/Skeleton";
import { hover, span } from "@/shared/time";
import { useNarrow } from "@/shared/useNarrow";
import { spanOf, unparsedShare } from "./form";
import { useSources, type Source } from "./queries";
import { askedOf, kinds, noConditions, states, type SourcesSearch } from "./search";
import { SourceSide } from "./SourceSide";
import { useTick } from "./useTick";

interface SourceListProps {
  search: SourcesSearch;
  go: (change: Partial<SourcesSearch>, replace?: boolean) => void;
  add: () => void;
}

const idOf = (s: Source) => s.id;
const order = { silent: 0, waiting: 1, delivering: 2 };
const steps = { silent: { step: "red", sign: "✕" }, waiting: { step: "info", sign: "…" }, delivering: { step: "ok", sign: "✓" } } as const;

/** The list, the silent ones first, with its filters and the open source. */
export function SourceList({ search, go, add }: SourceListProps) {
  const { t } = useTranslation("sources");
  const narrow = useNarrow();
  const grid = useRef<GridHandle>(null);
  const find = useRef<HTMLInputElement>(null);
  const asked = askedOf(search);
  const sources = useSources(asked);
  const rows = useMemo(() => (sources.data?.pages.flatMap((p) => p.items) ?? []).sort((a, b) => order[a.state] - order[b.state]), [sources.data]);
  const columns = useColumns(narrow ? "narrow" : search.id ? "beside" : "wide");
  const at = rows.findIndex((s) => s.id === search.id);
  const open = useCallback((s: Source | undefined) => go({ id: s?.id, ...(s ? {} : { tab: undefined }) }, true), [go]);
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
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = sources;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const openRow = useCallback((s: Source) => open(s), [open]);
  const count = (state: Source["state"]) => whole(rows.filter((r) => r.state === state).length);
  return (
    <>
      {!(narrow && search.id) && (
        <div className="fs-page-filters">
          <FilterBar>
            <Find value={search.q} onChange={(q) => go({ q, id: undefined })} find={find} />
            <FilterChoice label={t("column.state")} value={search.state} options={states.map((value) => ({ value, label: t(`state.${value}`) }))} onChange={(state) => go({ state })} />
            <FilterChoice label={t("column.kind")} value={search.kind && [search.kind]} options={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))} onChange={(k) => go({ kind: k?.at(-1) })} />
            <FilterChoice label={t("filter.retired")} value={search.retired && ["retired"]} options={[{ value: "retired", label: t("filter.retired") }]} onChange={(r) => go({ retired: r ? true : undefined, id: undefined })} />
          </FilterBar>
        </div>
      )}
      <div className="fs-page-body" data-open={search.id !== undefined || undefined}>
        <section className="fs-page-list" aria-label={t("list")}>
          {rows.length > 0 ? (
            <LogGrid label={t("list")} rows={rows} columns={columns} rowKey={idOf} open={search.id} onOpen={openRow} onEnd={more} wrap={narrow} handle={grid} />
          ) : (
            <Nothing query={sources} narrowed={Object.keys(asked).length > 0} clear={() => go(noConditions)} add={add} />
          )}
        </section>
        {search.id !== undefined && (
          <SourceSide
            id={search.id}
            tab={search.tab ?? "facts"}
            onTab={(tab) => go({ tab: tab === "facts" ? undefined : tab }, true)}
            step={{ at, of: rows.length, go: step }}
            close={() => {
              open(undefined);
              grid.current?.focus();
            }}
          />
        )}
      </div>
      <p className="fs-page-foot" role="status">
        {rows.length > 0 && !search.retired && t("sums", { n: whole(rows.length), silent: count("silent"), waiting: count("waiting"), delivering: count("delivering") })}
      </p>
    </>
  );
}

function Find({ value, onChange, find }: { value: string | undefined; onChange: (q: string | undefined) => void; find: RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation("sources");
  const [text, setText] = useState(value ?? "");
  const [last, setLast] = useState(value);
  if (last !== value) {
    setLast(value);
    setText(value ?? "");
  }
  useEffect(() => {
    if (text.trim() === (value ?? "")) return;
    const timer = setTimeout(() => onChange(text.trim() || undefined), 350);
    return () => clearTimeout(timer);
  });
  return <input ref={find} type="search" className="fs-input" placeholder={t("find")} aria-label={t("find")} value={text} onChange={(e) => setText(e.target.value)} />;
}

function useColumns(room: "wide" | "beside" | "narrow"): GridColumn<Source>[] {
  const { t } = useTranslation(["sources", "shared"]);
  const zone = useZone();
  const tick = useTick(5000);
  return useMemo(() => {
    const ago = (s: Source) => {
      if (!s.last_received) return t("shared:ago.never");
      const past = serverNow() - Date.parse(s.last_received);
      const { unit, n } = span(past);
      return past < 10_000 ? t("justNow") : t(`shared:ago.${unit}`, { n });
    };
    const limit = (s: Source) => {
      const { n, unit } = spanOf(s.silent_after_seconds);
      return t(`span.${unit}`, { n });
    };
    const state: GridColumn<Source> = { id: "state", title: t("column.state"), width: 112, cell: (s) => (s.retired_at ? t("retired") : <StateChip {...steps[s.state]}>{t(`state.${s.state}`)}</StateChip>), hover: () => "" };
    if (room === "narrow") return [state, { id: "name", title: t("column.name"), width: 180, grow: true, hover: () => "", cell: (s) => `${s.name}\n${ago(s)}\n${t("perMinute", { n: whole(s.per_minute) })}` }];
    const name: GridColumn<Source> = { id: "name", title: t("column.name"), width: 180, grow: true, cell: (s) => s.name, hover: (s) => s.name };
    const last: GridColumn<Source> = { id: "last", title: t("column.last"), width: 128, cell: ago, hover: (s) => hover(s.last_received, zone) };
    const rate: GridColumn<Source> = { id: "rate", title: t("column.rate"), width: 92, align: "right", cell: (s) => whole(s.per_minute), hover: () => "" };
    if (room === "beside") return [state, name, last, rate];
    return [
      state,
      name,
      { id: "kind", title: t("column.kind"), width: 84, cell: (s) => t(`kind.${s.kind}`), hover: () => "" },
      { id: "allow", title: t("column.allow"), width: 170, mono: true, cell: (s) => s.allow.join(" ") || (s.certificate ? t("byCertificate") : "—"), hover: (s) => s.allow.join("\n") },
      last,
      rate,
      { id: "received", title: t("column.received"), width: 104, align: "right", cell: (s) => whole(s.received), hover: () => "" },
      { id: "unparsed", title: t("column.unparsed"), width: 92, align: "right", cell: (s) => unparsedShare(s) ?? "—", hover: (s) => whole(s.unparsed) },
      { id: "dropped", title: t("column.dropped"), width: 76, align: "right", cell: (s) => (s.dropped > 0 ? <span className="fs-source-dropped">{whole(s.dropped)}</span> : "0"), hover: () => "" },
      { id: "limit", title: t("column.limit"), width: 96, align: "right", cell: limit, hover: () => "" },
    ];
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the tick makes the ages new
  }, [t, zone, room, tick]);
}

function Nothing({ query, narrowed, clear, add }: { query: ReturnType<typeof useSources>; narrowed: boolean; clear: () => void; add: () => void }) {
  const { t } = useTranslation("sources");
  const can = useCan();
  if (query.error) return <ErrorBox error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Skeleton lines={14} />;
  if (narrowed) {
    return (
      <Empty
        kind="unmatched"
        action={
          <button type="button" className="fs-btn fs-btn-line" onClick={clear}>
            {t("empty.clear")}
          </button>
        }
      >
        {t("empty.unmatched")}
      </Empty>
    );
  }
  return (
    <Empty
      kind="nothing"
      title={t("empty.none")}
      action={
        can("logsource.write") && (
          <button type="button" className="fs-btn fs-btn-main" onClick={add}>
            {t("add.do")}
          </button>
        )
      }
    >
      {t("empty.noneText")}
    </Empty>
  );
}
