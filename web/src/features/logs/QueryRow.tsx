import { App } from "antd";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import type { LogField } from "@/api/contract";
import { useCan } from "@/app/session";
import { copyText } from "@/shared/Copy";
import { Glyph } from "@/shared/Glyph";
import { Menu } from "@/shared/Menu";
import { QueryEditor, type EditorHandle } from "@/shared/QueryEditor";
import { TimeRange } from "@/shared/TimeRange";
import { instant } from "@/shared/time";
import { readHistory } from "./history";
import { exportAddress, type Asked } from "./queries";
import type { LogsSearch } from "./search";

interface QueryRowProps {
  asked: Asked;
  search: LogsSearch;
  go: (change: Partial<LogsSearch>, replace?: boolean) => void;
  run: (text: string) => void;
  editor: RefObject<EditorHandle | null>;
  fields: LogField[];
  error?: { column: number; message: string };
  live: boolean;
}

/** The query bar with range, run, live tail, export and link. */
export function QueryRow({ asked, search, go, run, editor, fields, error, live }: QueryRowProps) {
  const { t } = useTranslation("logs");
  return (
    <>
      <div className="fs-logs-query" role="search">
        <History run={run} />
        <QueryEditor label={t("query.label")} placeholder={t("query.placeholder")} value={asked.query} onRun={run} fields={fields} error={error} handle={editor} />
        <div className="fs-logs-acts">
          {!live && <TimeRange value={asked} onChange={(range) => go({ from: range.from, to: range.to })} />}
          <button type="button" className="fs-btn fs-btn-main" title={t("query.runTitle")} onClick={() => run(editor.current?.text().trim() ?? asked.query)}>
            {t("query.run")}
          </button>
          <button type="button" className="fs-btn fs-btn-line" aria-pressed={live} onClick={() => go({ live: live ? undefined : true })}>
            <Glyph name={live ? "pause" : "play"} size={14} />
            {t(live ? "live.stop" : "live.start")}
          </button>
          <Export asked={asked} />
          <Share search={search} asked={asked} />
        </div>
      </div>
      {error && (
        <p className="fs-logs-bad" role="alert">
          <span className="fs-mono">{t("query.column", { column: error.column })}</span> {error.message}
        </p>
      )}
    </>
  );
}

function History({ run }: { run: (text: string) => void }) {
  const { t } = useTranslation("logs");
  const kept = readHistory();
  const items = kept.slice(0, 12).map((query) => ({ id: query, label: <code className="fs-clip fs-logs-past">{query}</code>, run: () => run(query) }));
  return (
    <Menu label={t("query.history")} className="fs-btn fs-btn-line" items={items.length > 0 ? items : [{ id: "none", label: t("query.noHistory"), disabled: true }]}>
      <Glyph name="history" />
    </Menu>
  );
}

function Export({ asked }: { asked: Asked }) {
  const { t } = useTranslation("logs");
  const can = useCan()("log.export");
  const items = [
    { id: "csv", label: t("export.csv"), href: exportAddress(asked, "csv") },
    { id: "ndjson", label: t("export.ndjson"), href: exportAddress(asked, "ndjson") },
  ];
  return (
    <Menu label={t("export.label")} title={can ? t("export.label") : t("export.denied")} disabled={!can} className="fs-btn fs-btn-line" align="end" items={items}>
      <Glyph name="download" />
    </Menu>
  );
}

function Share({ search, asked }: { search: LogsSearch; asked: Asked }) {
  const { t } = useTranslation("logs");
  const { message } = App.useApp();
  const copy = (pinned: boolean) => {
    const url = new URL(location.href);
    if (pinned && !search.live) {
      const now = serverNow();
      for (const name of ["from", "to"] as const) url.searchParams.set(name, new Date(instant(asked[name], now)).toISOString());
    }
    void copyText(url.href).then(() => message.success(t("share.done")));
  };
  const items = [
    { id: "relative", label: t("share.relative"), run: () => copy(false) },
    { id: "pinned", label: t("share.pinned"), run: () => copy(true) },
  ];
  return (
    <Menu label={t("share.label")} className="fs-btn fs-btn-line" align="end" items={items}>
      <Glyph name="link" />
    </Menu>
  );
}
