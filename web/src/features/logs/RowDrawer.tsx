import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { LogEvent } from "@/api/contract";
import { Time } from "@/shared/Clock";
import { Copy } from "@/shared/Copy";
import { ErrorBox } from "@/shared/ErrorBox";
import { Glyph } from "@/shared/Glyph";
import { Skeleton } from "@/shared/Skeleton";
import { FieldsTab, JsonTab, RawTab } from "./RowTabs";
import { eventQuery } from "./queries";
import { tabs, type Tab } from "./search";

const ContextTab = lazy(() => import("./ContextTab"));
const ProofTab = lazy(() => import("./ProofTab"));

interface RowDrawerProps {
  seq: number;
  known?: LogEvent;
  tab: Tab;
  onTab: (tab: Tab) => void;
  onStep: (by: number) => void;
  position: { at: number; of: number };
  close: () => void;
  onValue: (field: string, value: string, at: Element) => void;
  onOpen: (seq: number) => void;
}

/** One record beside the list: its fields, JSON, raw text, neighbours, and the proof of its seal. */
export function RowDrawer({ seq, known, tab, onTab, onStep, position, close, onValue, onOpen }: RowDrawerProps) {
  const { t } = useTranslation("logs");
  const event = useQuery(eventQuery(seq, known));
  useEffect(() => {
    const press = (e: globalThis.KeyboardEvent) => {
      if (e.key === "Escape" && !e.defaultPrevented && !document.querySelector("dialog[open],.fs-pop,.cm-tooltip")) close();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  });
  return (
    <aside className="fs-drawer" aria-label={t("row.label", { seq })}>
      <header>
        <h2>
          {t("row.title")} <span className="fs-mono">#{seq}</span>
        </h2>
        <Copy text={`${location.origin}/logs?row=${seq}`} label={t("row.copyLink")} />
        <span className="fs-logs-gap" />
        <button type="button" className="fs-btn fs-btn-small" disabled={position.at <= 0} title={t("row.before")} aria-label={t("row.before")} onClick={() => onStep(-1)}>
          <Glyph name="fold" size={14} />
        </button>
        <button type="button" className="fs-btn fs-btn-small" disabled={position.at < 0 || position.at >= position.of - 1} title={t("row.after")} aria-label={t("row.after")} onClick={() => onStep(1)}>
          <Glyph name="unfold" size={14} />
        </button>
        <button type="button" className="fs-btn fs-btn-small" title={t("row.close")} aria-label={t("row.close")} onClick={close}>
          <Glyph name="close" size={14} />
        </button>
      </header>
      {event.data && (
        <p className="fs-drawer-facts">
          <span>{event.data.source.name || t("column.station")}</span>
          <Time at={event.data.time} style="full" />
          {event.data.class && <code>{event.data.class}</code>}
          {event.data.clock_off && <span className="fs-chip fs-chip-yellow">{t("row.clockOff")}</span>}
        </p>
      )}
      <Tabs tab={tab} onTab={onTab} />
      <div className="fs-drawer-body" role="tabpanel" id="row-panel" aria-labelledby={`row-${tab}`} tabIndex={0}>
        {event.error && !event.data && <ErrorBox error={event.error} retry={() => void event.refetch()} />}
        {event.isPending && !event.error && <Skeleton />}
        {event.data && (
          <Suspense fallback={<Skeleton />}>
            {tab === "fields" && <FieldsTab event={event.data} onValue={onValue} />}
            {tab === "json" && <JsonTab event={event.data} />}
            {tab === "raw" && <RawTab event={event.data} />}
            {tab === "context" && <ContextTab event={event.data} onOpen={onOpen} />}
            {tab === "proof" && <ProofTab seq={seq} />}
          </Suspense>
        )}
      </div>
    </aside>
  );
}

function Tabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  const { t } = useTranslation("logs");
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length]!;
    onTab(next);
    document.getElementById(`row-${next}`)?.focus();
  };
  return (
    // eslint-disable-next-line jsx-a11y/interactive-supports-focus -- its tabs take the focus
    <div className="fs-tabs" role="tablist" aria-label={t("row.tabs")} onKeyDown={press}>
      {tabs.map((name) => (
        <button key={name} id={`row-${name}`} type="button" role="tab" aria-selected={name === tab} aria-controls="row-panel" tabIndex={name === tab ? 0 : -1} onClick={() => onTab(name)}>
          {t(`tab.${name}`)}
        </button>
      ))}
    </div>
  );
}
