import { useEffect, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/session";
import { useProblemText } from "@/shared/ErrorBox";
import { Glyph } from "@/shared/Glyph";
import type { GridHandle } from "@/shared/LogGrid";
import { ActDialog } from "./ActDialog";
import { stillSelected, type Report } from "./live";
import { useAct, type Act, type ActBody, type Alert } from "./queries";
import { SuppressDialog } from "./SuppressDialog";

/** An act that was asked for, and for which alerts. */
export interface Asking {
  act: Act | "suppress";
  alerts: Alert[];
}

/** What an act came to, until it is dismissed. */
interface Outcome {
  act: Act;
  report: Report;
  names: Map<string, string>;
}

interface ActsProps {
  asking: Asking | undefined;
  ask: (asking: Asking | undefined) => void;
  alerts: Alert[]; // the selected ones
  selected: ReadonlySet<string>;
  onSelect: (selected: Set<string>) => void;
  grid: RefObject<GridHandle | null>;
}

const bulk: Act[] = ["acknowledge", "assign", "close", "reopen", "note"];

/** The acts on the selected alerts, their dialogs, and the report of the last one. The failed stay selected. */
export function Acts({ asking, ask, alerts, selected, onSelect, grid }: ActsProps) {
  const { t } = useTranslation("alerts");
  const can = useCan();
  const act = useAct();
  const problemText = useProblemText();
  const [outcome, setOutcome] = useState<Outcome>();
  const done = (body: ActBody, list: Alert[], report: Report) => {
    setOutcome({ act: body.act, report, names: new Map(list.map((a) => [a.id, `${a.number} ${a.entity}`])) });
    onSelect(stillSelected(selected, report));
    ask(undefined);
    grid.current?.focus();
  };
  const run = (body: ActBody, list: Alert[]) => act.mutate(body, { onSuccess: (report) => done(body, list, report) });
  // Acknowledging asks nothing: it takes nothing away.
  const quick = asking?.act === "acknowledge";
  useEffect(() => {
    if (asking?.act !== "acknowledge") return;
    run({ act: "acknowledge", ids: asking.alerts.map((a) => a.id) }, asking.alerts);
    ask(undefined);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each time it is asked for
  }, [asking]);
  const write = can("alert.write");
  return (
    <>
      {selected.size > 0 && (
        <div className="fs-alerts-bulk" role="toolbar" aria-label={t("acts.label")}>
          <strong>{t("acts.selected", { n: selected.size })}</strong>
          {bulk.map((name) => (
            <button key={name} type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={!write || alerts.length === 0} title={write ? undefined : t("acts.denied")} onClick={() => ask({ act: name, alerts })}>
              {t(`act.${name}`)}
            </button>
          ))}
          <button type="button" className="fs-btn fs-btn-small" onClick={() => onSelect(new Set())}>
            {t("acts.unselect")}
          </button>
        </div>
      )}
      {act.error && quick === false && asking === undefined && (
        <p className="fs-alerts-report" role="alert">
          <span className="fs-field-error">{problemText(act.error)}</span>
        </p>
      )}
      {outcome && <Told outcome={outcome} undo={(ids) => run({ act: "reopen", ids }, [])} dismiss={() => setOutcome(undefined)} />}
      {asking?.act === "suppress" && asking.alerts[0] && <SuppressDialog alert={asking.alerts[0]} close={() => ask(undefined)} />}
      {asking && asking.act !== "suppress" && !quick && (
        <ActDialog act={asking.act as Exclude<Act, "acknowledge">} alerts={asking.alerts} busy={act.isPending} error={act.error} run={(body) => run(body, asking.alerts)} close={() => { act.reset(); ask(undefined); }} />
      )}
    </>
  );
}

const undoFor = 10_000;

/** How many were done; of the others each, and why not. Closing can be undone for ten seconds. */
function Told({ outcome, undo, dismiss }: { outcome: Outcome; undo: (ids: string[]) => void; dismiss: () => void }) {
  const { t, i18n } = useTranslation("alerts");
  const { act, report, names } = outcome;
  const [undone, setUndone] = useState<Outcome>(); // the one whose time to undo is over
  useEffect(() => {
    const timer = setTimeout(() => (report.left.length === 0 ? dismiss() : setUndone(outcome)), undoFor);
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a new outcome begins anew
  }, [outcome]);
  const why = (code: string) => (i18n.exists(`alerts:code.${code}`) ? t(`code.${code}`) : code);
  return (
    <div className="fs-alerts-report" role="status">
      <span>
        <Glyph name="check" size={14} /> {t(`done.${act}`, { n: report.done.length })}
        {report.left.length > 0 && ` ${t("done.left", { n: report.left.length })}`}
      </span>
      {act === "close" && report.done.length > 0 && undone !== outcome && (
        <button type="button" className="fs-btn fs-btn-small fs-btn-line" onClick={() => undo(report.done)}>
          {t("done.undo")}
        </button>
      )}
      <button type="button" className="fs-btn fs-btn-small" aria-label={t("done.dismiss")} title={t("done.dismiss")} onClick={dismiss}>
        <Glyph name="close" size={12} />
      </button>
      {report.left.length > 0 && (
        <ul>
          {report.left.slice(0, 50).map((r) => (
            <li key={r.id}>
              {names.get(r.id) ?? r.id}: {t(`done.${r.status === "failed" ? "failed" : "skipped"}`)} · {why(r.code)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
