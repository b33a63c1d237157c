import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import { useCan, useZone } from "@/app/session";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { FilterBar, FilterChoice } from "@/shared/FilterBar";
import { Glyph } from "@/shared/Glyph";
import { LogGrid, type GridHandle } from "@/shared/LogGrid";
import { whole } from "@/shared/number";
import { useCommands } from "@/shared/Shortcuts";
import { Skeleton } from "@/shared/Skeleton";
import { fromWall, stamp } from "@/shared/time";
import { useNarrow } from "@/shared/useNarrow";
import { useUnitColumns } from "./columns";
import { useTree, type Unit } from "./queries";
import type { UnitsSearch } from "./search";
import { lines, type Node } from "./tree";
import { UnitSide } from "./UnitSide";
import "./units.css";

const route = getRouteApi("/units");
const ImportDialog = lazy(() => import("./ImportDialog"));
const Dialogs = lazy(() => import("./UnitDialogs"));
export type Asking = { act: "create"; parent: string } | { act: "edit" | "move" | "merge" | "dissolve"; unit: Unit };
const keyOf = (n: Node) => n.unit.unit;

/** The tree of units, now or as of a day, with what can be done to each. */
export default function UnitsPage() {
  const { t, i18n } = useTranslation("units");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const zone = useZone();
  const narrow = useNarrow();
  const grid = useRef<GridHandle>(null);
  const find = useRef<HTMLInputElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [asking, setAsking] = useState<Asking>();
  const [importing, setImporting] = useState(false);
  const go = useCallback((change: Partial<UnitsSearch>, replace = false) => void navigate({ search: (before) => ({ ...before, ...change }), replace }), [navigate]);
  const at = search.at && endOf(search.at, zone);
  const tree = useTree(at);
  const rows = useMemo(() => lines(tree.data?.items ?? [], { q: search.q, closed, dissolved: search.dissolved }), [tree.data, search.q, search.dissolved, closed]);
  const fold = useCallback((id: string) => setClosed((before) => {
    const next = new Set(before);
    if (!next.delete(id)) next.add(id);
    return next;
  }), []);
  const columns = useUnitColumns(narrow ? "narrow" : search.id ? "beside" : "wide", fold);
  const index = rows.findIndex((n) => n.unit.unit === search.id);
  const open = useCallback((n: Node | undefined) => go({ id: n?.unit.unit, ...(n ? {} : { tab: undefined }) }, true), [go]);
  const step = (by: number) => {
    const next = rows[index + by];
    if (next) open(next);
  };
  const onKey = (key: string, n: Node): boolean => {
    if (key !== " " || n.below === 0) return false;
    fold(n.unit.unit);
    return true;
  };
  useCommands([
    { keys: "/", label: t("keys.search"), run: () => find.current?.focus() },
    { keys: "j", label: t("keys.down") },
    { keys: "k", label: t("keys.up") },
    { keys: "Enter", label: t("keys.open") },
    { keys: "Space", label: t("keys.fold") },
    { keys: "[", label: t("keys.before"), run: () => index >= 0 && step(-1) },
    { keys: "]", label: t("keys.after"), run: () => index >= 0 && step(1) },
    { keys: "Esc", label: t("keys.close") },
  ]);
  const write = can("unit.write") && at === undefined;
  const why = can("unit.write") ? (at === undefined ? undefined : t("past")) : t("denied");
  const today = stamp(serverNow(), zone, "day");
  const version = tree.data?.items.find((u) => u.unit === search.id);
  return (
    <div className="fs-page">
      {!(narrow && search.id) && (
        <div className="fs-page-filters">
          <FilterBar>
            <input ref={find} type="search" className="fs-input" placeholder={t("find")} aria-label={t("find")} value={search.q ?? ""} onChange={(e) => go({ q: e.target.value || undefined }, true)} />
            <label className="fs-units-day">
              {t("asOf")} <input type="date" className="fs-input" max={today} value={search.at ?? ""} onChange={(e) => go({ at: e.target.value || undefined })} />
            </label>
            <FilterChoice label={t("dissolved")} value={search.dissolved && ["dissolved"]} options={[{ value: "dissolved", label: t("dissolved") }]} onChange={(d) => go({ dissolved: d ? true : undefined })} />
          </FilterBar>
          <div className="fs-page-acts">
            <a className="fs-btn fs-btn-small fs-btn-line" href={`/api/v1/units/export?lang=${i18n.language === "en" ? "en" : "zh"}`} download>
              {t("export")}
            </a>
            <button type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={!write} title={why} onClick={() => setImporting(true)}>
              {t("import.do")}
            </button>
            <button type="button" className="fs-btn fs-btn-small fs-btn-main" disabled={!write} title={why} onClick={() => setAsking({ act: "create", parent: search.id ?? "" })}>
              <Glyph name="plus" size={14} />
              {t(search.id ? "create.below" : "create.do")}
            </button>
          </div>
        </div>
      )}
      {at !== undefined && <p className="fs-notice">{t("asOfNote", { day: search.at })}</p>}
      <div className="fs-page-body" data-open={search.id !== undefined || undefined}>
        <section className="fs-page-list" aria-label={t("list")}>
          {rows.length > 0 ? (
            <LogGrid label={t("list")} rows={rows} columns={columns} rowKey={keyOf} open={search.id} onOpen={open} onKey={onKey} wrap={narrow} handle={grid} />
          ) : (
            <Nothing tree={tree} search={search} go={go} add={write ? () => setAsking({ act: "create", parent: "" }) : undefined} upload={write ? () => setImporting(true) : undefined} />
          )}
        </section>
        {search.id !== undefined && (
          <UnitSide
            id={search.id}
            past={at === undefined ? undefined : (version ?? null)}
            tab={search.tab ?? "facts"}
            onTab={(tab) => go({ tab: tab === "facts" ? undefined : tab }, true)}
            onUnit={(id) => go({ id }, true)}
            step={{ at: index, of: rows.length, go: step }}
            ask={setAsking}
            close={() => {
              open(undefined);
              grid.current?.focus();
            }}
          />
        )}
      </div>
      <p className="fs-page-foot" role="status">
        {rows.length > 0 && t(search.q ? "found" : "shown", { n: whole(search.q ? rows.filter((n) => n.hit).length : (tree.data?.items.filter((u) => search.dissolved || !u.dissolved).length ?? 0)) })}
        {tree.data?.cut && ` ${t("cut")}`}
      </p>
      <Suspense>
        {asking && <Dialogs asking={asking} units={tree.data?.items ?? []} close={() => setAsking(undefined)} done={(id) => { setAsking(undefined); if (id) go({ id, q: undefined }); }} />}
        {importing && <ImportDialog close={() => setImporting(false)} />}
      </Suspense>
    </div>
  );
}

