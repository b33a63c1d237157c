import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LogEvent } from "@/api/contract";
import { queryColumn } from "@/api/problem";
import { useZone } from "@/app/session";
import { EntityMenu, type Entity } from "@/shared/EntityMenu";
import type { GridHandle } from "@/shared/LogGrid";
import type { EditorHandle } from "@/shared/QueryEditor";
import { useProblemText } from "@/shared/ErrorBox";
import { useCommands } from "@/shared/Shortcuts";
import { fixed } from "./columns";
import { FieldList } from "./FieldList";
import { keepInHistory } from "./history";
import { LogTable } from "./LogTable";
import { useLogFields, useLogs, useLogStats, type Asked } from "./queries";
import { QueryRow } from "./QueryRow";
import { LiveLine, ResultLine } from "./ResultLine";
import { RowDrawer } from "./RowDrawer";
import { rangeOf, type LogsSearch } from "./search";
import { Timeline } from "./Timeline";
import { useTail } from "./useTail";
import "./logs.css";

const route = getRouteApi("/logs");

/** Log search: query, range, histogram, fields, rows, one record. Everything it shows stands in the address. */
export default function LogsPage() {
  const { t } = useTranslation("logs");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const zone = useZone();
  const problemText = useProblemText();
  const editor = useRef<EditorHandle>(null);
  const grid = useRef<GridHandle>(null);
  const [entity, setEntity] = useState<Entity>();
  const [sidebar, setSidebar] = useState(() => innerWidth > 900);

  const query = search.query ?? "";
  const range = rangeOf(search);
  const live = search.live === true;
  const asked: Asked = { query, ...range, order: search.order ?? "desc" };
  const by = search.by ?? "source";
  const logs = useLogs(asked, !live);
  const stats = useLogStats(asked, by, !live);
  const fields = useLogFields(asked, true);
  const { tail, state: tailState, pause } = useTail(query, live);
  const listed = useMemo(() => logs.data?.pages.flatMap((p) => p.events) ?? [], [logs.data]);
  const rows = live ? tail.rows : listed;

  const go = useCallback(
    (change: Partial<LogsSearch>, replace = false) => void navigate({ search: (before) => ({ ...before, ...change }), replace }),
    [navigate],
  );
  const run = useCallback(
    (text: string) => {
      keepInHistory(text);
      if (text === query) void client.invalidateQueries({ queryKey: ["logs"] });
      else go({ query: text || undefined, row: undefined });
    },
    [client, go, query],
  );
  const ask = useCallback((field: string, value: string, at: Element) => {
    const { left, top, right, bottom } = at.getBoundingClientRect();
    setEntity({ field, value, anchor: { left, top, right, bottom } });
  }, []);
  const columns = useMemo(() => (search.columns ?? []).filter((c) => c !== fixed), [search.columns]);
  const toggleColumn = useCallback(
    (field: string) => go({ columns: columns.includes(field) ? columns.filter((c) => c !== field) : [...columns, field] }, true),
    [columns, go],
  );
  const open = useCallback((row: LogEvent | undefined) => go({ row: row?.seq, ...(row ? {} : { tab: undefined }) }, true), [go]);
  const at = search.row === undefined ? -1 : rows.findIndex((r) => r.seq === search.row);
  const step = (by: number) => {
    const next = rows[at + by];
    if (next) open(next);
  };
  const close = () => {
    open(undefined);
    grid.current?.focus();
  };
  useCommands([
    { keys: "/", label: t("keys.search"), run: () => editor.current?.focus() },
    { keys: "Ctrl+Enter", label: t("keys.run") },
    { keys: "j", label: t("keys.down") },
    { keys: "k", label: t("keys.up") },
    { keys: "Enter", label: t("keys.open") },
    { keys: "f", label: t("keys.value") },
    { keys: "[", label: t("keys.before"), run: () => at >= 0 && step(-1) },
    { keys: "]", label: t("keys.after"), run: () => at >= 0 && step(1) },
    { keys: "Esc", label: t("keys.close") },
  ]);

  const failure = logs.error ?? stats.error;
  const column = queryColumn(failure);
  const bad = column > 0 ? { column, message: failure?.message.replace(/^column \d+: */, "") || problemText(failure) } : undefined;
  const first = logs.data?.pages[0];
  return (
    <div className="fs-logs">
      <QueryRow {...{ asked, search, go, run, editor, live }} fields={fields.data?.items ?? []} error={bad} />
      {!live && !bad && (
        <Timeline stats={stats} by={by} zone={zone} fields={fields.data?.items ?? []} onBy={(field) => go({ by: field }, true)} onRange={(from, to) => go({ from, to })} onValue={ask} />
      )}
      {live ? (
        <LiveLine {...{ tail, pause }} state={tailState} resume={() => grid.current?.top()} />
      ) : bad ? null : (
        <ResultLine page={first} stats={stats.data} shown={listed.length} busy={logs.isFetching} more={logs.hasNextPage} />
      )}
      <div className="fs-logs-body" data-sidebar={sidebar || undefined}>
        <FieldList open={sidebar} toggle={() => setSidebar(!sidebar)} fields={fields} columns={columns} onColumn={toggleColumn} onValue={ask} query={query} onQuery={run} />
        <LogTable
          {...{ rows, columns, zone, live, search, go, open, grid }}
          onColumn={toggleColumn}
          onValue={ask}
          logs={logs}
          total={stats.data?.total}
          onScroll={(top) => live && top > 40 !== tail.paused && pause(top > 40)}
        />
        {search.row !== undefined && (
          <RowDrawer key="drawer" seq={search.row} known={rows[at]} tab={search.tab ?? "fields"} onTab={(tab) => go({ tab }, true)} onStep={step} position={{ at, of: rows.length }} close={close} onValue={ask} onOpen={(seq) => go({ row: seq, tab: undefined }, true)} />
        )}
      </div>
      {entity && (
        <EntityMenu
          entity={entity}
          query={query}
          onQuery={run}
          close={(refocus) => {
            setEntity(undefined);
            if (refocus) grid.current?.focus();
          }}
          column={entity.field === fixed ? undefined : { shown: columns.includes(entity.field), toggle: () => toggleColumn(entity.field) }}
        />
      )}
    </div>
  );
}
