import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useSession, useZone } from "@/app/session";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import type { GridColumn } from "@/shared/grid";
import { LogGrid, type GridHandle } from "@/shared/LogGrid";
import { MenuList } from "@/shared/Menu";
import { copyText } from "@/shared/Copy";
import type { Anchor } from "@/shared/Pop";
import { PageLink } from "@/shared/PageLink";
import { quote } from "@/shared/query";
import { useCommands } from "@/shared/Shortcuts";
import { Skeleton } from "@/shared/Skeleton";
import { useNarrow } from "@/shared/useNarrow";
import { useText } from "@/shared/useText";
import { Acts, type Asking } from "./Acts";
import { AlertSide } from "./AlertSide";
import { alertColumns } from "./columns";
import { Filters } from "./Filters";
import { useAlerts, useLive, usePeople, useStats, type Alert } from "./queries";
import { askedOf, narrowed, noConditions, rangeOf, type AlertsSearch } from "./search";
import { Stats } from "./Stats";

interface AlertListProps {
  search: AlertsSearch;
  go: (change: Partial<AlertsSearch>, replace?: boolean) => void;
}

const idOf = (a: Alert) => a.id;
const markOf = (a: Alert) => (a.status === "closed" ? "fs-alert-done" : undefined);

/** The list with its counts, filters, acts, and the open alert. */
export function AlertList({ search, go }: AlertListProps) {
  const { t } = useTranslation(["alerts", "shared"]);
  const can = useCan();
  const navigate = useNavigate();
  const zone = useZone();
  const narrow = useNarrow();
  const grid = useRef<GridHandle>(null);
  const find = useRef<HTMLInputElement>(null);
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [asking, setAsking] = useState<Asking>();
  const [value, setValue] = useState<{ alert: Alert; column: string; anchor: Anchor }>();
  const filterKey = JSON.stringify(askedOf(search));
  const asked = useMemo(() => askedOf(search), [filterKey]); // eslint-disable-line react-hooks/exhaustive-deps -- the open alert is no condition
  const alerts = useAlerts(asked);
  const stats = useStats(rangeOf(search));
  const { fresh, show } = useLive(asked);
  const rows = useMemo(() => alerts.data?.pages.flatMap((p) => p.items) ?? [], [alerts.data]);
  const columns = useColumns(zone, narrow ? "narrow" : search.id ? "beside" : "wide");

  const at = search.id === undefined ? -1 : rows.findIndex((a) => a.id === search.id || a.number === search.id);
  const open = useCallback((a: Alert | undefined) => go({ id: a?.id, ...(a ? {} : { tab: undefined }) }, true), [go]);
  const step = (by: number) => {
    const next = rows[at + by];
    if (next) open(next);
  };
  const close = () => {
    open(undefined);
    grid.current?.focus();
  };
  const about = (row: Alert): Alert[] => (selected.size > 0 ? rows.filter((r) => selected.has(r.id)) : [row]);
  const onKey = (key: string, row: Alert): boolean => {
    const act = ({ e: "acknowledge", a: "assign", s: "suppress" } as const)[key];
    if (key === "Escape" && selected.size > 0 && search.id === undefined) {
      setSelected(new Set());
      return true;
    }
    if (act === undefined || !can("alert.write")) return false;
    setAsking({ act, alerts: act === "suppress" ? [row] : about(row) });
    return true;
  };
  useCommands([
    { keys: "/", label: t("keys.search"), run: () => find.current?.focus() },
    { keys: "j", label: t("keys.down") },
    { keys: "k", label: t("keys.up") },
    { keys: "Enter", label: t("keys.open") },
    { keys: "x", label: t("keys.select") },
    { keys: "Shift+x", label: t("keys.range") },
    { keys: "e", label: t("keys.acknowledge") },
    { keys: "a", label: t("keys.assign") },
    { keys: "s", label: t("keys.suppress") },
    { keys: "f", label: t("keys.value") },
    { keys: "[", label: t("keys.before"), run: () => at >= 0 && step(-1) },
    { keys: "]", label: t("keys.after"), run: () => at >= 0 && step(1) },
    { keys: "Esc", label: t("keys.close") },
  ]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = alerts;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const openRow = useCallback((row: Alert) => open(row), [open]);
  const onValue = useCallback((alert: Alert, column: GridColumn<Alert>, element: Element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    setValue({ alert, column: column.id, anchor: { left, top, right, bottom } });
  }, []);

  return (
    <>
      {!(narrow && search.id) && (
        <>
          <Stats stats={stats} search={search} go={go} zone={zone} />
          <Filters search={search} go={go} find={find} rows={rows} />
        </>
      )}
      <Acts asking={asking} ask={setAsking} alerts={rows.filter((r) => selected.has(r.id))} selected={selected} onSelect={setSelected} grid={grid} />
      {fresh > 0 && (
        <button type="button" className="fs-btn fs-alerts-fresh" onClick={show}>
          {t("fresh", { n: fresh })}
        </button>
      )}
      <div className="fs-page-body" data-open={search.id !== undefined || undefined}>
        <section className="fs-page-list" aria-label={t("list")}>
          {rows.length > 0 ? (
            <LogGrid
              label={t("list")}
              rows={rows}
              columns={columns}
              rowKey={idOf}
              open={at >= 0 ? rows[at]!.id : undefined}
              onOpen={openRow}
              onValue={onValue}
              selected={selected}
              onSelect={setSelected}
              onKey={onKey}
              onEnd={more}
              wrap={narrow}
              mark={markOf}
              handle={grid}
            />
          ) : (
            <Nothing query={alerts} search={search} go={go} />
          )}
        </section>
        {search.id !== undefined && (
          <AlertSide id={rows[at]?.id ?? search.id} tab={search.tab ?? "why"} onTab={(tab) => go({ tab: tab === "why" ? undefined : tab }, true)} step={{ at, of: rows.length, go: step }} close={close} ask={(act, alert) => setAsking({ act, alerts: [alert] })} />
        )}
      </div>
      <p className="fs-page-foot" role="status">
        {rows.length > 0 && t(hasNextPage ? "shownMore" : "shown", { n: rows.length })}
      </p>
      {value && <ValueMenu value={value} go={go} search={(query) => void navigate({ to: "/logs" as never, search: { query } as never })} close={(refocus) => { setValue(undefined); if (refocus) grid.current?.focus(); }} />}
    </>
  );
}

function useColumns(zone: string, room: "wide" | "beside" | "narrow") {
  const { t } = useTranslation(["alerts", "shared"]);
  const title = useText();
  const people = usePeople();
  const { account } = useSession();
  const names = useMemo(() => new Map(people.map((p) => [p.id, p.name])), [people]);
  return useMemo(
    () =>
      alertColumns(
        {
          column: { level: t("column.level"), rule: t("column.rule"), entity: t("column.entity"), count: t("column.count"), first: t("column.first"), last: t("column.last"), status: t("column.status"), assignee: t("column.assignee"), sources: t("column.sources") },
          level: (l) => t(`shared:level.${l}`),
          status: (s) => t(`status.${s}`),
          title,
          person: (id) => (id === "" ? "—" : id === account?.id ? t("me") : (names.get(id) ?? t("someone"))),
        },
        zone,
        room,
      ),
    [t, zone, room, names, account?.id], // eslint-disable-line react-hooks/exhaustive-deps -- title follows the language, as t does
  );
}

interface ValueMenuProps {
  value: { alert: Alert; column: string; anchor: Anchor };
  go: AlertListProps["go"];
  search: (query: string) => void;
  close: (refocus: boolean) => void;
}

/** What can be done with the rule, entity or source of a row. */
function ValueMenu({ value, go, search, close }: ValueMenuProps) {
  const { t } = useTranslation("alerts");
  const title = useText();
  const { alert, column, anchor } = value;
  const source = alert.sources[0];
  const text = column === "rule" ? title(alert.title) : column === "entity" ? alert.entity : (source?.name ?? "");
  const only = column === "rule" ? { rule_id: alert.rule_id } : column === "entity" ? { entity: alert.entity } : { source: source?.id };
  const items = [
    { id: "only", label: t("value.only"), run: () => go({ ...only, id: undefined }) },
    ...(column === "rule" ? [] : [{ id: "logs", label: t("value.logs"), run: () => search(column === "entity" ? quote(alert.entity) : `source:=${quote(text)}`) }]),
    { id: "copy", label: t("value.copy"), run: () => void copyText(text) },
  ];
  return <MenuList anchor={anchor} label={t("value.menu", { value: text })} title={<span className="fs-clip">{text}</span>} items={items} close={close} />;
}

function Nothing({ query, search, go }: { query: ReturnType<typeof useAlerts>; search: AlertsSearch; go: AlertListProps["go"] }) {
  const { t } = useTranslation("alerts");
  if (query.error) return <ErrorBox error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Skeleton lines={14} />;
  if (narrowed(search)) {
    return (
      <Empty
        kind="unmatched"
        action={
          <button type="button" className="fs-btn fs-btn-line" onClick={() => go(noConditions)}>
            {t("empty.clear")}
          </button>
        }
      >
        {t("empty.unmatched")}
      </Empty>
    );
  }
  return (
    <Empty kind="nothing" title={t("empty.none")} action={<PageLink to="/rules">{t("empty.rules")}</PageLink>}>
      {t("empty.noneText")}
    </Empty>
  );
}