/** The last moment of a day in the zone, or now on the day itself. */
function endOf(day: string, zone: string): string {
  const end = fromWall(`${day} 23:59:59`, zone);
  return new Date(Math.min(end, serverNow())).toISOString();
}

interface NothingProps {
  tree: ReturnType<typeof useTree>;
  search: UnitsSearch;
  go: (change: Partial<UnitsSearch>) => void;
  add?: () => void;
  upload?: () => void;
}

function Nothing({ tree, search, go, add, upload }: NothingProps) {
  const { t } = useTranslation("units");
  if (tree.error && !tree.data) return <ErrorBox error={tree.error} retry={() => void tree.refetch()} />;
  if (tree.isPending) return <Skeleton lines={12} />;
  if (search.q || search.at) {
    return (
      <Empty
        kind="unmatched"
        action={
          <button type="button" className="fs-btn fs-btn-line" onClick={() => go({ q: undefined, at: undefined })}>
            {t("empty.clear")}
          </button>
        }
      >
        {t(search.q ? "empty.unmatched" : "empty.notThen")}
      </Empty>
    );
  }
  return (
    <Empty
      kind="nothing"
      title={t("empty.none")}
      action={
        add && (
          <span className="fs-page-acts">
            <button type="button" className="fs-btn fs-btn-main" onClick={add}>
              {t("create.do")}
            </button>
            <button type="button" className="fs-btn fs-btn-line" onClick={upload}>
              {t("import.do")}
            </button>
          </span>
        )
      }
    >
      {t("empty.noneText")}
    </Empty>
  );
}
