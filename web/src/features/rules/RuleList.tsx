import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useZone } from "@/app/session";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { FilterBar, FilterChoice } from "@/shared/FilterBar";
import type { GridColumn } from "@/shared/grid";
import { LogGrid, type GridHandle } from "@/shared/LogGrid";
import { whole } from "@/shared/number";
import { levels, SevShape, stepOf } from "@/shared/Sev";
import { useCommands } from "@/shared/Shortcuts";
import { Skeleton } from "@/shared/Skeleton";
import { readTags } from "@/shared/attack";
import { hover, stamp } from "@/shared/time";
import { useNarrow } from "@/shared/useNarrow";
import { useText } from "@/shared/useText";
import { useRules, type Rule } from "./queries";
import { RuleSide } from "./RuleSide";
import { askedOf, logsourceText, noConditions, type RulesSearch } from "./search";

interface RuleListProps {
  search: RulesSearch;
  go: (change: Partial<RulesSearch>, replace?: boolean) => void;
}

const idOf = (r: Rule) => r.id;
const markOf = (r: Rule) => (r.enabled ? undefined : "fs-rule-off");

/** The list with its filters and the open rule. */
export function RuleList({ search, go }: RuleListProps) {
  const { t } = useTranslation(["rules", "shared"]);
  const narrow = useNarrow();
  const grid = useRef<GridHandle>(null);
  const find = useRef<HTMLInputElement>(null);
  const asked = askedOf(search);
  const rules = useRules(asked);
  const rows = useMemo(() => rules.data?.pages.flatMap((p) => p.items) ?? [], [rules.data]);
  const columns = useColumns(narrow ? "narrow" : search.id ? "beside" : "wide");
  const at = rows.findIndex((r) => r.id === search.id);
  const open = useCallback((r: Rule | undefined) => go({ id: r?.id }, true), [go]);
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
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = rules;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const openRow = useCallback((r: Rule) => open(r), [open]);
  const sums = rules.data?.pages[0];
  return (
    <>
      {!(narrow && search.id) && (
        <div className="fs-page-filters">
          <FilterBar>
            <Find value={search.q} onChange={(q) => go({ q, id: undefined })} find={find} />
            <FilterChoice label={t("column.level")} value={search.level} options={levels.map((value) => ({ value, label: t(`shared:level.${value}`) }))} onChange={(level) => go({ level })} />
            <FilterChoice label={t("column.origin")} value={search.origin && [search.origin]} options={(["shipped", "user"] as const).map((value) => ({ value, label: t(`origin.${value}`) }))} onChange={(o) => go({ origin: o?.at(-1) })} />
            <FilterChoice label={t("column.enabled")} value={search.enabled && [search.enabled]} options={(["true", "false"] as const).map((value) => ({ value, label: t(`enabled.${value}`) }))} onChange={(e) => go({ enabled: e?.at(-1) })} />
          </FilterBar>
        </div>
      )}
      <div className="fs-page-body" data-open={search.id !== undefined || undefined}>
        <section className="fs-page-list" aria-label={t("list")}>
          {rows.length > 0 ? (
            <LogGrid label={t("list")} rows={rows} columns={columns} rowKey={idOf} open={search.id} onOpen={openRow} onEnd={more} wrap={narrow} mark={markOf} handle={grid} />
          ) : (
            <Nothing query={rules} narrowed={Object.keys(asked).length > 0} clear={() => go(noConditions)} />
          )}
        </section>
        {search.id !== undefined && (
          <RuleSide
            id={search.id}
            step={{ at, of: rows.length, go: step }}
            close={() => {
              open(undefined);
              grid.current?.focus();
            }}
          />
        )}
      </div>
      <p className="fs-page-foot" role="status">
        {sums && t("sums", { shown: whole(rows.length), loaded: whole(sums.loaded), enabled: whole(sums.enabled), refused: whole(sums.refused) })}
      </p>
    </>
  );
}

function Find({ value, onChange, find }: { value: string | undefined; onChange: (q: string | undefined) => void; find: React.RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation("rules");
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

function useColumns(room: "wide" | "beside" | "narrow"): GridColumn<Rule>[] {
  const { t } = useTranslation(["rules", "shared"]);
  const text = useText();
  const zone = useZone();
  return useMemo(() => {
    const level: GridColumn<Rule> = {
      id: "level",
      title: t("column.level"),
      width: 92,
      cell: (r) => (
        <span className={`fs-chip fs-chip-${stepOf[r.level]}`}>
          <SevShape level={r.level} />
          {t(`shared:level.${r.level}`)}
        </span>
      ),
      hover: () => "",
    };
    const on = (r: Rule) => t(`enabled.${r.enabled}`);
    const last = (r: Rule) => (r.last_hit ? stamp(r.last_hit, zone, "row").slice(0, 11) : "—");
    if (room === "narrow") {
      return [level, { id: "title", title: t("column.title"), width: 180, grow: true, hover: () => "", cell: (r) => `${text(r.title)}\n${logsourceText(r.logsource)}\n${on(r)} · ${t("narrow", { alerts: whole(r.alerts), last: last(r) })}` }];
    }
    const title: GridColumn<Rule> = { id: "title", title: t("column.title"), width: 220, grow: true, cell: (r) => text(r.title), hover: (r) => text(r.description) };
    const alerts: GridColumn<Rule> = { id: "alerts", title: t("column.alerts"), width: 76, align: "right", cell: (r) => whole(r.alerts), hover: () => "" };
    const hit: GridColumn<Rule> = { id: "last", title: t("column.last"), width: 112, cell: last, hover: (r) => hover(r.last_hit, zone) };
    const enabled: GridColumn<Rule> = { id: "enabled", title: t("column.enabled"), width: 76, cell: on, hover: (r) => r.reason };
    if (room === "beside") return [level, title, enabled, alerts, hit];
    return [
      level,
      title,
      { id: "logsource", title: t("column.logsource"), width: 190, cell: (r) => logsourceText(r.logsource), hover: (r) => logsourceText(r.logsource) },
      { id: "tags", title: "ATT&CK", width: 170, mono: true, cell: (r) => readTags(r.tags).techniques.join(" "), hover: (r) => r.tags.join("\n") },
      { id: "origin", title: t("column.origin"), width: 84, cell: (r) => t(`origin.${r.origin}`), hover: (r) => r.path },
      enabled,
      alerts,
      { id: "events", title: t("column.events"), width: 84, align: "right", cell: (r) => whole(r.events), hover: () => "" },
      hit,
    ];
  }, [t, zone, room]); // eslint-disable-line react-hooks/exhaustive-deps -- text follows the language, as t does
}

function Nothing({ query, narrowed, clear }: { query: ReturnType<typeof useRules>; narrowed: boolean; clear: () => void }) {
  const { t } = useTranslation("rules");
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
    <Empty kind="nothing" title={t("empty.none")}>
      {t("empty.noneText")}
    </Empty>
  );
}
